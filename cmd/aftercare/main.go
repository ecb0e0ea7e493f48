// Command aftercare answers questions about a clinic's aftercare guide, word
// for word from the guide: in a terminal, on Discord and on Telegram.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// version is stamped by the linker: -X main.version=v1.2.3.
var version string

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The first signal asks to stop. From then on signals have their usual
	// effect again, so a second one ends the process at once.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], process{
		in: os.Stdin, out: os.Stdout, err: os.Stderr, env: os.LookupEnv,
	}))
}
