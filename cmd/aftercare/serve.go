package main

import (
	"context"
	"errors"
	"log/slog"
	"strings"
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
			"With neither token it talks to you in the terminal.\n\n" +
			"DISCORD_TOKEN_FILE and TELEGRAM_TOKEN_FILE name files that hold the tokens instead.\n" +
			"DISCORD_API_URL and TELEGRAM_API_URL point at other API servers or proxies;\n" +
			"they stand for " + discordAPI + " and " + telegramAPI + ".",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return s.serve(cmd.Context()) },
	}
	f := cmd.Flags()
	f.StringVar(&s.region, "region", "", "country whose emergency numbers are shown, such as GB; default: neutral wording")
	f.StringVar(&s.shards, "shards", "auto", "Discord gateway connections: auto, a number, or i/n for one of several processes")
	f.StringVar(&s.testGuild, "discord-test-guild", "", "id of the one Discord server to register the commands in, where they show at once")
	f.BoolVar(&s.messageContent, "discord-message-content", false, "ask for the privileged message content intent, which auto-answer needs")
	f.StringVar(&s.interactions, "discord-interactions", "", "address to listen on for Discord's interactions over HTTP, instead of the gateway")
	f.StringVar(&s.webhook, "telegram-webhook", "", "public https address that Telegram calls, instead of polling")
	f.StringVar(&s.listen, "listen", "", "address to listen on for the Telegram webhook, such as :8080")
	return cmd
}

const (
	discordAPI  = "https://discord.com/api"
	telegramAPI = "https://api.telegram.org"

	// stopWithin is when serve ends at the latest after it was told to stop.
	// The adapters end before that by themselves; see their Run.
	stopWithin = 9500 * time.Millisecond
)

// server is one run of serve.
type server struct {
	process
	source *contentSource

	region, shards, testGuild string
	messageContent            bool
	interactions              string
	webhook, listen           string
}

// credentials are what serve reads from the environment.
type credentials struct {
	discordToken, discordAPI   string
	telegramToken, telegramAPI string
}

func (s server) credentials() (c credentials, err error) {
	read := func(into *string, from func() (string, error)) {
		if err == nil {
			*into, err = from()
		}
	}
	read(&c.discordToken, func() (string, error) { return s.token("DISCORD_TOKEN") })
	read(&c.telegramToken, func() (string, error) { return s.token("TELEGRAM_TOKEN") })
	read(&c.discordAPI, func() (string, error) { return s.apiURL("DISCORD_API_URL", discordAPI) })
	read(&c.telegramAPI, func() (string, error) { return s.apiURL("TELEGRAM_API_URL", telegramAPI) })
	return c, err
}

func (s server) serve(ctx context.Context) error {
	c, err := s.credentials()
	if err != nil {
		return err
	}
	if s.listen != "" && s.webhook == "" {
		return usage(errors.New("--listen is for the Telegram webhook, and --telegram-webhook is not given"), "Give both, or neither to poll.")
	}
	alone := c.discordToken == "" && c.telegramToken == ""
	if alone && !(isTerminal(s.in) && isTerminal(s.out)) {
		return usage(errors.New("there is nothing to serve: neither DISCORD_TOKEN nor TELEGRAM_TOKEN is set"),
			"Set one or both, or DISCORD_TOKEN_FILE or TELEGRAM_TOKEN_FILE to files that hold them.\nOn a terminal, serve without a token talks to you there.")
	}
	log := newLogger(s.err, isTerminal(s.err))
	if alone {
		log = quiet // the person on this terminal is told by the reply
	}
	e, err := s.source.start(bot.Options{Log: log})
	if err != nil {
		return err
	}
	if alone {
		return s.talk(ctx, e)
	}
	platforms, err := s.platforms(c, e, log)
	if err != nil {
		return err
	}
	log.Info("serving", slog.String("version", versionText()), slog.String("content", e.base.Hash()),
		slog.Int("passages", len(e.base.Passages())), slog.String("platforms", names(platforms)))
	if err := runAll(ctx, e.bot.Answer, platforms); err != nil {
		return err
	}
	log.Info("stopped")
	return nil
}

// talk answers on the terminal that serve was started on.
func (s server) talk(ctx context.Context, e engine) error {
	return console.New(console.Config{
		In: s.in, Out: s.out, Guide: e.bot,
		Width:  func() int { return columns(s.out) },
		Colour: s.colour(s.out),
		Region: s.region,
	}).Run(ctx, e.bot.Answer)
}

// platform is an adapter that is to run.
type platform struct {
	name string
	run  func(ctx context.Context, answer bot.Handler) error
}

func names(platforms []platform) string {
	var all []string
	for _, p := range platforms {
		all = append(all, p.name)
	}
	return strings.Join(all, ", ")
}

func (s server) platforms(c credentials, e engine, log *slog.Logger) ([]platform, error) {
	var all []platform
	if c.discordToken != "" {
		a, err := discord.New(discord.Config{
			Token: c.discordToken, APIURL: c.discordAPI, Log: log, Guide: e.bot,
			Shards: s.shards, MessageContent: s.messageContent, TestGuild: s.testGuild,
			Interactions: s.interactions, Region: s.region,
		})
		if err != nil {
			return nil, usage(err, "aftercare serve --help lists the settings.")
		}
		all = append(all, platform{"discord", a.Run})
	}
	if c.telegramToken != "" {
		a, err := telegram.New(telegram.Config{
			Token: c.telegramToken, APIURL: c.telegramAPI, Log: log, Guide: e.bot,
			Region: s.region, Webhook: s.webhook, Listen: s.listen,
		})
		if err != nil {
			return nil, usage(err, "aftercare serve --help lists the settings.")
		}
		all = append(all, platform{"telegram", a.Run})
	}
	return all, nil
}

// runAll runs every platform until ctx is done and all have finished what
// they took in, or until one of them cannot go on, which stops the others the
// same way; its error is returned.
func runAll(ctx context.Context, answer bot.Handler, platforms []platform) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, p := range platforms {
		group.Go(func() error { return p.run(ctx, answer) })
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
		return errors.New("stopped before every answer was sent: a platform did not finish in time")
	}
}
