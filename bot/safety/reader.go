package safety

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/aftercarebot/aftercare/knowledge"
	"github.com/aftercarebot/aftercare/knowledge/language"
)

// symbol is a set of phrases that patterns and the model ask for: a lexicon, a
// cue, or one pattern item's choice of phrases.
type symbol struct {
	name    string // of a lexicon or a cue; empty for a pattern's own choice
	place   bool
	phrases int
}

// phrase is a row of words and the symbols that it stands for.
type phrase struct {
	words   []knowledge.Word
	symbols []int
	number  int32
	start   start
}

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
	entries []entry        // of the known words
	mender  func() *mender // made with the first word that is not known
	strange strangers
}

// phrasebook is the phrases that a reader finds. Once it knows its words, it
// never changes.
type phrasebook struct {
	symbols  []symbol
	named    int            // the cues and the lexicons, which come first
	lexicons map[string]int // name to symbol
	byName   map[string]knowledge.Lexicon
	phrases  map[string]*phrase // by their words, for joining equal ones
	// first holds the phrases by their first word; those whose first word is
	// a Beginning by the letters that the shortest such has.
	first    [3]map[string][]*phrase
	shortest int
	list     []*phrase        // by number
	seconds  map[string]int32 // numbers of the stems that are second in a phrase
}

// start is a phrase that may begin with a word, and the stem that the word
// behind must then have; anySecond where that is not told by a stem. For a
// phrase of one word second is noSecond, and there is one start for each of
// its symbols, which stands in place of the phrase.
type start struct{ second, phrase int32 }

const (
	noSecond  = -1
	anySecond = -2
	noStem    = -3
)

func newReader(content knowledge.Safety) *reader {
	r := &reader{phrasebook: phrasebook{lexicons: map[string]int{}, byName: map[string]knowledge.Lexicon{}, phrases: map[string]*phrase{}, seconds: map[string]int32{}}}
	for kind := range r.first {
		r.first[kind] = map[string][]*phrase{}
	}
	c := content.Cues
	for i, list := range [cues][]knowledge.Phrase{c.Negation, c.Spared, c.General, c.Present, c.Resolved, c.Figures} {
		r.symbols = append(r.symbols, symbol{name: [cues]string{"not", "spared", "general", "present", "over", "figure"}[i]})
		r.add(i, list)
	}
	for _, x := range content.Lexicons {
		id := len(r.symbols)
		r.symbols = append(r.symbols, symbol{name: x.Name, place: x.Place})
		r.lexicons[x.Name] = id
		r.byName[x.Name] = x
		r.add(id, x.Phrases)
	}
	r.named = len(r.symbols)
	return r
}

// add makes phrases stand for a symbol.
func (r *reader) add(id int, list []knowledge.Phrase) {
	var key []byte
	for _, p := range list {
		key = key[:0]
		for _, w := range p.Words {
			key = append(append(key, w.Form...), '0'+byte(w.Kind), ' ')
		}
		own, ok := r.phrases[string(key)]
		if !ok {
			own = &phrase{words: p.Words, number: int32(len(r.list)), start: start{noSecond, int32(len(r.list))}}
			r.list = append(r.list, own)
			if len(p.Words) > 1 {
				own.start.second = anySecond
				if w := p.Words[1]; w.Kind == knowledge.AnyForm {
					id, ok := r.seconds[w.Form]
					if !ok {
						id = int32(len(r.seconds))
						r.seconds[w.Form] = id
					}
					own.start.second = id
				}
			}
			r.phrases[string(key)] = own
			w := p.Words[0]
			r.first[w.Kind][w.Form] = append(r.first[w.Kind][w.Form], own)
		}
		own.symbols = append(own.symbols, id)
		r.symbols[id].phrases++
	}
}

// wordsOf lists the words of a safety section and of ordinary messages, and how
// often each is used. Unknown words are mended against them.
func wordsOf(content knowledge.Safety, ordinary []string) (words []string, counts []int32) {
	none := newVocabulary(nil, nil)
	c := newCensus(&none)
	for _, e := range content.Raise {
		c.note(e.Text, 1)
	}
	for _, e := range content.Quiet {
		c.note(e.Text, 1)
	}
	for _, t := range ordinary {
		c.note(t, 1)
	}
	lists := [][]knowledge.Phrase{content.Cues.Negation, content.Cues.Spared, content.Cues.General, content.Cues.Present, content.Cues.Resolved, content.Cues.Figures}
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

// know takes in the vocabulary. All phrases must be there. stored, if it is not
// nil, tells what the first words begin.
func (r *reader) know(words, stems []string, counts []int32, stored *storedStarts) {
	r.known = newVocabulary(words, counts)
	r.mender = sync.OnceValue(func() *mender { return newMender(&r.known) })
	r.shorten()
	r.entries = make([]entry, len(words))
	starts := make([]start, 0, 2*len(words)+len(words)/4) // about what they come to; entries keep it
	for i, w := range words {
		r.entries[i] = r.newEntry(w, stems[i], int32(i))
		from := len(starts)
		if stored != nil && i < stored.words() {
			starts = stored.append(starts, r)
		} else {
			starts = r.startsOf(starts, w, stems[i])
		}
		starts = r.begin(&r.entries[i], starts, from)
	}
	r.phrases = nil // all are there
}

// with gives a reader that knows more words, behind those of r, and counts of
// all. It shares what stays the same.
func (r *reader) with(words []string, counts []int32) *reader {
	out := &reader{phrasebook: r.phrasebook, known: r.known.with(words, counts), entries: r.entries}
	out.mender = sync.OnceValue(func() *mender { return r.mender().with(&out.known) })
	if own := words[len(r.entries):]; len(own) > 0 {
		out.entries = make([]entry, len(r.entries), len(words))
		copy(out.entries, r.entries)
		for _, w := range own {
			out.entries = append(out.entries, r.meeting(w, int32(len(out.entries))))
		}
	}
	return out
}

// meeting makes an entry of a word that stands by itself.
func (r *reader) meeting(w string, id int32) entry {
	e := r.newEntry(w, language.Stem(w), id)
	r.begin(&e, r.startsOf(nil, w, e.stem), 0)
	return e
}

// secondOf gives the number of a stem that is second in some phrase, or noStem.
func (r *reader) secondOf(stem string) int32 {
	if id, ok := r.seconds[stem]; ok {
		return id
	}
	return noStem
}

// shorten brings what phrases begin with to the letters of the shortest.
func (r *reader) shorten() {
	r.shortest = 99
	byForm := r.first[knowledge.Beginning]
	for form := range byForm {
		r.shortest = min(r.shortest, len(form))
	}
	forms := slices.Sorted(maps.Keys(byForm))
	slices.SortStableFunc(forms, func(a, b string) int { return cmp.Compare(len(a), len(b)) })
	short := map[string][]*phrase{}
	for _, form := range forms {
		short[form[:r.shortest]] = append(short[form[:r.shortest]], byForm[form]...)
	}
	r.first[knowledge.Beginning] = short
}

// startsOf appends the phrases that a word may begin.
func (r *reader) startsOf(out []start, form, stem string) []start {
	r.begunBy(form, stem, func(p *phrase) { out = p.appendStarts(out) })
	return out
}

// begunBy gives the phrases that a word may begin.
func (r *reader) begunBy(form, stem string, yield func(*phrase)) {
	for _, p := range r.first[knowledge.AnyForm][stem] {
		yield(p)
	}
	for _, p := range r.first[knowledge.Exactly][form] {
		yield(p)
	}
	if len(form) >= r.shortest {
		for _, p := range r.first[knowledge.Beginning][form[:r.shortest]] {
			if strings.HasPrefix(form, p.words[0].Form) {
				yield(p)
			}
		}
	}
}

func (p *phrase) appendStarts(out []start) []start {
	if p.start.second != noSecond {
		return append(out, p.start)
	}
	for _, symbol := range p.symbols {
		out = append(out, start{noSecond, int32(symbol)})
	}
	return out
}

// token is one word of the message. It takes 64 bytes, as an entry does.
type token struct {
	*entry         // of the form
	text    string // as written
	form    string // mended where its spelling was unknown
	segment int    // number of the part between commas
	denied  int    // 1 + index of the token that denies it; 0: not denied
	masked  bool
	mended  bool
}

// stemAtHand gives the stem of the form, as a part of text where it can be:
// the processor has that, and the entry's own it would have to fetch.
func (t *token) stemAtHand() string {
	if t.shortened && !t.mended {
		return t.text[:len(t.stem)]
	}
	return t.stem
}

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
	has      [cues]bool
}

// sheet is the working paper for one message. It is reused.
type sheet struct {
	tokens    []token
	sentences []sentence
	hits      []hit
	unknown   int // tokens that the content does not know
	buffer    []string
	parts     []string
	letters   []byte

	ends []int // of the segments of the sentence being read

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
	segment := 0
	s.parts = language.AppendSentences(s.parts[:0], s.lowered(text))
	for _, part := range s.parts {
		from, start := len(s.tokens), 0
		ends := s.ends[:0]
		separators := language.Seek(part, ",;:()-")
		for i := -1; i < len(part); {
			if i = separators.Next(i + 1); i < len(part) && !separates(part, i) {
				continue
			}
			s.buffer = language.AppendWords(s.buffer[:0], part[start:i])
			for _, w := range s.buffer {
				s.tokens = append(s.tokens, token{text: w, segment: segment})
				s.hashes = append(s.hashes, hashWord(w))
			}
			if len(s.buffer) > 0 {
				segment++
				ends = append(ends, len(s.tokens))
			}
			start = i + 1
		}
		s.ends = ends
		s.cut(from, ends, part[len(part)-1] == '?')
	}
	r.lookUp(s)
}

// lookUp fills in what is known of the words. What a step finds lies far
// apart, so each is done for all words before the next: the processor then
// fetches many side by side.
func (r *reader) lookUp(s *sheet) {
	s.ids = resized(s.ids, len(s.hashes))
	for i, h := range s.hashes {
		s.ids[i] = r.known.findHash(h)
	}
	s.unknown = 0
	for i := range s.tokens {
		t := &s.tokens[i]
		if id := s.ids[i]; id >= 0 && len(t.text) <= longestWord {
			t.form, t.entry = t.text, &r.entries[id]
		} else {
			known := r.strange.find(t.text, s.hashes[i])
			if known == nil {
				known = r.meet(t.text, s.hashes[i])
			}
			t.form, t.entry, t.mended = known.form, known.entry, known.entry.id >= 0
		}
		if t.id < 0 { // looked at for known words too, as it fetches their entries
			s.unknown++
		}
	}
}

// lowered gives a message with the capitals of ASCII small: at once, as a word
// with a capital costs an allocation.
func (s *sheet) lowered(text string) string {
	first := 0
	for first < len(text) && !isCapital(text[first]) {
		first++
	}
	if first == len(text) {
		return text
	}
	s.letters = append(s.letters[:0], text...)
	for i := first; i < len(s.letters); i++ {
		if c := s.letters[i]; isCapital(c) {
			s.letters[i] = c | 0x20
		}
	}
	return string(s.letters)
}

func isCapital(c byte) bool { return 'A' <= c && c <= 'Z' }

// cut makes sentences of the tokens from on, whose segments end at ends. A
// question that follows behind a comma is a sentence of its own ("my lip is
// huge, can I use balm?"), and what goes on too long is cut.
func (s *sheet) cut(from int, ends []int, question bool) {
	for i, end := range ends {
		last := i == len(ends)-1
		asks := !last && end-from >= 4 && ends[i+1]-end >= 3 && opensQuestion[s.tokens[end].text]
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

// separates says whether a segment of a sentence ends at byte i, a separator.
func separates(s string, i int) bool {
	return s[i] != '-' || i > 0 && i+1 < len(s) && s[i-1] == ' ' && s[i+1] == ' '
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
		e := s.tokens[i].entry
		if len(e.begins) == 0 {
			continue
		}
		next := int32(noStem)
		if i+1 < sn.to {
			next = s.tokens[i+1].second
		}
		list := e.before(next)
		if all {
			list = e.all()
		}
		r.try(s, sn, i, list, next, limit)
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
		p := r.list[b.phrase]
		if at+len(p.words) > sn.to || !fits(s.tokens[at+1:at+len(p.words)], p.words[1:]) {
			continue
		}
		for _, id := range p.symbols {
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
			if tokens[i].stemAtHand() != w.Form {
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
func (s *sheet) foreign() bool {
	return 2*s.unknown > len(s.tokens)
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
			t.denied = h.from + 1
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
