package safety

import (
	"strings"
	"sync"

	"github.com/aftercarebot/aftercare/knowledge"
	"github.com/aftercarebot/aftercare/knowledge/language"
)

// analyser splits a message into sentences and tokens, and finds the phrases of
// all symbols in it.
type analyser struct {
	phrasebook
	known     vocabulary
	own       *vocabulary       // words that it knows besides, whose ids come behind those; nil: none
	counts    func() []int32    // how often each of the words was seen; asked for when one is to be corrected
	corrector func() *corrector // made with the first word that is not known
	unknown   unknownCache
}

// setVocabulary takes in the words of the content and how often each was seen.
func (a *analyser) setVocabulary(words []string, counts []int32) {
	a.known = newVocabulary(words)
	a.addEntries(&a.known, 0)
	a.counts = func() []int32 { return counts }
	a.corrector = sync.OnceValue(func() *corrector { return newCorrector(a) })
}

// with gives an analyser that knows the words of c, too, which went on from
// those of a. It shares what stays the same.
func (a *analyser) with(c *wordCounts) *analyser {
	out := &analyser{phrasebook: a.phrasebook, known: a.known}
	if len(c.words) > 0 {
		own := newVocabulary(c.words)
		out.addEntries(&own, len(a.known.ends))
		out.own = &own
	}
	out.counts = func() []int32 { return c.addTo(a.counts()) }
	out.corrector = sync.OnceValue(func() *corrector { return a.corrector().with(out) })
	return out
}

// addEntries makes the entries of words, of which before others are known.
func (a *analyser) addEntries(v *vocabulary, before int) {
	v.entries = make([]entry, len(v.ends))
	var text strings.Builder
	text.WriteString(v.text)
	for i := range v.entries {
		e, w := &v.entries[i], v.word(int32(i))
		stem := language.Stem(w)
		*e = a.newEntry(stem, int32(before+i))
		if !strings.HasPrefix(w, stem) {
			e.stem = uint32(text.Len())
			text.WriteString(stem)
		}
		from := len(v.candidates)
		v.candidates = e.fill(&a.phrasebook, a.appendCandidatesOf(v.candidates, w, stem), from)
	}
	v.text = text.String()
}

// vocabularyOf gives the vocabulary that an id is of, and which of its words it is.
func (a *analyser) vocabularyOf(id int32) (*vocabulary, int32) {
	if n := int32(len(a.known.ends)); id >= n {
		return a.own, id - n
	}
	return &a.known, id
}

// word gives the word of an id.
func (a *analyser) word(id int32) string {
	v, i := a.vocabularyOf(id)
	return v.word(i)
}

// findHash gives the id of the word with this hash, or -1.
func (a *analyser) findHash(h uint64) int32 {
	id := a.known.findHash(h)
	if id < 0 && a.own != nil {
		if id = a.own.findHash(h); id >= 0 {
			id += int32(len(a.known.ends))
		}
	}
	return id
}

// maxSentence is the number of words after which a sentence is cut: people
// who write no full stops change the subject, too.
const maxSentence = 40

// tokenise fills s from a normalised message.
func (a *analyser) tokenise(s *scratch, text string) {
	s.tokens, s.sentences, s.hits, s.findings = s.tokens[:0], s.sentences[:0], s.hits[:0], s.findings[:0]
	s.hashes = s.hashes[:0]
	segment, from := uint16(0), 0
	s.ends = s.ends[:0]
	scan := language.Scan(s.lowercase(text))
	for more := true; more; {
		var pause language.Pause
		s.buffer, pause, more = scan.Next(s.buffer[:0])
		for _, w := range s.buffer {
			s.tokens = append(s.tokens, token{text: w, segment: segment})
			s.hashes = append(s.hashes, hashWord(w))
		}
		if len(s.buffer) > 0 {
			segment++
			s.ends = append(s.ends, len(s.tokens))
		}
		if pause != language.Comma {
			s.splitSentences(from, pause == language.Question)
			from, s.ends = len(s.tokens), s.ends[:0]
		}
	}
	a.lookUp(s)
}

// Where in scratch.candidates those of an entry are found; those of unknown
// words come behind.
const (
	listKnown = iota
	listOwn
)

// lookUp fills in what is known of the words. What a step finds lies far
// apart, so each is done for all words before the next: the processor then
// fetches many side by side.
func (a *analyser) lookUp(s *scratch) {
	s.ids = resized(s.ids, len(s.hashes))
	for i, h := range s.hashes {
		s.ids[i] = a.known.findHash(h)
	}
	s.candidates = append(s.candidates[:0], a.known.candidates, nil)
	if a.own != nil {
		s.candidates[listOwn] = a.own.candidates
		for i, h := range s.hashes {
			if s.ids[i] >= 0 {
				continue
			}
			if own := a.own.findHash(h); own >= 0 {
				s.ids[i] = int32(len(a.known.ends)) + own
			}
		}
	}
	s.unknown = 0
	for i := range s.tokens {
		t, id := &s.tokens[i], s.ids[i]
		if id >= 0 && len(t.text) <= longestWord {
			t.form = t.text
			a.setKnown(t, id)
		} else {
			a.setUnknown(t, s, i)
		}
	}
}

// setKnown gives a token what is known of its form, a word that has an id.
func (a *analyser) setKnown(t *token, id int32) {
	v := &a.known
	if n := int32(len(v.ends)); id >= n {
		v, id, t.list = a.own, id-n, listOwn
	}
	t.entry = &v.entries[id]
	t.stem = v.stem(t.entry, t.form)
}

// setUnknown gives token i what is made of a word that is not known as it is.
func (a *analyser) setUnknown(t *token, s *scratch, i int) {
	u := a.unknown.find(t.text, s.hashes[i])
	if u == nil {
		u = a.resolveUnknown(t.text, s.hashes[i])
	}
	t.form = u.form
	if s.ids[i] = u.corrected; u.corrected >= 0 {
		t.corrected = true
		a.setKnown(t, u.corrected)
		return
	}
	s.unknown++
	t.entry, t.stem = &u.entry, u.stem
	if len(u.candidates) > 0 {
		t.list = uint16(len(s.candidates))
		s.candidates = append(s.candidates, u.candidates)
	}
}

// splitSentences makes sentences of the tokens from on, whose segments end at
// s.ends. A question that follows behind a comma is a sentence of its own ("my
// lip is huge, can I use balm?"), and what goes on too long is cut.
func (s *scratch) splitSentences(from int, question bool) {
	for i, end := range s.ends {
		last := i == len(s.ends)-1
		asks := !last && end-from >= 4 && s.ends[i+1]-end >= 3 && opensQuestion[s.tokens[end].text]
		if !last && !asks && end-from < maxSentence {
			continue
		}
		for from < end {
			to := end
			if to-from > maxSentence+maxSentence/2 {
				to = from + maxSentence
			}
			s.sentences = append(s.sentences, sentence{span: span{from, to}, question: question && last})
			from = to
		}
	}
}

// opensQuestion holds words of English with which a question opens; content need
// not list them.
var opensQuestion = map[string]bool{
	"what": true, "which": true, "when": true, "how": true, "can": true, "could": true, "may": true, "should": true,
	"shall": true, "will": true, "would": true, "is": true, "are": true, "do": true, "does": true, "did": true, "am": true,
}

// foreign says whether most words are none that the content knows: another
// language, or no language. The model predicts nothing of those.
func (s *scratch) foreign() bool { return 2*s.unknown > len(s.tokens) }

// fewWords are too few to be told from words of another language that look
// like English ones.
const fewWords = 3

// markForeign marks the sentences of a foreign message that are foreign by
// themselves, and reports whether any is not.
func (s *scratch) markForeign() (anyKnown bool) {
	for i := range s.sentences {
		sn := &s.sentences[i]
		known := 0
		for at := sn.from; at < sn.to; at++ {
			if s.ids[at] >= 0 {
				known++
			}
		}
		sn.foreign = known < fewWords || 2*known < sn.to-sn.from
		anyKnown = anyKnown || !sn.foreign
	}
	return anyKnown
}

// findPhrases notes in s.seen every symbol of which a phrase stands in the
// sentence, and in s.hits where: all of them, or the cues and the lexicons alone.
func (a *analyser) findPhrases(s *scratch, sn *sentence, all bool) {
	limit := a.named
	if all {
		limit = len(a.symbols)
	}
	clear(s.seen)
	sn.hits.from = len(s.hits)
	for i := sn.from; i < sn.to; i++ {
		t := &s.tokens[i]
		if t.count == 0 {
			continue
		}
		next := int16(noStem)
		if i+1 < sn.to {
			next = s.tokens[i+1].second
		}
		candidates := s.candidates[t.list]
		list := t.followedBy(next, candidates)
		if all {
			list = t.all(candidates)
		}
		a.addHits(s, sn, i, list, int32(next), limit)
	}
	sn.hits.to = len(s.hits)
}

// addHits notes those of the candidates, which the first word fits, that the
// words behind it fit, of which next is the first's stem; in s.hits only
// symbols below limit.
func (a *analyser) addHits(s *scratch, sn *sentence, at int, list []candidate, next int32, limit int) {
	for _, c := range list {
		if c.second == noSecond {
			if id := int(c.phrase); id < limit {
				s.hits = append(s.hits, hit{span{at, at + 1}, id})
			}
			s.seen.add(int(c.phrase))
			continue
		}
		if c.second >= 0 && c.second != next {
			continue
		}
		p := &a.phrases[c.phrase]
		if at+len(p.words) > sn.to || !fits(s.tokens[at+1:at+len(p.words)], p.words[1:]) {
			continue
		}
		for _, symbol := range a.meaningsOf(p) {
			id := int(symbol)
			if id < limit {
				s.hits = append(s.hits, hit{span{at, at + len(p.words)}, id})
			}
			s.seen.add(id)
		}
	}
}

func fits(tokens []token, words []knowledge.Word) bool {
	for i, w := range words {
		switch w.Kind {
		case knowledge.AnyForm:
			if tokens[i].stem != w.Form {
				return false
			}
		case knowledge.Exactly:
			if tokens[i].form != w.Form {
				return false
			}
		case knowledge.Beginning:
			if len(tokens[i].form) < len(w.Form) || tokens[i].form[:len(w.Form)] != w.Form {
				return false
			}
		}
	}
	return true
}
