package discord

import (
	"context"
	"fmt"
	"strings"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/knowledge"
)

// settings shows or changes what holds in a channel. Discord hides the
// command from everybody else, but an admin may give it to any role there, so
// the permission is looked at again.
func (a *Adapter) settings(ctx context.Context, t *turn) {
	t.setPrivate(true)
	switch {
	case t.Guild == "":
		t.say(ctx, sayServerOnly)
		return
	case !t.permissions().has(manageServer):
		t.say(ctx, sayManagersOnly)
		return
	case a.cfg.Settings == nil:
		t.say(ctx, bot.SayNoStore+" Until then, replies to commands are private and I answer only when I am asked.")
		return
	}
	channel := t.channel()
	if id := t.Data.v.option("channel"); id != "" {
		channel = id
	}
	if err := a.change(ctx, t, channel); err != nil {
		a.log.Error("settings not changed", "error", err)
		t.say(ctx, bot.SayNotKept+" This is what holds now.\n\n"+a.showSettings(ctx, t, channel))
		return
	}
	if region, ok := t.region(); region != "" && !ok && region != noRegion {
		t.say(ctx, "A region is a country's two letters, such as GB or IE, or “none”. The other settings are as they were chosen.")
		return
	}
	t.reply(ctx, notice("Settings", a.showSettings(ctx, t, channel)))
}

// change keeps the options that were given.
func (a *Adapter) change(ctx context.Context, t *turn, channel string) error {
	place := "channel:" + channel
	if v := t.Data.v.option("replies"); v != "" {
		if v != repliesPublic {
			v = ""
		}
		if err := a.choices.set(ctx, place, keyReplies, v); err != nil {
			return err
		}
	}
	if v := t.Data.v.option("auto-answer"); v != "" {
		if v != autoHere && v != autoThread {
			v = ""
		}
		if err := a.choices.set(ctx, place, keyAuto, v); err != nil {
			return err
		}
	}
	switch region, ok := t.region(); {
	case region == noRegion:
		return a.choices.set(ctx, "guild:"+string(t.Guild), keyRegion, "")
	case ok:
		return a.choices.set(ctx, "guild:"+string(t.Guild), keyRegion, region)
	}
	return nil
}

// noRegion takes a region away again.
const noRegion = "NONE"

// region is the country that was given, if anything was; ok if it may be one.
func (t *turn) region() (code string, ok bool) {
	return knowledge.Country(t.Data.v.option("region"))
}

func (a *Adapter) showSettings(ctx context.Context, t *turn, channel string) string {
	c, err := a.choices.in(ctx, string(t.Guild), channel)
	if err != nil {
		return "I cannot read the settings just now."
	}
	where := "In this channel and its threads"
	if channel != t.channel() {
		where = "In the channel you chose and its threads"
	}
	lines := []string{where + ":"}
	if c.public {
		lines = append(lines, "• Replies to commands: everybody sees them")
	} else {
		lines = append(lines, "• Replies to commands: private")
	}
	switch c.auto {
	case autoHere:
		lines = append(lines, "• Auto-answer: on, in the channel")
	case autoThread:
		lines = append(lines, "• Auto-answer: on, in a thread")
	default:
		lines = append(lines, "• Auto-answer: off")
	}
	switch {
	case c.auto != "" && a.cfg.Interactions != "":
		lines = append(lines, "", "Auto-answer has no effect: I am run with --discord-interactions, and so I see no messages.")
	case c.auto != "" && !a.cfg.MessageContent:
		lines = append(lines, "", "Auto-answer has no effect yet: whoever runs me must start me with --discord-message-content, and switch on Message Content Intent in the developer portal.")
	}
	lines = append(lines, "", "In the whole server:")
	region := orElse(c.region, a.cfg.Region)
	lines = append(lines, fmt.Sprintf("• Emergency numbers for: %s", orElse(region, "no country in particular")))
	if region != "" && a.cfg.Numbers != nil && !a.cfg.Numbers(region) {
		lines = append(lines, "", "I have no emergency numbers for that country, so the wording stays neutral. Whoever runs me can add them to the content.")
	}
	lines = append(lines, "", "To change one, give it with /settings.")
	return strings.Join(lines, "\n")
}
