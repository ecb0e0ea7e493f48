package telegram

import (
	"context"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/bot/telegram/telegramtest"
)

// once makes a fault of the first n requests of a method.
func once(method string, n int, f telegramtest.Fault) func(string, map[string]string) telegramtest.Fault {
	var left atomic.Int32
	left.Store(int32(n))
	return func(m string, _ map[string]string) telegramtest.Fault {
		if m == method && left.Add(-1) >= 0 {
			return f
		}
		return telegramtest.Fault{}
	}
}

func TestAnswersInSpiteOfTrouble(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault telegramtest.Fault
		times int
		least time.Duration
	}{
		{"429 is waited out", telegramtest.Fault{Status: 429, Text: "Too Many Requests: retry after 1", Retry: 1}, 1, time.Second},
		{"429 as a page with a header", telegramtest.Fault{Status: 429, Page: "<html>slow down</html>", Retry: 1}, 1, time.Second},
		{"502 as a page", telegramtest.Fault{Status: 502, Page: "<html><h1>502 Bad Gateway</h1></html>"}, 2, 0},
		{"500", telegramtest.Fault{Status: 500, Text: "Internal Server Error"}, 1, 0},
		{"connection lost", telegramtest.Fault{Drop: true}, 2, 0},
		{"HTML refused: once more as plain text", telegramtest.Fault{Status: 400, Text: "Bad Request: can't parse entities: Unsupported start tag"}, 1, 0},
		{"buttons refused: the words alone", telegramtest.Fault{Status: 400, Text: "Bad Request: BUTTON_DATA_INVALID"}, 1, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := start(t, nil)
			chat := r.srv.Private(501)
			r.srv.Fail(once("sendMessage", c.times, c.fault))
			began := time.Now()
			r.srv.Say(chat, 501, "/ask swim")
			m := r.last(chat, 1)
			r.settle()
			p := r.guide.passages[0]
			if want := p.Title + "\n\n" + p.Text + "\n\n" + note; m.Parsed != want {
				t.Errorf("got %q, want %q, without a trace of mark-up", m.Parsed, want)
			}
			if took := time.Since(began); took < c.least {
				t.Errorf("answered after %v, want at least %v", took, c.least)
			}
			if n := len(r.srv.Sent(chat)); n != 1 {
				t.Errorf("got %d answers, want 1", n)
			}
			if strings.Contains(c.name, "plain") && m.Params["parse_mode"] != "" {
				t.Error("got parse_mode in the plain resend")
			}
		})
	}
}

// One chat that must wait does not keep the others waiting.
func TestFloodIsPerChat(t *testing.T) {
	r := start(t, nil)
	slow, quick := r.srv.Private(501), r.srv.Private(502)
	var over atomic.Bool // the flood in the slow chat
	r.srv.Fail(func(m string, p map[string]string) telegramtest.Fault {
		if m == "sendMessage" && p["chat_id"] == "501" && !over.Load() {
			return telegramtest.Fault{Status: 429, Text: "Too Many Requests: retry after 2", Retry: 2}
		}
		return telegramtest.Fault{}
	})
	r.srv.Say(slow, 501, "/ask swim")
	r.wait("the refusal", func() bool { return r.srv.Count("sendMessage") > 0 })
	refused := time.Now()
	r.srv.Say(quick, 502, "/ask swim")
	r.await(quick, 1) // while the other chat is still told to wait
	if took, n := time.Since(refused), r.srv.Count("sendMessage"); n > 3+int(took/(2*time.Second)) {
		t.Errorf("got %d requests in %v: retry_after was cut short", n, took)
	}
	over.Store(true)
	r.await(slow, 1)
	r.settle()
}

func TestAChatThatIsGoneIsLeftAloneUntilItComesBack(t *testing.T) {
	r := start(t, nil)
	chat := r.srv.Private(501)
	r.srv.Change(chat, func(c *telegramtest.Chat) { c.Refuses = "bot was blocked by the user" })
	r.srv.Say(chat, 501, "/ask a long one")
	r.settle()
	if n := r.srv.Count("sendMessage"); n != 1 {
		t.Errorf("got %d tries, want 1", n)
	}
	if !r.a.chats.gone(chat) || r.meter.of("failed "+failGone) != 1 {
		t.Errorf("got gone %v and figures %v, want it marked and counted", r.a.chats.gone(chat), r.meter.n)
	}
	r.srv.Change(chat, func(c *telegramtest.Chat) { c.Refuses = "" })
	member := func(status string) telegramtest.Map {
		m := telegramtest.Map{"status": status, "user": telegramtest.User(r.srv.BotID())}
		if status == "kicked" {
			m["until_date"] = 0
		}
		return m
	}
	m, _ := r.srv.Message(chat, 501, nil)
	change := func(from, to string) telegramtest.Map {
		return telegramtest.Map{"chat": m["chat"], "from": telegramtest.User(501), "date": time.Now().Unix(), "old_chat_member": member(from), "new_chat_member": member(to)}
	}
	r.srv.Inject("my_chat_member", change("kicked", "member"))
	r.wait("the chat to be back", func() bool { return !r.a.chats.gone(chat) })
	r.srv.Inject("my_chat_member", change("member", "kicked"))
	r.wait("the chat to be gone", func() bool { return r.a.chats.gone(chat) })
	r.srv.Say(chat, 501, "/ask swim")
	r.await(chat, 1)
}

func TestFollowsAGroupThatMigrated(t *testing.T) {
	r := start(t, nil)
	old, now := r.srv.Group(-11), r.srv.Group(-1011)
	r.srv.Change(old, func(c *telegramtest.Chat) { c.Type = "group"; c.MigratedTo = now })
	r.srv.Say(old, 501, "/ask swim")
	contains(t, r.last(now, 1).Parsed, "Do not swim")
	r.settle()
	if n := r.srv.Count("sendMessage"); n != 2 {
		t.Errorf("got %d tries, want 2", n)
	}
	r.srv.Say(old, 501, "/ask swim")
	r.await(now, 2)
	if n := r.srv.Count("sendMessage"); n != 3 {
		t.Errorf("got %d tries, want the new number used at once", n)
	}
}

func TestARevokedTokenEndsPolling(t *testing.T) {
	r := start(t, nil)
	r.srv.Fail(func(m string, _ map[string]string) telegramtest.Fault {
		return telegramtest.Fault{Status: http.StatusUnauthorized, Text: "Unauthorized"}
	})
	r.srv.Say(r.srv.Private(501), 501, "hello") // wakes the poll
	select {
	case err := <-r.done:
		r.ended = true
		if err == nil || !strings.Contains(err.Error(), "@BotFather") || strings.Contains(err.Error(), r.srv.Token()) {
			t.Errorf("got %v, want a sentence that names @BotFather", err)
		}
	case <-time.After(patience):
		t.Fatal("Run went on")
	}
}

// Hole 2 and 6 of the library's: 409 is told once, with the remedy, and waited out.
func TestAnotherPollerIsToldAndWaitedOut(t *testing.T) {
	r := start(t, nil)
	r.wait("a long poll", func() bool { return r.srv.Count("getUpdates") >= 2 })
	clash := http.StatusConflict
	r.srv.Fail(once("getUpdates", 2, telegramtest.Fault{Status: clash, Text: "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"}))
	r.srv.Say(r.srv.Private(501), 501, "/ask swim") // ends the running poll
	r.wait("not ready", func() bool { return !r.a.Ready() })
	r.wait("ready again", r.a.Ready)
	if n := strings.Count(r.logs.String(), "another process takes this bot's messages"); n != 1 {
		t.Errorf("told %d times, want once", n)
	}
	contains(t, r.logs.String(), "/revoke")
}

func TestTwoAdaptersOnOneTokenTellEachOther(t *testing.T) {
	t.Parallel()
	srv := fake(t, telegramtest.Options{ConflictDelay: 200 * time.Millisecond})
	one, two := build(t, srv, nil).begin(), build(t, srv, nil)
	two.begin()
	one.wait("a conflict", func() bool {
		return strings.Contains(one.logs.String(), "another process") || strings.Contains(two.logs.String(), "another process")
	})
}

func TestAWebhookLeftBehindIsRemoved(t *testing.T) {
	t.Parallel()
	srv := fake(t, telegramtest.Options{})
	srv.SetWebhook("https://old.example/hook", "")
	r := build(t, srv, nil)
	r.a.strayFor = 100 * time.Millisecond
	r.begin()
	if u := srv.WebhookURL(); u != "" {
		t.Errorf("got webhook %s, want none", u)
	}
	// And a stray one that appears later, after a while.
	srv.SetWebhook("https://stray.example/hook", "")
	r.wait("the webhook to go", func() bool { return srv.WebhookURL() == "" })
	r.srv.Say(r.srv.Private(501), 501, "/ask swim")
	r.await(501, 1)
	contains(t, r.logs.String(), "a webhook was set for this bot")
}

// Hole 3: an update is confirmed after it was handled, not when it was fetched.
func TestNothingIsConfirmedBeforeItIsHandled(t *testing.T) {
	t.Parallel()
	r := build(t, fake(t, telegramtest.Options{}), nil)
	_, goOn := r.hold()
	r.begin()
	slow, quick := r.srv.Private(501), r.srv.Private(502)
	r.srv.Say(slow, 501, "/ask wait and swim")
	for range 3 {
		r.srv.Say(quick, 502, "/ask swim")
	}
	r.await(quick, 3)
	polls := r.srv.Count("getUpdates")
	r.wait("more polls", func() bool { return r.srv.Count("getUpdates") > polls+1 })
	if n := r.srv.Pending(); n != 4 {
		t.Errorf("%d updates are not confirmed, want all 4: the first is in work", n)
	}
	// Others are served meanwhile, and once each, though they come again and again.
	r.srv.Say(quick, 502, "/ask sun")
	r.await(quick, 4)
	close(goOn)
	r.await(slow, 1)
	r.settle()
	if n := len(r.srv.Sent(quick)); n != 4 {
		t.Errorf("got %d answers, want 4", n)
	}
}

// Hole 4: after a week without updates the numbers may begin anywhere.
func TestLowerNumbersAfterASilentWeek(t *testing.T) {
	r := start(t, nil)
	chat := r.srv.Private(501)
	r.srv.Say(chat, 501, "/ask swim")
	r.await(chat, 1)
	r.settle()
	r.srv.Renumber(42)
	r.srv.Say(chat, 501, "/ask sun")
	contains(t, r.last(chat, 2).Parsed, "SPF 30")
	r.settle()
	polls := r.srv.Count("getUpdates")
	time.Sleep(700 * time.Millisecond)
	if n := r.srv.Count("getUpdates") - polls; n > 2 {
		t.Errorf("got %d polls in 0.7 s without updates, want a long poll", n)
	}
	r.srv.Say(chat, 501, "/ask swim")
	r.await(chat, 3)
	r.settle()
}

// Hole 5: one update that cannot be read is skipped, alone or in a batch, and
// so is one that is not even JSON.
func TestAPoisonUpdateIsSkipped(t *testing.T) {
	t.Parallel()
	srv := fake(t, telegramtest.Options{})
	chat := srv.Private(501)
	srv.Say(chat, 501, "/ask swim")
	srv.InjectRaw(`{"update_id":ID,"message":{"message_id":"seven"}}`)
	srv.Say(chat, 501, "/ask sun")
	srv.InjectRaw(`{"update_id":ID,"message":{broken`)
	srv.Say(chat, 501, "/ask which")
	srv.InjectRaw(`{"update_id":ID,"message":null}`)
	srv.InjectRaw(`{"update_id":ID,"a_kind_of_tomorrow":{"x":1}}`)
	srv.InjectRaw(`{"update_id":ID,"callback_query":{"id":"1"}}`)
	srv.InjectRaw(`{"update_id":ID,"message":{"message_id":1,"chat":{"id":501,"type":"private"},"text":"no sender"}}`)
	r := build(t, srv, nil).begin()
	r.await(chat, 3)
	r.settle()
	if n := r.meter.of("dropped unreadable"); n != 2 {
		t.Errorf("got %d counted as unreadable, want 2", n)
	}
}

func TestAPanicInTheHandlerIsAnApology(t *testing.T) {
	r := start(t, nil)
	chat := r.srv.Private(501)
	r.srv.Say(chat, 501, "/ask panic please")
	contains(t, r.last(chat, 1).Text, "something went wrong")
	r.settle()
	if r.meter.of("panic") != 1 {
		t.Errorf("got %d panics counted, want 1", r.meter.of("panic"))
	}
	if strings.Contains(r.logs.String(), "canary-question") {
		t.Error("the panic's value, and with it the question, is in the log")
	}
}

// Hole 6 and 7: a running long poll is interrupted, and nothing is taken in after that.
func TestStoppingInterruptsThePoll(t *testing.T) {
	r := start(t, nil)
	r.wait("the long poll", func() bool { return r.srv.Count("getUpdates") >= 2 })
	began := time.Now()
	if err := r.end(); err != nil {
		t.Errorf("got %v, want nil", err)
	}
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("stopping took %v during a poll of 50 s", took)
	}
	if r.a.Ready() {
		t.Error("ready after Run returned")
	}
	if err := r.a.Run(context.Background(), r.answer); err == nil {
		t.Error("a second Run went through, want an error")
	}
}

// Hole 8: a server that accepts and says nothing.
func TestASilentServerIsGivenUpOn(t *testing.T) {
	t.Parallel()
	srv := fake(t, telegramtest.Options{})
	srv.Fail(func(string, map[string]string) telegramtest.Fault { return telegramtest.Fault{Delay: time.Hour} })
	r := build(t, srv, nil)
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	began := time.Now()
	if err := r.a.Run(ctx, r.answer); err != nil {
		t.Errorf("got %v, want nil: it was asked to stop", err)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("stopping took %v", took)
	}
}

func TestAStartWithoutAServerIsWaitedOut(t *testing.T) {
	t.Parallel()
	srv := fake(t, telegramtest.Options{})
	srv.Fail(once("getMe", 2, telegramtest.Fault{Drop: true}))
	r := build(t, srv, nil).begin()
	r.srv.Say(r.srv.Private(501), 501, "/ask swim")
	r.await(501, 1)
}

// Registering commands may fail; the bot serves on.
func TestServesOnWithoutCommands(t *testing.T) {
	t.Parallel()
	srv := fake(t, telegramtest.Options{})
	srv.Fail(func(m string, _ map[string]string) telegramtest.Fault {
		if strings.HasPrefix(m, "setMy") || strings.HasPrefix(m, "getMyC") {
			return telegramtest.Fault{Status: 400, Text: "Bad Request: BOT_COMMANDS_TOO_MUCH"}
		}
		return telegramtest.Fault{}
	})
	r := build(t, srv, nil).begin()
	r.srv.Say(r.srv.Private(501), 501, "/ask swim")
	r.await(501, 1)
	r.wait("a word in the log", func() bool { return strings.Contains(r.logs.String(), "not registered; serving without") })
}

// Hole 12: allowed_updates is always said, so that what an earlier deployment
// left out comes again.
func TestAllowedUpdatesAreAlwaysExplicit(t *testing.T) {
	r := start(t, nil)
	r.wait("polls", func() bool { return r.srv.Count("getUpdates") >= 2 })
	for _, c := range r.srv.Calls("getUpdates") {
		if got := c.Params["allowed_updates"]; got != `["message","edited_message","inline_query","callback_query","my_chat_member"]` {
			t.Errorf("got allowed_updates %s", got)
		}
	}
}

func TestTypingOnlyWhenItTakesLong(t *testing.T) {
	t.Parallel()
	r := build(t, fake(t, telegramtest.Options{}), nil)
	r.answer = func(ctx context.Context, q bot.Question) bot.Reply {
		if strings.Contains(q.Text, "slow") {
			r.srv.Wait(patience, func() bool { return r.srv.Count("sendChatAction") > 0 })
		}
		return r.guide.reply(ctx, q)
	}
	r.begin()
	chat := r.srv.Private(501)
	r.srv.Say(chat, 501, "/ask swim")
	r.await(chat, 1)
	if n := r.srv.Count("sendChatAction"); n != 0 {
		t.Errorf("got %d for a quick answer, want none", n)
	}
	r.srv.Say(chat, 501, "/ask slow swim")
	r.await(chat, 2)
	if n := r.srv.Count("sendChatAction"); n != 1 {
		t.Errorf("got %d for a slow answer, want 1", n)
	}
}

func TestRunLeavesNoGoroutineBehind(t *testing.T) { // not parallel: it counts
	before := runtime.NumGoroutine()
	srv, err := telegramtest.New(telegramtest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r := build(t, srv, nil)
	r.a.bursts.joinWithin = 0
	r.begin()
	chat := srv.Private(501)
	srv.Say(chat, 501, "can I swim?")
	r.await(chat, 1)
	r.settle()
	srv.Say(chat, 501, "and the sun") // still waiting for more when the end comes
	r.wait("the message to be fetched", func() bool {
		select {
		case <-r.a.ledger.quiet():
			return false
		default:
			return true
		}
	})
	if err := r.end(); err != nil {
		t.Error(err)
	}
	if n := len(srv.Sent(chat)); n != 2 {
		t.Errorf("got %d answers, want 2: what was gathered is asked at the end", n)
	}
	srv.Close()
	for late := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > before; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(late) {
			stacks := make([]byte, 1<<20)
			t.Fatalf("%d goroutines before, %d after:\n%s", before, runtime.NumGoroutine(), stacks[:runtime.Stack(stacks, true)])
		}
	}
}

// What cannot be delivered before the end is not confirmed, and the next
// process answers it.
func TestStoppingDuringAFloodLeavesTheQuestionToTheNextProcess(t *testing.T) {
	t.Parallel()
	srv := fake(t, telegramtest.Options{})
	r := build(t, srv, nil)
	r.a.drainFor = 300 * time.Millisecond
	r.begin()
	srv.Fail(once("sendMessage", 1, telegramtest.Fault{Status: 429, Text: "Too Many Requests: retry after 60", Retry: 60}))
	chat := srv.Private(501)
	srv.Say(chat, 501, "/ask swim")
	r.wait("the try", func() bool { return srv.Count("sendMessage") == 1 })
	if err := r.end(); err != nil {
		t.Error(err)
	}
	if n := srv.Pending(); n != 1 {
		t.Errorf("got %d updates that are not confirmed, want 1", n)
	}
	if r.meter.of("failed "+failStopping) != 1 {
		t.Errorf("got figures %v, want it counted", r.meter.n)
	}
	next := build(t, srv, nil).begin()
	next.await(chat, 1)
	next.settle()
}
