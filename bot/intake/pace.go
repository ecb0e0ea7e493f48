package intake

import (
	"sync"
	"time"
)

// Verdict says what to do with a message.
type Verdict int

const (
	Go    Verdict = iota // answer it
	Slow                 // too fast: say so once
	Quiet                // still too fast, and told already: say nothing
)

// Pace limits how fast messages under one key (a person, a chat) are
// answered: at most burst in every window. What is over the limit is told so
// once in a window, and then met with silence.
//
// One person who goes on all the same waits until a whole window has passed
// without a message. Under a key that many share there always is another
// message: what is refused there holds up nothing that comes later.
type Pace struct {
	burst  int
	window time.Duration
	shared bool
	now    func() time.Time

	mu    sync.Mutex
	keys  map[string]*track
	swept time.Time
}

type track struct {
	times []time.Time // of the messages answered within the window, oldest first
	told  time.Time   // until then it has been said that this is too fast
}

// NewPace makes a limit of burst messages a window for each key, which is one
// person's. A nil now means time.Now.
func NewPace(burst int, window time.Duration, now func() time.Time) *Pace {
	if now == nil {
		now = time.Now
	}
	return &Pace{burst: burst, window: window, now: now, keys: map[string]*track{}}
}

// NewSharedPace makes such a limit for keys that many people share, and for
// what must not be held up by more of its kind.
func NewSharedPace(burst int, window time.Duration, now func() time.Time) *Pace {
	p := NewPace(burst, window, now)
	p.shared = true
	return p
}

// Take counts a message under key and says what to do with it.
func (p *Pace) Take(key string) Verdict {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	p.sweep(now)
	t := p.keys[key]
	if t == nil {
		t = &track{}
		p.keys[key] = t
	}
	for len(t.times) > 0 && now.Sub(t.times[0]) >= p.window {
		t.times = t.times[1:]
	}
	told := now.Before(t.told)
	if len(t.times) < p.burst && (p.shared || !told) {
		t.times = append(t.times, now)
		return Go
	}
	if !told || !p.shared {
		t.told = now.Add(p.window)
	}
	if told {
		return Quiet
	}
	return Slow
}

// sweep forgets, about once a window, the keys of which nothing counts any more.
func (p *Pace) sweep(now time.Time) {
	if now.Sub(p.swept) < p.window {
		return
	}
	p.swept = now
	for key, t := range p.keys {
		silent := len(t.times) == 0 || now.Sub(t.times[len(t.times)-1]) >= p.window
		if silent && !now.Before(t.told) {
			delete(p.keys, key)
		}
	}
}
