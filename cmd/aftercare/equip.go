package main

import (
	"context"

	"github.com/aftercarebot/aftercare/bot/discord"
	"github.com/aftercarebot/aftercare/bot/telegram"
)

// equipDiscord gives the adapter what runs beside it. A nil receiver gives nothing.
func (o *operations) equipDiscord(c *discord.Config) {
	if o == nil {
		return
	}
	c.Meter = o.meter
	c.Numbers = func(region string) bool { return o.serves.Load().SafetyRules().Numbers(region) }
	c.Reindex, c.Admins, c.Privacy = o.reindex("discord"), o.adminsOn("discord"), o.privacy()
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
		c.Feedback = o.store.Feedback
	}
}

// forget is /forgetme. It works without the journal, too, for what an earlier run kept.
func (o *operations) forget(platform string) func(ctx context.Context, asker string) error {
	return func(ctx context.Context, asker string) error { return o.store.Forget(ctx, platform, asker) }
}
