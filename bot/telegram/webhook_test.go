package telegram

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/bot/telegram/telegramtest"
)

const hookURL = "https://bot.example.org/telegram"

func buildWebhook(t *testing.T, srv *telegramtest.Server) *rig {
	t.Helper()
	return build(t, srv, func(c *Config) { c.Webhook, c.Listen = hookURL, "127.0.0.1:0" })
}

func startWebhook(t *testing.T, srv *telegramtest.Server) *rig {
	t.Helper()
	return buildWebhook(t, srv).begin()
}

// fill leaves the queue as it is when it is full: it takes no more.
func (r *rig) fill() {
	r.a.closing.Store(true)
	r.a.queue.Close()
}

// Hole 11: own handler, own server, own secret.
func TestWebhook(t *testing.T) {
	t.Parallel()
	srv := fake(t, telegramtest.Options{})
	r := startWebhook(t, srv)
	ctx := context.Background()
	at := *r.a.boundTo.Load()
	set := srv.Calls("setWebhook")
	if len(set) != 1 || set[0].Params["url"] != hookURL || set[0].Params["max_connections"] != "40" ||
		len(set[0].Params["secret_token"]) != 64 || !strings.Contains(set[0].Params["allowed_updates"], "callback_query") {
		t.Fatalf("got setWebhook %v", set)
	}
	chat := srv.Private(501)
	srv.Say(chat, 501, "/ask swim")
	srv.InjectRaw(`{"update_id":ID,"message":{"message_id":"seven"}}`) // skipped, not sent for ever
	srv.Say(chat, 501, "/ask sun")
	if status, err := srv.Deliver(ctx, at); err != nil || status != 200 {
		t.Fatalf("got %d, %v", status, err)
	}
	r.await(chat, 2)

	body := []byte(`{"update_id":5,"message":{"message_id":9,"date":1,"chat":{"id":501,"type":"private"},"from":{"id":501,"is_bot":false,"first_name":"A"},"text":"/ask swim"}}`)
	secret := set[0].Params["secret_token"]
	for _, c := range []struct {
		name, path, secret string
		body               []byte
		want               int
	}{
		{"no secret", "/telegram", "", body, 401},
		{"wrong secret", "/telegram", strings.Repeat("a", 64), body, 401},
		{"other path", "/", secret, body, 404},
		{"too big", "/telegram", secret, []byte(`{"update_id":6,"x":"` + strings.Repeat("a", webhookBody) + `"}`), 413},
		{"not JSON", "/telegram", secret, []byte("hello"), 200},
		{"good", "/telegram", secret, body, 200},
		{"the same once more", "/telegram", secret, body, 200},
	} {
		if got, err := telegramtest.Post(ctx, "http://"+at+c.path, c.secret, c.body); err != nil || got != c.want {
			t.Errorf("%s: got %d, %v, want %d", c.name, got, err, c.want)
		}
	}
	resp, err := http.Get("http://" + at + "/telegram")
	if err != nil || resp.StatusCode != 405 {
		t.Errorf("GET: got %v, %v, want 405", resp, err)
	}
	r.await(chat, 3)
	if err := r.end(); err != nil {
		t.Errorf("Run: %v", err)
	}
	if n := len(srv.Sent(chat)); n != 3 {
		t.Errorf("got %d answers, want 3: neither a forged nor a repeated update is answered", n)
	}
	if u := srv.WebhookURL(); u != hookURL {
		t.Errorf("got webhook %q after stopping, want it kept: Telegram queues meanwhile", u)
	}

	// A second start finds all as it should be, and sets nothing.
	again := startWebhook(t, srv)
	if n := srv.Count("setWebhook"); n != 1 {
		t.Errorf("got %d setWebhook, want 1", n)
	}
	_ = again.end()
	// Back to polling: the webhook goes, and what waits is answered.
	srv.Say(chat, 501, "/ask which")
	poll := build(t, srv, nil).begin()
	poll.await(chat, 4)
	if srv.WebhookURL() != "" {
		t.Error("the webhook is still set")
	}
	_ = poll.end()
	// And to the webhook again.
	hook := startWebhook(t, srv)
	srv.Say(chat, 501, "/ask swim")
	if status, err := srv.Deliver(ctx, *hook.a.boundTo.Load()); err != nil || status != 200 {
		t.Errorf("got %d, %v", status, err)
	}
	hook.await(chat, 5)
}

// 200 is said only once the update is queued: with the queue full Telegram is told to come again.
func TestWebhookIsBusyWhenTheQueueIsFull(t *testing.T) {
	t.Parallel()
	srv := fake(t, telegramtest.Options{})
	r := startWebhook(t, srv)
	r.fill()
	chat := srv.Private(501)
	srv.Say(chat, 501, "/ask swim")
	status, err := srv.Deliver(context.Background(), *r.a.boundTo.Load())
	if err != nil || status != http.StatusServiceUnavailable {
		t.Errorf("got %d, %v, want 503", status, err)
	}
	if srv.Pending() != 1 {
		t.Error("the update was taken for delivered")
	}
}

// What waited too long because others ask too much is counted, and not brought
// again and again; what was written before is.
func TestWebhookPassesOverWhatIsLate(t *testing.T) {
	t.Parallel()
	srv := fake(t, telegramtest.Options{})
	r := buildWebhook(t, srv)
	r.a.behind = -time.Hour // all that the test says is late, if it can be
	r.begin()
	r.a.closing.Store(true) // the queue takes no more
	r.a.queue.Close()
	say := func(user int64, date time.Time) int {
		t.Helper()
		m, _ := srv.Message(srv.Private(user), user, telegramtest.Map{"text": "/ask swim", "date": date.Unix()})
		update, err := json.Marshal(telegramtest.Map{"update_id": 100 + user, "message": m})
		if err != nil {
			t.Fatal(err)
		}
		status, err := telegramtest.Post(context.Background(), "http://"+*r.a.boundTo.Load()+"/telegram", r.a.secret(), update)
		if err != nil {
			t.Fatal(err)
		}
		return status
	}
	soon := time.Now().Add(time.Minute)
	for i, c := range []struct {
		what string
		date time.Time
		want int
	}{
		{"the first that there is no room for", soon, 503},
		{"from before the rush", time.Now().Add(-time.Hour), 503},
		{"of the rush", soon, 200},
	} {
		if got := say(int64(501+i), c.date); got != c.want {
			t.Errorf("%s: got %d, want %d", c.what, got, c.want)
		}
	}
	contains(t, r.last(503, 1).Parsed, sayBusy)
	if n := r.meter.of("dropped " + dropLate); n != 1 {
		t.Errorf("got %d counted as late, want 1", n)
	}
}

func TestCrowd(t *testing.T) {
	var c crowd
	now := time.Unix(1_000_000, 0)
	at := func(s int) time.Time { return now.Add(time.Hour + time.Duration(s)*time.Second) }
	c.set(at(0), now) // Telegram's clock is an hour ahead
	late := func(what string, written int, want bool) {
		t.Helper()
		if got := c.late(at(written), now, 10*time.Second); got != want {
			t.Errorf("%s: got %v, want %v", what, got, want)
		}
	}
	late("the first", -30, false)
	c.since = at(-20)
	late("at once", -1, false)
	late("too long ago", -15, true)
	late("just before the rush", -25, false)
	late("long before it", -60, false)
	late("while that was caught up on", -15, false)
	c.since = at(-20)
	c.room(false)
	late("with a little room", -15, true)
	c.room(true)
	late("a new rush", -15, false)
}

// A danger sign is heard with the queue full, however it is asked.
func TestWebhookHearsADangerSignWhenTheQueueIsFull(t *testing.T) {
	t.Parallel()
	srv := fake(t, telegramtest.Options{})
	r := startWebhook(t, srv)
	r.fill()
	chat := srv.Private(501)
	id := 0
	for i, text := range []string{"/ask I cannot breathe", "I cannot breathe", "/help I cannot breathe", "edit"} {
		if text == "edit" {
			srv.Edit(chat, 501, id, "/ask I really cannot breathe")
		} else {
			id = srv.Say(chat, 501, text)
		}
		if status, err := srv.Deliver(context.Background(), *r.a.boundTo.Load()); err != nil || status != http.StatusOK {
			t.Fatalf("%s: got %d, %v, want 200", text, status, err)
		}
		contains(t, r.last(chat, i+1).Parsed, "Get help now")
	}
}

// With a certificate that has run out, say, the bot was once deaf and said nothing of it.
func TestAWebhookThatTelegramCannotReachIsTold(t *testing.T) {
	t.Parallel()
	srv := fake(t, telegramtest.Options{})
	r := startWebhook(t, srv)
	const told = "telegram cannot deliver to the webhook"
	look := func(ago time.Duration, waiting int) {
		t.Helper()
		before := len(srv.Calls("getWebhookInfo"))
		srv.Fail(func(method string, _ map[string]string) telegramtest.Fault {
			if method != "getWebhookInfo" {
				return telegramtest.Fault{}
			}
			return telegramtest.Fault{Status: 200, Page: fmt.Sprintf(`{"ok":true,"result":{"url":%q,"has_custom_certificate":false,"pending_update_count":%d,"max_connections":40,`+
				`"allowed_updates":["message","edited_message","inline_query","callback_query","my_chat_member"],"last_error_date":%d,"last_error_message":"SSL error {certificate verify failed}"}}`,
				hookURL, waiting, time.Now().Add(-ago).Unix())}
		})
		r.a.suspect <- struct{}{} // as if it were time to look
		r.wait("the look", func() bool { return len(srv.Calls("getWebhookInfo")) > before })
	}
	look(time.Hour, 5)
	look(0, 0)
	if strings.Contains(r.logs.String(), told) {
		t.Error("told where nothing waits, or of what is over")
	}
	look(0, 5)
	r.wait("a word in the log", func() bool { return strings.Contains(r.logs.String(), told) })
	contains(t, r.logs.String(), "certificate verify failed")
}

func TestASecretFromElsewhereIsReplaced(t *testing.T) {
	t.Parallel()
	srv := fake(t, telegramtest.Options{})
	first := startWebhook(t, srv)
	_ = first.end()
	srv.SetWebhook(hookURL, "another-secret")
	second := startWebhook(t, srv)
	chat := srv.Private(501)
	srv.Say(chat, 501, "/ask swim")
	if status, _ := srv.Deliver(context.Background(), *second.a.boundTo.Load()); status != 401 {
		t.Fatalf("got %d, want 401", status)
	}
	_ = second.end()
	third := startWebhook(t, srv)
	if status, _ := srv.Deliver(context.Background(), *third.a.boundTo.Load()); status != 200 {
		t.Errorf("got %d, want 200 after the secret was set anew", status)
	}
	third.await(chat, 1)
}

func TestAWebhookAddressInUseEndsRun(t *testing.T) {
	t.Parallel()
	srv := fake(t, telegramtest.Options{})
	first := startWebhook(t, srv)
	second := build(t, srv, func(c *Config) { c.Webhook, c.Listen = hookURL, *first.a.boundTo.Load() })
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := second.a.Run(ctx, second.answer); err == nil || !strings.Contains(err.Error(), "listen") {
		t.Errorf("got %v, want an error about listening", err)
	}
}

func TestDoctor(t *testing.T) {
	t.Parallel()
	look := func(t *testing.T, o telegramtest.Options, prepare func(*telegramtest.Server), edit func(*Config)) string {
		t.Helper()
		srv := fake(t, o)
		if prepare != nil {
			prepare(srv)
		}
		c := Config{Token: srv.Token(), APIURL: srv.URL(), Guide: &guide{passages: passages()}}
		if edit != nil {
			edit(&c)
		}
		found, err := Doctor(context.Background(), c)
		if err != nil {
			t.Fatal(err)
		}
		var all strings.Builder
		for _, f := range found {
			all.WriteString(f.Level.String() + ": " + f.What + " " + f.Remedy + "\n")
			if f.Level != bot.Fine && f.Remedy == "" {
				t.Errorf("no remedy for %q", f.What)
			}
		}
		if strings.Contains(all.String(), srv.Token()) {
			t.Error("the findings hold the token")
		}
		return all.String()
	}
	type options = telegramtest.Options
	type server = telegramtest.Server
	elsewhere := func(s *server) { s.SetWebhook("https://x.example/", "") }
	told := func(s *server) { s.SetWebhook("https://x.example/"+s.Token(), "") } // where many a bot listens
	for _, c := range []struct {
		name    string
		options options
		prepare func(*server)
		edit    func(*Config)
		want    []string
	}{
		{"all well", options{}, nil, nil, []string{"ok: The token is good", "ok: Privacy mode is on", "ok: Inline mode is on",
			"ok: The clock is right", "ok: No other process", "note: The list of commands"}},
		{"bad token", options{}, nil, func(c *Config) { c.Token = "1:wrong" }, []string{"problem: The token is not valid", "/token"}},
		{"switches", options{ReadsAll: true, NoInline: true, NoGroups: true}, nil, nil, []string{"/setprivacy", "/setinline", "/setjoingroups"}},
		{"webhook while polling", options{}, elsewhere, nil, []string{"note: A webhook is set"}},
		{"webhook elsewhere", options{}, elsewhere, func(c *Config) { c.Webhook, c.Listen = hookURL, ":1" }, []string{"problem: The webhook points to https://x.example/"}},
		{"token in the webhook while polling", options{}, told, nil, []string{"(https://x.example/" + hiddenToken + ")"}},
		{"token in the webhook elsewhere", options{}, told, func(c *Config) { c.Webhook, c.Listen = hookURL, ":1" }, []string{"points to https://x.example/" + hiddenToken}},
		{"token in Telegram's words", options{}, func(s *server) {
			s.Fail(once("getWebhookInfo", 1, telegramtest.Fault{Status: 200, Page: fmt.Sprintf(`{"ok":true,"result":{"url":%q,"last_error_date":%d,"last_error_message":"no route to /bot%s"}}`,
				hookURL, time.Now().Unix(), s.Token())}))
		}, func(c *Config) { c.Webhook, c.Listen = hookURL, ":1" }, []string{"no route to /bot" + hiddenToken}},
		{"waiting", options{}, func(s *server) { s.Private(5); s.Say(5, 5, "hello") }, nil, []string{"1 message is waiting"}},
		{"other poller", options{}, func(s *server) {
			s.Fail(once("getUpdates", 1, telegramtest.Fault{Status: 409, Text: "Conflict: terminated by other getUpdates request"}))
		}, nil, []string{"note: Another process polls"}},
		{"unreachable", options{}, func(s *server) { s.Close() }, nil, []string{"problem: Telegram cannot be reached"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := look(t, c.options, c.prepare, c.edit)
			for _, w := range c.want {
				if !strings.Contains(got, w) {
					t.Errorf("got\n%swant it to hold %q", got, w)
				}
			}
		})
	}
}

// What is added to a message that found no room, or what it is changed to, is
// looked at for danger signs, too.
func TestDangerBehindAFragmentThatFoundNoRoom(t *testing.T) {
	for _, by := range []string{"message", "edit"} {
		t.Run(by, func(t *testing.T) {
			t.Parallel()
			srv := fake(t, telegramtest.Options{})
			r := startWebhook(t, srv)
			r.a.closing.Store(true) // the queue takes no more
			r.a.queue.Close()
			chat := srv.Private(501)
			deliver := func() {
				t.Helper()
				if status, err := srv.Deliver(context.Background(), *r.a.boundTo.Load()); err != nil || status != http.StatusOK {
					t.Fatalf("got %d, %v, want 200", status, err)
				}
			}
			id := srv.Say(chat, 501, "so")
			deliver()
			r.wait("the first try", func() bool {
				r.a.bursts.mu.Lock()
				defer r.a.bursts.mu.Unlock()
				for _, g := range r.a.bursts.open {
					return g.looked
				}
				return false
			})
			if by == "edit" {
				srv.Edit(chat, 501, id, "I cannot breathe")
			} else {
				srv.Say(chat, 501, "I cannot breathe")
			}
			deliver()
			contains(t, r.last(chat, 1).Parsed, "Get help now")
		})
	}
}
