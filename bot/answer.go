package bot

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aftercarebot/aftercare/bot/safety"
	"github.com/aftercarebot/aftercare/knowledge"
	"github.com/aftercarebot/aftercare/knowledge/language"
)

// Options are what a Bot may be given besides content. The zero Options are
// good: no log, no figures, the real clock.
type Options struct {
	Log   *slog.Logger     // told of failures, never of what was asked
	Meter Meter            // told of every reply
	Now   func() time.Time // the clock
}

// Bot answers questions from one version of the content at a time.
type Bot struct {
	log    *slog.Logger
	meter  Meter
	now    func() time.Time
	memory *memory
	serves atomic.Pointer[content]
}

// content is what is exchanged as one by Swap.
type content struct {
	base    *knowledge.Base
	search  Searcher
	danger  *safety.Matcher
	talk    *talk
	topics  []knowledge.Passage
	entries func() []entry // for completion; made when first asked for
}

// New makes a bot that answers from base, which search was built from.
func New(base *knowledge.Base, search Searcher, o Options) (*Bot, error) {
	b := &Bot{log: o.Log, meter: o.Meter, now: o.Now}
	if b.log == nil {
		b.log = slog.New(slog.DiscardHandler)
	}
	if b.meter == nil {
		b.meter = NoMeter{}
	}
	if b.now == nil {
		b.now = time.Now
	}
	b.memory = newMemory(b.now)
	if err := b.Swap(base, search); err != nil {
		return nil, err
	}
	return b, nil
}

// Swap exchanges content and search together. Questions under way finish on
// the old ones. On an error the old ones go on serving.
func (b *Bot) Swap(base *knowledge.Base, search Searcher) error {
	danger, err := safety.New(base)
	if err != nil {
		return fmt.Errorf("safety signs: %w", err)
	}
	c := &content{base: base, search: search, danger: danger, talk: newTalk(base), topics: base.Passages()}
	c.entries = sync.OnceValue(func() []entry { return entriesOf(base) })
	b.serves.Store(c)
	return nil
}

// Edition is what a Bot serves at one time: content, search and danger signs,
// ready to answer. The zero Edition is none.
type Edition struct{ content *content }

// Edition gives what the bot serves now.
func (b *Bot) Edition() Edition { return Edition{b.serves.Load()} }

// Serve exchanges what the bot serves for another Bot's edition, or an earlier
// one of its own, at once: Swap without its preparation. Questions under way
// finish on the old one.
func (b *Bot) Serve(e Edition) { b.serves.Store(e.content) }

// Answer is the bot's Handler. It keeps no part of the question but, for
// follow-ups, the ids of the passages it answered with; safety.Matcher
// remembers single words.
func (b *Bot) Answer(ctx context.Context, q Question) Reply {
	start := b.now()
	c := b.serves.Load()
	reply := b.answer(ctx, c, q)
	reply.Content = c.base.Hash()
	if !q.Draft {
		b.meter.Answered(q.Platform, reply.Kind, b.now().Sub(start).Seconds())
	}
	return reply
}

// Danger reports whether Answer would show the safety card for a text, and
// searches for nothing: it takes some ten microseconds for a sentence, and
// half a millisecond for 800 words. It is for what there is no room to answer.
func (b *Bot) Danger(text string) bool {
	return b.serves.Load().dangerous(text)
}

func (b *Bot) answer(ctx context.Context, c *content, q Question) Reply {
	if q.Passage != "" {
		return b.picked(c, q)
	}
	whole := language.NormaliseWhole(q.Text)
	verdict := c.danger.Match(whole)
	if verdict.Level == safety.Sure {
		b.memory.forget(q.Conversation)
		return c.urgent(verdict, q.Region)
	}
	text := withoutLinks(language.Clip(whole))
	if reply, done := c.unreadable(text); done && verdict.Level == safety.None {
		return reply
	}
	asked, lead := text, ""
	if last, ok := b.memory.last(q.Conversation); ok && verdict.Level == safety.None {
		if again := c.recall(last); again != nil {
			meant, more := followUp(text, again[0].Passage)
			if more {
				reply := c.answered(again)
				reply.Lead = meant
				b.memory.keep(q.Conversation, again)
				return reply
			}
			if meant != "" {
				asked, lead = meant, fmt.Sprintf("I took this to mean: “%s”", meant)
			}
		}
	}
	if kind, phrasing, ok := c.talk.meant(text); ok && verdict.Level == safety.None {
		b.memory.forget(q.Conversation)
		return c.greeted(kind, []string{fmt.Sprintf("built-in small talk %s: like %q", kind.ID, phrasing)})
	}
	matches, err := c.search.Search(ctx, asked)
	var reply Reply
	if err != nil {
		b.log.LogAttrs(ctx, slog.LevelError, "search failed", slog.String("error", err.Error()))
		reply = c.failed()
	} else {
		reply = c.judge(matches)
	}
	if verdict.Level == safety.Doubt {
		card := c.urgent(verdict, q.Region)
		if reply.Kind == Answer {
			card.Matches, card.Note, card.NotCovered = reply.Matches, reply.Note, reply.NotCovered
		}
		b.memory.forget(q.Conversation)
		return card
	}
	if reply.Kind == Answer {
		reply.Lead = lead
		b.memory.keep(q.Conversation, reply.Matches)
	} else {
		b.memory.forget(q.Conversation)
	}
	if reply.Kind == Unknown && foreign(text) && reply.Text == c.unknown().Text {
		reply.Text = c.onlyEnglish()
	}
	return reply
}

// dangerous reports whether a message, read to its end, speaks of a danger sign.
func (c *content) dangerous(text string) bool {
	return c.danger.Match(language.NormaliseWhole(text)).Level != safety.None
}

// recall gives what was answered last, or nil where the content no longer has it.
func (c *content) recall(last remembered) []knowledge.Match {
	var answer []knowledge.Match
	gone := false
	for i, s := range last.passages {
		p, ok := c.base.Passage(s.id)
		if !ok && i == 0 {
			return nil
		}
		if !ok || s.about != "" && gone { // it told of another time than one that is gone
			gone = true
			continue
		}
		gone = false
		answer = append(answer, knowledge.Match{Passage: p, Confidence: 1, Also: i > 0, About: s.about})
	}
	return answer
}

// picked answers with exactly the passage asked for, and the one that gives
// other figures for the same thing, if there is one.
func (b *Bot) picked(c *content, q Question) Reply {
	passage, ok := c.base.Passage(q.Passage)
	if !ok {
		reply := c.unknown()
		reply.Text = "That passage is no longer in the guide. " + reply.Text
		return reply
	}
	answer := []knowledge.Match{{Passage: passage, Confidence: 1}}
	if other, about, ok := c.differing(q.Passage); ok {
		answer = append(answer, knowledge.Match{Passage: other, Confidence: 1, Also: true, About: about})
	}
	b.memory.keep(q.Conversation, answer)
	return c.answered(answer)
}

// differing gives a passage that gives other figures than this one, and what for.
func (c *content) differing(id string) (other knowledge.Passage, about string, ok bool) {
	for _, d := range c.base.Differences() {
		if beside, differs := d.Beside(id); differs {
			other, ok = c.base.Passage(beside)
			return other, d.About, ok
		}
	}
	return knowledge.Passage{}, "", false
}

func (c *content) urgent(v safety.Verdict, region string) Reply {
	card, _ := c.base.SafetyRules().Card(v.Card, region) // loading made sure that every sign has its card
	return Reply{Kind: Urgent, Card: &card, Reasons: v.Reasons}
}

// unreadable replies to messages that hold no English to search with.
func (c *content) unreadable(text string) (Reply, bool) {
	script := language.ScriptOf(text)
	if script == language.Latin {
		return Reply{}, false
	}
	reply := c.unknown()
	switch script {
	case language.Other:
		reply.Text = c.onlyEnglish()
	case language.NoText:
		if strings.ContainsAny(text, "0123456789") {
			return Reply{}, false
		}
		reply.Text = "Please write your question in words, for example: “" + c.example() + "”"
	}
	return reply, true
}

// onlyEnglish is for who does not read English well: short, with the one thing
// that must not be missed.
func (c *content) onlyEnglish() string {
	return "I only know this guide in English. Please ask in English, or ask " + c.base.Wording().Contact + ". " + inEmergency
}

// foreign reports whether a message in Latin letters is most likely in another
// language than English. One odd word is none.
func foreign(text string) bool {
	words, english := 0, 0
	for _, w := range language.Words(text) {
		if len(w) < 3 || w[0] <= '9' {
			continue
		}
		words++
		if language.IsEnglish(w) {
			english++
		}
	}
	return words > 1 && 2*english < words
}

// example is a question that the guide answers.
func (c *content) example() string {
	for _, p := range c.topics {
		for _, q := range p.Phrasings {
			if strings.HasSuffix(q, "?") && len(q) < 50 {
				return q
			}
		}
	}
	return c.topics[0].Title
}
