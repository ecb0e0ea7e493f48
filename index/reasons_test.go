package index

import (
	"math"
	"testing"
)

// What Explain shows must be what decided: its signals sum to the log-odds of
// the confidence, unless that is capped, and to how far each candidate is behind
// the first.
func TestExplainedSignalsSumToTheLogOdds(t *testing.T) {
	few, err := New(sparse(t))
	if err != nil {
		t.Fatal(err)
	}
	many := defaultIndex(t)
	for _, c := range []struct {
		name, question string
		x              *Index
		capped         bool
	}{
		{name: "short", question: "can i swim", x: many},
		{name: "long", question: "I had my first go three weeks ago. My hubby says I look the same as ever. I'd only like to know when the full benefit is supposed to appear.", x: many},
		{name: "misspelt", question: "factro 50 or 30 wich one is beter", x: many},
		{name: "sparse guide", question: "how long must I charge the battery", x: few},
		{name: "perhaps foreign", question: "how do I change the brake pads", x: few},
		{name: "no word that tells", question: "how long does it take", x: few, capped: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			e, err := c.x.Explain(t.Context(), c.question)
			if err != nil {
				t.Fatal(err)
			}
			if len(e.Gate) == 0 || len(e.Rows) < 2 {
				t.Fatalf("got %d signals and %d candidates, want some", len(e.Gate), len(e.Rows))
			}
			want := e.Confidence
			if e.Beyond != "" {
				want = e.Alone
			}
			got := logistic(total(e.Gate))
			if c.capped != (got > maxUnmatched && want == maxUnmatched) {
				t.Errorf("%q: the signals make %.3f, and it is %.3f; want it capped: %v", c.question, got, want, c.capped)
			}
			if !c.capped && math.Abs(got-want) > 1e-9 {
				t.Errorf("%q: the signals make %v, want the confidence, %v", c.question, got, want)
			}
			for _, row := range e.Rows[1:] {
				got, want := total(row.Signals)-total(e.Rows[0].Signals), math.Log(row.Probability/e.Rows[0].Probability)
				if math.Abs(got-want) > 1e-9 {
					t.Errorf("%q: the signals put %s %v behind the first, and it is by %v", c.question, row.Name, got, want)
				}
			}
		})
	}
}

func total(of []Signal) float64 {
	sum := 0.0
	for _, s := range of {
		sum += s.Weight * s.Value
	}
	return sum
}
