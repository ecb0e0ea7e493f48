package main

import (
	"bytes"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/aftercarebot/aftercare/bot/discord/discordtest"
	"github.com/aftercarebot/aftercare/bot/telegram/telegramtest"
)

const (
	specs = "../../../shared/specs/" // beside the repository; the fakes do without where it is absent

	patience = 5 * time.Minute // for what must come, on a machine however busy
	person   = 4711            // on Telegram
)

var someone = discordtest.At{User: "4711", Guild: "100", Channel: "200"}

// fakes are a Discord and a Telegram on loopback.
type fakes struct {
	discord  *discordtest.Server
	telegram *telegramtest.Server
	proxy    *httptest.Server // stands before Discord's REST API
	asked    []*discordtest.Interaction
	before   int // messages of the bot on Telegram when the last question was asked

	mu       sync.Mutex
	slow     time.Duration // that every answer of the bot takes to be accepted
	stopped  time.Time     // when the bot was told to stop
	underway chan string   // names the platform whose slow answer has arrived
}

// fakesKey is where a script's fakes are kept.
type fakesKey struct{}

func fakesOf(ts *testscript.TestScript) *fakes {
	f, ok := ts.Value(fakesKey{}).(*fakes)
	if !ok {
		ts.Fatalf("start the fakes first")
	}
	return f
}

// setup prepares what startFakes fills in: values must be there before a script runs.
func setup(env *testscript.Env) error {
	env.Values[fakesKey{}] = &fakes{underway: make(chan string, 100)}
	return nil
}

// startFakes starts both platforms and sets the four variables for serve.
// When the script ends, neither may have found fault with what the bot did.
func startFakes(ts *testscript.TestScript, neg bool, args []string) {
	f := fakesOf(ts)
	var err error
	f.discord, err = discordtest.New(discordtest.Options{Spec: specs + "discord-openapi.json"})
	ts.Check(err)
	f.telegram, err = telegramtest.New(telegramtest.Options{Spec: specs + "telegram-bot-api.json"})
	ts.Check(err)
	f.telegram.Private(person)
	f.telegram.Fail(func(method string, _ map[string]string) telegramtest.Fault {
		if method != "sendMessage" {
			return telegramtest.Fault{}
		}
		return telegramtest.Fault{Delay: f.hold("telegram")}
	})
	target, err := url.Parse(strings.TrimSuffix(f.discord.URL(), "/api"))
	ts.Check(err)
	forward := httputil.NewSingleHostReverseProxy(target)
	forward.ErrorLog = log.New(io.Discard, "", 0) // a bot that is gone is what some scripts are about
	f.proxy = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/callback") {
			// Only with the body read does a server notice that the client is gone.
			body, err := io.ReadAll(r.Body)
			if err != nil {
				return
			}
			r.Body = io.NopCloser(bytes.NewReader(body))
			select {
			case <-time.After(f.hold("discord")):
			case <-r.Context().Done():
				return
			}
		}
		forward.ServeHTTP(w, r)
	}))
	ts.Setenv("DISCORD_TOKEN", discordtest.Token)
	ts.Setenv("DISCORD_API_URL", f.proxy.URL+"/api")
	ts.Setenv("TELEGRAM_TOKEN", telegramtest.DefaultToken)
	ts.Setenv("TELEGRAM_API_URL", f.telegram.URL())
	ts.Setenv("TAKEN", f.proxy.Listener.Addr().String()) // an address that nobody else can listen on
	ts.Defer(func() {
		f.proxy.Close()
		f.discord.Close()
		f.telegram.Close()
	})
}

// hold says how long an answer that has arrived is kept waiting.
func (f *fakes) hold(platform string) time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.slow > 0 {
		f.underway <- platform
	}
	return f.slow
}

// slow makes the platforms take so long to accept an answer: slow 1s
func slow(ts *testscript.TestScript, neg bool, args []string) {
	f := fakesOf(ts)
	d, err := time.ParseDuration(args[0])
	ts.Check(err)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.slow = d
}

// connected waits until the bot takes messages in on both platforms, or on
// Telegram: connected, connected telegram.
func connected(ts *testscript.TestScript, neg bool, args []string) {
	f := fakesOf(ts)
	if len(args) == 0 {
		ts.Check(f.discord.WaitConnected(1, patience))
	}
	if !f.telegram.Wait(patience, func() bool { return f.telegram.Count("getUpdates") > 0 }) {
		ts.Fatalf("no getUpdates within %v", patience)
	}
}

// question asks on both platforms at once.
func question(ts *testscript.TestScript, neg bool, args []string) {
	f := fakesOf(ts)
	f.before = len(f.sent())
	f.asked = append(f.asked, f.discord.Ask(someone, args[0]))
	f.telegram.Say(person, person, args[0])
}

// underway waits until the bot is sending its answers on both platforms.
func underway(ts *testscript.TestScript, neg bool, args []string) {
	f := fakesOf(ts)
	late := time.After(patience)
	for waiting := map[string]bool{"discord": true, "telegram": true}; len(waiting) > 0; {
		select {
		case platform := <-f.underway:
			delete(waiting, platform)
		case <-late:
			ts.Fatalf("no answer under way within %v: %v", patience, waiting)
		}
	}
}

// replied wants the answers to the last question to match a pattern, on both
// platforms, one answer on each.
func replied(ts *testscript.TestScript, neg bool, args []string) {
	f := fakesOf(ts)
	pattern := regexp.MustCompile("(?s)" + args[0])
	last := f.asked[len(f.asked)-1]
	messages, err := f.discord.Wait(last, patience)
	ts.Check(err)
	if len(messages) != 1 || !pattern.MatchString(messages[0].Text()) {
		ts.Fatalf("discord: got %d messages, want one that matches %q: %+v", len(messages), args[0], messages)
	}
	if !f.telegram.Wait(patience, func() bool { return len(f.sent()) > f.before }) {
		ts.Fatalf("telegram: no answer within %v", patience)
	}
	sent := f.sent()[f.before:]
	if len(sent) != 1 || !pattern.MatchString(sent[0].Text) {
		ts.Fatalf("telegram: got %d messages, want one that matches %q: %+v", len(sent), args[0], sent)
	}
}

// sent are the bot's own messages in the Telegram chat.
func (f *fakes) sent() []telegramtest.Message {
	var own []telegramtest.Message
	for _, m := range f.telegram.Sent(person) {
		if m.Bot {
			own = append(own, m)
		}
	}
	return own
}

// noFaults wants that neither platform found fault with any request.
func noFaults(ts *testscript.TestScript, neg bool, args []string) {
	f := fakesOf(ts)
	if found := append(f.discord.Problems(), f.telegram.Errors()...); len(found) > 0 {
		ts.Fatalf("got faults, want none:\n%s", strings.Join(found, "\n"))
	}
}

// sigterm asks the bot to stop.
func sigterm(ts *testscript.TestScript, neg bool, args []string) {
	fakesOf(ts).stopped = time.Now()
	for _, cmd := range ts.BackgroundCmds() {
		ts.Check(cmd.Process.Signal(syscall.SIGTERM))
	}
}

// within wants no more time to have passed since the last sigterm: within 10s
func within(ts *testscript.TestScript, neg bool, args []string) {
	limit, err := time.ParseDuration(args[0])
	ts.Check(err)
	if took := time.Since(fakesOf(ts).stopped); took > limit {
		ts.Fatalf("it took %v to stop, want at most %v", took, limit)
	}
}

// insist asks the bot to stop again and again, as somebody impatient does,
// until it is gone.
func insist(ts *testscript.TestScript, neg bool, args []string) {
	f := fakesOf(ts)
	f.stopped = time.Now()
	for _, cmd := range ts.BackgroundCmds() {
		for time.Since(f.stopped) < patience {
			if err := cmd.Process.Signal(syscall.SIGTERM); errors.Is(err, os.ErrProcessDone) {
				break
			}
			time.Sleep(200 * time.Millisecond)
		}
	}
}
