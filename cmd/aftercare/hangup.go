package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// hangups reloads at each SIGHUP until ctx is done. It takes the signal over
// at once, so that none ends the process from then on.
func hangups(reload func(ctx context.Context)) func(ctx context.Context) error {
	signals := make(chan os.Signal, 1) // one more that waits is enough: it reads what is there then
	signal.Notify(signals, syscall.SIGHUP)
	return func(ctx context.Context) error {
		defer signal.Stop(signals)
		for {
			select {
			case <-signals:
				reload(ctx)
			case <-ctx.Done():
				return nil
			}
		}
	}
}
