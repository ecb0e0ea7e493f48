package telegram

import (
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
}

func newReplies() *replies { return &replies{now: time.Now, by: map[spot]*exchange{}} }

// put notes which messages answered q.
func (r *replies) put(q question, answers []int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	for len(r.order) > 0 && (len(r.order) >= repliesMost || expired(r.by[r.order[0]], now)) {
		delete(r.by, r.order[0])
		r.order = r.order[1:]
	}
	e := &exchange{question: q, answers: answers, at: now}
	for _, p := range q.pieces {
		at := spot{q.chat, p.id}
		if r.by[at] == nil {
			r.order = append(r.order, at)
		}
		r.by[at] = e
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
