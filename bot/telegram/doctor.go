package telegram

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"github.com/aftercarebot/aftercare/bot"
)

const (
	clockMost    = time.Minute // of difference to the server's clock
	doctorListen = 4 * time.Second
)

// Doctor looks at a bot account from outside and says what keeps it from
// serving: token, BotFather's switches, webhook and other pollers, commands,
// clock. It changes nothing on Telegram and confirms no message; with a long
// poll configured, a bot running on the same token loses a few seconds.
// The findings are complete unless an error is returned, which says that the
// settings cannot be used at all, or that ctx is done.
func Doctor(ctx context.Context, c Config) ([]bot.Finding, error) {
	a, err := New(c)
	if err != nil {
		return nil, err
	}
	defer a.api.http.CloseIdleConnections()
	d := &doctor{Adapter: a}
	if d.account(ctx) {
		d.delivery(ctx)
		d.commands(ctx)
	}
	return d.found, ctx.Err()
}

type doctor struct {
	*Adapter
	found []bot.Finding
}

// say notes a finding. The token is taken out: many a webhook's address holds it.
func (d *doctor) say(l bot.Level, what, remedy string) {
	d.found = append(d.found, bot.Finding{Level: l, What: d.api.hide.Replace(what), Remedy: remedy})
}

// account looks at the token and BotFather's switches, and reports whether the token is good.
func (d *doctor) account(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	var me tgbotapi.User
	got, err := d.api.do(ctx, "getMe", nil, &me)
	f := asFailure(err)
	switch {
	case err == nil:
	case f != nil && f.code == http.StatusUnauthorized:
		d.say(bot.Problem, "The token is not valid, or was revoked.", "In @BotFather: /token shows the token, /newbot makes a new bot. Copy it into TELEGRAM_TOKEN, on one line.")
		return false
	case f != nil && f.code == http.StatusNotFound:
		d.say(bot.Problem, "The server knows no such token.", "In @BotFather: /token shows the token. Copy all of it, digits and colon included, into TELEGRAM_TOKEN. "+
			"If TELEGRAM_API_URL is set, check that it is a Bot API server.")
		return false
	default:
		d.say(bot.Problem, "Telegram cannot be reached: "+err.Error()+".", "Check that this machine may open https connections to api.telegram.org, or set TELEGRAM_API_URL to a Bot API server or proxy.")
		return false
	}
	d.me.Store(&me)
	d.say(bot.Fine, "The token is good; the bot is @"+me.UserName+".", "")
	d.clock(got.date)

	if me.CanReadAllGroupMessages {
		d.say(bot.Notice, "Privacy mode is off: in groups Telegram sends the bot every message, though it needs commands, replies and mentions only.",
			"In @BotFather: /setprivacy, choose the bot, Enable. Then remove the bot from its groups and add it again.")
	} else {
		d.say(bot.Fine, "Privacy mode is on: in groups the bot sees what is meant for it.", "")
	}
	if me.SupportsInlineQueries {
		d.say(bot.Fine, "Inline mode is on.", "")
	} else {
		d.say(bot.Notice, "Inline mode is off: @"+me.UserName+" in other chats finds nothing.",
			"In @BotFather: /setinline, choose the bot, and send a hint such as: your question")
	}
	if me.CanJoinGroups {
		d.say(bot.Fine, "The bot can be added to groups.", "")
	} else {
		d.say(bot.Notice, "The bot cannot be added to groups.", "In @BotFather: /setjoingroups, choose the bot, Enable. If it is for private chats only, leave it so.")
	}
	return true
}

func (d *doctor) clock(date string) {
	server, err := http.ParseTime(date)
	if err != nil {
		return
	}
	if off := time.Since(server).Round(time.Second); off.Abs() > clockMost {
		d.say(bot.Problem, fmt.Sprintf("This machine's clock is off by %s.", off), "Set the clock by a time server (timedatectl set-ntp true); certificates and limits depend on it.")
		return
	}
	d.say(bot.Fine, "The clock is right.", "")
}

// delivery looks at how messages reach the bot.
func (d *doctor) delivery(ctx context.Context) {
	var info tgbotapi.WebhookInfo
	if err := d.api.call(ctx, "getWebhookInfo", nil, &info); err != nil {
		d.say(bot.Problem, "The webhook could not be looked at: "+err.Error()+".", "Try again.")
		return
	}
	switch {
	case d.webhook == "" && info.URL != "":
		d.say(bot.Notice, "A webhook is set ("+info.URL+"), and this set-up polls.",
			"Starting aftercare serve removes it. If another deployment sets it, stop that one, or give each its own bot: @BotFather, /newbot.")
	case d.webhook == "":
		d.polling(ctx, info)
	case info.URL == "":
		d.say(bot.Notice, "No webhook is set yet.", "Starting aftercare serve sets it.")
	case info.URL != d.webhook:
		d.say(bot.Problem, "The webhook points to "+info.URL+".", "Stop the deployment that set it, or give each its own bot: @BotFather, /newbot. Starting aftercare serve points it here.")
	case info.LastErrorMessage != "" && time.Since(time.Unix(int64(info.LastErrorDate), 0)) < time.Hour:
		d.say(bot.Problem, "Telegram could not deliver to the webhook: "+info.LastErrorMessage+".",
			"The address must reach --listen from outside, on port 443, 80, 88 or 8443, with a valid certificate.")
	default:
		d.say(bot.Fine, "The webhook is set.", "")
	}
	if info.URL != "" && len(info.AllowedUpdates) > 0 {
		for _, kind := range wanted {
			if !slices.Contains(info.AllowedUpdates, kind) {
				d.say(bot.Notice, "Telegram keeps back updates of kind "+kind+", as an earlier deployment asked.", "Starting aftercare serve asks for them.")
			}
		}
	}
	if info.PendingUpdateCount > 100 {
		d.say(bot.Notice, waiting(info.PendingUpdateCount)+".", "Start aftercare serve; Telegram keeps them for 24 hours.")
	}
}

// polling listens for a while: another process that polls ends our poll with
// 409. Nothing is confirmed, since no offset is sent.
func (d *doctor) polling(ctx context.Context, info tgbotapi.WebhookInfo) {
	if info.PendingUpdateCount > 0 {
		// A poll would return at once, and prove nothing.
		d.say(bot.Notice, waiting(info.PendingUpdateCount)+", so nobody collects them just now.", "Start aftercare serve.")
		return
	}
	_, _, err := d.getUpdates(ctx, 0, 1, doctorListen)
	f := asFailure(err)
	switch {
	case err == nil:
		d.say(bot.Fine, "No other process polls with this token.", "")
	case f != nil && f.code == http.StatusConflict:
		d.say(bot.Notice, "Another process polls with this token. If that is your aftercare serve, all is well.",
			"If not: stop it, or give each its own bot (@BotFather, /newbot). If you do not know who it is: @BotFather, /revoke, and use the new token.")
	case errors.Is(err, context.Canceled):
	default:
		d.say(bot.Problem, "Messages could not be asked for: "+err.Error()+".", "Try again.")
	}
}

func waiting(n int) string {
	if n == 1 {
		return "1 message is waiting"
	}
	return strconv.Itoa(n) + " messages are waiting"
}

func (d *doctor) commands(ctx context.Context) {
	params := tgbotapi.Params{}
	var have []tgbotapi.BotCommand
	if err := d.api.call(ctx, "getMyCommands", params, &have); err != nil {
		d.say(bot.Notice, "The commands could not be looked at: "+err.Error()+".", "Try again.")
		return
	}
	if !slices.Equal(have, d.commandsFor("default", "")) {
		d.say(bot.Notice, "The list of commands is not the bot's own.", "Starting aftercare serve writes it. In @BotFather, /setcommands is not needed.")
		return
	}
	d.say(bot.Fine, "The commands are registered.", "")
}
