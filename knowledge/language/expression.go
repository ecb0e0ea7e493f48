package language

import (
	"regexp"
	"sync"
)

// Expression is a regular expression that is compiled when it is first used:
// for packages whose expressions most runs of the program do not need. It is
// safe for concurrent use.
type Expression struct {
	text     string
	once     sync.Once
	compiled *regexp.Regexp
}

// Expressed gives an expression, which panics when used if it does not compile.
func Expressed(text string) *Expression { return &Expression{text: text} }

// Get gives the compiled expression.
func (e *Expression) Get() *regexp.Regexp {
	e.once.Do(func() { e.compiled = regexp.MustCompile(e.text) })
	return e.compiled
}
