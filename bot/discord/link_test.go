package discord

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/bot/discord/discordtest"
)

// TestFatalCloseCodes wants Run to end with what the operator can do, and no
// further connection.
func TestFatalCloseCodes(t *testing.T) {
	for name, c := range map[string]struct {
		mood discordtest.Mood
		code int
		want string
	}{
		"bad token":          {discordtest.BadToken, 4004, "Reset Token"},
		"invalid intents":    {discordtest.BadIntents, 4013, "update aftercare"},
		"disallowed intents": {discordtest.NoIntents, 4014, "Message Content Intent"},
		"must shard":         {discordtest.MustShard, 4011, "--shards auto"},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, set{alone: true, prepare: func(s *discordtest.Server) { s.Moods(c.mood) }})
			select {
			case err := <-s.ended:
				s.stopped = true
				var f *Fatal
				if !errors.As(err, &f) || f.Code != c.code || !strings.Contains(err.Error(), c.want) {
					t.Errorf("got %v, want code %d and %q", err, c.code, c.want)
				}
				if strings.Contains(err.Error(), discordtest.Token) {
					t.Error("the token is in the error")
				}
			case <-time.After(patience):
				t.Fatal("Run goes on")
			}
			time.Sleep(100 * time.Millisecond)
			if n := s.Stats().Connections; n != 1 {
				t.Errorf("got %d connections, want 1", n)
			}
		})
	}
}

func TestBadTokenIsRefusedByREST(t *testing.T) {
	s := start(t, set{alone: true, config: func(c *Config) { c.Token = "wrong" }})
	select {
	case err := <-s.ended:
		s.stopped = true
		if err == nil || !strings.Contains(err.Error(), "Reset Token") {
			t.Errorf("got %v", err)
		}
	case <-time.After(patience):
		t.Fatal("Run goes on")
	}
}

// TestStartsThroughTrouble wants a connection in the end, however the first
// ones are treated.
func TestStartsThroughTrouble(t *testing.T) {
	for name, moods := range map[string][]discordtest.Mood{
		"never says hello":          {discordtest.Silent},
		"op 7 as the second packet": {discordtest.Hurried, discordtest.Hurried},
		"op 9 to identify":          {discordtest.Forgetful, discordtest.Reluctant},
		"no websocket":              {discordtest.Unreachable, discordtest.Unreachable},
		"session timed out at once": {discordtest.TimedOut},
		"goes quiet at once":        {discordtest.Zombie},
		"rubbish":                   {discordtest.Garbled},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, set{
				options: discordtest.Options{Heartbeat: 500 * time.Millisecond}, alone: true,
				adapter: func(a *Adapter) { a.times.open = time.Second },
				prepare: func(s *discordtest.Server) { s.Moods(moods...) },
			})
			want := len(moods) + 1
			if name == "rubbish" {
				want = 1 // what cannot be read is passed over
			}
			for end := time.Now().Add(patience); s.Stats().Connections < want || !s.bot.Ready(); time.Sleep(5 * time.Millisecond) {
				if time.Now().After(end) {
					t.Fatalf("not connected: %+v", s.Stats())
				}
			}
			mustHold(t, s.one(s.Ask(inServer, "may I swim?")).Text(), "Stay out of the pool")
		})
	}
}

// TestResumes wants a lost connection resumed, with what came meanwhile
// answered once.
func TestResumes(t *testing.T) {
	for name, c := range map[string]struct {
		lose      func(*discordtest.Server)
		resumed   bool
		heartbeat time.Duration
	}{
		"network lost":           {(*discordtest.Server).Drop, true, 0},
		"asked to reconnect":     {(*discordtest.Server).AskReconnect, true, 0},
		"op 9 resumable":         {func(s *discordtest.Server) { s.Invalidate(true) }, true, 0},
		"op 9 not resumable":     {func(s *discordtest.Server) { s.Invalidate(false) }, false, 0},
		"zombie":                 {(*discordtest.Server).Freeze, true, 200 * time.Millisecond},
		"4000":                   {func(s *discordtest.Server) { s.CloseWith(4000) }, true, 0},
		"4008":                   {func(s *discordtest.Server) { s.CloseWith(4008) }, true, 0},
		"1001 from the server":   {func(s *discordtest.Server) { s.CloseWith(1001) }, true, 0},
		"4009":                   {func(s *discordtest.Server) { s.CloseWith(4009) }, false, 0},
		"4007":                   {func(s *discordtest.Server) { s.CloseWith(4007) }, false, 0},
		"resumed somewhere else": {(*discordtest.Server).Drop, true, 0},
	} {
		t.Run(name, func(t *testing.T) {
			m := &counts{}
			s := start(t, set{
				options: discordtest.Options{Heartbeat: c.heartbeat, OtherGateway: name == "resumed somewhere else"},
				config:  func(cfg *Config) { cfg.Meter = m },
			})
			s.one(s.Ask(inServer, "may I swim?"))
			c.lose(s.Server)
			var missed *discordtest.Interaction
			if c.resumed {
				missed = s.Ask(inServer, "and a beer?")
			}
			for end := time.Now().Add(patience); m.reconnected.Load() < 1 || !s.bot.Ready(); time.Sleep(5 * time.Millisecond) {
				if time.Now().After(end) {
					t.Fatalf("not connected again: %+v", s.Stats())
				}
			}
			st := s.Stats()
			if got := st.Resumed > 0; got != c.resumed {
				t.Errorf("resumed: %v, want %v (%+v)", got, c.resumed, st)
			}
			if want := map[bool]int{true: 1, false: 2}[c.resumed]; st.Identifies != want {
				t.Errorf("got %d IDENTIFYs, want %d", st.Identifies, want)
			}
			if missed != nil {
				mustHold(t, s.one(missed).Text(), "alcohol")
			}
			mustHold(t, s.one(s.Ask(inServer, "may I swim?")).Text(), "Stay out of the pool")
		})
	}
}

// TestDeafAfterTheResumeAddressWentAway wants a new session where the address
// of the old one does not come back: it was once dialled for ever.
func TestDeafAfterTheResumeAddressWentAway(t *testing.T) {
	s := start(t, set{
		options: discordtest.Options{OtherGateway: true},
		adapter: func(a *Adapter) { a.times.resumable = 300 * time.Millisecond },
	})
	s.one(s.Ask(inServer, "may I swim?"))
	s.LoseOtherGateway()
	s.Drop()
	for end := time.Now().Add(patience); s.Stats().Identifies < 2 || !s.bot.Ready(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not connected again: %+v", s.Stats())
		}
	}
	mustHold(t, s.one(s.Ask(inServer, "may I swim?")).Text(), "Stay out of the pool")
}

func TestSecondDeliveryIsAnsweredOnce(t *testing.T) {
	s := start(t, set{})
	i := s.Ask(inServer, "may I swim?")
	s.Again(inServer, i)
	s.one(i)
	s.Again(inServer, i)
	late := s.Ask(inServer, "and a beer?") // arrives behind the copies
	s.one(late)
	if n := len(s.book.questions()); n != 2 {
		t.Errorf("asked %d times, want 2", n)
	}
}

// TestReorderedEventsAreAnsweredOnce also resumes afterwards, when the
// sequence number that came last is not the highest.
func TestReorderedEventsAreAnsweredOnce(t *testing.T) {
	s := start(t, set{})
	s.Swap()
	first, second := s.Ask(inServer, "may I swim?"), s.Ask(inServer, "and a beer?")
	mustHold(t, s.one(first).Text(), "Stay out of the pool")
	mustHold(t, s.one(second).Text(), "alcohol")
	s.Drop()
	mustHold(t, s.one(s.Ask(inServer, "hello")).Text(), "Hello")
	if st := s.Stats(); st.Resumed != 1 {
		t.Errorf("resumed %d times, want 1", st.Resumed)
	}
	if n := len(s.book.questions()); n != 3 {
		t.Errorf("asked %d times, want 3", n)
	}
}

// TestStopsWhileConnecting wants Run to end at once where the gateway, the
// network or the API does not answer.
func TestStopsWhileConnecting(t *testing.T) {
	hole, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer hole.Close()
	for name, o := range map[string]set{
		"silent gateway": {prepare: func(s *discordtest.Server) { s.Moods(discordtest.Silent) }},
		"api that hangs": {prepare: func(s *discordtest.Server) {
			s.Fail(discordtest.Fault{Path: "/gateway/bot", Delay: 600 * time.Millisecond})
		}},
		"api in flames": {prepare: func(s *discordtest.Server) {
			s.Fail(discordtest.Fault{Path: "/gateway/bot", Status: 500, Times: 1000})
		}},
		"gateway that is a hole": {prepare: func(s *discordtest.Server) {
			s.Fail(discordtest.Fault{Path: "/gateway/bot", Status: 200, Body: `{"url":"ws://` + hole.Addr().String() + `"}`})
		}},
		"gateway that is none": {prepare: func(s *discordtest.Server) {
			s.Fail(discordtest.Fault{Path: "/gateway/bot", Status: 200, Body: `{"url":"ftp://example.org"}`, Times: 1000})
		}},
	} {
		t.Run(name, func(t *testing.T) {
			o.alone, o.leaks = true, true
			o.adapter = func(a *Adapter) { a.times.open = time.Hour }
			s := start(t, o)
			time.Sleep(150 * time.Millisecond)
			if err := s.end(); err != nil {
				t.Errorf("Run returned %v, want nil", err)
			}
		})
	}
}

func TestShards(t *testing.T) {
	s := start(t, set{options: discordtest.Options{Shards: 3, Concurrency: 2, IdentifyEvery: 50 * time.Millisecond},
		adapter: func(a *Adapter) { a.times.identify = 60 * time.Millisecond }, leaks: true})
	for n := range uint64(3) {
		at := inServer
		at.Guild = "3" + strings.Repeat("0", 10)
		at.Guild = snowflakeOfShard(n, 3)
		mustHold(t, s.one(s.Ask(at, "may I swim?")).Text(), "Stay out of the pool")
	}
	if n := s.Stats().Identifies; n != 3 {
		t.Errorf("got %d IDENTIFYs, want 3", n)
	}
}

func TestOneShardOfSeveral(t *testing.T) {
	s := start(t, set{config: func(c *Config) { c.Shards = "1/2" }})
	at := inServer
	at.Guild = snowflakeOfShard(1, 2)
	mustHold(t, s.one(s.Ask(at, "may I swim?")).Text(), "Stay out of the pool")
	at.Guild = snowflakeOfShard(0, 2)
	if i := s.Ask(at, "may I swim?"); !i.Lost {
		t.Error("shard 0 is served too")
	}
}

func snowflakeOfShard(shard, shards uint64) string {
	n := uint64(300000000000000000)>>22/shards*shards + shard
	return itoa(n << 22)
}

func TestStartsAreRationed(t *testing.T) {
	asked := 0
	st := newStarts(func(context.Context) (gatewayInfo, error) {
		asked++
		info := gatewayInfo{URL: "ws://127.0.0.1:1"}
		info.Limit.Total, info.Limit.Remaining, info.Limit.ResetAfter = 1000, 2, 60
		if asked > 1 {
			info.Limit.Remaining = 100
		}
		return info, nil
	}, time.Millisecond, testLog(t))
	began := time.Now()
	for range 3 {
		if err := st.wait(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
	}
	if d := time.Since(began); d < 50*time.Millisecond || asked != 2 {
		t.Errorf("third start after %v with %d questions; want it to wait for the limit's reset and ask again", d, asked)
	}
}

// TestNoStartsLeftAndNoTimeNamed wants Discord asked now and then, not
// without pause, where it has no start to give and does not say until when.
func TestNoStartsLeftAndNoTimeNamed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		st := newStarts(func(context.Context) (gatewayInfo, error) {
			asked++
			info := gatewayInfo{URL: "ws://127.0.0.1:1"}
			info.Limit.Total = 1000
			return info, nil
		}, 5*time.Second, testLog(t))
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := st.wait(ctx, 0); err == nil {
			t.Error("got leave to identify, want none")
		}
		if asked > 13 {
			t.Errorf("asked %d times in a minute, want one in five seconds", asked)
		}
	})
}

// TestRawEvents wants an answer where a field that is not needed has a form
// that nobody knows.
func TestRawEvents(t *testing.T) {
	s := start(t, set{})
	s.Say(inServer, discordtest.Note{Mentions: true, Content: "may I swim?", Extra: map[string]any{
		"components": []any{map[string]any{"type": 18, "component": map[string]any{"type": 20}}}, "member": map[string]any{"roles": []any{map[string]any{"id": 1}}},
		"sticker_items": "none", "flags": "0",
	}})
	mustHold(t, s.answer(aChannel, 1).Text(), "Stay out of the pool")
	for _, broken := range []any{nil, 7, "text", []any{}, map[string]any{}, map[string]any{"id": "1", "channel_id": "2"}, map[string]any{"id": map[string]any{}, "author": 3}} {
		s.Event("", "MESSAGE_CREATE", broken)
		s.Event("", "INTERACTION_CREATE", broken)
		s.Event("", "NEWS_OF_TOMORROW", broken)
	}
	mustHold(t, s.one(s.Ask(inServer, "may I swim?")).Text(), "Stay out of the pool")
}

var _ bot.Meter = (*counts)(nil)
