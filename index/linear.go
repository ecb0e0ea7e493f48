package index

import (
	"iter"
	"math"
)

// linear is a multinomial logistic regression over features of texts: for
// each class the logarithm of its odds, as a sum of learnt weights. A feature
// has weights only for the classes in whose examples it occurs, so that the
// model stays small and a question costs little, however many classes there
// are; a feature of many classes has one for every class, side by side.
type linear struct {
	Classes int
	Bigrams sortedKeys // of bigrams; other features have numbers already
	Start   []int32    // of each feature in Step and Weight; one more at the end
	Step    []byte     // of each weight, how far its class is beyond that of the weight before, or beyond class 0; unused in full rows
	Weight  []byte     // quantised: the bits of an int8, as dequantised says
	Bias    []float32
}

// maxStep is the longest step. Weights of zero bridge longer ways.
const maxStep = math.MaxUint8

// maxWeight is the weight that an int8 of 127 stands for; the others go with the
// square, so that small weights, which are nearly all, are kept most exactly.
// Weights are learnt in full and then kept in a quarter of the room.
const maxWeight = 24

// dequantised is what the int8 with these bits stands for.
var dequantised = func() (w [256]float32) {
	for i := range w {
		n := float32(int8(i)) / 127
		w[i] = maxWeight * n * max(n, -n)
	}
	return w
}()

// quantise gives the number that stands for the weight next to w.
func quantise(w float32) int8 {
	n := math.RoundToEven(127 * math.Sqrt(min(1, math.Abs(float64(w))/maxWeight)))
	return int8(math.Copysign(n, float64(w)))
}

// full reports whether a row has a weight for every class, in their order.
func (m *linear) full(from, to int32) bool { return int(to-from) == m.Classes }

func (m *linear) addRow(scores []float32, row int32, value float32) {
	from, to := m.Start[row], m.Start[row+1]
	weight := m.Weight[from:to]
	if m.full(from, to) {
		// Four at a time takes a quarter less, which is 3 % of a short question.
		for len(weight) >= 4 && len(scores) >= 4 {
			scores[0] += value * dequantised[weight[0]]
			scores[1] += value * dequantised[weight[1]]
			scores[2] += value * dequantised[weight[2]]
			scores[3] += value * dequantised[weight[3]]
			weight, scores = weight[4:], scores[4:]
		}
		for c := range min(len(weight), len(scores)) {
			scores[c] += value * dequantised[weight[c]]
		}
		return
	}
	c := 0
	for j, step := range m.Step[from:to] {
		c += int(step)
		scores[c] += value * dequantised[weight[j]]
	}
}

// row yields the classes for which a feature has weights, and these.
func (m *linear) row(row int32) iter.Seq2[int, float32] {
	return func(yield func(int, float32) bool) {
		from, to := m.Start[row], m.Start[row+1]
		full, class := m.full(from, to), 0
		for i := from; i < to; i++ {
			if full {
				class = int(i - from)
			} else {
				class += int(m.Step[i])
			}
			if !yield(class, dequantised[m.Weight[i]]) {
				return
			}
		}
	}
}

// softmax turns scores into probabilities in place.
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

// probabilities turns sums over features of a length into probabilities, in place.
func (m *linear) probabilities(sums []float32, length float64) {
	scale := float32(1)
	if length > 0 {
		scale = float32(1 / math.Sqrt(length))
	}
	for c, b := range m.Bias {
		sums[c] = b + scale*sums[c]
	}
	softmax(sums)
}

// axpy adds scale times row to sum.
func axpy(sum, row []float32, scale float32) {
	row = row[:len(sum)]
	for c, v := range row {
		sum[c] += scale * v
	}
}
