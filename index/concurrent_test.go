//go:build unix

package index

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aftercarebot/aftercare/knowledge"
)

// TestConcurrent asks one Index from many goroutines, each in an order of its
// own. Every question must get what it gets alone, in a workspace that nobody used
// before: nothing may be left from one question to the next.
func TestConcurrent(t *testing.T) {
	var texts []string
	for i, q := range questions(t, "testdata/questions/validation_*.jsonl") {
		if i%12 == 0 || strings.Count(q.Q, " ") > 40 {
			texts = append(texts, q.Q)
		}
	}
	texts = append(texts, slices.Sorted(maps.Values(worstCases()))...)
	for name, base := range map[string]*knowledge.Base{"all classes compared": knowledge.Default(), "candidates alone": generated(t, 700)} {
		t.Run(name, func(t *testing.T) {
			x, err := New(base)
			if err != nil {
				t.Fatal(err)
			}
			ask := func(q string) string {
				matches, err := x.Search(t.Context(), q)
				if err != nil {
					t.Error(err)
				}
				var b strings.Builder
				for _, m := range matches {
					fmt.Fprint(&b, m.Passage.ID, m.Topic, m.SmallTalk, m.Confidence, m.Matched, m.Missing, m.Reasons, m.Also, m.About, "\n")
				}
				return b.String()
			}
			fresh := x.engine.pool.New
			want := make([]string, len(texts))
			for i, q := range texts {
				x.engine.pool = sync.Pool{New: fresh}
				want[i] = ask(q)
			}
			var wg sync.WaitGroup
			for n := range 6 {
				wg.Go(func() {
					for _, i := range rand.New(rand.NewPCG(uint64(n), 1)).Perm(len(texts)) {
						if got := ask(texts[i]); got != want[i] {
							t.Errorf("%.80q: got\n%swant\n%s", texts[i], got, want[i])
						}
					}
				})
			}
			wg.Wait()
		})
	}
}
