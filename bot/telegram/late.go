package telegram

import (
	"context"
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
	if to.command != "" && to.command != "ask" {
		q.pieces = nil // no question, so nothing to look at for danger signs
	}
	if a.overrun.Take("") == intake.Go {
		a.log.Warn("more is asked than can be answered: what waited too long is counted and not answered, but for danger signs")
	}
	a.passOver(q, dropLate)
	for _, finish := range q.finish {
		finish()
	}
	return true
}

// passOver deals with a question that gets no answer, for a reason: whoever
// speaks of a danger sign gets the card, some of those who are late are asked
// to try again, and all but the first are counted. Beyond looksPerSec, and a
// few from one person at once, they are only counted.
func (a *Adapter) passOver(q question, reason string) {
	q.finish = nil
	chat := strconv.FormatInt(q.chat, 10)
	if !a.looks.Allow() || !a.late.Put(q.who(), func(ctx context.Context) {
		if q.toBot && a.groupSettings(ctx, q.chat, q.private)[setReplies] == "off" {
			a.dropped(q.chat, dropOff)
			return
		}
		if card, urgent := a.danger(ctx, q); urgent {
			// Elsewhere: a chat that Telegram lets nothing be sent to must
			// not keep us from looking at what others say.
			show := func(ctx context.Context) { a.show(ctx, q, card, nil) }
			if !a.queue.Put("card"+chat, show) {
				show(ctx)
			}
			return
		}
		a.dropped(q.chat, reason)
		if reason == dropLate && a.busy.Take(chat) == intake.Go {
			a.excuses.Put(chat, func(ctx context.Context) { a.tell(ctx, q, say(sayBusy)) })
		}
	}) {
		a.dropped(q.chat, reason)
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
