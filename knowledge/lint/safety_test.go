package lint_test

import (
	"strings"
	"testing"

	"github.com/aftercarebot/aftercare/knowledge"
	"github.com/aftercarebot/aftercare/knowledge/lint"
)

const ownSign = `safety:
  cards:
    - id: danger
      title: Danger
      levels:
        - {urgency: contact, heading: Call, signs: [a wound]}
  signs:
    - {id: wound, card: danger, patterns: [wound]}
`

// A section that stands alone says so where it knows less than the built-in one.
func TestCompleteSafety(t *testing.T) {
	files := one("Text.")
	for _, test := range []struct {
		name, section string
		want          []string // of each finding
	}{
		{"added to the built-in one", ownSign, nil},
		{"one sign", ownSign + "  raise: {wound: [my wound has opened]}\n  complete: true\n", []string{"self-harm"}},
		{"one sign, no messages", ownSign + "  complete: true\n", []string{"self-harm", "none of their own under raise:, so most of what people write of them is missed: wound"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			files["safety.yaml"] = test.section
			base := load(t, files)
			found := lint.Safety(base)
			if len(found) != len(test.want) {
				t.Fatalf("got %v, want %d findings", found, len(test.want))
			}
			for i, f := range found {
				line := strings.Count(test.section, "\n")
				if f.Rule != "danger-signs" || f.File != "safety.yaml" || f.Line != line || !strings.Contains(f.What, test.want[i]) {
					t.Errorf("got %+v, want danger-signs at safety.yaml:%d with %q", f, line, test.want[i])
				}
			}
		})
	}
	if found := lint.Safety(load(t, one("Text."))); len(found) > 0 {
		t.Errorf("a guide without a safety section: got %v", found)
	}
	if found := lint.Safety(knowledge.Default()); len(found) > 0 {
		t.Errorf("the built-in guide: got %v", found)
	}
}
