package discord

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aftercarebot/aftercare/bot/discord/discordtest"
	"github.com/aftercarebot/aftercare/bot/intake"
)

// TestFaultsOfREST wants every answer to arrive, once, whatever becomes of
// the first requests.
func TestFaultsOfREST(t *testing.T) {
	tooMany := map[string]string{"X-RateLimit-Scope": "user", "Retry-After": "1"}
	for name, f := range map[string]discordtest.Fault{
		"500":               {Status: 500, Times: 2},
		"503 with HTML":     {Status: 503, Body: "<html>", Header: map[string]string{"Content-Type": "text/html"}},
		"429 of the route":  {Status: 429, Body: `{"message":"slow","retry_after":0.2,"global":false}`, Header: tooMany},
		"429 for all":       {Status: 429, Body: `{"message":"slow","retry_after":0.2,"global":true}`, Header: map[string]string{"X-RateLimit-Global": "true"}},
		"429 of Cloudflare": {Status: 429, Body: `<!doctype html>error code: 1015`, Header: map[string]string{"Content-Type": "text/html", "Retry-After": "0.3"}},
		"connection cut":    {Cut: true, Times: 2},
		"served, then cut":  {Serve: true},
		"served, then 502":  {Serve: true, Status: 502},
		"slow":              {Delay: 300 * time.Millisecond},
		"layout refused":    {Status: 400, Body: `{"code":50035,"message":"Invalid Form Body"}`},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, set{})
			f := f
			for _, where := range []string{"/callback", "/messages"} {
				f.Path, f.Method = where, "POST"
				s.Fail(f)
				var text string
				if where == "/callback" {
					text = s.one(s.Ask(inServer, "may I swim?")).Text()
				} else {
					s.Say(inServer, discordtest.Note{Mentions: true, Content: "may I swim?"})
					text = s.answer(aChannel, 1).Text()
				}
				mustHold(t, text, "Stay out of the pool", aNote)
			}
			s.end()
			if n := len(s.Messages()); n != 2 {
				t.Errorf("got %d messages, want 2", n)
			}
		})
	}
}

// TestAFewSecondsOfTroubleLostAnswers wants everything to arrive after more
// faults than a short outage makes.
func TestAFewSecondsOfTroubleLostAnswers(t *testing.T) {
	s := start(t, set{adapter: func(a *Adapter) { a.rest.pause = func(int) time.Duration { return time.Millisecond } }})
	s.Fail(discordtest.Fault{Method: "POST", Path: "/channels/" + aChannel + "/messages", Times: 20, Status: 503})
	s.Say(inServer, discordtest.Note{Mentions: true, Content: "I cannot breathe"})
	mustHold(t, s.answer(aChannel, 1).Text(), "Get help now")
	s.Fail(discordtest.Fault{Method: "POST", Path: "/webhooks/", Times: 20, Status: 503})
	s.Ask(person(s, inServer), "the long story")
	s.one(s.Ask(person(s, inDM), "may I swim?"))
	s.end()
	all := s.Messages()
	if n := len(all); n != 6 {
		t.Errorf("got %d messages, want the card, four pages and another answer", n)
	}
	if !slices.ContainsFunc(all, func(m *discordtest.Message) bool {
		return m.Channel == aChannel && m.Interaction != nil && strings.Contains(m.Text(), aNote)
	}) {
		t.Error("the last page of a long answer did not come")
	}
}

// broken is a network that answers everything with a fault.
type broken struct{}

func (broken) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusServiceUnavailable, Body: http.NoBody}, nil
}

func TestFaultsAreTriedForAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newREST("https://discord.example/api", discordtest.Token, &http.Client{Transport: broken{}})
		began := time.Now()
		err := r.do(t.Context(), call{method: "GET", path: "/gateway", tokened: true}, nil)
		if d := time.Since(began); !isStatus(err, http.StatusServiceUnavailable) || d < time.Minute || d > faultPatience {
			t.Errorf("got %v after %v, want the fault after about %v", err, d, faultPatience)
		}
	})
}

// TestADangerSignWhereTheBotMayNotWrite wants the card to reach the person all
// the same, and to be all that does.
func TestADangerSignWhereTheBotMayNotWrite(t *testing.T) {
	s := start(t, set{})
	s.Fail(discordtest.Fault{Method: "POST", Path: "/channels/" + aChannel + "/messages", Times: 2, Status: 403, Body: `{"code":50013,"message":"Missing Permissions"}`})
	s.Say(inServer, discordtest.Note{Mentions: true, Content: "may I swim?"})
	s.Say(inServer, discordtest.Note{Mentions: true, Content: "I cannot breathe"})
	mustHold(t, s.answer(discordtest.DMOf(someone), 1).Text(), "Get help now")
	s.end()
	if n := len(s.Messages()); n != 1 {
		t.Errorf("got %d messages, want the card alone", n)
	}
}

func TestReplyWithoutHistory(t *testing.T) {
	s := start(t, set{})
	s.Fail(discordtest.Fault{Method: "POST", Path: "/messages", Status: 400, Body: `{"code":160002,"message":"Cannot reply without permission to read message history"}`})
	s.Say(inServer, discordtest.Note{Mentions: true, Content: "may I swim?"})
	m := s.answer(aChannel, 1)
	if m.ReplyTo != "" || len(m.Buttons) == 0 {
		t.Errorf("got reply to %q and buttons %v; want no reply, and the full layout", m.ReplyTo, m.Buttons)
	}
}

func TestExpiredInteractionIsCounted(t *testing.T) {
	m := &counts{}
	s := start(t, set{config: func(c *Config) { c.Meter = m }, options: discordtest.Options{Ack: time.Millisecond},
		adapter: func(a *Adapter) { a.times.deferAfter = time.Hour }})
	s.book.delay = 50 * time.Millisecond
	s.Ask(inServer, "may I swim?")
	m.awaitFailure(t, "expired")
}

// TestLateAcknowledgementLostTheAnswer wants the whole answer, once, if Discord
// takes the first response in time and says so late, or not at all.
func TestLateAcknowledgementLostTheAnswer(t *testing.T) {
	for name, f := range map[string]discordtest.Fault{
		"late":       {Delay: 50 * time.Millisecond},
		"never":      {Serve: true},
		"as a fault": {Serve: true, Status: 502},
	} {
		f.Method, f.Path = "POST", "/callback"
		for _, deferred := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				b := newBook()
				s := start(t, set{book: b, adapter: func(a *Adapter) {
					a.times.ack = time.Nanosecond // one try, which is not over by then
					a.times.deferAfter = time.Hour
					if deferred {
						b.delay, a.times.deferAfter = 500*time.Millisecond, time.Millisecond
					}
				}})
				s.Fail(f)
				i := s.Ask(inServer, "the long story")
				mustHold(t, s.all(i)[0].Text(), "A long story")
				s.end()
				m := s.all(i)
				if len(m) != 4 || len(s.Messages()) != 4 {
					t.Errorf("got %d messages, %d in all, want 4", len(m), len(s.Messages()))
				}
				mustHold(t, m[len(m)-1].Text(), aNote)
			})
		}
	}
}

// TestResponseThatNeverArrivedIsCounted wants no silence in the figures either.
func TestResponseThatNeverArrivedIsCounted(t *testing.T) {
	m := &counts{}
	s := start(t, set{config: func(c *Config) { c.Meter = m }, adapter: func(a *Adapter) { a.times.ack = time.Nanosecond }})
	s.Fail(discordtest.Fault{Path: "/callback", Cut: true})
	s.Ask(inServer, "may I swim?")
	m.awaitFailure(t, "expired")
}

// TestAnsweredElsewhere wants silence where another process was quicker.
func TestAnsweredElsewhere(t *testing.T) {
	b := newBook()
	b.delay = 400 * time.Millisecond // so that it is deferred first
	s := start(t, set{book: b})
	s.Fail(discordtest.Fault{Path: "/callback", Status: 400, Body: `{"code":40060,"message":"Interaction has already been acknowledged."}`})
	s.Ask(inServer, "may I swim?")
	for end := time.Now().Add(patience); !slices.ContainsFunc(s.Requests(), func(r discordtest.Request) bool { return strings.HasSuffix(r.Path, "/callback") }); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("no response tried")
		}
	}
	s.one(s.Ask(person(s, inDM), "may I swim?"))
	s.end()
	if n := len(s.Messages()); n != 1 {
		t.Errorf("got %d messages, want 1", n)
	}
}

func TestTokenExpiresBetweenParts(t *testing.T) {
	m := &counts{}
	s := start(t, set{config: func(c *Config) { c.Meter = m }, options: discordtest.Options{TokenLife: time.Nanosecond}})
	s.Ask(inServer, "the long story")
	m.awaitFailure(t, "expired")
}

// TestFullQueue wants a kind word where there is no room for the question.
func TestFullQueue(t *testing.T) {
	b := newBook()
	b.delay = time.Second
	m := &counts{}
	s := start(t, set{book: b, config: func(c *Config) { c.Meter = m }, adapter: func(a *Adapter) { a.queue = intake.NewQueue(1, 1, 1, a.panicked) }})
	var asked []*discordtest.Interaction
	for range 6 {
		asked = append(asked, s.Ask(person(s, inServer), "may I swim?"))
	}
	busy := 0
	for _, i := range asked {
		text := s.one(i).Text()
		if strings.Contains(text, "great many people") {
			busy++
		} else {
			mustHold(t, text, "Stay out of the pool")
		}
	}
	if busy < 1 || busy > 5 {
		t.Errorf("%d of 6 were told that there is no room", busy)
	}
}

func TestRESTEndsWithItsContext(t *testing.T) {
	srv, err := discordtest.New(discordtest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Close()
	r := newREST(srv.URL(), discordtest.Token, &http.Client{})
	defer r.client.CloseIdleConnections()
	for name, f := range map[string]discordtest.Fault{
		"429": {Status: 429, Body: `{"retry_after":3600,"global":true}`},
		"500": {Status: 500, Times: 100},
		"cut": {Cut: true, Times: 100},
	} {
		f.Path = "/users/@me"
		srv.Fail(f)
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		began := time.Now()
		err := r.do(ctx, call{method: "GET", path: "/users/@me"}, nil)
		cancel()
		if d := time.Since(began); err == nil || d > 2*time.Second {
			t.Errorf("%s: got %v after %v", name, err, d)
		}
		r.limits = newLimits()
	}
}

// relay passes connections on to a server, until one goes dark: then nothing
// passes, and neither side is told.
type relay struct {
	net.Listener
	to   string
	mu   sync.Mutex
	dark *atomic.Bool // of the connection made last
}

func (r *relay) run() {
	for {
		here, err := r.Accept()
		if err != nil {
			return
		}
		there, err := net.Dial("tcp", r.to)
		if err != nil {
			here.Close()
			return
		}
		dark := &atomic.Bool{}
		r.mu.Lock()
		r.dark = dark
		r.mu.Unlock()
		pass := func(to, from net.Conn) {
			defer to.Close()
			for buf := make([]byte, 16<<10); ; {
				n, err := from.Read(buf)
				if err != nil {
					return
				}
				if !dark.Load() {
					to.Write(buf[:n])
				}
			}
		}
		go pass(there, here)
		go pass(here, there)
	}
}

// TestOneDeadConnectionStoppedEveryReply wants another connection made where
// the one that all requests share is lost without a word.
func TestOneDeadConnectionStoppedEveryReply(t *testing.T) {
	t.Parallel()
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, strconv.Quote(r.Proto))
	}))
	srv.EnableHTTP2 = true
	srv.StartTLS()
	defer srv.Close()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	r := &relay{Listener: listener, to: srv.Listener.Addr().String()}
	go r.run()
	a, err := New(Config{Token: "t", APIURL: "https://" + listener.Addr().String() + "/api", Guide: newBook()})
	if err != nil {
		t.Fatal(err)
	}
	transport := a.rest.client.Transport.(*http.Transport)
	defer transport.CloseIdleConnections()
	transport.TLSClientConfig = &tls.Config{RootCAs: x509.NewCertPool(), ServerName: "example.com"}
	transport.TLSClientConfig.RootCAs.AddCert(srv.Certificate())
	transport.ResponseHeaderTimeout = 0 // the pings alone
	for _, dark := range []bool{false, true} {
		if dark {
			r.mu.Lock()
			r.dark.Store(true)
			r.mu.Unlock()
		}
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		var proto string
		if err := a.rest.do(ctx, call{method: "GET", path: "/gateway"}, &proto); err != nil || proto != "HTTP/2.0" {
			t.Errorf("dark %v: got %q, %v; want an answer over HTTP/2", dark, proto, err)
		}
	}
}

func TestErrorsHoldNoToken(t *testing.T) {
	r := newREST("http://127.0.0.1:1", "secret-bot-token", &http.Client{})
	r.patience = 0
	err := r.do(t.Context(), call{method: "POST", path: "/interactions/1/secret-interaction-token/callback", body: 1, tokened: true}, nil)
	if err == nil || !errors.Is(err, errOutage) || strings.Contains(err.Error(), "secret") {
		t.Errorf("got %v", err)
	}
	c := call{path: "/webhooks/1/secret/messages/@original", tokened: true}
	if strings.Contains(c.route(), "secret") {
		t.Errorf("got route %q", c.route())
	}
}

func TestManyRefusalsStopRequests(t *testing.T) {
	l := newLimits()
	for range maxInvalid {
		l.invalid(http.StatusForbidden)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if err := l.wait(ctx, call{tokened: true}); err == nil {
		t.Error("requests go on after very many refusals")
	}
}

func TestSettingsOfNew(t *testing.T) {
	guide := newBook()
	good := Config{Token: "t", Guide: guide}
	for name, c := range map[string]struct {
		change func(*Config)
		want   string
	}{
		"no token":         {func(c *Config) { c.Token = " \n" }, "DISCORD_TOKEN"},
		"token broken":     {func(c *Config) { c.Token = "abc\ndef" }, "line break"},
		"address":          {func(c *Config) { c.APIURL = "discord.com" }, "https://discord.com/api"},
		"address unparsed": {func(c *Config) { c.APIURL = "http://[::1" }, "https://discord.com/api"},
		"shards":           {func(c *Config) { c.Shards = "4/4" }, "auto"},
		"shards zero":      {func(c *Config) { c.Shards = "0" }, "auto"},
	} {
		cfg := good
		c.change(&cfg)
		if _, err := New(cfg); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want an error with %q", name, err, c.want)
		}
	}
	for _, u := range []string{"", "https://discord.com/api", "https://discord.com/api/", "https://discord.com/api/v10", "http://localhost:1/api/v9/"} {
		cfg := good
		cfg.APIURL, cfg.Token = u, " token\n"
		a, err := New(cfg)
		if err != nil || !strings.HasSuffix(a.rest.base, "/api/v10") || a.rest.token != "token" {
			t.Errorf("%q: got %v, %v", u, a, err)
		}
	}
	for s, want := range map[string]sharding{"": {}, "auto": {}, "3": {0, 3, 3}, "2/5": {2, 1, 5}} {
		if got, err := parseShards(s); got != want || err != nil {
			t.Errorf("shards %q: got %v, %v, want %v", s, got, err, want)
		}
	}
}
