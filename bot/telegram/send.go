package telegram

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"github.com/aftercarebot/aftercare/bot/intake"
)

// Reasons why a reply was not delivered, for the log and the meter.
const (
	failGone        = "gone"        // blocked, kicked, deleted: 403
	failFlood       = "flood"       // Telegram asked for a longer silence than is sensible
	failUnreachable = "unreachable" // no connection, or 5xx, for a minute, though other messages are taken
	failRefused     = "refused"     // 400, also in its simplest form
	failLate        = "late"        // the tap or inline query is too old to be answered
	failStopping    = "stopping"    // the process ends
	failLost        = "lost"        // of these, those that Telegram will not deliver again: it was told that they had arrived
)

// How long a request is tried again, save for a message in an outage.
const (
	transientMost = time.Minute
	floodMost     = 3 * time.Minute
)

// address is where a message goes.
type address struct {
	chat  int64
	topic int // 0: none
	reply int // message to reply to; 0: none
}

// behind is where the part after one that was sent goes. In a group it replies
// to that: in the comments under a channel's post nothing else keeps it there.
func (to address) behind(part int) address {
	if to.reply != 0 {
		to.reply = part
	}
	return to
}

// try makes a request until it is accepted or refused for good: it waits as
// long as Telegram says after 429, and with growing pauses after a lost
// connection or a 5xx. For a message, waits in an outage do not count. A
// request whose answer was lost may be made twice.
func (a *Adapter) try(ctx context.Context, method string, params tgbotapi.Params, result any) error {
	message := strings.HasPrefix(method, "send") || strings.HasPrefix(method, "edit") // nothing else counts as one
	var flooded, lost time.Duration
	var last time.Time // failure
	pause := 200 * time.Millisecond
	for {
		if message {
			if err := a.limit.Wait(ctx); err != nil {
				return err
			}
		}
		err := a.api.call(ctx, method, params, result)
		if err != nil && ctx.Err() != nil {
			return err
		}
		f := asFailure(err)
		flood := f != nil && f.code == http.StatusTooManyRequests
		if err == nil || f != nil && f.code < 500 && !flood {
			if message && (f == nil || f.code != http.StatusUnauthorized) {
				a.outage.taken()
			}
			return err
		}
		counts := true
		if message {
			counts, last = a.outage.failed(last)
			if a.outage.lasts(a.outage.transient) {
				a.warn(failUnreachable, slog.LevelError, "telegram takes no messages: answers wait")
			}
		}
		wait, spent, most := pause+rand.N(pause), &lost, a.outage.transient
		if flood {
			wait, spent, most = max(f.retryAfter, time.Second), &flooded, a.outage.flood
		} else {
			pause = min(2*pause, 5*time.Second)
		}
		if counts {
			if *spent += wait; *spent > most {
				return err
			}
		}
		if err := intake.Sleep(ctx, wait); err != nil {
			return err
		}
	}
}

// sent is the part of a Message that comes back which is needed.
type sent struct {
	ID int `json:"message_id"`
}

// send delivers one message and gives its id. What Telegram refuses it sends
// again in a plainer form, rather than nothing: without HTML, outside of a
// topic that is gone, and at last as text alone.
func (a *Adapter) send(ctx context.Context, to address, m outgoing) (int, error) {
	var asText, bare, moved bool
	for {
		to.chat = a.chats.now(to.chat)
		if a.chats.gone(to.chat) {
			return 0, &failure{method: "sendMessage", code: http.StatusForbidden, description: "chat is gone"}
		}
		params := tgbotapi.Params{"chat_id": strconv.FormatInt(to.chat, 10)}
		params.AddNonZero("message_thread_id", to.topic)
		if err := addText(params, m, asText); err != nil {
			return 0, err
		}
		if to.reply != 0 {
			if err := params.AddInterface("reply_parameters", map[string]any{"message_id": to.reply, "allow_sending_without_reply": true}); err != nil {
				return 0, err
			}
		}
		var got sent
		err := a.try(ctx, "sendMessage", params, &got)
		f := asFailure(err)
		switch {
		case err == nil:
			return got.ID, nil
		case f == nil:
			return 0, err
		case f.migrateTo != 0 && !moved:
			moved = true
			a.migrated(ctx, to.chat, f.migrateTo)
			to.reply = 0 // numbers of the old group mean nothing in the new one
		case f.code == http.StatusForbidden:
			a.chats.left(to.chat)
			return 0, err
		case f.code != http.StatusBadRequest || bare:
			return 0, err
		case f.says("can't parse entities") && !asText:
			asText = true
			a.log.Error("telegram refused our HTML, sending plain text", slog.String("description", "can't parse entities"))
		case f.says("message thread not found", "topic_deleted") && to.topic != 0:
			to.topic = 0
		default:
			bare, asText, to.reply, m.keyboard = true, true, 0, nil
		}
	}
}

// edit puts m in the place of an earlier message. That it says so already is success.
func (a *Adapter) edit(ctx context.Context, chat int64, id int, m outgoing) error {
	asText := false
	for {
		params := tgbotapi.Params{"chat_id": strconv.FormatInt(a.chats.now(chat), 10), "message_id": strconv.Itoa(id)}
		if err := addText(params, m, asText); err != nil {
			return err
		}
		err := a.try(ctx, "editMessageText", params, nil)
		f := asFailure(err)
		switch {
		case f != nil && f.says("message is not modified"):
			return nil
		case f != nil && f.says("can't parse entities") && !asText:
			asText = true
		default:
			return err
		}
	}
}

// editButtons changes only the keyboard of an earlier message.
func (a *Adapter) editButtons(ctx context.Context, chat int64, id int, k *tgbotapi.InlineKeyboardMarkup) error {
	params := tgbotapi.Params{"chat_id": strconv.FormatInt(a.chats.now(chat), 10), "message_id": strconv.Itoa(id)}
	if k != nil {
		if err := params.AddInterface("reply_markup", k); err != nil {
			return err
		}
	}
	err := a.try(ctx, "editMessageReplyMarkup", params, nil)
	if f := asFailure(err); f != nil && f.says("message is not modified") {
		return nil
	}
	return err
}

func addText(params tgbotapi.Params, m outgoing, asText bool) error {
	params["text"] = m.plain
	if !asText {
		params["text"], params["parse_mode"] = m.html, tgbotapi.ModeHTML
	}
	if m.keyboard != nil {
		if err := params.AddInterface("reply_markup", m.keyboard); err != nil {
			return err
		}
	}
	return params.AddInterface("link_preview_options", map[string]bool{"is_disabled": true})
}

// failed takes note of a reply that did not arrive, and says by its result
// whether the question is settled all the same: it is not while the process
// is stopping, since Telegram will deliver it again.
func (a *Adapter) failed(ctx context.Context, chat int64, err error) (settled bool) {
	if err == nil {
		return true
	}
	f := asFailure(err)
	reason := failUnreachable
	switch {
	case ctx.Err() != nil || errors.Is(err, context.Canceled):
		reason = failStopping
	case f == nil || f.code >= 500:
	case f.code == http.StatusForbidden:
		reason = failGone
	case f.code == http.StatusTooManyRequests:
		reason = failFlood
	case f.says("query is too old"):
		reason = failLate
	default:
		reason = failRefused
	}
	if f != nil && f.code == http.StatusUnauthorized {
		select {
		case a.suspect <- struct{}{}: // the webhook's watch finds out; polling does by itself
		default:
		}
	}
	a.meter.SendFailed(platform, reason)
	a.log.Warn("reply not delivered", slog.String("reason", reason), a.chatAttr(chat), slog.Any("error", err))
	return reason != failStopping
}

// lost takes note of questions that nobody will answer, since the process ends.
func (a *Adapter) lost(n int) {
	if n == 0 {
		return
	}
	for range n {
		a.meter.SendFailed(platform, failLost)
	}
	a.log.Error("questions lost: they were confirmed, and not answered before the end", slog.Int("questions", n))
}

// dropped takes note of a message that gets no reply on purpose.
func (a *Adapter) dropped(chat int64, reason string) {
	a.meter.Dropped(platform, reason)
	level := slog.LevelInfo
	switch reason {
	case dropRateLimit, dropBot, dropOther, dropSame, dropLate, dropNoCard, dropUnseen:
		level = slog.LevelDebug // as many as somebody cares to send
	}
	a.log.LogAttrs(context.Background(), level, "message not answered", slog.String("reason", reason), a.chatAttr(chat))
}
