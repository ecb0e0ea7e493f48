package discord

import (
	"context"
	"strconv"
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

// full is a bot whose only worker for commands is busy until the test ends,
// and whose queue of them is full.
func full(t *testing.T, adapter func(*Adapter)) (*stage, *counts) {
	t.Helper()
	hold, held := make(chan bool), make(chan bool, 10)
	b, m := newBook(), &counts{}
	s := start(t, set{book: b,
		config: func(c *Config) { c.Meter = m },
		adapter: func(a *Adapter) {
			a.queue = intake.NewQueue(1, 1, 1, a.panicked)
			adapter(a)
		},
		answer: func(ctx context.Context, q bot.Question) bot.Reply {
			if strings.Contains(q.Text, "wait") {
				held <- true
				<-hold
			}
			return b.answer(ctx, q)
		}})
	t.Cleanup(func() { close(hold) })
	s.Ask(person(s, inServer), "please wait")
	until(t, "one at work", func() bool { return len(held) == 1 })
	s.Ask(person(s, inServer), "please wait")
	until(t, "and one waiting", func() bool { return s.bot.queue.Depth() == 1 })
	return s, m
}

func (c *counts) count(reason string) int { c.mu.Lock(); defer c.mu.Unlock(); return c.dropped[reason] }

// until waits until something holds.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: did not come", what)
		}
	}
}

// Where there is no room for a command, somebody in danger is not told to try
// again later.
func TestADangerSignInACommandWithoutRoom(t *testing.T) {
	s, m := full(t, func(*Adapter) {})
	who := person(s, inServer)
	mustHold(t, s.one(s.Ask(who, "may I swim?")).Text(), "try again in a minute")
	for range 2 {
		mustHold(t, s.one(s.Ask(who, "I cannot breathe")).Text(), "Get help now")
	}
	mustHold(t, s.one(s.Ask(who, "I cannot breathe")).Text(), "try again in a minute") // twice a minute is enough
	mustHold(t, s.one(s.AnswerThis(person(s, inServer), s.NewID(), discordtest.Note{Content: "my sister cannot breathe"})).Text(), "Get help now")
	if got := m.count(dropFull); got != 2 {
		t.Errorf("%d are counted as told to try again, want 2", got)
	}
}

// A danger sign gets its card even where nobody can be told any more that
// there is no room; also one with many others.
func TestADangerSignBeyondTheExcuses(t *testing.T) {
	s, m := full(t, func(a *Adapter) { a.excuses = intake.NewQueue(1, 0, 0, a.panicked) })
	var inDanger []*discordtest.Interaction
	const people = 200
	for i := range people {
		if i%10 == 0 {
			inDanger = append(inDanger, s.Ask(person(s, inServer), "I cannot breathe"))
		} else {
			s.Ask(person(s, inServer), "may I swim?")
		}
	}
	for _, i := range inDanger {
		mustHold(t, s.one(i).Text(), "Get help now")
	}
	until(t, "the rest", func() bool { return m.count(dropFullUntold) == people-len(inDanger) })
	if len(m.dropped) != 1 {
		t.Errorf("counted besides: %v", m.dropped)
	}
}

// What is beyond even that is counted under names of its own.
func TestDangerSignsBeyondTheirRoomAreCounted(t *testing.T) {
	for reason, adapter := range map[string]func(*Adapter){
		dropNoCard: func(a *Adapter) {
			a.alarms, a.cards = intake.NewQueue(1, 0, 0, a.panicked), intake.NewQueue(1, 0, 0, a.panicked)
		},
		dropUnseen: func(a *Adapter) { a.lookout = intake.NewLookout(newBook(), 0, a.panicked) },
	} {
		t.Run(reason, func(t *testing.T) {
			s, m := full(t, func(a *Adapter) {
				adapter(a)
				a.messages = intake.NewQueue(1, 0, 0, a.panicked)
			})
			mustHold(t, s.one(s.Ask(person(s, inServer), "I cannot breathe")).Text(), "If this is an emergency, do not wait for me")
			s.Say(person(s, inDM), discordtest.Note{Content: "I cannot breathe"})
			until(t, "the message", func() bool { return m.count(reason) == 2 })
			if len(m.dropped) != 1 {
				t.Errorf("counted besides: %v", m.dropped)
			}
		})
	}
}

// Channels that Discord lets nothing be written to must not keep a danger sign
// elsewhere from being seen.
func TestDangerSignsDoNotWaitForOneAnother(t *testing.T) {
	s := start(t, set{anyBody: true, problems: true,
		adapter: func(a *Adapter) { unpaced(a); a.messages = intake.NewQueue(1, 0, 0, a.panicked) }})
	s.Fail(discordtest.Fault{Method: "POST", Path: "/channels/" + aChannel + "/messages", Times: 1000, Status: 429,
		Header: map[string]string{"Retry-After": "3600"}, Body: `{"message":"You are being rate limited.","retry_after":90.0,"global":false}`})
	for range 12 {
		s.Say(person(s, inServer), discordtest.Note{Mentions: true, Content: "I cannot breathe"})
	}
	at := person(s, inServer)
	at.Channel = s.NewID()
	s.Say(at, discordtest.Note{Mentions: true, Content: "I cannot breathe"})
	mustHold(t, s.answer(at.Channel, 1).Text(), "Get help now")
}

// What people write to each other does not take the room of what is for the bot.
func TestTalkLeavesRoomForQuestions(t *testing.T) {
	m := &counts{}
	a, err := New(Config{Token: discordtest.Token, Guide: newBook(), Meter: m, MessageContent: true, Settings: &shelf{}})
	if err != nil {
		t.Fatal(err)
	}
	a.me.Store(&identity{User: "1", Application: "1"})
	text := "When may I go swimming in the pool again?"
	say := func(n int, guild id) { // to an adapter that does not run, so that all of it waits
		at := id(strconv.Itoa(n))
		a.takeMessage(&message{ID: at, Channel: at, Guild: guild, written: written{Content: text}, Author: lenient[user]{v: user{ID: at}}})
	}
	for n := range messagesMost {
		say(1000+n, aGuild)
	}
	if got, want := a.messages.Depth(), messagesMost/2; got != want || m.dropped[dropFullUntold] != messagesMost-want {
		t.Errorf("%d wait and %d are counted, want %d and %d", got, m.dropped[dropFullUntold], want, messagesMost-want)
	}
	for n := range messagesMost / 2 {
		say(2000+n, "")
	}
	if got := a.messages.Depth(); got != messagesMost {
		t.Errorf("%d wait, want %d", got, messagesMost)
	}
	text = "What should I do when I cannot breathe?"
	for n := range cardsMost {
		say(3000+n, aGuild)
	}
	if got, want := a.cards.Depth(), cardsMost/2; got != want || m.dropped[dropNoCard] != cardsMost-want {
		t.Errorf("%d cards wait and %d are counted, want %d and %d", got, m.dropped[dropNoCard], want, cardsMost-want)
	}
	for n := range cardsMost / 2 {
		say(4000+n, "")
	}
	if got := a.cards.Depth(); got != cardsMost {
		t.Errorf("%d cards wait, want %d", got, cardsMost)
	}
}
