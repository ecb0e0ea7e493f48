package telegram

import (
	"sync"
	"time"
)

// holdMost is how long one unanswered update may keep the ones behind it
// unconfirmed. It is then confirmed and still worked on, from memory. In an
// outage, where what Telegram keeps is not lost, that is done only where it
// keeps any new update from being taken in: a few chats that cannot be written
// to look like an outage until somebody else is answered.
const holdMost = 30 * time.Second

// holdCrowded is how long it may where it keeps any new update from being
// delivered: a poll brings only so many from the first unconfirmed one on. A
// hundred answers at Telegram's rate take less.
const holdCrowded = 5 * time.Second

// ledger knows which updates are taken in and not yet handled, and so what
// may be confirmed. A getUpdates with offset n confirms every update below n,
// so the offset may not pass an update in work. It is safe for concurrent use.
type ledger struct {
	now           func() time.Time
	hold, crowded time.Duration // holdMost and holdCrowded
	outage        func() bool

	mu   sync.Mutex
	open map[int]time.Time // in work, since; zero: let go
	next int               // one past the highest update of this sequence; 0: none yet
	idle chan struct{}     // closed while nothing is in work
}

func newLedger(outage func() bool) *ledger {
	l := &ledger{now: time.Now, hold: holdMost, crowded: holdCrowded, outage: outage, open: map[int]time.Time{}, idle: make(chan struct{})}
	close(l.idle)
	return l
}

// take notes an update. A lower number than those confirmed is the start of a
// new sequence: after a week without updates Telegram begins anywhere.
func (l *ledger) take(id int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.open) == 0 {
		l.idle = make(chan struct{})
	}
	if id < l.lowest() {
		l.next = 0
	}
	l.next = max(l.next, id+1)
	l.open[id] = l.now()
}

// finish notes that an update needs nothing more.
func (l *ledger) finish(id int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ok := l.open[id]; !ok {
		return
	}
	delete(l.open, id)
	if len(l.open) == 0 {
		close(l.idle)
	}
}

// offset is what the next getUpdates may confirm.
func (l *ledger) offset() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lowest()
}

// passed is how many updates in work are confirmed, or will be next.
func (l *ledger) passed() (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	low := l.lowest()
	for id := range l.open {
		if id < low {
			n++
		}
	}
	return n
}

// lowest is the first update in work, or next if there is none below it.
func (l *ledger) lowest() int {
	low, outage := l.next, l.outage()
	for id, since := range l.open {
		if id < low && !since.IsZero() && (outage || l.now().Sub(since) < l.hold) {
			low = id
		}
	}
	return low
}

// letGo has every update confirmed that has been in work for holdCrowded,
// where these are few. Where they are many, Telegram takes no answers at all:
// then more in memory helps nobody, and what is not confirmed is not lost.
func (l *ledger) letGo() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.outage() {
		l.confirm(l.hold)
		return
	}
	held := 0
	for _, since := range l.open {
		if !since.IsZero() {
			held++
		}
	}
	if held > pollLimit/2 {
		return
	}
	l.confirm(l.crowded)
}

// confirm lets go what has been in work for that long. mu is held.
func (l *ledger) confirm(old time.Duration) {
	for id, since := range l.open {
		if l.now().Sub(since) >= old {
			l.open[id] = time.Time{}
		}
	}
}

// restart makes next the offset once nothing is in work, whatever was taken before.
func (l *ledger) restart(next int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.next = next
}

// quiet is closed while nothing is in work.
func (l *ledger) quiet() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.idle
}
