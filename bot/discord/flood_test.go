package discord

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/bot/discord/discordtest"
	"github.com/aftercarebot/aftercare/bot/intake"
)

// Messages go out at 40 a second at the most. Commands, which have no such
// limit, once stood in one queue with them.
func TestMessagesDoNotKeepCommandsWaiting(t *testing.T) {
	// Problems are not looked at: where the processor is short, requests bunch up beyond 50 a second.
	s := start(t, set{adapter: unpaced, anyBody: true, problems: true})
	for range 2 * messagesMost {
		s.Say(person(s, inDM), discordtest.Note{Content: "may I swim?"})
	}
	mustHold(t, s.one(s.Ask(person(s, inServer), "may I swim?")).Text(), "Stay out of the pool")
	if n := len(s.Messages()); n > messagesMost+100 {
		t.Errorf("%d messages had been sent before the command was answered", n)
	}
}

// A message that there is no room for is counted, and not passed over if it
// speaks of a danger sign.
func TestAMessageWithoutRoom(t *testing.T) {
	m, hold := &counts{}, make(chan bool)
	b := newBook()
	s := start(t, set{book: b, config: func(c *Config) { c.Meter = m },
		adapter: func(a *Adapter) { a.messages = intake.NewQueue(1, 1, 1, a.panicked) },
		answer: func(ctx context.Context, q bot.Question) bot.Reply {
			if strings.Contains(q.Text, "wait") {
				<-hold
			}
			return b.answer(ctx, q)
		}})
	defer close(hold)
	s.Say(person(s, inDM), discordtest.Note{Content: "wait"}) // keeps the only worker busy
	dropped := func() int { m.mu.Lock(); defer m.mu.Unlock(); return m.dropped[dropFullUntold] }
	for end := time.Now().Add(patience); dropped() < 20; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("nothing dropped")
		}
		s.Say(person(s, inDM), discordtest.Note{Content: "may I swim?"})
	}
	who := person(s, inDM)
	s.Say(who, discordtest.Note{Content: "I cannot breathe"})
	mustHold(t, s.answer(discordtest.DMOf(who.User), 1).Text(), "Get help now")
	if n := len(s.Messages()); n != 1 {
		t.Errorf("got %d messages, want the card alone", n)
	}
}

// A channel that Discord lets nothing be written to for a while must not keep
// the others waiting.
func TestOneChannelDoesNotHoldUpTheOthers(t *testing.T) {
	s := start(t, set{adapter: unpaced, anyBody: true, problems: true})
	raided := inServer
	s.Fail(discordtest.Fault{Method: "POST", Path: "/channels/" + aChannel + "/messages", Times: 1000, Status: 429,
		Header: map[string]string{"Retry-After": "3600"}, Body: `{"message":"You are being rate limited.","retry_after":90.0,"global":false}`})
	for range 30 {
		raided.User = s.NewID()
		s.Say(raided, discordtest.Note{Mentions: true, Content: "may I swim?"})
	}
	for range 30 {
		at := person(s, inServer)
		at.Channel = s.NewID()
		s.Say(at, discordtest.Note{Mentions: true, Content: "may I swim?"})
		mustHold(t, s.answer(at.Channel, 1).Text(), "Stay out of the pool")
	}
	if m, _ := s.Answers(aChannel, 1, time.Millisecond); len(m) != 0 {
		t.Errorf("got %d answers where none can be", len(m))
	}
}
