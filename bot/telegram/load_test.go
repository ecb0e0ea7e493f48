package telegram

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/bot/telegram/telegramtest"
	"github.com/aftercarebot/aftercare/knowledge"
)

// TestLoad puts one adapter, in a process of its own with one processor, under
// load: first as much as it can answer, then four times that. Telegram lets
// it send 30 messages a second, far less than that, so this limit is lifted;
// TestLoadAtTelegramsRate is about the limit. With AFTERCARE_SOAK set the
// second part takes a minute. The rates are of the machine and only logged;
// what counts is that every question gets one answer, or is counted and at
// most told to try again, and that nothing of it stays behind.
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

// saturate finds how many answers a second one processor gives when there is
// always more to do, and what an answer costs it.
func saturate(t *testing.T, measure time.Duration) (perSecond float64) {
	l := newLoad(t, 0, behindMost)
	defer l.stop()
	l.closed(256, measure/4) // warm
	before, began := l.done(), time.Now()
	r := l.closed(256, measure)
	perSecond = float64(l.done()-before) / time.Since(began).Seconds()
	l.settle()
	l.stop()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.busy > 0 || l.doubled > 0 || l.answered != len(l.asks) {
		t.Fatalf("%d questions: %d answered, %d doubled, %d told to try again", len(l.asks), l.answered, l.doubled, l.busy)
	}
	state := l.cmd.ProcessState
	t.Logf("saturated: %.0f replies a second on one processor, %v of processor time each, of which composing the answer %v; with 256 waiting: %v",
		perSecond, ((state.UserTime() + state.SystemTime()) / time.Duration(len(l.asks))).Round(time.Microsecond), answerCost().Round(time.Microsecond), r)
	return max(perSecond, 40) // enough to look at, on whatever machine
}

// overrun offers four times what can be answered, and looks at what becomes of it.
func (l *load) overrun(full float64, measure, flood time.Duration) {
	t := l.t
	l.open(full/4, measure/2) // warm
	l.settle()
	before := l.vitals()
	calm := l.open(full/2, measure)
	l.settle()
	t.Logf("at half of what saturates it: %v", calm)

	from, began := l.asked(), time.Now()
	stormy := l.open(4*full, flood)
	took := time.Since(began)
	offered := l.asked() - from
	t.Logf("offered %.0f a second for %v, %.1f times what saturates it: %v",
		float64(offered)/took.Seconds(), took.Round(time.Second), float64(offered)/took.Seconds()/full, stormy)

	// Back to normal: a gentle load is answered as fast as before.
	ended, recovered := time.Now(), time.Duration(0)
	for recovered == 0 {
		if again := l.open(full/4, 500*time.Millisecond); len(again) > 0 && again.p(50) <= 5*max(calm.p(50), time.Millisecond) {
			recovered = time.Since(ended)
		} else if time.Since(ended) > patience {
			t.Fatalf("not recovered: %v", again)
		}
	}
	l.settle()
	after := l.vitals()
	t.Logf("back to normal within %v; what the process reports before the flood: %v", recovered.Round(time.Millisecond), before)
	t.Logf("and after it: %v", after)

	l.mu.Lock()
	defer l.mu.Unlock()
	late := after.Counted["dropped "+dropLate]
	t.Logf("%d questions: %d answered, %d counted as too late, of which %d told to try again; counted: %v", len(l.asks), l.answered, late, l.busy, after.Counted)
	delete(after.Counted, "dropped "+dropLate)
	switch {
	case l.doubled > 0:
		t.Errorf("%d questions were answered twice", l.doubled)
	case l.answered+late != len(l.asks):
		t.Errorf("of %d questions, %d were answered and %d counted", len(l.asks), l.answered, late)
	case l.busy > late:
		t.Errorf("%d were told to try again, of %d", l.busy, late)
	case len(after.Counted) > 0:
		t.Errorf("counted besides: %v", after.Counted)
	case after.Deepest > queueLimit:
		t.Errorf("%d waited at once", after.Deepest)
	case after.Goroutines > before.Goroutines+2*64+20: // connections kept open have two each
		t.Errorf("goroutines grew from %d to %d", before.Goroutines, after.Goroutines)
	case after.Heap > before.Heap+48<<20:
		t.Errorf("heap grew from %.1f to %.1f MiB", mib(before.Heap), mib(after.Heap))
	case flood == time.Minute && recovered > flood/2:
		t.Errorf("it took %v to recover from %v of flood", recovered, flood)
	}
}

func mib(n uint64) float64 { return float64(n) / (1 << 20) }

// work is what an answer costs: about as much as the whole answer path with
// the embedded guide, see index/benchmark.
func work() {
	var sum [32]byte
	for range 4000 {
		sum = sha256.Sum256(sum[:])
	}
	runtime.KeepAlive(sum)
}

// answerCost is the least of many, for where the processor is shared.
func answerCost() time.Duration {
	least := time.Hour
	for range 50 {
		began := time.Now()
		work()
		least = min(least, time.Since(began))
	}
	return least
}

// waits is how long answers took, in order.
type waits []time.Duration

func (w waits) p(percent int) time.Duration {
	if len(w) == 0 {
		return time.Hour
	}
	return w[min(len(w)*percent/100, len(w)-1)]
}

func (w waits) String() string {
	if len(w) == 0 {
		return "none answered yet"
	}
	return fmt.Sprintf("%d answered, p50 %v, p99 %v", len(w), w.p(50).Round(10*time.Microsecond), w.p(99).Round(10*time.Microsecond))
}

// load is a fake Bot API server with a great many people, and the process
// that answers them.
type load struct {
	t   *testing.T
	srv *telegramtest.Server
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Scanner

	mu       sync.Mutex
	asks     []ask
	answered int
	doubled  int
	busy     int // told to try again
}

type ask struct {
	at   time.Time
	took time.Duration // 0: not answered yet
}

// People and groups of the load: more than ask within the limits on how fast
// each of them may.
const (
	loadPeople = 40_000
	loadGroups = 5_000
)

func newLoad(t *testing.T, perSecond int, behind time.Duration) *load {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Skip("cannot find the test binary:", err)
	}
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
	l := &load{t: t, srv: srv, cmd: exec.Command(self)}
	srv.Watch(l.seen)
	l.cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s %d %v", loadEnv, srv.URL(), perSecond, behind))
	l.cmd.Stderr = os.Stderr
	if l.in, err = l.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := l.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	l.out = bufio.NewScanner(out)
	if err := l.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if !srv.Wait(patience, func() bool { return srv.Count("getUpdates") > 1 }) {
		t.Fatal("the process under load does not poll")
	}
	return l
}

// stop ends the process, and looks at what the server would not have liked.
func (l *load) stop() {
	if l.cmd.ProcessState != nil {
		return
	}
	l.in.Close()
	if err := l.cmd.Wait(); err != nil {
		l.t.Errorf("process under load: %v", err)
	}
	l.srv.Close()
	for _, e := range l.srv.Errors() {
		l.t.Error("fake Bot API server:", e)
	}
}

// seen is told of every message of the bot's.
func (l *load) seen(m telegramtest.Message) {
	now := time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if strings.HasPrefix(m.Parsed, sayBusy[:30]) {
		l.busy++
		return
	}
	n, err := strconv.Atoi(strings.Trim(mark.FindString(m.Parsed), "q"))
	if err != nil || n >= len(l.asks) {
		l.t.Errorf("got %q", m.Parsed)
		return
	}
	a := &l.asks[n]
	if a.took != 0 {
		l.doubled++
		return
	}
	a.took = now.Sub(a.at)
	l.answered++
}

// ask has somebody ask, every tenth in a group.
func (l *load) ask() {
	l.mu.Lock()
	n := len(l.asks)
	l.asks = append(l.asks, ask{at: time.Now()})
	l.mu.Unlock()
	user := 1_000_000 + int64(n)%loadPeople
	if n%10 == 0 {
		l.srv.Say(-1_000_000-int64(n/10)%loadGroups, user, fmt.Sprintf("/ask may I swim q%dq", n))
		return
	}
	l.srv.Say(user, user, fmt.Sprintf("may I swim q%dq?", n))
}

func (l *load) asked() int { l.mu.Lock(); defer l.mu.Unlock(); return len(l.asks) }
func (l *load) done() int  { l.mu.Lock(); defer l.mu.Unlock(); return l.answered }

// waits of the questions from the n-th on that were answered.
func (l *load) waits(n int) waits {
	l.mu.Lock()
	defer l.mu.Unlock()
	var w waits
	for _, a := range l.asks[n:] {
		if a.took != 0 {
			w = append(w, a.took)
		}
	}
	slices.Sort(w)
	return w
}

// closed keeps so many questions waiting for an answer, for as long as given.
func (l *load) closed(waiting int, d time.Duration) waits {
	from := l.asked()
	for end := time.Now().Add(d); time.Now().Before(end); {
		l.mu.Lock()
		room := waiting - (len(l.asks) - l.answered)
		l.mu.Unlock()
		for range room {
			l.ask()
		}
		time.Sleep(time.Millisecond)
	}
	return l.waits(from)
}

// open asks so many questions a second, whatever becomes of them.
func (l *load) open(perSecond float64, d time.Duration) waits {
	from, began := l.asked(), time.Now()
	for n := 0; ; {
		past := time.Since(began)
		if past >= d {
			break
		}
		for ; float64(n) < past.Seconds()*perSecond; n++ {
			l.ask()
		}
		time.Sleep(time.Millisecond)
	}
	time.Sleep(100 * time.Millisecond)
	return l.waits(from)
}

// settle waits until every question was answered or counted.
func (l *load) settle() {
	l.t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		v := l.vitals()
		l.mu.Lock()
		left := len(l.asks) - l.answered - v.Counted["dropped "+dropLate]
		l.mu.Unlock()
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
	_, err := io.WriteString(l.in, "?\n")
	if err == nil && !l.out.Scan() {
		err = errors.New("it says nothing")
	}
	if err == nil {
		err = json.Unmarshal(l.out.Bytes(), &v)
	}
	if err != nil {
		l.t.Fatalf("process under load: %v", err)
	}
	return v
}

// vitals is what the process under load says of itself.
type vitals struct {
	Heap             uint64 // after a collection
	Goroutines       int
	Waiting, Deepest int
	Counted          map[string]int
}

func (v vitals) String() string {
	return fmt.Sprintf("heap %.1f MiB, %d goroutines, at most %d waiting at once", mib(v.Heap), v.Goroutines, v.Deepest)
}

// chart is the Meter of the process under load.
type chart struct {
	figures
	deepest int // under figures.mu
}

func (c *chart) Queued(_ string, depth int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deepest = max(c.deepest, depth)
}

const loadEnv = "AFTERCARE_TELEGRAM_LOAD" // address of the server, messages a second (0: any), patience; set for the process that TestLoad starts

// serveForLoadTest is the process under load. It says how it is whenever it
// reads a line, and ends with its input.
func serveForLoadTest() int {
	runtime.GOMAXPROCS(1)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var address string
	var perSecond int
	var behind time.Duration
	set := strings.Fields(os.Getenv(loadEnv))
	if len(set) == 3 {
		address = set[0]
		perSecond, _ = strconv.Atoi(set[1])
		behind, _ = time.ParseDuration(set[2])
	}
	meter := &chart{}
	a, err := New(Config{Token: telegramtest.DefaultToken, APIURL: address, Guide: &guide{passages: passages(), note: note}, Meter: meter,
		Log: slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	a.behind = behind
	if perSecond == 0 {
		a.limit = rate.NewLimiter(rate.Inf, 0)
	}
	go func() {
		defer stop()
		for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
			v := vitals{Heap: heap(), Goroutines: runtime.NumGoroutine(), Waiting: a.queue.Depth() + a.late.Depth() + a.excuses.Depth()}
			meter.mu.Lock()
			v.Deepest, v.Counted = meter.deepest, maps.Clone(meter.n)
			meter.mu.Unlock()
			if json.NewEncoder(os.Stdout).Encode(v) != nil {
				return
			}
		}
	}()
	err = a.Run(ctx, func(_ context.Context, q bot.Question) bot.Reply {
		work()
		return bot.Reply{Kind: bot.Answer, Lead: mark.FindString(q.Text), Matches: []knowledge.Match{{Passage: passages()[0], Confidence: 1}}, Note: note}
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}
