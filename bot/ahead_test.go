package bot

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/aftercarebot/aftercare/knowledge"
)

// searcher is a Searcher.
type searcher func() ([]knowledge.Match, error)

func (s searcher) Search(context.Context, string) ([]knowledge.Match, error) { return s() }

// A long message is searched with before it is known whether there is to be a
// search: it is answered as any other all the same.
func TestLongMessages(t *testing.T) {
	base := smallBase(t)
	sun, _ := base.Passage("g/sun")
	long := strings.Repeat("It was a long way home and the train was late again. ", 30) + "Can I go in the sun?"
	if len(long) < longText {
		t.Fatalf("%d bytes are no long message", len(long))
	}
	searches := 0
	answer := func(text string, s searcher) Reply {
		t.Helper()
		searches = 0
		b, err := New(base, searcher(func() ([]knowledge.Match, error) {
			searches++ // by one goroutine, which has ended when Answer returns: else this is a race
			return s()
		}), Options{})
		if err != nil {
			t.Fatal(err)
		}
		return b.Answer(t.Context(), Question{Text: text})
	}
	sure := func() ([]knowledge.Match, error) {
		return []knowledge.Match{{Passage: sun, Confidence: 0.95}}, nil
	}
	if r := answer(long, sure); r.Kind != Answer || searches != 1 {
		t.Errorf("got %v after %d searches, want an answer after one", r.Kind, searches)
	}
	if r := answer("I can not breathe and my lips are swollen. "+long, sure); r.Kind != Urgent || searches != 1 {
		t.Errorf("got %v after %d searches, want the card, after one that was in vain", r.Kind, searches)
	}
	if r := answer(long, func() ([]knowledge.Match, error) { return nil, errors.New("no disk") }); r.Kind != Unknown || !strings.Contains(r.Text, "went wrong") {
		t.Errorf("got %v, %q", r.Kind, r.Text)
	}
	defer func() {
		if r := recover(); r != "out of range" {
			t.Errorf("recovered %v, want what the search panicked with", r)
		}
	}()
	answer(long, func() ([]knowledge.Match, error) { panic("out of range") })
}
