package safety

import (
	_ "embed"
	"hash/maphash"
	"slices"
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

// stored is what cannot be worked out quickly from the content itself. Only go
// generate writes it: see store in store_test.go.
type stored struct {
	Words   snapshot.Texts // and behind them the stems that are no beginning of theirs
	Stems   snapshot.Ints  // of each word, 1 + how much longer it is than its stem; 0: the next of those behind is that
	Counts  snapshot.Ints  // how often each is used
	Cards   []string
	Bias    []float32
	Weights []byte        // the model's
	Lists   snapshot.Ints // of each word, the list of phrases that it may begin. 0: none; 1: the next; 1+n: the nth, as an earlier word
	Sizes   snapshot.Ints // of each list
	Begun   snapshot.Ints // the numbers of their phrases, list behind list
	Digest  []byte        // the model's
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
	s.teach(m.reader)
	m.model = s.model(m)
	return m
}

// with gives a Matcher of the same signs, wherever they are written, that also
// knows the words of some messages. It shares what stays the same.
func (m *Matcher) with(signs []knowledge.Sign, messages []string) *Matcher {
	c := newCensus(&m.reader.known)
	for _, message := range messages {
		c.note(message, 1)
	}
	out := &Matcher{reader: m.reader.with(c), patterns: slices.Clone(m.patterns), bySymbol: m.bySymbol, leading: m.leading, needs: m.needs}
	out.scratch.New = func() any { return newSheet(len(out.reader.symbols)) }
	written := out.patterns
	for _, sign := range signs {
		for _, list := range [][]knowledge.Pattern{sign.Patterns, sign.Hints} {
			for i := range list {
				written[0].file, written[0].line = list[i].File, list[i].Line
				written = written[1:]
			}
		}
	}
	out.model = newModel(out, m.model.cards, m.model.bias, m.model.weights)
	out.model.digest = m.model.digest
	out.model.digested.Do(out.model.digestOwn)
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
	for list := range phrasings(base) {
		if len(list) > 0 && !slices.Equal(list, known[list[0]]) {
			own = append(own, list...)
		}
	}
	if len(own) == 0 {
		return nil
	}
	at, seed := newTable(len(own)), maphash.MakeSeed()
	var lengths [256]bool // folded
	for i, m := range own {
		at.enter(maphash.String(seed, m), int32(i))
		lengths[len(m)%256] = true
	}
	find := func(m string) int32 {
		return at.find(maphash.String(seed, m), func(i int32) bool { return own[i] == m })
	}
	is := make([]bool, len(own)) // one of content's?
	for list := range phrasings(content) {
		for _, m := range list {
			if !lengths[len(m)%256] { // most are told by that alone, and need not be fetched
				continue
			}
			if i := find(m); i >= 0 {
				is[i] = true
			}
		}
	}
	var out []string
	for _, m := range own {
		if !is[find(m)] {
			out = append(out, m)
		}
	}
	return out
}

// teach gives a reader the words that were stored, as know does those that were counted.
func (s *stored) teach(r *reader) {
	n := int(s.Stems.Length)
	ends := s.Words.Ends()
	r.known = numberedWords(s.Words.Text, ends[:n:n])
	v := &r.known
	v.entries = make([]entry, n)
	begin := s.begin(r)
	stems, lists := s.Stems.Cursor(), s.Lists.Cursor()
	other, listed := n, 0 // the next of the stems behind the words, and of the lists
	for i := range v.entries {
		e := &v.entries[i]
		if longer := stems.Next(); longer > 0 {
			w := v.word(int32(i))
			*e = r.newEntry(w[:len(w)+1-int(longer)], int32(i))
		} else {
			*e = r.newEntry(v.text[ends[other-1]:ends[other]], int32(i))
			e.stem = ends[other-1]
			other++
		}
		switch list := lists.Next(); list {
		case 0:
		case 1:
			e.begins = begin[listed]
			listed++
		default:
			e.begins = begin[list-2]
		}
	}
	counts := s.Counts
	r.counts = func() []int32 { return snapshot.Unpack[int32](counts) }
	r.mender = sync.OnceValue(func() *mender { return newMender(r) })
}

// begin gives the reader's words their starts, and says for each list of
// phrases where a word finds those.
func (s *stored) begin(r *reader) []begins {
	out := make([]begins, s.Sizes.Length)
	starts := make([]start, 0, 4*s.Begun.Length) // about what they come to
	sizes, begun := s.Sizes.Cursor(), s.Begun.Cursor()
	for i := range out {
		from := len(starts)
		for range sizes.Next() {
			starts = r.appendStarts(starts, int32(begun.Next()))
		}
		starts = out[i].fill(&r.phrasebook, starts, from)
	}
	r.known.starts = starts
	return out
}

// model gives the model that was stored, as part of a Matcher.
func (s *stored) model(matcher *Matcher) *model {
	m := newModel(matcher, s.Cards, s.Bias, s.Weights)
	m.digest = s.Digest
	m.digested.Do(func() {}) // before the first message rather than with it
	return m
}
