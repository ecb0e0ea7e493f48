package lint

import (
	"regexp"
	"sync"
)

// expression is a regular expression that is compiled when it is first used:
// most runs of the program check no content.
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
