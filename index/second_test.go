package index

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestAlso(t *testing.T) {
	x := defaultIndex(t)
	const creams, exercise, sun, skincare, baths = "faq/which-creams", "guide/avoid-exercise", "guide/avoid-the-sun", "guide/skincare-products", "guide/avoid-swimming-and-hot-baths"
	for _, c := range []struct {
		name, question, first string
		also, about           string // empty: the second is only the runner-up
	}{
		{name: "two-part question", question: "can i go to the gym and which cream should i use?", first: creams, also: exercise},
		{name: "two-part question in two sentences", question: "may I go jogging? can I lie in the sun?", first: sun, also: exercise},
		{name: "two parts with one answer", question: "can i lie in the sun and can i sunbathe", first: sun},
		{name: "a part that nothing answers", question: "can i lie in the sun and tell my sister", first: sun},
		{name: "one question", question: "can i go in the sun", first: sun},
		{name: "difference names About", question: "when may i wear mascara again", first: skincare, also: "faq/healing-time", about: "make-up"},
		{name: "the other difference", question: "can i go to the sauna", first: baths, also: "faq/healing-process", about: "hot baths, saunas, spas and swimming"},
		{name: "passage of a difference, but not about it", question: "can i use a vitamin c serum", first: skincare},
	} {
		t.Run(c.name, func(t *testing.T) {
			matches, err := x.Search(t.Context(), c.question)
			if err != nil {
				t.Fatal(err)
			}
			if got := matches[0].Passage.ID; got != c.first || matches[0].Also {
				t.Errorf("%q: got %q first (also %v), want %q", c.question, got, matches[0].Also, c.first)
			}
			also, about := "", ""
			for i, m := range matches[1:] {
				if m.Also && i > 0 {
					t.Errorf("%q: match %d is marked Also, want at most the second", c.question, i+1)
				}
				if m.Also {
					also, about = m.Passage.ID, m.About
				} else if m.Passage.ID != "" && m.Passage.ID == c.also {
					t.Errorf("%q: %q is there twice", c.question, c.also)
				}
			}
			if also != c.also || about != c.about {
				t.Errorf("%q: got %q beside it, about %q; want %q, about %q", c.question, also, about, c.also, c.about)
			}
		})
	}
}

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
