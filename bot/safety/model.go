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
	weights  []byte    // feature times cards, quantised, each an int8
	bias     []float32 // of each card
	wordSums wordSums  // of the words known
	ownSums  wordSums  // of a content's own
	margin   float64   // how far below that of none the scores of all cards must be for any of them to pass no threshold
	sumsOnce sync.Once // when the first message is judged
}

// Hyperparameters, chosen on held-out files of examples; the figures hardly move
// with any of them.
const (
	buckets         = 1 << 17
	epochs          = 4
	learningRate    = 0.35
	epsilon         = 0.05 // AdaGrad: keeps the first steps of a rare feature small
	learntThreshold = 0.97 // an example whose class has this probability teaches nothing more
	maxOrdinary     = 30000
	ordinaryWeight  = 0.8 // weight of an ordinary message beside another example
	wordNorm        = 1   // L2 norms of the three groups of features
	ngramNorm       = 0.7
	tagNorm         = 1
	weightStep      = 1.0 / 40 // weights are quantised to so many of these, up to 127
	minNgram        = 4        // characters
	maxNgram        = 5
)

// negligible is a probability that passes no threshold.
const negligible = doubtWithPattern / 2

// newModel makes a model of trained weights.
func newModel(matcher *Matcher, cards []string, bias []float32, weights []byte) *model {
	return &model{matcher: matcher, cards: cards, bias: bias, weights: weights, margin: math.Log(float64(len(cards)) / negligible)}
}

// softmax turns scores into probabilities, in place.
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

// example is one training example.
type example struct {
	features []feature
	class    int
	weight   float32
	learnt   bool // predicted so surely that it teaches nothing
}

// trainModel trains the model, always in the same way, so that the same content
// gives the same model on one processor architecture. Without examples of both
// sides there is nothing to learn: it gives nil, and only patterns decide.
func (m *Matcher) trainModel(content knowledge.Safety, ordinary []string) *model {
	if len(content.Raise) == 0 || len(content.Quiet)+len(ordinary) == 0 {
		return nil
	}
	var cards []string
	for _, c := range content.Cards {
		cards = append(cards, c.ID)
	}
	k := len(cards) + 1
	weights, bias := fit(m.trainingSet(content, ordinary), k)
	steps := make([]byte, 0, buckets*len(cards))
	for ; len(weights) > 0; weights = weights[k:] {
		for c := 1; c < k; c++ {
			steps = append(steps, byte(quantise(weights[c]-weights[0])))
		}
	}
	for c := 1; c < k; c++ {
		bias[c] -= bias[0]
	}
	return newModel(m, cards, bias[1:], steps)
}

// trainingSet gives the training examples. Class 0 is that of the negative ones,
// and each card has the next.
func (m *Matcher) trainingSet(content knowledge.Safety, ordinary []string) []example {
	class := map[string]int{}
	for i, c := range content.Cards {
		class[c.ID] = i + 1
	}
	cardOf := map[string]string{}
	for _, sign := range content.Signs {
		cardOf[sign.ID] = sign.Card
	}
	s := newScratch(len(m.analyser.symbols))
	var examples []example
	for _, e := range content.Raise {
		examples = m.appendExamples(examples, s, e.Text, class[cardOf[e.Sign]], 1)
	}
	for _, e := range content.Quiet {
		examples = m.appendExamples(examples, s, e.Text, 0, 1)
	}
	// Of very many ordinary messages an even sample is enough.
	stride := max(1, float64(len(ordinary))/maxOrdinary)
	for i := 0.0; int(i) < len(ordinary); i += stride {
		examples = m.appendExamples(examples, s, ordinary[int(i)], 0, ordinaryWeight)
	}
	return examples
}

// appendExamples appends a message, and of a negative one its sentences, too:
// each of them is as negative.
func (m *Matcher) appendExamples(list []example, s *scratch, text string, class int, weight float32) []example {
	m.analyse(s, language.Normalise(text))
	n := len(s.sentences)
	if n == 0 {
		return list
	}
	s.extractFeatures(m, span{0, n})
	list = append(list, example{features: slices.Clone(s.features), class: class, weight: weight})
	if class == 0 && n > 1 {
		for i := range n {
			s.extractFeatures(m, span{i, i + 1})
			list = append(list, example{features: slices.Clone(s.features), class: class, weight: weight / 2})
		}
	}
	return list
}

// fit gives the weights, feature times classes, and the bias of each of k
// classes. It is stochastic gradient descent with AdaGrad's learning rates, in a
// fixed order.
func fit(examples []example, k int) (weights, bias []float32) {
	weights, bias = make([]float32, buckets*k), make([]float32, k)
	squares, biasSquares := make([]float32, len(weights)), make([]float32, k) // sums of squared gradients
	order := shuffled(len(examples))
	scores := make([]float64, k)
	for epoch := range epochs {
		for _, i := range order {
			e := &examples[i]
			if e.learnt && epoch != epochs/2 { // predict again half way, and only then
				continue
			}
			p := softmax(score(scores, bias, weights, e.features))
			if e.learnt = p[e.class] > learntThreshold; e.learnt {
				continue
			}
			for c := range k {
				g := float32(p[c]) * e.weight
				if c == e.class {
					g -= e.weight
				}
				biasSquares[c] += g * g
				bias[c] -= learningRate * 0.1 * g / (float32(math.Sqrt(float64(biasSquares[c]))) + 1)
				for _, f := range e.features {
					j := int(f.id)*k + c
					d := g * f.value
					squares[j] += d * d
					weights[j] -= learningRate * d / (float32(math.Sqrt(float64(squares[j]))) + epsilon)
				}
			}
		}
	}
	return weights, bias
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

// quantise gives a weight as the nearest number of steps.
func quantise(w float32) int8 {
	return int8(max(-127, min(127, math.RoundToEven(float64(w)/weightStep))))
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
