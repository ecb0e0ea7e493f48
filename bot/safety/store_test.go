package safety

import "github.com/aftercarebot/aftercare/knowledge/snapshot"

// store keeps what a Matcher with a model has learnt.
func store(m *Matcher) stored {
	m.model.digested.Do(m.model.digestAll)
	known := &m.reader.known
	s := stored{
		Counts: snapshot.Pack(m.reader.counts()), Cards: m.model.cards, Bias: m.model.bias,
		Weights: m.model.weights, Digest: m.model.digest,
	}
	var words, others []string
	var stems, lists, sizes, begun []int32
	listed := map[string]int32{"": 0}
	for i := range known.entries {
		e, w := &known.entries[i], known.word(int32(i))
		stem, longer := known.stem(e, w), int32(len(w))-int32(e.length)
		if e.stem != inForm {
			others, longer = append(others, stem), -1
		}
		words, stems = append(words, w), append(stems, 1+longer)
		var own []int32
		m.reader.begunBy(w, stem, func(number int32) { own = append(own, number) })
		key := string(snapshot.Pack(own).Packed)
		list, ok := listed[key]
		if !ok {
			listed[key], list = int32(len(listed))+1, 1
			sizes, begun = append(sizes, int32(len(own))), append(begun, own...)
		}
		lists = append(lists, list)
	}
	s.Words = snapshot.PackTexts(append(words, others...))
	s.Stems, s.Lists, s.Sizes, s.Begun = snapshot.Pack(stems), snapshot.Pack(lists), snapshot.Pack(sizes), snapshot.Pack(begun)
	return s
}
