package telegram

import "sync"

const chatsMost = 10000 // remembered at once; the rest is learnt again by asking

// chats remembers which chats cannot be written to, and which groups go by
// another number now. It is safe for concurrent use.
type chats struct {
	mu    sync.Mutex
	away  map[int64]bool
	moved map[int64]int64
}

func newChats() *chats { return &chats{away: map[int64]bool{}, moved: map[int64]int64{}} }

// now gives the number that the chat goes by now.
func (c *chats) now(id int64) int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	if to, ok := c.moved[id]; ok {
		return to
	}
	return id
}

// move notes a group's new number and reports whether that is news.
func (c *chats) move(from, to int64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if from == to || c.moved[from] == to || c.moved[to] == from {
		return false
	}
	if len(c.moved) >= chatsMost {
		clear(c.moved)
	}
	c.moved[from] = to
	return true
}

func (c *chats) gone(id int64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.away[id]
}

// left marks a chat as one that cannot be written to.
func (c *chats) left(id int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.away) >= chatsMost {
		clear(c.away)
	}
	c.away[id] = true
}

// back takes the mark away: somebody there wrote, or let the bot in again.
func (c *chats) back(id int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.away, id)
}
