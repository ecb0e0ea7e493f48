package telegram

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/bot/telegram/telegramtest"
)

const canarySecret = "AAcanaryToken_9f8e7d6c5b4a"

// canaries lists every form in which the token could leak.
func canaries(token string) []string {
	return []string{token, canarySecret, url.QueryEscape(token), url.PathEscape(token), fmt.Sprintf("%q", token)}
}

// The token is in no error, no log line and no panic, whatever goes wrong
// (hole 1). Everything the package writes, and what it writes to the standard
// logger and would write through the library's, is searched for it; and for
// questions, names and raw numbers of people.
func TestNoSecretEverLeaks(t *testing.T) {
	const token = "123456789:" + canarySecret
	var standard logs
	log.SetOutput(&standard)
	defer log.SetOutput(new(bytes.Buffer))

	page := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(status)
			fmt.Fprint(w, strings.ReplaceAll(body, "PATH", r.URL.Path))
		}
	}
	hang := func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // else the server does not see the client go
		<-r.Context().Done()
	}
	kinds := map[string]http.HandlerFunc{
		"html":              page(502, "<html>PATH</html>"),
		"html ok":           page(200, "<html>PATH</html>"),
		"empty":             page(200, ""),
		"not an object":     page(200, `[1,2]`),
		"wrong result":      page(200, `{"ok":true,"result":"PATH"}`),
		"refusal with path": page(400, `{"ok":false,"error_code":400,"description":"Bad Request: PATH"}`),
		"unauthorised":      page(401, `{"ok":false,"error_code":401,"description":"Unauthorized PATH"}`),
		"not found":         page(404, `{"ok":false,"error_code":404,"description":"Not Found PATH"}`),
		"conflict":          page(409, `{"ok":false,"error_code":409,"description":"Conflict: PATH"}`),
		"flood":             page(429, `{"ok":false,"error_code":429,"description":"Too Many Requests PATH","parameters":{"retry_after":1}}`),
		"server error":      page(500, `{"ok":false,"error_code":500,"description":"PATH"}`),
		"redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.1:1"+r.URL.Path, http.StatusFound)
		},
		"redirect to junk": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "::"+r.URL.Path)
			w.WriteHeader(302)
		},
		"hangs":  hang,
		"aborts": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"cut short": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "1000")
			fmt.Fprint(w, `{"ok":true,`)
		},
		"raw junk": func(w http.ResponseWriter, r *http.Request) {
			c, _, err := w.(http.Hijacker).Hijack()
			if err == nil {
				fmt.Fprintf(c, "HTTP/1.1 %s junk\r\n\r\n", r.URL.Path)
				_ = c.Close()
			}
		},
		"junk header": func(w http.ResponseWriter, r *http.Request) {
			c, _, err := w.(http.Hijacker).Hijack()
			if err == nil {
				fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: %s\r\n\r\n", r.URL.Path)
				_ = c.Close()
			}
		},
	}
	addresses := map[string]string{"refused": refusedAddress(t), "no such host": "http://no-such-host.invalid", "https to http": ""}
	for name, h := range kinds {
		srv := httptest.NewServer(h)
		srv.Config.ErrorLog = log.New(new(bytes.Buffer), "", 0)
		t.Cleanup(srv.Close)
		addresses[name] = srv.URL
		if name == "html" {
			addresses["https to http"] = "https" + strings.TrimPrefix(srv.URL, "http")
		}
	}

	var out logs
	var seen atomic.Int32
	note := func(err error) {
		if err != nil {
			seen.Add(1)
			fmt.Fprintf(&out, "%v\n%+v\n%#v\n%q\n", err, err, err.Error(), fmt.Errorf("wrapped: %w", err))
			for ; err != nil; err = errors.Unwrap(err) {
				fmt.Fprintln(&out, err.Error())
			}
		}
	}
	var all sync.WaitGroup
	for name, at := range addresses {
		all.Go(func() {
			for _, tok := range []string{token, "12345:a b%zz" + canarySecret + "?#/\x01"[:4], "x%" + canarySecret} {
				if strings.Contains(tok, " ") {
					_, err := New(Config{Token: tok, Guide: &guide{}})
					note(err)
					continue
				}
				c := Config{Token: tok, APIURL: at, Guide: &guide{passages: passages(), note: "note"},
					Log: slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))}
				a, err := New(c)
				if err != nil {
					t.Errorf("%s: %v", name, err)
					return
				}
				a.limit = rate.NewLimiter(rate.Inf, 0)
				ctx, cancel := context.WithTimeout(context.Background(), 150*time.Millisecond)
				note(a.Run(ctx, a.boom))
				cancel()
				// Each call on its own, past the first getMe.
				ctx, cancel = context.WithTimeout(context.Background(), 100*time.Millisecond)
				_, err = a.send(ctx, address{chat: 7}, say("x"))
				note(err)
				a.failed(ctx, 7, err)
				note(a.edit(ctx, 7, 8, say("x")))
				_, _, err = a.getUpdates(ctx, 1, 1, 0)
				note(err)
				_, err = a.dropWebhook(ctx)
				note(err)
				note(a.setWebhook(ctx))
				a.register(ctx)
				a.answerTap(ctx, "1", "")
				found, err := Doctor(ctx, c)
				note(err)
				fmt.Fprintf(&out, "%+v\n", found)
				cancel()
				a.panicked("panic with " + tok)
				fmt.Fprintf(&out, "%v\n", a.api.clean(fmt.Errorf("odd: %s and %s", tok, url.PathEscape(tok))))
			}
		})
	}
	all.Wait()
	if seen.Load() < 50 {
		t.Errorf("got %d errors, want every kind of failure to give some", seen.Load())
	}
	for _, c := range canaries(token) {
		if strings.Contains(out.String(), c) {
			t.Errorf("the token leaks as %q:\n%s", c, around(out.String(), c))
		}
	}
	if s := standard.String(); s != "" {
		t.Errorf("something was written to the standard logger: %s", s)
	}
}

func (a *Adapter) boom(context.Context, bot.Question) bot.Reply { panic("boom") }

func refusedAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return "http://" + l.Addr().String()
}

func around(text, at string) string {
	i := strings.Index(text, at)
	return text[max(0, i-200):min(len(text), i+200)]
}

// Questions, names and raw numbers are in no log line, at any level, in good
// times and bad.
func TestNoQuestionNameOrNumberInTheLog(t *testing.T) {
	r := start(t, func(c *Config) {
		c.Settings = &memory{}
		c.Feedback = func(context.Context, bot.Feedback) error { return nil }
	})
	const user = 918273645
	chat := r.srv.Private(user)
	group := r.srv.Group(-100918273645)
	r.srv.Fail(func(m string, p map[string]string) telegramtest.Fault {
		if m != "sendMessage" {
			return telegramtest.Fault{}
		}
		switch r.srv.Count("sendMessage") {
		case 2:
			return telegramtest.Fault{Status: 403, Text: "Forbidden: bot was blocked by the user"}
		case 4:
			return telegramtest.Fault{Status: 400, Text: "Bad Request: can't parse entities: Unsupported start tag"}
		case 6:
			return telegramtest.Fault{Drop: true}
		}
		return telegramtest.Fault{}
	})
	for _, text := range []string{"canary-question swim", "/ask canary-question panic", "/canary-question", "/start canary-question", "/settings"} {
		r.srv.Say(chat, user, text)
		r.srv.Say(group, user, "/ask canary-question "+text)
	}
	r.srv.Inline(user, "canary-question")
	r.srv.InjectRaw(`{"update_id":ID,"message":{"message_id":1,"date":1,"chat":{"id":918273645,"type":"private"},"text":["canary-question"]}}`)
	r.srv.InjectRaw(`{"update_id":ID,"message":{"message_id":1,"text":"canary-question" broken`)
	r.settle()
	_ = r.end()
	text := r.logs.String()
	if !strings.Contains(text, "skipping an update") || !strings.Contains(text, "panic while handling") {
		t.Fatalf("the run did not go through its troubles:\n%s", text)
	}
	for _, canary := range []string{"canary-question", "Canary-Name", "canary_user", "918273645", r.srv.Token()} {
		if strings.Contains(text, canary) {
			t.Errorf("%q is in the log: %s", canary, around(text, canary))
		}
	}
}
