package index

import (
	"testing"

	"github.com/aftercarebot/aftercare/knowledge"
)

// engineOf trains an engine of base from nothing.
func engineOf(base *knowledge.Base) *engine { return newEngine(base, classesOf(base), false) }

// score scores a message in a workspace of its own.
func (e *engine) score(text string) scores {
	s := e.newScores()
	e.measure(s, text)
	return *s
}

func BenchmarkNew(b *testing.B) {
	base := knowledge.Default()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := newIndex(engineOf(base)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSearch(b *testing.B) {
	x := defaultIndex(b)
	questions := []string{"can I go swimming tomorrow?", "when may i wear mascara", "Is a G&T with dinner all right afterwards?", "factro 50 or 30 wich one is beter", "I had my first go three weeks ago last Wednesday, having been told by everyone that I'd come out looking ten years younger. My hubby says I look the same as ever. I'd only like to know when the full benefit is supposed to appear."}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := x.Search(b.Context(), questions[i%len(questions)]); err != nil {
			b.Fatal(err)
		}
	}
}
