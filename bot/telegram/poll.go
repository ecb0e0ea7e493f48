package telegram

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"regexp"
	"strconv"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"github.com/aftercarebot/aftercare/bot/intake"
)

const (
	pollLimit    = 100 // updates at a time, Telegram's most
	confirmEvery = 100 * time.Millisecond
)

// poll takes updates in until ctx is done. An update is confirmed, by the
// offset of a later call, only once it was handled.
func (a *Adapter) poll(ctx context.Context) error {
	p := &poller{Adapter: a, limit: pollLimit, pause: newPause()}
	var err error
	if p.alone, err = p.dropWebhook(ctx); err != nil {
		return err
	}
	for ctx.Err() == nil {
		if err := p.once(ctx); err != nil {
			return err
		}
	}
	return nil
}

// poller is the state between two polls.
type poller struct {
	*Adapter
	limit int // 1 while a batch is taken apart, because one update in it cannot be read
	pause *pause
	told  time.Time // when a conflict was last reported
	alone bool      // no webhook was set when we began
	rush  time.Time // when polls began to be full, by Telegram's clock; zero: the last was not
	since time.Time // what was written before is never late; not before rush
	freed time.Time // when a webhook was last removed
}

// once makes one poll and takes its updates in. It returns an error only for a bad token.
func (p *poller) once(ctx context.Context) error {
	wait := p.pollFor
	if !p.ready.Load() {
		wait = 0 // to know soon whether it works
	}
	if !p.patient(ctx) {
		wait = 0
	}
	if ctx.Err() != nil {
		return nil
	}
	asked := p.ledger.offset()
	p.asked = asked
	raw, got, err := p.getUpdates(ctx, asked, p.limit, wait)
	switch {
	case ctx.Err() != nil:
		return nil
	case err != nil:
		p.rush = time.Time{}
		return p.trouble(ctx, err, got.body)
	}
	now, full := got.sentAt(), len(raw) >= pollLimit
	switch {
	case !full || p.outage.lasts(p.behind):
		p.rush = time.Time{} // whoever wrote has been heard, or waits because of Telegram
	case p.rush.IsZero():
		p.rush, p.since = now, now
	}
	p.pause.reset()
	p.setReady(true)
	p.limit = pollLimit
	fresh, last := false, 0
	for _, r := range raw {
		id, taken, ok := p.take(ctx, r, func(m *message) bool { return full && p.late(m, now) })
		if !ok {
			return nil
		}
		fresh, last = fresh || taken, max(last, id)
	}
	if full && !fresh {
		p.ledger.letGo()
	}
	if len(raw) > 0 && !fresh && last < asked {
		// All old: numbers below the offset that were handled already. Asking
		// from behind them confirms them, whatever sequence they are of.
		p.ledger.restart(last + 1)
		_ = intake.Sleep(ctx, p.pollGap)
	}
	return nil
}

// patient waits while something is in work, since Telegram returns it at once
// for as long as it is not confirmed. It reports whether all is done, so that
// the next poll may be a long one. It does not wait once there is more to
// confirm: the sooner that is done, the fewer questions are answered again
// after a crash. Else it waits for pollGap, because a second call with the
// same offset within half a second would be given one update only.
func (p *poller) patient(ctx context.Context) bool {
	late := time.NewTimer(p.pollGap)
	defer late.Stop()
	look := time.NewTicker(confirmEvery)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return false
		case <-p.ledger.quiet():
			return true
		case <-late.C:
			return false
		case <-look.C:
			if p.ledger.offset() != p.asked {
				return false
			}
		}
	}
}

// getUpdates asks for updates from offset on, and waits for them up to wait.
// With an error, the answer has a body only if the server said OK with
// something that is not a list of updates.
func (a *Adapter) getUpdates(ctx context.Context, offset, limit int, wait time.Duration) ([]json.RawMessage, answer, error) {
	params := tgbotapi.Params{"limit": strconv.Itoa(limit), "timeout": strconv.Itoa(int(wait / time.Second))}
	params.AddNonZero("offset", offset)
	if err := params.AddInterface("allowed_updates", wanted); err != nil {
		return nil, answer{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, wait+callTimeout)
	defer cancel()
	var raw []json.RawMessage
	got, err := a.api.do(ctx, "getUpdates", params, &raw)
	if err != nil && got.status != http.StatusOK {
		got.body = nil
	}
	return raw, got, err
}

// take hands one update on, waiting for room. late says whether a message
// waited too long. It gives the update's number and whether it is new; ok is
// false when ctx is done.
func (p *poller) take(ctx context.Context, raw json.RawMessage, late func(*message) bool) (id int, fresh, ok bool) {
	u, err := decode(raw)
	if err != nil {
		p.skip(u.ID, err)
		return u.ID, true, true
	}
	if !p.seen.First(strconv.Itoa(u.ID)) {
		return u.ID, false, true // in work, or handled and not confirmed yet
	}
	if u.Message != nil {
		u.Message.late = late(u.Message)
	}
	p.ledger.take(u.ID)
	for !p.accept(u, func() { p.ledger.finish(u.ID) }) {
		if intake.Sleep(ctx, 50*time.Millisecond) != nil {
			return u.ID, true, false
		}
	}
	return u.ID, true, true
}

// decode reads one update. If that fails its number is read alone, 0 if there is none.
func decode(raw json.RawMessage) (*update, error) {
	u := &update{}
	if err := json.Unmarshal(raw, u); err != nil {
		var only struct {
			ID int `json:"update_id"`
		}
		if json.Unmarshal(raw, &only) != nil {
			only.ID = 0
		}
		return &update{ID: only.ID}, err
	}
	return u, nil
}

// skip passes over an update that cannot be read, so that it does not keep
// those behind it waiting for ever. An id of 0 is one that has no number.
func (p *poller) skip(id int, err error) {
	p.meter.Dropped(platform, "unreadable")
	p.log.Error("skipping an update that cannot be read", slog.Int("update", id), slog.String("error", kindOf(err)))
	if id == 0 {
		id = p.ledger.offset() // numbers mostly follow on one another
	}
	if id != 0 && p.seen.First(strconv.Itoa(id)) {
		p.ledger.take(id)
		p.ledger.finish(id)
	}
}

// kindOf tells a decoding error without the text it was found in.
func kindOf(err error) string {
	switch e := err.(type) {
	case *json.UnmarshalTypeError:
		return "wrong type in field " + e.Field
	case *json.SyntaxError:
		return "not JSON at byte " + strconv.FormatInt(e.Offset, 10)
	}
	return "undecodable"
}

var updateID = regexp.MustCompile(`"update_id"\s*:\s*(\d{1,18})`)

// trouble deals with a poll that failed: waits, mends what it can, and ends
// with an error only where waiting is no use. body is set if the server said
// OK with something that is not a list of updates.
func (p *poller) trouble(ctx context.Context, err error, body []byte) error {
	f := asFailure(err)
	switch {
	case f != nil && f.code == http.StatusUnauthorized:
		return badToken(f)
	case f != nil && f.code == http.StatusConflict:
		p.ready.Store(false)
		return p.conflict(ctx, f)
	case body != nil && p.limit > 1:
		p.limit = 1 // one update spoils the batch: take them one by one
		return nil
	case body != nil:
		if m := updateID.FindSubmatch(body); m != nil {
			id, _ := strconv.Atoi(string(m[1]))
			p.skip(id, err)
			return nil
		}
	}
	p.ready.Store(false)
	wait := p.pause.next(err)
	p.log.Warn("poll failed, trying again", slog.Any("error", err), slog.Duration("wait", wait))
	_ = intake.Sleep(ctx, wait)
	return nil
}

// conflict deals with 409: a webhook is set, or another process polls with this token.
func (p *poller) conflict(ctx context.Context, f *failure) error {
	again := time.Since(p.told) < time.Minute
	if !again {
		p.told = time.Now()
	}
	if !f.says("webhook") {
		if !again {
			p.log.Error("another process takes this bot's messages: stop it, or give each its own bot (@BotFather, /newbot), " +
				"or revoke the token if you do not know who it is (@BotFather, /revoke)")
		}
		_ = intake.Sleep(ctx, max(3*time.Second, p.pause.next(f)))
		return nil
	}
	if !again {
		p.log.Error("a webhook was set for this bot and keeps messages from us: if a newer deployment set it, stop this one; " +
			"a stray one is removed in a moment")
	}
	if p.alone {
		// Set while we ran. In a roll-over to webhook mode this process ends
		// soon; removing the webhook at once would deafen the new one.
		_ = intake.Sleep(ctx, p.strayFor)
		if ctx.Err() != nil || !p.freed.IsZero() && time.Since(p.freed) < time.Hour {
			return nil
		}
	}
	var err error
	p.freed = time.Now()
	p.alone, err = p.dropWebhook(ctx)
	if !p.alone {
		_ = intake.Sleep(ctx, p.pause.next(nil))
	}
	return err
}

// dropWebhook removes a webhook that an earlier deployment left behind, and
// keeps the messages that wait. It reports whether there is none now.
func (a *Adapter) dropWebhook(ctx context.Context) (bool, error) {
	var info tgbotapi.WebhookInfo
	err := a.api.call(ctx, "getWebhookInfo", nil, &info)
	if err == nil && info.URL == "" {
		return true, nil
	}
	if err == nil {
		err = a.api.call(ctx, "deleteWebhook", tgbotapi.Params{"drop_pending_updates": "false"}, nil)
	}
	if f := asFailure(err); f != nil && f.code == http.StatusUnauthorized {
		return false, badToken(f)
	}
	if err != nil && ctx.Err() == nil {
		a.log.Warn("webhook not removed", slog.Any("error", err))
	}
	return err == nil, nil
}

// confirm tells Telegram what was handled, so that the next process does not
// answer it again. It takes nothing in.
func (a *Adapter) confirm(ctx context.Context) {
	offset := a.ledger.offset()
	if offset == 0 {
		return
	}
	// The poll that was interrupted mostly said the same, and then the server
	// would keep us waiting for three seconds.
	again, limit := offset == a.asked, confirmFor
	if again {
		limit = confirmAgainFor
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if _, _, err := a.getUpdates(ctx, offset, 1, 0); err != nil && !again {
		a.log.Warn("last messages not confirmed: they may be answered again", slog.Any("error", err))
	}
}
