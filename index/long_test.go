package index

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/aftercarebot/aftercare/knowledge"
)

// BenchmarkLong searches for messages of 10, 100 and 800 words, put together
// from what the passages say and what people ask about them.
func BenchmarkLong(b *testing.B) {
	base := knowledge.Default()
	x := defaultIndex(b)
	r := rand.New(rand.NewPCG(1, 1))
	var said []string
	for _, p := range base.Passages() {
		said = append(append(said, p.Text), p.Phrasings...)
	}
	for _, n := range []int{10, 100, 800} {
		var texts []string
		for range 32 {
			var words []string
			for len(words) < n {
				words = append(words, strings.Fields(said[r.IntN(len(said))])...)
			}
			texts = append(texts, strings.Join(words[:n], " "))
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if _, err := x.Search(b.Context(), texts[i%len(texts)]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// TestStory asks a question at the beginning, in the middle and at the end of
// a long story: what is looked at of it must hold the question.
func TestStory(t *testing.T) {
	x := defaultIndex(t)
	const chatter = "It took me ages to find a place for the car near the station. My cousin drove home in the pouring rain and we listened to the radio. "
	for _, question := range []string{"Can I go swimming tomorrow?", "When may I wear mascara again?", "How long does it take until I see results?"} {
		alone, err := x.Search(t.Context(), question)
		if err != nil {
			t.Fatal(err)
		}
		for _, before := range []int{0, 10, 20} {
			story := strings.Repeat(chatter, before) + question + " " + strings.Repeat(chatter, 20-before)
			told, err := x.Search(t.Context(), story)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			if len(told) > 0 {
				got = told[0].Passage.ID
			}
			if want := alone[0].Passage.ID; got != want {
				t.Errorf("%q behind %d sentences: got %q, want %q", question, 2*before, got, want)
			}
		}
	}
}
