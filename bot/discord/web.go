package discord

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/aftercarebot/aftercare/bot/intake"
)

// web takes interactions over HTTP, in the place of the gateway.
type web struct {
	a       *Adapter
	key     ed25519.PublicKey
	address net.Addr
	seen    *intake.Seen // signatures: one that comes again is a replay
}

const (
	maxInteraction = 1 << 20 // bytes
	maxSkew        = 5 * time.Minute
)

// runWeb listens until ctx is done, and then finishes what came in.
func (a *Adapter) runWeb(ctx context.Context) error {
	app, err := a.application(ctx)
	if err != nil || ctx.Err() != nil {
		return err
	}
	key, err := hex.DecodeString(app.VerifyKey)
	if err != nil || len(key) != ed25519.PublicKeySize {
		return errors.New("discord: the application has no usable public key")
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", a.cfg.Interactions)
	if err != nil {
		return fmt.Errorf("discord: listen for interactions: %w", err)
	}
	a.me.Store(&identity{User: orElse(string(app.Bot.v.ID), string(app.ID)), Application: string(app.ID)})
	a.register(string(app.ID))
	w := &web{a: a, key: key, address: listener.Addr(), seen: intake.NewSeen(50_000)}
	server := &http.Server{
		Handler: w, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second,
		WriteTimeout: 20 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(a.log.Handler(), slog.LevelWarn),
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	a.web.Store(w)
	a.log.Info("listening for interactions", "address", listener.Addr().String())
	select {
	case err := <-ended:
		return fmt.Errorf("discord: serve interactions: %w", err)
	case <-ctx.Done():
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), a.times.drain/2)
	defer cancel()
	if server.Shutdown(end) != nil {
		server.Close()
	}
	<-ended
	return nil
}

// InteractionsAddr is the address that is listened on for interactions; nil
// before it is, or when the gateway is used.
func (a *Adapter) InteractionsAddr() net.Addr {
	if w := a.web.Load(); w != nil {
		return w.address
	}
	return nil
}

// ServeHTTP verifies the signature before it looks at anything else.
func (w *web) ServeHTTP(rw http.ResponseWriter, req *http.Request) {
	defer func() {
		if p := recover(); p != nil {
			w.a.panicked(p)
			http.Error(rw, "fault", http.StatusInternalServerError)
		}
	}()
	if req.Method != http.MethodPost {
		rw.Header().Set("Allow", http.MethodPost)
		http.Error(rw, "only POST", http.StatusMethodNotAllowed)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(rw, req.Body, maxInteraction))
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		http.Error(rw, "body over 1 MiB", http.StatusRequestEntityTooLarge)
		return
	}
	if err != nil {
		http.Error(rw, "body not read", http.StatusBadRequest)
		return
	}
	signature := req.Header.Get("X-Signature-Ed25519")
	if !w.genuine(signature, req.Header.Get("X-Signature-Timestamp"), body) {
		http.Error(rw, "invalid request signature", http.StatusUnauthorized)
		return
	}
	i, ok := decodeInteraction(body)
	if i != nil && i.Kind == interactionPing {
		write(rw, response{Kind: respondPong})
		return
	}
	if !ok {
		w.a.meter.Dropped(platform, "undecodable")
		http.Error(rw, "not an interaction", http.StatusBadRequest)
		return
	}
	if !w.seen.First(signature) {
		http.Error(rw, "replayed", http.StatusConflict)
		return
	}
	first := make(chan response, 1)
	w.a.takeInteraction(i, first)
	select {
	case r, ok := <-first:
		if !ok {
			http.Error(rw, "not taken", http.StatusServiceUnavailable)
			return
		}
		write(rw, r)
	case <-req.Context().Done():
	}
}

// genuine checks Discord's signature over timestamp and body, and the
// timestamp's age.
func (w *web) genuine(signature, timestamp string, body []byte) bool {
	sig, err := hex.DecodeString(signature)
	if err != nil || len(sig) != ed25519.SignatureSize || len(timestamp) > 20 {
		return false
	}
	if !ed25519.Verify(w.key, append([]byte(timestamp), body...), sig) {
		return false
	}
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil {
		return false
	}
	age := time.Since(time.Unix(seconds, 0))
	return age < maxSkew && age > -maxSkew
}

func write(rw http.ResponseWriter, r response) {
	var b bytes.Buffer
	if err := json.NewEncoder(&b).Encode(r); err != nil {
		http.Error(rw, "fault", http.StatusInternalServerError)
		return
	}
	rw.Header().Set("Content-Type", "application/json")
	rw.Write(b.Bytes())
}

// application is what Discord says of the bot's application.
type application struct {
	ID        id                                  `json:"id"`
	Name      string                              `json:"name"`
	VerifyKey string                              `json:"verify_key"`
	Flags     lenient[int]                        `json:"flags"`
	Public    lenient[bool]                       `json:"bot_public"`
	Endpoint  string                              `json:"interactions_endpoint_url"`
	Bot       lenient[user]                       `json:"bot"`
	Ways      lenient[map[string]json.RawMessage] `json:"integration_types_config"`
}

// userInstall reports whether people can add the bot to their own account;
// true if Discord did not say.
func (app application) userInstall() bool {
	_, ok := app.Ways.v["1"]
	return ok || app.Ways.v == nil
}

// application asks until there is an answer; a refused token is fatal.
func (a *Adapter) application(ctx context.Context) (app application, err error) {
	for failures := 0; ; failures++ {
		try, cancel := context.WithTimeout(ctx, a.times.open)
		err = a.rest.do(try, call{method: "GET", path: "/applications/@me"}, &app)
		cancel()
		switch {
		case isStatus(err, http.StatusUnauthorized):
			return app, &Fatal{Code: http.StatusUnauthorized, Remedy: badToken}
		case err == nil || ctx.Err() != nil:
			return app, nil
		}
		wait := (&link{times: a.times}).backoff(failures)
		a.log.Warn("discord not reached", "error", err, "retry_in", wait)
		if intake.Sleep(ctx, wait) != nil {
			return app, nil
		}
	}
}
