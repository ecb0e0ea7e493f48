package index

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aftercarebot/aftercare/knowledge"
)

func TestBeside(t *testing.T) {
	x := defaultIndex(t)
	const (
		creams, exercise, sun, skincare, baths = "faq/which-creams", "guide/avoid-exercise", "guide/avoid-the-sun", "guide/skincare-products", "guide/avoid-swimming-and-hot-baths"
		makeUp, bathing                        = "faq/healing-time: make-up", "faq/healing-process: hot baths, saunas, spas and swimming"
	)
	for _, c := range []struct {
		name, question, first string
		beside                []string // id, and behind a colon what it gives another figure for; or "about" and a topic
	}{
		{"two-part question", "can i go to the gym and which cream should i use?", creams, []string{exercise}},
		{"two-part question in two sentences", "may I go jogging? can I lie in the sun?", sun, []string{exercise}},
		{"three parts", "can i use retinol, go to the gym and lie in the sun?", skincare, []string{exercise, sun}},
		{"two parts with one answer", "can i lie in the sun and can i sunbathe", sun, nil},
		{"a part that nothing answers", "can i lie in the sun and tell my sister", sun, nil},
		{"a part that only tells", "i went to the gym this morning, can i lie in the sun?", sun, []string{exercise}},
		{"a part that only tells, beside another figure", "i went to the gym this morning, can i wear mascara?", skincare, []string{makeUp}},
		{"one question", "can i go in the sun", sun, nil},
		{"difference names About", "when may i wear mascara again", skincare, []string{makeUp}},
		{"the other difference", "can i go to the sauna", baths, []string{bathing}},
		{"passage of a difference, but not about it", "can i use a vitamin c serum", skincare, nil},
		{"a part that is not covered", "What's the science here, how does poking holes in a face lead to more collagen?", "guide/what-is-microneedling", []string{"about scientific evidence"}},
		{"a part that is answered beside one that is not", "can I drink wine and go for a run tomorrow?", "about alcohol", []string{exercise}},
		{"another treatment, which all is about", "got LASIK yesterday, can I go for a run?", "about laser eye and cataract surgery", nil},
		{"a word of another topic, no question", "Shifting boxes up three floors tomorrow, should I cry off?", exercise, nil},
		{"two parts that differ each", "can i go swimming tomorrow and wear makeup?", skincare, []string{makeUp, baths, bathing}},
	} {
		t.Run(c.name, func(t *testing.T) {
			matches, err := x.Search(t.Context(), c.question)
			if err != nil {
				t.Fatal(err)
			}
			name := func(m knowledge.Match) string {
				if m.Topic != nil {
					return "about " + m.Topic.Name
				}
				return m.Passage.ID
			}
			if got := name(matches[0]); got != c.first || matches[0].Also {
				t.Errorf("%q: got %q first (also %v), want %q", c.question, got, matches[0].Also, c.first)
			}
			var beside []string
			seen := map[string]bool{}
			for i, m := range matches {
				if m.Also && i > 0 && i != len(beside)+1 {
					t.Errorf("%q: match %d is marked Also, but not the one before it", c.question, i+1)
				}
				if id := m.Passage.ID; id != "" {
					if seen[id] {
						t.Errorf("%q: %q is there twice", c.question, id)
					}
					seen[id] = true
				}
				if m.Also {
					beside = append(beside, strings.TrimSuffix(name(m)+": "+m.About, ": "))
				}
			}
			if !slices.Equal(beside, c.beside) {
				t.Errorf("%q: got %q beside it, want %q", c.question, beside, c.beside)
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
		clauses, ok := clausesOf(nil, s)
		var got []string
		for _, c := range clauses {
			got = append(got, c.text)
		}
		if ok != (len(want) >= 2 && len(want) <= maxClauses) {
			t.Fatalf("%q: got %v, want %d clauses: %q", s, ok, len(want), want)
		}
		if ok && !slices.Equal(got, want) {
			t.Errorf("%q: got %q, want %q", s, got, want)
		}
	})
}

// What is asked, and where a sentence begins, also where words stand twice.
func TestClauses(t *testing.T) {
	got, ok := clausesOf(nil, "I had it done. can I swim and drink wine? I had it done, and running tomorrow?")
	want := []clause{{"I had it done", false, true}, {"can I swim", true, true}, {"drink wine", true, false}, {" I had it done", false, true}}
	if ok || !slices.Equal(got[:4], want) {
		t.Errorf("got %v, %+v, want more than four, of them %+v", ok, got, want)
	}
}

func TestTwoWords(t *testing.T) {
	for s, want := range map[string]bool{"": false, " ": false, "one": false, " one ": false, "one two": true, " one  two ": true} {
		if got := twoWords(s); got != want || got != (len(strings.Fields(s)) >= 2) {
			t.Errorf("%q: got %v, want %v", s, got, want)
		}
	}
}
