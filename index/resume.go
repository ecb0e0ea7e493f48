package index

import (
	"math/rand/v2"
	"slices"

	"github.com/aftercarebot/aftercare/knowledge/language"
	"github.com/aftercarebot/aftercare/knowledge/snapshot"
)

// Most guides are the embedded one with a change here and there. Training then
// goes on from what was learnt of that one: only texts that it did not hold,
// and those that share a word with them, are looked at. As the snapshot comes
// with the program, the same content still gives the same index, on one
// processor architecture.

// familiar is the least share of examples that the embedded content must hold
// for its weights to be gone on from.
const familiar = 0.95

// worthwhile is how many examples take longer to learn anew than what was
// learnt takes to read.
const worthwhile = 1000

// past is what was learnt of the embedded content.
type past struct {
	lexicon *lexicon
	linear  *linear
	classes []int32         // of each class there, the class here, or -1
	seen    map[uint64]bool // fingerprints of its examples
}

// remember reads what was learnt of the embedded content, and gives nil where
// that cannot be read.
func remember(names []string) *past {
	s := readStored()
	if s == nil || len(s.Classes) == 0 {
		return nil
	}
	p := &past{lexicon: s.lexicon(), linear: s.linear(len(s.Classes)), seen: make(map[uint64]bool, s.LessonSizes.Length)}
	p.lexicon.cutGrams(int(s.GramIDF.Length))
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
	lessons, tokens := s.lessonWords(), invert(s.Postings.lists(), int(s.LessonSizes.Length))
	var words []int32
	keys := p.lexicon.wordKeys()
	i := int32(0)
	for class, n := range snapshot.Unpack[int32](s.Lessons) {
		for range n {
			words = lessons.appendTo(words[:0], i)
			p.seen[p.lexicon.fingerprint(keys, p.classes[class], words, tokens.at(i))] = true
			i++
		}
	}
	return p
}

// stemOf gives the stem of a word, from the past where that holds it.
func (p *past) stemOf(w string) string {
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

// fingerprint tells apart what training is told of a text: its class, its
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

// features gives, for each feature of the examples, its number in the past, or -1.
func (p *past) features(x *lexicon, s *examples) []int32 {
	from, space := make([]int32, 0, int(s.first)+len(s.pairs)), p.lexicon.spaces()
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
	number(p.lexicon.GramIDs.find, space.Grams, x.GramIDs.keys())
	number(p.linear.Pairs.find, space.Pairs, s.pairs)
	return from
}

// recall begins with the weights of the past.
func (t *training) recall(p *past, x *lexicon, s *examples) {
	for row, from := range p.features(x, s) {
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

// news parts the examples to go on with: those that the past does not hold,
// and those that share something with them that few classes have. Runs of
// characters do not count for that: they are shared by nearly all.
func (s *examples) news(m *linear) (fresh, near []int32) {
	touched := make([]bool, len(m.Start)-1)
	for i, seen := range s.seen {
		if seen {
			continue
		}
		fresh = append(fresh, int32(i))
		for _, f := range s.Features.at(int32(i)) {
			touched[f.row] = (f.row < s.grams || f.row >= s.first) && !m.full(m.Start[f.row], m.Start[f.row+1])
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
		if shared >= sharing {
			near = append(near, int32(i))
		}
	}
	return fresh, near
}

// sharing is how many words, concepts and pairs an old example shares with new
// ones when it is near them.
const sharing = 3

// resume learns what the past does not hold, in every epoch, and looks at each
// example that this may hurt once; at one that it did hurt again in every
// epoch that follows.
func (t *training) resume(s *examples) {
	fresh, near := s.news(t.model)
	random := rand.New(rand.NewPCG(1, 2))
	random.Shuffle(len(near), func(i, j int) { near[i], near[j] = near[j], near[i] })
	known := make([]bool, len(s.Class))
	order := fresh
	for epoch := range epochs {
		order = append(order, near[epoch*len(near)/epochs:(epoch+1)*len(near)/epochs]...)
		random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		now := rate * (1 - float32(epoch)/(epochs+1))
		for _, i := range order {
			features, class := s.Features.at(i), s.Class[i]
			switch {
			case !s.seen[i] && (!known[i] || epoch == epochs-1):
				known[i] = t.look(features, class, now*s.Weight[i]) > enough
			case s.seen[i] && !known[i]:
				known[i] = t.look(features, class, settled*s.Weight[i]) > unhurt
			}
		}
	}
}

// unhurt is the chance of its class above which an old example is not looked at again.
const unhurt = 0.5

// settled is the rate at which training ends.
const settled = rate * (1 - float32(epochs-1)/(epochs+1))
