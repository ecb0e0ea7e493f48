package index

import (
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
	s.rankSentences()
	s.chooseSentences()
	s.parts = slices.Grow(s.parts, len(s.order))
	sum := s.parts[0].weight
	for _, at := range s.order {
		text := s.sentences[at]
		w := float32(0.3)
		if s.isQuestion[at] {
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

// rankSentences puts the sentences of a message into the order in which they
// are chosen: questions, the last first, and then the others.
func (s *scores) rankSentences() {
	n := len(s.sentences)
	s.order, s.isQuestion = s.order[:0], slices.Grow(s.isQuestion[:0], n)[:n]
	for i := n - 1; i >= 0; i-- {
		if s.isQuestion[i] = isQuestion(s.sentences[i]); s.isQuestion[i] {
			s.order = append(s.order, int32(i))
		}
	}
	for i := range n {
		at := n - 1 - i/2 // the last, the first, the last but one, and so on
		if i%2 == 1 {
			at = i / 2
		}
		if !s.isQuestion[at] {
			s.order = append(s.order, int32(at))
		}
	}
}

// chooseSentences keeps in s.order as many sentences as the bounds allow, and
// puts them into the order of the message.
func (s *scores) chooseSentences() {
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
	s.order = slices.DeleteFunc(s.order, func(i int32) bool { return i < 0 })
	slices.Sort(s.order)
}

// isQuestion reports whether a sentence looks like a question.
func isQuestion(s string) bool {
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
