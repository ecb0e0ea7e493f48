package telegram

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/bot/intake"
	"github.com/aftercarebot/aftercare/bot/intake/loadtest"
	"github.com/aftercarebot/aftercare/bot/telegram/telegramtest"
	"github.com/aftercarebot/aftercare/knowledge"
)

// The long runs are for AFTERCARE_SOAK=1; by default each is a short one.
func long() bool { return os.Getenv("AFTERCARE_SOAK") != "" }

var run = regexp.MustCompile(`process \d+`)

var mark = regexp.MustCompile(`q\d+q`)

// echo answers with the marks of the question, so that a test can tell what was answered.
func echo(_ context.Context, q bot.Question) bot.Reply {
	return bot.Reply{Kind: bot.Answer, Lead: strings.Join(mark.FindAllString(q.Text, -1), " "),
		Matches: []knowledge.Match{{Passage: passages()[0]}}, Note: note}
}

// tally counts which marks were answered, and by which process if the answer says so.
type tally struct {
	mu       sync.Mutex
	answered map[string][]string
}

func (c *tally) watch(m telegramtest.Message) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, k := range mark.FindAllString(m.Parsed, -1) {
		c.answered[k] = append(c.answered[k], run.FindString(m.Parsed))
	}
}

func (c *tally) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.answered)
}

// Thousands of updates, some delivered again after they were confirmed, with
// 429, 502 and lost connections: every question is answered, and twice only
// where the connection was lost after the server had taken the answer.
func TestSoak(t *testing.T) {
	updates := 200
	if long() {
		updates = 20000
	} else {
		t.Parallel()
	}
	srv := fake(t, telegramtest.Options{})
	srv.KeepCalls(false)
	srv.Redeliver(0.10)
	got := &tally{answered: map[string][]string{}}
	srv.Watch(got.watch)

	var mu sync.Mutex
	faults := map[string]int{}
	lost := map[string]bool{} // taken by the server, and the bot does not know
	random := rand.New(rand.NewPCG(1, 2))
	srv.Fail(func(method string, p map[string]string) telegramtest.Fault {
		mu.Lock()
		defer mu.Unlock()
		x := random.Float64()
		switch {
		case method == "sendMessage" && x < 0.05:
			faults["429"]++
			return telegramtest.Fault{Status: 429, Text: "Too Many Requests: retry after 1", Retry: 1}
		case x > 0.99:
			faults["connection lost before"]++
			return telegramtest.Fault{Drop: true}
		case x > 0.98:
			faults["502"]++
			return telegramtest.Fault{Status: 502, Page: "<html>502</html>"}
		case method == "sendMessage" && x > 0.975:
			faults["connection lost after"]++
			for _, k := range mark.FindAllString(p["text"], -1) {
				lost[k] = true
			}
			return telegramtest.Fault{DropAfter: true}
		}
		return telegramtest.Fault{}
	})
	r := build(t, srv, func(c *Config) { c.Log = slog.New(slog.NewJSONHandler(io.Discard, nil)) })
	r.answer = echo
	r.begin()
	for i := range 100 {
		srv.Private(int64(5000 + i))
		srv.Group(int64(-5000 - i))
	}
	began := time.Now()
	var half uint64
	for i := range updates {
		user := int64(5000 + random2(i, 100))
		switch i % 3 {
		case 0:
			srv.Say(user, user, fmt.Sprintf("/ask q%dq", i))
		case 1:
			srv.Say(user, user, fmt.Sprintf("can I swim q%dq?", i)) // may be joined with the next
		default:
			srv.Say(-user, user, fmt.Sprintf("/ask q%dq", i))
		}
		for srv.Pending() > 400 {
			time.Sleep(5 * time.Millisecond)
		}
		if i == updates/2 {
			half = loadtest.Heap()
		}
	}
	if !srv.Wait(2*time.Minute, func() bool { return got.count() == updates && srv.Pending() == 0 }) {
		t.Errorf("answered %d of %d, %d not confirmed", got.count(), updates, srv.Pending())
	}
	took := time.Since(began)
	if err := r.end(); err != nil {
		t.Errorf("Run: %v", err)
	}
	end := loadtest.Heap()
	doubled, excused := 0, 0
	for k, times := range got.answered {
		if len(times) > 1 && lost[k] {
			excused++
		} else if len(times) > 1 {
			doubled++
			t.Errorf("%s was answered %d times", k, len(times))
		}
	}
	if srv.Redelivered() < updates/30 {
		t.Errorf("%d updates were delivered again, want about a tenth of %d", srv.Redelivered(), updates)
	}
	t.Logf("%d updates in %v, %d answered, %d delivered again, faults %v; answered twice: %d, of which %d with the answer lost on the way back; heap %.1f MiB at half, %.1f MiB at the end",
		updates, took.Round(time.Second), got.count(), srv.Redelivered(), faults, doubled+excused, excused, float64(half)/(1<<20), float64(end)/(1<<20))
	if long() && end > half+8<<20 {
		t.Errorf("the heap grew from %d to %d bytes in the second half", half, end)
	}
}

// random2 spreads i over n without a second generator.
func random2(i, n int) int { return i * 7919 % n }

const serveEnv = "AFTERCARE_TELEGRAM_TEST_SERVE" // address of the server to serve at; set for the process that is killed

// serveForKillTest is the program that TestKilledEverySecond kills.
func serveForKillTest() int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	a, err := New(Config{Token: telegramtest.DefaultToken, APIURL: os.Getenv(serveEnv), Guide: &guide{passages: passages(), note: note},
		Log: slog.New(slog.NewJSONHandler(os.Stderr, nil))})
	if err == nil {
		a.people = intake.NewLimiter(1000, time.Second, nil)
		a.limit = rate.NewLimiter(200, 200)
		err = a.Run(ctx, func(ctx context.Context, q bot.Question) bot.Reply {
			r := echo(ctx, q)
			r.Lead += fmt.Sprintf(" process %d", os.Getpid())
			return r
		})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// The process dies without warning every second. Every question is answered,
// and twice only where it died between sending and confirming.
func TestKilledEverySecond(t *testing.T) {
	kills := 2
	if long() {
		kills = 60
	} else {
		t.Parallel()
	}
	srv := fake(t, telegramtest.Options{})
	srv.KeepCalls(false)
	got := &tally{answered: map[string][]string{}}
	srv.Watch(got.watch)
	self, err := os.Executable()
	if err != nil {
		t.Skip("cannot find the test binary:", err)
	}
	var out logs
	serve := func() *exec.Cmd {
		c := exec.Command(self)
		c.Env = append(os.Environ(), serveEnv+"="+srv.URL())
		c.Stderr = &out
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		return c
	}

	stop := make(chan bool)
	asked := 0
	var asking sync.WaitGroup
	asking.Go(func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(25 * time.Millisecond):
			}
			user := int64(7000 + asked)
			srv.Private(user)
			if asked%2 == 0 {
				srv.Say(user, user, fmt.Sprintf("/ask q%dq", asked))
			} else {
				srv.Say(user, user, fmt.Sprintf("can I swim q%dq?", asked))
			}
			asked++
		}
	})
	for range kills {
		c := serve()
		time.Sleep(time.Second)
		_ = c.Process.Kill()
		_ = c.Wait()
	}
	close(stop)
	asking.Wait()
	last := serve()
	// One more, which only the last process can answer: before that it may
	// not listen for signals yet.
	user := int64(7000 + asked)
	srv.Private(user)
	srv.Say(user, user, fmt.Sprintf("/ask q%dq", asked))
	asked++
	if !srv.Wait(time.Minute, func() bool { return got.count() == asked && srv.Pending() == 0 }) {
		t.Errorf("answered %d of %d; %d not confirmed", got.count(), asked, srv.Pending())
	}
	_ = last.Process.Signal(syscall.SIGTERM)
	if err := last.Wait(); err != nil {
		t.Errorf("SIGTERM: %v\n%s", err, &out)
	}
	doubled := 0
	for k, by := range got.answered {
		doubled += len(by) - 1
		slices.Sort(by)
		if len(slices.Compact(slices.Clone(by))) != len(by) || by[0] == "" {
			t.Errorf("%s was answered twice by one process: %v", k, by)
		}
	}
	if strings.Contains(out.String(), telegramtest.DefaultToken) {
		t.Error("the token is in the log")
	}
	t.Logf("%d questions, %d kills: %d answered, %d of them twice", asked, kills, got.count(), doubled)
}

// The time from an update's arrival to the arrival of its answer, on loopback.
func TestLatency(t *testing.T) {
	if !long() {
		t.Skip("set AFTERCARE_SOAK=1")
	}
	srv := fake(t, telegramtest.Options{})
	var mu sync.Mutex
	var at time.Time
	srv.Watch(func(m telegramtest.Message) { mu.Lock(); at = m.At; mu.Unlock() })
	measure := func(name string, n int, ask func(i int)) {
		var took []time.Duration
		for i := range n {
			mu.Lock()
			at = time.Time{}
			mu.Unlock()
			began := time.Now()
			ask(i)
			if !srv.Wait(patience, func() bool { mu.Lock(); defer mu.Unlock(); return !at.IsZero() }) {
				t.Fatal("no answer")
			}
			took = append(took, at.Sub(began))
			srv.Wait(patience, func() bool { return srv.Pending() == 0 })
			time.Sleep(5 * time.Millisecond) // for the next poll to be under way
		}
		slices.Sort(took)
		t.Logf("%s: p50 %v, p99 %v", name, took[n/2].Round(10*time.Microsecond), took[n*99/100].Round(10*time.Microsecond))
	}
	chat := srv.Private(501)
	r := build(t, srv, nil)
	r.answer = echo
	r.begin()
	time.Sleep(3 * time.Second)
	measure("poll, /ask", 300, func(int) { srv.Say(chat, 501, "/ask q1q") })
	measure("poll, text in a private chat", 20, func(int) { srv.Say(chat, 501, "can I swim q1q?") })
	_ = r.end()
	r = buildWebhook(t, srv)
	r.answer = echo
	r.begin()
	measure("webhook, /ask", 300, func(int) {
		srv.Say(chat, 501, "/ask q1q")
		if _, err := srv.Deliver(context.Background(), *r.a.boundTo.Load()); err != nil {
			t.Fatal(err)
		}
	})
}
