package index

import "slices"

// examples are what the linear model learns from: the properties of all
// phrasings and texts, class by class.
type examples struct {
	Features rows[feature] // of each
	Class    []int32
	Weight   []float32
	pairs    numbering // of pairs of neighbours; while they are gathered
	keys     []uint32  // of those, in their order
	grams    int32     // where the numbers of runs of characters begin
	first    int32     // where those of pairs begin
	past     *past     // nil: there is none
	seen     []bool    // of each: the past holds it
	fresh    int       // how many it does not hold
}

// textWeight is how much a sentence of a passage counts as an example beside
// a phrasing, which says what people ask.
const textWeight = 0.5

// newExamples has room for what c holds.
func newExamples(x *lexicon, c *corpus, of []int32, classes []class) *examples {
	n := len(c.Texts.Start) - 1
	s := &examples{Class: of, grams: x.spaces().Grams, first: x.spaces().Pairs, Weight: make([]float32, 0, n), Features: rows[feature]{Start: make([]int32, 1, n+1)}}
	s.pairs = roomFor(2 * (len(c.Texts.Items) + n)) // two kinds of pairs, at each word and at the end
	room := 0                                       // at most
	for i, w := range c.Forms {
		if stop[w] {
			room += int(c.Counts[i]) * 4 // none of its runs of characters
			continue
		}
		room += int(c.Counts[i]) * (len(w) + 4)
	}
	s.Features.Items = make([]feature, 0, room+n)
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

// compare notes whether the past holds the last example.
func (s *examples) compare(x *lexicon, keys []uint64, words, tokens []int32) {
	i := len(s.seen)
	s.seen = append(s.seen, s.past.seen[x.fingerprint(keys, s.Class[i], words, tokens)])
	if !s.seen[i] {
		s.fresh++
	}
}

// sort numbers pairs in the order of their keys, which takes the least room to keep.
func (s *examples) sort() {
	sorted := make([]uint64, 0, s.pairs.Count) // each key with its number until now behind it
	for _, slot := range s.pairs.Slots {
		if slot.id > 0 {
			sorted = append(sorted, uint64(slot.key)<<32|uint64(slot.id-1))
		}
	}
	slices.Sort(sorted)
	place := make([]int32, len(sorted)) // of each number until now
	s.keys, s.pairs = make([]uint32, len(sorted)), numbering{}
	for i, v := range sorted {
		s.keys[i], place[uint32(v)] = uint32(v>>32), int32(i)
	}
	for i := range s.Features.Items {
		if f := &s.Features.Items[i]; f.row >= s.first {
			f.row = s.first + place[f.row-s.first]
		}
	}
}

// study trains a linear model on the examples.
func (s *examples) study(x *lexicon, classes int) *linear {
	s.sort()
	t := newTraining(s, classes)
	if s.past != nil && float64(s.fresh) <= (1-familiar)*float64(len(s.Class)) {
		t.recall(s.past, x, s)
		t.resume(s)
	} else {
		t.learn(s)
	}
	return t.done()
}
