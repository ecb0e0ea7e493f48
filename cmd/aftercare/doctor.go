package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/bot/discord"
	"github.com/aftercarebot/aftercare/bot/telegram"
)

func doctorCommand(p process, source *contentSource) *cobra.Command {
	d := doctor{process: p, source: source}
	cmd := &cobra.Command{
		Use:   "doctor [discord|telegram]",
		Short: "Looks at the set-up on a platform and says what to mend",
		Long: "doctor asks Discord and Telegram, or the one that is named, whether all that serve needs\n" +
			"is in place, and says what to do about what is not. It changes nothing. Give it the\n" +
			"variables and flags that serve gets. Exit code 1: something keeps the bot from working.",
		Args:      cobra.MatchAll(cobra.MaximumNArgs(1), cobra.OnlyValidArgs),
		ValidArgs: []string{"discord", "telegram"},
		RunE:      func(cmd *cobra.Command, args []string) error { return d.run(cmd.Context(), args) },
	}
	d.platformFlags.register(cmd)
	return cmd
}

type doctor struct {
	process
	platformFlags
	source *contentSource
}

func (d doctor) run(ctx context.Context, wanted []string) error {
	c, err := d.credentials()
	if err != nil {
		return err
	}
	if err := d.platformFlags.check(); err != nil {
		return err
	}
	wants := func(name, token string) bool {
		return slices.Contains(wanted, name) || len(wanted) == 0 && token != ""
	}
	onDiscord, onTelegram := wants("discord", c.discordToken), wants("telegram", c.telegramToken)
	switch {
	case onDiscord && c.discordToken == "":
		return usage(errors.New("DISCORD_TOKEN is not set"), "Set it, or DISCORD_TOKEN_FILE to a file that holds it.")
	case onTelegram && c.telegramToken == "":
		return usage(errors.New("TELEGRAM_TOKEN is not set"), "Set it, or TELEGRAM_TOKEN_FILE to a file that holds it.")
	case !onDiscord && !onTelegram:
		return usage(errors.New("there is nothing to look at: neither DISCORD_TOKEN nor TELEGRAM_TOKEN is set"), "Set one, or both.")
	}
	e, err := d.source.start(bot.Options{Log: quiet})
	if err != nil {
		return err
	}
	p := parts{log: quiet, guide: e.bot}
	grave := false
	if f, asked := d.numbers(e.base); asked {
		d.print("Content", []bot.Finding{f}, nil)
	}
	if onDiscord {
		found, err := discord.Doctor(ctx, d.discord(c, p))
		grave = d.print("Discord", found, err) || grave
	}
	if onTelegram {
		found, err := telegram.Doctor(ctx, d.telegram(c, p))
		grave = d.print("Telegram", found, err) || grave
	}
	if grave {
		return &failure{code: exitFailure}
	}
	return nil
}

// print lists what was found on a platform and reports whether any of it is grave.
func (d doctor) print(platform string, found []bot.Finding, err error) (grave bool) {
	if err != nil {
		found = append(found, bot.Finding{Level: bot.Problem, What: err.Error()})
	}
	fmt.Fprintln(d.out, platform)
	for _, f := range found {
		fmt.Fprintf(d.out, "  %-8s %s\n", f.Level.String()+":", f.What)
		if f.Remedy != "" {
			fmt.Fprintf(d.out, "           %s\n", f.Remedy)
		}
		grave = grave || f.Level == bot.Problem
	}
	return grave
}
