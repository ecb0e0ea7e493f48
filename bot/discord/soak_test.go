package discord

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aftercarebot/aftercare/bot/discord/discordtest"
	"github.com/aftercarebot/aftercare/bot/intake/loadtest"
)

// TestSoak asks a great many questions while connections are lost again and
// again. With AFTERCARE_SOAK set it asks 10,000 and ends 200 connections.
func TestSoak(t *testing.T) {
	questions, ends, ack := 600, 8, time.Minute // a busy machine is no reason to fail
	if os.Getenv("AFTERCARE_SOAK") != "" {
		questions, ends, ack = 10_000, 200, 3*time.Second
	} else if testing.Short() {
		t.Skip("short")
	}
	const shards = 4
	s := start(t, set{
		options: discordtest.Options{Shards: shards, Concurrency: shards, Heartbeat: 500 * time.Millisecond, IdentifyEvery: 20 * time.Millisecond, Starts: 100_000, Ack: ack},
		adapter: func(a *Adapter) { unpaced(a); a.times.ack = ack; a.times.identify = 25 * time.Millisecond },
		leaks:   true,
		anyBody: true,
	})
	at := func(n int) discordtest.At {
		return discordtest.At{User: s.NewID(), Guild: snowflakeOfShard(uint64(n)%shards, shards), Channel: fmt.Sprint(400000000000000000 + int64(n%500)), Permissions: canWrite}
	}
	for n := range 200 { // warm up
		s.one(s.Ask(at(n), "may I swim?"))
	}
	s.bot.rest.client.CloseIdleConnections()
	time.Sleep(100 * time.Millisecond)
	goroutines := runtime.NumGoroutine()
	s.Forget()
	heap := loadtest.Heap()

	var asked []*discordtest.Interaction
	said := map[string]string{} // channel of a message by its id
	ended, unresumable := 0, 0
	n := 0
	ask := func(until int) {
		for ; n < until; n++ {
			if n%40 == 39 {
				w := at(n)
				w.Channel = s.NewID()
				said[s.Say(w, discordtest.Note{Mentions: true, Content: "may I swim?"})] = w.Channel
			}
			asked = append(asked, s.Ask(at(n), "may I swim?"))
			time.Sleep(time.Millisecond)
		}
	}
	rounds := (ends + shards - 1) / shards
	began := time.Now()
	for round := range rounds {
		if err := s.WaitConnected(shards, patience); err != nil {
			t.Fatal(err)
		}
		ask((2*round + 1) * questions / (2 * rounds))
		switch round % 10 {
		case 0, 5:
			s.Drop()
		case 1, 6:
			s.AskReconnect()
		case 2, 7:
			s.CloseWith(4000)
		case 3:
			s.Invalidate(true)
		case 4:
			s.Freeze()
		case 8:
			s.CloseWith(1001)
		case 9:
			s.CloseWith(4009)
			unresumable += shards
		}
		ended += shards
		ask((2*round + 2) * questions / (2 * rounds))
	}
	if err := s.WaitConnected(shards, patience); err != nil {
		t.Fatal(err)
	}
	lost, late, doubled, undelivered := 0, 0, 0, 0
	var took []time.Duration
	for _, i := range asked {
		if i.Lost {
			undelivered++
			continue
		}
		m, err := s.Wait(i, patience)
		switch {
		case err != nil:
			lost++
			t.Log(err)
		case len(m) != 1 || !strings.Contains(m[0].Text(), "Stay out of the pool"):
			doubled++
		default:
			took = append(took, i.Acked.Sub(i.Delivered))
		}
		if i.Late {
			late++
		}
	}
	unanswered := 0
	for _, channel := range said {
		switch m, _ := s.Answers(channel, 1, time.Second); len(m) {
		case 0:
			unanswered++ // said between two sessions, when nothing is delivered
		case 1:
		default:
			doubled++
		}
	}
	slices.Sort(took)
	st := s.Stats()
	share := float64(st.Resumed) / float64(max(st.Resumable, 1))
	t.Logf("%d interactions and %d messages in %v, %d connections ended (%d beyond resuming)", len(asked), len(said), time.Since(began).Round(time.Second), ended, unresumable)
	t.Logf("not delivered %d, lost %d, late %d, doubled %d, messages without an answer %d", undelivered, lost, late, doubled, unanswered)
	t.Logf("from received to responded, loopback: p50 %v, p99 %v, most %v", took[len(took)/2], took[len(took)*99/100], took[len(took)-1])
	t.Logf("resumed %d of %d resumable closes: %.1f%%; %d IDENTIFYs", st.Resumed, st.Resumable, 100*share, st.Identifies)
	if lost+late+doubled > 0 || unanswered > unresumable {
		t.Error("answers were lost, late or doubled")
	}
	if share < 0.95 {
		t.Errorf("resumed %.1f%%, want at least 95%%", 100*share)
	}
	asked, said = nil, nil
	s.Forget()
	s.bot.rest.client.CloseIdleConnections()
	time.Sleep(100 * time.Millisecond)
	after := loadtest.Heap()
	t.Logf("heap before %.1f MiB, after %.1f MiB; goroutines before %d, after %d", loadtest.MiB(heap), loadtest.MiB(after), goroutines, runtime.NumGoroutine())
	if after > heap+24<<20 {
		t.Errorf("heap grew from %.1f to %.1f MiB", loadtest.MiB(heap), loadtest.MiB(after))
	}
	for end := time.Now().Add(patience); runtime.NumGoroutine() > goroutines+16; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Errorf("goroutines grew from %d to %d", goroutines, runtime.NumGoroutine())
			break
		}
	}
}

// TestLatency measures how long an answer takes with nothing else going on.
func TestLatency(t *testing.T) {
	s := start(t, set{adapter: unpaced, anyBody: true})
	var took []time.Duration
	for range 200 {
		i := s.Ask(inServer, "may I swim?")
		s.one(i)
		took = append(took, i.Acked.Sub(i.Delivered))
	}
	slices.Sort(took)
	t.Logf("p50 %v, p99 %v", took[100], took[198])
}
