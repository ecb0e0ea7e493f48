package telegram

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/bot/intake/loadtest"
	"github.com/aftercarebot/aftercare/bot/telegram/telegramtest"
	"github.com/aftercarebot/aftercare/knowledge"
)

// TestLoad puts one adapter, in a process of its own with one processor, under
// load: first as much as it can answer, then four times that. Telegram lets
// it send 30 messages a second, far less than that, so this limit is lifted;
// TestLoadAtTelegramsRate is about the limit. With AFTERCARE_SOAK set the
// second part takes a minute. The rates are of the machine and only logged;
// what counts is that every question gets one answer, or is counted and at
// most told to try again, that a danger sign gets its card, and that nothing
// of it stays behind.
func TestLoad(t *testing.T) {
	measure, flood, behind := time.Second, 2*time.Second, time.Second
	if long() {
		measure, flood, behind = 10*time.Second, time.Minute, behindMost
	} else if testing.Short() {
		t.Skip("short")
	} else {
		t.Parallel()
	}
	full := saturate(t, measure)
	l := newLoad(t, 0, behind)
	defer l.stop()
	l.overrun(full, measure, flood)
}

// At the rate that Telegram allows, four times as many questions as there may be answers.
func TestLoadAtTelegramsRate(t *testing.T) {
	if !long() {
		t.Skip("set AFTERCARE_SOAK=1: a slow rate takes its time")
	}
	l := newLoad(t, sendsPerSec, behindMost)
	defer l.stop()
	l.overrun(sendsPerSec, 10*time.Second, time.Minute)
}

// saturate finds how many answers a second one processor gives.
func saturate(t *testing.T, measure time.Duration) (perSecond float64) {
	l := newLoad(t, 0, behindMost)
	defer l.stop()
	return l.Saturate(l.Process, measure, l.settle)
}

// overrun offers four times what can be answered, and looks at what becomes of it.
func (l *load) overrun(full float64, measure, flood time.Duration) {
	t := l.t
	l.Open(full/4, measure/2) // warm
	l.settle()
	before := l.vitals()
	calm := l.Open(full/2, measure)
	l.settle()
	t.Logf("at half of what saturates it: %v", calm)

	from, began := l.Tally().Asked, time.Now()
	stormy := l.Open(4*full, flood)
	took := time.Since(began)
	offered := l.Tally().Asked - from
	t.Logf("offered %.0f a second for %v, %.1f times what saturates it: %v",
		float64(offered)/took.Seconds(), took.Round(time.Second), float64(offered)/took.Seconds()/full, stormy)

	// Back to normal: a gentle load is answered as fast as before.
	ended, recovered := time.Now(), time.Duration(0)
	for recovered == 0 {
		if again := l.Open(full/4, 500*time.Millisecond); len(again.Took) > 0 && again.P(50) <= 5*max(calm.P(50), time.Millisecond) {
			recovered = time.Since(ended)
		} else if time.Since(ended) > patience {
			t.Fatalf("not recovered: %v", again)
		}
	}
	l.settle()
	after := l.vitals()
	t.Logf("back to normal within %v; what the process reports before the flood: %v", recovered.Round(time.Millisecond), before)
	t.Logf("and after it: %v", after)

	all := l.Tally()
	late := after.Counted["dropped "+dropLate]
	t.Logf("%d questions: %d answered, %d counted as too late, of which %d told to try again; counted: %v", all.Asked, all.Answered, late, all.Busy, after.Counted)
	signs, cards := dangers(all.Asked), int(l.cards.Load())
	overlooked := after.overlooked()
	t.Logf("%d of them spoke of a danger sign: %d got the card, %d counted as overlooked", signs, cards, overlooked)
	for _, reason := range []string{dropLate, dropNoCard, dropUnseen} {
		delete(after.Counted, "dropped "+reason)
	}
	switch {
	case cards > signs || signs-cards > overlooked:
		t.Errorf("%d cards for %d danger signs, %d counted as overlooked", cards, signs, overlooked)
	case all.Doubled > 0:
		t.Errorf("%d questions were answered twice", all.Doubled)
	case all.Answered+late+overlooked != all.Asked:
		t.Errorf("of %d questions, %d were answered and %d counted", all.Asked, all.Answered, late+overlooked)
	case all.Busy > late+overlooked:
		t.Errorf("%d were told to try again, of %d", all.Busy, late+overlooked)
	case len(after.Counted) > 0:
		t.Errorf("counted besides: %v", after.Counted)
	case after.Deepest > queueLimit:
		t.Errorf("%d waited at once", after.Deepest)
	case after.Goroutines > before.Goroutines+2*64+20: // connections kept open have two each
		t.Errorf("goroutines grew from %d to %d", before.Goroutines, after.Goroutines)
	case after.Heap > before.Heap+48<<20:
		t.Errorf("heap grew from %.1f to %.1f MiB", loadtest.MiB(before.Heap), loadtest.MiB(after.Heap))
	case flood == time.Minute && recovered > flood/2:
		t.Errorf("it took %v to recover from %v of flood", recovered, flood)
	}
}

// load is a fake Bot API server with a great many people, and the process
// that answers them.
type load struct {
	*loadtest.Crowd
	*loadtest.Process
	t     *testing.T
	srv   *telegramtest.Server
	cards atomic.Int64
}

// dangerEvery is how many questions there are to one that speaks of a danger sign.
const dangerEvery = 50

func dangers(asked int) int { return (asked + dangerEvery - 1) / dangerEvery }

// People and groups of the load: more than ask within the limits on how fast
// each of them may.
const (
	loadPeople = 40_000
	loadGroups = 5_000
	loadIll    = 10_000_000 // number of the first who speaks of a danger sign; cards are limited for each chat
)

func newLoad(t *testing.T, perSecond int, behind time.Duration) *load {
	t.Helper()
	srv, err := telegramtest.New(telegramtest.Options{}) // other tests compare requests with the description
	if err != nil {
		t.Fatal(err)
	}
	srv.KeepCalls(false)
	for i := range int64(loadPeople) {
		srv.Private(1_000_000 + i)
	}
	for i := range int64(loadGroups) {
		srv.Group(-1_000_000 - i)
	}
	l := &load{t: t, srv: srv}
	l.Crowd = loadtest.NewCrowd(t, l.ask)
	srv.Watch(l.seen)
	l.Process = loadtest.Start(t, fmt.Sprintf("%s=%s %d %v", loadEnv, srv.URL(), perSecond, behind))
	if !srv.Wait(patience, func() bool { return srv.Count("getUpdates") > 1 }) {
		t.Fatal("the process under load does not poll")
	}
	return l
}

// stop ends the process, and looks at what the server would not have liked.
func (l *load) stop() {
	l.Stop()
	l.srv.Close()
	for _, e := range l.srv.Errors() {
		l.t.Error("fake Bot API server:", e)
	}
}

// seen is told of every message of the bot's.
func (l *load) seen(m telegramtest.Message) {
	if strings.HasPrefix(m.Parsed, sayBusy[:30]) {
		l.SomeBusy()
		return
	}
	if strings.Contains(m.Parsed, "Get help now") {
		l.cards.Add(1)
		l.Answered(int(m.Chat - loadIll)) // each in a chat of their own
		return
	}
	n, err := strconv.Atoi(strings.Trim(mark.FindString(m.Parsed), "q"))
	if err != nil {
		l.t.Errorf("got %q", m.Parsed)
		return
	}
	l.Answered(n)
}

// ask has somebody ask, every tenth in a group.
func (l *load) ask(n int) {
	user := 1_000_000 + int64(n)%loadPeople
	if n%dangerEvery == 0 {
		l.srv.Say(l.srv.Private(loadIll+int64(n)), loadIll+int64(n), "I cannot breathe, what now?") // a whole question: the rest of one is waited for
		return
	}
	if n%10 == 0 {
		l.srv.Say(-1_000_000-int64(n/10)%loadGroups, user, fmt.Sprintf("/ask may I swim q%dq", n))
		return
	}
	l.srv.Say(user, user, fmt.Sprintf("may I swim q%dq?", n))
}

// settle waits until every question was answered or counted.
func (l *load) settle() {
	l.t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		v := l.vitals()
		all := l.Tally()
		left := all.Asked - all.Answered - v.Counted["dropped "+dropLate] - v.overlooked()
		if left <= 0 && l.srv.Pending() == 0 && v.Waiting == 0 {
			return
		}
		if time.Now().After(end) {
			l.t.Fatalf("%d questions are neither answered nor counted; %d updates are not confirmed; counted: %v", left, l.srv.Pending(), v.Counted)
		}
	}
}

// vitals asks the process how it is.
func (l *load) vitals() (v vitals) {
	l.t.Helper()
	l.Vitals(&v)
	return v
}

// vitals is what the process under load says of itself.
type vitals struct {
	loadtest.Vitals
	Counted map[string]int
}

// overlooked is what a danger sign may have been lost in.
func (v vitals) overlooked() int {
	return v.Counted["dropped "+dropNoCard] + v.Counted["dropped "+dropUnseen]
}

// chart is the Meter of the process under load.
type chart struct {
	figures
	loadtest.Depths
}

const loadEnv = "AFTERCARE_TELEGRAM_LOAD" // address of the server, messages a second (0: any), patience; set for the process that TestLoad starts

// serveForLoadTest is the process under load. It says how it is whenever it
// reads a line, and ends with its input.
func serveForLoadTest() int {
	var address string
	var perSecond int
	var behind time.Duration
	set := strings.Fields(os.Getenv(loadEnv))
	if len(set) == 3 {
		address = set[0]
		perSecond, _ = strconv.Atoi(set[1])
		behind, _ = time.ParseDuration(set[2])
	}
	meter, book := &chart{}, &hurried{&guide{passages: passages(), note: note}}
	a, err := New(Config{Token: telegramtest.DefaultToken, APIURL: address, Guide: book, Meter: meter,
		Log: slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	a.behind = behind
	if perSecond == 0 {
		a.limit = rate.NewLimiter(rate.Inf, 0)
	}
	serve := func(ctx context.Context) error {
		return a.Run(ctx, func(ctx context.Context, q bot.Question) bot.Reply {
			if book.Danger(q.Text) { // nothing is searched for then
				return book.reply(ctx, q)
			}
			loadtest.Work()
			return bot.Reply{Kind: bot.Answer, Lead: mark.FindString(q.Text), Matches: []knowledge.Match{{Passage: passages()[0], Confidence: 1}}, Note: note}
		})
	}
	return loadtest.Serve(serve, func() any {
		common := loadtest.Vitals{Heap: loadtest.Heap(), Goroutines: runtime.NumGoroutine(), Deepest: meter.Deepest(),
			Waiting: a.queue.Depth() + a.alarms.Depth() + a.excuses.Depth()}
		meter.mu.Lock()
		defer meter.mu.Unlock()
		return vitals{common, maps.Clone(meter.n)}
	})
}

// hurried is a guide that takes as long to look for danger signs as a bot does.
type hurried struct{ *guide }

func (h *hurried) Danger(text string) bool { loadtest.Look(); return h.guide.Danger(text) }
