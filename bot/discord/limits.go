package discord

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/aftercarebot/aftercare/bot/intake"
)

// limits keeps requests within what Discord allows: 50 a second in all,
// what its headers say for each route, and far fewer than the 10,000 refused
// requests in ten minutes after which it shuts an address out.
//
// Calls with an interaction token are outside the global limit and each has a
// limit of its own, so these wait only for what they were told themselves.
// It is safe for concurrent use.
type limits struct {
	all *rate.Limiter

	mu      sync.Mutex
	global  time.Time            // nothing but tokened calls before this
	blocked time.Time            // nothing at all before this: Cloudflare has spoken
	routes  map[string]time.Time // not before
	refusal []time.Time          // of the last ten minutes
}

// maxInvalid leaves a wide margin below Discord's 10,000.
const maxInvalid = 5000

const invalidWindow = 10 * time.Minute

// messagesPerSecond is how many calls without an interaction's token are let
// through, two at once. Discord allows 50; the rest is for those that were let
// through and arrive late, together with later ones.
const messagesPerSecond = 40

func newLimits() *limits {
	return &limits{all: rate.NewLimiter(messagesPerSecond, 2), routes: map[string]time.Time{}}
}

// wait holds the call until it may be made. It fails at once if that is
// beyond the context's deadline.
func (l *limits) wait(ctx context.Context, c call) error {
	for {
		d := time.Until(l.notBefore(c))
		if d <= 0 {
			break
		}
		if end, ok := ctx.Deadline(); ok && time.Until(end) < d {
			return context.DeadlineExceeded
		}
		if err := intake.Sleep(ctx, d); err != nil {
			return err
		}
	}
	if c.tokened {
		return ctx.Err()
	}
	return l.all.Wait(ctx)
}

func (l *limits) notBefore(c call) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := l.blocked
	if t := l.routes[c.bucket()]; t.After(at) {
		at = t
	}
	if !c.tokened && l.global.After(at) {
		at = l.global
	}
	return at
}

// refused takes note of a 429.
func (l *limits) refused(c call, header http.Header, data []byte) {
	wait, global := retryAfter(header, data)
	json := strings.HasPrefix(header.Get("Content-Type"), "application/json")
	l.mu.Lock()
	defer l.mu.Unlock()
	until := time.Now().Add(wait)
	switch {
	case global && !json:
		l.blocked = until
	case global && !c.tokened:
		l.global = until
	default:
		l.put(c.bucket(), until)
	}
	if header.Get("X-RateLimit-Scope") != "shared" {
		l.count()
	}
}

// served takes note of a route that has been used up.
func (l *limits) served(c call, header http.Header) {
	if header.Get("X-RateLimit-Remaining") != "0" {
		return
	}
	v, err := strconv.ParseFloat(header.Get("X-RateLimit-Reset-After"), 64)
	if err != nil || v <= 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.put(c.bucket(), time.Now().Add(time.Duration(min(v, 3600)*float64(time.Second))))
}

// invalid counts a 401 or 403.
func (l *limits) invalid(status int) {
	if status != http.StatusUnauthorized && status != http.StatusForbidden {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.count()
}

func (l *limits) count() {
	now := time.Now()
	for len(l.refusal) > 0 && now.Sub(l.refusal[0]) > invalidWindow {
		l.refusal = l.refusal[1:]
	}
	l.refusal = append(l.refusal, now)
	if len(l.refusal) >= maxInvalid {
		l.blocked = l.refusal[0].Add(invalidWindow)
	}
}

func (l *limits) put(bucket string, until time.Time) {
	if len(l.routes) > 1000 {
		now := time.Now()
		for k, t := range l.routes {
			if t.Before(now) {
				delete(l.routes, k)
			}
		}
	}
	l.routes[bucket] = until
}

// bucket names what shares a limit with the call: method and path, where
// message ids do not count.
func (c call) bucket() string {
	parts := strings.Split(c.path, "/")
	if len(parts) > 4 && parts[1] == "channels" && parts[3] == "messages" {
		parts[4] = "id"
	}
	return c.method + " " + strings.Join(parts, "/")
}
