package discord

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
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/bot/discord/discordtest"
	"github.com/aftercarebot/aftercare/knowledge"
)

// TestLoad puts one adapter, in a process of its own with one processor, under
// load: first as much as it can answer, then four times that. With
// AFTERCARE_SOAK set the second part takes a minute. The rates are of the
// machine and only logged; what counts is that every question gets one reply,
// is told to try again, or is counted, and that nothing of it stays behind.
func TestLoad(t *testing.T) {
	measure, flood, mentioned := time.Second, 2*time.Second, messagesPerSecond
	if os.Getenv("AFTERCARE_SOAK") != "" {
		measure, flood, mentioned = 10*time.Second, time.Minute, 4*messagesPerSecond
	} else if testing.Short() {
		t.Skip("short")
	} else {
		t.Parallel()
	}
	full := saturate(t, measure)

	l := newLoad(t)
	defer l.stop()
	l.open(full/4, measure/2) // warm
	l.settle()
	before := l.vitals()
	calm := l.open(full/2, measure)
	l.settle()
	t.Logf("at half of what saturates it: %v", calm)

	from := l.asked()
	crowd := make(chan int)
	over := make(chan struct{})
	go func() { crowd <- l.mention(mentioned, over) }()
	began := time.Now()
	stormy := l.open(4*full, flood)
	took := time.Since(began)
	unread := l.srv.Unread()
	close(over)
	mentions := <-crowd
	ended := time.Now()
	offered := l.asked() - from
	t.Logf("offered %.0f a second for %v, %.1f times what saturates it, and %d mentions; %d not even read by the end: %v",
		float64(offered)/took.Seconds(), took.Round(time.Second), float64(offered)/took.Seconds()/full, mentions, unread, stormy)

	// Back to normal: the same gentle load is answered as fast as before.
	recovered := time.Duration(0)
	for recovered == 0 {
		if again := l.open(full/4, 250*time.Millisecond); again.busy == 0 && again.p(50) <= 5*max(calm.p(50), time.Millisecond) {
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
	lost := 0
	for _, a := range l.asks {
		if a.replies == 0 {
			lost++
		}
	}
	told, untold := after.Dropped[dropFull], after.Dropped[dropFullUntold]
	t.Logf("%d commands: %d answered, %d told to try again, %d without a reply; %d mentions: %d answered; counted as dropped: %v",
		len(l.asks), l.answered, l.busy, lost, mentions, l.mentions, after.Dropped)
	switch {
	case l.doubled > 0:
		t.Errorf("%d questions got more than one reply", l.doubled)
	case unread > offered/3:
		t.Errorf("%d of %d commands were not even read", unread, offered)
	case l.busy != told:
		t.Errorf("%d were told to try again, %d counted", l.busy, told)
	case lost+mentions-l.mentions != untold:
		t.Errorf("%d commands and %d mentions got no reply, %d counted", lost, mentions-l.mentions, untold)
	case after.Panics > 0 || len(after.Failed) > 0:
		t.Errorf("panics: %d, failed: %v", after.Panics, after.Failed)
	case after.Deepest > queueMost+messagesMost:
		t.Errorf("%d waited at once", after.Deepest)
	case after.Goroutines > before.Goroutines+2*96+20: // connections kept open have two each
		t.Errorf("goroutines grew from %d to %d", before.Goroutines, after.Goroutines)
	case after.Heap > before.Heap+32<<20:
		t.Errorf("heap grew from %.1f to %.1f MiB", mib(before.Heap), mib(after.Heap))
	case flood == time.Minute && recovered > flood/2:
		t.Errorf("it took %v to recover from %v of flood", recovered, flood)
	}
}

// saturate finds how many answers a second one processor gives when there is
// always more to do, and what an answer costs it.
func saturate(t *testing.T, measure time.Duration) (perSecond float64) {
	l := newLoad(t)
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
	cost := (state.UserTime() + state.SystemTime()) / time.Duration(len(l.asks))
	t.Logf("saturated: %.0f replies a second on one processor, %v of processor time each, of which composing the answer %v; with 256 waiting %v",
		perSecond, cost.Round(time.Microsecond), answerCost().Round(time.Microsecond), r)
	return max(perSecond, 40) // enough to look at, on whatever machine
}

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

var mark = regexp.MustCompile(`q(\d+)q`)

// result is how long replies took, and how many were not answers.
type result struct {
	took []time.Duration
	busy int
}

func (r result) p(percent int) time.Duration {
	if len(r.took) == 0 {
		return time.Hour
	}
	return r.took[min(len(r.took)*percent/100, len(r.took)-1)]
}

func (r result) String() string {
	if len(r.took) == 0 {
		return fmt.Sprintf("none answered yet, %d told to try again", r.busy)
	}
	return fmt.Sprintf("%d answered, p50 %v, p99 %v, %d told to try again", len(r.took), r.p(50).Round(10*time.Microsecond), r.p(99).Round(10*time.Microsecond), r.busy)
}

// load is a fake Discord with a great many people, and the process that
// answers them.
type load struct {
	t   *testing.T
	srv *discordtest.Server
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Scanner

	mu       sync.Mutex
	asks     []ask
	answered int
	busy     int
	doubled  int
	mentions int // answered
}

type ask struct {
	at      time.Time
	took    time.Duration
	replies int
	busy    bool
}

func newLoad(t *testing.T) *load {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Skip("cannot find the test binary:", err)
	}
	srv, err := discordtest.New(discordtest.Options{Ack: time.Hour}) // a busy machine is no reason to fail
	if err != nil {
		t.Fatal(err)
	}
	srv.Brief()
	l := &load{t: t, srv: srv, cmd: exec.Command(self)}
	srv.Watch(l.seen)
	l.cmd.Env = append(os.Environ(), loadEnv+"="+srv.URL())
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
	if err := srv.WaitConnected(1, patience); err != nil {
		t.Fatal(err)
	}
	return l
}

// stop ends the process, and looks at what Discord would not have liked.
func (l *load) stop() {
	if l.cmd.ProcessState != nil {
		return
	}
	l.in.Close()
	if err := l.cmd.Wait(); err != nil {
		l.t.Errorf("process under load: %v", err)
	}
	bunched := 0
	for _, p := range l.srv.Problems() {
		// Where the processor is short, the requests of one second may
		// arrive within less; the adapter obeys the 429.
		if strings.Contains(p, "more than 50 requests") {
			bunched++
			continue
		}
		l.t.Errorf("Discord would not like: %s", p)
	}
	if bunched > 0 {
		l.t.Logf("%d requests beyond 50 a second got 429", bunched)
	}
	l.srv.Close()
}

// seen is told of every message of the bot's.
func (l *load) seen(m *discordtest.Message) {
	now := time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if m.Interaction == nil {
		l.mentions++
		return
	}
	n, err := strconv.Atoi(m.Channel[10:]) // each question has a channel of its own number
	if err != nil || n >= len(l.asks) {
		return
	}
	a := &l.asks[n]
	if a.replies++; a.replies > 1 {
		l.doubled++
		return
	}
	a.took = now.Sub(a.at)
	switch found := mark.FindStringSubmatch(m.Text()); {
	case strings.Contains(m.Text(), sayBusy[:30]):
		a.busy = true
		l.busy++
	case found != nil && found[1] == strconv.Itoa(n):
		l.answered++
	default:
		l.t.Errorf("question %d got %q", n, m.Text())
	}
}

// ask has somebody use /ask in a channel of its number.
func (l *load) ask() {
	l.mu.Lock()
	n := len(l.asks)
	l.asks = append(l.asks, ask{at: time.Now()})
	l.mu.Unlock()
	l.srv.Ask(discordtest.At{User: fmt.Sprint(200000000000000000 + n%40_000), Guild: fmt.Sprint(300000000000000000 + n%10_000),
		Channel: fmt.Sprintf("4000000000%08d", n), Permissions: canWrite}, fmt.Sprintf("may I swim q%dq?", n))
}

func (l *load) asked() int { l.mu.Lock(); defer l.mu.Unlock(); return len(l.asks) }
func (l *load) done() int  { l.mu.Lock(); defer l.mu.Unlock(); return l.answered }

// result of the questions from the n-th on.
func (l *load) result(n int) result {
	l.mu.Lock()
	defer l.mu.Unlock()
	var r result
	for _, a := range l.asks[n:] {
		switch {
		case a.busy:
			r.busy++
		case a.replies > 0:
			r.took = append(r.took, a.took)
		}
	}
	slices.Sort(r.took)
	return r
}

// closed keeps so many questions waiting for an answer, for as long as given.
func (l *load) closed(waiting int, d time.Duration) result {
	from := l.asked()
	for end := time.Now().Add(d); time.Now().Before(end); {
		l.mu.Lock()
		room := waiting - (len(l.asks) - l.answered - l.busy)
		l.mu.Unlock()
		for range room {
			l.ask()
		}
		time.Sleep(time.Millisecond)
	}
	return l.result(from)
}

// open asks so many questions a second, whatever becomes of them, and waits a
// moment for the last.
func (l *load) open(perSecond float64, d time.Duration) result {
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
	return l.result(from)
}

// mention has many people mention the bot, so many a second, until over.
func (l *load) mention(perSecond int, over chan struct{}) (n int) {
	tick := time.NewTicker(time.Second / time.Duration(perSecond))
	defer tick.Stop()
	for {
		select {
		case <-over:
			return n
		case <-tick.C:
		}
		l.srv.Say(discordtest.At{User: fmt.Sprint(210000000000000000 + n), Guild: fmt.Sprint(310000000000000000 + n%1000),
			Channel: fmt.Sprint(410000000000000000 + n%1000)}, discordtest.Note{Mentions: true, Content: "may I swim?"})
		n++
	}
}

// settle waits until nothing comes any more: all that was taken has been answered.
func (l *load) settle() {
	last, since := 0, time.Now()
	for time.Since(since) < 700*time.Millisecond {
		l.mu.Lock()
		now := l.answered + l.busy + l.mentions
		l.mu.Unlock()
		if now != last || l.vitals().Waiting > 0 {
			last, since = now, time.Now()
		}
		time.Sleep(50 * time.Millisecond)
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
	Panics           int
	Dropped, Failed  map[string]int
}

func (v vitals) String() string {
	return fmt.Sprintf("heap %.1f MiB, %d goroutines, at most %d waiting at once", mib(v.Heap), v.Goroutines, v.Deepest)
}

const loadEnv = "AFTERCARE_DISCORD_LOAD" // address of the API; set for the process that TestLoad starts

// chart is the Meter of the process under load.
type chart struct {
	counts
	waiting, deepest int // under counts.mu
}

func (c *chart) Queued(_ string, depth int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting, c.deepest = depth, max(c.deepest, depth)
}

// serveForLoadTest is the process under load. It says how it is whenever it
// reads a line, and ends with its input.
func serveForLoadTest() int {
	runtime.GOMAXPROCS(1)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	b, meter := newBook(), &chart{}
	p, _ := b.passage("guide/avoid-swimming")
	a, err := New(Config{Token: discordtest.Token, APIURL: os.Getenv(loadEnv), Guide: b, Meter: meter, Log: slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	a.times.ack = time.Hour // see newLoad
	go func() {
		defer stop()
		for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
			v := vitals{Heap: heapInUse(), Goroutines: runtime.NumGoroutine(), Waiting: a.queue.Depth() + a.excuses.Depth() + a.messages.Depth() + a.signs.Depth(), Panics: int(meter.panicked.Load())}
			meter.mu.Lock()
			v.Deepest, v.Dropped, v.Failed = meter.deepest, maps.Clone(meter.dropped), maps.Clone(meter.failed)
			meter.mu.Unlock()
			if json.NewEncoder(os.Stdout).Encode(v) != nil {
				return
			}
		}
	}()
	err = a.Run(ctx, func(_ context.Context, q bot.Question) bot.Reply {
		work()
		return bot.Reply{Kind: bot.Answer, Lead: mark.FindString(q.Text), Matches: []knowledge.Match{{Passage: p, Confidence: 1}}, Note: aNote}
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}
