package telegram

import (
	"context"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/bot/intake"
	"github.com/aftercarebot/aftercare/bot/telegram/telegramtest"
)

// An edit that there was no room for was once never confirmed: polling went
// on at its busiest pace for ever.
func TestAnEditWithoutRoomIsConfirmed(t *testing.T) {
	r := build(t, fake(t, telegramtest.Options{}), nil)
	goOn, atWork := make(chan bool), make(chan bool, chatLimit+1)
	r.answer = func(ctx context.Context, q bot.Question) bot.Reply {
		atWork <- true
		<-goOn
		return r.guide.reply(ctx, q)
	}
	t.Parallel()
	r.begin()
	chat := r.srv.Private(501)
	ids := []int{r.srv.Say(chat, 501, "/ask swim")}
	<-atWork
	for range chatLimit {
		ids = append(ids, r.srv.Say(chat, 501, "/ask swim"))
	}
	r.wait("a full queue", func() bool { return r.a.queue.Depth() == chatLimit })
	r.srv.Edit(chat, 501, ids[0], "/ask sun")
	r.wait("the edit", func() bool { return r.meter.of("dropped "+dropQueue) == 1 })
	close(goOn)
	r.await(chat, chatLimit+1)
	r.wait("rest", func() bool {
		select {
		case <-r.a.ledger.quiet():
			return true
		default:
			return false
		}
	})
	r.settle()
}

// While there is no room for questions, those who pause in mid-sentence were
// once waited for without end.
func TestPeopleWhoPauseAreBounded(t *testing.T) {
	room := false
	asked := 0
	b := newBursts(func(question) bool {
		if room {
			asked++
		}
		return room
	})
	b.close() // no timers
	b.closed = false
	took := 0
	for i := range 2 * openMost {
		if b.add(question{chat: int64(i), user: 1, pieces: []piece{{1, "my cheeks"}}}) {
			took++
		}
	}
	b.mu.Lock()
	if took != openMost || len(b.open) != openMost {
		t.Errorf("took %d and waits for %d, want %d", took, len(b.open), openMost)
	}
	room = true
	b.mu.Unlock()
	b.close()
	if asked != openMost {
		t.Errorf("asked %d in the end, want %d", asked, openMost)
	}
}

// One chat that Telegram does not let us answer must not keep the others
// from being heard: a poll brings a hundred updates from the first that is
// not confirmed on.
func TestOneChatDoesNotHoldUpTheOthers(t *testing.T) {
	r := build(t, fake(t, telegramtest.Options{}), nil)
	t.Parallel()
	stuck := r.srv.Private(501)
	r.a.ledger.hold, r.a.ledger.crowded, r.a.drainFor = time.Hour, 10*time.Millisecond, 50*time.Millisecond
	r.srv.Fail(func(method string, p map[string]string) telegramtest.Fault {
		if p["chat_id"] == strconv.FormatInt(stuck, 10) {
			return telegramtest.Fault{Delay: patience}
		}
		return telegramtest.Fault{}
	})
	r.begin()
	r.srv.Say(stuck, 501, "/ask swim")
	for i := range int64(3 * pollLimit) {
		r.srv.Say(r.srv.Private(1000+i), 1000+i, "/ask swim")
	}
	for i := range int64(3 * pollLimit) {
		r.await(1000+i, 1)
	}
	if n := len(r.srv.Sent(stuck)); n != 0 {
		t.Errorf("got %d answers where none can be", n)
	}
}

// What waited too long because too much is asked is counted, and never passed
// over if it speaks of a danger sign. What was written while we did not
// listen is answered, however old.
func TestTooManyQuestions(t *testing.T) {
	for name, away := range map[string]bool{"while listening": false, "while away": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := build(t, fake(t, telegramtest.Options{}), nil)
			asked, goOn := make(chan bool), make(chan bool)
			r.answer = func(ctx context.Context, q bot.Question) bot.Reply {
				if strings.Contains(q.Text, "first") {
					close(asked)
					<-goOn
				}
				return r.guide.reply(ctx, q)
			}
			r.a.behind = -time.Hour // all that the test says is late, if it can be
			r.begin()
			r.srv.Say(r.srv.Private(999), 999, "/ask first swim")
			<-asked                                    // from here on a poll is full once there are 99 more
			const people, illEvery = 10 * pollLimit, 4 // so many ill that all of them fit into alarmsMost
			ill := func(i int64) bool { return i%illEvery == 0 }
			for i := range int64(people) {
				user := 1000 + i
				text, date := "/ask swim", time.Now().Add(time.Minute).Unix()
				if ill(i) {
					text = "/ask I cannot breathe"
				}
				if away {
					date = time.Now().Add(-time.Hour).Unix()
				}
				r.srv.SayWith(r.srv.Private(user), user, telegramtest.Map{"text": text, "date": date})
			}
			late := func() int { return r.meter.of("dropped " + dropLate) }
			if !away {
				r.wait("late ones", func() bool { return late() > 0 })
			}
			close(goOn)
			r.settle()
			for i := range int64(people) {
				if ill(i) {
					contains(t, r.last(1000+i, 1).Parsed, "Get help now")
				}
			}
			count := func() (answered, told int) {
				for i := range int64(people) {
					sent := r.srv.Sent(1000 + i)
					if len(sent) > 1 {
						t.Errorf("%d replies to one question", len(sent))
					}
					for _, m := range sent {
						if m.Parsed == sayBusy {
							told++
						} else {
							answered++
						}
					}
				}
				return answered, told
			}
			r.wait("everything", func() bool {
				answered, told := count()
				return answered+late() == people && told >= min(late(), 1)
			})
			answered, told := count()
			if away && answered != people || !away && (answered == people || told == 0) {
				t.Errorf("%d answered, %d told to try again, %d late", answered, told, late())
			}
			if overlooked := r.meter.of("dropped "+dropNoCard) + r.meter.of("dropped "+dropUnseen); overlooked > 0 {
				t.Errorf("%d are counted as overlooked", overlooked)
			}
		})
	}
}

// Only where others ask too much is anybody late: not behind what was written
// while we did not listen, however long it takes to catch up on that.
func TestLate(t *testing.T) {
	a, err := New(Config{Token: telegramtest.DefaultToken, Guide: &guide{}})
	if err != nil {
		t.Fatal(err)
	}
	began := time.Unix(1_000_000, 0)
	at := func(s int) time.Time { return began.Add(time.Duration(s) * time.Second) }
	p := &poller{Adapter: a, rush: at(0), since: at(0)} // ten seconds is behindMost
	for _, step := range []struct {
		what         string
		written, now int
		want         bool
	}{
		{"just before it", -1, 5, false},
		{"within it, at once", 1, 2, false},
		{"within it, ten seconds ago", 1, 11, false},
		{"longer ago", 2, 13, true},
		{"just before the rush, and delivered only now", -1, 20, false},
		{"while that was caught up on", 5, 20, true},
		{"long before the rush, and delivered only now", -3600, 20, false},
		{"while this was caught up on", 1, 21, false},
		{"as long ago as that", 20, 40, false},
		{"later, and too long ago", 21, 40, true},
	} {
		if got := p.late(&message{Date: at(step.written).Unix()}, at(step.now)); got != step.want {
			t.Errorf("%s: got %v, want %v", step.what, got, step.want)
		}
	}
	if p.late(&message{Date: at(21).Unix()}, time.Time{}) {
		t.Error("late by a server that does not say what time it is")
	}
}

// Somebody in danger is heard where the chat is full, and where others who
// are in danger cannot be written to.
func TestDangerBeyondTheQueue(t *testing.T) {
	r := build(t, fake(t, telegramtest.Options{}), nil)
	goOn := make(chan bool)
	var atWork atomic.Int64
	defer close(goOn)
	r.answer = func(ctx context.Context, q bot.Question) bot.Reply {
		if strings.Contains(q.Text, "swim") && !q.Draft {
			atWork.Add(1)
			select {
			case <-goOn:
			case <-ctx.Done():
			}
		}
		return r.guide.reply(ctx, q)
	}
	t.Parallel()
	r.a.drainFor, r.a.ledger.hold = 50*time.Millisecond, time.Millisecond
	const free, stuck, person = -900, 12, 501
	r.srv.Fail(func(method string, p map[string]string) telegramtest.Fault {
		if id, _ := strconv.Atoi(p["chat_id"]); id < 0 && id != free && method == "sendMessage" {
			return telegramtest.Fault{Delay: patience}
		}
		return telegramtest.Fault{}
	})
	r.begin()
	full := int64(0)
	fill := func(group int64) {
		full++
		r.srv.Group(group)
		r.srv.Say(group, person, "/ask swim")
		r.wait("a question in work", func() bool { return atWork.Load() == full })
		for range chatLimit {
			r.srv.Say(group, person, "/ask swim")
		}
		r.wait("a full chat", func() bool { return r.a.queue.Depth() == int(full)*chatLimit })
	}
	for group := range int64(stuck) {
		fill(-1 - group)
		r.srv.Say(-1-group, person, "/ask I cannot breathe")
	}
	fill(free)
	r.srv.Say(free, person+1, "/ask I cannot breathe")
	contains(t, r.last(free, 1).Parsed, "Get help now")
}

// What is beyond the room for cards, or beyond what may be looked at, is
// counted under names of its own, and in the log.
func TestDangerSignsBeyondTheirRoomAreCounted(t *testing.T) {
	for reason, narrow := range map[string]func(*Adapter){
		dropNoCard: func(a *Adapter) { a.alarms = intake.NewQueue(1, 0, 0, a.panicked) },
		dropUnseen: func(a *Adapter) { a.lookout = intake.NewLookout(&guide{}, 0, a.panicked) },
	} {
		t.Run(reason, func(t *testing.T) {
			r := build(t, fake(t, telegramtest.Options{}), nil)
			t.Parallel()
			narrow(r.a)
			r.a.queue = intake.NewQueue(1, queueLimit, 0, r.a.panicked) // no chat has room
			r.begin()
			r.srv.Say(r.srv.Private(501), 501, "/ask I cannot breathe")
			r.wait("the message", func() bool { return r.meter.of("dropped "+reason) == 1 })
			if n := r.meter.of("dropped " + dropQueue); n != 0 {
				t.Errorf("%d counted besides", n)
			}
			contains(t, r.logs.String(), "a danger sign may have got no safety card")
			if strings.Contains(r.logs.String(), "breathe") {
				t.Error("the question is in the log")
			}
		})
	}
}

// An edit into a danger sign is seen where its chat has no room.
func TestADangerousEditWithoutRoom(t *testing.T) {
	r := build(t, fake(t, telegramtest.Options{}), nil)
	goOn, atWork := make(chan bool), make(chan bool, chatLimit+2)
	r.answer = func(ctx context.Context, q bot.Question) bot.Reply {
		if strings.Contains(q.Text, "swim") {
			atWork <- true
			<-goOn
		}
		return r.guide.reply(ctx, q)
	}
	t.Parallel()
	r.begin()
	const group, person = -900, 501
	r.srv.Group(group)
	id := r.srv.Say(group, person, "/ask swim")
	<-atWork
	for range chatLimit {
		r.srv.Say(group, person, "/ask swim")
	}
	r.wait("a full queue", func() bool { return r.a.queue.Depth() == chatLimit })
	r.srv.Edit(group, person, id, "/ask I cannot breathe")
	contains(t, r.last(group, 1).Parsed, "Get help now")
	close(goOn)
}
