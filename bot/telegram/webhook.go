package telegram

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"
)

const (
	webhookBody  = 1 << 20 // bytes of one update
	webhookMost  = 40      // connections that Telegram may open at once
	webhookCheck = 5 * time.Minute
	secretHeader = "X-Telegram-Bot-Api-Secret-Token"
)

// secret is what Telegram must say in secretHeader. It follows from the token
// and the address, so that every replica and every restart has the same and
// nothing has to be kept; the token cannot be found from it.
func (a *Adapter) secret() string {
	h := hmac.New(sha256.New, []byte(a.api.token))
	h.Write([]byte("aftercare telegram webhook " + a.webhook))
	return hex.EncodeToString(h.Sum(nil))
}

// serveWebhook listens, tells Telegram where, and takes updates in until ctx is done.
func (a *Adapter) serveWebhook(ctx context.Context) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", a.listen)
	if err != nil {
		return fmt.Errorf("telegram: listen for the webhook: %w", err)
	}
	bound := listener.Addr().String()
	a.boundTo.Store(&bound)
	path := "/"
	if u, err := url.Parse(a.webhook); err == nil && u.Path != "" {
		path = u.Path
	}
	server := &http.Server{
		Handler:           a.webhookHandler(path),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      15 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(slog.DiscardHandler, slog.LevelInfo), // it logs what strangers send
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	stop := func() {
		shut, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		if server.Shutdown(shut) != nil {
			_ = server.Close()
		}
		<-served
	}
	defer stop()

	pause := newPause()
	for ctx.Err() == nil {
		wait := webhookCheck
		switch err := a.setWebhook(ctx); {
		case err == nil:
			pause.reset()
			a.setReady(true)
		case ctx.Err() != nil:
			return nil
		default:
			f := asFailure(err)
			if f != nil && f.code == http.StatusUnauthorized {
				return badToken(f)
			}
			if f != nil && f.code == http.StatusBadRequest {
				a.log.Error("telegram refuses the webhook: it must be an https address that Telegram can reach, on port 443, 80, 88 or 8443, with a valid certificate",
					slog.Any("error", err))
			} else {
				a.log.Warn("webhook not set, trying again", slog.Any("error", err))
			}
			wait = pause.next(err)
		}
		select {
		case <-ctx.Done():
		case err := <-served:
			served <- err
			return fmt.Errorf("telegram: webhook server: %w", err)
		case <-a.suspect:
		case <-time.After(wait):
		}
	}
	return nil
}

// setWebhook tells Telegram where to call, if it does not know.
func (a *Adapter) setWebhook(ctx context.Context) error {
	var info tgbotapi.WebhookInfo
	limited, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	got, err := a.api.do(limited, "getWebhookInfo", nil, &info)
	if err != nil {
		return err
	}
	a.crowd.set(got.sentAt(), time.Now())
	have := slices.Clone(info.AllowedUpdates)
	slices.Sort(have)
	want := slices.Clone(wanted)
	slices.Sort(want)
	// A refusal of ours since it was set means that it was set with another secret.
	recent := time.Since(time.Unix(int64(info.LastErrorDate), 0)) < 2*webhookCheck
	refused := recent && strings.Contains(info.LastErrorMessage, "401")
	if recent && info.URL == a.webhook && info.PendingUpdateCount > 0 && !refused {
		// Ready all the same: a probe of that may be what lets Telegram in.
		a.log.Error("telegram cannot deliver to the webhook: the address must reach --listen from outside, on port 443, 80, 88 or 8443, with a valid certificate",
			slog.Int("waiting", info.PendingUpdateCount), slog.String("error", a.api.hide.Replace(info.LastErrorMessage)))
	}
	if info.URL == a.webhook && info.MaxConnections == webhookMost && slices.Equal(have, want) && !refused {
		return nil
	}
	if info.URL != "" && info.URL != a.webhook {
		a.log.Warn("the webhook pointed elsewhere: pointing it here. If another deployment uses this bot, give each its own: @BotFather, /newbot")
	}
	params := tgbotapi.Params{"url": a.webhook, "max_connections": strconv.Itoa(webhookMost), "secret_token": a.secret(), "drop_pending_updates": "false"}
	if err := params.AddInterface("allowed_updates", wanted); err != nil {
		return err
	}
	return a.api.call(ctx, "setWebhook", params, nil)
}

// webhookHandler takes one update a request. It answers 200 only once the
// update, or the card for the danger sign in it, is queued; on anything else
// Telegram delivers it again.
func (a *Adapter) webhookHandler(path string) http.Handler {
	secret := []byte(a.secret())
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path != path:
			http.NotFound(w, r)
			return
		case r.Method != http.MethodPost:
			w.Header().Set("Allow", http.MethodPost)
			http.Error(w, "only POST", http.StatusMethodNotAllowed)
			return
		case subtle.ConstantTimeCompare([]byte(r.Header.Get(secretHeader)), secret) != 1:
			a.meter.Dropped(platform, "wrong secret")
			http.Error(w, "wrong secret", http.StatusUnauthorized)
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, webhookBody))
		if err != nil {
			var tooBig *http.MaxBytesError
			if errors.As(err, &tooBig) {
				a.meter.Dropped(platform, "too big")
				http.Error(w, "too big", http.StatusRequestEntityTooLarge)
				return
			}
			http.Error(w, "not read", http.StatusBadRequest)
			return
		}
		u, err := decode(body)
		if err != nil || u.ID == 0 {
			// It will not get better by being sent again.
			a.meter.Dropped(platform, "unreadable")
			a.log.Error("skipping an update that cannot be read", slog.Int("update", u.ID), slog.String("error", kindOf(err)))
			return
		}
		key := strconv.Itoa(u.ID)
		if !a.seen.First(key) {
			return
		}
		taken := a.accept(u, func() {})
		if m := u.Message; taken {
			a.crowd.room(a.queue.Depth() < queueLimit/2)
		} else if m != nil && a.crowd.late(time.Unix(m.Date, 0), time.Now(), a.behind) {
			m.late = true
			taken = a.accept(u, func() {})
		}
		if !taken {
			a.seen.Forget(key)
			w.Header().Set("Retry-After", "2")
			http.Error(w, "too busy", http.StatusServiceUnavailable)
		}
	})
}
