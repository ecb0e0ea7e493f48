package index

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"math"

	"github.com/aftercarebot/aftercare/knowledge"
)

// gateNames are the features of the gate, a logistic regression that turns a
// ranking into the probability that its best passage is right, in the order of
// engine.gateSignals.
var gateNames = []string{
	"always", "chance", "chance over the next", "chance of all passages", "linear model", "nearest words", "nearest characters",
	"covered", "unknown words", "length", "next is no passage", "condition named", "topic named", "long",
	"most foreign word", "foreign words",
}

// gateSignals gives those features of a ranking.
func (e *engine) gateSignals(s *scores, list []ranked) []float64 {
	best := list[0]
	next, passages, nextIsNone := 0.0, 0.0, 0.0
	for i, r := range list {
		if e.classes[r.class].passage >= 0 {
			passages += r.probability
		} else if i == 1 {
			nextIsNone = 1
		}
		if i == 1 {
			next = r.probability
		}
	}
	return []float64{
		1, logit(best.probability) / 4, math.Log(best.probability/(next+1e-4)) / 4, logit(passages) / 4, logit(float64(s.probability[best.class])) / 4,
		float64(s.similar[best.class].words), float64(s.similar[best.class].ngrams), float64(s.terms.covered[best.class]), float64(s.terms.unknown),
		math.Log(1 + float64(s.contentWords)), nextIsNone,
		indicator(s.kinds.has(knowledge.Condition)), indicator(s.kinds.has(knowledge.NearTopic)),
		indicator(len(s.query.words) > 20),
		float64(s.mostForeign), 2 * float64(s.meanForeign),
	}
}

func logit(p float64) float64 { return math.Log((p + 1e-4) / (1 - p + 1e-4)) }

func logistic(z float64) float64 { return 1 / (1 + math.Exp(-z)) }

// confidence is the probability that the best of a ranking is right.
func (e *engine) confidence(s *scores, list []ranked) float64 {
	best := list[0].class
	passage := e.classes[best].passage >= 0
	c := list[0].probability
	if passage {
		c = logistic(dotProduct(gate.Gate, e.gateSignals(s, list)))
	}
	if s.terms.covered[best] == 0 || e.sparse && !e.hasTellingWord(s, best) {
		// Not one word that says anything is its own: "who won the election?"
		// put to a guide of three passages and one declined topic.
		c = min(c, maxUnmatched)
	}
	return c
}

// maxUnmatched is the most confidence in what shares no telling word with the
// question: below what any caller answers, suggests or names at.
const maxUnmatched = 0.1

// weights are those of the ranking and of the gate, in the order of their names.
type weights struct {
	Rank, Gate []float64
}

//go:embed gate.json
var gateJSON []byte

// gate holds the fitted weights. They are part of the build.
var gate = func() weights {
	var named struct{ Rank, Gate map[string]float64 }
	if err := json.Unmarshal(gateJSON, &named); err != nil {
		panic(fmt.Sprintf("gate.json: %v", err))
	}
	order := func(names []string, of map[string]float64) []float64 {
		out := make([]float64, len(names))
		for i, n := range names {
			w, ok := of[n]
			if !ok {
				panic(fmt.Sprintf("gate.json: no weight for %q", n))
			}
			out[i] = w
		}
		return out
	}
	return weights{Rank: order(signalNames, named.Rank), Gate: order(gateNames, named.Gate)}
}()
