package index

import (
	bleveindex "github.com/blevesearch/bleve_index_api"

	"github.com/aftercarebot/aftercare/knowledge/language"
)

// field is the name of the one field of a document.
const field = "text"

// bag is the one field of a document as bleve takes it: the stems of all texts
// of a class and how often each comes up. Stop words are those of this
// package, which keep what tells FAQ entries apart.
type bag struct {
	stems  bleveindex.TokenFrequencies
	length int
}

func (b *bag) Name() string                                          { return field }
func (b *bag) Value() []byte                                         { return nil }
func (b *bag) ArrayPositions() []uint64                              { return nil }
func (b *bag) EncodedFieldType() byte                                { return 't' }
func (b *bag) Analyze()                                              {} // it was when it was made
func (b *bag) Options() bleveindex.FieldIndexingOptions              { return bleveindex.IndexField }
func (b *bag) AnalyzedLength() int                                   { return b.length }
func (b *bag) AnalyzedTokenFrequencies() bleveindex.TokenFrequencies { return b.stems }
func (b *bag) NumPlainTextBytes() uint64                             { return 0 }
func (b *bag) Size() int                                             { return 0 } // bleve only reports it

// counter makes bags.
type counter struct {
	stem  []int32  // of each word of the corpus; -1: a stop word
	stems []string // of the lexicon, and then those of typos alone
	terms [][]byte // the same for bleve, which only reads them
	count []int    // of each stem, zero between two bags
	held  []int32  // the stems of the bag that is being made
}

func newCounter(x *lexicon, c *corpus) *counter {
	b := &counter{stem: make([]int32, len(c.Forms)), stems: x.Stems.Words.list()}
	others := map[string]int32{}
	for i, w := range c.Forms {
		if stopWords[w] {
			b.stem[i] = -1
			continue
		}
		if id, ok := x.Words.find(w); ok {
			b.stem[i] = x.Known[id].Stem
			continue
		}
		stem := language.Stem(w)
		id, ok := x.Stems.find(stem)
		if !ok {
			id, ok = others[stem]
		}
		if !ok {
			id = int32(len(b.stems))
			others[stem] = id
			b.stems = append(b.stems, stem)
		}
		b.stem[i] = id
	}
	b.count, b.terms = make([]int, len(b.stems)), make([][]byte, len(b.stems))
	for i, stem := range b.stems {
		b.terms[i] = []byte(stem)
	}
	return b
}

// bag counts n texts from number first on.
func (b *counter) bag(c *corpus, first, n int) *bag {
	length := 0
	for _, word := range c.Texts.Items[c.Texts.Start[first]:c.Texts.Start[first+n]] {
		if stem := b.stem[word]; stem >= 0 {
			if b.count[stem] == 0 {
				b.held = append(b.held, stem)
			}
			b.count[stem]++
			length++
		}
	}
	out := &bag{make(bleveindex.TokenFrequencies, len(b.held)), length}
	list := make([]bleveindex.TokenFreq, len(b.held))
	for i, stem := range b.held {
		list[i].Term = b.terms[stem]
		list[i].SetFrequency(b.count[stem])
		out.stems[b.stems[stem]] = &list[i]
		b.count[stem] = 0
	}
	b.held = b.held[:0]
	return out
}
