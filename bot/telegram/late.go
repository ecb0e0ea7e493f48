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
// everybody waiting, for long after the rush too. What was written while we
// did not listen, before since, was not kept back by others and is never late.
// Both times are by Telegram's clock, so ours may be wrong.
func (p *poller) late(m *message, now time.Time) bool {
	at := time.Unix(m.Date, 0)
	return !now.IsZero() && at.After(p.since) && now.Sub(at) > p.behind
}

// acceptLate takes in what will get no answer: somebody who speaks of a
// danger sign gets the card, some of the others are asked to try again, and
// all of these are counted. Beyond looksPerSec they are only counted. It is
// finished at once, since a restart would not make it any younger.
func (a *Adapter) acceptLate(q question, to call) bool {
	finish := q.finish[0]
	q.finish = nil
	if to.command != "" && to.command != "ask" {
		q.pieces = nil // no question, so nothing to look at for danger signs
	}
	if a.overrun.Take("") == intake.Go {
		a.log.Warn("more is asked than can be answered: what waited too long is counted and not answered, but for danger signs")
	}
	chat := strconv.FormatInt(q.chat, 10)
	if !a.looks.Allow() || !a.late.Put(chat, func(ctx context.Context) {
		if urgent, _ := a.danger(ctx, q); urgent {
			return
		}
		a.dropped(q.chat, dropLate)
		if a.busy.Take(chat) == intake.Go {
			a.excuses.Put(chat, func(ctx context.Context) { a.tell(ctx, q, say(sayBusy)) })
		}
	}) {
		a.dropped(q.chat, dropLate)
	}
	finish()
	return true
}

// sentAt is when the server sent an answer, by its own clock; zero if it did not say.
func (g answer) sentAt() time.Time {
	at, err := http.ParseTime(g.date)
	if err != nil {
		return time.Time{}
	}
	return at
}
