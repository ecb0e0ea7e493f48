package safety

import (
	_ "embed"
	"slices"
	"strings"
	"sync"

	"github.com/aftercarebot/aftercare/knowledge"
	"github.com/aftercarebot/aftercare/knowledge/language"
	"github.com/aftercarebot/aftercare/knowledge/snapshot"
)

// storedMatcher is what was learnt from the embedded content.
//
//go:generate go test -run ^TestSnapshot$ -update .
//go:embed stored.snapshot
var storedMatcher []byte

// stored is what cannot be worked out quickly from the content itself.
type stored struct {
	Words   snapshot.Texts
	Stems   snapshot.Ints // of each word, how much of it is its stem; 0: the next of Others is
	Others  []string
	Counts  snapshot.Ints // how often each is used
	Cards   []string
	Bias    []float32
	Rows    snapshot.Ints // features that have a weight, as steps
	Weights []byte        // of each of them, for each class, in steps
	Begins  snapshot.Ints // of each word, how many phrases it may begin
	Begun   snapshot.Ints // their numbers
	Sums    snapshot.Ints // the digest's, as zigzag gives them
	Parts   []byte        // the digest's
}

// maxChecked is how many messages of other content are worth checking rather
// than learning everything anew, which takes as long.
const maxChecked = 3000

// restored gives the Matcher of base from the snapshot, and nil where that is
// of other signs, or has something to learn from the phrasings of base.
func restored(base *knowledge.Base) *Matcher {
	content := knowledge.Default()
	if base.Hash() == content.Hash() {
		return builtIn()
	}
	if !snapshot.Of(storedMatcher, content.Hash()) || !sameSigns(base.Safety(), content.Safety()) {
		return nil
	}
	own := newMessages(base, content)
	if len(own) > maxChecked {
		return nil
	}
	m := builtIn()
	if m == nil {
		return nil
	}
	m = m.with(base.Safety().Signs, own)
	for _, message := range own {
		if m.Match(language.Normalise(message)).Level != None {
			return nil
		}
	}
	return m
}

// builtIn gives the Matcher of the embedded content, or nil where the snapshot
// cannot be read. It is made once, for all contents that have its signs.
var builtIn = sync.OnceValue(readBuiltIn)

func readBuiltIn() *Matcher {
	base := knowledge.Default()
	if !snapshot.Of(storedMatcher, base.Hash()) {
		return nil
	}
	var s stored
	if err := snapshot.Decode(storedMatcher, base.Hash(), &s); err != nil {
		return nil
	}
	m, err := compiled(base.SafetyRules())
	if err != nil {
		return nil
	}
	words := s.Words.List()
	m.reader.know(words, s.stems(words), snapshot.Unpack[int32](s.Counts), s.starts())
	m.model = s.model(m)
	m.model.digested.Do(func() { // before the first message rather than with it
		m.model.digestWords(s.digest())
	})
	return m
}

// with gives a Matcher of the same signs, wherever they are written, that also
// knows the words of some messages. It shares what stays the same.
func (m *Matcher) with(signs []knowledge.Sign, messages []string) *Matcher {
	words, counts := m.reader.known.words, m.reader.known.counts
	if len(messages) > 0 {
		c := newCensus(&m.reader.known)
		for _, message := range messages {
			c.note(message, 1)
		}
		words, counts = c.words, c.counts
	}
	out := &Matcher{reader: m.reader.with(words, counts), patterns: slices.Clone(m.patterns), bySymbol: m.bySymbol, leading: m.leading, needs: m.needs}
	out.scratch.New = func() any { return newSheet(len(out.reader.symbols)) }
	written := out.patterns
	for _, sign := range signs {
		for _, p := range slices.Concat(sign.Patterns, sign.Hints) {
			written[0].file, written[0].line = p.File, p.Line
			written = written[1:]
		}
	}
	out.model = &model{cards: m.model.cards, matcher: out, weights: m.model.weights, bias: m.model.bias}
	out.model.digested.Do(func() {
		out.model.digestWords(digest{sums: slices.Clip(m.model.digest.sums), parts: slices.Clip(m.model.digest.parts)})
	})
	return out
}

// sameSigns reports whether two safety sections tell the same signs by the
// same means, wherever these are written.
func sameSigns(a, b knowledge.Safety) bool {
	samePattern := func(a, b knowledge.Pattern) bool { return a.Text == b.Text }
	samePhrases := func(a, b []knowledge.Phrase) bool {
		return slices.EqualFunc(a, b, func(a, b knowledge.Phrase) bool { return a.Text == b.Text })
	}
	sameExample := func(a, b knowledge.Example) bool { return a.Text == b.Text && a.Sign == b.Sign }
	return slices.EqualFunc(a.Cards, b.Cards, func(a, b knowledge.Card) bool { return a.ID == b.ID }) &&
		slices.EqualFunc(a.Signs, b.Signs, func(a, b knowledge.Sign) bool {
			return a.ID == b.ID && a.Card == b.Card && slices.EqualFunc(a.Patterns, b.Patterns, samePattern) && slices.EqualFunc(a.Hints, b.Hints, samePattern)
		}) &&
		slices.EqualFunc(a.Lexicons, b.Lexicons, func(a, b knowledge.Lexicon) bool {
			return a.Name == b.Name && a.Place == b.Place && samePhrases(a.Phrases, b.Phrases)
		}) &&
		samePhrases(a.Cues.Negation, b.Cues.Negation) && samePhrases(a.Cues.Spared, b.Cues.Spared) &&
		samePhrases(a.Cues.General, b.Cues.General) && samePhrases(a.Cues.Present, b.Cues.Present) &&
		samePhrases(a.Cues.Resolved, b.Cues.Resolved) && samePhrases(a.Cues.Figures, b.Cues.Figures) &&
		slices.EqualFunc(a.Raise, b.Raise, sameExample) && slices.EqualFunc(a.Quiet, b.Quiet, sameExample)
}

// newMessages lists the messages of base that are none of content's. Most
// lists of phrasings are there as they are, and are not looked at one by one.
func newMessages(base, content *knowledge.Base) []string {
	known := make(map[string][]string, len(content.Passages())) // lists of phrasings, by their first
	for list := range phrasings(content) {
		if len(list) > 0 {
			known[list[0]] = list
		}
	}
	var own []string
	is := map[string]bool{} // one of content's?
	for list := range phrasings(base) {
		if len(list) == 0 || slices.Equal(list, known[list[0]]) {
			continue
		}
		for _, m := range list {
			own, is[m] = append(own, m), false
		}
	}
	if len(own) == 0 {
		return nil
	}
	for list := range phrasings(content) {
		for _, m := range list {
			if _, ok := is[m]; ok {
				is[m] = true
			}
		}
	}
	return slices.DeleteFunc(own, func(m string) bool { return is[m] })
}

// store keeps what a Matcher with a model has learnt.
func store(m *Matcher) stored {
	known := &m.reader.known
	s := stored{Words: snapshot.PackTexts(known.words), Counts: snapshot.Pack(known.counts), Cards: m.model.cards, Bias: m.model.bias}
	var stems, used []int32
	for i, w := range known.words {
		stem := m.reader.entries[i].stem
		if !strings.HasPrefix(w, stem) {
			s.Others = append(s.Others, stem)
			stem = ""
		}
		stems = append(stems, int32(len(stem)))
	}
	k := len(s.Bias)
	for row := range buckets {
		own := m.model.weights[row*k : (row+1)*k]
		packed := make([]byte, k)
		any := false
		for c, w := range own {
			packed[c] = byte(w)
			any = any || packed[c] != 0
		}
		if any {
			used = append(used, int32(row))
			s.Weights = append(s.Weights, packed...)
		}
	}
	s.Stems, s.Rows = snapshot.Pack(stems), snapshot.PackSteps(used)
	var begins, begun []int32
	for i, w := range known.words {
		n := len(begun)
		m.reader.begunBy(w, m.reader.entries[i].stem, func(p *phrase) { begun = append(begun, p.number) })
		begins = append(begins, int32(len(begun)-n))
	}
	s.Begins, s.Begun = snapshot.Pack(begins), snapshot.Pack(begun)
	m.model.digested.Do(func() { m.model.digestWords(digest{}) })
	sums := make([]uint16, len(m.model.digest.sums))
	for i, v := range m.model.digest.sums {
		sums[i] = zigzag(v)
	}
	s.Sums, s.Parts = snapshot.Pack(sums), m.model.digest.parts
	return s
}

// zigzag makes numbers small that are near zero; unzigzag is the reverse.
func zigzag(v int16) uint16   { return uint16(v<<1) ^ uint16(v>>15) }
func unzigzag(v uint16) int16 { return int16(v>>1) ^ -int16(v&1) }

// digest gives the digest of the words that were stored.
func (s *stored) digest() digest {
	d := digest{sums: make([]int16, s.Sums.Length), parts: slices.Clone(s.Parts)}
	c := s.Sums.Cursor()
	for i := range d.sums {
		d.sums[i] = unzigzag(uint16(c.Next()))
	}
	return d
}

// storedStarts walks the phrases that the stored words begin.
type storedStarts struct {
	of            int
	begins, begun snapshot.Cursor
}

func (s *stored) starts() *storedStarts {
	return &storedStarts{int(s.Begins.Length), s.Begins.Cursor(), s.Begun.Cursor()}
}

// words is how many there are; of these append is to be called for each.
func (s *storedStarts) words() int { return s.of }

// append appends the starts of the next word.
func (s *storedStarts) append(out []start, r *reader) []start {
	for range s.begins.Next() {
		out = r.list[s.begun.Next()].appendStarts(out)
	}
	return out
}

// stems gives the stem of each word.
func (s *stored) stems(words []string) []string {
	out, others := make([]string, len(words)), s.Others
	for i, n := range snapshot.Unpack[int32](s.Stems) {
		if n == 0 {
			out[i], others = others[0], others[1:]
			continue
		}
		out[i] = words[i][:n]
	}
	return out
}

// model gives the model that was stored, as part of a Matcher.
func (s *stored) model(matcher *Matcher) *model {
	k := len(s.Bias)
	m := &model{matcher: matcher, cards: s.Cards, bias: s.Bias, weights: make([]int8, buckets*k)}
	for i, row := range snapshot.UnpackSteps[int32](s.Rows) {
		for c, w := range s.Weights[i*k : (i+1)*k] {
			m.weights[int(row)*k+c] = int8(w)
		}
	}
	return m
}
