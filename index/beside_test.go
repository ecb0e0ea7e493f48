package index

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// FuzzClauses compares the hand-written cutting with the regular expression
// that says what is meant.
func FuzzClauses(f *testing.F) {
	for _, s := range []string{
		"can i swim and can i run", "sun cream? and a hat?", "is it ok,and  or  but what", "one. two three! four five; six seven", "a b, and c d, e f",
		"and and and or plus", ", , ,", "x  and\ty z", "so, can i, or not", "",
	} {
		f.Add(s)
	}
	end := regexp.MustCompile(`\?|[.!;]\s|,?\s+(?:and|but|also|or|plus)\s+|,\s+`)
	f.Fuzz(func(t *testing.T, s string) {
		want := slices.DeleteFunc(end.Split(s, -1), func(c string) bool { return !twoWords(c) })
		got, ok := clausesOf(nil, s)
		if ok != (len(want) >= 2 && len(want) <= maxClauses) {
			t.Fatalf("%q: got %v, want %d clauses: %q", s, ok, len(want), want)
		}
		if ok && !slices.Equal(got, want) {
			t.Errorf("%q: got %q, want %q", s, got, want)
		}
	})
}

func TestTwoWords(t *testing.T) {
	for s, want := range map[string]bool{"": false, " ": false, "one": false, " one ": false, "one two": true, " one  two ": true} {
		if got := twoWords(s); got != want || got != (len(strings.Fields(s)) >= 2) {
			t.Errorf("%q: got %v, want %v", s, got, want)
		}
	}
}
