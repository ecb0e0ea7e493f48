package discord

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bwmarrin/discordgo"
	"github.com/gorilla/websocket"

	"github.com/aftercarebot/aftercare/bot/intake"
)

// The library puts its own version into the gateway's address.
func init() { discordgo.APIVersion = "10" }

// link keeps one shard connected for as long as it runs: a supervisor around
// a discordgo session that resumes what can be resumed, waits before trying
// again, and gives up only where trying again is pointless.
type link struct {
	shard, shards int
	token         string
	intents       discordgo.Intent
	gateway       func(ctx context.Context) (string, error)  // address to connect to
	identify      func(ctx context.Context, shard int) error // waits for leave to identify
	event         func(shard int, kind string, data json.RawMessage)
	meter         interface{ Reconnected(platform string) }
	proxy         proxyOf
	log           *slog.Logger
	times         times

	ready atomic.Bool

	// Of the run loop's goroutine alone.
	session *discordgo.Session // nil: begin a new one
	dialled string             // address that the session knows by heart
	closed  chan struct{}      // one for each Disconnect of discordgo's
	lost    time.Time          // when the session was last connected

	established atomic.Bool // the session has begun, so it can be resumed
	mu          sync.Mutex
	address     string          // where to connect next
	forget      bool            // fail the next dial
	running     context.Context // of the run loop, for dialling
	wire        *wire
}

// times holds every waiting time, so that tests need not wait as long.
type times struct {
	open       time.Duration // limit for opening a connection
	slack      time.Duration // how late a heartbeat may be acknowledged
	retry      time.Duration // before the second try; doubled each time
	retryMost  time.Duration
	resumable  time.Duration // a session that could not be resumed for so long is given up
	steady     time.Duration // a connection this long makes the next loss a first one
	identify   time.Duration // between two IDENTIFYs of one rate limit key
	invalid    time.Duration // 1 to 5 of these after a session was ended
	ack        time.Duration // after that a first response is of no use
	late       time.Duration // how much longer its acknowledgement is waited for
	deferAfter time.Duration // an interaction not answered by then is deferred
	drain      time.Duration // for finishing what was taken
}

func defaultTimes() times {
	return times{
		open: 20 * time.Second, slack: 5 * time.Second,
		retry: time.Second, retryMost: 2 * time.Minute, resumable: 5 * time.Minute, steady: time.Minute,
		identify: 5 * time.Second, invalid: time.Second,
		ack: 3 * time.Second, late: 5 * time.Second, deferAfter: 1500 * time.Millisecond, drain: 8 * time.Second,
	}
}

// run returns nil when ctx is done, and an error only if it is fatal. The
// session's goroutines have ended then.
func (l *link) run(ctx context.Context) error {
	failures := 0
	for first := true; ; first = false {
		opened, err := l.connect(ctx, first)
		l.ready.Store(false)
		if ctx.Err() != nil {
			return nil
		}
		var stop *Fatal
		if errors.As(err, &stop) {
			return err
		}
		if opened > l.times.steady {
			failures = 0
		}
		wait := l.backoff(failures)
		failures++
		if errors.Is(err, errInvalidSession) {
			wait = l.times.invalid + rand.N(4*l.times.invalid+1)
		}
		l.log.Warn("gateway connection lost", "shard", l.shard, "error", err, "resumable", l.session != nil, "retry_in", wait)
		if intake.Sleep(ctx, wait) != nil {
			return nil
		}
	}
}

// backoff is the wait before a further try: at first short, since most losses
// are resumed, then doubled, with half of it left to chance.
func (l *link) backoff(failures int) time.Duration {
	d := l.times.retryMost
	if failures < 12 {
		d = min(d, l.times.retry<<failures)
	}
	if failures == 0 {
		d /= 4
	}
	return d/2 + rand.N(d/2+1)
}

// connect makes one connection and stays until it ends; it says how long the
// connection stood and why it ended.
func (l *link) connect(ctx context.Context, first bool) (stood time.Duration, err error) {
	// Discord forgets a session in a few minutes, and its own address may be
	// gone by then.
	if l.session == nil || !l.established.Load() || !l.lost.IsZero() && time.Since(l.lost) > l.times.resumable {
		if err := l.identify(ctx, l.shard); err != nil {
			return 0, err
		}
		address, err := l.gateway(ctx)
		if err != nil {
			return 0, err
		}
		l.setAddress(address)
		l.established.Store(false)
		l.lost = time.Time{}
		l.session, l.dialled = l.newSession(), ""
	}
	if err := l.open(ctx); err != nil {
		if l.lost.IsZero() {
			l.lost = time.Now()
		}
		return 0, err
	}
	began := time.Now()
	defer func() { l.lost = time.Now() }()
	if !first {
		l.meter.Reconnected(platform)
	}
	w := l.current()
	select {
	case <-ctx.Done():
		w.leave()
		l.session.Close() // takes a second, in which its goroutines end
		return time.Since(began), ctx.Err()
	case <-w.done:
	}
	// discordgo closes the session itself on a loss, and takes a second for
	// it. Opening it before that is done would have the new connection closed.
	select {
	case <-l.closed:
	case <-ctx.Done():
		l.session.Close()
	}
	return time.Since(began), l.ended(w)
}

// open opens the session: at its first connection it identifies, later it
// resumes.
func (l *link) open(ctx context.Context) error {
	for len(l.closed) > 0 {
		<-l.closed
	}
	l.mu.Lock()
	l.wire, l.running = nil, ctx
	l.mu.Unlock()
	limit := time.AfterFunc(l.times.open, func() { l.cutCurrent(errSilence) })
	stop := context.AfterFunc(ctx, func() { l.cutCurrent(ctx.Err()) })
	to := l.nextAddress()
	if l.dialled != "" && l.dialled != to {
		// A session forgets its gateway's address only when dialling fails,
		// and Discord wants it resumed at another one.
		l.mu.Lock()
		l.forget = true
		l.mu.Unlock()
		l.session.Open()
	}
	l.dialled = to // READY may name another one
	err := l.session.Open()
	limit.Stop()
	stop()
	if err == nil {
		return nil
	}
	w := l.current()
	if w == nil { // not even dialled
		if err2 := ctx.Err(); err2 != nil {
			return err2
		}
		return fmt.Errorf("dial gateway: %w", bare(err))
	}
	w.cut(ending{Reason: err})
	return l.ended(w)
}

func (l *link) setAddress(to string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.address = to
}

func (l *link) nextAddress() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.address
}

func (l *link) current() *wire {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.wire
}

func (l *link) cutCurrent(reason error) {
	if w := l.current(); w != nil {
		w.cut(ending{Reason: reason})
	}
}

// ended decides how to go on after a connection.
func (l *link) ended(w *wire) error {
	e, _ := w.end()
	if err := fatal(e.Code); err != nil {
		return err
	}
	if e.Reset {
		l.session = nil
	}
	return e.Reason
}

func (l *link) newSession() *discordgo.Session {
	s, _ := discordgo.New("Bot " + l.token) // never fails
	s.LogLevel = -1                         // its log names addresses and packets; the wire says what matters
	s.StateEnabled = false
	s.SyncEvents = true // one handler, which never waits: no goroutine per event
	s.ShouldReconnectOnError = false
	s.Compress = false // the wire reads along
	s.Identify.Intents = l.intents
	s.Identify.LargeThreshold = 50
	s.ShardID, s.ShardCount = l.shard, l.shards
	s.Client = &http.Client{Transport: gatewayAnswer(l.nextAddress)}
	s.Dialer = &websocket.Dialer{
		HandshakeTimeout:  l.times.open,
		NetDialContext:    l.dial(false),
		NetDialTLSContext: l.dial(true),
	}
	s.AddHandler(func(_ *discordgo.Session, e *discordgo.Event) { l.handle(e) })
	closed := make(chan struct{}, 8)
	l.closed = closed
	s.AddHandler(func(*discordgo.Session, *discordgo.Disconnect) {
		select {
		case closed <- struct{}{}:
		default:
		}
	})
	return s
}

func (l *link) dial(secure bool) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, _, addr string) (net.Conn, error) {
		l.mu.Lock()
		forget, running := l.forget, l.running
		l.forget = false
		l.mu.Unlock()
		if forget {
			return nil, errors.New("forget this address")
		}
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(running, cancel)()
		conn, err := dialGateway(ctx, addr, secure, l.proxy)
		if err != nil {
			return nil, err
		}
		w := newWire(conn, l.times.open, l.times.slack)
		l.mu.Lock()
		l.wire = w
		l.mu.Unlock()
		if running.Err() != nil {
			w.cut(ending{Reason: running.Err()})
		}
		return w, nil
	}
}

// handle takes every event, in order, on discordgo's reading goroutine.
func (l *link) handle(e *discordgo.Event) {
	defer func() {
		if p := recover(); p != nil {
			l.log.Error("event handler panicked", "shard", l.shard, "event", e.Type)
		}
	}()
	switch e.Type {
	case "READY":
		var r struct {
			Resume string `json:"resume_gateway_url"`
		}
		if json.Unmarshal(e.RawData, &r) == nil && checkGateway(r.Resume) == nil {
			l.setAddress(r.Resume)
		}
		l.established.Store(true)
		l.ready.Store(true)
		l.log.Info("gateway connected", "shard", l.shard, "shards", l.shards)
	case "RESUMED":
		l.ready.Store(true)
		l.log.Info("gateway session resumed", "shard", l.shard)
	}
	l.event(l.shard, e.Type, e.RawData)
}

// gatewayAnswer answers discordgo's question for the gateway's address, the
// only request that its sessions make here.
type gatewayAnswer func() string

func (address gatewayAnswer) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := json.Marshal(map[string]string{"url": address()})
	if err != nil {
		return nil, err
	}
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"application/json"}},
		Body:   io.NopCloser(strings.NewReader(string(body))), Request: req,
	}, nil
}

// checkGateway refuses an address that is no websocket address.
func checkGateway(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || (u.Scheme != "ws" && u.Scheme != "wss") {
		return errors.New("discord named no usable gateway address")
	}
	return nil
}
