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
// concepts that it stands for. Words, stems and concepts are numbered.
type lexicon struct {
	Words    dictionary   // surface forms
	Known    []word       // of each word
	Stems    dictionary   //
	Concepts []string     // names
	Phrases  rows[phrase] // of each stem, those that begin with it
	Rest     []int32      // stems of the phrases behind their first, one after another
	Loose    []bool       // of each phrase: it names nothing by itself
	Grams    rows[int32]  // of each word that is no stop word, its character n-grams
	GramIDs  numbering

	slips       map[string]int32 // misspelt words of phrasings, only there while learning
	speller     func() *speller  // made when the first word is misspelt
	stemKeys    []uint32         // of each stem
	conceptKeys []uint32         // of each concept
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

// stop holds the words that say little about what a question is about. The
// words that tell FAQ entries apart (not, no, when, how, before, after, why,
// long, much) are none of them.
var stop = wordSet(`a an the is are am was were be been being i me my mine we us our you your yours he him his she her hers it its they them their
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
	ids   map[string]int32
	forms []string
	known []word
	stems map[string]int32
	names []string
	past  *past // nil: there is none
}

// learn notes that a word comes up so many times more.
func (v *vocabulary) learn(w string, times int32) {
	id, ok := v.ids[w]
	if !ok {
		id = int32(len(v.forms))
		v.ids[w] = id
		v.forms = append(v.forms, w)
		v.known = append(v.known, word{Stem: v.stem(v.past.stemOf(w)), Stop: stop[w]})
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

// hide numbers the slips that share the stem of a word, so that a phrasing
// can be compared by their characters; no question is read as one of them.
func (v *vocabulary) hide(slips map[string]bool) map[string]int32 {
	hidden := map[string]int32{}
	for _, w := range slices.Sorted(maps.Keys(slips)) {
		if stem, ok := v.stems[language.Stem(w)]; ok {
			hidden[w] = int32(len(v.forms))
			v.forms = append(v.forms, w)
			v.known = append(v.known, word{Stem: stem})
		}
	}
	return hidden
}

// newLexicon collects the vocabulary of a content version.
//
// Slips are looked for in phrasings, so not where hardly any were written.
func newLexicon(base *knowledge.Base, c *corpus, phrased bool, p *past) *lexicon {
	v := vocabulary{ids: make(map[string]int32, len(c.Forms)), stems: make(map[string]int32, len(c.Forms)/2), past: p}
	var buf []string
	var slips map[string]bool
	if phrased {
		slips = misspelt(base, c)
	}
	for i, w := range c.Forms {
		if !slips[w] {
			v.learn(w, c.Counts[i])
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
				v.learn(w, 1)
			}
		}
		for _, entry := range entries {
			stems := v.joined(language.Words(language.Normalise(entry)))
			if len(stems) == 0 || len(stems) == 1 && stop[v.names[stems[0]]] {
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
	x.Loose = make([]bool, len(phrases))
	words := len(v.forms)
	x.slips = v.hide(slips)
	x.Words, x.Known, x.Stems = dictionaryOf(textsOf(v.forms), words), v.known, dictionaryOf(textsOf(v.names), len(v.names))
	x.Phrases = group(len(v.names), phrases)
	x.cutGrams(len(x.Words.Words.Text))
	x.ready()
	return x
}

// ready makes what is not kept but made anew from the rest.
func (x *lexicon) ready() {
	x.speller = sync.OnceValue(func() *speller { return newSpeller(x.counts()) })
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

// cutGrams numbers the character n-grams of the words that are no stop words.
// There are at most so many different ones.
func (x *lexicon) cutGrams(most int) {
	all := roomFor(most)
	x.Grams = rowsFor[int32](len(x.Known), len(x.Words.Words.Text)) // a word has fewer runs than letters
	var keys []uint64
	for i := range x.Known {
		if !x.Known[i].Stop {
			keys = appendGrams(keys[:0], x.Words.Words.at(int32(i)))
			for _, key := range keys {
				x.Grams.Items = append(x.Grams.Items, all.add(shortened(key)))
			}
		}
		x.Grams.add()
	}
	if x.GramIDs = all; most > int(all.Count) {
		x.GramIDs = numberingOf(all.keys())
	}
}

// misspelt gives the words of phrasings that are slips: no English words, none
// of the passages or the thesaurus, seldom used, and near to a word that is
// used more. People write phrasings with slips, and a slip that were learnt as
// a word would never be mended in a question.
func misspelt(base *knowledge.Base, c *corpus) map[string]bool {
	const seldom, times = 12, 10                               // used less than that, and the other word so many times as often
	uses, others := slices.Clone(c.Counts), map[string]int32{} // of the words of the corpus, and of others
	var buf []string
	count := func(t string) {
		buf = language.AppendWords(buf[:0], language.Normalise(t))
		for _, w := range buf {
			if id, ok := c.ids[w]; ok {
				uses[id] += seldom
			} else {
				others[w] += seldom
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
	may := make([]bool, len(c.Forms)) // be slips
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
	slips := map[string]bool{}
	often, all := newSpeller(known(times)), newSpeller(known(0))
	for i, w := range c.Forms {
		if !may[i] {
			continue
		}
		score, ok := often.slipOf(w)
		if !ok {
			continue // most are near no word that is used enough, so only few are compared with every word
		}
		to, edits, ok := all.mendBeyond(w, score-slack)
		if !ok || edits > slip/float64(edit) {
			continue
		}
		usual := others[to]
		if id, ok := c.ids[to]; ok {
			usual = uses[id]
		}
		if usual >= times*uses[i] {
			slips[w] = true
		}
	}
	return slips
}

// topicConcept begins the name of a concept made of a declined topic's words.
const topicConcept = "topic "

// differenceConcept begins the name of a concept made of a difference's words.
const differenceConcept = "difference "

// tally counts, for each phrase of the thesaurus, the texts that hold it, and
// those of them that are of passages.
type tally struct{ all, passages []int }

func newTally(x *lexicon) tally {
	return tally{make([]int, len(x.Loose)), make([]int, len(x.Loose))}
}

func (t *tally) add(r *reading, passage bool) {
	for _, p := range r.phrases {
		if p < 0 {
			continue
		}
		t.all[p]++
		if passage {
			t.passages[p]++
		}
	}
}

// loosen marks the phrases that people also use when they ask about a passage,
// so that they do not name a declined topic by themselves: "sat" may be an
// exam, but seldom is.
func (t *tally) loosen(x *lexicon) {
	const share = 0.1 // of the phrasings that hold it
	for p := range x.Loose {
		x.Loose[p] = float64(t.passages[p]) > share*float64(t.all[p])
	}
}

// joinable reports whether two words may be looked for as one.
func joinable(a, b string) bool { return longEnough(a, b) && !bothStop(a, b) }

func longEnough(a, b string) bool { return len(a) >= 2 && len(b) >= 2 && len(a)+len(b) >= 5 }

func bothStop(a, b string) bool { return stop[a] && stop[b] }

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
