package telegram

import (
	"strings"
	"sync"
	"time"
)

// Several messages in quick succession by one person in a private chat are
// one question. A message that looks finished waits only a moment for
// another; a fragment somewhat longer; and one from a while ago, delivered
// after a pause of ours, only for those that come with it.
const (
	waitLate     = 100 * time.Millisecond
	lateAfter    = 5 * time.Second
	waitFinished = 600 * time.Millisecond
	waitFragment = 1200 * time.Millisecond
	waitMost     = 3 * time.Second // from the first message on
	piecesMost   = 10
)

// bursts gathers messages. It is safe for concurrent use.
type bursts struct {
	ask func(question) bool // takes a question; false: no room, try again

	mu     sync.Mutex
	open   map[string]*burst
	closed bool
}

type burst struct {
	question
	began time.Time
	timer *time.Timer
}

func newBursts(ask func(question) bool) *bursts {
	return &bursts{ask: ask, open: map[string]*burst{}}
}

// add gives one message in. It reports false if there is no room.
func (b *bursts) add(q question) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return b.ask(q)
	}
	key := q.who()
	g := b.open[key]
	if g == nil {
		g = &burst{question: q, began: time.Now()}
		b.open[key] = g
		g.timer = time.AfterFunc(waitFor(q), func() { b.due(key, g) })
		return true
	}
	g.pieces = append(g.pieces, q.pieces...)
	g.finish = append(g.finish, q.finish...)
	if g.before == "" {
		g.before = q.before
	}
	wait := min(waitFor(q), waitMost-time.Since(g.began))
	if len(g.pieces) >= piecesMost {
		wait = 0
	}
	g.timer.Reset(max(wait, 0))
	return true
}

// edit changes a message that still waits. It reports whether there was one.
func (b *bursts) edit(key string, id int, text string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if g := b.open[key]; g != nil {
		for i := range g.pieces {
			if g.pieces[i].id == id {
				g.pieces[i].text = text
				return true
			}
		}
	}
	return false
}

// flush asks what is waiting under key now, so that what follows comes after it.
func (b *bursts) flush(key string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.hand(key)
}

// close asks everything that is waiting, and makes later messages not wait.
func (b *bursts) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	for key := range b.open {
		b.hand(key)
	}
}

func (b *bursts) due(key string, g *burst) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.open[key] == g { // else it was flushed as the timer went off
		b.hand(key)
	}
}

func (b *bursts) hand(key string) {
	g := b.open[key]
	if g == nil {
		return
	}
	g.timer.Stop()
	if !b.ask(g.question) && !b.closed {
		g.timer.Reset(100 * time.Millisecond)
		return
	}
	delete(b.open, key)
}

func waitFor(q question) time.Duration {
	if !q.at.IsZero() && time.Since(q.at) > lateAfter {
		return waitLate
	}
	text := strings.TrimSpace(q.text())
	if q.before != "" || strings.HasSuffix(text, "?") || strings.HasSuffix(text, ".") || strings.HasSuffix(text, "!") {
		return waitFinished
	}
	return waitFragment
}
