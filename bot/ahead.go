package bot

import (
	"context"

	"github.com/aftercarebot/aftercare/knowledge"
)

// longText is how many bytes a message has from which on it is searched with
// while it is read for danger signs. Either takes some tenths of a millisecond
// then, and to begin the other beside it only a few thousandths.
const longText = 1000

// ahead is a search that was begun before it was known to be wanted.
type ahead struct {
	text     string
	done     chan struct{}
	matches  []knowledge.Match
	err      error
	panicked any
}

// searchAhead begins a search for a long text, and gives nil for any other.
func (c *content) searchAhead(ctx context.Context, text string) *ahead {
	if len(text) < longText {
		return nil
	}
	a := &ahead{text: text, done: make(chan struct{})}
	go func() {
		defer close(a.done)
		defer func() { a.panicked = recover() }()
		a.matches, a.err = c.search.Search(ctx, text)
	}()
	return a
}

// end waits until the search has ended.
func (a *ahead) end() {
	if a != nil {
		<-a.done
	}
}

// find searches for a text, or gives what was found ahead. Where that search
// panicked so does find, for whoever recovers from what Answer does.
func (c *content) find(ctx context.Context, text string, a *ahead) ([]knowledge.Match, error) {
	if a == nil || a.text != text {
		return c.search.Search(ctx, text)
	}
	a.end()
	if a.panicked != nil {
		panic(a.panicked)
	}
	return a.matches, a.err
}
