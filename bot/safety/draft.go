package safety

import (
	"fmt"
	"math"
	"slices"

	"github.com/aftercarebot/aftercare/knowledge"
)

// draft is a phrasebook in the making, while patterns are turned into symbols.
type draft struct {
	phrasebook                // without meanings
	uses       []use          // in order
	from       []int          // of each cue and lexicon, where its uses begin
	joined     table          // from the words of phrases to their numbers
	lexicons   map[string]int // name to symbol

	groups []group // room for those of all patterns
	items  []int   // and for their items
}

// use says that a phrase stands for a symbol.
type use struct{ phrase, symbol int32 }

// newDraft begins with the cues and the lexicons.
func newDraft(content knowledge.Safety) *draft {
	d := &draft{lexicons: make(map[string]int, len(content.Lexicons))}
	d.makeRoom(content)
	for i, list := range listsOf(content.Cues) {
		d.name(symbol{name: [cues]string{"not", "spared", "general", "present", "over", "figure"}[i]}, list)
	}
	for _, x := range content.Lexicons {
		d.lexicons[x.Name] = d.name(symbol{name: x.Name, place: x.Place}, x.Phrases)
	}
	d.named = len(d.symbols)
	return d
}

// listsOf gives the phrases of each cue, in the order of their symbols.
func listsOf(c knowledge.Cues) [cues][]knowledge.Phrase {
	return [cues][]knowledge.Phrase{c.Negation, c.Spared, c.General, c.Present, c.Resolved, c.Figures}
}

// makeRoom foresees how much there is to be.
func (d *draft) makeRoom(content knowledge.Safety) {
	phrases, groups, items := 0, 0, 0
	choices := func(list []knowledge.Choice) {
		items += len(list)
		for i := range list {
			phrases += len(list[i].Phrases)
		}
	}
	for _, list := range listsOf(content.Cues) {
		phrases += len(list)
	}
	for _, x := range content.Lexicons {
		phrases += len(x.Phrases)
	}
	for _, sign := range content.Signs {
		for _, list := range [][]knowledge.Pattern{sign.Patterns, sign.Hints} {
			for i := range list {
				choices(list[i].Not)
				groups += len(list[i].Groups)
				for _, g := range list[i].Groups {
					choices(g.Items)
				}
			}
		}
	}
	d.phrases, d.joined, d.toSecond = make([]phrase, 0, phrases), newTable(phrases), newTable(0)
	d.uses = make([]use, 0, phrases+phrases/2+phrases/8) // lexicons are used more than once
	d.symbols = make([]symbol, 0, cues+len(content.Lexicons)+items)
	d.groups, d.items = make([]group, 0, groups), make([]int, 0, items)
}

// name makes a symbol of a cue or a lexicon.
func (d *draft) name(s symbol, list []knowledge.Phrase) int {
	id := len(d.symbols)
	d.symbols = append(d.symbols, s)
	d.from = append(d.from, len(d.uses))
	d.add(id, list)
	return id
}

// add makes phrases stand for a symbol.
func (d *draft) add(id int, list []knowledge.Phrase) {
	for i := range list {
		d.uses = append(d.uses, use{d.number(list[i].Words), int32(id)})
	}
	d.symbols[id].phrases += len(list)
}

// addNamed makes the phrases of a cue or a lexicon stand for another symbol, too.
func (d *draft) addNamed(id, named int) {
	n := d.symbols[named].phrases
	for _, u := range d.uses[d.from[named]:][:n] {
		d.uses = append(d.uses, use{u.phrase, int32(id)})
	}
	d.symbols[id].phrases += n
}

// number gives the number of the phrase of these words.
func (d *draft) number(words []knowledge.Word) int32 {
	var h uint64
	for _, w := range words {
		h = (h + hashWord(w.Form) + uint64(w.Kind)) * powers[1]
	}
	if id := d.joined.find(h, func(id int32) bool { return slices.Equal(d.phrases[id].words, words) }); id >= 0 {
		return id
	}
	p := phrase{words: words, second: noSecond}
	if len(words) > 1 {
		p.second = anySecond
		if w := words[1]; w.Kind == knowledge.AnyForm {
			p.second = d.second(w.Form)
		}
	}
	id := int32(len(d.phrases))
	d.phrases = append(d.phrases, p)
	d.joined.enter(h, id)
	return id
}

// second numbers a stem that is second in a phrase. When entries have no room
// for more numbers, the others are as any.
func (d *draft) second(stem string) int32 {
	if id := d.secondOf(stem); id >= 0 {
		return int32(id)
	}
	id := int32(len(d.seconds))
	if id > math.MaxInt16 {
		return anySecond
	}
	d.seconds = append(d.seconds, stem)
	if shiftFor(len(d.seconds)) == d.toSecond.shift {
		d.toSecond.enter(hashWord(stem), id)
		return id
	}
	d.toSecond = newTable(len(d.seconds))
	for i, stem := range d.seconds {
		d.toSecond.enter(hashWord(stem), int32(i))
	}
	return id
}

// compile turns a pattern's choices into symbols. A choice of one lexicon is
// that lexicon.
func (d *draft) compile(p *knowledge.Pattern) (pattern, error) {
	out := pattern{file: p.File, line: p.Line}
	var err error
	if out.not, err = d.choices(p.Not); err != nil {
		return out, err
	}
	from := len(d.groups)
	for _, g := range p.Groups {
		items, err := d.choices(g.Items)
		if err != nil {
			return out, err
		}
		d.groups = append(d.groups, group{near: g.Near, items: items, gaps: g.Gaps})
	}
	out.groups = slices.Clip(d.groups[from:])
	return out, nil
}

// choices gives the symbols of a pattern's items.
func (d *draft) choices(list []knowledge.Choice) ([]int, error) {
	from := len(d.items)
	for i := range list {
		id, err := d.choice(&list[i])
		if err != nil {
			return nil, err
		}
		d.items = append(d.items, id)
	}
	return slices.Clip(d.items[from:]), nil
}

// choice gives the symbol of a pattern's item.
func (d *draft) choice(c *knowledge.Choice) (int, error) {
	if len(c.Lexicons) == 1 && len(c.Phrases) == 0 {
		if id, ok := d.lexicons[c.Lexicons[0]]; ok {
			return id, nil
		}
	}
	id := len(d.symbols)
	d.symbols = append(d.symbols, symbol{})
	d.add(id, c.Phrases)
	for _, name := range c.Lexicons {
		named, ok := d.lexicons[name]
		if !ok {
			return 0, fmt.Errorf("there is no lexicon <%s>", name)
		}
		d.symbols[id].place = d.symbols[named].place && len(c.Phrases) == 0
		d.addNamed(id, named)
	}
	return id, nil
}
