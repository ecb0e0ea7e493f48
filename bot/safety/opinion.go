package safety

import "slices"

// opinion is what the model makes of one stretch of the message.
type opinion struct {
	card   string
	class  int
	chance float64
	where  span // of sheet.sentences
}

// opinions gives the model's opinion of the message as a whole, where it is
// short enough to be one thought, and of each sentence and pair of neighbours.
func (m *model) opinions(s *sheet, yield func(o opinion, whole bool)) {
	n := len(s.sentences)
	if n == 0 {
		return
	}
	short := len(s.tokens) <= 2*maxSentence
	if short {
		yield(m.ask(s, span{0, n}), true)
	}
	if n == 1 {
		return
	}
	for i := range n {
		yield(m.ask(s, span{i, i + 1}), false)
		if i+2 <= n && (n > 2 || !short) {
			yield(m.ask(s, span{i, i + 2}), false)
		}
	}
}

func (m *model) ask(s *sheet, where span) opinion {
	s.describe(m.matcher, where)
	scores := m.score(make([]float64, len(m.bias)), s.features)
	class, chance := 1, 0.0
	all := softmax(scores)
	raised := 1 - all[0]
	for c := 1; c < len(all); c++ {
		if all[c] > chance {
			class, chance = c, all[c]
		}
	}
	return opinion{card: m.cards[class-1], class: class, chance: raised, where: where}
}

// score writes a score for each class to out, which it returns.
func (m *model) score(out []float64, features []feature) []float64 {
	k := len(m.bias)
	for c := range k {
		out[c] = float64(m.bias[c])
	}
	for _, f := range features {
		w := m.weights[int(f.id)*k : int(f.id)*k+k]
		for c := range k {
			out[c] += float64(w[c] * f.value)
		}
	}
	return out
}

// why gives the words that spoke most for the opinion.
func (m *model) why(s *sheet, o opinion) []string {
	s.describe(m.matcher, o.where)
	k := len(m.bias)
	from, to := s.sentences[o.where.from].from, s.sentences[o.where.to-1].to
	sum := make([]float32, to-from)
	for _, f := range s.features {
		if f.at >= 0 {
			sum[int(f.at)-from] += f.value * (m.weights[int(f.id)*k+o.class] - m.weights[int(f.id)*k])
		}
	}
	order := make([]int, len(sum))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case sum[a] > sum[b]:
			return -1
		case sum[a] < sum[b]:
			return 1
		}
		return 0
	})
	var words []string
	for _, i := range order[:min(4, len(order))] {
		if sum[i] > 0 {
			words = append(words, `"`+s.tokens[from+i].text+`"`)
		}
	}
	return words
}
