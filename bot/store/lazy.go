package store

import (
	"regexp"
	"strings"
	"sync"
)

// Only a run of the program that keeps questions wants what is below, so it is
// made when it is first used.

// expression is a regular expression.
type expression struct {
	text     string
	once     sync.Once
	compiled *regexp.Regexp
}

func expressed(text string) *expression { return &expression{text: text} }

func (e *expression) get() *regexp.Regexp {
	e.once.Do(func() { e.compiled = regexp.MustCompile(e.text) })
	return e.compiled
}

// wordSet is a set of words, written with white space between them.
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
