package index

import (
	"math/rand/v2"
	"slices"

	"github.com/aftercarebot/aftercare/knowledge/language"
	"github.com/aftercarebot/aftercare/knowledge/snapshot"
)

// Most guides are the embedded one with a change here and there. Training then
// resumes from what was learnt of that one, its checkpoint: it takes steps only on
// texts that the checkpoint does not hold and on those that share words with them.
// As the snapshot comes with the program, the same content still gives the same
// index, on one processor architecture.

// minSeen is the least share of examples that the checkpoint must hold for
// training to resume from it.
const minSeen = 0.95

// minResumed is how many examples take longer to train on anew than the
// checkpoint takes to read.
const minResumed = 1000

// checkpoint is what was learnt of the embedded content, from which training
// may resume.
type checkpoint struct {
	lexicon *lexicon
	linear  *linear
	classes []int32         // of each class there, the class here, or -1
	seen    map[uint64]bool // fingerprints of its examples
}

// readCheckpoint reads what was learnt of the embedded content, and gives nil where
// that cannot be read.
func readCheckpoint(names []string) *checkpoint {
	s := readStored()
	if s == nil || len(s.Classes) == 0 {
		return nil
	}
	p := &checkpoint{lexicon: s.lexicon(), linear: s.linear(len(s.Classes)), seen: make(map[uint64]bool, s.TextSizes.Length)}
	p.lexicon.numberNgrams(int(s.NgramIDF.Length))
	here := map[string]int32{}
	for i, name := range names {
		here[name] = int32(i)
	}
	for _, name := range s.Classes {
		to, ok := here[name]
		if !ok {
			to = -1
		}
		p.classes = append(p.classes, to)
	}
	texts, tokens := s.textWords(), invert(s.Postings.lists(), int(s.TextSizes.Length))
	var words []int32
	keys := p.lexicon.wordKeys()
	i := int32(0)
	for class, n := range snapshot.Unpack[int32](s.ClassSizes) {
		for range n {
			words = texts.appendTo(words[:0], i)
			p.seen[p.lexicon.fingerprint(keys, p.classes[class], words, tokens.at(i))] = true
			i++
		}
	}
	return p
}

// stemOf gives the stem of a word, from the checkpoint where that holds it.
func (p *checkpoint) stemOf(w string) string {
	if p != nil {
		if id, ok := p.lexicon.Words.find(w); ok {
			return p.lexicon.Stems.Words.at(p.lexicon.Known[id].Stem)
		}
	}
	return language.Stem(w)
}

// wordKeys gives what the words are told apart by in a fingerprint.
func (x *lexicon) wordKeys() []uint64 {
	keys := make([]uint64, x.Words.Words.len())
	for i := range keys {
		keys[i] = hashString(x.Words.Words.at(int32(i)))
	}
	return keys
}

// fingerprint tells apart what training is given of a text: its class, its
// words in their order, and its concepts. It is the same in every content.
// keys are those of the words.
func (x *lexicon) fingerprint(keys []uint64, class int32, words, tokens []int32) uint64 {
	h := uint64(class)
	for _, id := range words {
		key := uint64(0)
		if id >= 0 {
			key = keys[id]
		}
		h = mix(0, h, key)
	}
	concepts := x.spaces().Concepts
	named := uint64(0) // in any order
	for _, t := range tokens {
		if t >= concepts {
			named += mix(0, uint64(x.conceptKeys[t-concepts]), 0)
		}
	}
	return mix(0, h, named)
}

// featureRows gives, for each feature of the examples, its number in the checkpoint, or -1.
func (p *checkpoint) featureRows(x *lexicon, s *trainingSet) []int32 {
	from, space := make([]int32, 0, int(s.firstBigram)+len(s.bigrams)), p.lexicon.spaces()
	for i := range x.stemKeys {
		stem, _ := p.lexicon.Stems.find(x.Stems.Words.at(int32(i)))
		from = append(from, stem)
	}
	concepts := map[string]int32{}
	for i, name := range p.lexicon.Concepts {
		concepts[name] = space.Concepts + int32(i)
	}
	for _, name := range x.Concepts {
		row, ok := concepts[name]
		if !ok {
			row = -1
		}
		from = append(from, row)
	}
	number := func(find func(uint64) int32, first int32, keys []uint32) {
		for _, key := range keys {
			row := find(uint64(key) << 32)
			if row >= 0 {
				row += first
			}
			from = append(from, row)
		}
	}
	number(p.lexicon.NgramIDs.find, space.Ngrams, x.NgramIDs.keys())
	number(p.linear.Bigrams.find, space.Bigrams, s.bigrams)
	return from
}

// copyWeights begins with the weights of the checkpoint.
func (t *training) copyWeights(p *checkpoint, x *lexicon, s *trainingSet) {
	for row, from := range p.featureRows(x, s) {
		if from < 0 {
			continue
		}
		first, last := t.model.Start[row], t.model.Start[row+1]
		own, weight, full := t.class[first:last], t.weight[first:last], t.model.full(first, last)
		for c, w := range p.linear.row(from) {
			class := p.classes[c]
			if class < 0 {
				continue
			}
			if full {
				weight[class] = w
			} else if at, ok := slices.BinarySearch(own, uint16(class)); ok {
				weight[at] = w
			}
		}
	}
	for c, class := range p.classes {
		if class >= 0 {
			t.model.Bias[class] = p.linear.Bias[c]
		}
	}
}

// selectExamples gives the examples to train on: those that the checkpoint does not
// hold, and those that share something with them that few classes have. Character
// n-grams do not count for that: they are shared by nearly all.
func (s *trainingSet) selectExamples(m *linear) (fresh, near []int32) {
	touched := make([]bool, len(m.Start)-1)
	for i, seen := range s.seen {
		if seen {
			continue
		}
		fresh = append(fresh, int32(i))
		for _, f := range s.Features.at(int32(i)) {
			touched[f.row] = (f.row < s.firstNgram || f.row >= s.firstBigram) && !m.full(m.Start[f.row], m.Start[f.row+1])
		}
	}
	for i, seen := range s.seen {
		if !seen {
			continue
		}
		shared := 0
		for _, f := range s.Features.at(int32(i)) {
			if touched[f.row] {
				shared++
			}
		}
		if shared >= minShared {
			near = append(near, int32(i))
		}
	}
	return fresh, near
}

// minShared is how many words, concepts and bigrams an old example shares with new
// ones when it is near them.
const minShared = 3

// resume trains on what the checkpoint does not hold, in every epoch, and once on
// each example that this may make the model forget; on one that it did forget
// again in every epoch that follows.
func (t *training) resume(s *trainingSet) {
	fresh, near := s.selectExamples(t.model)
	random := rand.New(rand.NewPCG(1, 2))
	random.Shuffle(len(near), func(i, j int) { near[i], near[j] = near[j], near[i] })
	learnt := make([]bool, len(s.Class))
	order := fresh
	for epoch := range epochs {
		order = append(order, near[epoch*len(near)/epochs:(epoch+1)*len(near)/epochs]...)
		random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		rate := learningRate * (1 - float32(epoch)/(epochs+1))
		for _, i := range order {
			features, class := s.Features.at(i), s.Class[i]
			switch {
			case !s.seen[i] && (!learnt[i] || epoch == epochs-1):
				learnt[i] = t.step(features, class, rate*s.Weight[i]) > learntThreshold
			case s.seen[i] && !learnt[i]:
				learnt[i] = t.step(features, class, finalRate*s.Weight[i]) > retained
			}
		}
	}
}

// retained is the threshold: an old example whose class is given a higher
// probability is not forgotten, and not trained on again.
const retained = 0.5

// finalRate is the learning rate at which training ends.
const finalRate = learningRate * (1 - float32(epochs-1)/(epochs+1))
