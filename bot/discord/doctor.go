package discord

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/aftercarebot/aftercare/bot"
)

// Doctor looks at everything that has to be in place for the bot on Discord
// and changes nothing. An error means that Discord could not be asked; the
// findings up to then are given too. It needs no Guide.
func Doctor(ctx context.Context, cfg Config) ([]bot.Finding, error) {
	a, err := newAdapter(cfg)
	if err != nil {
		return []bot.Finding{{Level: bot.Problem, What: err.Error(), Remedy: "Set DISCORD_TOKEN and DISCORD_API_URL as the README says."}}, nil
	}
	defer a.rest.client.CloseIdleConnections()
	a.rest.patience = askPatience
	d := &doctor{a: a, cfg: a.cfg}
	err = d.look(ctx)
	return d.findings, err
}

type doctor struct {
	a        *Adapter
	cfg      Config
	findings []bot.Finding
}

func (d *doctor) add(level bot.Level, what, remedy string) {
	d.findings = append(d.findings, bot.Finding{Level: level, What: what, Remedy: remedy})
}

// askLimit is how long Discord is waited for, and askPatience how long if it
// has a fault.
const (
	askLimit    = 20 * time.Second
	askPatience = 4 * time.Second
)

func (d *doctor) look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	var me struct {
		ID   id     `json:"id"`
		Name string `json:"username"`
	}
	err := d.a.rest.do(ctx, call{method: "GET", path: "/users/@me"}, &me)
	if isStatus(err, http.StatusUnauthorized) {
		d.add(bot.Problem, "Discord refuses the token.", "In the developer portal ("+portal+"), open your application, choose Bot, press Reset Token, and set DISCORD_TOKEN to the new token.")
		return nil
	}
	if err != nil {
		return fmt.Errorf("discord doctor: %w", err)
	}
	d.add(bot.Fine, fmt.Sprintf("The token is good: it is that of %s (%s).", me.Name, me.ID), "")
	if err := d.clock(ctx); err != nil {
		return err
	}
	var app application
	if err := d.a.rest.do(ctx, call{method: "GET", path: "/applications/@me"}, &app); err != nil {
		return fmt.Errorf("discord doctor: application: %w", err)
	}
	d.application(app)
	if err := d.gateway(ctx); err != nil {
		return err
	}
	return d.commands(ctx, app)
}

// clock compares this machine's with Discord's.
func (d *doctor) clock(ctx context.Context) error {
	status, header, _, err := d.a.rest.try(ctx, call{method: "GET", path: "/gateway"}, nil)
	if err != nil {
		return fmt.Errorf("discord doctor: clock: %w", err)
	}
	theirs, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		d.add(bot.Notice, fmt.Sprintf("Discord's answer (status %d) has no date, so the clock was not looked at.", status), "")
		return nil
	}
	off := time.Since(theirs).Round(time.Second)
	if off.Abs() > 30*time.Second {
		d.add(bot.Problem, fmt.Sprintf("This machine's clock is %v away from Discord's.", off.Abs()), "Set the clock by NTP: signatures of HTTP interactions are refused when they are five minutes off.")
		return nil
	}
	d.add(bot.Fine, "The clock agrees with Discord's.", "")
	return nil
}

// Flags of an application: a privileged intent is allowed, for few or for many servers.
const (
	flagContent        = 1 << 18
	flagContentLimited = 1 << 19
)

func (d *doctor) application(app application) {
	content := app.Flags.v&(flagContent|flagContentLimited) != 0
	switch {
	case d.cfg.MessageContent && !content:
		d.add(bot.Problem, "Auto-answer is wanted (--discord-message-content), but Message Content Intent is off.", "In the developer portal ("+portal+"), open your application, choose Bot, and switch on Message Content Intent.")
	case d.cfg.MessageContent:
		d.add(bot.Fine, "Message Content Intent is on, as auto-answer needs.", "")
	case content:
		d.add(bot.Notice, "Message Content Intent is on, but the bot does not ask for it.", "You can switch it off in the developer portal, under Bot, unless you want auto-answer (--discord-message-content).")
	default:
		d.add(bot.Fine, "No privileged intent is needed, and none is on.", "")
	}
	switch {
	case d.cfg.Interactions == "" && app.Endpoint != "":
		d.add(bot.Problem, "The application has an interactions endpoint URL, so Discord sends commands there and not over the gateway.", "Clear Interactions Endpoint URL in the developer portal, under General Information, or start with --discord-interactions.")
	case d.cfg.Interactions != "" && app.Endpoint == "":
		d.add(bot.Problem, "Interactions are to come over HTTP, but the application has no interactions endpoint URL.", "Start the bot, then set Interactions Endpoint URL in the developer portal, under General Information, to the public https address that leads to it.")
	case d.cfg.Interactions != "":
		d.add(bot.Fine, "Interactions come over HTTP to "+app.Endpoint+".", "")
	default:
		d.add(bot.Fine, "Interactions come over the gateway.", "")
	}
	if app.VerifyKey == "" && d.cfg.Interactions != "" {
		d.add(bot.Problem, "The application has no public key.", "Look at General Information in the developer portal.")
	}
	if !app.Public.v {
		d.add(bot.Notice, "Only you can add the bot to a server.", "Switch on Public Bot in the developer portal, under Bot, if others shall.")
	}
	d.ways(app)
	d.add(bot.Notice, "To add the bot to a server, with exactly the permissions that it uses, open this link.", installLink(app.ID))
}

// ways looks at how the application can be installed.
func (d *doctor) ways(app application) {
	if app.Ways.v == nil {
		return
	}
	for _, w := range []struct{ number, name string }{{"0", "Guild Install"}, {"1", "User Install"}} {
		if _, ok := app.Ways.v[w.number]; !ok {
			d.add(bot.Notice, w.name+" is off, so people cannot add the bot that way.", "Switch it on in the developer portal, under Installation.")
		}
	}
}

// installLink asks for exactly the permissions that are used.
func installLink(app id) string {
	q := url.Values{
		"client_id":   {string(app)},
		"scope":       {"bot applications.commands"},
		"permissions": {strconv.FormatUint(uint64(invitedPermissions), 10)},
	}
	return "https://discord.com/oauth2/authorize?" + q.Encode()
}

func (d *doctor) gateway(ctx context.Context) error {
	if d.cfg.Interactions != "" {
		return nil
	}
	info, err := d.a.gatewayInfo(ctx)
	if err != nil {
		return fmt.Errorf("discord doctor: %w", err)
	}
	switch left := info.Limit.Remaining; {
	case info.Limit.Total > 0 && left == 0:
		d.add(bot.Problem, "The bot has used up its session starts of the day.", fmt.Sprintf("Wait %v. Something restarts it far too often.", (time.Duration(info.Limit.ResetAfter)*time.Millisecond).Round(time.Minute)))
	case info.Limit.Total > 0 && left < info.Limit.Total/5:
		d.add(bot.Notice, fmt.Sprintf("Only %d of %d session starts are left today.", left, info.Limit.Total), "Look for what restarts the bot so often.")
	default:
		d.add(bot.Fine, fmt.Sprintf("The gateway is at %s; Discord advises %d shard(s); %d session starts are left today.", info.URL, max(info.Shards, 1), info.Limit.Remaining), "")
	}
	if t := d.a.shards.total; t > 0 && info.Shards > t*2 {
		d.add(bot.Notice, fmt.Sprintf("Discord advises %d shards, and %d are set.", info.Shards, t), "Use --shards auto.")
	}
	return nil
}

func (d *doctor) commands(ctx context.Context, app application) error {
	there, err := d.a.registered(ctx, string(app.ID))
	if err != nil {
		return fmt.Errorf("discord doctor: %w", err)
	}
	where := "for everybody"
	if d.cfg.TestGuild != "" {
		where = "on the test server"
	}
	switch want := d.a.commands(app); {
	case sameCommands(there, want):
		d.add(bot.Fine, fmt.Sprintf("The %d commands are registered %s.", len(want), where), "")
	case len(there) == 0:
		d.add(bot.Notice, "No commands are registered "+where+".", "The bot registers them when it starts.")
	default:
		d.add(bot.Notice, "The commands registered "+where+" are not those of this version.", "The bot puts that right when it starts.")
	}
	if d.cfg.TestGuild == "" {
		return nil
	}
	d.a.cfg.TestGuild = ""
	defer func() { d.a.cfg.TestGuild = d.cfg.TestGuild }()
	var all []json.RawMessage
	if err := d.a.rest.do(ctx, call{method: "GET", path: d.a.commandsPath(string(app.ID))}, &all); err != nil {
		return fmt.Errorf("discord doctor: commands: %w", err)
	}
	if len(all) > 0 {
		d.add(bot.Notice, "Commands are registered for everybody too, so the test server shows them twice.", "That ends when the bot is started once without the test server.")
	}
	return nil
}
