package index

import (
	"math"
	"strings"

	"github.com/aftercarebot/aftercare/knowledge/language"
)

// part is a piece of a message and its weight in the whole.
type part struct {
	text   string
	weight float32
}

// longMessage is the number of spaces from which on a message is looked at
// sentence by sentence, too.
const longMessage = 12

// parts cuts a long message into sentences, as its question is often only in
// one of them; the whole is always the first part. Weights sum to 1.
func parts(out []part, text string) []part {
	out = append(out[:0], part{text, 1})
	if strings.Count(text, " ") < longMessage {
		return out
	}
	sentences := language.Sentences(text)
	if len(sentences) < 2 {
		return out
	}
	const most = 12 // sentences looked at: the first and the last of them
	if len(sentences) > most {
		sentences = append(sentences[:most/2:most/2], sentences[len(sentences)-most/2:]...)
	}
	sum := out[0].weight
	for i, s := range sentences {
		w := float32(0.3)
		if asks(s) {
			w = 2
		}
		if i == len(sentences)-1 {
			w += 0.3
		}
		out = append(out, part{s, w})
		sum += w
	}
	for i := range out {
		out[i].weight /= sum
	}
	return out
}

// asks reports whether a sentence looks like a question.
func asks(s string) bool {
	if strings.HasSuffix(s, "?") {
		return true
	}
	first, _, _ := strings.Cut(strings.ToLower(s), " ")
	switch first {
	case "can", "could", "may", "should", "shall", "will", "would", "is", "are", "am", "do", "does", "did", "how", "what", "when", "why", "which", "who", "where", "has", "have", "must", "what's", "how's", "any", "anyone":
		return true
	}
	return false
}

// scores is what the signals say of every class for one message, and the
// room to work it out. It is used again for the next message.
type scores struct {
	chance  []float32 // of the linear model
	like    []likeness
	reading *reading // of the whole message
	asked   *reading // of the part that weighs most
	content int      // words of the message that are no stop words
	account account
	// How foreign to the passages the words of the part that weighs most are.
	strangest, strange float32
	kinds              kinds
	named              []bool

	namedClasses []int32 // those of named that are set
	liked        []int32 // classes whose like is not empty
	parts        []part
	readings     []*reading // of the parts
	desk         desk
	features     []feature
	chances      []float32 // of one part
	comparison   comparison
	gathering    gathering
}

func (e *engine) newScores() *scores {
	n := len(e.classes)
	s := &scores{
		chance: make([]float32, n), like: make([]likeness, n), named: make([]bool, n), chances: make([]float32, n),
		account:    account{bm25: make([]float32, n), covered: make([]float32, n)},
		comparison: e.nearest.comparison(n),
		gathering:  gathering{score: make([]float32, n), count: make([]uint8, n)},
	}
	for c := range s.like {
		s.like[c].phrasing = -1
	}
	return s
}

// reset makes room for the next message, and keeps nothing of this one.
func (s *scores) reset() {
	for _, c := range s.liked {
		s.like[c], s.chance[c] = likeness{phrasing: -1}, 0
	}
	for _, c := range s.namedClasses {
		s.named[c] = false
	}
	s.liked, s.namedClasses, s.kinds, s.content = s.liked[:0], s.namedClasses[:0], kinds{}, 0
	s.account.reset()
	for _, r := range s.readings[:len(s.parts)] {
		r.reset()
	}
	s.reading, s.asked = nil, nil
	clear(s.parts)
	clear(s.desk.raw[:cap(s.desk.raw)])
	clear(s.desk.guesses)
	s.parts, s.desk.guesses = s.parts[:0], s.desk.guesses[:0]
}

// score reads a message on a desk of its own.
func (e *engine) score(text string) scores {
	s := e.newScores()
	e.measure(s, text)
	return *s
}

// measure fills in s, which is empty.
func (e *engine) measure(s *scores, text string) {
	s.parts = parts(s.parts, text)
	for len(s.readings) < len(s.parts) {
		s.readings = append(s.readings, &reading{})
	}
	heaviest := float32(-1)
	for i, p := range s.parts {
		r := s.readings[i]
		e.lexicon.read(&s.desk, r, p.text)
		if i == 0 {
			s.reading = r
		}
		if p.weight > heaviest {
			heaviest, s.asked = p.weight, r
		}
	}
	if e.linear == nil {
		e.lookUp(s)
	} else {
		e.compareAll(s)
	}
	for _, is := range s.reading.stops {
		if !is {
			s.content++
		}
	}
	s.strangest, s.strange = e.terms.strangeness(s.asked)
	e.notice(s, s.reading)
}

// compareAll scores every class.
func (e *engine) compareAll(s *scores) {
	clear(s.chance)
	for i, p := range s.parts {
		e.judge(s, s.readings[i])
		axpy(s.chance, s.chances, p.weight)
		c := &s.comparison
		total := e.nearest.begin(c, e.lexicon, s.readings[i])
		e.nearest.gatherAll(c)
		e.nearest.compare(c, e.lexicon, s.readings[i], total, s.like, p.weight)
		s.liked = append(s.liked, c.classes...)
	}
	e.bleve.gather(&s.gathering, s.reading)
	s.gathering.classes = s.likely(s.gathering.classes, alsoLikely)
	e.terms.account(&s.account, e.lexicon, s.reading)
}

// sharpness is how much the best candidate stands out in chance where no
// linear model was trained: a phrasing met word for word leaves little to others.
const sharpness = 12

// lookUp scores the candidates alone. In place of the linear model's chance
// they get one among themselves, by how near they are.
func (e *engine) lookUp(s *scores) {
	e.bleve.gather(&s.gathering, s.reading)
	classes := s.gathering.classes
	s.liked = append(s.liked, classes...)
	for i, p := range s.parts {
		c := &s.comparison
		total := e.nearest.begin(c, e.lexicon, s.readings[i])
		e.nearest.gatherOf(c, classes)
		e.nearest.compare(c, e.lexicon, s.readings[i], total, s.like, p.weight)
	}
	e.terms.accountOf(&s.account, e.lexicon, s.reading, classes, e.nearest)
	top, sum := 0.0, 0.0
	near := func(c int32) float64 {
		l := &s.like[c]
		return sharpness * (0.5*float64(l.words) + 0.25*float64(l.grams) + 0.25*float64(s.account.covered[c]))
	}
	for _, c := range classes {
		top = max(top, near(c))
	}
	for _, c := range classes {
		sum += math.Exp(near(c) - top)
	}
	for _, c := range classes {
		s.chance[c] = float32(math.Exp(near(c)-top) / sum)
	}
}

// judge asks the linear model about one part.
func (e *engine) judge(s *scores, r *reading) {
	s.features = e.lexicon.features(s.features[:0], r, e.linear.Pairs.find)
	e.linear.chances(s.chances, s.features)
}
