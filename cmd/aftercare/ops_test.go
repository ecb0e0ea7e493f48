package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/knowledge"
)

func get(t *testing.T, url string) (status int, body string) {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

func TestOps(t *testing.T) {
	r := serving(t, guideOf(t, map[string]string{"fern.md": fern}))
	var discordUp atomic.Bool
	platforms := []platform{
		{name: "discord", ready: discordUp.Load},
		{name: "telegram", ready: func() bool { return false }},
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	o, err := listenOps(ctx, "127.0.0.1:0", r.bot, platforms, newMeter(r.now.base).handler(), quiet)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- o.run(ctx) }()
	address := o.listener.Addr().String()
	want := func(path string, wantStatus int, wantBody string) {
		t.Helper()
		if status, body := get(t, "http://"+address+path); status != wantStatus || !strings.Contains(body, wantBody) {
			t.Errorf("%s: got %d and %q, want %d and %q", path, status, body, wantStatus, wantBody)
		}
	}
	want("/healthz", 200, "ok")
	want("/readyz", 503, "content "+r.bot.Version()+"\ndiscord down\ntelegram down\n")
	discordUp.Store(true)
	want("/readyz", 200, "discord up\ntelegram down\n")
	want("/", 404, "")

	if code, out, errs := command(t, "healthcheck", "--ops", address, "--ready"); code != exitOK || !strings.Contains(out, "discord up") {
		t.Errorf("got exit code %d and %q %q, want 0", code, out, errs)
	}
	discordUp.Store(false)
	if code, out, errs := command(t, "healthcheck", "--ops", address, "--ready"); code != exitFailure {
		t.Errorf("got exit code %d and %q %q while nothing is up, want %d", code, out, errs, exitFailure)
	}
	if _, err := listenOps(ctx, address, r.bot, nil, nil, quiet); err == nil {
		t.Error("got no error for an address that is taken")
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("got error %v, want none", err)
	}
	for _, args := range [][]string{{}, {"--ops", "nonsense"}, {"--ops", address}} {
		if code, out, errs := command(t, append([]string{"healthcheck"}, args...)...); code != exitUsage {
			t.Errorf("%v: got exit code %d and %q %q, want %d", args, code, out, errs, exitUsage)
		}
	}
}

// An answer that hangs is not well, however the rest of the process does.
func TestHealthzNoticesABotThatHangs(t *testing.T) {
	goOn := make(chan bool)
	defer close(goOn)
	b, err := bot.New(knowledge.Default(), hanging(goOn), bot.Options{})
	if err != nil {
		t.Fatal(err)
	}
	o := &opsServer{bot: b, patience: 20 * time.Millisecond}
	w := &recorded{header: http.Header{}}
	request, err := http.NewRequest(http.MethodGet, "/healthz", nil)
	if err != nil {
		t.Fatal(err)
	}
	o.healthz(w, request)
	if w.status != http.StatusServiceUnavailable {
		t.Errorf("got %d, want 503", w.status)
	}
}

// hanging is a search that takes until the channel is closed.
type hanging chan bool

func (h hanging) Search(context.Context, string) ([]knowledge.Match, error) {
	<-h
	return nil, nil
}

type recorded struct {
	header http.Header
	status int
}

func (r *recorded) Header() http.Header         { return r.header }
func (r *recorded) Write(b []byte) (int, error) { return len(b), nil }
func (r *recorded) WriteHeader(status int)      { r.status = status }

func TestNotify(t *testing.T) {
	path := filepath.Join(shortFolder(t), "notify")
	listener, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Skip(err)
	}
	defer listener.Close()
	p := process{env: func(name string) (string, bool) { return path, name == "NOTIFY_SOCKET" }}
	p.notify("READY=1")
	b := make([]byte, 100)
	n, err := listener.Read(b)
	if err != nil || string(b[:n]) != "READY=1" {
		t.Errorf("got %q and error %v, want READY=1", b[:n], err)
	}
	process{env: noEnv}.notify("READY=1") // nobody listens
}

var _ bot.Meter = meter(nil)
