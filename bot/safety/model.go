package safety

import (
	"math"
	"slices"

	"github.com/aftercarebot/aftercare/knowledge"
	"github.com/aftercarebot/aftercare/knowledge/language"
)

// model is a multinomial logistic regression over the words of a message:
// class 0 is quiet, the others are the cards.
type model struct {
	cards   []string // of class i+1
	matcher *Matcher
	weights []float32 // feature times classes
	bias    []float32
}

// feature is one property of a text, hashed, and the token that it came from.
type feature struct {
	id    uint32
	value float32
	at    int32
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
	minPart     = 4 // characters
	maxPart     = 5
)

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

// describe lists the features of a stretch of sentences.
func (s *sheet) describe(m *Matcher, where span) {
	r := m.reader
	s.features = s.features[:0]
	from, to := s.sentences[where.from].from, s.sentences[where.to-1].to
	tokens := s.tokens[from:to]

	// Words and neighbours.
	previous := "^"
	for i := range tokens {
		t := &tokens[i]
		at := int32(from + i)
		if t.masked {
			previous = "~"
			continue
		}
		mark := byte('s')
		if t.denied > 0 {
			mark = 'n'
		}
		s.feature(at, mark, t.stem, "")
		if t.form != t.stem {
			s.feature(at, 'w', t.form, "")
		}
		s.feature(at, 'b', previous, t.stem)
		previous = t.stem
	}
	s.feature(-1, 'b', previous, "$")
	s.scale(0, wordsAs)

	// Parts of words.
	start := len(s.features)
	var padded [64]byte
	for i := range tokens {
		t := &tokens[i]
		if t.masked || len(t.form) > 40 {
			continue
		}
		p := append(append(append(padded[:0], '_'), t.form...), '_')
		for n := minPart; n <= maxPart; n++ {
			for j := 0; j+n <= len(p); j++ {
				s.partFeature(int32(from+i), p[j:j+n])
			}
		}
	}
	s.scale(start, partsAs)

	// Lexicons, denied or not, and which of them and of the cues stand together.
	start = len(s.features)
	var seen [32]int
	tags := seen[:0]
	for i := where.from; i < where.to; i++ {
		sn := s.sentences[i]
		for _, h := range s.hits[sn.hits.from:sn.hits.to] {
			if r.symbols[h.symbol].name == "" || h.symbol == negation || h.symbol == spared || h.symbol != figure && s.masked(h.span) {
				continue
			}
			tag := 2 * h.symbol
			if s.tokens[h.from].denied > 0 && !r.symbols[h.symbol].place && h.symbol >= cues {
				tag++
			}
			if len(tags) < len(seen) && !slices.Contains(tags, tag) {
				tags = append(tags, tag)
				s.tagFeature(int32(h.from), 't', tag, 0)
			}
		}
		for n := range s.findings {
			if f := &s.findings[n]; f.sentence == i {
				state := 1
				if f.softened != "" {
					state = 2
				}
				s.tagFeature(int32(f.hits[0].from), 'f', f.pattern, state)
				s.tagFeature(int32(f.hits[0].from), 'F', m.patterns[f.pattern].sign, state)
				s.tagFeature(int32(f.hits[0].from), 'A', 0, state)
			}
		}
		if sn.question {
			s.feature(-1, 'q', "?", "")
		}
	}
	for i, a := range tags {
		for _, b := range tags[:i] {
			s.tagFeature(-1, 'p', min(a, b), max(a, b))
		}
	}
	s.scale(start, tagsAs)
}

// scale brings the features from start on to the length weight, so that a
// long message has no louder voice than a short one.
func (s *sheet) scale(start int, weight float32) {
	own := s.features[start:]
	if len(own) == 0 {
		return
	}
	v := weight / float32(math.Sqrt(float64(len(own))))
	for i := range own {
		own[i].value = v
	}
}

func (s *sheet) feature(at int32, kind byte, a, b string) {
	h := (offset ^ uint32(kind)) * prime
	for i := range len(a) {
		h = (h ^ uint32(a[i])) * prime
	}
	h = (h ^ ' ') * prime
	for i := range len(b) {
		h = (h ^ uint32(b[i])) * prime
	}
	s.put(at, h)
}

func (s *sheet) partFeature(at int32, part []byte) {
	h := uint32(offset)
	h = (h ^ 'c') * prime
	for _, b := range part {
		h = (h ^ uint32(b)) * prime
	}
	s.put(at, h)
}

func (s *sheet) tagFeature(at int32, kind byte, a, b int) {
	h := (offset ^ uint32(kind)) * prime
	for _, n := range [2]int{a, b} {
		h = (h ^ uint32(n&255)) * prime
		h = (h ^ uint32(n>>8)) * prime
	}
	s.put(at, h)
}

// put folds the hash (FNV-1a) to a bucket.
func (s *sheet) put(at int32, h uint32) {
	s.features = append(s.features, feature{id: (h ^ h>>15) % buckets, at: at})
}

const (
	offset = 2166136261
	prime  = 16777619
)

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
// content always gives the same model. Without examples of both sides there is
// nothing to learn: it gives nil, and only patterns decide.
func (matcher *Matcher) train(content knowledge.Safety, ordinary []string) *model {
	if len(content.Raise) == 0 || len(content.Quiet)+len(ordinary) == 0 {
		return nil
	}
	m := &model{matcher: matcher}
	class := map[string]int{}
	for _, c := range content.Cards {
		m.cards = append(m.cards, c.ID)
		class[c.ID] = len(m.cards)
	}
	cardOf := map[string]string{}
	for _, sign := range content.Signs {
		cardOf[sign.ID] = sign.Card
	}
	k := len(m.cards) + 1
	m.weights = make([]float32, buckets*k)
	m.bias = make([]float32, k)

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

	squares := make([]float32, len(m.weights))
	biasSquares := make([]float32, k)
	order := shuffled(len(lessons))
	scores := make([]float64, k)
	for epoch := range epochs {
		for _, i := range order {
			l := &lessons[i]
			if l.known && epoch != epochs/2 { // look again half way, and only then
				continue
			}
			p := softmax(m.score(scores, l.features))
			if l.known = p[l.class] > enough; l.known {
				continue
			}
			for c := range k {
				g := float32(p[c]) * l.weight
				if c == l.class {
					g -= l.weight
				}
				biasSquares[c] += g * g
				m.bias[c] -= rate * 0.1 * g / (float32(math.Sqrt(float64(biasSquares[c]))) + 1)
				for _, f := range l.features {
					j := int(f.id)*k + c
					d := g * f.value
					squares[j] += d * d
					m.weights[j] -= rate * d / (float32(math.Sqrt(float64(squares[j]))) + damp)
				}
			}
		}
	}
	return m
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
