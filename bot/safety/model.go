package safety

import (
	"math"
	"slices"
	"sync"

	"github.com/aftercarebot/aftercare/knowledge"
	"github.com/aftercarebot/aftercare/knowledge/language"
)

// model is a multinomial logistic regression over the words of a message. Its
// classes are the cards, and that none is to be shown. Only differences between
// classes count, so it holds what speaks for each card more than for none.
type model struct {
	cards    []string
	matcher  *Matcher
	weights  []byte    // feature times cards, in steps, each an int8
	bias     []float32 // of each card
	digest   digest    // of the words known
	own      digest    // of a content's own
	apart    float64   // how far below that of none the scores of all cards must be for any of them to pass no bar
	digested sync.Once // when the first message is judged
}

// Chosen on held-out voices; the figures hardly move with any of them.
const (
	buckets     = 1 << 17
	epochs      = 4
	rate        = 0.35
	damp        = 0.05 // keeps the first steps of a rare feature small
	enough      = 0.97 // an example known this surely teaches nothing more
	maxOrdinary = 30000
	ordinaryAs  = 0.8 // weight of an ordinary message beside an example
	wordsAs     = 1   // lengths of the three groups of features
	partsAs     = 0.7
	tagsAs      = 1
	step        = 1.0 / 40 // weights are kept as so many of these, up to 127
	minPart     = 4        // characters
	maxPart     = 5
)

// nothing is a chance that passes no bar.
const nothing = doubtSeconded / 2

// newModel makes a model of what was learnt.
func newModel(matcher *Matcher, cards []string, bias []float32, weights []byte) *model {
	return &model{matcher: matcher, cards: cards, bias: bias, weights: weights, apart: math.Log(float64(len(cards)) / nothing)}
}

func softmax(scores []float64) []float64 {
	top := slices.Max(scores)
	sum := 0.0
	for i, v := range scores {
		scores[i] = math.Exp(v - top)
		sum += scores[i]
	}
	for i := range scores {
		scores[i] /= sum
	}
	return scores
}

// lesson is one example, ready to learn from.
type lesson struct {
	features []feature
	class    int
	weight   float32
	known    bool // was known surely when last looked at
}

// train fits the model with AdaGrad, in a fixed order, so that the same
// content always gives the same model on one processor architecture. Without
// examples of both sides there is nothing to learn: it gives nil, and only
// patterns decide.
func (matcher *Matcher) train(content knowledge.Safety, ordinary []string) *model {
	if len(content.Raise) == 0 || len(content.Quiet)+len(ordinary) == 0 {
		return nil
	}
	var cards []string
	class := map[string]int{}
	for _, c := range content.Cards {
		cards = append(cards, c.ID)
		class[c.ID] = len(cards)
	}
	cardOf := map[string]string{}
	for _, sign := range content.Signs {
		cardOf[sign.ID] = sign.Card
	}
	k := len(cards) + 1 // class 0 is none of them
	weights := make([]float32, buckets*k)
	bias := make([]float32, k)

	s := newSheet(len(matcher.reader.symbols))
	var lessons []lesson
	learn := func(text string, class int, weight float32) {
		matcher.study(s, language.Normalise(text))
		n := len(s.sentences)
		if n == 0 {
			return
		}
		s.describe(matcher, span{0, n})
		lessons = append(lessons, lesson{features: slices.Clone(s.features), class: class, weight: weight})
		if class == 0 && n > 1 { // every sentence of a quiet message is quiet
			for i := range n {
				s.describe(matcher, span{i, i + 1})
				lessons = append(lessons, lesson{features: slices.Clone(s.features), class: class, weight: weight / 2})
			}
		}
	}
	for _, e := range content.Raise {
		learn(e.Text, class[cardOf[e.Sign]], 1)
	}
	for _, e := range content.Quiet {
		learn(e.Text, 0, 1)
	}
	// Of very many ordinary messages an even sample is enough.
	stride := max(1, float64(len(ordinary))/maxOrdinary)
	for i := 0.0; int(i) < len(ordinary); i += stride {
		learn(ordinary[int(i)], 0, ordinaryAs)
	}

	squares := make([]float32, len(weights))
	biasSquares := make([]float32, k)
	order := shuffled(len(lessons))
	scores := make([]float64, k)
	for epoch := range epochs {
		for _, i := range order {
			l := &lessons[i]
			if l.known && epoch != epochs/2 { // look again half way, and only then
				continue
			}
			p := softmax(score(scores, bias, weights, l.features))
			if l.known = p[l.class] > enough; l.known {
				continue
			}
			for c := range k {
				g := float32(p[c]) * l.weight
				if c == l.class {
					g -= l.weight
				}
				biasSquares[c] += g * g
				bias[c] -= rate * 0.1 * g / (float32(math.Sqrt(float64(biasSquares[c]))) + 1)
				for _, f := range l.features {
					j := int(f.id)*k + c
					d := g * f.value
					squares[j] += d * d
					weights[j] -= rate * d / (float32(math.Sqrt(float64(squares[j]))) + damp)
				}
			}
		}
	}
	steps := make([]byte, 0, buckets*len(cards))
	for ; len(weights) > 0; weights = weights[k:] {
		for c := 1; c < k; c++ {
			steps = append(steps, byte(quantise(weights[c]-weights[0])))
		}
	}
	for c := 1; c < k; c++ {
		bias[c] -= bias[0]
	}
	return newModel(matcher, cards, bias[1:], steps)
}

// score writes a score for each class to out, which it returns.
func score(out []float64, bias, weights []float32, features []feature) []float64 {
	k := len(bias)
	for c := range k {
		out[c] = float64(bias[c])
	}
	for _, f := range features {
		w := weights[int(f.id)*k : int(f.id)*k+k]
		for c := range k {
			out[c] += float64(w[c] * f.value)
		}
	}
	return out
}

// quantise gives a weight as the next number of steps.
func quantise(w float32) int8 {
	return int8(max(-127, min(127, math.RoundToEven(float64(w)/step))))
}

// shuffled gives 0..n-1 in an order that is always the same and has no pattern.
func shuffled(n int) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	state := uint32(2463534242)
	for i := n - 1; i > 0; i-- {
		state ^= state << 13
		state ^= state >> 17
		state ^= state << 5
		j := int(state % uint32(i+1))
		order[i], order[j] = order[j], order[i]
	}
	return order
}
