package safety

import "github.com/aftercarebot/aftercare/knowledge/snapshot"

// store keeps what was trained of a Matcher with a model.
func store(m *Matcher) stored {
	m.model.sumsOnce.Do(m.model.sumWords)
	known := &m.analyser.known
	s := stored{
		Counts: snapshot.Pack(m.analyser.counts()), Cards: m.model.cards, Bias: m.model.bias,
		Weights: m.model.weights, WordSums: m.model.wordSums,
	}
	var words, others []string
	var stems, lists, sizes, phrases []int32
	listed := map[string]int32{"": 0}
	for i := range known.entries {
		e, w := &known.entries[i], known.word(int32(i))
		stem, longer := known.stem(e, w), int32(len(w))-int32(e.length)
		if e.stem != inForm {
			others, longer = append(others, stem), -1
		}
		words, stems = append(words, w), append(stems, 1+longer)
		var own []int32
		m.analyser.eachByFirst(w, stem, func(id int32) { own = append(own, id) })
		key := string(snapshot.Pack(own).Packed)
		list, ok := listed[key]
		if !ok {
			listed[key], list = int32(len(listed))+1, 1
			sizes, phrases = append(sizes, int32(len(own))), append(phrases, own...)
		}
		lists = append(lists, list)
	}
	s.Words = snapshot.PackTexts(append(words, others...))
	s.Stems, s.Lists, s.Sizes, s.Phrases = snapshot.Pack(stems), snapshot.Pack(lists), snapshot.Pack(sizes), snapshot.Pack(phrases)
	return s
}
