package index

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/aftercarebot/aftercare/knowledge"
)

// sparse is a guide as a newcomer writes it: text, no phrasings, and beside it
// what has nothing to do with any guide, which has many.
func sparse(t testing.TB) *knowledge.Base {
	t.Helper()
	base, err := knowledge.Load(fstest.MapFS{
		"bike.md": {Data: []byte(`## Riding in the rain {#rain}

Wipe the frame dry after a ride in the rain. Oil the chain again.

## Charging the battery {#battery}

Charge the battery every night. It takes four hours. Never leave it in the sun.

## Worn brakes {#brakes}

Have the brake pads changed after 1,000 kilometres. A squeal tells that they are worn.

## Tyres {#tyres}

Pump the tyres up to four bar once a week.
`)},
		"more.yaml": {Data: []byte(`declined:
  - id: cars
    name: cars
    kind: unrelated
    words: [car, lorry]
    phrasings: [where can I park my car, how do I change the oil of my car, my car does not start, is the car insured, when is the car due for a service]
  - id: theft
    name: theft
    words: [theft, stolen]
    phrasings: [my bike was stolen, what if somebody steals it]
smalltalk:
  - id: thanks
    reply: You are welcome.
    phrasings: [thanks, thank you, thanks a lot, cheers mate, that was helpful]
  - id: hello
    reply: Hello.
    phrasings: [hello, hi there, good morning, hey, good evening]
`)},
	})
	if err != nil {
		t.Fatal(err)
	}
	return base
}

func TestSparseGuide(t *testing.T) {
	x, err := New(sparse(t))
	if err != nil {
		t.Fatal(err)
	}
	if x.together == nil {
		t.Fatal("a guide without phrasings is ranked together with all else")
	}
	for _, c := range []struct {
		name, question string
		want           string // what comes first with confidence; empty: nothing does
		beyond         string // what comes first among all there is, and lowers that
	}{
		{name: "its own text", question: "how long must I charge the battery", want: "passage bike/battery"},
		{name: "one word of its own", question: "squeal", want: "passage bike/brakes"},
		{name: "its own topic", question: "my bike was stolen", want: "declined topic theft"},
		{name: "foreign message", question: "my car does not start", want: "declined topic cars"},
		{name: "foreign message that shares a word", question: "how do I change the oil of my car", want: "declined topic cars"},
		{name: "perhaps foreign", question: "how do I change the brake pads", want: "passage bike/brakes", beyond: "declined topic cars"},
		{name: "small talk", question: "thanks a lot", want: "small talk thanks"},
		{name: "no word of the guide's", question: "who won the election"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e, err := x.Explain(t.Context(), c.question)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			if e.Confidence >= 0.5 {
				got = e.Rows[0].Name
			}
			if got != c.want {
				t.Errorf("%q: got %q with %.2f, want %q", c.question, e.Rows[0].Name, e.Confidence, c.want)
			}
			if c.beyond != "" && !strings.Contains(e.Beyond, c.beyond) || c.want != "" && c.beyond == "" && e.Beyond != "" {
				t.Errorf("%q: got %q beyond the guide, want %q", c.question, e.Beyond, c.beyond)
			}
			if e.Beyond != "" && (e.Confidence >= e.Alone || e.Confidence < (1-foreignDiscount)*e.Alone) {
				t.Errorf("%q: got %.2f, want less than %.2f and not less than half of it", c.question, e.Confidence, e.Alone)
			}
		})
	}
}
