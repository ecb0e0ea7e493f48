package telegram

import (
	"slices"
	"sync"
	"time"
)

const (
	repliesMost = 4000
	editableFor = 15 * time.Minute // a later edit of a question leaves its answer alone
)

// exchange is a question and the messages that answer it, so that an edited
// question edits its answer.
type exchange struct {
	question question
	answers  []int // message ids, in order
	urgent   bool  // they show a safety card
	at       time.Time
}

// spot is one message of a person.
type spot struct {
	chat int64
	id   int
}

// replies remembers the last exchanges, in memory alone. It is safe for concurrent use.
type replies struct {
	now func() time.Time

	mu    sync.Mutex
	by    map[spot]*exchange
	order []spot
	sweep *time.Timer // nil: nothing is remembered
}

func newReplies() *replies { return &replies{now: time.Now, by: map[spot]*exchange{}} }

// put notes which messages answered q.
func (r *replies) put(q question, answers []int, urgent bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	r.forget(now, repliesMost-1)
	q.again, q.finish = nil, nil // else every edit would keep all those before it
	e := &exchange{question: q, answers: answers, urgent: urgent, at: now}
	for _, p := range q.pieces {
		at := spot{q.chat, p.id}
		if old := r.by[at]; old != nil { // it is the youngest now
			if i := slices.Index(r.order, at); i >= 0 {
				r.order = slices.Delete(r.order, i, i+1)
			}
		}
		r.order = append(r.order, at)
		r.by[at] = e
	}
	if r.sweep == nil {
		r.sweep = time.AfterFunc(editableFor, r.swept)
	}
}

// forget drops what is too old, and the oldest beyond most. mu is held.
func (r *replies) forget(now time.Time, most int) {
	for len(r.order) > 0 && (len(r.order) > most || expired(r.by[r.order[0]], now)) {
		delete(r.by, r.order[0])
		r.order = r.order[1:]
	}
}

// swept drops what is too old where no further question does.
func (r *replies) swept() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.forget(r.now(), repliesMost)
	r.sweep = nil
	if len(r.order) > 0 {
		r.sweep = time.AfterFunc(time.Minute, r.swept)
	}
}

func expired(e *exchange, now time.Time) bool { return e == nil || now.Sub(e.at) > editableFor }

// get finds the exchange that a message was part of; nil if it is none, or too old.
func (r *replies) get(chat int64, id int) *exchange {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e := r.by[spot{chat, id}]; e != nil && !expired(e, r.now()) {
		return e
	}
	return nil
}
