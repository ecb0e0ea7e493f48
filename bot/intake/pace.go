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
// answered: at most burst in every window. Whoever exceeds it is told once
// and then met with silence until a whole window has passed without a message
// over the limit.
type Pace struct {
	burst  int
	window time.Duration
	now    func() time.Time

	mu    sync.Mutex
	keys  map[string]*track
	swept time.Time
}

type track struct {
	times []time.Time // of the messages answered within the window, oldest first
	last  time.Time   // last message of any kind
	told  bool
}

// NewPace makes a limit of burst messages a window for each key. A nil now means time.Now.
func NewPace(burst int, window time.Duration, now func() time.Time) *Pace {
	if now == nil {
		now = time.Now
	}
	return &Pace{burst: burst, window: window, now: now, keys: map[string]*track{}}
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
	if t.told && now.Sub(t.last) >= p.window {
		t.told = false
	}
	t.last = now
	switch {
	case t.told:
		return Quiet
	case len(t.times) >= p.burst:
		t.told = true
		return Slow
	}
	t.times = append(t.times, now)
	return Go
}

// sweep forgets, about once a window, the keys that have been silent for one.
func (p *Pace) sweep(now time.Time) {
	if now.Sub(p.swept) < p.window {
		return
	}
	p.swept = now
	for key, t := range p.keys {
		if now.Sub(t.last) >= p.window {
			delete(p.keys, key)
		}
	}
}
