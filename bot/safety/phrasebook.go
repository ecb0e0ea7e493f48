package safety

import (
	"cmp"
	"slices"
	"strings"
	"sync"

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
	second   int32 // as in its start
}

// phrasebook is the phrases that a reader finds. It never changes.
type phrasebook struct {
	symbols  []symbol
	named    int // the cues and the lexicons, which come first
	phrases  []phrase
	meanings []int32  // the symbols of each phrase
	seconds  []string // stems that are second in a phrase, by number
	toSecond table
	openings func() *openings // made with the first word whose starts are not known
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

// secondOf gives the number of a stem that is second in some phrase, or noStem.
func (b *phrasebook) secondOf(stem string) int16 {
	if id := b.toSecond.find(hashWord(stem), func(id int32) bool { return b.seconds[id] == stem }); id >= 0 {
		return int16(id)
	}
	return noStem
}

// meaningsOf gives the symbols that a phrase stands for.
func (b *phrasebook) meaningsOf(p *phrase) []int32 { return b.meanings[p.from:p.to] }

// startsOf appends the phrases that a word may begin.
func (b *phrasebook) startsOf(out []start, form, stem string) []start {
	b.begunBy(form, stem, func(number int32) { out = b.appendStarts(out, number) })
	return out
}

// appendStarts appends the starts of one phrase.
func (b *phrasebook) appendStarts(out []start, number int32) []start {
	p := &b.phrases[number]
	if p.second != noSecond {
		return append(out, start{p.second, number})
	}
	for _, symbol := range b.meaningsOf(p) {
		out = append(out, start{noSecond, symbol})
	}
	return out
}

// begunBy gives the numbers of the phrases that a word may begin.
func (b *phrasebook) begunBy(form, stem string, yield func(int32)) {
	o := b.openings()
	for i := o.first[knowledge.AnyForm][stem]; i > 0; i = o.next[i-1] {
		yield(i - 1)
	}
	for i := o.first[knowledge.Exactly][form]; i > 0; i = o.next[i-1] {
		yield(i - 1)
	}
	if len(form) < o.shortest {
		return
	}
	for i := o.first[knowledge.Beginning][form[:o.shortest]]; i > 0; i = o.next[i-1] {
		if strings.HasPrefix(form, b.phrases[i-1].words[0].Form) {
			yield(i - 1)
		}
	}
}

// openings leads from first words to phrases.
type openings struct {
	// first holds 1 + the number of the first phrase that has such a first
	// word; those whose first word is a Beginning by the letters that the
	// shortest such has.
	first    [3]map[string]int32
	next     []int32 // of each phrase, 1 + the number of the next such one; 0: there is none
	shortest int
}

func newOpenings(phrases []phrase) *openings {
	o := &openings{next: make([]int32, len(phrases)), shortest: 99}
	for kind := range o.first {
		o.first[kind] = map[string]int32{}
	}
	var beginnings []int
	for i := range phrases {
		if w := phrases[i].words[0]; w.Kind == knowledge.Beginning {
			beginnings = append(beginnings, i)
			o.shortest = min(o.shortest, len(w.Form))
		}
	}
	slices.SortStableFunc(beginnings, func(a, b int) int { // shorter ones first
		x, y := phrases[a].words[0].Form, phrases[b].words[0].Form
		return cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(x, y))
	})
	put := func(kind knowledge.WordKind, form string, i int) { // in front of what is there
		o.next[i] = o.first[kind][form]
		o.first[kind][form] = int32(i) + 1
	}
	for i := len(phrases) - 1; i >= 0; i-- {
		if w := phrases[i].words[0]; w.Kind != knowledge.Beginning {
			put(w.Kind, w.Form, i)
		}
	}
	for n := len(beginnings) - 1; n >= 0; n-- {
		i := beginnings[n]
		put(knowledge.Beginning, phrases[i].words[0].Form[:o.shortest], i)
	}
	return o
}

// newPhrasebook makes a phrasebook of what was drafted.
func newPhrasebook(d *draft) phrasebook {
	b := d.phrasebook
	b.meanings = make([]int32, len(d.uses))
	for _, u := range d.uses {
		b.phrases[u.phrase].to++
	}
	end := int32(0)
	for i := range b.phrases {
		p := &b.phrases[i]
		p.from, p.to, end = end, end, end+p.to
	}
	for _, u := range d.uses {
		p := &b.phrases[u.phrase]
		b.meanings[p.to] = u.symbol
		p.to++
	}
	b.openings = sync.OnceValue(func() *openings { return newOpenings(b.phrases) })
	return b
}
