package telegram

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aftercarebot/aftercare/bot/intake"
	"github.com/aftercarebot/aftercare/bot/telegram/telegramtest"
)

// impatient makes an adapter that gives up at once, save in an outage.
func impatient(t *testing.T) *rig {
	t.Helper()
	t.Parallel()
	r := build(t, fake(t, telegramtest.Options{}), nil)
	r.a.outage.transient, r.a.outage.flood = time.Millisecond, 50*time.Millisecond
	r.a.ledger.hold, r.a.ledger.crowded = time.Millisecond, time.Millisecond
	return r
}

// refuse lets no message through, or none to one chat.
func refuse(f telegramtest.Fault, chat string) func(string, map[string]string) telegramtest.Fault {
	return func(method string, p map[string]string) telegramtest.Fault {
		if method == "sendMessage" && (chat == "" || chat == p["chat_id"]) {
			return f
		}
		return telegramtest.Fault{}
	}
}

// While Telegram took no messages for a minute, or told us to be silent for
// longer than three, questions were once confirmed and lost.
func TestAnOutageLosesNothing(t *testing.T) {
	for name, f := range map[string]telegramtest.Fault{
		"502":             {Status: 502, Page: "<html>"},
		"connection lost": {Drop: true},
		"429":             {Status: 429, Text: "Too Many Requests: retry after 1", Retry: 1},
	} {
		t.Run(name, func(t *testing.T) {
			r := impatient(t)
			r.srv.Fail(refuse(f, ""))
			r.begin()
			one, two := r.srv.Private(501), r.srv.Private(502)
			r.srv.Say(one, 501, "/ask swim")
			r.srv.Say(two, 502, "/ask swim")
			r.wait("tries", func() bool { return r.srv.Count("sendMessage") >= 5 })
			polls := r.srv.Count("getUpdates")
			r.wait("polls", func() bool { return r.srv.Count("getUpdates") > polls+2 })
			if n := r.srv.Pending(); n != 2 {
				t.Errorf("got %d updates that are not confirmed, want 2", n)
			}
			contains(t, r.logs.String(), "telegram takes no messages")
			r.srv.Fail(nil)
			r.await(one, 1)
			r.await(two, 1)
			r.settle()
			if n := r.meter.of("failed "+failUnreachable) + r.meter.of("failed "+failFlood); n != 0 {
				t.Errorf("got %d counted as not delivered, want none", n)
			}
		})
	}
}

// One chat that takes no messages is no outage once another one does.
func TestOneChatIsNoOutage(t *testing.T) {
	r := impatient(t)
	r.srv.Fail(refuse(telegramtest.Fault{Status: 500, Text: "Internal Server Error"}, "501"))
	r.begin()
	r.srv.Say(r.srv.Private(501), 501, "/ask swim")
	r.wait("tries", func() bool { return r.srv.Count("sendMessage") >= 2 })
	r.srv.Say(r.srv.Private(502), 502, "/ask swim")
	r.await(502, 1)
	r.wait("the end of it", func() bool { return r.meter.of("failed "+failUnreachable) == 1 })
	r.settle()
}

// What was written in an outage is not late when it is over, though others
// wrote more than a poll brings.
func TestNobodyIsLateAfterAnOutage(t *testing.T) {
	r := impatient(t)
	r.a.ledger.hold = time.Hour
	var over atomic.Bool
	r.srv.Fail(func(method string, p map[string]string) telegramtest.Fault {
		if method == "sendMessage" && !over.Load() {
			return telegramtest.Fault{Status: 502, Page: "<html>"}
		}
		return telegramtest.Fault{}
	})
	r.a.behind = 0
	r.begin()
	say := func(first, n int64, date time.Time) {
		for user := first; user < first+n; user++ {
			r.srv.SayWith(r.srv.Private(user), user, telegramtest.Map{"text": "/ask swim", "date": date.Unix()})
		}
	}
	say(999, 1, time.Now())
	r.wait("the outage", func() bool { return r.a.outage.lasts(0) })
	say(1000, pollLimit, time.Now())
	polls, later := r.srv.Count("getUpdates"), time.Now().Add(2*time.Second)
	say(2000, pollLimit, later)
	r.wait("polls in the outage, and its end", func() bool {
		return r.srv.Count("getUpdates") > polls+3 && time.Now().After(later.Add(time.Second))
	})
	over.Store(true)
	for user := range int64(pollLimit) {
		if m := r.last(2000+user, 1); !strings.Contains(m.Parsed, "Do not swim") {
			t.Fatalf("got %q, want the answer", m.Parsed)
		}
	}
	r.settle()
}

func TestWhatAnOutageIs(t *testing.T) {
	o := newOutage()
	clock := time.Unix(1_000_000, 0)
	o.now = func() time.Time { return clock }
	var last time.Time
	step := func(what string, do func(), lasts, own bool) {
		t.Helper()
		clock = clock.Add(time.Minute)
		do()
		if o.lasts(0) != lasts {
			t.Errorf("%s: an outage: %v, want %v", what, !lasts, lasts)
		}
		if !lasts {
			return
		}
		var got bool
		if got, last = o.failed(last); got != own {
			t.Errorf("%s: the message's own trouble: %v, want %v", what, got, own)
		}
	}
	fail := func() { o.failed(time.Time{}) } // another message
	step("before anything is sent", func() {}, false, false)
	step("another message fails", fail, true, false)
	step("this one does again", func() {}, true, false)
	step("a message is taken", o.taken, false, false)
	step("another one fails", fail, true, true)
	step("nothing was taken since", func() {}, true, false)
	if o.lasts(time.Hour) {
		t.Error("older than it is")
	}
	clock = clock.Add(outageMost)
	step("after half a day", func() {}, false, false)
	if own, _ := o.failed(last); !own {
		t.Error("waited out for ever")
	}
}

// What was confirmed while it waited is lost at a stop, and was once counted
// as if the next process would answer it.
func TestWhatIsLostAtAStopIsCounted(t *testing.T) {
	silence := telegramtest.Fault{Status: 429, Text: "Too Many Requests: retry after 60", Retry: 60}
	t.Run("polling", func(t *testing.T) {
		r := impatient(t)
		r.a.outage.flood, r.a.drainFor = time.Hour, time.Millisecond
		r.srv.Fail(refuse(silence, "501"))
		r.begin()
		r.srv.Say(r.srv.Private(501), 501, "/ask swim")
		r.wait("the try", func() bool { return r.srv.Count("sendMessage") == 1 })
		r.srv.Say(r.srv.Private(502), 502, "/ask swim") // taken, so there is no outage
		r.settle()
		_ = r.end()
		if n := r.meter.of("failed " + failLost); n != 1 {
			t.Errorf("got %d counted as lost, want 1", n)
		}
		contains(t, r.logs.String(), "questions lost")
	})
	t.Run("webhook", func(t *testing.T) {
		t.Parallel()
		srv := fake(t, telegramtest.Options{})
		r := startWebhook(t, srv)
		r.a.drainFor = time.Millisecond
		srv.Fail(refuse(silence, ""))
		srv.Say(srv.Private(501), 501, "/ask swim")
		r.deliver()
		r.wait("the try", func() bool { return srv.Count("sendMessage") == 1 })
		_ = r.end()
		if n := r.meter.of("failed " + failLost); n != 1 {
			t.Errorf("got %d counted as lost, want 1", n)
		}
	})
}

// Where there is not the time to answer all who wait at a stop, those who speak
// of a danger sign come first.
func TestDangerSignsComeFirstAtAStop(t *testing.T) {
	t.Parallel()
	r := build(t, fake(t, telegramtest.Options{}), nil)
	r.a.queue = intake.NewQueue(1, queueLimit, chatLimit, r.a.panicked)
	r.a.last = intake.NewQueue(1, queueLimit, chatLimit, r.a.panicked)
	atWork, goOn := r.hold()
	r.begin()
	var order []string
	r.srv.Watch(func(m telegramtest.Message) { order = append(order, m.Parsed) })
	r.srv.Say(r.srv.Private(501), 501, "/ask wait")
	<-atWork
	for user := range int64(5) {
		r.srv.Say(r.srv.Private(600+user), 600+user, "/ask swim")
	}
	r.srv.Say(r.srv.Private(502), 502, "/ask I cannot breathe")
	r.wait("all of them", func() bool { return r.a.queue.Depth() == 6 })
	r.endHeld(goOn)
	if len(order) != 7 || !strings.Contains(order[1], "Get help now") {
		t.Errorf("got %d messages, %q, want all 7, and the card right after what was in work", len(order), order)
	}
	if n := r.srv.Pending(); n != 0 {
		t.Errorf("got %d that are not confirmed, want none", n)
	}
}

// A chat that must wait keeps no other from being answered at a stop, and what
// is cut short is counted once.
func TestAChatThatMustWaitHoldsNobodyUpAtAStop(t *testing.T) {
	t.Parallel()
	srv := fake(t, telegramtest.Options{})
	r := buildWebhook(t, srv)
	_, goOn := r.hold()
	r.begin()
	srv.Fail(refuse(telegramtest.Fault{Status: 429, Text: "Too Many Requests: retry after 60", Retry: 60}, "501"))
	stuck, free := srv.Private(501), srv.Private(502)
	for _, m := range []struct {
		chat int64
		text string
	}{{stuck, "/ask swim"}, {stuck, "/ask sun"}, {stuck, "/ask sun"}, {free, "/ask wait"}, {free, "/ask swim"}, {free, "/ask sun"}} {
		srv.Say(m.chat, m.chat, m.text)
		r.deliver()
	}
	r.wait("all of them", func() bool { return srv.Count("sendMessage") == 1 && r.a.queue.Depth() == 4 })
	r.endHeld(goOn)
	if n := len(srv.Sent(free)); n != 3 {
		t.Errorf("got %d answers, want all 3", n)
	}
	if n := r.meter.of("failed " + failLost); n != 3 {
		t.Errorf("got %d counted as lost, want 3", n)
	}
}

// As many questions as one poll gives, of chats that cannot be written to, once
// made the bot deaf to everybody else for as long as an outage is waited out.
func TestFewChatsThatCannotBeWrittenToLeaveTheBotNotDeaf(t *testing.T) {
	r := impatient(t)
	r.a.ledger.hold = 500 * time.Millisecond
	bad := telegramtest.Fault{Status: 502, Page: "<html>"}
	r.srv.Fail(func(method string, p map[string]string) telegramtest.Fault {
		if one := refuse(bad, "-1")(method, p); one.Status != 0 {
			return one
		}
		return refuse(bad, "-2")(method, p)
	})
	r.begin()
	for group := range int64(2) {
		r.srv.Group(-1 - group)
		for range chatLimit + 1 {
			r.srv.Say(-1-group, 501, "/ask swim")
		}
	}
	r.wait("a poll of nothing else", func() bool { return r.a.outage.lasts(0) && r.a.queue.Depth() >= 2*chatLimit-2 })
	chat := r.srv.Private(502)
	r.srv.Say(chat, 502, "I cannot breathe")
	if !r.srv.Wait(20*time.Second, func() bool { return len(r.srv.Sent(chat)) > 0 }) {
		t.Error("no safety card")
	}
}

// An edit into a danger sign, of a question that has to wait at a stop, is answered.
func TestADangerousEditAtAStop(t *testing.T) {
	t.Parallel()
	srv := fake(t, telegramtest.Options{})
	r := buildWebhook(t, srv)
	_, goOn := r.hold()
	r.begin()
	chat := srv.Private(501)
	srv.Say(chat, 501, "/ask wait")
	r.deliver()
	id := srv.Say(chat, 501, "/ask swim")
	r.deliver()
	srv.Edit(chat, 501, id, "/ask I cannot breathe")
	r.deliver()
	r.wait("both", func() bool { return r.a.queue.Depth() == 2 })
	r.endHeld(goOn)
	card := false
	for _, m := range srv.Sent(chat) {
		card = card || strings.Contains(m.Parsed, "Get help now")
	}
	if !card {
		t.Errorf("no card among %d messages, %d lost", len(srv.Sent(chat)), r.meter.of("failed "+failLost))
	}
}
