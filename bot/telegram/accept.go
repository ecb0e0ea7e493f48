package telegram

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/aftercarebot/aftercare/bot/intake"
)

// Reasons why a message gets no reply on purpose, for the log and the meter.
const (
	dropQueue     = "chat queue full"
	dropLate      = "too many questions" // it had waited too long by the time it arrived
	dropNoCard    = "danger sign, no room for its card"
	dropUnseen    = "not looked at for danger signs"
	dropRateLimit = "too fast"
	dropBot       = "from a bot"
	dropService   = "nothing to answer"
	dropOther     = "command for another bot"
	dropEdit      = "edit of an old message"
	dropSame      = "edit without other words"
	dropInline    = "sent through inline mode"
	dropOff       = "switched off in this group"
	dropAlbum     = "picture of an album answered already"
)

// question is what one person asks in one go: mostly one message.
type question struct {
	chat    int64
	private bool
	topic   int
	user    int64
	reply   int     // message to reply to, in a group
	pieces  []piece // the messages, in order
	before  string  // sentence to put before the answer
	passage string  // exact passage, from a deep link
	toBot   bool    // asked by replying to a message of the bot
	joins   int     // the message just before, which this one may be the rest of; 0: none
	again   *exchange
	looked  bool      // at, for danger signs, when there was no room before
	at      time.Time // when it was written, by Telegram's clock, to the second; zero: not known
	finish  []func()  // to be called once it is settled
}

type piece struct {
	id   int
	text string
}

// who is the same for messages that may belong together.
func (q question) who() string {
	return strconv.FormatInt(q.chat, 10) + ":" + strconv.Itoa(q.topic) + ":" + strconv.FormatInt(q.user, 10)
}

func (q question) text() string {
	var texts []string
	for _, p := range q.pieces {
		if t := strings.TrimSpace(p.text); t != "" {
			texts = append(texts, t)
		}
	}
	return strings.Join(texts, "\n")
}

// accept takes one update in and never waits. finish is called once when the
// update needs nothing more. It reports false, and does nothing, if there is
// no room for it now.
func (a *Adapter) accept(u *update, finish func()) (ok bool) {
	defer func() {
		if p := recover(); p != nil {
			a.panicked(p)
			finish()
			ok = true
		}
	}()
	switch {
	case u.Message != nil:
		return a.acceptMessage(u.Message, finish)
	case u.Edited != nil:
		return a.acceptEdit(u.Edited, finish)
	case u.Callback != nil:
		return a.acceptTap(u.Callback, finish)
	case u.Inline != nil:
		return a.put("inline", u.Inline.ID, finish, func(ctx context.Context) bool { return a.inline(ctx, u.Inline) })
	case u.Member != nil:
		switch u.Member.NewChatMember.Status {
		case "kicked", "left":
			a.chats.left(u.Member.Chat.ID)
		default:
			a.chats.back(u.Member.Chat.ID)
		}
	}
	finish()
	return true
}

// put queues a job under a key: a chat, or one inline query. The job says
// whether its update is settled; if not, Telegram delivers it again some day.
func (a *Adapter) put(kind, key string, finish func(), job func(ctx context.Context) (settled bool)) bool {
	return a.putOr(kind, key, finish, job, func() { a.dropped(0, dropQueue) })
}

// putOr is put where the caller deals with a key that has had its share of the
// room. Where there is no room under any key it is false, and nothing is done.
func (a *Adapter) putOr(kind, key string, finish func(), job func(ctx context.Context) (settled bool), noRoom func()) bool {
	taken := a.queue.Put(kind+key, a.settling(finish, job))
	switch {
	case taken:
		a.meter.Queued(platform, a.queue.Depth())
		return true
	case a.full():
		return false
	}
	noRoom()
	finish()
	return true
}

// settling is a job that finishes its update, if that is settled.
func (a *Adapter) settling(finish func(), job func(ctx context.Context) (settled bool)) func(ctx context.Context) {
	return func(ctx context.Context) {
		settled := true // also after a panic: it would panic again
		defer func() {
			switch {
			case settled:
				finish()
			case a.webhook != "" && ctx.Err() != nil: // it was told that it had arrived
				a.lost(1)
			}
			a.meter.Queued(platform, a.queue.Depth())
		}()
		settled = job(ctx)
	}
}

// full reports whether the queue takes nothing under any key.
func (a *Adapter) full() bool { return a.closing.Load() || a.queue.Depth() >= queueLimit }

func (a *Adapter) putChat(chat int64, finish func(), job func(ctx context.Context) bool) bool {
	return a.put("chat", a.chatKey(chat), finish, job)
}

func (a *Adapter) chatKey(chat int64) string { return strconv.FormatInt(a.chats.now(chat), 10) }

func (a *Adapter) acceptMessage(m *message, finish func()) bool {
	drop := func(reason string) bool {
		a.dropped(m.Chat.ID, reason)
		finish()
		return true
	}
	a.chats.back(m.Chat.ID)
	switch {
	case m.MigrateTo != 0:
		return a.putChat(m.Chat.ID, finish, func(ctx context.Context) bool { a.migrated(ctx, m.Chat.ID, m.MigrateTo); return true })
	case m.MigrateFrom != 0:
		return a.putChat(m.Chat.ID, finish, func(ctx context.Context) bool { a.migrated(ctx, m.MigrateFrom, m.Chat.ID); return true })
	}
	if reason := a.turnsDown(m); reason != "" {
		return drop(reason)
	}
	to := a.addressed(m)
	switch {
	case to.other:
		return drop(dropOther)
	case !to.us:
		finish() // talk among people
		return true
	}
	q := m.asks(to)
	q.finish = []func(){finish}
	if m.late {
		return a.acceptLate(q, to)
	}
	if to.command != "" && to.command != "ask" {
		a.bursts.flush(q.who())
		return a.putQuestion(q, finish, func(ctx context.Context) bool { return a.command(ctx, m, q, to) })
	}
	media, unreadable := m.media()
	if unreadable {
		if m.Album != "" && !a.albums.First(strconv.FormatInt(m.Chat.ID, 10)+":"+m.Album) && to.text == "" {
			return drop(dropAlbum)
		}
		q.before = media.CannotRead(a.guide.Wording())
	}
	if to.text == "" && !unreadable {
		// "/ask" or "@bot" as a reply to somebody's words: those are the question.
		if r := m.ReplyTo; r != nil && !to.byReply && r.TopicCreated == nil {
			q.pieces[0].text, _ = r.words()
		}
		if strings.TrimSpace(q.pieces[0].text) == "" {
			if to.command == "" && !to.mention && m.Text == "" {
				return drop(dropService)
			}
			hint := sayEmpty
			if to.command == "ask" {
				hint = sayNothing
			}
			return a.putChat(q.chat, finish, func(ctx context.Context) bool {
				if over := a.overLimit(q); over != "" {
					return a.replyOverLimit(ctx, q, over)
				}
				return a.tell(ctx, q, say(hint))
			})
		}
	}
	if q.private && to.command == "" {
		return a.bursts.add(q)
	}
	a.bursts.flush(q.who())
	return a.ask(q)
}

// turnsDown gives the reason why a message is nobody's question; empty: it may be one.
func (a *Adapter) turnsDown(m *message) string {
	switch {
	case !m.private() && !m.group():
		return dropService
	case m.AutoForward || m.sender() == 0 || m.From != nil && m.From.IsBot && m.SenderChat == nil:
		return dropBot
	case m.ViaBot != nil && m.ViaBot.ID == a.self().ID:
		return dropInline
	}
	return ""
}

// asks gives the question that a message puts. A deep link's payload is not one.
func (m *message) asks(to call) question {
	if to.command == "start" && len(strings.Fields(to.text)) == 1 {
		to.text = ""
	}
	q := question{chat: m.Chat.ID, private: m.private(), topic: m.topic(), user: m.sender(), toBot: to.byReply,
		at: time.Unix(m.Date, 0), pieces: []piece{{m.ID, to.text}}}
	if !q.private {
		q.reply = m.ID
	}
	return q
}

// sender is the person, or the channel or group that a message is sent in the name of.
func (m *message) sender() int64 {
	switch {
	case m.SenderChat != nil:
		return m.SenderChat.ID
	case m.From != nil:
		return m.From.ID
	}
	return 0
}

// call is how a message speaks to the bot.
type call struct {
	us      bool   // it does
	other   bool   // a command for another bot
	command string // name of the command, if it is one
	named   bool   // the command names this bot
	byReply bool   // by replying to a message of the bot
	mention bool
	text    string // what is asked, or the command's argument
}

// addressed finds out whether a message is for the bot, and what it says to it.
func (a *Adapter) addressed(m *message) call {
	me := a.self()
	text, entities := m.words()
	if name, to, rest, ok := command(text); ok {
		if to != "" && !strings.EqualFold(to, me.UserName) {
			return call{other: true}
		}
		return call{us: true, command: name, named: to != "", text: rest}
	}
	c := call{us: m.private(), text: text}
	if r := m.ReplyTo; r != nil && r.From != nil && r.From.ID == me.ID && r.TopicCreated == nil && !m.private() {
		c.us, c.byReply = true, true
	}
	// From the last mention on, so that the offsets before it stay true.
	for i := len(entities) - 1; i >= 0; i-- {
		e := entities[i]
		start, end, ok := cut(text, e)
		if !ok {
			continue
		}
		if e.Type == "mention" && strings.EqualFold(text[start:end], "@"+me.UserName) ||
			e.Type == "text_mention" && e.User != nil && e.User.ID == me.ID {
			c.us, c.mention = true, true
			text = text[:start] + " " + text[end:]
		}
	}
	c.text = strings.TrimSpace(text)
	return c
}

// ask queues a question. One that its chat has no room for is looked at for
// danger signs all the same.
func (a *Adapter) ask(q question) bool {
	finish := func() {
		for _, f := range q.finish {
			f()
		}
	}
	return a.putQuestion(q, finish, func(ctx context.Context) bool { return a.reply(ctx, q) })
}

// putQuestion is put for work on a question, which is looked at for danger
// signs where its chat, or the whole queue, has no room; and before the end, to
// go first if it speaks of one.
func (a *Adapter) putQuestion(q question, finish func(), work func(ctx context.Context) (settled bool)) bool {
	key := a.chatKey(q.chat)
	job := func(ctx context.Context) bool {
		if a.closing.Load() && ctx.Err() == nil && !a.guide.Danger(q.text()) && a.last.Put(key, a.settling(finish, work)) {
			return false // that job settles it
		}
		return work(ctx)
	}
	if a.putOr("chat", key, finish, job, func() { a.passOver(q, dropQueue) }) {
		return true
	}
	if q.looked || a.lookout.Look(q.text()) != intake.Danger || !a.putAlarm(q, dropQueue) {
		return false
	}
	finish()
	return true
}

// freshFor is how old a message may be whose edit is taken as a new question,
// where the message as it was first sent was not one.
const freshFor = 2 * time.Minute

func (a *Adapter) acceptEdit(m *message, finish func()) bool {
	to := a.addressed(m)
	if !to.us || a.turnsDown(m) != "" {
		finish()
		return true
	}
	asked := m.asks(to)
	text := asked.text()
	if text == "" { // a place that moves, say, or a caption taken away
		a.dropped(m.Chat.ID, dropSame)
		finish()
		return true
	}
	command := to.command != "" && to.command != "ask" // which is not carried out again
	if !command && a.bursts.edit(asked.who(), m.ID, text) {
		finish()
		return true
	}
	// Behind the question itself, which may still be in work.
	edit := func(ctx context.Context) bool {
		e := a.replies.get(m.Chat.ID, m.ID)
		if e == nil {
			switch {
			case command || time.Since(time.Unix(m.Date, 0)) > freshFor:
				a.passOver(asked, dropEdit)
			case a.acceptMessage(m, finish):
				return false // it is finished as the message it is now
			case a.closing.Load(): // it goes before its question, for a danger sign, or has none here
				return a.reply(ctx, asked)
			default:
				a.passOver(asked, dropQueue)
			}
			return true
		}
		q := e.question
		q.again, q.finish, q.passage = e, nil, ""
		q.pieces = append([]piece(nil), q.pieces...)
		for i := range q.pieces {
			if q.pieces[i].id == m.ID {
				if strings.TrimSpace(q.pieces[i].text) == text {
					a.dropped(m.Chat.ID, dropSame)
					return true
				}
				q.pieces[i].text = text
			}
		}
		return a.reply(ctx, q)
	}
	return a.putQuestion(asked, finish, edit)
}

// acceptTap has a tap answered beside its chat's messages, which may have to
// wait, and in order with the other taps of who taps.
func (a *Adapter) acceptTap(c *callback, finish func()) bool {
	who := c.ID
	if c.From != nil {
		who = strconv.FormatInt(c.From.ID, 10)
	}
	return a.put("tap", who, finish, func(ctx context.Context) bool { return a.tapped(ctx, c, finish) })
}

// migrated follows a group to its new number, and takes its settings along.
func (a *Adapter) migrated(ctx context.Context, from, to int64) {
	if !a.chats.move(from, to) || a.settings == nil {
		return
	}
	kept, err := a.settings.Settings(ctx, place(from))
	for key, value := range kept {
		if err == nil {
			err = a.settings.Set(ctx, place(to), key, value)
		}
	}
	if err != nil {
		a.log.Warn("settings of a group not moved to its new number", "error", a.api.hide.Replace(err.Error()))
	}
}
