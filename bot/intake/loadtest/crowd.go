// Package loadtest puts an adapter under load in a test: a crowd that asks, a
// process of its own that answers, and what both say of it. Of the platform
// it knows nothing.
package loadtest

import (
	"crypto/sha256"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"
)

// Crowd asks questions numbered from 0, and counts what becomes of them. The
// methods that ask are for one goroutine at a time, the others for any.
type Crowd struct {
	t   *testing.T
	ask func(n int)

	mu    sync.Mutex
	asks  []asked
	tally Tally
}

type asked struct {
	at   time.Time
	took time.Duration
	end  end
}

type end int

const (
	pending end = iota
	answered
	busy
)

// Tally is what has become of all questions so far.
type Tally struct {
	Asked, Answered int
	Busy            int // told to try again
	Doubled         int // replies to a question that had got one
}

// NewCrowd gives a crowd that asks its n-th question by ask.
func NewCrowd(t *testing.T, ask func(n int)) *Crowd { return &Crowd{t: t, ask: ask} }

// Answered is told that question n got its answer. A number nobody asked
// fails the test.
func (c *Crowd) Answered(n int) { c.replied(n, answered) }

// Busy is told that question n was told to try again.
func (c *Crowd) Busy(n int) { c.replied(n, busy) }

// SomeBusy is told that a question, no telling which, was told to try again.
func (c *Crowd) SomeBusy() { c.mu.Lock(); defer c.mu.Unlock(); c.tally.Busy++ }

func (c *Crowd) replied(n int, how end) {
	now := time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	if n < 0 || n >= len(c.asks) {
		c.t.Errorf("a reply to question %d, of %d asked", n, len(c.asks))
		return
	}
	a := &c.asks[n]
	switch {
	case a.end != pending:
		c.tally.Doubled++
		return
	case how == busy:
		c.tally.Busy++
	default:
		c.tally.Answered++
	}
	a.took, a.end = now.Sub(a.at), how
}

// Tally is what has become of the questions.
func (c *Crowd) Tally() Tally { c.mu.Lock(); defer c.mu.Unlock(); return c.tally }

func (c *Crowd) one() {
	c.mu.Lock()
	n := len(c.asks)
	c.asks = append(c.asks, asked{at: time.Now()})
	c.tally.Asked++
	c.mu.Unlock()
	c.ask(n)
}

// Open asks so many questions a second, whatever becomes of them, and waits a
// moment for the last.
func (c *Crowd) Open(perSecond float64, d time.Duration) Result {
	from, began := c.Tally().Asked, time.Now()
	for n := 0; ; {
		past := time.Since(began)
		if past >= d {
			break
		}
		for ; float64(n) < past.Seconds()*perSecond; n++ {
			c.one()
		}
		time.Sleep(time.Millisecond)
	}
	time.Sleep(100 * time.Millisecond)
	return c.result(from)
}

// closed keeps so many questions waiting for an answer, for as long as given.
func (c *Crowd) closed(waiting int, d time.Duration) Result {
	from := c.Tally().Asked
	for end := time.Now().Add(d); time.Now().Before(end); {
		now := c.Tally()
		for range waiting - (now.Asked - now.Answered - now.Busy) {
			c.one()
		}
		time.Sleep(time.Millisecond)
	}
	return c.result(from)
}

// Saturate finds how many answers a second p gives when there is always more
// to do, and logs what an answer costs it. Once settle has seen to it that
// nothing is left to do it stops p. The test fails if a question did not get
// one answer.
func (c *Crowd) Saturate(p *Process, measure time.Duration, settle func()) (perSecond float64) {
	c.t.Helper()
	c.closed(256, measure/4) // warm
	before, began := c.Tally().Answered, time.Now()
	r := c.closed(256, measure)
	perSecond = float64(c.Tally().Answered-before) / time.Since(began).Seconds()
	settle()
	p.Stop()
	all := c.Tally()
	if all.Busy > 0 || all.Doubled > 0 || all.Answered != all.Asked {
		c.t.Fatalf("%d questions: %d answered, %d doubled, %d told to try again", all.Asked, all.Answered, all.Doubled, all.Busy)
	}
	cost := p.processorTime() / time.Duration(all.Asked)
	c.t.Logf("saturated: %.0f replies a second on one processor, %v of processor time each, of which composing the answer %v; with 256 waiting: %v; nobody told to try again",
		perSecond, cost.Round(time.Microsecond), workCost().Round(time.Microsecond), r)
	return max(perSecond, 40) // enough to look at, on whatever machine
}

// result of the questions from the n-th on.
func (c *Crowd) result(n int) Result {
	c.mu.Lock()
	defer c.mu.Unlock()
	var r Result
	for _, a := range c.asks[n:] {
		switch a.end {
		case answered:
			r.Took = append(r.Took, a.took)
		case busy:
			r.Busy++
		}
	}
	slices.Sort(r.Took)
	return r
}

// Result is what became of some of the questions.
type Result struct {
	Took []time.Duration // to the answer, in order
	Busy int             // told to try again, as far as Crowd.Busy was told
}

// P is the given percentile of what answers took, an hour if there are none.
func (r Result) P(percent int) time.Duration {
	if len(r.Took) == 0 {
		return time.Hour
	}
	return r.Took[min(len(r.Took)*percent/100, len(r.Took)-1)]
}

func (r Result) String() string {
	if len(r.Took) == 0 {
		return "none answered yet"
	}
	return fmt.Sprintf("%d answered, p50 %v, p99 %v", len(r.Took), r.P(50).Round(10*time.Microsecond), r.P(99).Round(10*time.Microsecond))
}

// Work is what an answer costs: about as much as the whole answer path with
// the embedded guide, see index/benchmark.
func Work() { spend(4000) }

// Look is what it costs to look for danger signs alone: more than it takes
// for a sentence, and less than for a story.
func Look() { spend(150) }

func spend(rounds int) {
	var sum [32]byte
	for range rounds {
		sum = sha256.Sum256(sum[:])
	}
	runtime.KeepAlive(sum)
}

// workCost is the least of many, for where the processor is shared.
func workCost() time.Duration {
	least := time.Hour
	for range 50 {
		began := time.Now()
		Work()
		least = min(least, time.Since(began))
	}
	return least
}
