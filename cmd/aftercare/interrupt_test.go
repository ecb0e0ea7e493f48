package main

import (
	"bytes"
	"context"
	"io"
	"testing"
	"time"

	"github.com/aftercarebot/aftercare/bot"
)

// Ctrl-C ends a command that waits for standard input, at once and not as if
// all were well.
func TestInterrupt(t *testing.T) {
	in, typing := io.Pipe()
	defer typing.Close()
	ctx, interrupt := context.WithCancel(t.Context())
	var out, errs bytes.Buffer
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, []string{"ask"}, process{in: in, out: &out, err: &errs, env: noEnv})
	}()
	if _, err := io.WriteString(typing, "hello\n"); err != nil { // it reads
		t.Fatal(err)
	}
	interrupt()
	select {
	case got := <-code:
		if said := errs.String(); got != exitInterrupted || said != "aftercare: interrupted\n" {
			t.Errorf("got exit code %d and %q, want %d and that it was interrupted", got, said, exitInterrupted)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("it does not end")
	}
}

// A reply made while the command is ended is none.
func TestInterruptedReply(t *testing.T) {
	e, err := (&contentSource{env: noEnv}).start(bot.Options{Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out bytes.Buffer
	a := asker{process: process{out: &out}, engine: e}
	if err := a.ask(ctx, "can I swim?"); err == nil || out.Len() > 0 {
		t.Errorf("got %q and error %v, want nothing and an error", &out, err)
	}
}
