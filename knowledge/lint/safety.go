package lint

import (
	"slices"
	"strings"

	"github.com/aftercarebot/aftercare/knowledge"
)

// Safety gives what a complete safety section lacks: built-in danger signs, and
// signs that few messages would raise. Check gives it, too.
func Safety(base *knowledge.Base) []Finding {
	c := checker{base: base}
	c.safety()
	return c.found
}

func (c *checker) safety() {
	if c.base == knowledge.Default() || c.base.SafetyRules().BuiltIn() {
		return // the former without a look at its examples, which serving does not need
	}
	s := c.base.Safety()
	const mend = "remove complete: true, so that the built-in section is added, or write them"
	file, line := s.Complete()
	var left, untold []string
	for _, sign := range knowledge.Default().SafetyRules().Signs {
		if !slices.ContainsFunc(s.Signs, func(own knowledge.Sign) bool { return own.ID == sign.ID }) {
			left = append(left, sign.ID)
		}
	}
	for _, sign := range s.Signs {
		if !slices.ContainsFunc(s.Raise, func(e knowledge.Example) bool { return e.Sign == sign.ID }) {
			untold = append(untold, sign.ID)
		}
	}
	if len(left) > 0 {
		c.add(file, line, "danger-signs", mend, "complete: true leaves out built-in danger signs, so messages that speak of them get no safety card: %s", strings.Join(left, ", "))
	}
	if len(untold) > 0 {
		c.add(file, line, "danger-signs", mend, "complete: true leaves out the built-in messages, and these danger signs have none of their own under raise:, so most of what people write of them is missed: %s", strings.Join(untold, ", "))
	}
}
