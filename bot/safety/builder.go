package safety

import (
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/aftercarebot/aftercare/knowledge"
)

// builder builds a phrasebook, and turns patterns into symbols for it.
type builder struct {
	phrasebook                // without meanings
	uses       []use          // in order
	from       []int          // of each cue and lexicon, where its uses start
	phraseIDs  table          // from the words of phrases
	lexicons   map[string]int // name to symbol

	groups []group // those of all patterns share one array
	items  []int   // and so do their items
}

// use says that a phrase stands for a symbol.
type use struct{ phrase, symbol int32 }

// newBuilder makes a builder that has the cues and the lexicons.
func newBuilder(content knowledge.Safety) *builder {
	b := &builder{lexicons: make(map[string]int, len(content.Lexicons))}
	b.allocate(content)
	for i, list := range listsOf(content.Cues) {
		b.addSymbol(symbol{name: [cues]string{"negation", "spared", "general", "present", "resolved", "figure"}[i]}, list)
	}
	for _, x := range content.Lexicons {
		b.lexicons[x.Name] = b.addSymbol(symbol{name: x.Name, place: x.Place}, x.Phrases)
	}
	b.named = len(b.symbols)
	return b
}

// listsOf gives the phrases of each cue, in the order of their symbols.
func listsOf(c knowledge.Cues) [cues][]knowledge.Phrase {
	return [cues][]knowledge.Phrase{c.Negation, c.Spared, c.General, c.Present, c.Resolved, c.Figures}
}

// allocate makes room for all that there is to be.
func (b *builder) allocate(content knowledge.Safety) {
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
	b.phrases, b.phraseIDs, b.secondIDs = make([]phrase, 0, phrases), newTable(phrases), newTable(0)
	b.uses = make([]use, 0, phrases+phrases/2+phrases/8) // lexicons are used more than once
	b.symbols = make([]symbol, 0, cues+len(content.Lexicons)+items)
	b.groups, b.items = make([]group, 0, groups), make([]int, 0, items)
}

// addSymbol adds the symbol of a cue or a lexicon, and gives its id.
func (b *builder) addSymbol(s symbol, list []knowledge.Phrase) int {
	id := len(b.symbols)
	b.symbols = append(b.symbols, s)
	b.from = append(b.from, len(b.uses))
	b.addPhrases(id, list)
	return id
}

// addPhrases makes phrases stand for the symbol of an id.
func (b *builder) addPhrases(id int, list []knowledge.Phrase) {
	for i := range list {
		b.uses = append(b.uses, use{b.phraseID(list[i].Words), int32(id)})
	}
	b.symbols[id].phrases += len(list)
}

// copyPhrases makes the phrases of a lexicon, named, stand for another symbol, too.
func (b *builder) copyPhrases(id, named int) {
	n := b.symbols[named].phrases
	for _, u := range b.uses[b.from[named]:][:n] {
		b.uses = append(b.uses, use{u.phrase, int32(id)})
	}
	b.symbols[id].phrases += n
}

// phraseID gives the id of the phrase of these words, which it adds if it is new.
func (b *builder) phraseID(words []knowledge.Word) int32 {
	var h uint64
	for _, w := range words {
		h = (h + hashWord(w.Form) + uint64(w.Kind)) * powers[1]
	}
	if id := b.phraseIDs.find(h, func(id int32) bool { return slices.Equal(b.phrases[id].words, words) }); id >= 0 {
		return id
	}
	p := phrase{words: words, second: noSecond}
	if len(words) > 1 {
		p.second = anySecond
		if w := words[1]; w.Kind == knowledge.AnyForm {
			p.second = b.addSecond(w.Form)
		}
	}
	id := int32(len(b.phrases))
	b.phrases = append(b.phrases, p)
	b.phraseIDs.insert(h, id)
	return id
}

// addSecond gives the id of a stem that is second in a phrase, which it adds if
// it is new. When entries have no room for more ids, the others are as any.
func (b *builder) addSecond(stem string) int32 {
	if id := b.secondID(stem); id >= 0 {
		return int32(id)
	}
	id := int32(len(b.secondStems))
	if id > math.MaxInt16 {
		return anySecond
	}
	b.secondStems = append(b.secondStems, stem)
	if shiftFor(len(b.secondStems)) == b.secondIDs.shift {
		b.secondIDs.insert(hashWord(stem), id)
		return id
	}
	b.secondIDs = newTable(len(b.secondStems))
	for i, stem := range b.secondStems {
		b.secondIDs.insert(hashWord(stem), int32(i))
	}
	return id
}

// compile turns a pattern's choices into symbols. A choice of one lexicon is
// that lexicon.
func (b *builder) compile(p *knowledge.Pattern) (pattern, error) {
	out := pattern{file: p.File, line: p.Line}
	var err error
	if out.not, err = b.choices(p.Not); err != nil {
		return out, err
	}
	from := len(b.groups)
	for _, g := range p.Groups {
		items, err := b.choices(g.Items)
		if err != nil {
			return out, err
		}
		b.groups = append(b.groups, group{near: g.Near, items: items, gaps: g.Gaps})
	}
	out.groups = slices.Clip(b.groups[from:])
	return out, nil
}

// choices gives the symbols of a pattern's items.
func (b *builder) choices(list []knowledge.Choice) ([]int, error) {
	from := len(b.items)
	for i := range list {
		id, err := b.choice(&list[i])
		if err != nil {
			return nil, err
		}
		b.items = append(b.items, id)
	}
	return slices.Clip(b.items[from:]), nil
}

// choice gives the symbol of a pattern's item.
func (b *builder) choice(c *knowledge.Choice) (int, error) {
	if len(c.Lexicons) == 1 && len(c.Phrases) == 0 {
		if id, ok := b.lexicons[c.Lexicons[0]]; ok {
			return id, nil
		}
	}
	id := len(b.symbols)
	b.symbols = append(b.symbols, symbol{})
	b.addPhrases(id, c.Phrases)
	for _, name := range c.Lexicons {
		named, ok := b.lexicons[name]
		if !ok {
			return 0, fmt.Errorf("there is no lexicon <%s>", name)
		}
		b.symbols[id].place = b.symbols[named].place && len(c.Phrases) == 0
		b.copyPhrases(id, named)
	}
	return id, nil
}

// build makes the phrasebook.
func (b *builder) build() phrasebook {
	book := b.phrasebook
	book.meanings = make([]int32, len(b.uses))
	for _, u := range b.uses {
		book.phrases[u.phrase].to++
	}
	end := int32(0)
	for i := range book.phrases {
		p := &book.phrases[i]
		p.from, p.to, end = end, end, end+p.to
	}
	for _, u := range b.uses {
		p := &book.phrases[u.phrase]
		book.meanings[p.to] = u.symbol
		p.to++
	}
	book.index = sync.OnceValue(func() *phraseIndex { return newPhraseIndex(book.phrases) })
	return book
}
