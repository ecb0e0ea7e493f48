package discord

import (
	"context"
	"encoding/json"
	"runtime"
	"time"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/bot/intake"
)

// event takes what comes over a gateway connection. It never waits.
func (a *Adapter) event(shard int, kind string, data json.RawMessage) {
	switch kind {
	case "READY":
		a.ready(data)
	case "INTERACTION_CREATE":
		if i, ok := decodeInteraction(data); ok {
			a.takeInteraction(i, nil)
			return
		}
		a.log.Warn("interaction without what is needed to respond", "shard", shard)
		a.meter.Dropped(platform, "undecodable")
	case "MESSAGE_CREATE":
		if m, ok := decodeMessage(data); ok {
			a.takeMessage(m)
			return
		}
		a.meter.Dropped(platform, "undecodable")
	}
}

// ready learns who the bot is, and sees to the commands the first time.
func (a *Adapter) ready(data json.RawMessage) {
	var r struct {
		User        lenient[user] `json:"user"`
		Application lenient[user] `json:"application"`
	}
	if json.Unmarshal(data, &r) != nil || r.User.v.ID == "" {
		a.log.Error("discord did not say who the bot is")
		return
	}
	me := &identity{User: string(r.User.v.ID), Application: string(r.Application.v.ID)}
	if me.Application == "" {
		me.Application = me.User // the same but for very old applications
	}
	a.me.Store(me)
	a.register(me.Application)
}

// register sees to the commands in the background: once, and after a failure
// again until it is done. Meanwhile the bot serves: commands of an earlier
// start work.
func (a *Adapter) register(application string) {
	if !a.signUp.CompareAndSwap(false, true) {
		return
	}
	a.routines.Go(func() {
		defer func() {
			if p := recover(); p != nil {
				a.panicked(p)
			}
		}()
		for failures := 0; ; failures++ {
			ctx, cancel := context.WithTimeout(a.serving, time.Minute)
			changed, err := a.registerCommands(ctx, application)
			cancel()
			if err == nil {
				a.log.Info("commands in place", "changed", changed)
				return
			}
			if a.serving.Err() != nil {
				return
			}
			wait := a.times.retry << min(failures, 10) // at most a quarter of an hour or so
			a.log.Error("commands not registered", "error", err, "retry_in", wait)
			if intake.Sleep(a.serving, wait) != nil {
				return
			}
		}
	})
}

// takeInteraction puts an interaction into the queue and starts the clock.
func (a *Adapter) takeInteraction(i *interaction, web chan<- response) {
	t := &turn{interaction: i, a: a, asker: i.asker(), received: time.Now(), web: web, private: !i.alone()}
	if a.closing.Load() || !a.seen.First("i"+string(i.ID)) {
		t.done()
		return
	}
	if t.Kind == interactionAutocomplete {
		if a.typing.Take(t.asker) != intake.Allow || !a.queue.Put("a"+t.asker, a.job(t, a.autocomplete)) {
			a.meter.Dropped(platform, "typing")
			t.done()
		}
		return
	}
	t.watch()
	if !a.queue.Put("u"+t.asker, a.job(t, a.interact)) {
		t.setPrivate(true)
		a.withoutRoom(t)
	}
	a.queued()
}

// withoutRoom deals with a command or click that the queue has no room for. A
// danger sign gets its card; whoever else it is, is told so if there is room
// for that.
func (a *Adapter) withoutRoom(t *turn) {
	reason, key := dropFull, "u"+t.asker
	switch a.lookout.Look(t.asked()) {
	case intake.Danger:
		if a.alarms.Put(key, a.job(t, a.alarmOrExcuse)) {
			return
		}
		reason = dropNoCard
	case intake.Unseen:
		reason = dropUnseen
	}
	told := a.excuses.Put(key, a.job(t, func(ctx context.Context, t *turn) {
		runtime.Gosched() // see inTurn
		t.reply(ctx, notice("", sayBusy))
	}))
	if !told {
		t.done()
		if reason == dropFull {
			reason = dropFullUntold
		}
	}
	a.passedOver(reason)
}

// alarmOrExcuse shows the card to somebody who speaks of a danger sign, or
// tells them that there is no room, if they have been shown it just now.
func (a *Adapter) alarmOrExcuse(ctx context.Context, t *turn) {
	c, err := a.choices.in(ctx, string(t.Guild), t.channel())
	if err != nil {
		a.log.Error("settings not read", "error", err)
	}
	if !a.alarm(ctx, t, c) {
		a.meter.Dropped(platform, dropFull)
		t.reply(ctx, notice("", sayBusy))
	}
}

// passedOver counts what there was no room for, and says in the log, at most
// once a minute, that a danger sign may have been among it.
func (a *Adapter) passedOver(reason string) {
	a.meter.Dropped(platform, reason)
	if (reason == dropNoCard || reason == dropUnseen) && a.warned.Take(reason) == intake.Allow {
		a.log.Error("more comes in than can be looked after: a danger sign may have got no safety card", "reason", reason)
	}
}

// Reasons why there was no answer, for figures. Whoever used a command is
// told to try again, unless there is no room for that either.
const (
	dropFull       = "queue full"
	dropFullUntold = "queue full, nobody told"
	dropNoCard     = "danger sign, no room for its card"
	dropUnseen     = "not looked at for danger signs"
)

// job runs f for the turn; if f panics, the person is told, and knows at least
// that there will be no answer.
func (a *Adapter) job(t *turn, f func(context.Context, *turn)) func(context.Context) {
	return func(ctx context.Context) {
		defer t.done()
		defer a.queued()
		defer func() {
			if p := recover(); p != nil {
				a.panicked(p)
				if t.Kind != interactionAutocomplete {
					t.reply(ctx, notice("", bot.SaySorry))
				}
			}
		}()
		f(ctx, t)
	}
}
