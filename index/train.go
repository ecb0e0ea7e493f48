package index

import "math/rand/v2"

// settings of training, fixed on the validation questions.
const (
	epochs = 5
	rate   = 4.0
	decay  = 0.01   // share of a weight lost each epoch
	enough = 0.93   // an example whose class is given this chance teaches little more
	ignore = 0.0005 // a class that is less likely than this is not pushed down
)

// training is a linear model that is being learnt, with weights not yet brought
// to eight bits.
type training struct {
	model  *linear  // without weights
	class  []uint16 // of each weight
	weight []float32
	scores []float32 // of the example that is looked at
	pushed []int32   // the classes whose weights it changes
}

// newTraining finds which features have weights for which classes.
func newTraining(s *examples, pairs sortedKeys, classes int) *training {
	features := int(s.first) + len(s.pairs)
	m := &linear{Classes: classes, Pairs: pairs, Bias: make([]float32, classes), Start: make([]int32, features+1)}
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

// learn learns from the examples by stochastic gradient descent, in an order
// that is always the same.
func (t *training) learn(s *examples) {
	order := make([]int32, len(s.Class))
	for i := range order {
		order[i] = int32(i)
	}
	random := rand.New(rand.NewPCG(1, 2))
	known := make([]bool, len(order))
	for epoch := range epochs {
		random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		rate := rate * (1 - float32(epoch)/(epochs+1))
		for _, i := range order {
			if known[i] && epoch != epochs/2 && epoch != epochs-1 {
				continue // what is known well is only looked at again half way and at the end
			}
			known[i] = t.look(s.Features.at(i), s.Class[i], rate*s.Weight[i]) > enough
		}
		for i := range t.weight {
			t.weight[i] *= 1 - decay
		}
	}
}

// look learns from one example at a rate, and gives the chance that its class
// was given before.
func (t *training) look(features []feature, class int32, rate float32) float32 {
	chance := t.chances(features)[class]
	t.push(features, class, rate)
	return chance
}

// chances gives the chance of every class, for an example of these features.
func (t *training) chances(features []feature) []float32 {
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

// push moves the weights of the example of which chances were given last.
func (t *training) push(features []feature, class int32, rate float32) {
	m, scores := t.model, t.scores
	scores[class]--
	t.pushed = t.pushed[:0]
	for c, g := range scores {
		if int32(c) != class && g < ignore {
			scores[c] = 0
			continue
		}
		g *= rate
		scores[c] = g
		m.Bias[c] -= 0.02 * g
		t.pushed = append(t.pushed, int32(c))
	}
	for _, f := range features {
		from, to := m.Start[f.row], m.Start[f.row+1]
		weight := t.weight[from:to]
		if m.full(from, to) {
			for _, c := range t.pushed {
				weight[c] -= scores[c] * f.value
			}
			continue
		}
		for j, c := range t.class[from:to] {
			weight[j] -= scores[c] * f.value
		}
	}
}

// tiny weights are left out where not all are kept: quantised, up to this one,
// which stands for 0.15: an eighth of all. Without them 5 of 1,932 questions get
// another reply, and the figures of no labelled set change.
const tiny = 12

// done gives the model that was learnt. It takes the training's bias.
func (t *training) done() *linear {
	m := t.model
	out := &linear{Classes: m.Classes, Pairs: m.Pairs, Bias: m.Bias, Start: make([]int32, len(m.Start)),
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
			if n := int8(weight); -tiny <= n && n <= tiny {
				continue
			}
			step := int(t.class[i]) - last
			for ; step > farthest; step -= farthest {
				add(farthest, 0)
			}
			add(step, weight)
			last = int(t.class[i])
		}
		out.Start[row+1] = int32(len(out.Weight))
	}
	return out
}
