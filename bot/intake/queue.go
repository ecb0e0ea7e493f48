package intake

import (
	"context"
	"sync"
)

// Queue runs jobs: those with one key in order and one at a time, those with
// different keys side by side, up to a number of workers.
type Queue struct {
	workers, limit, perKey int
	panicked               func(any)

	mu      sync.Mutex
	wake    sync.Cond
	waiting map[string][]func(context.Context) // jobs of a key, the running one excluded
	running map[string]bool
	ready   []string // keys with waiting jobs and none running, oldest first
	depth   int      // jobs waiting
	closed  bool
}

// NewQueue makes a queue of at most limit waiting jobs, at most perKey of
// them for one key. panicked is told what a job panicked with; the worker goes on.
func NewQueue(workers, limit, perKey int, panicked func(any)) *Queue {
	q := &Queue{workers: workers, limit: limit, perKey: perKey, panicked: panicked,
		waiting: map[string][]func(context.Context){}, running: map[string]bool{}}
	q.wake.L = &q.mu
	return q
}

// Put adds a job and reports whether it was taken; it never waits. A job is
// refused when the queue or its key is full, or after Close.
func (q *Queue) Put(key string, job func(context.Context)) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed || q.depth >= q.limit || len(q.waiting[key]) >= q.perKey {
		return false
	}
	if len(q.waiting[key]) == 0 && !q.running[key] {
		q.ready = append(q.ready, key)
		q.wake.Signal()
	}
	q.waiting[key] = append(q.waiting[key], job)
	q.depth++
	return true
}

// Depth is the number of jobs that wait.
func (q *Queue) Depth() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.depth
}

// Ready is the number of keys whose next job waits for nothing but a worker.
func (q *Queue) Ready() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.ready)
}

// Close stops intake. Run still finishes what was taken.
func (q *Queue) Close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.wake.Broadcast()
}

// Run works until Close was called and every job taken has ended; then its
// goroutines have ended too. Jobs are given ctx: cancel it to cut them short.
func (q *Queue) Run(ctx context.Context) {
	var wg sync.WaitGroup
	for range q.workers {
		wg.Go(func() { q.work(ctx) })
	}
	wg.Wait()
}

func (q *Queue) work(ctx context.Context) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for {
		for len(q.ready) == 0 {
			// A key that is running puts itself back in ready, so with
			// nothing waiting and intake closed there is nothing to come.
			if q.closed && q.depth == 0 {
				return
			}
			q.wake.Wait()
		}
		key := q.ready[0]
		q.ready = q.ready[1:]
		job := q.waiting[key][0]
		q.waiting[key] = q.waiting[key][1:]
		q.depth--
		q.running[key] = true
		q.mu.Unlock()
		q.guard(ctx, job)
		q.mu.Lock()
		delete(q.running, key)
		if len(q.waiting[key]) > 0 {
			q.ready = append(q.ready, key)
			q.wake.Signal()
		} else {
			delete(q.waiting, key)
		}
		if q.closed && q.depth == 0 {
			q.wake.Broadcast()
		}
	}
}

func (q *Queue) guard(ctx context.Context, job func(context.Context)) {
	defer func() {
		if p := recover(); p != nil && q.panicked != nil {
			q.panicked(p)
		}
	}()
	job(ctx)
}
