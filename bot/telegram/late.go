package telegram

import (
	"context"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/aftercarebot/aftercare/bot/intake"
)

// late reports whether a message of a full poll waited too long for its turn:
// more is asked than can be answered, and to answer in order would keep
// everybody waiting, for long after the rush too. What was written before the
// rush waited because we did not listen, not because others asked, and is
// never late, however old; and neither is what was written while that was
// caught up on. All times are by Telegram's clock, so ours may be wrong.
func (p *poller) late(m *message, now time.Time) bool {
	at := time.Unix(m.Date, 0)
	switch {
	case now.IsZero() || now.Sub(at) <= p.behind:
		return false
	case !at.After(p.rush):
		if p.rush.Sub(at) > p.behind { // so it was not the rush that kept it waiting
			p.since = now
		}
		return false
	}
	return at.After(p.since)
}

// acceptLate takes in what waited too long. It is finished at once, since to
// hold on to it would keep those behind it from being heard.
func (a *Adapter) acceptLate(q question, to call) bool {
	if a.ours(q, to) {
		a.warn(dropLate, slog.LevelWarn, "more is asked than can be answered: what waited too long is counted and not answered, but for danger signs")
		a.passOver(q, dropLate)
	} else {
		a.passOver(q, dropOther)
	}
	for _, finish := range q.finish {
		finish()
	}
	return true
}

// passOver deals with a question that gets no answer, for a reason: whoever
// speaks of a danger sign gets the card, some of those who are late are asked
// to try again, and all but the first are counted.
func (a *Adapter) passOver(q question, reason string) {
	q.finish = nil
	counted := reason
	switch a.lookout.Look(q.text()) {
	case intake.Danger:
		if a.putAlarm(q, reason) {
			return
		}
		counted = dropNoCard
	case intake.Unseen:
		counted = dropUnseen
	}
	a.dropped(q.chat, counted)
	if counted != reason {
		a.warn(counted, slog.LevelError, "more comes in than can be looked after: a danger sign may have got no safety card")
	}
	if chat := strconv.FormatInt(q.chat, 10); reason == dropLate && a.busy.Take(chat) == intake.Allow {
		a.excuses.Put(chat, func(ctx context.Context) {
			if set := a.groupSettings(ctx, q.chat, q.private); !q.toBot || set[setReplies] != "off" {
				a.tell(ctx, q, say(sayBusy))
			}
		})
	}
}

// putAlarm queues the card for a question that speaks of a danger sign, beside
// the questions. It reports false if there is no room for it either.
func (a *Adapter) putAlarm(q question, reason string) bool {
	return a.alarms.Put(strconv.FormatInt(q.chat, 10), func(ctx context.Context) { a.alarm(ctx, q, reason) })
}

// alarm shows the card for a question that speaks of a danger sign and would
// get no answer, for a reason, unless who asks, or the chat, has had a share of cards.
func (a *Adapter) alarm(ctx context.Context, q question, reason string) {
	set := a.groupSettings(ctx, q.chat, q.private)
	switch {
	case q.toBot && set[setReplies] == "off":
		a.dropped(q.chat, dropOff)
	case !a.spareCard(q):
		a.dropped(q.chat, reason)
	default:
		if !a.show(ctx, q, a.respond(ctx, q), set) {
			a.lost(1) // it was finished when its card was queued
		}
	}
}

// warn says something in the log, once a minute for each reason.
func (a *Adapter) warn(reason string, level slog.Level, what string) {
	if a.overrun.Take(reason) == intake.Allow {
		a.log.Log(context.Background(), level, what, slog.String("reason", reason))
	}
}

// sentAt is when the server sent an answer, by its own clock; zero if it did not say.
func (g answer) sentAt() time.Time {
	at, err := http.ParseTime(g.date)
	if err != nil {
		return time.Time{}
	}
	return at
}
