package language

import (
	"regexp"
	"sync"
)

// Regexp is a regular expression that is compiled when it is first used: most
// runs of the program need only a few. It is safe for concurrent use.
type Regexp struct{ compile func() *regexp.Regexp }

// LazyRegexp gives an expression, which panics when used if it does not compile.
func LazyRegexp(text string) *Regexp {
	return &Regexp{sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })}
}

// Get gives the compiled expression.
func (r *Regexp) Get() *regexp.Regexp { return r.compile() }
