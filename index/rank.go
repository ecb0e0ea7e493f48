package index

import (
	"cmp"
	"math"
	"slices"

	"github.com/aftercarebot/aftercare/knowledge"
)

// ranked is a class and its probability among the candidates.
type ranked struct {
	class       int32
	probability float64
}

// signalNames are the signals by which candidates are ranked, in the order
// of engine.signals; gate.json gives each its weight.
var signalNames = []string{
	"linear model", "nearest words", "nearest characters", "nearest word pairs", "nearest three", "bm25", "covered",
	"small talk", "small talk in a long message", "topic", "condition", "procedure", "unrelated",
	"topic named", "condition named", "procedure named", "unrelated named",
	"passage, though a condition is named", "passage, though a topic is named", "passage, though something unrelated is named",
	"passage, unknown words", "passage, most foreign word", "passage, foreign words",
	"passage, in a word or two", "unrelated, in a word or two",
}

// signals appends what speaks for class c, on scales of about one.
func (e *engine) signals(out []float64, s *scores, c int32) []float64 {
	class, similar := &e.classes[c], &s.similar[c]
	kind := func(k knowledge.TopicKind) float64 { return indicator(class.topic != nil && class.topic.Kind == k) }
	terse := indicator(s.contentWords <= 2)
	passage, talk, named := indicator(class.passage >= 0), indicator(class.smallTalk != nil), indicator(s.named[c])
	return append(out,
		math.Log(float64(s.probability[c])+1e-4),
		3*float64(similar.words), 3*float64(similar.ngrams), 3*float64(similar.bigrams), 3*float64(similar.several),
		3*float64(s.terms.bm25[c]), 3*float64(s.terms.covered[c]),
		talk, talk*min(float64(s.contentWords), 10)/4,
		kind(knowledge.NearTopic), kind(knowledge.Condition), kind(knowledge.Procedure), kind(knowledge.Unrelated),
		named*kind(knowledge.NearTopic), named*kind(knowledge.Condition), named*kind(knowledge.Procedure), named*kind(knowledge.Unrelated),
		passage*indicator(s.kinds.has(knowledge.Condition)),
		passage*indicator(s.kinds.has(knowledge.NearTopic)), passage*indicator(s.kinds.has(knowledge.Unrelated)),
		passage*float64(s.terms.unknown), passage*float64(s.mostForeign), passage*2*float64(s.meanForeign),
		passage*terse, terse*kind(knowledge.Unrelated),
	)
}

func indicator(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// rank orders candidates by the weighed sum of their signals, and gives each
// its probability among them.
func (e *engine) rank(s *scores, candidates []int32) []ranked {
	out := make([]ranked, 0, len(candidates))
	for _, c := range candidates {
		s.signals = e.signals(s.signals[:0], s, c)
		out = append(out, ranked{c, dotProduct(gate.Rank, s.signals) - e.veto(s, c)})
	}
	softmaxSorted(out)
	return out
}

// vetoPenalty is what a passage loses where another procedure is named: more than
// any signals can make good.
const vetoPenalty = 8

// veto takes a passage out of the running if the question names a procedure
// that the content declines, as in "can I swim after a tummy tuck?".
func (e *engine) veto(s *scores, c int32) float64 {
	if e.classes[c].passage >= 0 && s.kinds.has(knowledge.Procedure) {
		return vetoPenalty
	}
	return 0
}

// softmaxSorted turns sums into probabilities (softmax) and sorts, best first.
func softmaxSorted(out []ranked) {
	if len(out) == 0 {
		return
	}
	slices.SortFunc(out, func(a, b ranked) int {
		return cmp.Or(cmp.Compare(b.probability, a.probability), cmp.Compare(a.class, b.class))
	})
	top, sum := out[0].probability, 0.0
	for i := range out {
		out[i].probability = math.Exp(out[i].probability - top)
		sum += out[i].probability
	}
	for i := range out {
		out[i].probability /= sum
	}
}

func dotProduct(weights, values []float64) float64 {
	sum := 0.0
	for i, w := range weights {
		sum += w * values[i]
	}
	return sum
}
