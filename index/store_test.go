package index

import (
	"slices"

	"github.com/aftercarebot/aftercare/knowledge/snapshot"
)

// store is the reverse of engine, for an engine with a linear model.
func store(e *engine, p *postings) stored {
	x := e.lexicon
	s := stored{Words: snapshot.PackTexts(x.Words.Words.list()), Stems: snapshot.PackTexts(x.Stems.Words.list()), Concepts: x.Concepts, Rest: snapshot.Pack(x.Rest), Ambiguous: x.Ambiguous}
	for _, slot := range x.Words.Slots {
		s.Findable = max(s.Findable, int(slot))
	}
	var stems, counts []int32
	for _, w := range x.Known {
		stems, counts = append(stems, w.Stem), append(counts, w.Count)
	}
	s.Stem, s.Count = snapshot.Pack(stems), snapshot.Pack(counts)
	first, rest, names := make([]int32, len(x.Ambiguous)), make([]int32, len(x.Ambiguous)), make([]int32, len(x.Ambiguous))
	for stem := range int32(len(x.Phrases.Start) - 1) {
		for _, q := range x.Phrases.at(stem) {
			first[q.ID], rest[q.ID], names[q.ID] = stem, q.To-q.From, q.Concept
		}
	}
	s.PhraseStem, s.PhraseRest, s.PhraseNames = snapshot.Pack(first), snapshot.Pack(rest), snapshot.Pack(names)

	m := e.linear
	weights := rows[byte]{Start: m.Start}
	s.Bigrams, s.Row, s.Bias = snapshot.PackSteps(m.Bigrams.Keys), snapshot.Pack(weights.sizes()), m.Bias
	s.bulk = bulk{m.Step, m.Weight, e.nearest.Words.Items}

	var sizes, holding []int32
	for c := range e.classes {
		sizes = append(sizes, e.nearest.First[c+1]-e.nearest.First[c])
	}
	s.Classes, s.ClassSizes = e.names(), snapshot.Pack(sizes)
	for t := range e.nearest.IDF {
		holding = append(holding, steps(e.nearest.Postings.at(int32(t)))...)
	}
	s.TextSizes = snapshot.Pack(e.nearest.Words.sizes())
	s.Postings = packedLists{snapshot.Pack(e.nearest.Postings.sizes()), snapshot.Pack(holding)}
	s.TextBigrams, s.NgramNorm = snapshot.Pack(e.nearest.Bigrams), e.nearest.NgramNorm
	var idf []int32
	for _, v := range e.nearest.NgramIDF {
		at := slices.Index(s.NgramIDFs, v)
		if at < 0 {
			at = len(s.NgramIDFs)
			s.NgramIDFs = append(s.NgramIDFs, v)
		}
		idf = append(idf, int32(at))
	}
	s.NgramIDF = snapshot.Pack(idf)

	var classes []int32
	for stem := range int32(len(p.Uses.Start) - 1) {
		classes = append(classes, steps(p.Uses.at(stem))...)
	}
	s.Uses = packedLists{snapshot.Pack(p.Uses.sizes()), snapshot.Pack(classes)}
	s.Counts, s.Norms, s.Length = snapshot.Pack(p.Counts), p.Norms, p.Length
	return s
}

// sizes gives the length of each list.
func (r *rows[T]) sizes() []int32 {
	out := make([]int32, len(r.Start)-1)
	for i := range out {
		out[i] = r.Start[i+1] - r.Start[i]
	}
	return out
}

// steps gives by how much each item differs from the one before.
func steps[T uint16 | int32](list []T) []T {
	out := make([]T, len(list))
	last := T(0)
	for i, v := range list {
		out[i] = v - last
		last = v
	}
	return out
}
