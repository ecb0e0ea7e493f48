package safety

import (
	"cmp"
	"os"
	"path"
	"slices"
	"testing"

	"github.com/aftercarebot/aftercare/knowledge"
	"github.com/aftercarebot/aftercare/knowledge/language"
)

// TestHeldOut holds out each file of example messages in turn (each is
// written in one style), trains a Matcher on the rest, and keeps a floor under
// its recall and a ceiling over its false positives. It takes a
// while, so it runs only with AFTERCARE_SOAK set.
func TestHeldOut(t *testing.T) {
	if os.Getenv("AFTERCARE_SOAK") == "" {
		t.Skip("set AFTERCARE_SOAK=1 to run")
	}
	base := knowledge.Default()
	whole, ordinary := base.Safety(), ordinaryMessages(base)
	files := map[string]bool{}
	for _, e := range whole.Raise {
		files[e.File] = true
	}
	var caught, urgent, raised, harmless int
	for _, file := range slices.Sorted(func(yield func(string) bool) {
		for f := range files {
			if !yield(f) {
				return
			}
		}
	}) {
		part := whole
		held := func(e knowledge.Example) bool { return e.File == file }
		part.Raise = slices.DeleteFunc(slices.Clone(whole.Raise), held)
		part.Quiet = slices.DeleteFunc(slices.Clone(whole.Quiet), held)
		m, err := train(part, ordinary)
		if err != nil {
			t.Fatal(err)
		}
		var c, u, r, q int
		for _, e := range whole.Raise {
			if !held(e) {
				continue
			}
			u++
			if m.Match(language.Normalise(e.Text)).Level != None {
				c++
			} else if testing.Verbose() && os.Getenv("MISSES") != "" {
				t.Logf("missed (%s): %q", e.Sign, e.Text)
			}
		}
		for _, e := range whole.Quiet {
			if !held(e) {
				continue
			}
			q++
			if v := m.Match(language.Normalise(e.Text)); v.Level != None {
				r++
				if testing.Verbose() && os.Getenv("MISSES") != "" {
					t.Logf("raised for nothing (%s): %q %s", e.Sign, e.Text, v.Reasons)
				}
			}
		}
		t.Logf("%s: caught %d of %d, raised for nothing %d of %d", path.Base(file), c, u, r, q)
		caught, urgent, raised, harmless = caught+c, urgent+u, raised+r, harmless+q
	}
	const floor, ceiling = 0.82, 0.15 // 0.841 and 0.130 on 29 November 2026
	caughtOf, raisedOf := float64(caught)/float64(urgent), float64(raised)/float64(harmless)
	t.Logf("together: caught %.1f%% of %d, raised for nothing %.1f%% of %d", 100*caughtOf, urgent, 100*raisedOf, harmless)
	if caughtOf < floor || raisedOf > ceiling {
		t.Errorf("got %.3f caught and %.3f raised for nothing, want at least %.2f and at most %.2f", caughtOf, raisedOf, floor, ceiling)
	}
}

// TestThresholds shows what each threshold of the model would catch, and raise
// for nothing, by itself.
func TestThresholds(t *testing.T) {
	if os.Getenv("AFTERCARE_SOAK") == "" {
		t.Skip("set AFTERCARE_SOAK=1 to run")
	}
	m := matcher(t)
	best := func(text string) float64 {
		s := newScratch(len(m.analyser.symbols))
		m.analyse(s, language.Normalise(text))
		top := 0.0
		m.model.predictAll(s, func(p prediction, whole bool) {
			if !whole {
				p.probability *= doubtWhole / doubtSentence // brought to the same threshold
			}
			top = max(top, p.probability)
		})
		return top
	}
	for _, files := range [][]string{{"../../index/testdata/questions/validation_urgent.jsonl"}, {"../../index/testdata/questions/validation_inscope.jsonl", "../../index/testdata/questions/validation_oos.jsonl"}} {
		var positive, negative []float64
		for _, f := range files {
			for _, l := range readLabelled(t, f) {
				if l.Urgent {
					positive = append(positive, best(l.Q))
				} else {
					negative = append(negative, best(l.Q))
				}
			}
		}
		for _, threshold := range []float64{0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9} {
			over := func(list []float64) int {
				n := 0
				for _, v := range list {
					if cmp.Compare(v, threshold) >= 0 {
						n++
					}
				}
				return n
			}
			t.Logf("%v threshold %.1f: %d of %d, %d of %d", files[0], threshold, over(positive), len(positive), over(negative), len(negative))
		}
	}
}
