package intake

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// words stand for what a guide knows of danger signs.
type words struct{ asked int }

func (w *words) Danger(text string) bool {
	w.asked++
	if strings.Contains(text, "panic") {
		panic("asked to")
	}
	return strings.Contains(text, "breathe")
}

func TestLookout(t *testing.T) {
	w, panics := &words{}, 0
	l := NewLookout(w, 1<<20, func(any) { panics++ })
	for text, want := range map[string]Sight{
		"may I swim?": Calm, "I cannot breathe": Danger, "": Calm, "panic": Unseen,
		strings.Repeat("swim ", 1<<20) + "breathe": Danger, // longer than all that may be looked at in a second
	} {
		if got := l.Look(text); got != want {
			t.Errorf("%.20q: got %v, want %v", text, got, want)
		}
	}
	if panics != 1 || w.asked != 4 {
		t.Errorf("got %d panics and %d looks, want 1 and 4", panics, w.asked)
	}
}

// Whatever people send, no more is looked at than the budget, and what is not
// is said to be unseen.
func TestLookoutIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &words{}
		l := NewLookout(w, 100*leastLook, nil)
		look := func(n int, text string) (seen int) {
			for range n {
				if l.Look(text) != Unseen {
					seen++
				}
			}
			return seen
		}
		for _, step := range []struct{ length, want int }{{1, 100}, {leastLook, 100}, {10 * leastLook, 10}} {
			if got := look(1000, strings.Repeat("a", step.length)); got != step.want {
				t.Errorf("of 1000 messages of %d bytes: looked at %d, want %d", step.length, got, step.want)
			}
			time.Sleep(time.Second)
		}
		time.Sleep(time.Hour)
		if got := look(1000, "a"); got != 100 {
			t.Errorf("after an hour of quiet: looked at %d at once, want 100", got)
		}
	})
}
