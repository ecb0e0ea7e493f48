package safety

import (
	"strings"
	"sync"

	"github.com/aftercarebot/aftercare/knowledge"
	"github.com/aftercarebot/aftercare/knowledge/language"
)

// The cues are the first symbols, in this order.
const (
	negation = iota
	spared
	general
	present
	resolved
	figure
	cues
)

// reader turns a message into words, and finds the phrases of all symbols in it.
type reader struct {
	phrasebook
	known   vocabulary
	own     *vocabulary    // words that it knows besides, numbered behind those; nil: none
	counts  func() []int32 // how often each of the words was seen; asked for when one is to be mended
	mender  func() *mender // made with the first word that is not known
	strange strangers
}

// wordsOf lists the words of a safety section and of ordinary messages, and how
// often each is used. Unknown words are mended against them.
func wordsOf(content knowledge.Safety, ordinary []string) (words []string, counts []int32) {
	c := newCensus(nil)
	for _, e := range content.Raise {
		c.note(e.Text, 1)
	}
	for _, e := range content.Quiet {
		c.note(e.Text, 1)
	}
	for _, t := range ordinary {
		c.note(t, 1)
	}
	cueLists := listsOf(content.Cues)
	lists := cueLists[:]
	for _, x := range content.Lexicons {
		lists = append(lists, x.Phrases)
	}
	for _, list := range lists {
		for _, p := range list {
			c.note(p.Text, 2)
		}
	}
	return c.words, c.counts
}

// know takes in the words of the content and how often each was seen.
func (r *reader) know(words []string, counts []int32) {
	r.known = newVocabulary(words)
	r.acquaint(&r.known, 0)
	r.counts = func() []int32 { return counts }
	r.mender = sync.OnceValue(func() *mender { return newMender(r) })
}

// with gives a reader that knows the words of a census, too, which went on from
// those of r. It shares what stays the same.
func (r *reader) with(c *census) *reader {
	out := &reader{phrasebook: r.phrasebook, known: r.known}
	if len(c.words) > 0 {
		own := newVocabulary(c.words)
		out.acquaint(&own, len(r.known.ends))
		out.own = &own
	}
	out.counts = func() []int32 { return c.after(r.counts()) }
	out.mender = sync.OnceValue(func() *mender { return r.mender().with(out) })
	return out
}

// acquaint makes the entries of words, of which before others are known.
func (r *reader) acquaint(v *vocabulary, before int) {
	v.entries = make([]entry, len(v.ends))
	var text strings.Builder
	text.WriteString(v.text)
	for i := range v.entries {
		e, w := &v.entries[i], v.word(int32(i))
		stem := language.Stem(w)
		*e = r.newEntry(stem, int32(before+i))
		if !strings.HasPrefix(w, stem) {
			e.stem = uint32(text.Len())
			text.WriteString(stem)
		}
		from := len(v.starts)
		v.starts = e.fill(&r.phrasebook, r.startsOf(v.starts, w, stem), from)
	}
	v.text = text.String()
}

// vocabularyOf gives the words that a number is of, and which of them it is.
func (r *reader) vocabularyOf(id int32) (*vocabulary, int32) {
	if n := int32(len(r.known.ends)); id >= n {
		return r.own, id - n
	}
	return &r.known, id
}

// word gives the word of a number.
func (r *reader) word(id int32) string {
	v, i := r.vocabularyOf(id)
	return v.word(i)
}

// findHash gives the number of the word with this hash, or -1.
func (r *reader) findHash(h uint64) int32 {
	id := r.known.findHash(h)
	if id < 0 && r.own != nil {
		if id = r.own.findHash(h); id >= 0 {
			id += int32(len(r.known.ends))
		}
	}
	return id
}

// token is one word of the message. It takes 64 bytes, what the processor
// fetches at once.
type token struct {
	*entry        // of the form
	text   string // as written
	form   string // mended where its spelling was unknown
	stem   string // of the form

	segment uint16 // number of the part between commas
	denied  uint16 // 1 + index of the token that denies it; 0: not denied
	list    uint16 // of sheet.starts, which holds the entry's
	masked  bool
	mended  bool
}

// inflected reports whether the form is not the stem.
func (t *token) inflected() bool { return len(t.stem) != len(t.form) || t.entry.stem != inForm }

// span is a stretch of tokens, from up to but not including to.
type span struct{ from, to int }

// hit is a span that stands for a symbol.
type hit struct {
	span
	symbol int
}

// sentence is a stretch of tokens and what was found in it.
type sentence struct {
	span
	hits     span // of sheet.hits, ordered by their first token
	findings span // of sheet.findings
	question bool
	close    bool // a pattern may match
	foreign  bool // the model has no opinion of it
	has      [cues]bool
}

// sheet is the working paper for one message. It is reused.
type sheet struct {
	tokens    []token
	sentences []sentence
	hits      []hit
	unknown   int // tokens that the content does not know
	buffer    []string
	letters   []byte

	ends   []int     // of the segments of the sentence being read
	starts [][]start // of the words known, of a content's own, and of strangers

	findings []finding

	spans   [][]span // by symbol, in the marked sentence
	touched []int
	seen    set // symbols in the sentence being read

	features []feature
	tags     []tagged
	voices   []voice
	scores   []float64
	sums     []int32
	union    []tagged
	room     []int32  // of the voices
	rows     []uint32 // of model.weights, to be added
	hashes   []uint64 // of the tokens
	ids      []int32  // in the vocabulary
}

func newSheet(symbols int) *sheet {
	return &sheet{spans: make([][]span, symbols), seen: newSet(symbols)}
}

// maxSentence is the number of words after which a sentence is cut: people
// who write no full stops change the subject, too.
const maxSentence = 40

// read fills the sheet from a normalised message.
func (r *reader) read(s *sheet, text string) {
	s.tokens, s.sentences, s.hits, s.findings = s.tokens[:0], s.sentences[:0], s.hits[:0], s.findings[:0]
	s.hashes = s.hashes[:0]
	segment, from := uint16(0), 0
	s.ends = s.ends[:0]
	scan := language.Scan(s.lowered(text))
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
			s.cut(from, pause == language.Question)
			from, s.ends = len(s.tokens), s.ends[:0]
		}
	}
	r.lookUp(s)
}

// Where in sheet.starts those of an entry are found; strangers' come behind.
const (
	startsKnown = iota
	startsOwn
	startsStrange
)

// lookUp fills in what is known of the words. What a step finds lies far
// apart, so each is done for all words before the next: the processor then
// fetches many side by side.
func (r *reader) lookUp(s *sheet) {
	s.ids = resized(s.ids, len(s.hashes))
	for i, h := range s.hashes {
		s.ids[i] = r.known.findHash(h)
	}
	s.starts = append(s.starts[:0], r.known.starts, nil)
	if r.own != nil {
		s.starts[startsOwn] = r.own.starts
		for i, h := range s.hashes {
			if s.ids[i] >= 0 {
				continue
			}
			if own := r.own.findHash(h); own >= 0 {
				s.ids[i] = int32(len(r.known.ends)) + own
			}
		}
	}
	s.unknown = 0
	for i := range s.tokens {
		t, id := &s.tokens[i], s.ids[i]
		if id >= 0 && len(t.text) <= longestWord {
			t.form = t.text
			r.acquire(t, id)
		} else {
			r.recall(t, s, i)
		}
	}
}

// acquire gives a token what is known of its form, a word that has a number.
func (r *reader) acquire(t *token, id int32) {
	v := &r.known
	if n := int32(len(v.ends)); id >= n {
		v, id, t.list = r.own, id-n, startsOwn
	}
	t.entry = &v.entries[id]
	t.stem = v.stem(t.entry, t.form)
}

// recall gives token i what is made of a word that is not known as it is.
func (r *reader) recall(t *token, s *sheet, i int) {
	met := r.strange.find(t.text, s.hashes[i])
	if met == nil {
		met = r.meet(t.text, s.hashes[i])
	}
	t.form = met.form
	if s.ids[i] = met.mended; met.mended >= 0 {
		t.mended = true
		r.acquire(t, met.mended)
		return
	}
	s.unknown++
	t.entry, t.stem = &met.entry, met.stem
	if len(met.starts) > 0 {
		t.list = uint16(len(s.starts))
		s.starts = append(s.starts, met.starts)
	}
}

// lowered gives a message with the capitals of ASCII small: at once, as a word
// with a capital costs an allocation.
func (s *sheet) lowered(text string) string {
	s.letters = language.AppendLower(s.letters[:0], text)
	if string(s.letters) == text {
		return text
	}
	return string(s.letters)
}

// cut makes sentences of the tokens from on, whose segments end at s.ends. A
// question that follows behind a comma is a sentence of its own ("my lip is
// huge, can I use balm?"), and what goes on too long is cut.
func (s *sheet) cut(from int, question bool) {
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

// Words of English with which a question opens; content need not list them.
var opensQuestion = map[string]bool{
	"what": true, "which": true, "when": true, "how": true, "can": true, "could": true, "may": true, "should": true,
	"shall": true, "will": true, "would": true, "is": true, "are": true, "do": true, "does": true, "did": true, "am": true,
}

// find notes in s.seen every symbol of which a phrase stands in the sentence,
// and in s.hits where: all of them, or the cues and the lexicons alone.
func (r *reader) find(s *sheet, sn *sentence, all bool) {
	limit := r.named
	if all {
		limit = len(r.symbols)
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
		starts := s.starts[t.list]
		list := t.before(next, starts)
		if all {
			list = t.all(starts)
		}
		r.try(s, sn, i, list, int32(next), limit)
	}
	sn.hits.to = len(s.hits)
}

// settle hides the figures of speech found in a sentence, and says which words are denied.
func (s *sheet) settle(sn *sentence) {
	hits := s.hits[sn.hits.from:sn.hits.to]
	for _, h := range hits {
		if h.symbol == figure {
			for i := h.from; i < h.to; i++ {
				s.tokens[i].masked = true
			}
		}
	}
	for _, h := range hits {
		if h.symbol < cues && (h.symbol == figure || !s.masked(h.span)) {
			sn.has[h.symbol] = true
		}
	}
	s.deny(*sn, hits)
}

// try notes those of the phrases, which the first word fits, that the words
// behind it fit, of which next is the first's stem; in s.hits only symbols
// below limit.
func (r *reader) try(s *sheet, sn *sentence, at int, list []start, next int32, limit int) {
	for _, b := range list {
		if b.second == noSecond {
			if id := int(b.phrase); id < limit {
				s.hits = append(s.hits, hit{span{at, at + 1}, id})
			}
			s.seen.add(int(b.phrase))
			continue
		}
		if b.second >= 0 && b.second != next {
			continue
		}
		p := &r.phrases[b.phrase]
		if at+len(p.words) > sn.to || !fits(s.tokens[at+1:at+len(p.words)], p.words[1:]) {
			continue
		}
		for _, symbol := range r.meaningsOf(p) {
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

// foreign says whether most words are none that the content knows: another
// language, or no language. The model has no opinion of those.
func (s *sheet) foreign() bool { return 2*s.unknown > len(s.tokens) }

// fewWords are too few to be told from words of another language that look
// like English ones.
const fewWords = 3

// tellForeign marks the sentences of a foreign message that are foreign by
// themselves, and reports whether any is not.
func (s *sheet) tellForeign() (anyFamiliar bool) {
	for i := range s.sentences {
		sn := &s.sentences[i]
		known := 0
		for at := sn.from; at < sn.to; at++ {
			if s.ids[at] >= 0 {
				known++
			}
		}
		sn.foreign = known < fewWords || 2*known < sn.to-sn.from
		anyFamiliar = anyFamiliar || !sn.foreign
	}
	return anyFamiliar
}

func (s *sheet) masked(p span) bool {
	for i := p.from; i < p.to; i++ {
		if s.tokens[i].masked {
			return true
		}
	}
	return false
}

// reach is the number of words behind a negation that it denies at most.
const reach = 4

// deny marks the words behind each negation, up to the next comma; "or" and
// "nor" carry it on ("no swelling, heat or pus").
func (s *sheet) deny(sn sentence, hits []hit) {
	if !sn.has[negation] {
		return
	}
	for _, h := range hits {
		if h.symbol != negation || s.masked(h.span) || within(h.span, hits, spared) {
			continue
		}
		left, segment := reach, s.tokens[h.from].segment
		for i := h.to; i < sn.to && left > 0; i++ {
			t := &s.tokens[i]
			if t.segment != segment {
				if !s.carriesOn(sn, i) {
					break
				}
				segment = t.segment
				left = 3
			}
			switch t.text {
			case "but", "although", "though", "just", "only", "except", "because", "so":
				left = 0
				continue
			case "or", "nor":
				left = 3
			}
			t.denied = uint16(h.from + 1)
			left--
		}
	}
}

// carriesOn says whether a list of denied things goes on in the segment at i:
// an "or" follows within it or the next one, before any "and".
func (s *sheet) carriesOn(sn sentence, i int) bool {
	for n := 0; i < sn.to && n < 8; i, n = i+1, n+1 {
		switch s.tokens[i].text {
		case "or", "nor":
			return true
		case "and", "but", "i", "my", "it":
			return false
		}
	}
	return false
}

func within(p span, hits []hit, symbol int) bool {
	for _, h := range hits {
		if h.symbol == symbol && h.from <= p.from && p.to <= h.to {
			return true
		}
	}
	return false
}

// resized gives a slice of n items, whatever they hold.
func resized[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, n+n/2+8)
	}
	return s[:n]
}
