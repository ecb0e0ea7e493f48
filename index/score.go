package index

import (
	"math"
	"slices"
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

// What is looked at of a long message. What a story says besides its questions
// drowns them more often than it tells them apart.
const (
	mostSentences = 4
	mostWords     = 64 // of them all, but for the first that is chosen
)

// cut finds the parts of a message: of a long one the sentences that are looked
// at, as its question is often only in one of them; the whole, which is all of
// them, is always the first. Weights sum to 1. Where there are more sentences than
// the bounds on them and on words allow, those that ask go first, the last of
// them before all, and then those at the end and at the beginning.
func (s *scores) cut(text string) {
	s.parts = append(s.parts[:0], part{text, 1})
	if strings.Count(text, " ") < longMessage {
		return
	}
	s.sentences = language.AppendSentences(s.sentences[:0], text)
	n := len(s.sentences)
	if n < 2 {
		return
	}
	s.order, s.asking = s.order[:0], slices.Grow(s.asking[:0], n)[:n]
	for i := n - 1; i >= 0; i-- {
		if s.asking[i] = asks(s.sentences[i]); s.asking[i] {
			s.order = append(s.order, int32(i))
		}
	}
	for i := range n {
		at := n - 1 - i/2 // the last, the first, the last but one, and so on
		if i%2 == 1 {
			at = i / 2
		}
		if !s.asking[at] {
			s.order = append(s.order, int32(at))
		}
	}
	words, sentences := 0, 0
	for i, at := range s.order {
		own := strings.Count(s.sentences[at], " ") + 1
		if sentences == mostSentences || words > 0 && words+own > mostWords {
			s.order[i] = -1
			continue
		}
		words += own
		sentences++
	}
	s.parts = slices.Grow(s.parts, sentences)
	sum := s.parts[0].weight
	chosen := slices.DeleteFunc(s.order, func(i int32) bool { return i < 0 })
	slices.Sort(chosen)
	for _, at := range chosen {
		text := s.sentences[at]
		w := float32(0.3)
		if s.asking[at] {
			w = 2
		}
		if int(at) == n-1 {
			w += 0.3
		}
		s.parts = append(s.parts, part{text, w})
		sum += w
	}
	for i := range s.parts {
		s.parts[i].weight /= sum
	}
}

// asks reports whether a sentence looks like a question.
func asks(s string) bool {
	if strings.HasSuffix(s, "?") {
		return true
	}
	first, _, _ := strings.Cut(s, " ")
	if len(first) > len("anyone") {
		return false
	}
	switch strings.ToLower(first) {
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
	said    []int32  // where in the reading each of those stands first
	account account
	// How foreign to the passages the words of the part that weighs most are.
	strangest, strange float32
	kinds              kinds
	named              []bool

	namedClasses []int32 // those of named that are set
	liked        []int32 // classes whose like is not empty
	sentences    []string
	asking       []bool  // of each sentence
	order        []int32 // in which sentences are looked at
	parts        []part
	whole        reading
	readings     []reading // of the parts, views of whole
	desk         desk
	features     []feature
	signals      []float64 // of one class
	sums         []float32 // of one part
	total        []float32 // of the whole
	comparison   comparison
	gathering    gathering
}

func (e *engine) newScores() *scores {
	n := len(e.classes)
	s := &scores{
		chance: make([]float32, n), like: make([]likeness, n), named: make([]bool, n), sums: make([]float32, n), total: make([]float32, n),
		account:    account{bm25: make([]float32, n), covered: make([]float32, n)},
		comparison: e.nearest.comparison(),
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
	s.liked, s.namedClasses, s.kinds, s.content, s.said = s.liked[:0], s.namedClasses[:0], kinds{}, 0, s.said[:0]
	s.account.reset()
	s.reading, s.asked = nil, nil
	s.whole.reset()
	clear(s.sentences)
	clear(s.parts)
	clear(s.desk.raw[:cap(s.desk.raw)])
	clear(s.desk.guesses)
	s.sentences, s.parts, s.readings, s.desk.guesses = s.sentences[:0], s.parts[:0], s.readings[:0], s.desk.guesses[:0]
}

// measure fills in s, which is empty.
func (e *engine) measure(s *scores, text string) {
	e.read(s, text)
	if e.linear == nil {
		e.lookUp(s)
	} else {
		e.compareAll(s)
	}
	e.say(s)
	s.strangest, s.strange = e.terms.strangeness(s.asked)
	e.notice(s, s.reading)
}

// read understands a message: its sentences one by one, and the whole from them.
func (e *engine) read(s *scores, text string) {
	s.cut(text)
	s.readings = append(s.readings[:0], reading{})
	s.whole.reset()
	if len(s.parts) == 1 {
		e.lexicon.readOn(&s.desk, &s.whole, text)
	}
	s.order = append(s.order[:0], 0)
	for _, p := range s.parts[1:] {
		e.lexicon.readOn(&s.desk, &s.whole, p.text)
		s.order = append(s.order, int32(len(s.whole.words)))
	}
	for i := range s.parts[1:] {
		s.readings = append(s.readings, s.whole.part(int(s.order[i]), int(s.order[i+1])))
	}
	s.readings[0] = s.whole
	s.reading, s.asked = &s.whole, &s.whole
	heaviest := s.parts[0].weight
	for i, p := range s.parts {
		if p.weight > heaviest {
			heaviest, s.asked = p.weight, &s.readings[i]
		}
	}
}

// say notes which words of the message say anything.
func (e *engine) say(s *scores) {
	r := s.reading
	for i, is := range r.stops {
		if is {
			continue
		}
		s.content++
		if !slices.ContainsFunc(s.said, func(j int32) bool { return r.words[j] == r.words[i] }) {
			s.said = append(s.said, int32(i))
		}
	}
}

// compareAll scores every class by the linear model, and the candidates by
// how near they are.
func (e *engine) compareAll(s *scores) {
	clear(s.chance)
	e.judgeAll(s)
	e.bleve.gather(&s.gathering, s.reading)
	classes := s.likely(s.gathering.classes)
	s.gathering.classes = classes
	s.liked = append(s.liked, classes...)
	c := &s.comparison
	n := e.nearest
	n.among(c, classes, math.MaxInt32)
	total := n.begin(c, e.lexicon, s.reading)
	if len(s.parts) == 1 {
		n.gatherAll(c, false)
		n.compare(c, c.part, e.lexicon, s.reading, total, s.like, 1, deep)
	} else {
		n.await(c)
		for i, p := range s.parts[1:] {
			r := &s.readings[i+1]
			own := n.begin(c, e.lexicon, r)
			n.gatherAll(c, true)
			n.compare(c, c.part, e.lexicon, r, own, s.like, p.weight, deepSentence)
		}
		n.compare(c, c.whole, e.lexicon, s.reading, total, s.like, s.parts[0].weight, deepWhole)
	}
	e.terms.account(&s.account, e.lexicon, s.reading)
}

// deepOf is with how many phrasings a part is compared by characters.
func deepOf(i int, parts []part) int {
	switch {
	case len(parts) == 1:
		return deep
	case i == 0:
		return deepWhole
	}
	return deepSentence
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
	c := &s.comparison
	e.nearest.among(c, classes, mostPhrasings)
	for i, p := range s.parts {
		total := e.nearest.begin(c, e.lexicon, &s.readings[i])
		e.nearest.gatherOf(c)
		e.nearest.compare(c, c.part, e.lexicon, &s.readings[i], total, s.like, p.weight, deepOf(i, s.parts))
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

// judgeAll asks the linear model about every sentence, and about the whole,
// which is their sum.
func (e *engine) judgeAll(s *scores) {
	if len(s.parts) == 1 {
		e.judge(s, s.reading)
		copy(s.chance, s.sums)
		return
	}
	clear(s.total)
	var total float64
	for i, p := range s.parts {
		if i == 0 {
			continue
		}
		clear(s.sums)
		length := e.hear(s, &s.readings[i])
		total += length
		axpy(s.total, s.sums, 1)
		e.linear.settle(s.sums, length)
		axpy(s.chance, s.sums, p.weight)
	}
	e.linear.settle(s.total, total)
	axpy(s.chance, s.total, s.parts[0].weight)
}

// judge asks the linear model about one part, and leaves the chances in s.sums.
func (e *engine) judge(s *scores, r *reading) {
	clear(s.sums)
	e.linear.settle(s.sums, e.hear(s, r))
}

// hear adds to s.sums what the features of a part say of each class, and
// gives the square of their length.
func (e *engine) hear(s *scores, r *reading) float64 {
	var length float64
	s.features, length = e.lexicon.properties(s.features[:0], r, e.linear.Pairs.find)
	for _, f := range s.features {
		e.linear.addRow(s.sums, f.row, f.value)
	}
	return length
}
