package index

import "math/rand/v2"

// Hyperparameters of training, fixed on the validation questions.
const (
	epochs          = 5
	learningRate    = 4.0
	weightDecay     = 0.01   // share of a weight lost each epoch
	learntThreshold = 0.93   // an example whose class is predicted with this probability teaches little more
	minUpdate       = 0.0005 // a class that is less probable than this is not updated
)

// training is a linear model that is being trained, with weights not yet brought
// to eight bits.
type training struct {
	model   *linear  // without weights
	class   []uint16 // of each weight
	weight  []float32
	scores  []float32 // of the example at hand
	updated []int32   // the classes whose weights it changes
}

// newTraining finds which features have weights for which classes.
func newTraining(s *trainingSet, bigrams sortedKeys, classes int) *training {
	features := int(s.firstBigram) + len(s.bigrams)
	m := &linear{Classes: classes, Bigrams: bigrams, Bias: make([]float32, classes), Start: make([]int32, features+1)}
	// Of each feature, 1 + the last class that held it, and how many did; then
	// where the next one goes. They are side by side, as each is fetched from
	// far for every feature of every example.
	held := make([]struct{ last, next int32 }, features)
	for i, class := range s.Class { // class by class
		for _, f := range s.Features.at(int32(i)) {
			if h := &held[f.row]; h.last != class+1 {
				h.last = class + 1
				h.next++
			}
		}
	}
	for row := range features {
		size := held[row].next
		if 3*int(size) > classes { // cheaper to walk in full
			size = int32(classes)
		}
		m.Start[row+1] = m.Start[row] + size
	}
	of := make([]uint16, m.Start[features])
	for row := range features {
		from, to := m.Start[row], m.Start[row+1]
		held[row] = struct{ last, next int32 }{0, from}
		if m.full(from, to) {
			for c := range classes {
				of[int(from)+c] = uint16(c)
			}
			held[row].next = -1
		}
	}
	for i, class := range s.Class {
		for _, f := range s.Features.at(int32(i)) {
			if h := &held[f.row]; h.last != class+1 && h.next >= 0 {
				h.last = class + 1
				of[h.next] = uint16(class)
				h.next++
			}
		}
	}
	return &training{model: m, class: of, weight: make([]float32, len(of)), scores: make([]float32, classes)}
}

// train trains on the examples by stochastic gradient descent, in an order
// that is always the same.
func (t *training) train(s *trainingSet) {
	order := make([]int32, len(s.Class))
	for i := range order {
		order[i] = int32(i)
	}
	random := rand.New(rand.NewPCG(1, 2))
	learnt := make([]bool, len(order))
	for epoch := range epochs {
		random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		rate := learningRate * (1 - float32(epoch)/(epochs+1))
		for _, i := range order {
			if learnt[i] && epoch != epochs/2 && epoch != epochs-1 {
				continue // what is learnt is only trained on again half way and at the end
			}
			learnt[i] = t.step(s.Features.at(i), s.Class[i], rate*s.Weight[i]) > learntThreshold
		}
		for i := range t.weight {
			t.weight[i] *= 1 - weightDecay
		}
	}
}

// step is a step of gradient descent on one example at a learning rate. It gives
// the probability that its class was given before.
func (t *training) step(features []feature, class int32, rate float32) float32 {
	probability := t.predict(features)[class]
	t.update(features, class, rate)
	return probability
}

// predict gives the probability of every class, for an example of these features.
func (t *training) predict(features []feature) []float32 {
	m, scores := t.model, t.scores
	copy(scores, m.Bias)
	for _, f := range features {
		from, to := m.Start[f.row], m.Start[f.row+1]
		weight := t.weight[from:to]
		if m.full(from, to) {
			axpy(scores, weight, f.value)
			continue
		}
		for j, c := range t.class[from:to] {
			scores[c] += f.value * weight[j]
		}
	}
	softmax(scores)
	return scores
}

// update moves the weights of the example that was predicted last.
func (t *training) update(features []feature, class int32, rate float32) {
	m, scores := t.model, t.scores
	scores[class]--
	t.updated = t.updated[:0]
	for c, g := range scores {
		if int32(c) != class && g < minUpdate {
			scores[c] = 0
			continue
		}
		g *= rate
		scores[c] = g
		m.Bias[c] -= 0.02 * g
		t.updated = append(t.updated, int32(c))
	}
	for _, f := range features {
		from, to := m.Start[f.row], m.Start[f.row+1]
		weight := t.weight[from:to]
		if m.full(from, to) {
			for _, c := range t.updated {
				weight[c] -= scores[c] * f.value
			}
			continue
		}
		for j, c := range t.class[from:to] {
			weight[j] -= scores[c] * f.value
		}
	}
}

// maxPruned bounds the small weights that are pruned where not all are kept:
// quantised, up to this one, which stands for 0.21. That makes bulk.snapshot an
// eighth smaller. 7 of 1,932 questions get another reply, and of 970 labelled
// ones that the guide does not cover one more is answered.
const maxPruned = 12

// quantised gives the trained model, with weights of eight bits, small
// ones pruned. It takes the training's bias.
func (t *training) quantised() *linear {
	m := t.model
	out := &linear{Classes: m.Classes, Bigrams: m.Bigrams, Bias: m.Bias, Start: make([]int32, len(m.Start)),
		Step: make([]byte, 0, len(t.weight)), Weight: make([]byte, 0, len(t.weight))}
	add := func(step int, weight byte) {
		out.Step, out.Weight = append(out.Step, byte(step)), append(out.Weight, weight)
	}
	for row := range len(m.Start) - 1 {
		from, to := m.Start[row], m.Start[row+1]
		full, last := m.full(from, to), 0
		for i := from; i < to; i++ {
			weight := byte(quantise(t.weight[i]))
			if full {
				add(0, weight)
				continue
			}
			if n := int8(weight); -maxPruned <= n && n <= maxPruned {
				continue
			}
			step := int(t.class[i]) - last
			for ; step > maxStep; step -= maxStep {
				add(maxStep, 0)
			}
			add(step, weight)
			last = int(t.class[i])
		}
		out.Start[row+1] = int32(len(out.Weight))
	}
	return out
}
