package index

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
)

// linear is a multinomial logistic regression over features of texts: for
// each class the logarithm of its odds, as a sum of learnt weights. A feature
// has weights only for the classes in whose examples it occurs, so that the
// model stays small and a question costs little, however many classes there
// are; a feature of many classes has one for every class, side by side.
type linear struct {
	classes int
	rows    map[uint64]int32 // feature to its row
	start   []int32          // of each row in class and weight; one more at the end
	class   []int32          // of each weight; unused in full rows
	weight  []float32
	bias    []float32
}

// full reports whether a row has a weight for every class, in their order.
func (m *linear) full(from, to int32) bool { return int(to-from) == m.classes }

// example is a text's features and its class.
type example struct {
	features []feature
	class    int
	weight   float32
}

// training settings, fixed on the validation questions.
var training = struct {
	epochs int
	rate   float32
	decay  float32 // share of a weight lost each epoch
	ignore float32 // a class that is less likely than this is not pushed down
}{epochs: 8, rate: 3.0, decay: 0.01, ignore: 0.0005}

// train learns from examples by stochastic gradient descent, in an order that
// is always the same.
func train(examples []example, classes int) *linear {
	m := &linear{classes: classes, rows: map[uint64]int32{}, bias: make([]float32, classes)}
	total := 0
	for _, e := range examples {
		total += len(e.features)
	}
	type cell struct{ row, class int32 }
	cells := make([]cell, 0, total)
	rows := make([]int32, 0, total)
	for _, e := range examples {
		for _, f := range e.features {
			row, ok := m.rows[f.key]
			if !ok {
				row = int32(len(m.rows))
				m.rows[f.key] = row
			}
			rows = append(rows, row)
			cells = append(cells, cell{row, int32(e.class)})
		}
	}
	slices.SortFunc(cells, func(a, b cell) int { return cmp.Or(cmp.Compare(a.row, b.row), cmp.Compare(a.class, b.class)) })
	cells = slices.Compact(cells)
	m.start = make([]int32, 1, len(m.rows)+1)
	for i := 0; i < len(cells); {
		j := i
		for j < len(cells) && cells[j].row == cells[i].row {
			j++
		}
		if 3*(j-i) > classes { // cheaper to walk in full
			for c := range classes {
				m.class = append(m.class, int32(c))
			}
		} else {
			for _, c := range cells[i:j] {
				m.class = append(m.class, c.class)
			}
		}
		m.start = append(m.start, int32(len(m.class)))
		i = j
	}
	m.weight = make([]float32, len(m.class))

	first := make([]int, len(examples)+1) // of each example in rows
	for i, e := range examples {
		first[i+1] = first[i] + len(e.features)
	}
	order := make([]int, len(examples))
	for i := range order {
		order[i] = i
	}
	random := rand.New(rand.NewPCG(1, 2))
	scores := make([]float32, classes)
	var pushed []int32 // classes whose weights an example changes
	for epoch := range training.epochs {
		random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		rate := training.rate * (1 - float32(epoch)/float32(training.epochs+1))
		for _, i := range order {
			e := &examples[i]
			of := rows[first[i]:first[i+1]]
			copy(scores, m.bias)
			for k, row := range of {
				m.addRow(scores, row, e.features[k].value)
			}
			softmax(scores)
			scores[e.class]--
			pushed = pushed[:0]
			for c, g := range scores {
				if c != e.class && g < training.ignore {
					scores[c] = 0
					continue
				}
				g *= rate * e.weight
				scores[c] = g
				m.bias[c] -= 0.02 * g
				pushed = append(pushed, int32(c))
			}
			for k, row := range of {
				v := e.features[k].value
				from, to := m.start[row], m.start[row+1]
				class, weight := m.class[from:to], m.weight[from:to]
				if m.full(from, to) {
					for _, c := range pushed {
						weight[c] -= scores[c] * v
					}
					continue
				}
				for j, c := range class {
					weight[j] -= scores[c] * v
				}
			}
		}
		keep := 1 - training.decay
		for i := range m.weight {
			m.weight[i] *= keep
		}
	}
	return m
}

func (m *linear) addRow(scores []float32, row int32, value float32) {
	from, to := m.start[row], m.start[row+1]
	weight := m.weight[from:to]
	if m.full(from, to) {
		axpy(scores, weight, value)
		return
	}
	for j, c := range m.class[from:to] {
		scores[c] += value * weight[j]
	}
}

// softmax turns scores into chances in place.
func softmax(s []float32) {
	top := s[0]
	for _, v := range s {
		top = max(top, v)
	}
	var sum float32
	for i, v := range s {
		v = exp(v - top)
		s[i] = v
		sum += v
	}
	scale := 1 / sum
	for i := range s {
		s[i] *= scale
	}
}

// exp is e to the x for x of at most 0, within 0.01 %; below -16 it is 0.
// It splits x into a power of two, set in the bits of the result, and a rest
// for which a short series is enough.
func exp(x float32) float32 {
	if x < -16 {
		return 0
	}
	y := x * math.Log2E
	whole := int32(y) // towards zero, so the rest is in (-1, 0]
	r := (y - float32(whole)) * math.Ln2
	series := 1 + r*(1+r*(0.5+r*(1.0/6+r*(1.0/24+r*(1.0/120)))))
	return math.Float32frombits(uint32(127+whole)<<23) * series
}

// chances gives the chance of each class for a text of these features.
func (m *linear) chances(features []feature) []float32 {
	scores := make([]float32, m.classes)
	copy(scores, m.bias)
	for _, f := range features {
		if row, ok := m.rows[f.key]; ok {
			m.addRow(scores, row, f.value)
		}
	}
	softmax(scores)
	return scores
}

// axpy adds scale times row to sum.
func axpy(sum, row []float32, scale float32) {
	row = row[:len(sum)]
	for len(sum) >= 4 && len(row) >= 4 {
		sum[0] += scale * row[0]
		sum[1] += scale * row[1]
		sum[2] += scale * row[2]
		sum[3] += scale * row[3]
		sum, row = sum[4:], row[4:]
	}
	for c := range sum {
		sum[c] += scale * row[c]
	}
}
