package discord

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/bot/intake"
)

// takeMessage decides whether a message is for the bot, and puts it into the
// queue if it is, or if the channel may have auto-answer and it is a question
// or speaks of a danger sign.
func (a *Adapter) takeMessage(m *message) {
	me := a.me.Load()
	if me == nil || a.closing.Load() || m.Webhook != "" || m.Author.v.Bot.v || string(m.Author.v.ID) == me.User {
		return
	}
	if m.Type != messagePlain && m.Type != messageReply {
		return
	}
	forMe := a.addressed(m, me)
	auto := !forMe && a.cfg.MessageContent && a.cfg.Settings != nil &&
		(bot.WholeQuestion(m.Content) || a.overhear.Look(m.Content) == intake.Danger)
	if !forMe && !auto {
		return
	}
	if !a.seen.First("m" + string(m.ID)) {
		return
	}
	// One at a time in a channel, which has a rate limit of its own: what waits
	// for that must not keep the workers from other channels.
	room := !auto || a.messages.Depth() < messagesMost/2 // what people write to each other leaves half to what is for the bot
	took := room && a.messages.Put(string(m.Channel), func(ctx context.Context) {
		defer a.queued()
		ctx, cancel := context.WithTimeout(ctx, messageLimitTime)
		defer cancel()
		if auto {
			a.autoAnswer(ctx, m)
		} else {
			a.answerMessage(ctx, m)
		}
	})
	if !took {
		a.messageWithoutRoom(m, auto)
	}
	a.queued()
}

// messageWithoutRoom deals with a message that the queue has no room for. To
// say so would take as long as an answer; a danger sign gets its card. What
// people write to each other leaves half of the room to what is for the bot.
func (a *Adapter) messageWithoutRoom(m *message, auto bool) {
	reason, lookout, room := dropFullUntold, a.lookout, true
	if auto {
		lookout, room = a.overhear, a.cards.Depth() < cardsMost/2
	}
	switch lookout.Look(a.withoutMention(m.Content)) {
	case intake.Danger:
		if room && a.cards.Put(string(m.Channel), func(ctx context.Context) { a.card(ctx, m, auto) }) {
			return
		}
		reason = dropNoCard
	case intake.Unseen:
		if !auto { // else it is hardly for us: most channels have no auto-answer
			reason = dropUnseen
		}
	}
	a.seen.Forget("m" + string(m.ID))
	a.passedOver(reason)
}

// messageLimitTime is how long an answer to a message is tried for. Nobody is
// waiting any more after that.
const messageLimitTime = 2 * time.Minute

// addressed reports whether the message is meant for the bot: a direct
// message, a mention, or a reply to one of its messages.
func (a *Adapter) addressed(m *message, me *identity) bool {
	if m.Guild == "" {
		return true
	}
	for _, u := range m.Mentions.v {
		if string(u.ID) == me.User {
			return true
		}
	}
	if r := m.Replied.v; r != nil && string(r.Author.ID) == me.User {
		// Without the ping Discord leaves out what was written.
		return m.Content != "" || m.hasMedia()
	}
	return !m.forwarded() && (strings.Contains(m.Content, "<@"+me.User+">") || strings.Contains(m.Content, "<@!"+me.User+">"))
}

// withoutMention takes mentions of the bot out of what somebody wrote.
func (a *Adapter) withoutMention(content string) string {
	if me := a.me.Load(); me != nil {
		content = strings.NewReplacer("<@"+me.User+">", " ", "<@!"+me.User+">", " ").Replace(content)
	}
	return strings.TrimSpace(content)
}

// answerMessage answers a message that is meant for the bot.
func (a *Adapter) answerMessage(ctx context.Context, m *message) {
	defer a.sorry(ctx, m)
	text := a.withoutMention(m.Content)
	c, err := a.choices.in(ctx, string(m.Guild), string(m.Channel)) // of these, only the server's are needed
	if err != nil {
		a.log.Error("settings not read", "error", err)
	}
	if d := a.rateLimitMessage(m); d != intake.Allow {
		a.messageTooFast(ctx, m, text, c, d)
		return
	}
	if text == "" && m.hasMedia() {
		a.send(ctx, m, string(m.Channel), notice("", a.cannotRead(m)+" "+bot.SayInWords))
		return
	}
	r := a.answer(ctx, a.messageQuestion(m, text, c))
	if m.hasMedia() {
		r = begun(r, a.cannotRead(m))
	}
	a.sendReply(ctx, m, string(m.Channel), r)
}

func (a *Adapter) publicView(m *message) view {
	return view{thumbs: a.cfg.Feedback != nil, asker: string(m.Author.v.ID)}
}

// question is what the message asks.
func (a *Adapter) messageQuestion(m *message, text string, c chosen) bot.Question {
	q := bot.Question{Text: text, Platform: platform, Asker: string(m.Author.v.ID), Region: orElse(c.region, a.cfg.Region)}
	if !m.forwarded() {
		q.Conversation = platform + ":" + string(m.Channel) + ":" + q.Asker
	}
	return q
}

// sorry recovers from a panic and tells the person.
func (a *Adapter) sorry(ctx context.Context, m *message) {
	if p := recover(); p != nil {
		a.panicked(p)
		a.send(ctx, m, string(m.Channel), notice("", bot.SaySorry))
	}
}

// rateLimitMessage counts the message for the person, the channel and the server.
// Where many people are too many together, nobody in particular is told.
func (a *Adapter) rateLimitMessage(m *message) intake.Decision {
	if v := a.person.Take(string(m.Author.v.ID)); v != intake.Allow || m.Guild == "" {
		return v
	}
	if a.channel.Take(string(m.Channel)) != intake.Allow || a.server.Take(string(m.Guild)) != intake.Allow {
		return intake.Ignore
	}
	return intake.Allow
}

// messageTooFast tells the person once, where nobody else sees it, and then
// nothing. A danger sign is answered all the same.
func (a *Adapter) messageTooFast(ctx context.Context, m *message, text string, c chosen, d intake.Decision) {
	if q := a.messageQuestion(m, text, c); a.dangerous(q) {
		a.sendReply(ctx, m, string(m.Channel), a.urgent(ctx, q))
		return
	}
	if d == intake.Refuse {
		a.tellAlone(ctx, m, bot.SayTooFast)
	}
	a.meter.Dropped(platform, "too fast")
}

// card answers a message that there was no room for and that speaks of a
// danger sign. One that was not put to the bot is answered only where its
// channel has auto-answer on; to find out whether it is in a thread of such a
// channel may take a request.
func (a *Adapter) card(ctx context.Context, m *message, auto bool) {
	ctx, cancel := context.WithTimeout(ctx, messageLimitTime)
	defer cancel()
	c, err := a.choices.in(ctx, string(m.Guild), string(m.Channel))
	if err != nil {
		a.log.Error("settings not read", "error", err)
	}
	q := a.messageQuestion(m, a.withoutMention(m.Content), c)
	if auto && c.auto == "" || !a.dangerous(q) {
		a.meter.Dropped(platform, dropFullUntold)
		return
	}
	a.sendReply(ctx, m, string(m.Channel), a.urgent(ctx, q))
}

// tellAlone writes to the author directly. Somebody who takes no messages
// from the bot is left alone.
func (a *Adapter) tellAlone(ctx context.Context, m *message, text string) {
	channel, err := a.chatWith(ctx, m)
	if err == nil {
		_, err = a.post(ctx, m, channel, notice("", text)[0], 0)
	}
	if err != nil && !isCode(err, codeCannotMessageUser) {
		a.log.Warn("notice not sent", "error", err)
	}
}

// chatWith gives the channel in which only the author reads what is written.
func (a *Adapter) chatWith(ctx context.Context, m *message) (channel string, err error) {
	if m.Guild == "" {
		return string(m.Channel), nil
	}
	var chat sent
	body := map[string]string{"recipient_id": string(m.Author.v.ID)}
	err = a.rest.do(ctx, call{method: "POST", path: "/users/@me/channels", body: body}, &chat)
	if err == nil && chat.ID == "" {
		err = errors.New("discord gave no channel for a direct message")
	}
	return string(chat.ID), err
}

// autoAnswer answers a question that was not put to the bot, if the channel
// is set so and the bot is sure. A danger sign is never left to silence.
func (a *Adapter) autoAnswer(ctx context.Context, m *message) {
	defer func() {
		if p := recover(); p != nil {
			a.panicked(p)
		}
	}()
	c, inThread, err := a.autoChosen(ctx, m)
	if err != nil {
		a.log.Warn("not known whether to answer by myself", "error", err)
		return
	}
	if c.auto == "" {
		return
	}
	q := a.messageQuestion(m, m.Content, c)
	q.Draft = true // nobody has put it to the bot yet
	r := a.answer(ctx, q)
	sure := r.Kind == bot.Answer && len(r.Matches) > 0 && r.Matches[0].Confidence >= bot.SureAt && r.NotCovered == "" && !m.toSomebody()
	if !sure && r.Kind != bot.Urgent {
		return
	}
	if a.rateLimitMessage(m) != intake.Allow && (r.Kind != bot.Urgent || a.danger.Take(q.Asker) != intake.Allow) {
		return
	}
	q.Draft = false
	r = a.answer(ctx, q)
	channel := string(m.Channel)
	if c.auto == autoThread && !inThread && len(r.Matches) > 0 && r.Kind != bot.Urgent {
		if thread := a.startThread(ctx, m, r.Matches[0].Passage.Title); thread != "" {
			channel = string(thread)
		}
	}
	a.sendReply(ctx, m, channel, r)
}

// autoChosen gives what holds where the message was written, and whether that
// is a thread.
func (a *Adapter) autoChosen(ctx context.Context, m *message) (c chosen, inThread bool, err error) {
	c, err = a.choices.in(ctx, string(m.Guild), string(m.Channel))
	if err != nil || c.auto != "" {
		return c, false, err
	}
	parent, err := a.parents.parent(ctx, m.Channel)
	if err != nil || parent == "" {
		return c, false, err
	}
	c, err = a.choices.in(ctx, string(m.Guild), string(parent))
	return c, true, err
}

// startThread makes a thread under the message and gives its id; empty if it
// cannot be.
func (a *Adapter) startThread(ctx context.Context, m *message, title string) id {
	var thread sent
	body := map[string]any{"name": orElse(shorten(title, 100), "Answer"), "auto_archive_duration": 1440}
	err := a.rest.do(ctx, call{method: "POST", path: "/channels/" + string(m.Channel) + "/messages/" + string(m.ID) + "/threads", body: body}, &thread)
	switch {
	case isCode(err, codeThreadExists):
		return m.ID // a thread has the id of its message
	case err != nil:
		a.log.Warn("thread not started, answering in the channel", "error", err)
		return ""
	}
	return thread.ID
}

// sendReply replies to a message in a channel. Where the bot may not write, a
// safety card goes to the author directly.
func (a *Adapter) sendReply(ctx context.Context, m *message, channel string, r bot.Reply) {
	err := a.send(ctx, m, channel, layout(r, a.publicView(m)))
	if r.Kind != bot.Urgent || m.Guild == "" || !isStatus(err, http.StatusForbidden) {
		return
	}
	chat, err := a.chatWith(ctx, m)
	if err != nil {
		a.log.Error("safety card not sent", "error", err)
		return
	}
	a.send(ctx, m, chat, layout(r, a.publicView(m)))
}

// send sends pages to a channel, in reply to the message if it is from there.
// An error has been taken note of.
func (a *Adapter) send(ctx context.Context, m *message, channel string, pages []*page) error {
	var before []string
	for i, p := range pages {
		if i == len(pages)-1 {
			p.offerDelete(string(m.Author.v.ID), before)
		}
		made, err := a.post(ctx, m, channel, p, i)
		if err != nil {
			a.log.Error("message not answered", "error", err)
			a.meter.SendFailed(platform, failureReason(err))
			return err
		}
		before = append(before, string(made))
	}
	return nil
}

// post sends one page. Its nonce is made of the message answered, so that
// Discord makes one message of it however often it is sent.
func (a *Adapter) post(ctx context.Context, m *message, channel string, p *page, part int) (id, error) {
	var made sent
	out := p.render(false)
	try := func() error {
		out.Nonce, out.EnforceNonce = nonce(m.ID, part), true
		return a.rest.do(ctx, call{method: "POST", path: "/channels/" + channel + "/messages", body: out}, &made)
	}
	if part == 0 && channel == string(m.Channel) {
		out.Reference = &reference{Message: string(m.ID)}
	}
	err := try()
	if out.Reference != nil && isCode(err, codeNoHistory) {
		out.Reference = nil
		err = try()
	}
	if isStatus(err, http.StatusBadRequest) {
		a.log.Error("discord refused the layout, sending plain text", "error", err)
		out = p.simple(false)
		err = try()
	}
	return made.ID, err
}

// nonce is at most 25 characters: an id of up to 20 digits, and the part.
func nonce(message id, part int) string {
	return string(message) + "-" + strconv.Itoa(part)
}
