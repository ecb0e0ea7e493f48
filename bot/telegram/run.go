package telegram

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/bot/intake"
)

const (
	confirmFor      = 1500 * time.Millisecond
	confirmAgainFor = 300 * time.Millisecond
)

// Run takes messages in and answers them with answer until ctx is done. Then
// it stops taking in, finishes what was taken, danger signs first, confirms it,
// and returns nil within ten seconds; its goroutines have ended. It returns an
// error only for what waiting does not mend: a token that Telegram does not
// know, or an address that cannot be listened on. Every other trouble it waits
// out.
func (a *Adapter) Run(ctx context.Context, answer bot.Handler) error {
	if a.run.Swap(true) {
		return errors.New("telegram: Run was called twice")
	}
	a.answer = answer
	defer a.api.http.CloseIdleConnections()
	defer a.ready.Store(false)
	ctx, stopIntake := context.WithCancel(ctx)
	defer stopIntake()
	if err := a.identify(ctx); err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}

	work, cutShort := context.WithCancel(context.WithoutCancel(ctx))
	defer cutShort()
	var background sync.WaitGroup
	through := make(chan struct{}) // closed once the queue is
	background.Go(func() {
		a.queue.Run(work)
		close(through)
		a.last.Close()
	})
	background.Go(func() { a.alarms.Run(work) })
	background.Go(func() { a.excuses.Run(work) })
	background.Go(func() { a.register(ctx) })

	var err error
	if a.webhook != "" {
		err = a.serveWebhook(ctx)
	} else {
		err = a.poll(ctx)
	}

	a.ready.Store(false)
	stopIntake()
	a.bursts.close()
	a.closing.Store(true)
	for _, q := range []*intake.Queue{a.queue, a.alarms, a.excuses} {
		q.Close()
	}
	background.Go(func() {
		a.untilStuck(through)
		a.last.Run(work)
	})
	limit := time.AfterFunc(a.drainFor, cutShort)
	background.Wait()
	limit.Stop()
	a.lost(a.ledger.passed())
	if err == nil && a.webhook == "" {
		a.confirm(context.WithoutCancel(ctx))
	}
	return err
}

// untilStuck waits until the queue is through, or until only chats that must
// wait themselves have kept it from that for a while.
func (a *Adapter) untilStuck(through <-chan struct{}) {
	look := time.NewTicker(50 * time.Millisecond)
	defer look.Stop()
	for idle := 0; idle < 10; idle++ {
		select {
		case <-through:
			return
		case <-look.C:
			if a.queue.Ready() > 0 {
				idle = -1
			}
		}
	}
}

// identify asks who the bot is, until it is told.
func (a *Adapter) identify(ctx context.Context) error {
	pause := newPause()
	for {
		var me tgbotapi.User
		err := a.api.call(ctx, "getMe", nil, &me)
		if err == nil {
			a.me.Store(&me)
			a.log.Info("telegram account", slog.Bool("joins_groups", me.CanJoinGroups),
				slog.Bool("privacy_mode", !me.CanReadAllGroupMessages), slog.Bool("inline_mode", me.SupportsInlineQueries))
			return nil
		}
		if f := asFailure(err); f != nil && (f.code == http.StatusUnauthorized || f.code == http.StatusNotFound) {
			return badToken(f)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		a.log.Warn("telegram does not answer, trying again", slog.Any("error", err))
		if err := intake.Sleep(ctx, pause.next(err)); err != nil {
			return err
		}
	}
}

// badToken says what to do about a token that the server does not know.
func badToken(f *failure) error {
	if f.code == http.StatusNotFound {
		return fmt.Errorf("telegram: the server knows no such token (404 on %s): open @BotFather, send /token and copy the token into TELEGRAM_TOKEN; "+
			"if TELEGRAM_API_URL is set, check that it is a Bot API server", f.method)
	}
	return fmt.Errorf("telegram: the token is not valid, or was revoked (401 on %s): open @BotFather, send /token and copy the token into TELEGRAM_TOKEN", f.method)
}

// pause gives growing waits with jitter, or as long as the server says.
type pause struct{ step time.Duration }

func newPause() *pause { return &pause{step: 500 * time.Millisecond} }

func (p *pause) next(err error) time.Duration {
	wait := p.step/2 + rand.N(p.step)
	p.step = min(2*p.step, 30*time.Second)
	if f := asFailure(err); f != nil && f.retryAfter > 0 {
		wait = f.retryAfter + rand.N(time.Second/4)
	}
	return wait
}

func (p *pause) reset() { p.step = 500 * time.Millisecond }
