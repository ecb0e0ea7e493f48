package discord

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/bwmarrin/discordgo"

	"github.com/aftercarebot/aftercare/bot/intake"
)

// Kinds of response to an interaction.
const (
	respondPong         = 1
	respondMessage      = 4
	respondDeferred     = 5
	respondQuietly      = 6 // to a component: nothing changes
	respondAutocomplete = 8
)

type response struct {
	Kind int `json:"type"`
	Data any `json:"data,omitempty"`
}

// flagsOnly is the data of a deferral.
type flagsOnly struct {
	Flags           int      `json:"flags,omitempty"`
	AllowedMentions mentions `json:"allowed_mentions"`
}

// turn is one interaction from its arrival until it has been responded to.
// Discord wants the first response within three seconds; if there is none
// after half of that, the turn defers by itself, wherever the job is then.
type turn struct {
	*interaction
	a        *Adapter
	asker    string
	received time.Time
	web      chan<- response // takes the first response, if the interaction came over HTTP

	private bool // decided before the first response that shows something

	mu      sync.Mutex // held while the first response is under way
	acked   bool
	quiet   bool // the first response showed nothing
	waiting bool // deferred: the message is still to come
	// unclear: Discord may have taken the first response, but did not say so.
	unclear bool
	// elsewhere: another process has responded, so this one stays silent.
	elsewhere bool
	timer     *time.Timer
}

// expires is when the interaction's token hardly is of use any more.
func (t *turn) expires() time.Time { return t.received.Add(14 * time.Minute) }

// watch starts the clock for deferring.
func (t *turn) watch() {
	t.a.timers.Add(1)
	t.timer = time.AfterFunc(time.Until(t.received.Add(t.a.times.deferAfter)), func() {
		defer t.a.timers.Done()
		t.deferral(t.a.jobs)
	})
}

// done ends the turn; call it once, when nothing more will be sent.
func (t *turn) done() {
	if t.timer != nil && t.timer.Stop() {
		t.a.timers.Done()
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.acked && t.web != nil {
		close(t.web)
		t.acked = true
	}
}

// deferral tells Discord that the reply takes a little longer, unless there
// has been a response already.
func (t *turn) deferral(ctx context.Context) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.acked {
		return
	}
	flags := 0
	if t.private {
		flags = flagEphemeral
	}
	if action, _ := parseCustomID(t.Data.v.CustomID); t.Kind == interactionComponent && (action == actDelete || action == actShare) {
		// What is to be deleted is the message clicked on, not a deferral; and
		// what is shared is for all to see, but not that it cannot be.
		if err := t.respond(ctx, response{Kind: respondQuietly}, nil); err != nil {
			t.a.log.Warn("interaction not deferred", "error", err)
		}
		return
	}
	if err := t.respond(ctx, response{respondDeferred, flagsOnly{flags, nobody}}, nil); err != nil {
		t.a.log.Warn("interaction not deferred", "error", err)
		return
	}
	t.waiting = true
}

// respond makes the first response. The caller holds mu.
//
// What counts for Discord is when a response arrives there, so that it says so
// late is no failure. Where it does not say so at all, there is no error
// either: what comes next shows whether the response was taken.
func (t *turn) respond(ctx context.Context, r response, out any) error {
	if t.web != nil {
		t.acked, t.quiet = true, r.Kind == respondQuietly
		t.web <- r
		close(t.web)
		return nil
	}
	by := t.received.Add(t.a.times.ack)
	ctx, cancel := context.WithDeadline(ctx, by.Add(t.a.times.late))
	defer cancel()
	c := call{method: "POST", path: "/interactions/" + string(t.ID) + "/" + url.PathEscape(t.Token) + "/callback", body: r, tokened: true, by: by}
	if out != nil {
		c.query = url.Values{"with_response": {"true"}}
	}
	err := t.a.rest.do(ctx, c, out)
	var e *apiError
	if errors.As(err, &e) && e.Code == codeAlreadyAnswered && e.Tries > 1 {
		err = nil // by the try whose outcome was not known
	}
	if unclear(err) {
		t.a.log.Warn("not known whether discord took the first response", "error", err)
		t.unclear, err = true, nil
	}
	if err == nil || isCode(err, codeAlreadyAnswered) {
		t.acked = true
	}
	t.quiet = t.acked && r.Kind == respondQuietly
	t.elsewhere = t.elsewhere || err != nil && t.acked
	return err
}

// quietly responds so that the person sees nothing.
func (t *turn) quietly(ctx context.Context) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.acked {
		return
	}
	if t.Kind == interactionComponent {
		if err := t.respond(ctx, response{Kind: respondQuietly}, nil); err != nil {
			t.failed(err)
		}
		return
	}
	// A command has to be responded to with something, which is then taken away.
	if err := t.respond(ctx, response{respondDeferred, flagsOnly{flagEphemeral, nobody}}, nil); err != nil {
		t.failed(err)
		return
	}
	if err := t.takeAway(ctx); err != nil {
		t.a.log.Warn("deferral not taken away", "error", err)
	}
}

// takeAway deletes the message of the first response, or of the click.
func (t *turn) takeAway(ctx context.Context) error {
	ctx, cancel := context.WithDeadline(ctx, t.expires())
	defer cancel()
	return t.follow(ctx, call{method: "DELETE", path: t.hook("/messages/@original"), tokened: true}, nil)
}

// complete responds to an autocomplete.
func (t *turn) complete(ctx context.Context, choices []choice) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.acked {
		return
	}
	if err := t.respond(ctx, response{respondAutocomplete, map[string]any{"choices": choices}}, nil); err != nil {
		t.failed(err)
	}
}

// choice is one line of an autocomplete list.
type choice struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// hook is the path for further messages of the interaction.
func (t *turn) hook(rest string) string {
	return "/webhooks/" + string(t.Application) + "/" + url.PathEscape(t.Token) + rest
}

// sent is as much as is needed of a message that was made.
type sent struct {
	ID id `json:"id"`
}

// reply sends pages: the first as the response, or in the place of the
// deferral, the others after it.
func (t *turn) reply(ctx context.Context, pages []*page) {
	ctx, cancel := context.WithDeadline(ctx, t.expires())
	defer cancel()
	var before []string
	for i, p := range pages {
		final := i == len(pages)-1
		if final && !t.private {
			p.offerDelete(t.asker, before)
		}
		var made id
		var err error
		if i == 0 {
			made, err = t.first(ctx, p, !final)
		} else {
			made, err = t.further(ctx, p)
		}
		if err != nil {
			t.failed(err)
			return
		}
		if made != "" {
			before = append(before, string(made))
		}
	}
}

// offerDelete adds a button with which the asker takes the answer away.
func (p *page) offerDelete(asker string, before []string) {
	args := append([]string{asker}, before...)
	for len(customID(actDelete, args...)) > maxCustomID {
		args = args[:len(args)-1]
	}
	if len(p.buttons) < 5 {
		p.buttons = append(p.buttons, button(discordgo.SecondaryButton, "Delete", "", customID(actDelete, args...)))
	}
}

// first sends the first page and, if wanted, finds out its id.
func (t *turn) first(ctx context.Context, p *page, wantID bool) (id, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.elsewhere {
		return "", errors.New("responded to elsewhere")
	}
	if t.waiting {
		return t.edit(ctx, p)
	}
	if t.acked {
		return t.further(ctx, p)
	}
	var out *struct {
		Resource struct {
			Message sent `json:"message"`
		} `json:"resource"`
	}
	try := func(m outgoing) error {
		if wantID && !t.private && t.web == nil {
			return t.respond(ctx, response{respondMessage, m}, &out)
		}
		return t.respond(ctx, response{respondMessage, m}, nil)
	}
	err := try(p.render(t.private))
	if isStatus(err, http.StatusBadRequest) && !t.acked {
		t.refused(err)
		err = try(p.simple(t.private))
	}
	if t.unclear && err == nil { // if it is there already, it does not change
		return t.edit(ctx, p)
	}
	if out != nil {
		return out.Resource.Message.ID, err
	}
	return "", err
}

// edit puts the page in the place of the first response. The caller holds mu.
func (t *turn) edit(ctx context.Context, p *page) (id, error) {
	return t.later(ctx, p, func(m outgoing) call {
		m.Flags &^= flagEphemeral // fixed when it was deferred
		return call{method: "PATCH", path: t.hook("/messages/@original"), body: m, tokened: true}
	})
}

// further sends a page behind the first.
func (t *turn) further(ctx context.Context, p *page) (id, error) {
	return t.later(ctx, p, func(m outgoing) call {
		return call{method: "POST", path: t.hook(""), query: url.Values{"wait": {"true"}}, body: m, tokened: true}
	})
}

// later sends a page after the first response, by the call that is made of it.
func (t *turn) later(ctx context.Context, p *page, by func(outgoing) call) (id, error) {
	var made sent
	err := t.follow(ctx, by(p.render(t.private)), &made)
	if isStatus(err, http.StatusBadRequest) {
		t.refused(err)
		err = t.follow(ctx, by(p.simple(t.private)), &made)
	}
	return made.ID, err
}

// follow makes a call that needs the first response. That may not have reached
// Discord yet: over HTTP it is on its way still when this process is done with it.
func (t *turn) follow(ctx context.Context, c call, out any) error {
	for wait := 100 * time.Millisecond; ; wait *= 2 {
		err := t.a.rest.do(ctx, c, out)
		early := isCode(err, codeUnknownMessage, codeUnknownWebhook, codeUnknownInteraction) && (t.web != nil || t.unclear) && wait < 2*time.Second
		if !early || intake.Sleep(ctx, wait) != nil {
			return err
		}
	}
}

func (t *turn) refused(err error) {
	t.a.log.Error("discord refused the layout, sending plain text", "error", err)
}

func (t *turn) failed(err error) {
	t.a.log.Error("interaction not responded to", "kind", t.Kind, "error", err)
	t.a.meter.SendFailed(platform, failureReason(err))
}

// failureReason sorts an error into one of a few words, for figures.
func failureReason(err error) string {
	var e *apiError
	switch {
	case isCode(err, codeUnknownInteraction, codeUnknownWebhook, codeInvalidToken):
		return "expired"
	case isCode(err, codeAlreadyAnswered):
		return "answered elsewhere"
	case isStatus(err, http.StatusForbidden):
		return "forbidden"
	case errors.As(err, &e):
		return "refused"
	}
	return "unreachable"
}
