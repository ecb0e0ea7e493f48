package telegram

import (
	"sync"
	"time"
)

// outageMost is how long an outage is waited out. Telegram keeps updates for
// 24 hours. It is bounded because one chat alone that cannot be written to
// looks like an outage until another one is answered.
const outageMost = 12 * time.Hour

// outage knows whether Telegram takes messages at all: it lasts while none was
// taken since one was not. It is safe for concurrent use.
type outage struct {
	now              func() time.Time
	transient, flood time.Duration // transientMost and floodMost

	mu    sync.Mutex
	since time.Time // zero: there is none
}

func newOutage() *outage {
	return &outage{now: time.Now, transient: transientMost, flood: floodMost}
}

// taken notes that a message was taken, or refused for a reason of its own.
func (o *outage) taken() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.since = time.Time{}
}

// failed notes that a message was not taken, as it was not at last before, zero
// for never. It reports whether there is a reason to think that this is the
// message's own, and the time, for the next call.
func (o *outage) failed(last time.Time) (own bool, now time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	now = o.now()
	if o.since.IsZero() {
		o.since = now
	}
	return !last.IsZero() && o.since.After(last) || now.Sub(o.since) >= outageMost, now
}

// lasts reports whether there is an outage, at least as old as that.
func (o *outage) lasts(old time.Duration) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.since.IsZero() {
		return false
	}
	age := o.now().Sub(o.since)
	return age >= old && age < outageMost
}
