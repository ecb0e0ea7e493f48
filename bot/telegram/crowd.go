package telegram

import (
	"sync"
	"time"
)

// crowd knows since when more comes in by webhook than there is room for, by
// Telegram's clock; now is always by ours. It is safe for concurrent use.
type crowd struct {
	mu    sync.Mutex
	ahead time.Duration // of Telegram's clock before ours
	since time.Time     // zero: there is room
}

// set tells what time it is by Telegram's clock; zero: not known.
func (c *crowd) set(theirs, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !theirs.IsZero() {
		c.ahead = theirs.Sub(now)
	}
}

// room notes that an update was taken, and whether there is much room besides.
func (c *crowd) room(much bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if much {
		c.since = time.Time{}
	}
}

// late reports whether a message that there is no room for was refused for so
// long because others ask too much, as poller.late does: not one from before,
// and not one that waits behind those.
func (c *crowd) late(at, now time.Time, behind time.Duration) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	now = now.Add(c.ahead)
	switch {
	case c.since.IsZero():
		c.since = now
	case at.After(c.since):
		return now.Sub(at) > behind
	case c.since.Sub(at) > behind:
		c.since = now
	}
	return false
}
