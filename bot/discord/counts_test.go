package discord

import (
	"flag"
	"os"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/bot/intake"
)

// TestMain lets more tests run side by side than there are processors: they
// mostly wait.
func TestMain(m *testing.M) {
	if os.Getenv(loadEnv) != "" {
		os.Exit(serveForLoadTest())
	}
	flag.Parse()
	// Fuzzing needs the processors themselves.
	if flag.Lookup("test.fuzz").Value.String() == "" && flag.Lookup("test.parallel").Value.String() == strconv.Itoa(runtime.GOMAXPROCS(0)) {
		flag.Set("test.parallel", "16")
	}
	os.Exit(m.Run())
}

func itoa(n uint64) string { return strconv.FormatUint(n, 10) }

// counts is a Meter that counts.
type counts struct {
	bot.NoMeter
	reconnected, panicked atomic.Int64
	mu                    sync.Mutex
	failed, dropped       map[string]int
}

func (c *counts) Reconnected(string) { c.reconnected.Add(1) }
func (c *counts) Panicked(string)    { c.panicked.Add(1) }
func (c *counts) SendFailed(_, reason string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.failed == nil {
		c.failed = map[string]int{}
	}
	c.failed[reason]++
}
func (c *counts) Dropped(_, reason string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.dropped == nil {
		c.dropped = map[string]int{}
	}
	c.dropped[reason]++
}

// awaitFailure waits for one failed message of that reason.
func (c *counts) awaitFailure(t *testing.T, reason string) {
	t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		c.mu.Lock()
		n := c.failed[reason]
		c.mu.Unlock()
		if n == 1 {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("got %d failures that are %q, want 1", n, reason)
		}
	}
}

func unlimited() *intake.Limiter { return intake.NewLimiter(1<<30, time.Second, nil) }
