package store

import (
	"strings"
	"sync"
)

// wordSet is a set of words, written with white space between them. It is made
// when it is first used: only a run of the program that keeps questions needs it.
type wordSet struct {
	words string
	once  sync.Once
	set   map[string]bool
}

func set(words string) *wordSet { return &wordSet{words: words} }

func (s *wordSet) has(word string) bool {
	s.once.Do(func() {
		s.set = make(map[string]bool)
		for _, w := range strings.Fields(s.words) {
			s.set[w] = true
		}
	})
	return s.set[word]
}
