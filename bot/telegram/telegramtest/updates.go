package telegramtest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"sort"
	"strconv"
	"time"
)

const (
	textHookActive = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
	textOtherPoll  = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
	textHookSet    = "Conflict: terminated by setWebhook request"
)

// excluded is what a bot does not get that never said what it wants.
var excluded = []string{"chat_member", "message_reaction", "message_reaction_count"}

// hook is the webhook set now.
type hook struct {
	url, secret string
	most        int
	lastError   string
	lastDate    time.Time
}

// Inject queues an update of a kind ("message", "callback_query", ...) and
// gives its number; 0 if the bot did not ask for that kind.
func (s *Server) Inject(kind string, payload any) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.inject(kind, payload)
}

func (s *Server) inject(kind string, payload any) int {
	id := s.nextUpdate
	raw, err := json.Marshal(map[string]any{"update_id": id, kind: payload})
	if err != nil {
		s.wrong("inject: %v", err)
		return 0
	}
	if s.spec != nil {
		if err := s.spec.Value(raw, "Update"); err != nil {
			s.wrong("injected update: %v", err)
		}
	}
	if s.allowed != nil && !slices.Contains(s.allowed, kind) || s.allowed == nil && slices.Contains(excluded, kind) {
		return 0
	}
	s.nextUpdate++
	s.queue = append(s.queue, stored{id, raw})
	s.changed()
	return id
}

// InjectRaw queues an update as it is, however broken; "ID" in it stands for its number.
func (s *Server) InjectRaw(raw string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := s.nextUpdate
	s.nextUpdate++
	s.queue = append(s.queue, stored{id, bytes.ReplaceAll([]byte(raw), []byte("ID"), []byte(strconv.Itoa(id)))})
	s.changed()
	return id
}

// Renumber begins a new sequence of update numbers, as Telegram does after a
// week without updates.
func (s *Server) Renumber(next int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.nextUpdate, s.renumbered = next, true
}

// Redeliver sets the chance that an update comes once more after it was confirmed.
func (s *Server) Redeliver(chance float64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lost = chance
}

// Pending is how many updates are not confirmed.
func (s *Server) Pending() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.queue)
}

func clamp(text string, low, high, otherwise int) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return otherwise
	}
	return min(max(n, low), high)
}

func (s *Server) getUpdates(ctx context.Context, p map[string]string) (any, *refusal) {
	limit := clamp(p["limit"], 1, 100, 100)
	if n, err := strconv.Atoi(p["limit"]); err == nil && n <= 0 {
		limit = 100
	}
	timeout := time.Duration(clamp(p["timeout"], 0, 50, 0)) * time.Second
	offset, _ := strconv.Atoi(p["offset"])

	s.mu.Lock()
	if s.hook.url != "" {
		defer s.mu.Unlock()
		return nil, refuse(http.StatusConflict, textHookActive)
	}
	if list := p["allowed_updates"]; list != "" && list != "null" {
		var kinds []string
		if json.Unmarshal([]byte(list), &kinds) == nil {
			s.allowed = kinds
			if len(kinds) == 0 {
				s.allowed = nil
			}
		}
	}
	now := time.Now()
	if offset == s.lastOffset && now.Sub(s.lastPoll) < 500*time.Millisecond {
		limit = 1
	}
	if offset == s.lastOffset && now.Sub(s.lastPoll) < 3*time.Second && timeout < 3*time.Second {
		timeout = 3 * time.Second
	}
	s.lastOffset, s.lastPoll = offset, now
	if s.poller != nil {
		close(s.poller)
	}
	mine := make(chan struct{})
	s.poller = mine
	defer func() {
		s.mu.Lock()
		if s.poller == mine {
			s.poller = nil
		}
		s.mu.Unlock()
	}()
	s.confirm(offset)
	late := time.NewTimer(timeout)
	defer late.Stop()
	for len(s.queue) == 0 {
		change := s.change
		s.mu.Unlock()
		select {
		case <-ctx.Done():
			return nil, nil
		case <-mine:
			return nil, s.clash(ctx)
		case <-late.C:
			return []any{}, nil
		case <-change:
		}
		s.mu.Lock()
	}
	defer s.mu.Unlock()
	out := make([]json.RawMessage, 0, limit)
	for _, u := range s.queue[:min(limit, len(s.queue))] {
		out = append(out, u.raw)
	}
	// Broken JSON must arrive as it is: encoding/json would refuse it.
	return raw("[" + string(bytes.Join(asBytes(out), []byte(","))) + "]"), nil
}

// raw is JSON, or what should have been, written as it is.
type raw string

func asBytes(list []json.RawMessage) [][]byte {
	out := make([][]byte, len(list))
	for i, r := range list {
		out[i] = r
	}
	return out
}

// clash ends a poll because of another one; when it happens again soon, only after a while.
func (s *Server) clash(ctx context.Context) *refusal {
	s.mu.Lock()
	soon := time.Since(s.lastClash) < s.o.ConflictDelay
	s.lastClash = time.Now()
	text := textOtherPoll
	if s.hook.url != "" {
		text = textHookSet
	}
	s.mu.Unlock()
	if soon {
		select {
		case <-ctx.Done():
		case <-time.After(s.o.ConflictDelay):
		}
	}
	return refuse(http.StatusConflict, text)
}

// confirm forgets what an offset confirms: everything below it, all but the
// last -n for a negative n, and nothing if it lies outside of the sequence.
// s.mu is held.
func (s *Server) confirm(offset int) {
	switch {
	case offset < 0:
		s.queue = s.queue[max(0, len(s.queue)+offset):]
	case offset > s.nextUpdate || offset == 0:
	case s.lost == 0 && !s.renumbered: // in order, and there may be very many
		n := sort.Search(len(s.queue), func(i int) bool { return s.queue[i].id >= offset })
		s.queue = s.queue[n:]
	default:
		var rest []stored
		for _, u := range s.queue {
			if u.id >= offset {
				rest = append(rest, u)
			} else if !s.relived[u.id] && s.lost > 0 && rand.Float64() < s.lost {
				s.relived[u.id] = true
				rest = append(rest, u)
			}
		}
		s.queue = rest
	}
}

// Redelivered is how many updates were delivered again after they had been confirmed.
func (s *Server) Redelivered() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.relived)
}

func (s *Server) webhookInfo() any {
	info := map[string]any{"url": s.hook.url, "has_custom_certificate": false, "pending_update_count": len(s.queue)}
	if s.hook.url != "" {
		info["max_connections"] = s.hook.most
		if s.hook.lastError != "" {
			info["last_error_message"], info["last_error_date"] = s.hook.lastError, s.hook.lastDate.Unix()
		}
	}
	if s.allowed != nil {
		info["allowed_updates"] = s.allowed
	}
	return info
}

func (s *Server) setWebhook(p map[string]string) (any, *refusal) {
	address := p["url"]
	if address == "" {
		s.hook.url = ""
		return true, nil
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || u.Host == "" {
		return nil, s.refused("bad webhook: An HTTPS URL must be provided for webhook")
	}
	if port := u.Port(); port != "" && !slices.Contains([]string{"443", "80", "88", "8443"}, port) {
		return nil, s.refused("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
	}
	for _, c := range p["secret_token"] {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-') {
			return nil, s.refused("secret token contains unallowed characters")
		}
	}
	if len(p["secret_token"]) > 256 {
		return nil, s.refused("secret token is too long")
	}
	if list := p["allowed_updates"]; list != "" && list != "null" {
		_ = json.Unmarshal([]byte(list), &s.allowed)
	}
	s.hook = hook{url: address, secret: p["secret_token"], most: clamp(p["max_connections"], 1, 100, 40)}
	if s.poller != nil {
		close(s.poller)
		s.poller = nil
	}
	return true, nil
}

// SetWebhook sets a webhook from outside, as another deployment would.
func (s *Server) SetWebhook(address, secret string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hook = hook{url: address, secret: secret, most: 40}
	if s.poller != nil {
		close(s.poller)
		s.poller = nil
	}
}

// WebhookURL is the webhook set now; empty: none.
func (s *Server) WebhookURL() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.hook.url
}

// Deliver posts the waiting updates to the webhook, by way of the local
// address that stands for its public one, one at a time and in order, and
// removes each that is answered with 2xx. It stops at the first that is not,
// with its status; 200 means that all were taken.
func (s *Server) Deliver(ctx context.Context, local string) (int, error) {
	for {
		s.mu.Lock()
		if len(s.queue) == 0 || s.hook.url == "" {
			s.mu.Unlock()
			return http.StatusOK, nil
		}
		u, h := s.queue[0], s.hook
		s.mu.Unlock()
		at, err := url.Parse(h.url)
		if err != nil {
			return 0, err
		}
		status, err := Post(ctx, "http://"+local+at.Path, h.secret, u.raw)
		if err != nil {
			return 0, err
		}
		s.mu.Lock()
		if status/100 == 2 {
			s.queue = slices.DeleteFunc(s.queue, func(q stored) bool { return q.id == u.id })
		} else {
			s.hook.lastError, s.hook.lastDate = "Wrong response from the webhook: "+strconv.Itoa(status)+" "+http.StatusText(status), time.Now()
		}
		s.changed()
		s.mu.Unlock()
		if status/100 != 2 {
			return status, nil
		}
	}
}

// Post sends one update to a webhook as Telegram does, and gives the status of the answer.
func Post(ctx context.Context, address, secret string, update []byte) (int, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(update))
	if err != nil {
		return 0, err
	}
	r.Header.Set("Content-Type", "application/json")
	if secret != "" {
		r.Header.Set("X-Telegram-Bot-Api-Secret-Token", secret)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode, nil
}
