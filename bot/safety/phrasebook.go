package safety

import (
	"cmp"
	"slices"
	"strings"

	"github.com/aftercarebot/aftercare/knowledge"
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
	words    []knowledge.Word
	from, to int32 // of phrasebook.meanings
	second   int32 // as in its candidate
}

// phrasebook is the phrases that an analyser finds. It never changes.
type phrasebook struct {
	symbols     []symbol
	named       int // the cues and the lexicons, which come first
	phrases     []phrase
	meanings    []int32  // the symbols of each phrase
	secondStems []string // stems that are second in a phrase, by id
	secondIDs   table
	index       func() *phraseIndex // made with the first word whose candidates are not known
}

// secondID gives the id of a stem that is second in some phrase, or noStem.
func (b *phrasebook) secondID(stem string) int16 {
	if id := b.secondIDs.find(hashWord(stem), func(id int32) bool { return b.secondStems[id] == stem }); id >= 0 {
		return int16(id)
	}
	return noStem
}

// meaningsOf gives the symbols that a phrase stands for.
func (b *phrasebook) meaningsOf(p *phrase) []int32 { return b.meanings[p.from:p.to] }

// appendCandidatesOf appends the phrases that a word may begin, as candidates.
func (b *phrasebook) appendCandidatesOf(out []candidate, form, stem string) []candidate {
	b.eachByFirst(form, stem, func(id int32) { out = b.appendCandidates(out, id) })
	return out
}

// appendCandidates appends the candidates of one phrase.
func (b *phrasebook) appendCandidates(out []candidate, id int32) []candidate {
	p := &b.phrases[id]
	if p.second != noSecond {
		return append(out, candidate{p.second, id})
	}
	for _, symbol := range b.meaningsOf(p) {
		out = append(out, candidate{noSecond, symbol})
	}
	return out
}

// eachByFirst yields the ids of the phrases whose first word a word may be.
func (b *phrasebook) eachByFirst(form, stem string, yield func(int32)) {
	x := b.index()
	for i := x.first[knowledge.AnyForm][stem]; i > 0; i = x.next[i-1] {
		yield(i - 1)
	}
	for i := x.first[knowledge.Exactly][form]; i > 0; i = x.next[i-1] {
		yield(i - 1)
	}
	if len(form) < x.shortest {
		return
	}
	for i := x.first[knowledge.Beginning][form[:x.shortest]]; i > 0; i = x.next[i-1] {
		if strings.HasPrefix(form, b.phrases[i-1].words[0].Form) {
			yield(i - 1)
		}
	}
}

// phraseIndex finds phrases by their first word.
type phraseIndex struct {
	// first holds 1 + the id of the first phrase that has such a first
	// word; those whose first word is a Beginning by the letters that the
	// shortest such has.
	first    [3]map[string]int32
	next     []int32 // of each phrase, 1 + the id of the next such one; 0: there is none
	shortest int
}

func newPhraseIndex(phrases []phrase) *phraseIndex {
	x := &phraseIndex{next: make([]int32, len(phrases)), shortest: 99}
	for kind := range x.first {
		x.first[kind] = map[string]int32{}
	}
	var beginnings []int
	for i := range phrases {
		if w := phrases[i].words[0]; w.Kind == knowledge.Beginning {
			beginnings = append(beginnings, i)
			x.shortest = min(x.shortest, len(w.Form))
		}
	}
	slices.SortStableFunc(beginnings, func(a, b int) int { // shorter ones first
		x, y := phrases[a].words[0].Form, phrases[b].words[0].Form
		return cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(x, y))
	})
	put := func(kind knowledge.WordKind, form string, i int) { // in front of what is there
		x.next[i] = x.first[kind][form]
		x.first[kind][form] = int32(i) + 1
	}
	for i := len(phrases) - 1; i >= 0; i-- {
		if w := phrases[i].words[0]; w.Kind != knowledge.Beginning {
			put(w.Kind, w.Form, i)
		}
	}
	for n := len(beginnings) - 1; n >= 0; n-- {
		i := beginnings[n]
		put(knowledge.Beginning, phrases[i].words[0].Form[:x.shortest], i)
	}
	return x
}
