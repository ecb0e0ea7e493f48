package index

import "slices"

// trainingSet holds the training examples of the linear model: the features of
// all phrasings and texts, class by class.
type trainingSet struct {
	Features    rows[feature] // of each
	Class       []int32
	Weight      []float32
	bigrams     []uint32    // keys of bigrams: until they are sorted as they come up, and numbered so; then each once, in their order
	firstNgram  int32       // where the numbers of character n-grams begin
	firstBigram int32       // where those of bigrams begin
	checkpoint  *checkpoint // nil: there is none
	seen        []bool      // of each: the checkpoint holds it
	fresh       int         // how many it does not hold
}

// textWeight is how much a sentence of a passage counts as an example beside
// a phrasing, which says what people ask.
const textWeight = 0.5

// newTrainingSet has room for what c holds.
func newTrainingSet(x *lexicon, c *corpus, of []int32, classes []class) *trainingSet {
	n := len(c.Texts.Start) - 1
	s := &trainingSet{Class: of, firstNgram: x.spaces().Ngrams, firstBigram: x.spaces().Bigrams, Weight: make([]float32, 0, n), Features: rows[feature]{Start: make([]int32, 1, n+1)}}
	s.bigrams = make([]uint32, 0, 2*(len(c.Texts.Items)+n)) // at most: two kinds, at each word and at the end
	room := 0                                               // at most
	for i, w := range c.Forms {
		if stopWords[w] {
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

func (s *trainingSet) add(x *lexicon, q *query) {
	s.Features.Items = x.features(s.Features.Items, q, func(key uint64) int32 {
		s.bigrams = append(s.bigrams, shortened(key))
		return int32(len(s.bigrams) - 1)
	})
	s.Features.Start = append(s.Features.Start, int32(len(s.Features.Items)))
}

// markSeen notes whether the checkpoint holds the last example.
func (s *trainingSet) markSeen(x *lexicon, keys []uint64, words, tokens []int32) {
	i := len(s.seen)
	s.seen = append(s.seen, s.checkpoint.seen[x.fingerprint(keys, s.Class[i], words, tokens)])
	if !s.seen[i] {
		s.fresh++
	}
}

// numberBigrams gives bigrams the numbers that they have when each stands once in the
// order of the keys, which takes the least room to keep.
func (s *trainingSet) numberBigrams() sortedKeys {
	raw := s.bigrams
	s.bigrams = slices.Compact(radixSorted(raw))
	r := sortedKeysOf(s.bigrams)
	for i := range s.Features.Items {
		if f := &s.Features.Items[i]; f.row >= s.firstBigram {
			f.row = s.firstBigram + r.find(uint64(raw[f.row-s.firstBigram])<<32)
		}
	}
	return r
}

// radixSorted gives keys in their order, digit by digit from the last: of a quarter
// of a million in a fifth of the time that slices.Sort takes, which would be a
// tenth of what training on a changed guide does.
func radixSorted(keys []uint32) []uint32 {
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

// train trains a linear model on the examples.
func (s *trainingSet) train(x *lexicon, classes int) *linear {
	t := newTraining(s, s.numberBigrams(), classes)
	if s.checkpoint != nil && float64(s.fresh) <= (1-minSeen)*float64(len(s.Class)) {
		t.copyWeights(s.checkpoint, x, s)
		t.resume(s)
	} else {
		t.train(s)
	}
	return t.quantised()
}
