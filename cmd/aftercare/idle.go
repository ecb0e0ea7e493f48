package main

import (
	"context"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/aftercarebot/aftercare/bot"
)

// restAfter is how long nothing is asked before memory is given back.
const restAfter = 3 * time.Second

// rest gives memory back to the system when there is nothing to do. Go's
// runtime keeps what a busy minute took, for the next one; a bot that answers
// for seconds a day is better off without.
type rest struct {
	asked atomic.Int64
	give  func() // freeAll
}

// note counts the questions that answer is asked.
func (r *rest) note(answer bot.Handler) bot.Handler {
	return func(ctx context.Context, q bot.Question) bot.Reply {
		r.asked.Add(1)
		return answer(ctx, q)
	}
}

// run gives memory back once after the start, and once after every time that
// something was asked, until ctx is done.
func (r *rest) run(ctx context.Context) error {
	tick := time.NewTicker(restAfter)
	defer tick.Stop()
	given, last := int64(-1), int64(-1) // counts of what was asked
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		now := r.asked.Load()
		if now == last && now != given {
			r.give()
			given = now
		}
		last = now
	}
}

// freeAll gives back all memory that is not in use. What a sync.Pool holds is
// free only after the second collection.
func freeAll() {
	runtime.GC()
	debug.FreeOSMemory()
}
