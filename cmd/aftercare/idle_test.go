package main

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aftercarebot/aftercare/bot"
)

// Memory is given back after the start and after each burst of questions,
// never during one, and not again and again while nothing happens.
func TestRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var given atomic.Int32
		r := rest{give: func() { given.Add(1) }}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- r.run(ctx) }()
		answer := r.note(func(context.Context, bot.Question) bot.Reply { return bot.Reply{Kind: bot.Greeting} })
		wait := func(d time.Duration, want int32, when string) {
			t.Helper()
			time.Sleep(d)
			synctest.Wait()
			if got := given.Load(); got != want {
				t.Errorf("%s: got %d times, want %d", when, got, want)
			}
		}
		wait(time.Minute, 1, "a minute after the start")
		for range 100 {
			if got := answer(ctx, bot.Question{}); got.Kind != bot.Greeting {
				t.Fatalf("got a reply of kind %v", got.Kind)
			}
			time.Sleep(time.Second)
		}
		wait(0, 1, "while it is busy")
		wait(3*restAfter, 2, "after that")
		wait(time.Hour, 2, "an hour later")
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}
