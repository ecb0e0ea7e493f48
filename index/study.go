package index

import "slices"

// examples are what the linear model learns from: the properties of all
// phrasings and texts, class by class.
type examples struct {
	Features rows[feature] // of each
	Class    []int32
	Weight   []float32
	pairs    numbering // of pairs of neighbours
	first    int32     // where their numbers begin
}

// textWeight is how much a sentence of a passage counts as an example beside
// a phrasing, which says what people ask.
const textWeight = 0.5

// newExamples has room for what c holds.
func newExamples(x *lexicon, c *corpus, of []int32, classes []class) *examples {
	n := len(c.Texts.Start) - 1
	s := &examples{Class: of, first: x.spaces().Pairs, Weight: make([]float32, 0, n), Features: rows[feature]{Start: make([]int32, 1, n+1)}}
	s.pairs = roomFor(2 * (len(c.Texts.Items) + n)) // two kinds of pairs, at each word and at the end
	for _, c := range classes {
		for range c.phrasings {
			s.Weight = append(s.Weight, 1)
		}
		for range c.texts {
			s.Weight = append(s.Weight, textWeight)
		}
	}
	return s
}

func (s *examples) add(x *lexicon, r *reading) {
	s.Features.Items = x.features(s.Features.Items, r, func(key uint64) int32 { return s.pairs.add(shortened(key)) })
	s.Features.Start = append(s.Features.Start, int32(len(s.Features.Items)))
}

// sort numbers pairs in the order of their keys, which takes the least room to keep.
func (s *examples) sort() {
	keys := s.pairs.keys()
	place := make([]int32, len(keys)) // of each number until now
	slices.Sort(keys)
	sorted := numberingOf(keys)
	for at, id := range s.pairs.IDs {
		if id > 0 {
			place[id-1] = sorted.find(uint64(s.pairs.Keys[at]) << 32)
		}
	}
	for i := range s.Features.Items {
		if f := &s.Features.Items[i]; f.row >= s.first {
			f.row = s.first + place[f.row-s.first]
		}
	}
	s.pairs = sorted
}

// study trains a linear model on the examples.
func (s *examples) study(classes int) *linear {
	s.sort()
	t := newTraining(s, classes)
	t.learn(s)
	return t.done()
}
