package discord

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aftercarebot/aftercare/bot/discord/discordtest"
	"github.com/aftercarebot/aftercare/bot/intake"
)

func startWeb(t *testing.T, b *book) *stage {
	s := start(t, set{book: b, adapter: func(a *Adapter) {
		if b != nil {
			a.times.deferAfter = time.Millisecond // a slow one is deferred in any case
		}
	}, leaks: true, config: func(c *Config) { c.Interactions = "127.0.0.1:0" }})
	s.UseHTTP("http://" + s.bot.InteractionsAddr().String() + "/")
	return s
}

func TestInteractionsOverHTTP(t *testing.T) {
	s := startWeb(t, nil)
	m := s.one(s.Ask(inServer, "may I swim?"))
	mustHold(t, m.Text(), "Stay out of the pool")
	if !m.Ephemeral {
		t.Error("got a public reply in a server")
	}
	i := s.Complete(inServer, "sun")
	s.all(i)
	if len(i.Choices) != 1 {
		t.Errorf("got choices %v", i.Choices)
	}
	shared := s.one(s.Click(inServer, m, m.Button("Share in channel")))
	if shared.Ephemeral {
		t.Error("sharing is private")
	}
	long := s.Ask(inServer, "the long story")
	for end := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		if m := s.all(long); strings.Contains(m[len(m)-1].Text(), aNote) {
			break
		}
		if time.Now().After(end) {
			t.Fatal("the long answer never ended")
		}
	}
	if n := s.Stats().Connections; n != 0 {
		t.Errorf("got %d gateway connections, want none", n)
	}
	if !s.WaitCommands(1, patience) {
		t.Error("commands not registered")
	}
	http.DefaultClient.CloseIdleConnections()
}

func TestSlowInteractionOverHTTP(t *testing.T) {
	b := newBook()
	b.delay = time.Second
	s := startWeb(t, b)
	i := s.Ask(inServer, "may I swim?")
	mustHold(t, s.one(i).Text(), "Stay out of the pool")
	if i.Response != 5 {
		t.Errorf("got response %d, want deferred", i.Response)
	}
	http.DefaultClient.CloseIdleConnections()
}

// TestNothingWasTakenAwayOverHTTP wants what is to be deleted gone, although
// Discord has not yet read the response when the bot has given it.
func TestNothingWasTakenAwayOverHTTP(t *testing.T) {
	s := start(t, set{config: func(c *Config) { c.Interactions = "127.0.0.1:0" },
		adapter: func(a *Adapter) { a.person = intake.NewLimiter(5, time.Hour, nil) }})
	s.UseHTTP("http://" + s.bot.InteractionsAddr().String() + "/")
	early := discordtest.Fault{Method: "DELETE", Path: "/messages/@original", Times: 2, Status: 404, Body: `{"code":10015,"message":"Unknown Webhook"}`}
	m := s.one(s.Ask(inDM, "may I swim?"))
	s.Fail(early)
	s.all(s.Click(inDM, m, m.Button("Delete")))
	until(t, "the answer deleted", func() bool { return s.Messages()[0].Deleted })
	for range 3 {
		s.all(s.Ask(inDM, "may I swim?"))
	}
	mustHold(t, s.one(s.Ask(inDM, "may I swim?")).Text(), "more than I can answer")
	s.Fail(early)
	if i := s.Ask(inDM, "may I swim?"); len(s.all(i)) > 0 || !i.Vanished {
		t.Error("a deferral was not taken away")
	}
}

// TestMessagesWereInvitedOverHTTP wants nothing offered that never arrives.
func TestMessagesWereInvitedOverHTTP(t *testing.T) {
	s := startWeb(t, nil)
	for _, name := range []string{"help", "privacy"} {
		text := s.one(s.Command(inServer, name, nil)).Text()
		mustHold(t, text, map[string]string{"help": "/topics", "privacy": "one of my commands"}[name])
		for _, never := range []string{"mention", "reply to", "directly"} {
			if strings.Contains(text, never) {
				t.Errorf("/%s: got %q, which holds %q", name, text, never)
			}
		}
	}
	http.DefaultClient.CloseIdleConnections()
}

// TestStopOverHTTP wants what was taken finished, and Run to return in time
// although somebody holds a connection open.
func TestStopOverHTTP(t *testing.T) {
	b := newBook()
	b.delay = 300 * time.Millisecond
	s := startWeb(t, b)
	idle, err := net.Dial("tcp", s.bot.InteractionsAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer idle.Close()
	i := s.Ask(inServer, "may I swim?")
	for len(b.questions()) == 0 {
		time.Sleep(time.Millisecond)
	}
	began := time.Now()
	if err := s.end(); err != nil {
		t.Errorf("Run returned %v, want nil", err)
	}
	t.Logf("stopped in %v", time.Since(began))
	mustHold(t, s.one(i).Text(), "Stay out of the pool")
	http.DefaultClient.CloseIdleConnections()
}

// TestForgedInteractions wants nothing looked at that Discord has not signed.
func TestForgedInteractions(t *testing.T) {
	s := startWeb(t, nil)
	endpoint := "http://" + s.bot.InteractionsAddr().String() + "/"
	ping := []byte(`{"id":"1","token":"t","type":1}`)
	ask, err := json.Marshal(map[string]any{"id": "12", "application_id": discordtest.ApplicationID, "token": "t", "type": 2, "user": map[string]any{"id": someone},
		"channel_id": "7", "data": map[string]any{"name": "ask", "options": []any{map[string]any{"name": "question", "value": "may I swim?"}}}})
	if err != nil {
		t.Fatal(err)
	}
	do := func(at time.Time, body []byte, change func(*http.Request)) (int, string) {
		t.Helper()
		req, err := s.Sign(t.Context(), endpoint, at, body)
		if err != nil {
			t.Fatal(err)
		}
		if change != nil {
			change(req)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		var b bytes.Buffer
		b.ReadFrom(resp.Body)
		return resp.StatusCode, b.String()
	}
	now := time.Now()
	if code, body := do(now, ping, nil); code != 200 || strings.TrimSpace(body) != `{"type":1}` {
		t.Errorf("PING: got %d %s", code, body)
	}
	other := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	for name, c := range map[string]struct {
		at     time.Time
		body   []byte
		change func(*http.Request)
		want   int
	}{
		"no signature":        {now, ask, func(r *http.Request) { r.Header.Del("X-Signature-Ed25519") }, 401},
		"short signature":     {now, ask, other("X-Signature-Ed25519", "abcd"), 401},
		"wrong signature":     {now, ask, other("X-Signature-Ed25519", strings.Repeat("00", 64)), 401},
		"another timestamp":   {now, ask, other("X-Signature-Timestamp", "1"), 401},
		"timestamp no number": {now, ask, other("X-Signature-Timestamp", "yesterday"), 401},
		"old":                 {now.Add(-6 * time.Minute), ask, nil, 401},
		"of the future":       {now.Add(6 * time.Minute), ask, nil, 401},
		"too large":           {now, append(bytes.Repeat([]byte(" "), 1<<20), ask...), nil, 413},
		"no JSON":             {now, []byte("{"), nil, 400},
		"no interaction":      {now, []byte("[]"), nil, 400},
		"GET":                 {now, nil, func(r *http.Request) { r.Method = "GET" }, 405},
	} {
		if code, _ := do(c.at, c.body, c.change); code != c.want {
			t.Errorf("%s: got %d, want %d", name, code, c.want)
		}
	}
	if n := len(s.book.questions()); n != 0 {
		t.Fatalf("asked %d times by forged interactions", n)
	}
	// A replay, many times at once, is answered once.
	var wg sync.WaitGroup
	var mu sync.Mutex
	served := 0
	for range 10 {
		wg.Go(func() {
			req, err := s.Sign(context.Background(), endpoint, now, ask)
			if err != nil {
				t.Error(err)
				return
			}
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Error(err)
				return
			}
			resp.Body.Close()
			if resp.StatusCode == 200 {
				mu.Lock()
				served++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if served != 1 || len(s.book.questions()) != 1 {
		t.Errorf("a replay was served %d times and asked %d times, want once", served, len(s.book.questions()))
	}
	http.DefaultClient.CloseIdleConnections()
}
