package telegram

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"
	"golang.org/x/time/rate"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/bot/intake"
	"github.com/aftercarebot/aftercare/bot/telegram/telegramtest"
	"github.com/aftercarebot/aftercare/knowledge"
)

const (
	specFile = "../../../shared/specs/telegram-bot-api.json"
	patience = 2 * time.Minute // before a wait is given up; never reached when all is well
	note     = "This does not replace your doctor's advice. When in doubt, ask them."
)

// guide is a small content: what the adapter is given beside answers.
type guide struct {
	passages []knowledge.Passage
	note     string
}

func (g *guide) Topics() []knowledge.Passage           { return g.passages }
func (g *guide) Complete(string, int) []bot.Completion { return nil }
func (g *guide) Wording() knowledge.Wording {
	return knowledge.Wording{About: "micro-needling aftercare", Note: g.note, Contact: "your practitioner"}
}
func (g *guide) Danger(text string) bool { return strings.Contains(strings.ToLower(text), "breathe") }
func (g *guide) Version() string         { return fmt.Sprint(len(g.passages)) }
func (g *guide) Nearest(_ context.Context, q string, n int) []knowledge.Match {
	var out []knowledge.Match
	for _, p := range g.passages {
		for _, w := range strings.Fields(strings.ToLower(q)) {
			if strings.Contains(strings.ToLower(p.Title), w) && len(out) < n && !strings.Contains(q, "breathe") {
				out = append(out, knowledge.Match{Passage: p})
				break
			}
		}
	}
	return out
}

func passages() []knowledge.Passage {
	out := []knowledge.Passage{
		{ID: "guide/avoid-swimming-and-hot-baths", Title: "Do not swim & skip <hot> baths", Text: "No baths for 24 hours.\n\nStay out of pools < 1 week & ask \"whom\" you must."},
		{ID: "guide/avoid-the-sun", Title: "Avoid the sun", Text: "SPF 30 for about two weeks."},
		{ID: "faq/" + strings.Repeat("a-very-long-passage-id-", 5), Title: strings.Repeat("A long title ", 12), Text: "Long id, short text."},
	}
	for i := range 9 {
		out = append(out, knowledge.Passage{ID: fmt.Sprintf("faq/topic-%d", i), Title: fmt.Sprintf("Topic %d", i), Text: fmt.Sprintf("Text of topic %d.", i)})
	}
	return out
}

// reply is the handler of the tests: what it says depends on the words alone.
func (g *guide) reply(_ context.Context, q bot.Question) bot.Reply {
	text := strings.ToLower(q.Text)
	one := func(p knowledge.Passage) bot.Reply {
		return bot.Reply{Kind: bot.Answer, Matches: []knowledge.Match{{Passage: p, Confidence: 1}}, Note: g.note, Related: g.passages[1:3]}
	}
	if q.Passage != "" {
		for _, p := range g.passages {
			if p.ID == q.Passage {
				return one(p)
			}
		}
		return bot.Reply{Text: "That passage is no longer in the guide."}
	}
	switch {
	case strings.Contains(text, "panic"):
		panic("canary-question " + q.Text)
	case strings.Contains(text, "breathe"):
		return bot.Reply{Kind: bot.Urgent, Card: &knowledge.Card{ID: "airway", Title: "Get help now", Levels: []knowledge.Level{
			{Urgency: knowledge.Emergency, Heading: "Call your emergency number now if:", Signs: []string{"it is hard to breathe"}},
			{Urgency: knowledge.Soon, Heading: "Ask a doctor today if:", Signs: []string{"skin is hot & swollen"}}}}}
	case strings.Contains(text, "swim and sun"):
		r := one(g.passages[0])
		r.Matches = append(r.Matches, knowledge.Match{Passage: g.passages[1], Confidence: 1, Also: true})
		return r
	case strings.Contains(text, "swim"):
		return one(g.passages[0])
	case strings.Contains(text, "sun"):
		return one(g.passages[1])
	case strings.Contains(text, "long"):
		p := g.passages[1]
		p.ID, p.Text = "guide/long", strings.Repeat("A sentence that is not short at all. ", 300)
		return one(p)
	case strings.Contains(text, "which"):
		return bot.Reply{Kind: bot.Suggest, Text: "Did you mean one of these?", Note: g.note, Matches: []knowledge.Match{
			{Passage: g.passages[0]}, {Passage: g.passages[2]}}}
	case strings.Contains(text, "alcohol"):
		return bot.Reply{Kind: bot.Declined, Text: "The guide says nothing about alcohol.", Topic: "alcohol"}
	case strings.Contains(text, "hello"):
		return bot.Reply{Kind: bot.Greeting, Text: "Hello.", Topics: g.passages}
	}
	return bot.Reply{Text: "I do not know.", Topics: g.passages}
}

// memory is a store for settings.
type memory struct {
	mu   sync.Mutex
	kept map[string]map[string]string
}

func (m *memory) Settings(_ context.Context, place string) (map[string]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := map[string]string{}
	for k, v := range m.kept[place] {
		out[k] = v
	}
	return out, nil
}

func (m *memory) Set(_ context.Context, place, key, value string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.kept == nil {
		m.kept = map[string]map[string]string{}
	}
	if m.kept[place] == nil {
		m.kept[place] = map[string]string{}
	}
	m.kept[place][key] = value
	return nil
}

// figures counts what the adapter reports.
type figures struct {
	bot.NoMeter
	mu sync.Mutex
	n  map[string]int
}

func (f *figures) count(what string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.n == nil {
		f.n = map[string]int{}
	}
	f.n[what]++
}
func (f *figures) SendFailed(_, reason string) { f.count("failed " + reason) }
func (f *figures) Dropped(_, reason string)    { f.count("dropped " + reason) }
func (f *figures) Panicked(string)             { f.count("panic") }
func (f *figures) of(what string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.n[what]
}

// logs collects log lines from several goroutines.
type logs struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// rig is an adapter at work against a fake server.
type rig struct {
	*testing.T
	srv    *telegramtest.Server
	a      *Adapter
	guide  *guide
	logs   *logs
	meter  *figures
	answer bot.Handler
	stop   context.CancelFunc
	done   chan error
	ended  bool
}

func fake(t *testing.T, o telegramtest.Options) *telegramtest.Server {
	t.Helper()
	o.Spec = specFile
	srv, err := telegramtest.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		srv.Close()
		for _, e := range srv.Errors() {
			t.Error("fake Bot API server:", e)
		}
	})
	if !srv.Validates() {
		t.Log("requests are not compared with the Bot API description: " + specFile + " is absent")
	}
	return srv
}

// build makes an adapter for a fake server, not yet running. edit may change
// its settings, and the adapter before it runs.
func build(t *testing.T, srv *telegramtest.Server, edit func(*Config)) *rig {
	t.Helper()
	r := &rig{T: t, srv: srv, guide: &guide{passages: passages(), note: note}, logs: &logs{}, meter: &figures{}}
	r.answer = r.guide.reply
	c := Config{Token: srv.Token(), APIURL: srv.URL(), Guide: r.guide, Meter: r.meter,
		Log: slog.New(slog.NewJSONHandler(r.logs, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	if edit != nil {
		edit(&c)
	}
	a, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	a.limit = rate.NewLimiter(rate.Inf, 0)
	a.people = intake.NewLimiter(1000, time.Second, nil)
	a.groups = intake.NewLimiter(1000, time.Second, nil)
	a.taps = intake.NewLimiter(1000, time.Second, nil)
	r.a = a
	return r
}

// begin runs the adapter until the test ends.
func (r *rig) begin() *rig {
	r.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r.stop, r.done = cancel, make(chan error, 1)
	go func() { r.done <- r.a.Run(ctx, r.answer) }()
	r.Cleanup(func() {
		if !r.ended {
			r.end()
		}
	})
	if !r.srv.Wait(patience, r.a.Ready) {
		r.Fatalf("not ready; log:\n%s", r.logs)
	}
	return r
}

// end stops the adapter and gives what Run returned.
func (r *rig) end() error {
	r.Helper()
	r.ended = true
	r.stop()
	select {
	case err := <-r.done:
		return err
	case <-time.After(12 * time.Second):
		r.Fatal("Run did not return within 12 s")
		return nil
	}
}

func start(t *testing.T, edit func(*Config)) *rig {
	t.Helper()
	t.Parallel()
	return build(t, fake(t, telegramtest.Options{}), edit).begin()
}

// await waits for n messages of the bot in a chat.
func (r *rig) await(chat int64, n int) []telegramtest.Message {
	r.Helper()
	if !r.srv.Wait(patience, func() bool { return len(r.srv.Sent(chat)) >= n }) {
		r.Fatalf("got %d messages, want %d; log:\n%s", len(r.srv.Sent(chat)), n, r.logs)
	}
	return r.srv.Sent(chat)
}

// last waits for the n-th message of the bot in a chat and gives it.
func (r *rig) last(chat int64, n int) telegramtest.Message {
	r.Helper()
	return r.await(chat, n)[n-1]
}

// settle waits until everything injected was handled.
func (r *rig) settle() {
	r.Helper()
	if !r.srv.Wait(patience, func() bool { return r.srv.Pending() == 0 }) {
		r.Fatalf("%d updates are not confirmed; log:\n%s", r.srv.Pending(), r.logs)
	}
}

// hold keeps questions that say "wait" at work until goOn is closed; atWork is
// closed with the first of them.
func (r *rig) hold() (atWork, goOn chan bool) {
	atWork, goOn = make(chan bool), make(chan bool)
	first := sync.OnceFunc(func() { close(atWork) })
	r.answer = func(ctx context.Context, q bot.Question) bot.Reply {
		if strings.Contains(q.Text, "wait") {
			first()
			<-goOn
		}
		return r.guide.reply(ctx, q)
	}
	return atWork, goOn
}

// endHeld stops the bot while a question is held at work, and lets that go on
// once the bot takes nothing more in.
func (r *rig) endHeld(goOn chan<- bool) {
	r.Helper()
	r.stop()
	r.wait("the end", r.a.closing.Load)
	close(goOn)
	if err := r.end(); err != nil {
		r.Error(err)
	}
}

// deliver has Telegram send the next update to the webhook, which must take it.
func (r *rig) deliver() {
	r.Helper()
	if status, err := r.srv.Deliver(context.Background(), *r.a.boundTo.Load()); err != nil || status != http.StatusOK {
		r.Fatalf("got %d, %v, want 200", status, err)
	}
}

func (r *rig) wait(what string, done func() bool) {
	r.Helper()
	if !r.srv.Wait(patience, done) {
		r.Fatalf("%s: did not come; log:\n%s", what, r.logs)
	}
}

func contains(t *testing.T, got, want string) {
	t.Helper()
	if !strings.Contains(got, want) {
		t.Errorf("got %q, want it to hold %q", got, want)
	}
}

func entity(offset, length int) tgbotapi.MessageEntity {
	return tgbotapi.MessageEntity{Type: "mention", Offset: offset, Length: length}
}
