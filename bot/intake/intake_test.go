package intake

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestQueueKeepsOrderWithinAKey(t *testing.T) {
	q := NewQueue(4, 1000, 1000, nil)
	var mu sync.Mutex
	got := map[string][]int{}
	for i := range 300 {
		key := fmt.Sprint(i % 3)
		if !q.Put(key, func(context.Context) {
			mu.Lock()
			defer mu.Unlock()
			got[key] = append(got[key], i)
		}) {
			t.Fatalf("job %d was refused", i)
		}
	}
	q.Close()
	q.Run(t.Context())
	for key, order := range got {
		if len(order) != 100 {
			t.Errorf("key %s: got %d jobs, want 100", key, len(order))
		}
		for i := 1; i < len(order); i++ {
			if order[i] < order[i-1] {
				t.Errorf("key %s: job %d ran before %d", key, order[i-1], order[i])
			}
		}
	}
}

func TestQueueRunsOneJobAKeyAtATime(t *testing.T) {
	q := NewQueue(8, 1000, 1000, nil)
	var running, most atomic.Int32
	for range 50 {
		q.Put("one", func(context.Context) {
			most.Store(max(most.Load(), running.Add(1)))
			time.Sleep(time.Microsecond)
			running.Add(-1)
		})
	}
	q.Close()
	q.Run(t.Context())
	if most.Load() != 1 {
		t.Errorf("%d jobs of one key ran at once", most.Load())
	}
}

func TestQueueIsBounded(t *testing.T) {
	q := NewQueue(1, 3, 2, nil)
	job := func(context.Context) {}
	got := []bool{q.Put("a", job), q.Put("a", job), q.Put("a", job), q.Put("b", job), q.Put("c", job)}
	want := []bool{true, true, false, true, false}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("put %d: got %v, want %v", i, got[i], want[i])
		}
	}
	q.Close()
	if q.Put("d", job) {
		t.Error("a job was taken after Close")
	}
	q.Run(t.Context())
	if q.Depth() != 0 {
		t.Errorf("depth is %d after Run", q.Depth())
	}
}

func TestQueueSurvivesPanics(t *testing.T) {
	var panics, ran atomic.Int32
	q := NewQueue(2, 100, 100, func(any) { panics.Add(1) })
	for i := range 10 {
		q.Put("k", func(context.Context) {
			if i%2 == 0 {
				panic("boom")
			}
			ran.Add(1)
		})
	}
	q.Close()
	q.Run(t.Context())
	if panics.Load() != 5 || ran.Load() != 5 {
		t.Errorf("got %d panics and %d runs, want 5 and 5", panics.Load(), ran.Load())
	}
}

// TestQueueDrains puts from many goroutines while workers run, closes in the
// middle, and counts that what was taken was run.
func TestQueueDrains(t *testing.T) {
	for range 50 {
		q := NewQueue(3, 64, 64, nil)
		var taken, ran atomic.Int32
		done := make(chan struct{})
		go func() { q.Run(context.Background()); close(done) }()
		var wg sync.WaitGroup
		for g := range 4 {
			wg.Go(func() {
				for i := range 50 {
					if q.Put(fmt.Sprint(g, i%5), func(context.Context) { ran.Add(1) }) {
						taken.Add(1)
					}
				}
			})
		}
		go q.Close()
		wg.Wait()
		q.Close()
		<-done
		if taken.Load() != ran.Load() {
			t.Fatalf("took %d jobs, ran %d", taken.Load(), ran.Load())
		}
	}
}

func TestSeen(t *testing.T) {
	s := NewSeen(2)
	for i, step := range []struct {
		key  string
		want bool
	}{{"a", true}, {"a", false}, {"b", true}, {"c", true}, {"a", true}, {"c", false}} {
		if got := s.First(step.key); got != step.want {
			t.Errorf("step %d, %s: got %v, want %v", i, step.key, got, step.want)
		}
	}
	s.Forget("c")
	if !s.First("c") {
		t.Error("a forgotten key is not new")
	}
}

func TestLimiter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := NewLimiter(5, 10*time.Second, nil)
		take := func(want Decision) {
			t.Helper()
			if got := p.Take("ann"); got != want {
				t.Errorf("at %v: got %v, want %v", time.Now(), got, want)
			}
		}
		for range 5 {
			take(Allow)
		}
		take(Refuse)
		take(Ignore)
		time.Sleep(9 * time.Second)
		take(Ignore) // keeps on: the silence begins anew
		if p.Take("bob") != Allow {
			t.Error("bob is held up by ann")
		}
		time.Sleep(9 * time.Second)
		take(Ignore)
		time.Sleep(10 * time.Second)
		take(Allow)
		time.Sleep(time.Hour)
		take(Allow)
		if n := len(p.keys); n != 1 {
			t.Errorf("remembers %d people after an hour, want 1", n)
		}
	})
}

// TestABurstSilencedAChatForGood wants what is refused under a shared key to
// hold up nothing that comes later.
func TestABurstSilencedAChatForGood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := NewSharedLimiter(3, 10*time.Second, nil)
		take := func(want ...Decision) {
			t.Helper()
			for _, want := range want {
				if got := p.Take("chat"); got != want {
					t.Errorf("at %v: got %v, want %v", time.Now(), got, want)
				}
			}
		}
		take(Allow, Allow, Allow, Refuse, Ignore)
		time.Sleep(9 * time.Second)
		take(Ignore)
		for range 100 { // one after another, and never a window without any
			time.Sleep(9 * time.Second)
			take(Allow)
		}
		take(Allow, Refuse, Ignore) // with the one of nine seconds ago
		time.Sleep(5 * time.Second)
		take(Allow, Ignore) // that has left the window, and the notice has not
		time.Sleep(10 * time.Second)
		take(Allow, Allow, Allow, Refuse)
		time.Sleep(time.Hour)
		take(Allow)
		if n := len(p.keys); n != 1 {
			t.Errorf("remembers %d chats after an hour, want 1", n)
		}
	})
}
