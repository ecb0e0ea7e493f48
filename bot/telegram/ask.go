package telegram

import (
	"context"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/bot/intake"
)

const typingAfter = 500 * time.Millisecond

// reply answers a question, and reports whether it is settled.
func (a *Adapter) reply(ctx context.Context, q question) bool {
	if q.joins != 0 {
		q = a.joined(q)
	}
	set := a.groupSettings(ctx, q.chat, q.private)
	if q.toBot && set[setReplies] == "off" {
		a.dropped(q.chat, dropOff)
		return true
	}
	if v := a.overLimit(q); v != "" {
		return a.replyOverLimit(ctx, q, v)
	}
	if q.passage == "" && q.text() == "" { // a picture without words
		return a.tell(ctx, q, say(q.before+" "+bot.SayInWords))
	}
	return a.show(ctx, q, a.respond(ctx, q), set)
}

// respond asks the bot for the reply to a question.
func (a *Adapter) respond(ctx context.Context, q question) bot.Reply {
	return a.handle(ctx, q.chat, q.topic, bot.Question{Text: q.text(), Passage: q.passage, Conversation: q.who(), Asker: strconv.FormatInt(q.user, 10)})
}

// joined puts a fragment behind the question that it followed, if that was
// answered, so that the answer is mended and not a second one given.
func (a *Adapter) joined(q question) question {
	e := a.replies.get(q.chat, q.joins)
	if e == nil || len(e.question.pieces)+len(q.pieces) > piecesMost {
		return q
	}
	all := e.question
	all.pieces = append(slices.Clone(all.pieces), q.pieces...)
	all.again = e
	return all
}

// show sends a reply, or puts it in the place of an earlier one.
func (a *Adapter) show(ctx context.Context, q question, r bot.Reply, set map[string]string) bool {
	var parts []outgoing
	if !q.private && set[setAnswers] == "private" && (r.Kind == bot.Answer || r.Kind == bot.Suggest) && len(r.Matches) > 0 {
		m := say(strings.TrimSpace(r.NotCovered + "\n\n" + sayPrivate))
		m.keyboard = a.privateButtons(r)
		parts = []outgoing{m}
	} else {
		parts = render(r, q.before)
		parts[len(parts)-1].keyboard = a.replyButtons(r, q.private, len(parts), nil)
	}
	var old []int
	urgent := r.Kind == bot.Urgent
	if q.again != nil && (!urgent || q.again.urgent) { // an edit rings no bell, and a card must
		old = q.again.answers
	}
	to := address{chat: q.chat, topic: q.topic, reply: q.reply}
	var ids []int
	for i, p := range parts {
		if i < len(old) {
			err := a.edit(ctx, q.chat, old[i], p)
			if err == nil {
				ids = append(ids, old[i])
				to = to.behind(old[i])
				continue
			}
			if f := asFailure(err); f == nil || f.code != 400 {
				return a.failed(ctx, q.chat, err)
			}
			// It was deleted: say it anew.
		}
		id, err := a.send(ctx, to, p)
		if err != nil {
			return a.failed(ctx, q.chat, err)
		}
		ids = append(ids, id)
		to = to.behind(id)
	}
	for i := len(parts); i < len(old); i++ {
		_ = a.try(ctx, "deleteMessage", tgbotapi.Params{"chat_id": strconv.FormatInt(a.chats.now(q.chat), 10), "message_id": strconv.Itoa(old[i])}, nil)
	}
	a.replies.put(q, ids, urgent)
	a.log.Debug("answered", slog.String("kind", r.Kind.String()), a.chatAttr(q.chat))
	return true
}

// tell sends one message of the adapter's own.
func (a *Adapter) tell(ctx context.Context, q question, m outgoing) bool {
	_, err := a.send(ctx, address{chat: q.chat, topic: q.topic, reply: q.reply}, m)
	return a.failed(ctx, q.chat, err)
}

// handle asks the bot. A panic gives a reply that says so.
func (a *Adapter) handle(ctx context.Context, chat int64, topic int, q bot.Question) (r bot.Reply) {
	q.Platform, q.Region = platform, a.region
	if chat != 0 && !q.Draft {
		defer a.typing(ctx, chat, topic)()
	}
	defer func() {
		if p := recover(); p != nil {
			a.panicked(p)
			r = bot.Reply{Kind: bot.Unknown, Text: bot.SaySorry}
		}
	}()
	return a.answer(ctx, q)
}

// typing shows that an answer is being written, if it takes long enough to be
// noticed, and gives the function that ends it.
func (a *Adapter) typing(ctx context.Context, chat int64, topic int) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Add(1)
	t := time.AfterFunc(typingAfter, func() {
		defer wg.Done()
		params := tgbotapi.Params{"chat_id": strconv.FormatInt(a.chats.now(chat), 10), "action": "typing"}
		params.AddNonZero("message_thread_id", topic)
		if err := a.api.call(ctx, "sendChatAction", params, nil); err != nil && ctx.Err() == nil {
			a.log.Debug("typing not shown", slog.Any("error", err))
		}
	})
	return func() {
		cancel() // the answer does not wait for it
		if t.Stop() {
			wg.Done()
		}
		wg.Wait()
	}
}

// overLimit counts a question, and gives what to say if it is over a limit:
// dropRateLimit for nothing, empty if it is not.
func (a *Adapter) overLimit(q question) string {
	switch a.people.Take(strconv.FormatInt(q.user, 10)) {
	case intake.Refuse:
		return bot.SayTooFast
	case intake.Ignore:
		return dropRateLimit
	}
	if !q.private {
		switch a.groups.Take(strconv.FormatInt(q.chat, 10)) {
		case intake.Refuse:
			return sayGroupFast
		case intake.Ignore:
			return dropRateLimit
		}
	}
	return ""
}

// spareCard reports whether a safety card may be shown beyond the other limits.
// Nobody can use up those of the others in a chat.
func (a *Adapter) spareCard(q question) bool {
	chat := strconv.FormatInt(q.chat, 10)
	return a.cards.Take(chat+":"+strconv.FormatInt(q.user, 10)) == intake.Allow && a.raids.Take(chat) == intake.Allow
}

// replyOverLimit deals with a question over the limit: one notice, then nothing.
// A danger sign is answered all the same.
func (a *Adapter) replyOverLimit(ctx context.Context, q question, notice string) bool {
	if text := q.text(); text != "" && a.guide.Danger(text) && a.spareCard(q) {
		return a.show(ctx, q, a.respond(ctx, q), nil)
	}
	if notice == dropRateLimit || q.again != nil {
		a.dropped(q.chat, dropRateLimit)
		return true
	}
	return a.tell(ctx, q, say(notice))
}
