package telegram

import (
	"context"
	"log/slog"
	"strconv"
	"strings"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/bot/intake"
	"github.com/aftercarebot/aftercare/knowledge"
)

// turn has work that a tap asks for done in its turn among what its chat waits
// for, and reports whether the tap is settled already.
type turn func(work func(ctx context.Context) (settled bool)) (settled bool)

// tapped deals with a tap on a button and reports whether it is settled; what
// it changes in the chat waits its turn there, and settles it with finish.
// Every tap is answered, else the button goes on spinning; mostly at once,
// and where the answer is a word to the reader, with it.
func (a *Adapter) tapped(ctx context.Context, c *callback, finish func()) bool {
	answered := false
	answer := func(text string) {
		if !answered {
			answered = true
			a.answerTap(ctx, c.ID, text)
		}
	}
	defer func() { answer("") }()
	inTurn := func(work func(ctx context.Context) bool) (settled bool) {
		if c.Message == nil || a.closing.Load() { // nothing to wait for, or no queue to wait in
			answer("")
			return work(ctx)
		}
		room := true
		taken := a.putOr("chat", a.chatKey(c.Message.Chat.ID), finish, work, func() { room = false })
		if taken && room {
			answer("")
			return false
		}
		a.dropped(c.Message.Chat.ID, dropQueue)
		answer(sayTapBusy)
		return true
	}

	if c.From == nil {
		return true
	}
	user := strconv.FormatInt(c.From.ID, 10)
	if a.taps.Take(user) != intake.Allow {
		a.dropped(0, dropRateLimit)
		answer(sayTapFast)
		return true
	}
	what, arg := c.Data, ""
	if i := strings.IndexByte(c.Data, ':'); i >= 0 {
		what, arg = c.Data[:i+1], c.Data[i+1:]
	}
	switch what {
	case doOpen, doAfter:
		key, mark, _ := strings.Cut(arg, "@")
		id, has := a.keys.id(key)
		switch {
		case !has:
			answer(bot.SayGone)
			return true
		case c.Message == nil: // sent through inline mode: there is no chat to answer in
			a.dropped(0, dropInline)
			return true
		}
		to := c.below()
		q := question{chat: to.chat, private: c.Message.private(), topic: to.topic, user: c.From.ID, reply: to.reply, passage: id}
		if !q.private { // a message more for everybody there
			if over := a.overLimit(q); over != "" {
				answer(sayTapFast)
				return inTurn(func(ctx context.Context) bool { return a.replyOverLimit(ctx, q, over) })
			}
		}
		inPlace := what == doOpen && q.private && c.Message.Date != 0
		return inTurn(func(ctx context.Context) bool { return a.open(ctx, c, q, a.keys.marked(mark), inPlace) })
	case doTopics, doTopicsText:
		page, err := strconv.Atoi(arg)
		if err != nil || c.Message == nil {
			answer(sayOld)
			return true
		}
		return inTurn(func(ctx context.Context) bool {
			m := a.topicList(page)
			if what == doTopicsText {
				err = a.edit(ctx, c.Message.Chat.ID, c.Message.ID, m)
			} else {
				err = a.editButtons(ctx, c.Message.Chat.ID, c.Message.ID, m.keyboard)
			}
			return a.orAnew(ctx, c, m, err)
		})
	case doUp, doDown:
		return a.vote(ctx, c, user, arg, what == doUp, answer, inTurn)
	case doSet:
		if a.changeSetting(ctx, c, arg, answer) {
			return inTurn(func(ctx context.Context) bool {
				chat := c.Message.Chat.ID
				return a.failed(ctx, chat, a.edit(ctx, chat, c.Message.ID, a.settingsMessage(ctx, chat)))
			})
		}
		return true
	case doNone:
		return true
	}
	answer(sayOld)
	return true
}

// answerTap tells Telegram that the tap has arrived. text is shown for a moment; it is below 200 characters.
func (a *Adapter) answerTap(ctx context.Context, id, text string) {
	params := tgbotapi.Params{"callback_query_id": id}
	params.AddNonEmpty("text", text)
	err := a.try(ctx, "answerCallbackQuery", params, nil)
	if f := asFailure(err); f != nil && f.says("query is too old") {
		a.meter.SendFailed(platform, failLate)
	} else if err != nil && ctx.Err() == nil {
		a.log.Warn("tap not answered", slog.Any("error", err))
	}
}

// open shows the passage that q names: in place of the message tapped on, if it
// is one message, else below it. from is the passage that was shown there, if
// that is known.
func (a *Adapter) open(ctx context.Context, c *callback, q question, from *knowledge.Passage, inPlace bool) bool {
	r := a.handle(ctx, q.chat, q.topic, bot.Question{Passage: q.passage, Conversation: q.who()})
	parts := render(r, "")
	inPlace = inPlace && len(parts) == 1
	if !inPlace {
		from = nil // it is still there
	}
	parts[len(parts)-1].keyboard = a.replyButtons(r, q.private, len(parts), from)
	if inPlace {
		err := a.edit(ctx, q.chat, c.Message.ID, parts[0])
		return a.orAnew(ctx, c, parts[0], err)
	}
	to := c.below()
	for _, p := range parts {
		id, err := a.send(ctx, to, p)
		if err != nil {
			return a.failed(ctx, q.chat, err)
		}
		to = to.behind(id)
	}
	return true
}

// below is where a message goes that is not put in place of the one tapped on.
func (c *callback) below() address {
	to := address{chat: c.Message.Chat.ID, topic: c.Message.topic()}
	if !c.Message.private() {
		to.reply = c.Message.ID
	}
	return to
}

// orAnew sends m as a new message where the old one could not be edited.
func (a *Adapter) orAnew(ctx context.Context, c *callback, m outgoing, err error) bool {
	if f := asFailure(err); f != nil && f.code == 400 {
		_, err = a.send(ctx, c.below(), m)
	}
	return a.failed(ctx, c.Message.Chat.ID, err)
}

// vote passes a thumb on, once for each person and message, and says so. It
// reports whether that settles the tap.
func (a *Adapter) vote(ctx context.Context, c *callback, user, key string, helpful bool, answer func(string), inTurn turn) bool {
	id, has := a.keys.id(key)
	if !has || a.feedback == nil || c.Message == nil {
		answer(sayOld)
		return true
	}
	at := strconv.FormatInt(c.Message.Chat.ID, 10) + ":" + strconv.Itoa(c.Message.ID) + ":" + user + ":" + key
	if !a.votes.First(at) {
		answer(sayVoted)
		return true
	}
	err := a.feedback(ctx, bot.Feedback{Platform: platform, Passage: id, Helpful: helpful, Asker: user})
	switch {
	case err != nil:
		a.log.Error("feedback not kept", slog.String("error", a.api.hide.Replace(err.Error())))
		a.votes.Forget(at)
		answer(bot.SaySorry)
		return true
	case helpful:
		answer(bot.SayThanksUp)
	default:
		answer(bot.SayThanksDown)
	}
	// In a group others may want to vote.
	k, had := withoutThumbs(c.Message.Markup)
	if !had || !c.Message.private() {
		return true
	}
	return inTurn(func(ctx context.Context) bool {
		if err := a.editButtons(ctx, c.Message.Chat.ID, c.Message.ID, k); err != nil && ctx.Err() == nil {
			a.log.Debug("thumbs not taken away", slog.Any("error", err))
		}
		return true
	})
}
