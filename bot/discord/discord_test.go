package discord

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aftercarebot/aftercare/bot/discord/discordtest"
	"github.com/aftercarebot/aftercare/bot/intake"
)

func TestAsk(t *testing.T) {
	s := start(t, set{leaks: true})
	m := s.one(s.Ask(inServer, "may I swim?"))
	if !m.Ephemeral {
		t.Error("got a public reply in a server, want a private one")
	}
	mustHold(t, m.Text(), "### Stay out of the pool", `\- no pool`, `no \*hot\* bath`, "https://example.org/a_b_c for", "reviewed 22 November 2026", aNote)
	if m.Button("Related") == "" || m.Button("Share in channel") == "" {
		t.Errorf("got buttons %v, want Related and Share in channel", m.Buttons)
	}
	if m.Button("Delete") != "" || m.Button("👍") != "" {
		t.Errorf("got buttons %v: nothing to delete, and no feedback kept", m.Buttons)
	}
	m = s.one(s.Ask(inDM, "may I swim?"))
	if m.Ephemeral || m.Button("Share in channel") != "" || m.Button("Delete") == "" {
		t.Errorf("in the chat with the bot: ephemeral %v, buttons %v", m.Ephemeral, m.Buttons)
	}
	if q := s.book.questions()[0]; q.Platform != "discord" || q.Conversation == "" || q.Text != "may I swim?" {
		t.Errorf("got question %+v", q)
	}
	if err := s.end(); err != nil {
		t.Errorf("Run returned %v, want nil", err)
	}
}

func TestMessages(t *testing.T) {
	s := start(t, set{})
	id := s.Say(inServer, discordtest.Note{Mentions: true, Content: "may I swim?"})
	m := s.answer(aChannel, 1)
	mustHold(t, m.Text(), "Stay out of the pool", aNote)
	if m.ReplyTo != id {
		t.Errorf("replied to %q, want %q", m.ReplyTo, id)
	}
	if got := s.book.questions()[0].Text; got != "may I swim?" {
		t.Errorf("got question %q, want it without the mention", got)
	}
	s.Say(inDM, discordtest.Note{Content: "the sun or pool"})
	d := s.answer(discordtest.DMOf(someone), 1)
	if d.Button("Avoid the sun") == "" {
		t.Errorf("got buttons %v, want the titles", d.Buttons)
	}
	s.Say(inServer, discordtest.Note{ReplyTo: m.ID, Content: "and a beer?"})
	mustHold(t, s.answer(aChannel, 2).Text(), "nothing about alcohol")
}

func TestSilence(t *testing.T) {
	s := start(t, set{})
	other := inServer
	other.User = "200000000000000009"
	s.Say(inServer, discordtest.Note{Content: "how long may I not swim, please?"})
	s.Say(other, discordtest.Note{Mentions: true, Content: "may I swim?", Bot: true})
	s.Say(other, discordtest.Note{Mentions: true, Content: "may I swim?", Webhook: true})
	self := inServer
	self.User = discordtest.BotID
	s.Say(self, discordtest.Note{Mentions: true, Content: "may I swim?"})
	s.Say(inServer, discordtest.Note{Mentions: true, Kind: 6}) // a pin
	id := s.Say(inServer, discordtest.Note{Mentions: true, Content: "may I swim?"})
	s.answer(aChannel, 1)
	s.Say(inServer, discordtest.Note{ID: id, Mentions: true, Content: "may I swim?"}) // once more
	s.Say(inServer, discordtest.Note{Mentions: true, Content: "hello"})
	s.answer(aChannel, 2)
	s.end()
	if n := len(s.Messages()); n != 2 {
		t.Errorf("got %d messages, want 2", n)
	}
}

func TestLongPassageIsNotCut(t *testing.T) {
	s := start(t, set{})
	for name, at := range map[string]discordtest.At{"private": inServer, "alone": inDM} {
		t.Run(name, func(t *testing.T) {
			i := s.Ask(at, "the long story")
			var all []*discordtest.Message
			for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
				if all = s.all(i); strings.Contains(all[len(all)-1].Text(), aNote) {
					break
				}
			}
			text := ""
			for _, m := range all {
				if n := units(m.Text()); n >= 2000 {
					t.Errorf("got a message of %d characters", n)
				}
				if m.Ephemeral != (at == inServer) {
					t.Errorf("ephemeral: %v", m.Ephemeral)
				}
				text += m.Text()
			}
			if got := strings.Count(text, "This is a sentence of a very long passage."); got != 150 {
				t.Errorf("got %d sentences, want 150", got)
			}
			mustHold(t, all[len(all)-1].Text(), "The end.", aNote)
			if at == inDM { // the delete button takes all parts away
				s.all(s.Click(at, all[len(all)-1], all[len(all)-1].Button("Delete")))
				for end := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
					left := 0
					for _, m := range s.Messages() {
						if m.Interaction != nil && m.Channel == all[0].Channel && !m.Deleted {
							left++
						}
					}
					if left == 0 {
						break
					}
					if time.Now().After(end) {
						t.Fatalf("%d parts left after deleting", left)
					}
				}
			}
		})
	}
}

func TestCommandsRegisteredOnlyWhenTheyDiffer(t *testing.T) {
	srv := start(t, set{})
	if !srv.WaitCommands(1, patience) {
		t.Fatal("commands not registered")
	}
	names := map[string]bool{}
	for _, c := range srv.Commands("") {
		names[c["name"].(string)] = true
	}
	for _, n := range []string{"ask", "Answer this", "topics", "help", "privacy", "forgetme", "settings"} {
		if !names[n] {
			t.Errorf("command %q not registered", n)
		}
	}
	if names["reindex"] {
		t.Error("reindex registered without admins")
	}
	srv.end()
	again, err := New(Config{Token: discordtest.Token, APIURL: srv.URL(), Guide: srv.book})
	if err != nil {
		t.Fatal(err)
	}
	changed, err := again.registerCommands(t.Context(), discordtest.ApplicationID)
	if err != nil || changed {
		t.Errorf("at the second start: changed %v, %v; want no change", changed, err)
	}
	again.cfg.Reindex = func(context.Context) (string, error) { return "", nil }
	again.cfg.Admins = []string{someone}
	if changed, err = again.registerCommands(t.Context(), discordtest.ApplicationID); err != nil || !changed {
		t.Errorf("with another command: changed %v, %v; want a change", changed, err)
	}
	again.cfg.TestGuild = aGuild
	for _, want := range []bool{true, false} {
		if changed, err = again.registerCommands(t.Context(), discordtest.ApplicationID); err != nil || changed != want {
			t.Errorf("on a test server: changed %v, %v; want %v", changed, err, want)
		}
	}
	again.rest.client.CloseIdleConnections()
}

// TestCommandsThatCouldNotBeRegisteredNeverWere wants them tried again without
// another session, which there may never be.
func TestCommandsThatCouldNotBeRegisteredNeverWere(t *testing.T) {
	for name, address := range map[string]string{"gateway": "", "HTTP": "127.0.0.1:0"} {
		t.Run(name, func(t *testing.T) {
			s := start(t, set{config: func(c *Config) { c.Interactions = address }, prepare: func(srv *discordtest.Server) {
				srv.Fail(discordtest.Fault{Method: "GET", Path: "/commands", Times: 3, Status: 403, Body: `{"code":50001,"message":"Missing Access"}`})
				srv.Fail(discordtest.Fault{Method: "PUT", Path: "/commands", Status: 403, Body: `{"code":50001,"message":"Missing Access"}`})
			}})
			if !s.WaitCommands(1, patience) {
				t.Error("commands not registered")
			}
		})
	}
}

func TestCommandsWithoutUserInstall(t *testing.T) {
	s := start(t, set{options: discordtest.Options{ServersOnly: true}})
	if !s.WaitCommands(1, patience) {
		t.Fatal("commands not registered")
	}
}

func TestDefersAndStillAnswers(t *testing.T) {
	b := newBook()
	b.delay = time.Second
	s := start(t, set{book: b, adapter: func(a *Adapter) { a.times.deferAfter = time.Millisecond }})
	for _, at := range []discordtest.At{inServer, inDM} {
		i := s.Ask(at, "may I swim?")
		m := s.one(i)
		mustHold(t, m.Text(), "Stay out of the pool")
		if i.Response != 5 || m.Ephemeral != (at == inServer) {
			t.Errorf("got response %d, ephemeral %v; want deferred, and private in a server", i.Response, m.Ephemeral)
		}
	}
}

// TestSlowDelete wants the right message gone where the click had to wait.
func TestSlowDelete(t *testing.T) {
	b := newBook()
	s := start(t, set{book: b, adapter: func(a *Adapter) { a.queue = intake.NewQueue(1, 10, 10, a.panicked) }})
	s.Say(inServer, discordtest.Note{Mentions: true, Content: "may I swim?"})
	m := s.answer(aChannel, 1)
	for _, who := range []discordtest.At{person(s, inServer), inServer} {
		b.mu.Lock()
		b.delay = 500 * time.Millisecond
		b.mu.Unlock()
		n := len(b.questions())                             // before it is asked, or the wait may be for one more that never comes
		before := s.Ask(person(s, inServer), "may I swim?") // keeps the only worker busy
		for len(b.questions()) == n {
			time.Sleep(time.Millisecond)
		}
		i := s.Click(who, m, m.Button("Delete"))
		s.one(before)
		if who != inServer {
			for end := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
				if got := s.all(i); len(got) == 1 {
					mustHold(t, got[0].Text(), "Only the person who asked")
					if !got[0].Ephemeral {
						t.Error("told in public")
					}
					break
				}
				if time.Now().After(end) {
					t.Fatal("nothing said")
				}
			}
			if s.answer(aChannel, 1).Deleted {
				t.Fatal("deleted for somebody else")
			}
			continue
		}
		for end := time.Now().Add(patience); !s.answer(aChannel, 1).Deleted; time.Sleep(5 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatal("not deleted")
			}
		}
		if i.Response != 6 {
			t.Errorf("got response %d, want a quiet one", i.Response)
		}
	}
}

func TestStopFinishesWhatWasTaken(t *testing.T) {
	b := newBook()
	b.delay = 300 * time.Millisecond
	s := start(t, set{book: b, leaks: true})
	i := s.Ask(inServer, "may I swim?")
	s.Say(inDM, discordtest.Note{Content: "may I swim?"})
	for len(b.questions()) < 1 {
		time.Sleep(time.Millisecond)
	}
	time.Sleep(20 * time.Millisecond)
	began := time.Now()
	if err := s.end(); err != nil {
		t.Errorf("Run returned %v, want nil", err)
	}
	if d := time.Since(began); d > 10*time.Second {
		t.Errorf("stopping took %v", d)
	}
	mustHold(t, s.one(i).Text(), "Stay out of the pool")
	mustHold(t, s.answer(discordtest.DMOf(someone), 1).Text(), "Stay out of the pool")
}

func TestPanicIsToldAndSurvived(t *testing.T) {
	s := start(t, set{})
	mustHold(t, s.one(s.Ask(inServer, "panic")).Text(), "something went wrong")
	s.Say(inDM, discordtest.Note{Content: "panic"})
	mustHold(t, s.answer(discordtest.DMOf(someone), 1).Text(), "something went wrong")
	mustHold(t, s.one(s.Ask(inServer, "may I swim?")).Text(), "Stay out of the pool")
}

// TestAnswersEndedAfterAnHour wants the work to last as long as the intake
// does: a timer that was meant for stopping once cut every answer off from
// the first hour on.
func TestAnswersEndedAfterAnHour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		work, ended := drain(ctx, 8*time.Second)
		time.Sleep(90 * 24 * time.Hour)
		if err := work.Err(); err != nil {
			t.Fatalf("got %v after three months, want no end", err)
		}
		stop()
		time.Sleep(7 * time.Second)
		if err := work.Err(); err != nil {
			t.Errorf("got %v before the time for finishing was over", err)
		}
		time.Sleep(2 * time.Second)
		if work.Err() == nil {
			t.Error("got no end after the time for finishing")
		}
		ended()
	})
}
