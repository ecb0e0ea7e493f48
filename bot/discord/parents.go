package discord

import (
	"context"
	"sync"
)

const parentsMost = 10_000 // remembered at once; the rest is asked for again

// parents remembers which channel a thread belongs to: a message does not
// say, and nothing of a server is kept. It is safe for concurrent use.
type parents struct {
	rest *rest

	mu sync.Mutex
	of map[id]id // a channel that is no thread belongs to ""
}

// parent gives the channel that a thread belongs to; empty for any other
// channel.
func (p *parents) parent(ctx context.Context, channel id) (id, error) {
	p.mu.Lock()
	known, ok := p.of[channel]
	p.mu.Unlock()
	if ok {
		return known, nil
	}
	var c channelPart
	if err := p.rest.do(ctx, call{method: "GET", path: "/channels/" + string(channel)}, &c); err != nil {
		return "", err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.of == nil || len(p.of) >= parentsMost {
		p.of = map[id]id{}
	}
	p.of[channel] = c.threadOf()
	return c.threadOf(), nil
}
