package discord

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/bot/intake"
	"github.com/aftercarebot/aftercare/knowledge"
)

// interact answers a command or a click.
func (a *Adapter) interact(ctx context.Context, t *turn) {
	chosen, err := a.choices.in(ctx, string(t.Guild), t.channel())
	if err != nil {
		a.log.Error("settings not read", "error", err)
	}
	if d := a.rateLimit(t); d != intake.Allow {
		a.tooFast(ctx, t, chosen, d)
		return
	}
	switch t.Kind {
	case interactionCommand:
		a.command(ctx, t, chosen)
	case interactionComponent:
		a.click(ctx, t, chosen)
	default:
		t.say(ctx, sayOutdated)
	}
}

// tooFast says so once, and then nothing. A danger sign is answered all the same.
func (a *Adapter) tooFast(ctx context.Context, t *turn, c chosen, d intake.Decision) {
	if a.alarm(ctx, t, c) {
		return
	}
	a.meter.Dropped(platform, "too fast")
	if d == intake.Ignore {
		t.quietly(ctx)
		return
	}
	t.say(ctx, bot.SayTooFast)
}

// asked gives what an interaction asks in words; empty if it does not, as a
// click does.
func (t *turn) asked() string {
	if t.Kind != interactionCommand {
		return ""
	}
	switch t.Data.v.Name {
	case "ask":
		return t.Data.v.option("question")
	case messageCommand:
		if target, ok := t.target(); ok && !target.Author.v.Bot.v && target.Webhook == "" {
			return target.Content
		}
	}
	return ""
}

// target is the message that a message command was used on.
func (t *turn) target() (target message, ok bool) {
	raw, ok := t.Data.v.Resolved.v.Messages[t.Data.v.Target]
	return target, ok && json.Unmarshal(raw, &target) == nil
}

// alarm answers a question that would get no answer, if it speaks of a danger
// sign, and reports whether it does.
func (a *Adapter) alarm(ctx context.Context, t *turn, c chosen) bool {
	q := a.question(t, bot.Question{Text: t.asked()}, c)
	if !a.dangerous(q) {
		return false
	}
	t.setPrivate(true)
	t.reply(ctx, layout(a.urgent(ctx, q), a.view(t)))
	return true
}

// dangerous reports whether a question that would get no answer speaks of a
// danger sign, and may still be answered for that.
func (a *Adapter) dangerous(q bot.Question) bool {
	return q.Text != "" && a.guide.Danger(q.Text) && a.danger.Take(q.Asker) == intake.Allow
}

// rateLimit counts the interaction for the person, the channel and the server.
// Whoever is told to slow down is told alone, so nobody else is silenced.
func (a *Adapter) rateLimit(t *turn) intake.Decision {
	if v := a.person.Take(t.asker); v != intake.Allow {
		return v
	}
	if t.Guild == "" {
		return intake.Allow
	}
	if a.channel.Take(t.place()) != intake.Allow || a.server.Take(string(t.Guild)) != intake.Allow {
		return intake.Refuse
	}
	return intake.Allow
}

// say replies with a sentence that only the asker sees.
func (t *turn) say(ctx context.Context, text string) {
	t.setPrivate(true)
	t.reply(ctx, notice("", text))
}

// setPrivate has an effect until the first response that shows something.
func (t *turn) setPrivate(private bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.acked || t.quiet {
		t.private = private
	}
}

func (a *Adapter) command(ctx context.Context, t *turn, c chosen) {
	if c.public {
		t.setPrivate(false)
	}
	switch t.Data.v.Name {
	case "ask":
		text := t.Data.v.option("question")
		q := bot.Question{Text: text}
		if key, ok := strings.CutPrefix(text, pickPrefix); ok {
			if p, ok := findPassage(a.guide, key); ok {
				q = bot.Question{Passage: p.ID}
			} else {
				q.Text = key // edited after picking, or the content has changed
			}
		}
		a.respondTo(ctx, t, q, c, "")
	case messageCommand:
		a.answerThis(ctx, t, c)
	case "topics":
		t.setPrivate(true)
		t.reply(ctx, layoutTopics(a.guide.Topics(), a.guide.Wording()))
	case "help":
		t.setPrivate(true)
		t.reply(ctx, notice("How to ask", a.helpText(t, c)))
	case "privacy":
		t.setPrivate(true)
		t.reply(ctx, notice("What happens to what you write", a.privacyText()))
	case "forgetme":
		a.forgetMe(ctx, t)
	case "settings":
		a.settings(ctx, t)
	case "reindex":
		a.reindex(ctx, t)
	default:
		t.say(ctx, sayOutdated)
	}
}

// respondTo asks the handler and sends its reply, with a sentence before it if given.
func (a *Adapter) respondTo(ctx context.Context, t *turn, q bot.Question, c chosen, before string) {
	t.reply(ctx, layout(begun(a.answer(ctx, a.question(t, q, c)), before), a.view(t)))
}

// begun puts a sentence before a reply. Nothing comes before a safety card.
func begun(r bot.Reply, before string) bot.Reply {
	if r.Kind != bot.Urgent {
		r.Lead = strings.TrimSpace(before + "\n\n" + r.Lead)
	}
	return r
}

// question fills in where a question comes from.
func (a *Adapter) question(t *turn, q bot.Question, c chosen) bot.Question {
	q.Platform, q.Asker = platform, t.asker
	q.Region = orElse(c.region, a.cfg.Region)
	if t.Data.v.Name != messageCommand { // what somebody else wrote does not lean on what the asker did
		q.Conversation = platform + ":" + t.place() + ":" + t.asker
	}
	return q
}

func (a *Adapter) view(t *turn) view {
	return view{
		private: t.private,
		share:   !t.alone(),
		thumbs:  a.cfg.Feedback != nil,
		asker:   t.asker,
	}
}

// answerThis answers the message that the command was used on.
func (a *Adapter) answerThis(ctx context.Context, t *turn, c chosen) {
	target, ok := t.target()
	if !ok {
		t.say(ctx, sayNoMessage)
		return
	}
	text := strings.TrimSpace(a.withoutMention(target.Content))
	switch {
	case target.Author.v.Bot.v || target.Webhook != "":
		t.say(ctx, sayNotOfBots)
	case text == "" && target.hasMedia():
		t.say(ctx, a.cannotRead(&target)+" "+bot.SayInWords)
	case text == "":
		t.say(ctx, sayNoWords)
	case target.hasMedia():
		a.respondTo(ctx, t, bot.Question{Text: text}, c, a.cannotRead(&target))
	default:
		a.respondTo(ctx, t, bot.Question{Text: text}, c, "")
	}
}

// autocomplete lists what fits what has been typed so far.
func (a *Adapter) autocomplete(ctx context.Context, t *turn) {
	typed := ""
	for _, o := range t.Data.v.Options.v {
		if o.Focused {
			typed = o.text()
		}
	}
	t.complete(ctx, a.completions(typed))
}

const maxChoices = 25

func (a *Adapter) completions(typed string) []choice {
	list := []choice{} // Discord wants an empty list, not none
	if strings.HasPrefix(typed, pickPrefix) {
		return list
	}
	names := map[string]bool{}
	for _, c := range a.guide.Complete(typed, maxChoices) {
		name := shorten(c.Label, 100)
		if name == "" || names[name] || len(list) == maxChoices {
			continue
		}
		names[name] = true
		list = append(list, choice{Name: name, Value: pickValue(c.Passage)})
	}
	return list
}

// click answers a button or a menu.
func (a *Adapter) click(ctx context.Context, t *turn, c chosen) {
	action, rest := parseCustomID(t.Data.v.CustomID)
	if action == actDelete {
		a.deleteAnswer(ctx, t, strings.Split(rest, ":"))
		return
	}
	if action == actPassage && strings.HasPrefix(rest, "menu") && len(t.Data.v.Values.v) > 0 {
		rest = t.Data.v.Values.v[0]
	}
	key, beside := parseAnswerKey(rest)
	p, ok := findPassage(a.guide, key)
	if !ok {
		t.say(ctx, bot.SayGone)
		return
	}
	q := bot.Question{Passage: p.ID}
	switch action {
	case actPassage:
		a.respondTo(ctx, t, q, c, "")
	case actRelated:
		r := a.answer(ctx, bot.Question{Passage: p.ID, Platform: platform, Draft: true})
		if len(r.Related) == 0 {
			t.say(ctx, sayNothingRelated)
			return
		}
		t.reply(ctx, offer(colourAsk, []block{plain("Related to “" + oneLine(p.Title) + "”:")}, r.Related, ""))
	case actShare:
		a.share(ctx, t, q, beside, c)
	case actUp, actDown:
		a.thumb(ctx, t, p.ID, action == actUp)
	default:
		t.say(ctx, sayOutdated)
	}
}

// share shows an answer's passage to the channel, and those that stood beside
// it, if there were any. What was asked stays private.
func (a *Adapter) share(ctx context.Context, t *turn, q bot.Question, beside string, c chosen) {
	write := sendMessages
	if t.Channel.v.threadOf() != "" {
		write = sendInThreads
	}
	if t.Guild != "" && !t.permissions().has(write) {
		t.say(ctx, sayMayNotWrite)
		return
	}
	t.setPrivate(false)
	r := a.answer(ctx, a.question(t, q, c))
	there := func(m knowledge.Match) bool { return passageHash(m.Passage.ID) == beside }
	if beside != "" && !slices.ContainsFunc(r.Matches, there) {
		if p, ok := findPassage(a.guide, beside); ok {
			shown := slices.Clip(r.Matches)
			for _, m := range a.answer(ctx, bot.Question{Passage: p.ID, Platform: platform, Draft: true}).Matches {
				if !slices.ContainsFunc(r.Matches, func(s knowledge.Match) bool { return s.Passage.ID == m.Passage.ID }) {
					m.Also = true
					shown = append(shown, m)
				}
			}
			r.Matches = shown
		}
	}
	t.reply(ctx, layout(r, a.view(t)))
}

func (a *Adapter) thumb(ctx context.Context, t *turn, passage string, helpful bool) {
	if a.cfg.Feedback == nil {
		t.say(ctx, sayNoFeedback)
		return
	}
	err := a.cfg.Feedback(ctx, bot.Feedback{Platform: platform, Passage: passage, Helpful: helpful, Asker: t.asker})
	switch {
	case err != nil:
		a.log.Error("feedback not kept", "error", err)
		t.say(ctx, bot.SaySorry)
	case helpful:
		t.say(ctx, bot.SayThanksUp)
	default:
		t.say(ctx, bot.SayThanksDown)
	}
}

// deleteAnswer takes the clicked message away, and those before it that were
// part of the same answer, if it is the asker who wants it.
func (a *Adapter) deleteAnswer(ctx context.Context, t *turn, args []string) {
	if args[0] == "" || args[0] != t.asker {
		t.say(ctx, sayNotYours)
		return
	}
	t.mu.Lock()
	var err error
	if !t.acked {
		err = t.respond(ctx, response{Kind: respondQuietly}, nil)
	}
	t.mu.Unlock()
	if err != nil {
		t.failed(err)
		return
	}
	// By the token, since the bot need not be a member of the place.
	if err := t.takeAway(ctx); err != nil {
		a.log.Warn("answer not deleted", "error", err)
		return
	}
	for _, m := range slices.Backward(args[1:]) {
		if id(m) == "" || strings.Trim(m, "0123456789") != "" {
			continue
		}
		if err := a.rest.do(ctx, call{method: "DELETE", path: "/channels/" + t.place() + "/messages/" + m}, nil); err != nil {
			a.log.Warn("first part of an answer not deleted", "error", err)
		}
	}
}

func (a *Adapter) forgetMe(ctx context.Context, t *turn) {
	if a.cfg.Forget == nil {
		t.say(ctx, bot.SayNothingKept)
		return
	}
	if err := a.cfg.Forget(ctx, t.asker); err != nil {
		a.log.Error("person not forgotten", "error", err)
		t.say(ctx, bot.SaySorry)
		return
	}
	t.say(ctx, bot.SayForgotten)
}

func (a *Adapter) reindex(ctx context.Context, t *turn) {
	if a.cfg.Reindex == nil || !slices.Contains(a.cfg.Admins, t.asker) {
		t.say(ctx, sayNotAllowed)
		return
	}
	t.setPrivate(true)
	result, err := a.cfg.Reindex(ctx)
	if err != nil {
		a.log.Error("content not read anew", "error", err)
		t.reply(ctx, notice("The old content goes on serving", err.Error()))
		return
	}
	t.reply(ctx, notice("", orElse(result, "Done.")))
}
