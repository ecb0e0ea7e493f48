package intake

import (
	"sync"
	"time"
)

// Decision says what to do with a message.
type Decision int

const (
	Allow  Decision = iota // answer it
	Refuse                 // too fast: say so once
	Ignore                 // still too fast, and told already: say nothing
)

// Limiter limits how fast messages under one key (a person, a chat) are
// answered: at most burst in every window. What is over the limit is told so
// once in a window, and then met with silence.
//
// One person who goes on all the same waits until a whole window has passed
// without a message. Under a key that many share there always is another
// message: what is refused there holds up nothing that comes later.
type Limiter struct {
	burst  int
	window time.Duration
	shared bool
	now    func() time.Time

	mu    sync.Mutex
	keys  map[string]*history
	swept time.Time
}

type history struct {
	times []time.Time // of the messages answered within the window, oldest first
	told  time.Time   // until then it has been said that this is too fast
}

// NewLimiter makes a limit of burst messages a window for each key, which is one
// person's. A nil now means time.Now.
func NewLimiter(burst int, window time.Duration, now func() time.Time) *Limiter {
	if now == nil {
		now = time.Now
	}
	return &Limiter{burst: burst, window: window, now: now, keys: map[string]*history{}}
}

// NewSharedLimiter makes such a limit for keys that many people share, and for
// what must not be held up by more of its kind.
func NewSharedLimiter(burst int, window time.Duration, now func() time.Time) *Limiter {
	l := NewLimiter(burst, window, now)
	l.shared = true
	return l
}

// Take counts a message under key and says what to do with it.
func (l *Limiter) Take(key string) Decision {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	l.sweep(now)
	h := l.keys[key]
	if h == nil {
		h = &history{}
		l.keys[key] = h
	}
	for len(h.times) > 0 && now.Sub(h.times[0]) >= l.window {
		h.times = h.times[1:]
	}
	told := now.Before(h.told)
	if len(h.times) < l.burst && (l.shared || !told) {
		h.times = append(h.times, now)
		return Allow
	}
	if !told || !l.shared {
		h.told = now.Add(l.window)
	}
	if told {
		return Ignore
	}
	return Refuse
}

// sweep forgets, about once a window, the keys of which nothing counts any more.
func (l *Limiter) sweep(now time.Time) {
	if now.Sub(l.swept) < l.window {
		return
	}
	l.swept = now
	for key, h := range l.keys {
		silent := len(h.times) == 0 || now.Sub(h.times[len(h.times)-1]) >= l.window
		if silent && !now.Before(h.told) {
			delete(l.keys, key)
		}
	}
}
