package telegram

import (
	"strings"
	"sync"
	"time"

	"github.com/aftercarebot/aftercare/bot"
)

// Several messages in quick succession by one person in a private chat are
// one question. What reads as a whole question is asked at once. A fragment
// waits a moment for the rest, and one from a while ago, delivered after a
// pause of ours, only for those that come with it. A fragment that comes just
// behind a question belongs to it still, and mends its answer.
const (
	waitMore   = 600 * time.Millisecond
	waitLate   = 100 * time.Millisecond
	lateAfter  = 5 * time.Second
	waitMost   = 3 * time.Second // from the first message on
	joinWithin = 1200 * time.Millisecond
	piecesMost = 10
	openMost   = 1000 // people who may be waited for at once
	askedMost  = 1000 // questions remembered for what may come just behind them
)

// bursts gathers messages. It is safe for concurrent use.
type bursts struct {
	ask        func(question) bool // takes a question; false: no room, try again
	joinWithin time.Duration

	mu     sync.Mutex
	open   map[string]*burst
	asked  map[string]justAsked // last question of each person
	closed bool
}

type burst struct {
	question
	began time.Time
	timer *time.Timer
}

type justAsked struct {
	piece int // its last message
	at    time.Time
}

func newBursts(ask func(question) bool) *bursts {
	return &bursts{ask: ask, joinWithin: joinWithin, open: map[string]*burst{}, asked: map[string]justAsked{}}
}

// add gives one message in. It reports false if there is no room.
func (b *bursts) add(q question) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	key := q.who()
	g := b.open[key]
	switch {
	case b.closed, g == nil && len(b.open) >= openMost:
		return b.ask(q)
	case g == nil && q.whole():
		if !b.ask(q) {
			return false
		}
		b.remember(key, q)
		return true
	case g == nil:
		if last, ok := b.asked[key]; ok && time.Since(last.at) < b.joinWithin && q.before == "" {
			q.joins = last.piece
		}
		g = &burst{question: q, began: time.Now()}
		b.open[key] = g
		g.timer = time.AfterFunc(waitFor(q), func() { b.due(key, g) })
		return true
	}
	g.looked = false // at what comes now
	g.pieces = append(g.pieces, q.pieces...)
	g.finish = append(g.finish, q.finish...)
	if g.before == "" {
		g.before = q.before
	}
	if q.whole() || len(g.pieces) >= piecesMost {
		if q.whole() {
			g.joins = 0 // it stands on its own
		}
		b.hand(key)
		return true
	}
	g.timer.Reset(max(min(waitFor(q), waitMost-time.Since(g.began)), 0))
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
				g.looked = false
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
	delete(b.asked, key)
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

// hand asks what is waiting under key. Where there is no room it tries again.
func (b *bursts) hand(key string) {
	g := b.open[key]
	if g == nil {
		return
	}
	g.timer.Stop()
	if !b.ask(g.question) && !b.closed {
		g.looked = true
		g.timer.Reset(100 * time.Millisecond)
		return
	}
	delete(b.open, key)
	b.remember(key, g.question)
}

func (b *bursts) remember(key string, q question) {
	if len(b.asked) >= askedMost {
		for k, last := range b.asked {
			if time.Since(last.at) >= b.joinWithin {
				delete(b.asked, k)
			}
		}
		if len(b.asked) >= askedMost {
			clear(b.asked)
		}
	}
	b.asked[key] = justAsked{q.pieces[len(q.pieces)-1].id, time.Now()}
}

// whole reports whether the words need nothing more to be answered.
func (q question) whole() bool {
	text := strings.TrimSpace(q.text())
	return strings.HasSuffix(text, "?") || strings.HasSuffix(text, "？") || bot.WholeQuestion(text)
}

func waitFor(q question) time.Duration {
	if !q.at.IsZero() && time.Since(q.at) > lateAfter {
		return waitLate
	}
	return waitMore
}
