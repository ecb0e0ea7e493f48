package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/bot/console"
	"github.com/aftercarebot/aftercare/bot/discord"
	"github.com/aftercarebot/aftercare/bot/telegram"
)

func serveCommand(p process, source *contentSource) *cobra.Command {
	s := server{process: p, source: source}
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Answers on Discord and Telegram, or here in the terminal",
		Long: "serve answers on Discord if DISCORD_TOKEN is set and on Telegram if TELEGRAM_TOKEN is,\n" +
			"until it is told to stop (SIGTERM or Ctrl-C). It then finishes what it has taken in.\n" +
			"With neither token it talks to you in the terminal, where reindex and --watch work\n" +
			"and nothing is kept.\n\n" +
			"DISCORD_TOKEN_FILE and TELEGRAM_TOKEN_FILE name files that hold the tokens instead.\n" +
			"DISCORD_API_URL and TELEGRAM_API_URL point at other API servers or proxies;\n" +
			"they stand for " + discordAPI + " and " + telegramAPI + ".",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return s.serve(cmd.Context()) },
	}
	s.platformFlags.register(cmd)
	s.operationFlags.register(cmd)
	return cmd
}

// stopWithin is when serve ends at the latest after it was told to stop. The
// adapters end before that by themselves; see their Run.
const stopWithin = 9500 * time.Millisecond

// server is one run of serve.
type server struct {
	process
	platformFlags
	operationFlags
	source *contentSource
}

func (s server) serve(ctx context.Context) error {
	c, err := s.credentials()
	if err != nil {
		return err
	}
	if s.listen != "" && s.webhook == "" {
		return usage(errors.New("--listen is for the Telegram webhook, and --telegram-webhook is not given"), "Give both, or neither to poll.")
	}
	if err := s.platformFlags.check(); err != nil {
		return err
	}
	if err := s.operationFlags.check(s.source); err != nil {
		return err
	}
	if c.discordToken == "" && c.telegramToken == "" {
		if !isTerminal(s.in) || !isTerminal(s.out) {
			return usage(errors.New("there is nothing to serve: neither DISCORD_TOKEN nor TELEGRAM_TOKEN is set"),
				"Set one or both, or DISCORD_TOKEN_FILE or TELEGRAM_TOKEN_FILE to files that hold them.\nOn a terminal, serve without a token talks to you there.")
		}
		return s.talk(ctx)
	}
	return s.chat(ctx, c)
}

// talk answers on the terminal that serve was started on. The content can be
// read anew there, as on the platforms; nothing of the talk is kept.
func (s server) talk(ctx context.Context) error {
	e, err := s.source.start(bot.Options{Log: quiet}) // a log would get between the lines
	if err != nil {
		return err
	}
	s.drains.Store(true) // it leaves the terminal as it found it
	if f, asked := s.numbers(e.base); asked && f.Level != bot.Fine {
		fmt.Fprintf(s.err, "%s %s\n", f.What, f.Remedy)
	}
	if idle := s.idle(); len(idle) > 0 {
		fmt.Fprintf(s.err, "In the terminal these do nothing: %s.\n", strings.Join(idle, ", "))
	}
	stop, err := s.beside(ctx, e)
	if err != nil {
		return err
	}
	defer stop()
	return console.New(console.Config{
		In: s.in, Out: s.out, Guide: e.bot,
		Width:  func() int { return columns(s.out) },
		Colour: s.colour(s.out),
		Region: s.region,
	}).Run(ctx, e.bot.Answer)
}

// beside starts what reads the content anew during a talk. stop ends it.
func (s server) beside(ctx context.Context, e engine) (stop func(), err error) {
	o := &operations{operationFlags: s.operationFlags, log: quiet, reloader: newReloader(s.source, e, quiet)}
	o.ops = ""
	o.reloader.noted = func(r reloaded) {
		if r.err != nil { // the terminal is raw, and wants both ends of a line
			fmt.Fprintf(s.err, "\r\nThe content is not read anew: %s\r\n", strings.ReplaceAll(r.err.Error(), "\n", "\r\n"))
		}
	}
	services, err := o.services(ctx, s.process, s.source, nil)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	for _, run := range services {
		running.Go(func() { _ = run(ctx) }) // the talk goes on without it
	}
	return func() { cancel(); running.Wait() }, nil
}

// chat answers on the platforms whose tokens are set.
func (s server) chat(ctx context.Context, c credentials) (err error) {
	log := newLogger(s.err, isTerminal(s.err))
	base, err := s.source.load()
	if err != nil {
		return err
	}
	if f, asked := s.numbers(base); asked && f.Level != bot.Fine {
		log.Warn("the content has no emergency numbers for the region, so the wording stays neutral", slog.String("region", s.region))
	}
	m := newMeter(base)
	e, err := newEngine(base, bot.Options{Log: log, Meter: m})
	if err != nil {
		return err
	}
	s.drains.Store(true)
	o, err := s.operate(ctx, e, m, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, o.close()) }()
	platforms, err := s.platforms(c, parts{log: log, guide: e.bot, operations: o})
	if err != nil {
		return usage(err, "aftercare serve --help lists the settings.")
	}
	services, err := o.services(ctx, s.process, s.source, platforms)
	if err != nil {
		return err
	}
	services = append(services, hangups(o.reload("signal")))
	debug.FreeOSMemory() // preparing takes several times the memory of what is kept
	s.notify("READY=1")
	defer context.AfterFunc(ctx, func() { s.notify("STOPPING=1") })()
	log.Info("serving", slog.String("version", versionText()), slog.String("content", e.base.Hash()),
		slog.Int("passages", len(e.base.Passages())), slog.String("platforms", names(platforms)))
	unnoted := context.AfterFunc(ctx, func() { log.Info("stopping") })
	defer unnoted()
	idle := rest{give: freeAll}
	if err := runAll(ctx, idle.note(o.answer(e.bot)), platforms, append(services, idle.run)); err != nil {
		return err
	}
	log.Info("stopped")
	return nil
}

// platform is an adapter that is to run.
type platform struct {
	name  string
	run   func(ctx context.Context, answer bot.Handler) error
	ready func() bool // questions come in
}

func names(platforms []platform) string {
	var all []string
	for _, p := range platforms {
		all = append(all, p.name)
	}
	return strings.Join(all, ", ")
}

func (s server) platforms(c credentials, p parts) ([]platform, error) {
	var all []platform
	if c.discordToken != "" {
		a, err := discord.New(s.discord(c, p))
		if err != nil {
			return nil, err
		}
		all = append(all, platform{"discord", a.Run, a.Ready})
	}
	if c.telegramToken != "" {
		a, err := telegram.New(s.telegram(c, p))
		if err != nil {
			return nil, err
		}
		all = append(all, platform{"telegram", a.Run, a.Ready})
	}
	return all, nil
}

// errNotDrained is returned when a platform breaks the promise of its Run.
var errNotDrained = fmt.Errorf("a platform did not end within %v of being told to: answers may be lost", stopWithin)

// inVain tells what a platform's Run ends with: it does so only where going on
// is pointless, as with a refused token, so starting again is as well. A port
// that another process has may become free.
func inVain(err error) error {
	if err == nil || errors.As(err, new(*net.OpError)) || errors.Is(err, context.Canceled) {
		return err
	}
	return usage(err, "")
}

// runAll runs every platform and service until ctx is done and all have finished what
// they took in, or until one of them cannot go on, which stops the others the
// same way; its error is returned.
func runAll(ctx context.Context, answer bot.Handler, platforms []platform, services []service) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, run := range services {
		group.Go(func() error { return run(ctx) })
	}
	for _, p := range platforms {
		group.Go(func() error { return inVain(p.run(ctx, answer)) })
	}
	ended := make(chan error, 1)
	go func() { ended <- group.Wait() }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-ended:
		return err
	case <-time.After(stopWithin):
		return errNotDrained
	}
}
