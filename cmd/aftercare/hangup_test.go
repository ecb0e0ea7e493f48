//go:build unix

package main

import (
	"context"
	"syscall"
	"testing"
	"time"
)

func TestHangup(t *testing.T) {
	reloads := make(chan struct{}, 10)
	run := hangups(func(context.Context) { reloads <- struct{}{} })
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx) }()
	for range 3 {
		if err := syscall.Kill(syscall.Getpid(), syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		select {
		case <-reloads:
		case <-time.After(30 * time.Second):
			t.Fatal("no reload after a SIGHUP")
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("got error %v, want none", err)
	}
}
