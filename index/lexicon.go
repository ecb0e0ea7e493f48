package index

import (
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/aftercarebot/aftercare/knowledge"
	"github.com/aftercarebot/aftercare/knowledge/language"
)

// lexicon is the vocabulary of one content version: every word that the
// passages, phrasings, topics and the thesaurus hold, its stem, and the
// concepts that it stands for. Words, stems and concepts have ids.
type lexicon struct {
	Words     dictionary   // surface forms
	Known     []word       // of each word
	Stems     dictionary   //
	Concepts  []string     // names
	Phrases   rows[phrase] // of each stem, those that begin with it
	Rest      []int32      // stems of the phrases behind their first, one after another
	Ambiguous []bool       // of each phrase: it names nothing by itself
	Ngrams    rows[int32]  // of each word that is no stop word, its character n-grams
	NgramIDs  numbering

	typos       map[string]int32  // of phrasings, only there while training
	corrector   func() *corrector // made when the first unknown word comes up
	stemKeys    []uint32          // of each stem
	conceptKeys []uint32          // of each concept
}

// word is what is known of one surface form.
type word struct {
	Stem  int32
	Count int32 // how often it occurs in the content
	Stop  bool
}

// phrase is a thesaurus entry: the stems that follow its first, and its concept.
type phrase struct {
	From, To int32 // of Rest
	Concept  int32
	ID       int32
}

// stopWords holds the words that say little about what a question is about. The
// words that tell FAQ entries apart (not, no, when, how, before, after, why,
// long, much) are none of them.
var stopWords = wordSet(`a an the is are am was were be been being i me my mine we us our you your yours he him his she her hers it its they them their
		this that these those of to in on at by for with from as and or but if so then than too very just really please also there here
		do does did have has had having will would shall should can could may might must get got go going
		what which who whom whose any some all hi hello hey thanks thank ok okay oh well um er like know want need thing things one`)

func wordSet(list string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(list) {
		m[w] = true
	}
	return m
}

// vocabulary gathers words while a lexicon is made.
type vocabulary struct {
	ids        map[string]int32
	forms      []string
	known      []word
	stems      map[string]int32
	names      []string
	checkpoint *checkpoint // nil: there is none
}

// add notes that a word comes up so many times more.
func (v *vocabulary) add(w string, times int32) {
	id, ok := v.ids[w]
	if !ok {
		id = int32(len(v.forms))
		v.ids[w] = id
		v.forms = append(v.forms, w)
		v.known = append(v.known, word{Stem: v.stem(v.checkpoint.stemOf(w)), Stop: stopWords[w]})
	}
	v.known[id].Count += times
}

func (v *vocabulary) stem(stem string) int32 {
	id, ok := v.stems[stem]
	if !ok {
		id = int32(len(v.names))
		v.stems[stem] = id
		v.names = append(v.names, stem)
	}
	return id
}

// addTypos gives ids to the typos that share the stem of a word, so that a phrasing
// can be compared by their characters; no question is read as one of them.
func (v *vocabulary) addTypos(typos map[string]bool) map[string]int32 {
	ids := map[string]int32{}
	for _, w := range slices.Sorted(maps.Keys(typos)) {
		if stem, ok := v.stems[language.Stem(w)]; ok {
			ids[w] = int32(len(v.forms))
			v.forms = append(v.forms, w)
			v.known = append(v.known, word{Stem: stem})
		}
	}
	return ids
}

// newLexicon collects the vocabulary of a content version.
//
// Typos are looked for in phrasings, so not where hardly any were written.
func newLexicon(base *knowledge.Base, c *corpus, phrased bool, p *checkpoint) *lexicon {
	v := vocabulary{ids: make(map[string]int32, len(c.Forms)), stems: make(map[string]int32, len(c.Forms)/2), checkpoint: p}
	var buf []string
	var typos map[string]bool
	if phrased {
		typos = findTypos(base, c)
	}
	for i, w := range c.Forms {
		if !typos[w] {
			v.add(w, c.Counts[i])
		}
	}
	x := &lexicon{}
	numbers := map[string]int32{}
	var phrases []pair[phrase]
	byFirst := map[int32][]phrase{}
	add := func(name string, entries []string) {
		id, ok := numbers[name]
		if !ok {
			id = int32(len(x.Concepts))
			numbers[name] = id
			x.Concepts = append(x.Concepts, name)
		}
		for _, entry := range entries {
			buf = language.AppendWords(buf[:0], language.Normalise(entry))
			for _, w := range buf {
				v.add(w, 1)
			}
		}
		for _, entry := range entries {
			stems := v.joined(language.Words(language.Normalise(entry)))
			if len(stems) == 0 || len(stems) == 1 && stopWords[v.names[stems[0]]] {
				continue
			}
			rest := stems[1:]
			if slices.ContainsFunc(byFirst[stems[0]], func(q phrase) bool {
				return q.Concept == id && slices.Equal(x.Rest[q.From:q.To], rest)
			}) {
				continue
			}
			p := phrase{int32(len(x.Rest)), int32(len(x.Rest) + len(rest)), id, int32(len(phrases))}
			x.Rest = append(x.Rest, rest...)
			byFirst[stems[0]] = append(byFirst[stems[0]], p)
			phrases = append(phrases, pair[phrase]{stems[0], p})
		}
	}
	for _, c := range base.Thesaurus() {
		add(c.Name, c.Words)
	}
	for _, t := range base.Topics() {
		if len(t.Words) > 0 {
			add(topicConcept+t.ID, t.Words)
		}
	}
	for _, d := range base.Differences() {
		add(differenceConcept+d.About, d.Words)
	}
	x.Ambiguous = make([]bool, len(phrases))
	words := len(v.forms)
	x.typos = v.addTypos(typos)
	x.Words, x.Known, x.Stems = dictionaryOf(stringTableOf(v.forms), words), v.known, dictionaryOf(stringTableOf(v.names), len(v.names))
	x.Phrases = group(len(v.names), phrases)
	x.numberNgrams(len(x.Words.Words.Text))
	x.derive()
	return x
}

// derive makes what no snapshot keeps, as it follows from the rest.
func (x *lexicon) derive() {
	x.corrector = sync.OnceValue(func() *corrector { return newCorrector(x.counts()) })
	x.stemKeys, x.conceptKeys = make([]uint32, x.Stems.Words.len()), make([]uint32, len(x.Concepts))
	for i := range x.stemKeys {
		x.stemKeys[i] = textKey(x.Stems.Words.at(int32(i)))
	}
	for i, name := range x.Concepts {
		x.conceptKeys[i] = textKey(name)
	}
}

// counts gives the words and how often each occurs in the content.
func (x *lexicon) counts() iter.Seq2[string, int32] {
	return func(yield func(string, int32) bool) {
		for i := range x.Known {
			if x.Known[i].Count == 0 {
				continue
			}
			if !yield(x.Words.Words.at(int32(i)), x.Known[i].Count) {
				return
			}
		}
	}
}

// numberNgrams numbers the character n-grams of the words that are no stop words.
// There are at most so many different ones.
func (x *lexicon) numberNgrams(most int) {
	all := roomFor(most)
	x.Ngrams = rowsFor[int32](len(x.Known), len(x.Words.Words.Text)) // a word has fewer n-grams than letters
	var keys []uint64
	for i := range x.Known {
		if !x.Known[i].Stop {
			keys = appendNgrams(keys[:0], x.Words.Words.at(int32(i)))
			for _, key := range keys {
				x.Ngrams.Items = append(x.Ngrams.Items, all.add(shortened(key)))
			}
		}
		x.Ngrams.add()
	}
	if x.NgramIDs = all; most > int(all.Count) {
		x.NgramIDs = numberingOf(all.keys())
	}
}

// findTypos gives the words of phrasings that are typos: no English words, none
// of the passages or the thesaurus, seldom used, and near to a word that is
// used more. People write phrasings with typos, and a typo that were learnt as
// a word would never be corrected in a question.
func findTypos(base *knowledge.Base, c *corpus) map[string]bool {
	const seldom, times = 12, 10 // used less than that, and the other word so many times as often
	uses, others := countUses(base, c, seldom)
	may := make([]bool, len(c.Forms)) // be typos
	for i, w := range c.Forms {
		may[i] = uses[i] < seldom && len(w) >= 3 && w[0] > '9' && !language.IsEnglish(w)
	}
	known := func(least int32) iter.Seq2[string, int32] {
		return func(yield func(string, int32) bool) {
			for i, w := range c.Forms {
				if !may[i] && uses[i] >= least && !yield(w, uses[i]) {
					return
				}
			}
			for w, n := range others {
				if n >= least && !yield(w, n) {
					return
				}
			}
		}
	}
	typos := map[string]bool{}
	often, all := newCorrector(known(times)), newCorrector(known(0))
	for i, w := range c.Forms {
		if !may[i] {
			continue
		}
		score, ok := often.typoOf(w)
		if !ok {
			continue // most are near no word that is used enough, so only few are compared with every word
		}
		to, edits, ok := all.correctAbove(w, score-slack)
		if !ok || edits > maxTypo/float64(edit) {
			continue
		}
		usual := others[to]
		if id, ok := c.ids[to]; ok {
			usual = uses[id]
		}
		if usual >= times*uses[i] {
			typos[w] = true
		}
	}
	return typos
}

// countUses counts the words of the corpus, and of the others those of passages,
// topics and the thesaurus. A use in these, where no typos are expected, counts
// so many more times.
func countUses(base *knowledge.Base, c *corpus, more int32) (uses []int32, others map[string]int32) {
	uses, others = slices.Clone(c.Counts), map[string]int32{}
	var buf []string
	count := func(t string) {
		buf = language.AppendWords(buf[:0], language.Normalise(t))
		for _, w := range buf {
			if id, ok := c.ids[w]; ok {
				uses[id] += more
			} else {
				others[w] += more
			}
		}
	}
	for _, t := range base.Thesaurus() {
		for _, w := range t.Words {
			count(w)
		}
	}
	for _, t := range base.Topics() {
		for _, w := range t.Words {
			count(w)
		}
	}
	for _, p := range base.Passages() {
		count(p.Title)
		count(p.Text)
	}
	return uses, others
}

// topicConcept begins the name of a concept made of a declined topic's words.
const topicConcept = "topic "

// differenceConcept begins the name of a concept made of a difference's words.
const differenceConcept = "difference "

// phraseCounts counts, for each phrase of the thesaurus, the texts that hold it, and
// those of them that are of passages.
type phraseCounts struct{ all, passages []int }

func newPhraseCounts(x *lexicon) phraseCounts {
	return phraseCounts{make([]int, len(x.Ambiguous)), make([]int, len(x.Ambiguous))}
}

func (t *phraseCounts) add(q *query, passage bool) {
	for _, p := range q.phrases {
		if p < 0 {
			continue
		}
		t.all[p]++
		if passage {
			t.passages[p]++
		}
	}
}

// markAmbiguous marks the phrases that people also use when they ask about a passage,
// so that they do not name a declined topic by themselves: "sat" may be an
// exam, but seldom is.
func (t *phraseCounts) markAmbiguous(x *lexicon) {
	const share = 0.1 // of the phrasings that hold it
	for p := range x.Ambiguous {
		x.Ambiguous[p] = float64(t.passages[p]) > share*float64(t.all[p])
	}
}

// joinable reports whether two words may be looked for as one.
func joinable(a, b string) bool { return longEnough(a, b) && !bothStop(a, b) }

func longEnough(a, b string) bool { return len(a) >= 2 && len(b) >= 2 && len(a)+len(b) >= 5 }

func bothStop(a, b string) bool { return stopWords[a] && stopWords[b] }

// joins gives the word of the content that two words are when written as one.
func (x *lexicon) joins(a, b string) (int32, bool) {
	if !longEnough(a, b) {
		return -1, false
	}
	id, ok := x.Words.findJoint(a, b) // seldom, so the rest is looked at last
	if !ok || bothStop(a, b) {
		return -1, false
	}
	return id, true
}

// joined gives the stems of known words, with those that are written as one
// in the content joined.
func (v *vocabulary) joined(words []string) []int32 {
	var out []int32
	for i := 0; i < len(words); i++ {
		w := words[i]
		if i+1 < len(words) && joinable(w, words[i+1]) {
			if _, ok := v.ids[w+words[i+1]]; ok {
				w += words[i+1]
				i++
			}
		}
		out = append(out, v.known[v.ids[w]].Stem)
	}
	return out
}
