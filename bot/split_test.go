package bot

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestSplitCutsWhereAReaderWould(t *testing.T) {
	for name, tt := range map[string]struct {
		text string
		max  int
		want []string
	}{
		"nothing":                           {"", 10, nil},
		"it fits":                           {"short", 10, []string{"short"}},
		"at paragraph":                      {"One two.\n\nThree four.", 14, []string{"One two.\n\n", "Three four."}},
		"at line":                           {"- one two\n- three", 12, []string{"- one two\n", "- three"}},
		"at sentence":                       {"One two. Three four five.", 17, []string{"One two. ", "Three four five."}},
		"at word":                           {"one two three four", 9, []string{"one two ", "three ", "four"}},
		"inside word":                       {"abcdefghij", 4, []string{"abcd", "efgh", "ij"}},
		"nothing to see before a long word": {" abcdefghij", 5, []string{" abcd", "efghi", "j"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := Split(tt.text, func(s string) bool { return len(s) <= tt.max })
			if strings.Join(got, "|") != strings.Join(tt.want, "|") {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestSplitLosesNothing(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	pieces := []string{"a", "word ", "\n", "\n\n", ". ", "é", "🥴", "- item\n", "longerword", "! ", "<b>", "*"}
	for range 2000 {
		var b strings.Builder
		for range random.IntN(120) {
			b.WriteString(pieces[random.IntN(len(pieces))])
		}
		text, limit := b.String(), 1+random.IntN(60)
		parts := Split(text, func(s string) bool { return utf8.RuneCountInString(s) <= limit })
		if got := strings.Join(parts, ""); got != text {
			t.Fatalf("Split(%q, %d): joined again %q", text, limit, got)
		}
		for _, p := range parts {
			if n := utf8.RuneCountInString(p); n > limit || !utf8.ValidString(p) || p == "" {
				t.Fatalf("Split(%q, %d): part %q of %d characters", text, limit, p, n)
			}
		}
	}
}
