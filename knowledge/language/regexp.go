package language

import (
	"regexp"
	"sync"
)

// Regexp is a regular expression that is compiled when it is first used: most
// runs of the program need only a few. It is safe for concurrent use.
type Regexp struct {
	text     string
	once     sync.Once
	compiled *regexp.Regexp
}

// LazyRegexp gives an expression, which panics when used if it does not compile.
func LazyRegexp(text string) *Regexp { return &Regexp{text: text} }

// Get gives the compiled expression.
func (r *Regexp) Get() *regexp.Regexp {
	r.once.Do(func() { r.compiled = regexp.MustCompile(r.text) })
	return r.compiled
}
