package discord

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/bot/discord/discordtest"
	"github.com/aftercarebot/aftercare/bot/intake/loadtest"
	"github.com/aftercarebot/aftercare/knowledge"
)

// TestLoad puts one adapter, in a process of its own with one processor, under
// load: first as much as it can answer, then four times that. With
// AFTERCARE_SOAK set the second part takes a minute. The rates are of the
// machine and only logged; what counts is that every question gets one reply,
// is told to try again, or is counted, that a danger sign gets its card, and
// that nothing of it stays behind.
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
	l.Open(full/4, measure/2) // warm
	l.settle()
	before := l.vitals()
	calm := l.Open(full/2, measure)
	l.settle()
	t.Logf("at half of what saturates it: %v, %d told to try again", calm, calm.Busy)

	from := l.Tally().Asked
	crowd := make(chan int)
	over := make(chan struct{})
	go func() { crowd <- l.mention(mentioned, over) }()
	began := time.Now()
	stormy := l.Open(4*full, flood)
	took := time.Since(began)
	unread := l.srv.Unread()
	close(over)
	mentions := <-crowd
	ended := time.Now()
	offered := l.Tally().Asked - from
	t.Logf("offered %.0f a second for %v, %.1f times what saturates it, and %d mentions; %d not even read by the end: %v, %d told to try again",
		float64(offered)/took.Seconds(), took.Round(time.Second), float64(offered)/took.Seconds()/full, mentions, unread, stormy, stormy.Busy)

	// Back to normal: the same gentle load is answered as fast as before.
	recovered := time.Duration(0)
	for recovered == 0 {
		if again := l.Open(full/4, 250*time.Millisecond); again.Busy == 0 && again.P(50) <= 5*max(calm.P(50), time.Millisecond) {
			recovered = time.Since(ended)
		} else if time.Since(ended) > patience {
			t.Fatalf("not recovered: %v, %d told to try again", again, again.Busy)
		}
	}
	l.settle()
	after := l.vitals()
	t.Logf("back to normal within %v; what the process reports before the flood: %v", recovered.Round(time.Millisecond), before)
	t.Logf("and after it: %v", after)

	all, answeredMentions := l.Tally(), int(l.mentions.Load())
	lost := all.Asked - all.Answered - all.Busy
	told, untold := after.Dropped[dropFull], after.Dropped[dropFullUntold]
	overlooked := after.Dropped[dropNoCard] + after.Dropped[dropUnseen]
	signs, cards := dangers(all.Asked)+dangers(mentions), int(l.cards.Load())
	t.Logf("%d of them spoke of a danger sign: %d got the card, %d counted as overlooked", signs, cards, overlooked)
	t.Logf("%d commands: %d answered, %d told to try again, %d without a reply; %d mentions: %d answered; counted as dropped: %v",
		all.Asked, all.Answered, all.Busy, lost, mentions, answeredMentions, after.Dropped)
	switch {
	case all.Doubled > 0:
		t.Errorf("%d questions got more than one reply", all.Doubled)
	case unread > offered/3:
		t.Errorf("%d of %d commands were not even read", unread, offered)
	case cards > signs || signs-cards > overlooked:
		t.Errorf("%d cards for %d danger signs, %d counted as overlooked", cards, signs, overlooked)
	case all.Busy < told || all.Busy > told+overlooked:
		t.Errorf("%d were told to try again, %d counted", all.Busy, told)
	case lost+all.Busy+mentions-answeredMentions != told+untold+overlooked:
		t.Errorf("%d commands and %d mentions got no reply and %d were told to try again; counted: %v", lost, mentions-answeredMentions, all.Busy, after.Dropped)
	case after.Panics > 0 || len(after.Failed) > 0:
		t.Errorf("panics: %d, failed: %v", after.Panics, after.Failed)
	case after.Deepest > queueMost+messagesMost:
		t.Errorf("%d waited at once", after.Deepest)
	case after.Goroutines > before.Goroutines+2*96+20: // connections kept open have two each
		t.Errorf("goroutines grew from %d to %d", before.Goroutines, after.Goroutines)
	case after.Heap > before.Heap+32<<20:
		t.Errorf("heap grew from %.1f to %.1f MiB", loadtest.MiB(before.Heap), loadtest.MiB(after.Heap))
	case flood == time.Minute && recovered > flood/2:
		t.Errorf("it took %v to recover from %v of flood", recovered, flood)
	}
}

// saturate finds how many answers a second one processor gives.
func saturate(t *testing.T, measure time.Duration) (perSecond float64) {
	l := newLoad(t)
	defer l.stop()
	return l.Saturate(l.Process, measure, l.settle)
}

var mark = regexp.MustCompile(`q(\d+)q`)

// load is a fake Discord with a great many people, and the process that
// answers them.
type load struct {
	*loadtest.Crowd
	*loadtest.Process
	t                   *testing.T
	srv                 *discordtest.Server
	mentioned, mentions atomic.Int64 // asked, answered
	cards               atomic.Int64 // shown, to commands and mentions
}

// dangerEvery is how many questions there are to one that speaks of a danger sign.
const dangerEvery = 50

func dangers(asked int) int { return (asked + dangerEvery - 1) / dangerEvery }

// text of question n.
func text(n int) string {
	if n%dangerEvery == 0 {
		return fmt.Sprintf("I cannot breathe q%dq", n)
	}
	return fmt.Sprintf("may I swim q%dq?", n)
}

func newLoad(t *testing.T) *load {
	t.Helper()
	srv, err := discordtest.New(discordtest.Options{Ack: time.Hour}) // a busy machine is no reason to fail
	if err != nil {
		t.Fatal(err)
	}
	srv.Brief()
	l := &load{t: t, srv: srv}
	l.Crowd = loadtest.NewCrowd(t, l.ask)
	srv.Watch(l.seen)
	l.Process = loadtest.Start(t, loadEnv+"="+srv.URL())
	if err := srv.WaitConnected(1, patience); err != nil {
		t.Fatal(err)
	}
	return l
}

// stop ends the process, and looks at what Discord would not have liked.
func (l *load) stop() {
	l.Stop()
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
	card := strings.Contains(m.Text(), aCard.Title)
	if card {
		l.cards.Add(1)
	}
	if m.Interaction == nil {
		l.mentions.Add(1)
		return
	}
	n, err := strconv.Atoi(m.Channel[10:]) // each question has a channel of its own number
	if err != nil {
		return
	}
	switch found := mark.FindStringSubmatch(m.Text()); {
	case card && n%dangerEvery == 0:
		l.Answered(n)
	case strings.Contains(m.Text(), sayBusy[:30]):
		l.Busy(n)
	case found != nil && found[1] == strconv.Itoa(n):
		l.Answered(n)
	default:
		l.t.Errorf("question %d got %q", n, m.Text())
	}
}

// ask has somebody use /ask in a channel of its number.
func (l *load) ask(n int) {
	who := 200000000000000000 + int64(n%40_000)
	if n%dangerEvery == 0 {
		who = 220000000000000000 + int64(n) // cards are limited for each person
	}
	l.srv.Ask(discordtest.At{User: fmt.Sprint(who), Guild: fmt.Sprint(300000000000000000 + int64(n%10_000)),
		Channel: fmt.Sprintf("4000000000%08d", n), Permissions: canWrite}, text(n))
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
		l.srv.Say(discordtest.At{User: fmt.Sprint(210000000000000000 + int64(n)), Guild: fmt.Sprint(310000000000000000 + int64(n%1000)),
			Channel: fmt.Sprint(410000000000000000 + int64(n%1000))}, discordtest.Note{Mentions: true, Content: text(n)})
		l.mentioned.Add(1)
		n++
	}
}

// settle waits until all that was asked is answered or counted, and nothing
// comes any more. It gives up in the end: what is lost is for the test to say.
func (l *load) settle() {
	last, since := 0, time.Now()
	for end := time.Now().Add(patience); time.Now().Before(end) && time.Since(since) < 700*time.Millisecond; time.Sleep(50 * time.Millisecond) {
		all, v := l.Tally(), l.vitals()
		now := all.Answered + all.Busy + int(l.mentions.Load())
		left := all.Asked + int(l.mentioned.Load()) - all.Answered - int(l.mentions.Load())
		for _, n := range v.Dropped {
			left -= n // also those who are told
		}
		if now != last || v.Waiting > 0 || left > 0 {
			last, since = now, time.Now()
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
	Panics          int
	Dropped, Failed map[string]int
}

const loadEnv = "AFTERCARE_DISCORD_LOAD" // address of the API; set for the process that TestLoad starts

// chart is the Meter of the process under load.
type chart struct {
	counts
	loadtest.Depths
}

// serveForLoadTest is the process under load. It says how it is whenever it
// reads a line, and ends with its input.
func serveForLoadTest() int {
	b, meter := &hurried{newBook()}, &chart{}
	p, _ := b.passage("guide/avoid-swimming")
	a, err := New(Config{Token: discordtest.Token, APIURL: os.Getenv(loadEnv), Guide: b, Meter: meter, Log: slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	a.times.ack = time.Hour // see newLoad
	serve := func(ctx context.Context) error {
		return a.Run(ctx, func(_ context.Context, q bot.Question) bot.Reply {
			if b.Danger(q.Text) { // nothing is searched for then
				return bot.Reply{Kind: bot.Urgent, Card: aCard}
			}
			loadtest.Work()
			return bot.Reply{Kind: bot.Answer, Lead: mark.FindString(q.Text), Matches: []knowledge.Match{{Passage: p, Confidence: 1}}, Note: aNote}
		})
	}
	return loadtest.Serve(serve, func() any {
		common := loadtest.Vitals{Heap: loadtest.Heap(), Goroutines: runtime.NumGoroutine(), Deepest: meter.Deepest(),
			Waiting: a.queue.Depth() + a.excuses.Depth() + a.messages.Depth() + a.alarms.Depth() + a.cards.Depth()}
		meter.mu.Lock()
		defer meter.mu.Unlock()
		return vitals{common, int(meter.panicked.Load()), maps.Clone(meter.dropped), maps.Clone(meter.failed)}
	})
}

// hurried is a book that takes as long to look for danger signs as a bot does.
type hurried struct{ *book }

func (h *hurried) Danger(text string) bool { loadtest.Look(); return h.book.Danger(text) }
