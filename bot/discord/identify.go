package discord

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/aftercarebot/aftercare/bot/intake"
)

// starts hands out leave to identify, over all shards of this process: one
// shard of each rate limit key every five seconds, and no more in a day than
// Discord allows. A thousand too many would have it reset the bot's token.
// It is safe for concurrent use.
type starts struct {
	ask   func(ctx context.Context) (gatewayInfo, error)
	every time.Duration
	log   *slog.Logger

	mu   sync.Mutex
	info gatewayInfo
	at   time.Time         // when info was asked for; zero: never
	next map[int]time.Time // by rate limit key
}

// gatewayInfo is what GET /gateway/bot says.
type gatewayInfo struct {
	URL    string `json:"url"`
	Shards int    `json:"shards"`
	Limit  struct {
		Total       int   `json:"total"`
		Remaining   int   `json:"remaining"`
		ResetAfter  int64 `json:"reset_after"` // milliseconds
		Concurrency int   `json:"max_concurrency"`
	} `json:"session_start_limit"`
}

func newStarts(ask func(context.Context) (gatewayInfo, error), every time.Duration, log *slog.Logger) *starts {
	return &starts{ask: ask, every: every, log: log, next: map[int]time.Time{}}
}

// current gives what Discord said last, asking if that is an hour old.
func (s *starts) current(ctx context.Context) (gatewayInfo, error) {
	s.mu.Lock()
	info, fresh := s.info, !s.at.IsZero() && time.Since(s.at) < time.Hour
	s.mu.Unlock()
	if fresh {
		return info, nil
	}
	info, err := s.ask(ctx)
	if err != nil {
		return info, err
	}
	if err := checkGateway(info.URL); err != nil {
		return info, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.info, s.at = info, time.Now()
	return info, nil
}

// wait returns when the shard may identify.
func (s *starts) wait(ctx context.Context, shard int) error {
	for {
		info, err := s.current(ctx)
		if err != nil {
			return err
		}
		d, ok := s.take(info, shard)
		if ok {
			return nil
		}
		if d >= time.Minute {
			s.log.Warn("daily limit of session starts reached", "shard", shard, "wait", d)
		}
		if err := intake.Sleep(ctx, d); err != nil {
			return fmt.Errorf("wait to identify: %w", err)
		}
	}
}

// take uses up one start, or says how long to wait before asking again.
func (s *starts) take(info gatewayInfo, shard int) (time.Duration, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if s.info.Limit.Total > 0 && s.info.Limit.Remaining <= 0 {
		if reset := s.at.Add(time.Duration(s.info.Limit.ResetAfter) * time.Millisecond); reset.After(now) {
			return reset.Sub(now), false
		}
		s.at = time.Time{} // ask again
		return s.every, false
	}
	key := shard % max(info.Limit.Concurrency, 1)
	if at := s.next[key]; at.After(now) {
		return at.Sub(now), false
	}
	s.next[key] = now.Add(s.every)
	s.info.Limit.Remaining--
	return 0, true
}
