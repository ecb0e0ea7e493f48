package main

import (
	"context"
	"log/slog"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/bot/discord"
	"github.com/aftercarebot/aftercare/bot/telegram"
)

// equipDiscord gives the adapter what runs beside it. A nil receiver gives nothing.
func (o *operations) equipDiscord(c *discord.Config) {
	if o == nil {
		return
	}
	c.Meter = o.meter
	c.Reindex, c.Admins = o.reindex("discord"), o.adminsOn("discord")
	if kept := o.privacy(); kept != "" {
		c.Privacy = discordSees(c.MessageContent) + kept
	}
	if o.store == nil {
		return
	}
	c.Settings = o.store.Settings("discord")
	c.Forget = o.forget("discord")
	if o.journal {
		c.Feedback = o.store.Feedback
	}
}

// equipTelegram gives the adapter what runs beside it. A nil receiver gives nothing.
func (o *operations) equipTelegram(c *telegram.Config) {
	if o == nil {
		return
	}
	c.Meter = o.meter
	c.Reindex, c.Admins, c.Privacy = o.reindex("telegram"), o.adminsOn("telegram"), o.privacy()
	if o.store == nil {
		return
	}
	c.Settings = o.store.Settings("telegram")
	c.Forget = o.forget("telegram")
	if o.journal {
		c.Feedback = func(ctx context.Context, f bot.Feedback) {
			if err := o.store.Feedback(ctx, f); err != nil {
				o.log.Warn("a thumb was not kept", slog.String("error", err.Error()))
			}
		}
	}
}

// forget is /forgetme. It works without the journal, too, for what an earlier run kept.
func (o *operations) forget(platform string) func(ctx context.Context, asker string) error {
	return func(ctx context.Context, asker string) error { return o.store.Forget(ctx, platform, asker) }
}

// discordSees is what the adapter itself says of what it sees, where nothing is kept.
func discordSees(messageContent bool) string {
	channels := ""
	if messageContent {
		channels = ", and in channels where the server’s admins have me answer by myself"
	}
	return "• I see what you write only when you use one of my commands, mention me, reply to me, or write to me directly" + channels + ".\n" +
		"• In a server, only you see my answers to commands, unless its admins chose otherwise.\n" +
		"• Your questions are not written to any log. For ten minutes I remember which passage you read last, so that you can ask a further question about it.\n"
}
