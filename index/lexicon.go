package index

import (
	"slices"
	"strings"

	"github.com/aftercarebot/aftercare/knowledge"
	"github.com/aftercarebot/aftercare/knowledge/language"
)

// lexicon is the vocabulary of one content version: every word that the
// passages, phrasings, topics and the thesaurus hold, its stem, and the
// concepts that it stands for.
type lexicon struct {
	words    map[string]word // by surface form
	stems    map[string]int32
	names    []string           // of the stems, by id
	concepts []string           // names
	phrases  map[int32][]phrase // by the stem that they begin with
	loose    []bool             // of each phrase: it names nothing by itself
	speller  speller
}

// word is what is known of one surface form.
type word struct {
	stem  int32
	count int32 // how often it occurs in the content
}

// phrase is a thesaurus entry: the stems that follow its first, and its concept.
type phrase struct {
	rest    []int32
	concept int32
	id      int32
}

// stop holds the words that say little about what a question is about. The
// words that tell FAQ entries apart (not, no, when, how, before, after, why,
// long, much) are none of them.
var stop = func() map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(`a an the is are am was were be been being i me my mine we us our you your yours he him his she her hers it its they them their
		this that these those of to in on at by for with from as and or but if so then than too very just really please also there here
		do does did have has had having will would shall should can could may might must get got go going
		what which who whom whose any some all hi hello hey thanks thank ok okay oh well um er like know want need thing things one`) {
		m[w] = true
	}
	return m
}()

// newLexicon collects the vocabulary of a content version.
func newLexicon(base *knowledge.Base, texts []string) *lexicon {
	x := &lexicon{words: map[string]word{}, stems: map[string]int32{}, phrases: map[int32][]phrase{}}
	slips := misspelt(base, texts)
	var buf []string
	for _, t := range texts {
		buf = language.AppendWords(buf[:0], language.Normalise(t))
		for _, w := range buf {
			if !slips[w] {
				x.learn(w)
			}
		}
	}
	concepts := map[string]int32{}
	add := func(name string, entries []string) {
		id, ok := concepts[name]
		if !ok {
			id = int32(len(x.concepts))
			concepts[name] = id
			x.concepts = append(x.concepts, name)
		}
		for _, entry := range entries {
			for _, w := range language.Words(language.Normalise(entry)) {
				x.learn(w)
			}
		}
		for _, entry := range entries {
			stems := x.joined(language.Words(language.Normalise(entry)))
			if len(stems) == 0 || len(stems) == 1 && stop[x.names[stems[0]]] {
				continue
			}
			p := phrase{rest: stems[1:], concept: id, id: int32(len(x.loose))}
			if !slices.ContainsFunc(x.phrases[stems[0]], func(q phrase) bool { return q.concept == id && slices.Equal(q.rest, p.rest) }) {
				x.phrases[stems[0]] = append(x.phrases[stems[0]], p)
				x.loose = append(x.loose, false)
			}
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
	x.speller = newSpeller(x.words)
	return x
}

// misspelt gives the words of phrasings that are slips: no English words, none
// of the passages or the thesaurus, seldom used, and near to a word that is
// used more. People write phrasings with slips, and a slip that were learnt as
// a word would never be mended in a question.
func misspelt(base *knowledge.Base, texts []string) map[string]bool {
	const seldom, times = 12, 10 // used less than that, and the other word so many times as often
	known := map[string]word{}
	count := func(t string, weight int32) {
		for _, w := range language.Words(language.Normalise(t)) {
			k := known[w]
			k.count += weight
			known[w] = k
		}
	}
	for _, t := range texts {
		count(t, 1)
	}
	for _, c := range base.Thesaurus() {
		for _, t := range c.Words {
			count(t, seldom)
		}
	}
	for _, t := range base.Topics() {
		for _, w := range t.Words {
			count(w, seldom)
		}
	}
	for _, p := range base.Passages() {
		count(p.Title, seldom)
		count(p.Text, seldom)
	}
	slips := map[string]bool{}
	for w, k := range known {
		if k.count < seldom && len(w) >= 3 && w[0] > '9' && !language.IsEnglish(w) {
			slips[w] = true
		}
	}
	counts := map[string]int32{}
	for w := range slips {
		counts[w] = known[w].count
		delete(known, w)
	}
	speller := newSpeller(known)
	for w := range slips {
		if to, edits, ok := speller.mend(w); !ok || edits > 1.4 || known[to].count < times*counts[w] {
			delete(slips, w)
		}
	}
	return slips
}

// topicConcept begins the name of a concept made of a declined topic's words.
const topicConcept = "topic "

// differenceConcept begins the name of a concept made of a difference's words.
const differenceConcept = "difference "

// loosen marks the phrases that people also use when they ask about a passage,
// so that they do not name a declined topic by themselves: "sat" may be an
// exam, but seldom is.
func (x *lexicon) loosen(readings []reading, passages func(i int) bool) {
	all, asked := make([]int, len(x.loose)), make([]int, len(x.loose))
	for i := range readings {
		for _, p := range readings[i].phrases {
			if p < 0 {
				continue
			}
			all[p]++
			if passages(i) {
				asked[p]++
			}
		}
	}
	const share = 0.1 // of the phrasings that hold it
	for p := range x.loose {
		x.loose[p] = float64(asked[p]) > share*float64(all[p])
	}
}

func (x *lexicon) learn(w string) {
	known, ok := x.words[w]
	if !ok {
		known.stem = x.stemID(language.Stem(w))
	}
	known.count++
	x.words[strings.Clone(w)] = known
}

func (x *lexicon) stemID(stem string) int32 {
	id, ok := x.stems[stem]
	if !ok {
		id = int32(len(x.names))
		stem = strings.Clone(stem)
		x.stems[stem] = id
		x.names = append(x.names, stem)
	}
	return id
}

// joins reports whether two words are written as one in the content.
func (x *lexicon) joins(a, b string) (string, bool) {
	if len(a) < 2 || len(b) < 2 || len(a)+len(b) < 5 || stop[a] && stop[b] {
		return "", false
	}
	var buf [2 * 40]byte
	joint := append(append(buf[:0], a...), b...)
	if _, ok := x.words[string(joint)]; ok {
		return string(joint), true
	}
	return "", false
}

// joined gives the stems of known words, with those that are written as one
// in the content joined.
func (x *lexicon) joined(words []string) []int32 {
	var out []int32
	for i := 0; i < len(words); i++ {
		w := words[i]
		if i+1 < len(words) {
			if joint, ok := x.joins(w, words[i+1]); ok {
				w = joint
				i++
			}
		}
		out = append(out, x.words[w].stem)
	}
	return out
}
