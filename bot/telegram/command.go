package telegram

import (
	"context"
	"log/slog"
	"strconv"

	"github.com/aftercarebot/aftercare/bot"
)

// command carries out any command but /ask, and reports whether it is settled.
// A danger sign behind it matters more, and words behind a command that the
// bot does not know are a question.
func (a *Adapter) command(ctx context.Context, m *message, q question, to call) bool {
	asker := strconv.FormatInt(q.user, 10)
	known, ours := a.knows(to.command, asker), a.ours(q, to)
	switch text := q.text(); {
	case text != "" && (ours && !known || a.guide.Danger(text)):
		return a.reply(ctx, q)
	case !ours:
		a.dropped(q.chat, dropOther)
		return true
	}
	if over := a.overLimit(q); over != "" {
		return a.replyOverLimit(ctx, q, over)
	}
	switch to.command {
	case "start":
		return a.start(ctx, q, to.text)
	case "help":
		return a.tell(ctx, q, say(a.sayHelp(q.private)))
	case "topics":
		return a.tell(ctx, q, a.topicList(0))
	case "privacy":
		return a.tell(ctx, q, say(a.sayPrivacy()))
	case "settings":
		return a.tell(ctx, q, a.settingsFor(ctx, m, q))
	case "forgetme":
		switch {
		case a.forget == nil:
			return a.tell(ctx, q, say(bot.SayNothingKept))
		default:
			if err := a.forget(ctx, asker); err != nil {
				a.log.Error("not forgotten", slog.String("error", a.api.hide.Replace(err.Error())))
				return a.tell(ctx, q, say(bot.SaySorry))
			}
			return a.tell(ctx, q, say(bot.SayForgotten))
		}
	case "reindex":
		if known {
			return a.doReindex(ctx, q)
		}
	}
	return a.tell(ctx, q, say(sayUnknown))
}

// ours reports whether a message is for this bot as far as its command goes: a
// group may have other bots.
func (a *Adapter) ours(q question, to call) bool {
	return to.command == "" || q.private || to.named || a.knows(to.command, strconv.FormatInt(q.user, 10))
}

// knows reports whether the bot has a command, for who asks.
func (a *Adapter) knows(command, asker string) bool {
	switch command {
	case "ask", "start", "help", "topics", "privacy", "settings", "forgetme":
		return true
	case "reindex":
		return a.reindex != nil && a.admins[asker]
	}
	return false
}

// start greets, or opens what a deep link names.
func (a *Adapter) start(ctx context.Context, q question, payload string) bool {
	if !q.private {
		return a.tell(ctx, q, say(a.sayHelp(false)))
	}
	switch payload {
	case linkTopics:
		return a.tell(ctx, q, a.topicList(0))
	case linkAsk:
		return a.tell(ctx, q, say(a.sayHelp(true)))
	}
	if id, _ := a.keys.id(payload); id != "" {
		q.passage = id
		r := a.handle(ctx, q.chat, q.topic, bot.Question{Passage: id, Conversation: q.who()})
		return a.show(ctx, q, r, nil)
	}
	hello := say(a.sayStart())
	hello.keyboard = topicButtons(a.guide.Topics(), 0)
	return a.tell(ctx, q, hello)
}

func (a *Adapter) topicList(page int) outgoing {
	topics := a.guide.Topics()
	if len(topics) == 0 {
		return say(sayNoTopics)
	}
	m := say(sayTopics)
	m.keyboard = topicButtons(topics, page)
	return m
}

// doReindex tells an administrator of the bot what became of it, causes included.
func (a *Adapter) doReindex(ctx context.Context, q question) bool {
	_, _ = a.send(ctx, address{chat: q.chat, topic: q.topic, reply: q.reply}, say(sayReindexing))
	report, err := a.reindex(ctx)
	if err != nil {
		report = "The old guide goes on serving: " + err.Error()
	}
	for _, part := range compose([]block{{plain, a.api.hide.Replace(report)}}, "") {
		if !a.tell(ctx, q, part) {
			return false
		}
	}
	return true
}
