package index

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"math"

	"github.com/aftercarebot/aftercare/knowledge"
)

// gateNames are the properties of a ranking from which the gate tells the
// chance that its best passage is right, in the order of engine.doubts.
var gateNames = []string{
	"always", "chance", "chance over the next", "chance of all passages", "linear model", "nearest words", "nearest characters",
	"covered", "unknown words", "length", "next is no passage", "condition named", "topic named", "long",
	"most foreign word", "foreign words",
}

// doubts gives those properties.
func (e *engine) doubts(s *scores, list []ranked) []float64 {
	best := list[0]
	next, passages, nextIsNone := 0.0, 0.0, 0.0
	for i, r := range list {
		if e.classes[r.class].passage >= 0 {
			passages += r.chance
		} else if i == 1 {
			nextIsNone = 1
		}
		if i == 1 {
			next = r.chance
		}
	}
	return []float64{
		1, logit(best.chance) / 4, math.Log(best.chance/(next+1e-4)) / 4, logit(passages) / 4, logit(float64(s.chance[best.class])) / 4,
		float64(s.like[best.class].words), float64(s.like[best.class].grams), float64(s.account.covered[best.class]), float64(s.account.unknown),
		math.Log(1 + float64(s.content)), nextIsNone,
		one(s.kinds.has(knowledge.Condition)), one(s.kinds.has(knowledge.NearTopic)),
		one(len(s.reading.words) > 20),
		float64(s.strangest), 2 * float64(s.strange),
	}
}

func logit(p float64) float64 { return math.Log((p + 1e-4) / (1 - p + 1e-4)) }

func logistic(z float64) float64 { return 1 / (1 + math.Exp(-z)) }

// confidence is the chance that the best of a ranking is right.
func (e *engine) confidence(s *scores, list []ranked) float64 {
	best := list[0].class
	passage := e.classes[best].passage >= 0
	c := list[0].chance
	if passage {
		c = logistic(weigh(gate.Gate, e.doubts(s, list)))
	}
	if s.account.covered[best] == 0 || e.sparse && !e.tells(s, best) {
		// Not one word that says anything is its own: "who won the election?"
		// put to a guide of three passages and one declined topic.
		c = min(c, noWord)
	}
	return c
}

// noWord is the most confidence in what shares no telling word with the
// question: below what any caller answers, suggests or names at.
const noWord = 0.1

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
