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

// storedMatcher is what was trained on the embedded content.
//
//go:generate go test -run ^TestSnapshot$ -update .
//go:embed stored.snapshot
var storedMatcher []byte

// stored is what cannot be worked out quickly from the content itself. Only go
// generate writes it: see store in store_test.go.
type stored struct {
	Words    snapshot.Texts // and behind them the stems that are no beginning of theirs
	Stems    snapshot.Ints  // of each word, 1 + how much longer it is than its stem; 0: the next of those behind is that
	Counts   snapshot.Ints  // how often each is used
	Cards    []string
	Bias     []float32
	Weights  []byte        // the model's
	Lists    snapshot.Ints // of each word, the list of phrases that it may begin. 0: none; 1: the next; 1+n: the nth, as an earlier word
	Sizes    snapshot.Ints // of each list
	Phrases  snapshot.Ints // the ids of their phrases, list behind list
	WordSums []byte        // the model's
}

// maxChecked is how many messages of other content are worth checking rather
// than training anew, which takes as long.
const maxChecked = 3000

// restore gives the Matcher of base from the snapshot, and nil where that is
// of other signs, or must be trained with the phrasings of base.
func restore(base *knowledge.Base) *Matcher {
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
	m, err := compile(base.SafetyRules())
	if err != nil {
		return nil
	}
	s.restoreAnalyser(m.analyser)
	m.model = s.restoreModel(m)
	return m
}

// with gives a Matcher of the same signs, wherever they are written, that also
// knows the words of some messages. It shares what stays the same.
func (m *Matcher) with(signs []knowledge.Sign, messages []string) *Matcher {
	c := newWordCounts(&m.analyser.known)
	for _, message := range messages {
		c.add(message, 1)
	}
	out := &Matcher{analyser: m.analyser.with(c), patterns: slices.Clone(m.patterns), byRarest: m.byRarest, rarest: m.rarest, required: m.required}
	out.pool.New = func() any { return newScratch(len(out.analyser.symbols)) }
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
	out.model.wordSums = m.model.wordSums
	out.model.sumsOnce.Do(out.model.sumOwnWords)
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
	own := newLists(base, content)
	if len(own) == 0 {
		return nil
	}
	ids, seed := newTable(len(own)), maphash.MakeSeed()
	var lengths [256]bool // modulo 256
	for i, m := range own {
		ids.insert(maphash.String(seed, m), int32(i))
		lengths[len(m)%256] = true
	}
	find := func(m string) int32 {
		return ids.find(maphash.String(seed, m), func(i int32) bool { return own[i] == m })
	}
	known := make([]bool, len(own)) // one of content's?
	for list := range phrasings(content) {
		for _, m := range list {
			if !lengths[len(m)%256] { // most are told by that alone, and need not be fetched
				continue
			}
			if i := find(m); i >= 0 {
				known[i] = true
			}
		}
	}
	var out []string
	for _, m := range own {
		if !known[find(m)] {
			out = append(out, m)
		}
	}
	return out
}

// newLists joins those lists of phrasings of base that content has not as they are.
func newLists(base, content *knowledge.Base) []string {
	known := make(map[string][]string, len(content.Passages())) // lists of phrasings, by their first
	for list := range phrasings(content) {
		if len(list) > 0 {
			known[list[0]] = list
		}
	}
	var out []string
	for list := range phrasings(base) {
		if len(list) > 0 && !slices.Equal(list, known[list[0]]) {
			out = append(out, list...)
		}
	}
	return out
}

// restoreAnalyser gives an analyser the words that were stored, as setVocabulary
// does those that were counted.
func (s *stored) restoreAnalyser(a *analyser) {
	n := int(s.Stems.Length)
	ends := s.Words.Ends()
	a.known = newVocabularyFromText(s.Words.Text, ends[:n:n])
	v := &a.known
	v.entries = make([]entry, n)
	ranges := s.restoreCandidates(a)
	stems, lists := s.Stems.Cursor(), s.Lists.Cursor()
	other, listed := n, 0 // the next of the stems behind the words, and of the lists
	for i := range v.entries {
		e := &v.entries[i]
		if longer := stems.Next(); longer > 0 {
			w := v.word(int32(i))
			*e = a.newEntry(w[:len(w)+1-int(longer)], int32(i))
		} else {
			*e = a.newEntry(v.text[ends[other-1]:ends[other]], int32(i))
			e.stem = ends[other-1]
			other++
		}
		switch list := lists.Next(); list {
		case 0:
		case 1:
			e.candidateRange = ranges[listed]
			listed++
		default:
			e.candidateRange = ranges[list-2]
		}
	}
	counts := s.Counts
	a.counts = func() []int32 { return snapshot.Unpack[int32](counts) }
	a.corrector = sync.OnceValue(func() *corrector { return newCorrector(a) })
}

// restoreCandidates gives the analyser's words their candidates, and says for
// each list of phrases where a word finds those.
func (s *stored) restoreCandidates(a *analyser) []candidateRange {
	out := make([]candidateRange, s.Sizes.Length)
	candidates := make([]candidate, 0, 4*s.Phrases.Length) // about what they come to
	sizes, phrases := s.Sizes.Cursor(), s.Phrases.Cursor()
	for i := range out {
		from := len(candidates)
		for range sizes.Next() {
			candidates = a.appendCandidates(candidates, int32(phrases.Next()))
		}
		candidates = out[i].fill(&a.phrasebook, candidates, from)
	}
	a.known.candidates = candidates
	return out
}

// restoreModel gives the model that was stored, as part of a Matcher.
func (s *stored) restoreModel(matcher *Matcher) *model {
	m := newModel(matcher, s.Cards, s.Bias, s.Weights)
	m.wordSums = s.WordSums
	m.sumsOnce.Do(func() {}) // before the first message rather than with it
	return m
}
