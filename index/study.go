package index

import "slices"

// examples are what the linear model learns from: the properties of all
// phrasings and texts, class by class.
type examples struct {
	Features rows[feature] // of each
	Class    []int32
	Weight   []float32
	pairs    []uint32 // keys of pairs of neighbours: until they are sorted as they come up, and numbered so; then each once, in their order
	grams    int32    // where the numbers of character n-grams begin
	first    int32    // where those of pairs begin
	past     *past    // nil: there is none
	seen     []bool   // of each: the past holds it
	fresh    int      // how many it does not hold
}

// textWeight is how much a sentence of a passage counts as an example beside
// a phrasing, which says what people ask.
const textWeight = 0.5

// newExamples has room for what c holds.
func newExamples(x *lexicon, c *corpus, of []int32, classes []class) *examples {
	n := len(c.Texts.Start) - 1
	s := &examples{Class: of, grams: x.spaces().Grams, first: x.spaces().Pairs, Weight: make([]float32, 0, n), Features: rows[feature]{Start: make([]int32, 1, n+1)}}
	s.pairs = make([]uint32, 0, 2*(len(c.Texts.Items)+n)) // at most: two kinds, at each word and at the end
	room := 0                                             // at most
	for i, w := range c.Forms {
		if stop[w] {
			room += int(c.Counts[i]) * 4 // none of its character n-grams
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
	s.Features.Items = x.features(s.Features.Items, r, func(key uint64) int32 {
		s.pairs = append(s.pairs, shortened(key))
		return int32(len(s.pairs) - 1)
	})
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

// sort gives pairs the numbers that they have when each stands once in the
// order of the keys, which takes the least room to keep.
func (s *examples) sort() sortedKeys {
	raw := s.pairs
	s.pairs = slices.Compact(sorted(raw))
	r := sortedKeysOf(s.pairs)
	for i := range s.Features.Items {
		if f := &s.Features.Items[i]; f.row >= s.first {
			f.row = s.first + r.find(uint64(raw[f.row-s.first])<<32)
		}
	}
	return r
}

// sorted gives keys in their order, digit by digit from the last: of a quarter
// of a million in a fifth of the time that slices.Sort takes, which would be a
// tenth of what learning a changed guide does.
func sorted(keys []uint32) []uint32 {
	const digit = 11 // bits
	from, to := slices.Clone(keys), make([]uint32, len(keys))
	for shift := 0; shift < 32; shift += digit {
		var next [1 << digit]int32 // where the next key of this digit goes
		for _, key := range from {
			next[key>>shift%(1<<digit)]++
		}
		at := int32(0)
		for d, n := range next {
			next[d] = at
			at += n
		}
		for _, key := range from {
			d := key >> shift % (1 << digit)
			to[next[d]] = key
			next[d]++
		}
		from, to = to, from
	}
	return from
}

// study trains a linear model on the examples.
func (s *examples) study(x *lexicon, classes int) *linear {
	t := newTraining(s, s.sort(), classes)
	if s.past != nil && float64(s.fresh) <= (1-familiar)*float64(len(s.Class)) {
		t.recall(s.past, x, s)
		t.resume(s)
	} else {
		t.learn(s)
	}
	return t.done()
}
