package discord

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/bot/discord/discordtest"
	"github.com/aftercarebot/aftercare/bot/intake"
	"github.com/aftercarebot/aftercare/knowledge"
)

const (
	patience = time.Minute
	someone  = "200000000000000001"
	aGuild   = "300000000000000001"
	aChannel = "400000000000000001"
	canWrite = uint64(viewChannel | sendMessages)
)

var (
	inServer = discordtest.At{User: someone, Guild: aGuild, Channel: aChannel, Permissions: canWrite}
	inDM     = discordtest.At{User: someone}
)

// specFile is Discord's description of its API, outside of the repository.
var specFile = filepath.Join("..", "..", "..", "shared", "specs", "discord-openapi.json")

// book is a small guide that answers by what a question holds. The real bot
// is tested together with this package in cmd/aftercare.
type book struct {
	mu       sync.Mutex
	passages []knowledge.Passage
	differs  map[string]string // from a passage to one that gives another time
	asked    []bot.Question
	delay    time.Duration
}

func newBook() *book {
	src := knowledge.Source{Title: "Micro-needling aftercare guide", Reviewed: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)}
	return &book{passages: []knowledge.Passage{
		{ID: "guide/avoid-swimming", Title: "Stay out of the pool", Text: "Do not swim for two weeks.\n\n- no pool\n- no *hot* bath\n\nSee https://example.org/a_b_c for more.", Source: src, Related: []string{"guide/avoid-the-sun"}},
		{ID: "guide/avoid-the-sun", Title: "Avoid the sun", Text: "Use SPF 30.", Source: src},
		{ID: "guide/long", Title: "A long story", Text: strings.Repeat("This is a sentence of a very long passage. ", 150) + "The end.", Source: src},
		{ID: "guide/" + strings.Repeat("very-long-name-", 12), Title: "Long of name", Text: "Short of text.", Source: src},
	}}
}

const aNote = "This does not replace the advice of your practitioner."

func (b *book) Topics() []knowledge.Passage { b.mu.Lock(); defer b.mu.Unlock(); return b.passages }
func (b *book) Version() string             { return "test" }
func (b *book) Wording() knowledge.Wording {
	return knowledge.Wording{About: "micro-needling aftercare", Note: aNote, Contact: "your practitioner"}
}
func (b *book) Danger(text string) bool                                { return strings.Contains(strings.ToLower(text), "breathe") }
func (b *book) Nearest(context.Context, string, int) []knowledge.Match { return nil }

func (b *book) Complete(typed string, n int) []bot.Completion {
	var out []bot.Completion
	for _, p := range b.Topics() {
		if strings.Contains(strings.ToLower(p.Title), strings.ToLower(typed)) && len(out) < n {
			out = append(out, bot.Completion{Label: p.Title, Passage: p.ID})
		}
	}
	return out
}

func (b *book) passage(id string) (knowledge.Passage, bool) {
	for _, p := range b.Topics() {
		if p.ID == id {
			return p, true
		}
	}
	return knowledge.Passage{}, false
}

var aCard = &knowledge.Card{ID: "c", Title: "Get help now", Intro: "What you describe can be serious.", Levels: []knowledge.Level{
	{Urgency: knowledge.Emergency, Heading: "Call your local emergency number now if:", Signs: []string{"your lips, mouth, throat or tongue swell suddenly", "you struggle to breathe"}},
	{Urgency: knowledge.Soon, Heading: "See a doctor today if:", Signs: []string{"your skin is painful, hot and swollen"}},
}, Close: "Do not wait for an answer from a bot."}

// answer is the Handler.
func (b *book) answer(ctx context.Context, q bot.Question) bot.Reply {
	b.mu.Lock()
	b.asked = append(b.asked, q)
	delay := b.delay
	b.mu.Unlock()
	if delay > 0 {
		intake.Sleep(ctx, delay)
	}
	show := func(confidence float64, ids ...string) bot.Reply {
		r := bot.Reply{Kind: bot.Answer, Note: aNote}
		for i, id := range ids {
			p, _ := b.passage(id)
			r.Matches = append(r.Matches, knowledge.Match{Passage: p, Confidence: confidence, Also: i > 0})
			if other, ok := b.passage(b.differs[id]); ok {
				r.Matches = append(r.Matches, knowledge.Match{Passage: other, Confidence: confidence, Also: true, About: "the sun"})
			}
			for _, rel := range p.Related {
				if p, ok := b.passage(rel); ok {
					r.Related = append(r.Related, p)
				}
			}
		}
		return r
	}
	text := strings.ToLower(q.Text)
	switch {
	case q.Passage != "":
		return show(1, q.Passage)
	case strings.Contains(text, "panic"):
		panic("asked to")
	case strings.Contains(text, "breathe"):
		return bot.Reply{Kind: bot.Urgent, Card: aCard}
	case strings.Contains(text, "swim in the sun"):
		return show(0.95, "guide/avoid-swimming", "guide/avoid-the-sun")
	case strings.Contains(text, "maybe swim"):
		return show(0.6, "guide/avoid-swimming")
	case strings.Contains(text, "swim"):
		return show(0.95, "guide/avoid-swimming")
	case strings.Contains(text, "long"):
		return show(0.95, "guide/long")
	case strings.Contains(text, "sun or pool"):
		r := show(0.4, "guide/avoid-the-sun", "guide/avoid-swimming")
		r.Kind, r.Text = bot.Suggest, "Which of these do you mean?"
		return r
	case strings.Contains(text, "beer"):
		return bot.Reply{Kind: bot.Declined, Topic: "alcohol", Text: "The guide says nothing about alcohol. Please ask your practitioner."}
	case text == "" || strings.Contains(text, "hello"):
		return bot.Reply{Kind: bot.Greeting, Text: "Hello.", Topics: b.Topics()}
	}
	return bot.Reply{Kind: bot.Unknown, Text: "I do not know that.", Topics: b.Topics()}
}

func (b *book) questions() []bot.Question {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]bot.Question(nil), b.asked...)
}

func quickTimes() times {
	return times{
		open: 10 * time.Second, slack: 150 * time.Millisecond,
		retry: 20 * time.Millisecond, retryMost: 200 * time.Millisecond, resumable: 5 * time.Minute, steady: time.Minute,
		identify: 20 * time.Millisecond, invalid: 10 * time.Millisecond,
		ack: time.Minute, late: time.Minute, deferAfter: 150 * time.Millisecond, drain: 3 * time.Second,
	}
}

// stage is a bot connected to a fake Discord.
type stage struct {
	*discordtest.Server
	t       *testing.T
	bot     *Adapter
	book    *book
	stop    context.CancelFunc
	ended   chan error
	stopped bool
	err     error
	before  int
}

type set struct {
	options  discordtest.Options
	config   func(*Config)
	adapter  func(*Adapter)
	prepare  func(*discordtest.Server)
	book     *book
	answer   bot.Handler // default: the book's
	alone    bool        // do not wait until connected
	problems bool        // the test looks at problems itself
	anyBody  bool        // do not validate bodies against Discord's description, which takes most of the time
	leaks    bool        // look for goroutines left behind; such a test runs alone
}

func start(t *testing.T, o set) *stage {
	t.Helper()
	if !o.leaks {
		t.Parallel() // stopping takes discordgo a second
	}
	before := runtime.NumGoroutine()
	if !o.anyBody {
		o.options.Spec = specFile
	}
	if o.options.Ack == 0 {
		o.options.Ack = time.Minute // a busy machine is no reason to fail
	}
	if o.options.IdentifyEvery == 0 {
		o.options.IdentifyEvery = time.Millisecond
	}
	srv, err := discordtest.New(o.options)
	if err != nil {
		t.Fatal(err)
	}
	if n := srv.Note(); n != "" && !o.anyBody {
		t.Log("bodies are not validated: " + n)
	}
	if o.prepare != nil {
		o.prepare(srv)
	}
	b := o.book
	if b == nil {
		b = newBook()
	}
	cfg := Config{Token: discordtest.Token, APIURL: srv.URL(), Guide: b, Log: testLog(t)}
	if o.config != nil {
		o.config(&cfg)
	}
	a, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	a.times = quickTimes()
	if o.adapter != nil {
		o.adapter(a)
	}
	ctx, stop := context.WithCancel(context.Background())
	s := &stage{Server: srv, t: t, bot: a, book: b, stop: stop, ended: make(chan error, 1), before: before}
	if o.answer == nil {
		o.answer = b.answer
	}
	go func() { s.ended <- a.Run(ctx, o.answer) }()
	t.Cleanup(func() {
		s.end()
		if !o.problems {
			for _, p := range srv.Problems() {
				t.Errorf("Discord would not like: %s", p)
			}
		}
		srv.Close()
		if o.leaks {
			s.goroutinesEnded()
		}
	})
	if !o.alone {
		for end := time.Now().Add(patience); !a.Ready(); time.Sleep(2 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatal("not connected")
			}
		}
	}
	return s
}

// end stops the bot, if it has not ended, and gives what Run returned.
func (s *stage) end() error {
	s.t.Helper()
	if s.stopped {
		return s.err
	}
	s.stopped = true
	s.stop()
	select {
	case s.err = <-s.ended:
	case <-time.After(patience):
		buf := make([]byte, 1<<18)
		s.t.Fatalf("Run did not return:\n%s", buf[:runtime.Stack(buf, true)])
	}
	return s.err
}

// goroutinesEnded fails the test if goroutines are left that were not there before.
func (s *stage) goroutinesEnded() {
	n := 0
	for range 200 {
		if n = runtime.NumGoroutine(); n <= s.before {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	buf := make([]byte, 1<<16)
	s.t.Errorf("got %d goroutines, want %d as before:\n%s", n, s.before, buf[:runtime.Stack(buf, true)])
}

func testLog(t *testing.T) *slog.Logger {
	if os.Getenv("AFTERCARE_TEST_LOG") == "" {
		return slog.New(slog.DiscardHandler)
	}
	return slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// one waits for the interaction and wants exactly one message.
func (s *stage) one(i *discordtest.Interaction) *discordtest.Message {
	s.t.Helper()
	m := s.all(i)
	for late := time.Now().Add(patience); len(m) == 0 && time.Now().Before(late); m = s.all(i) {
		time.Sleep(time.Millisecond) // a quiet deferral, which is no message, came first
	}
	if len(m) != 1 {
		s.t.Fatalf("got %d messages, want 1", len(m))
	}
	return m[0]
}

func (s *stage) all(i *discordtest.Interaction) []*discordtest.Message {
	s.t.Helper()
	m, err := s.Wait(i, patience)
	if err != nil {
		s.t.Fatal(err)
	}
	return m
}

// answer waits for the n-th message in a channel.
func (s *stage) answer(channel string, n int) *discordtest.Message {
	s.t.Helper()
	m, err := s.Answers(channel, n, patience)
	if err != nil {
		s.t.Fatal(err)
	}
	return m[n-1]
}

func mustHold(t *testing.T, text string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(text, w) {
			t.Errorf("got %q, want it to hold %q", text, w)
		}
	}
}
