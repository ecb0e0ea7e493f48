package discord

import (
	"context"
	"errors"
	"maps"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/bot/discord/discordtest"
	"github.com/aftercarebot/aftercare/bot/intake"
	"github.com/aftercarebot/aftercare/knowledge"
)

// shelf is a Settings in memory.
type shelf struct {
	mu     sync.Mutex
	places map[string]map[string]string
	broken bool
}

func (s *shelf) Settings(_ context.Context, place string) (map[string]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken {
		return nil, errors.New("disk is gone")
	}
	return maps.Clone(s.places[place]), nil
}

func (s *shelf) Set(_ context.Context, place, key, value string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken {
		return errors.New("disk is gone")
	}
	if s.places == nil {
		s.places = map[string]map[string]string{}
	}
	if s.places[place] == nil {
		s.places[place] = map[string]string{}
	}
	if value == "" {
		delete(s.places[place], key)
	} else {
		s.places[place][key] = value
	}
	return nil
}

// person gives somebody of whom the rate limit has counted nothing yet.
func person(s *stage, at discordtest.At) discordtest.At {
	at.User = s.NewID()
	return at
}

func TestAutocomplete(t *testing.T) {
	s := start(t, set{})
	i := s.Complete(inServer, "sun")
	s.all(i)
	if len(i.Choices) != 1 || i.Choices[0].Name != "Avoid the sun" {
		t.Fatalf("got choices %v", i.Choices)
	}
	mustHold(t, s.one(s.Ask(inServer, i.Choices[0].Value)).Text(), "### Avoid the sun", "Use SPF 30.")
	if q := s.book.questions(); q[len(q)-1].Passage != "guide/avoid-the-sun" {
		t.Errorf("got question %+v, want exactly that passage", q[len(q)-1])
	}
	none := s.Complete(inServer, "zzz")
	s.all(none)
	if none.Choices == nil || len(none.Choices) != 0 {
		t.Errorf("got choices %v, want an empty list", none.Choices)
	}
	long := s.Complete(inServer, "of name")
	s.all(long)
	mustHold(t, s.one(s.Ask(inServer, long.Choices[0].Value)).Text(), "Short of text.")
	s.book.mu.Lock()
	for n := range 60 {
		s.book.passages = append(s.book.passages, knowledge.Passage{ID: "x/" + itoa(uint64(n)), Title: strings.Repeat("many 🌞 ", 30) + itoa(uint64(n)), Text: "t"})
	}
	s.book.mu.Unlock()
	s.all(s.Complete(inServer, "many"))
	// A pick that the content no longer has, and one edited after picking.
	mustHold(t, s.one(s.Ask(person(s, inServer), pickPrefix+"guide/gone")).Text(), "I do not know that")
	mustHold(t, s.one(s.Ask(person(s, inServer), pickPrefix+"may I swim")).Text(), "Stay out of the pool")
}

func TestMessageCommand(t *testing.T) {
	s := start(t, set{})
	const other = "200000000000000002"
	for name, c := range map[string]struct {
		note discordtest.Note
		want []string
	}{
		"question":         {discordtest.Note{Content: "may I swim?"}, []string{"Stay out of the pool"}},
		"picture":          {discordtest.Note{Pictures: 1}, []string{"cannot look at pictures", "your practitioner"}},
		"picture and word": {discordtest.Note{Pictures: 1, Content: "may I swim?"}, []string{"cannot look at pictures", "Stay out of the pool"}},
		"voice":            {discordtest.Note{Voice: true}, []string{"voice messages"}},
		"nothing":          {discordtest.Note{}, []string{"no words"}},
		"of a bot":         {discordtest.Note{Content: "may I swim?", Bot: true}, []string{"only answer messages that people write"}},
	} {
		m := s.one(s.AnswerThis(person(s, inServer), other, c.note))
		mustHold(t, name+": "+m.Text(), c.want...)
		if !m.Ephemeral {
			t.Errorf("%s: got a public reply", name)
		}
	}
}

func TestPicturesInMessages(t *testing.T) {
	s := start(t, set{})
	s.Say(inDM, discordtest.Note{Pictures: 2})
	mustHold(t, s.answer(discordtest.DMOf(someone), 1).Text(), "cannot look at pictures")
	s.Say(inServer, discordtest.Note{Mentions: true, Pictures: 1, Content: "may I swim?"})
	mustHold(t, s.answer(aChannel, 1).Text(), "cannot look at pictures", "Stay out of the pool")
}

// TestSomebodyElsesMessageWasTakenForAFollowUp wants a message that the command
// is used on to stand on its own, and what the asker asks to lean on the last.
func TestSomebodyElsesMessageWasTakenForAFollowUp(t *testing.T) {
	s := start(t, set{})
	s.one(s.Ask(inServer, "may I swim?"))
	s.one(s.AnswerThis(inServer, "200000000000000002", discordtest.Note{Content: "and after a week?"}))
	q := s.book.questions()
	if q[0].Conversation == "" || q[1].Conversation != "" {
		t.Errorf("got conversations %q and %q, want one and none", q[0].Conversation, q[1].Conversation)
	}
}

// TestForwardsWereNotRead wants a forward read as what was forwarded.
func TestForwardsWereNotRead(t *testing.T) {
	s := start(t, set{})
	forward := func(message map[string]any) discordtest.Note {
		return discordtest.Note{Extra: map[string]any{
			"flags": 1 << 14, "message_reference": map[string]any{"type": 1, "message_id": "5", "channel_id": "6"},
			"message_snapshots": []any{map[string]any{"message": message}}}}
	}
	for n, c := range []struct {
		note discordtest.Note
		want string
	}{
		{forward(map[string]any{"type": 0, "content": "I cannot breathe since the treatment"}), "Get help now"},
		{forward(map[string]any{"type": 0, "content": "may I swim?", "attachments": "not a list"}), "Stay out of the pool"},
		{forward(map[string]any{"type": 0, "content": "", "attachments": []any{map[string]any{"content_type": "image/png"}}}), "cannot look at pictures"},
	} {
		at := person(s, inDM)
		s.Say(at, c.note)
		mustHold(t, s.answer(discordtest.DMOf(at.User), 1).Text(), c.want)
		mustHold(t, s.one(s.AnswerThis(person(s, inServer), "200000000000000002", c.note)).Text(), c.want)
		if q := s.book.questions(); n < 2 && q[2*n].Conversation != "" {
			t.Error("what somebody else wrote is taken for a follow-up")
		}
	}
	// What is forwarded in a server was not said to the bot there.
	s.Say(inServer, forward(map[string]any{"type": 0, "content": "<@" + discordtest.BotID + "> may I swim?"}))
	s.Say(person(s, inServer), discordtest.Note{Mentions: true, Content: "may I swim?"})
	s.answer(aChannel, 1)
	s.end()
	if n := len(s.answers(aChannel)); n != 1 {
		t.Errorf("got %d answers in the channel, want 1", n)
	}
}

// TestSharingLeftTheSecondPassageOut wants the channel shown what the asker saw.
func TestSharingLeftTheSecondPassageOut(t *testing.T) {
	s := start(t, set{})
	m := s.one(s.Ask(inServer, "may I swim in the sun?"))
	mustHold(t, m.Text(), "Stay out of the pool", "Use SPF 30.")
	shared := s.one(s.Click(inServer, m, m.Button("Share in channel")))
	mustHold(t, shared.Text(), "Stay out of the pool", "Use SPF 30.", aNote)
	s.book.mu.Lock()
	s.book.passages = s.book.passages[:1] // the content has changed
	s.book.mu.Unlock()
	shared = s.one(s.Click(person(s, inServer), m, m.Button("Share in channel")))
	mustHold(t, shared.Text(), "Stay out of the pool", aNote)
}

// TestShareFindsTheOtherFigureAgain: a button has room for two passages only.
func TestShareFindsTheOtherFigureAgain(t *testing.T) {
	b := newBook()
	b.differs = map[string]string{"guide/avoid-the-sun": b.passages[3].ID}
	s := start(t, set{book: b})
	m := s.one(s.Ask(inServer, "may I swim in the sun?"))
	all := []string{"Stay out of the pool", "Use SPF 30.", "On the other part", "about the sun, and the times differ", "Short of text.", aNote}
	mustHold(t, m.Text(), all...)
	mustHold(t, s.one(s.Click(inServer, m, m.Button("Share in channel"))).Text(), all...)
}

// TestPrivacyWasPromisedInAPublicChannel wants it said who sees an answer as it is.
func TestPrivacyWasPromisedInAPublicChannel(t *testing.T) {
	store := &shelf{places: map[string]map[string]string{"channel:" + aChannel: {keyReplies: repliesPublic}}}
	s := start(t, set{config: func(c *Config) { c.Settings = store }})
	if !s.WaitCommands(1, patience) {
		t.Fatal("commands not registered")
	}
	const unless = "in a server, only you see the answer, unless its admins chose otherwise"
	for _, c := range s.Commands("") {
		if c["name"] == "ask" {
			mustHold(t, c["description"].(string), unless)
		}
	}
	private := person(s, inServer)
	private.Channel = "400000000000000003"
	for at, want := range map[discordtest.At]string{
		person(s, inServer): "/ask and your question: everybody in this channel sees the answer",
		private:             "/ask and your question: only you see the answer",
		person(s, inDM):     unless,
	} {
		mustHold(t, s.one(s.Command(at, "help", nil)).Text(), want)
	}
}

// TestSharingThatTakesLonger wants what is shared to be seen by all, and a
// refusal by the person alone.
func TestSharingThatTakesLonger(t *testing.T) {
	b := newBook()
	hold, held := make(chan bool), make(chan bool, 1)
	s := start(t, set{book: b,
		adapter: func(a *Adapter) {
			a.queue = intake.NewQueue(1, 10, 10, a.panicked)
			a.times.deferAfter = time.Millisecond
		},
		answer: func(ctx context.Context, q bot.Question) bot.Reply {
			if strings.Contains(q.Text, "wait") {
				held <- true
				<-hold
			}
			return b.answer(ctx, q)
		}})
	m := s.one(s.Ask(inServer, "may I swim?"))
	s.Ask(person(s, inServer), "please wait")
	<-held
	silenced := person(s, inServer)
	silenced.Permissions = uint64(viewChannel)
	shared, refused := s.Click(person(s, inServer), m, m.Button("Share in channel")), s.Click(silenced, m, m.Button("Share in channel"))
	s.all(shared) // deferred
	s.all(refused)
	close(hold)
	until(t, "both", func() bool { return len(s.all(shared)) == 1 && len(s.all(refused)) == 1 })
	if m := s.one(shared); m.Ephemeral || !strings.Contains(m.Text(), "Stay out") {
		t.Errorf("got %q, ephemeral %v; want the passage for all", m.Text(), m.Ephemeral)
	}
	if m := s.one(refused); !m.Ephemeral || !strings.Contains(m.Text(), "cannot write") {
		t.Errorf("got %q, ephemeral %v; want the refusal for one", m.Text(), m.Ephemeral)
	}
}

// TestAPictureWasSpokenOfInTheCard wants nothing in the safety card that is not
// of it.
func TestAPictureWasSpokenOfInTheCard(t *testing.T) {
	s := start(t, set{})
	want := s.one(s.Ask(inServer, "I cannot breathe")).Text()
	note := discordtest.Note{Content: "I cannot breathe", Pictures: 1}
	s.Say(inDM, note)
	for where, text := range map[string]string{
		"message":         s.answer(discordtest.DMOf(someone), 1).Text(),
		"message command": s.one(s.AnswerThis(inServer, "200000000000000002", note)).Text(),
	} {
		if text != want {
			t.Errorf("%s: got %q, want the card alone", where, text)
		}
	}
}

func TestButtons(t *testing.T) {
	var mu sync.Mutex
	var feedback []bot.Feedback
	s := start(t, set{config: func(c *Config) {
		c.Feedback = func(_ context.Context, f bot.Feedback) error {
			mu.Lock()
			defer mu.Unlock()
			feedback = append(feedback, f)
			return nil
		}
	}})
	m := s.one(s.Ask(inServer, "may I swim?"))

	related := s.one(s.Click(person(s, inServer), m, m.Button("Related")))
	if !related.Ephemeral || related.Button("Avoid the sun") == "" {
		t.Errorf("related: ephemeral %v, buttons %v", related.Ephemeral, related.Buttons)
	}
	next := s.one(s.Click(person(s, inServer), related, related.Button("Avoid the sun")))
	mustHold(t, next.Text(), "Use SPF 30.")
	if !next.Ephemeral {
		t.Error("a click on a private message gave a public one")
	}

	shared := s.one(s.Click(person(s, inServer), m, m.Button("Share in channel")))
	mustHold(t, shared.Text(), "Stay out of the pool", aNote)
	if shared.Ephemeral || strings.Contains(shared.Text(), "swim?") {
		t.Errorf("shared: ephemeral %v, %q: want it public and without the question", shared.Ephemeral, shared.Text())
	}
	inThread := inServer
	inThread.Channel, inThread.Parent = "400000000000000077", aChannel
	for _, c := range []struct {
		at    discordtest.At
		may   permissions
		share bool
	}{
		{inServer, viewChannel, false},
		{inServer, viewChannel | sendInThreads, false},
		{inThread, viewChannel | sendMessages, false},
		{inThread, viewChannel | sendInThreads, true},
		{inServer, administrator, true},
	} {
		at := person(s, c.at)
		at.Permissions = uint64(c.may)
		m := s.one(s.Click(at, m, m.Button("Share in channel")))
		if m.Ephemeral == c.share || strings.Contains(m.Text(), "pool") != c.share {
			t.Errorf("permissions %b in %q: got %q, ephemeral %v; want it shared: %v", c.may, at.Channel, m.Text(), m.Ephemeral, c.share)
		}
	}

	fan := person(s, inServer)
	mustHold(t, s.one(s.Click(fan, m, m.Button("👍"))).Text(), "glad")
	mustHold(t, s.one(s.Click(fan, m, m.Button("👎"))).Text(), "telling me")
	mu.Lock()
	if len(feedback) != 2 || !feedback[0].Helpful || feedback[1].Helpful || feedback[0].Passage != "guide/avoid-swimming" || feedback[0].Asker != fan.User {
		t.Errorf("got feedback %+v", feedback)
	}
	mu.Unlock()

	// A restart in between: all that a click needs is in the button.
	for _, id := range []string{"p:guide/avoid-the-sun", "r:guide/avoid-swimming"} {
		if m := s.one(s.Click(person(s, inServer), m, id)); strings.Contains(m.Text(), "no longer") {
			t.Errorf("button %s: %q", id, m.Text())
		}
	}
	for _, id := range []string{"p:guide/gone", "s:", "zzz", "q:guide/avoid-the-sun", ":", "p:menu0"} {
		mustHold(t, s.one(s.Click(person(s, inServer), m, id)).Text(), "no longer")
	}
}

func TestDeleteIsForTheAsker(t *testing.T) {
	s := start(t, set{})
	s.Say(inServer, discordtest.Note{Mentions: true, Content: "may I swim?"})
	m := s.answer(aChannel, 1)
	mustHold(t, s.one(s.Click(person(s, inServer), m, m.Button("Delete"))).Text(), "Only the person who asked")
	i := s.Click(inServer, m, m.Button("Delete"))
	s.all(i)
	for end := time.Now().Add(patience); !s.answer(aChannel, 1).Deleted; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("not deleted")
		}
	}
}

func TestOwnCommands(t *testing.T) {
	forgotten := ""
	s := start(t, set{config: func(c *Config) {
		c.Forget = func(_ context.Context, who string) error { forgotten = who; return nil }
		c.Reindex = func(context.Context) (string, error) { return "14 passages", nil }
		c.Admins = []string{"200000000000000077"}
	}})
	topics := s.one(s.Command(person(s, inServer), "topics", nil))
	if len(topics.Menus) != 1 || len(topics.Menus[0].Values) != 4 {
		t.Fatalf("got menus %v", topics.Menus)
	}
	mustHold(t, s.one(s.Click(person(s, inServer), topics, topics.Menus[0].ID, topics.Menus[0].Values[1])).Text(), "Use SPF 30.")
	mustHold(t, s.one(s.Click(person(s, inServer), topics, topics.Menus[0].ID, topics.Menus[0].Values[3])).Text(), "Short of text.")
	mustHold(t, s.one(s.Command(person(s, inServer), "help", nil)).Text(), "/ask", "/privacy")
	mustHold(t, s.one(s.Command(person(s, inServer), "privacy", nil)).Text(), "only when you use one of my commands")
	who := person(s, inServer)
	mustHold(t, s.one(s.Command(who, "forgetme", nil)).Text(), "deleted")
	if forgotten != who.User {
		t.Errorf("forgot %q", forgotten)
	}
	mustHold(t, s.one(s.Command(person(s, inServer), "reindex", nil)).Text(), "Only the people who run")
	admin := inServer
	admin.User = "200000000000000077"
	mustHold(t, s.one(s.Command(admin, "reindex", nil)).Text(), "14 passages")
	mustHold(t, s.one(s.Command(person(s, inServer), "tomorrow", nil)).Text(), "no longer know")
}

func TestSettings(t *testing.T) {
	store := &shelf{}
	s := start(t, set{config: func(c *Config) { c.Settings = store }})
	manager := func() discordtest.At {
		at := person(s, inServer)
		at.Permissions = uint64(manageServer)
		return at
	}
	mustHold(t, s.one(s.Command(person(s, inServer), "settings", map[string]string{"replies": "public"})).Text(), "Only people who may manage")
	mustHold(t, s.one(s.Command(person(s, inDM), "settings", nil)).Text(), "belong to servers")
	mustHold(t, s.one(s.Command(manager(), "settings", nil)).Text(), "private", "Auto-answer: off")
	mustHold(t, s.one(s.Command(manager(), "settings", map[string]string{"replies": "public", "region": "gb", "auto-answer": "thread"})).Text(), "everybody sees", "GB", "in a thread", "--discord-message-content")
	if m := s.one(s.Ask(person(s, inServer), "may I swim?")); m.Ephemeral || m.Button("Share in channel") != "" || m.Button("Delete") == "" {
		t.Errorf("in a public channel: ephemeral %v, buttons %v", m.Ephemeral, m.Buttons)
	}
	if q := s.book.questions(); q[len(q)-1].Region != "GB" {
		t.Errorf("got region %q, want GB", q[len(q)-1].Region)
	}
	thread := person(s, inServer)
	thread.Channel, thread.Parent = "400000000000000077", aChannel
	if m := s.one(s.Ask(thread, "may I swim?")); m.Ephemeral {
		t.Error("a thread does not follow its channel")
	}
	inThread := manager()
	inThread.Channel, inThread.Parent = thread.Channel, aChannel
	mustHold(t, s.one(s.Command(inThread, "settings", map[string]string{"replies": "public"})).Text(), "everybody sees", "in a thread")
	mustHold(t, s.one(s.Command(manager(), "settings", map[string]string{"region": "Narnia"})).Text(), "two letters")
	mustHold(t, s.one(s.Command(manager(), "settings", map[string]string{"replies": "private", "region": "none"})).Text(), "Replies to commands: private", "no country")
	if m := s.one(s.Ask(person(s, inServer), "may I swim?")); !m.Ephemeral {
		t.Error("private again, but the reply is public")
	}
	store.mu.Lock()
	store.broken = true
	store.mu.Unlock()
	mustHold(t, s.one(s.Command(manager(), "settings", map[string]string{"replies": "public"})).Text(), "could not keep", "what holds now")
	if m := s.one(s.Ask(person(s, discordtest.At{Guild: aGuild, Channel: "400000000000000099"}), "may I swim?")); !m.Ephemeral {
		t.Error("with the store gone a reply is public")
	}
}

// TestARegionHadNoEffect wants a country taken as people write it, and said
// where there are no numbers for one.
func TestARegionHadNoEffect(t *testing.T) {
	s := start(t, set{config: func(c *Config) {
		c.Settings, c.Numbers = &shelf{}, func(region string) bool { return region == "GB" }
	}})
	choose := func(region string) string {
		at := person(s, inServer)
		at.Permissions = uint64(manageServer)
		return s.one(s.Command(at, "settings", map[string]string{"region": region})).Text()
	}
	const none = "no emergency numbers for that country"
	if text := choose("uk"); !strings.Contains(text, "Emergency numbers for: GB") || strings.Contains(text, none) {
		t.Errorf("UK: got %q, want it taken for GB", text)
	}
	s.one(s.Ask(person(s, inServer), "I cannot breathe"))
	if q := s.book.questions(); q[len(q)-1].Region != "GB" {
		t.Errorf("asked for the card of %q, want GB", q[len(q)-1].Region)
	}
	mustHold(t, choose("ZZ"), "Emergency numbers for: ZZ", none)
	if text := choose("none"); strings.Contains(text, none) {
		t.Errorf("none: got %q", text)
	}
}

func TestSettingsWithoutAStore(t *testing.T) {
	s := start(t, set{})
	at := inServer
	at.Permissions = uint64(administrator)
	mustHold(t, s.one(s.Command(at, "settings", map[string]string{"replies": "public"})).Text(), "--store")
}

func TestAutoAnswer(t *testing.T) {
	store := &shelf{places: map[string]map[string]string{
		"channel:" + aChannel:        {"auto": "here"},
		"channel:400000000000000002": {"auto": "thread"},
	}}
	s := start(t, set{options: discordtest.Options{AllowContent: true}, config: func(c *Config) {
		c.Settings, c.MessageContent = store, true
	}})
	quiet := person(s, inServer)
	quiet.Channel = "400000000000000003"
	s.Say(quiet, discordtest.Note{Content: "how long may I not swim?"})              // auto-answer is off
	s.Say(person(s, inServer), discordtest.Note{Content: "I love to swim"})          // no question
	s.Say(person(s, inServer), discordtest.Note{Content: "swim?"})                   // not a full one
	s.Say(person(s, inServer), discordtest.Note{Content: "may I maybe swim today?"}) // not sure
	s.Say(person(s, inServer), discordtest.Note{Content: "what do you think of beer?"})
	id := s.Say(person(s, inServer), discordtest.Note{Content: "how long may I not swim?"})
	m := s.answer(aChannel, 1)
	mustHold(t, m.Text(), "Stay out of the pool")
	if m.ReplyTo != id {
		t.Errorf("replied to %q, want %q", m.ReplyTo, id)
	}
	s.Say(person(s, inServer), discordtest.Note{Content: "why can I not breathe now?"})
	mustHold(t, s.answer(aChannel, 2).Text(), "Get help now")
	in := person(s, inServer)
	in.Channel = "400000000000000002"
	id = s.Say(in, discordtest.Note{Content: "how long may I not swim?"})
	mustHold(t, s.answer(id, 1).Text(), "Stay out of the pool") // a thread has its message's id
	s.end()
	if n := len(s.Messages()); n != 3 {
		t.Errorf("got %d messages, want 3", n)
	}
}

// TestThreadsWereLeftOutOfAutoAnswer wants a thread to follow its channel, and
// an answer in the thread itself, since threads have no threads.
func TestThreadsWereLeftOutOfAutoAnswer(t *testing.T) {
	store := &shelf{places: map[string]map[string]string{
		"channel:400000000000000002": {"auto": "thread"},
	}}
	s := start(t, set{options: discordtest.Options{AllowContent: true}, config: func(c *Config) {
		c.Settings, c.MessageContent = store, true
	}})
	in := func(channel, parent string) discordtest.At {
		at := person(s, inServer)
		at.Channel, at.Parent = channel, parent
		return at
	}
	thread, other := "400000000000000022", "400000000000000033"
	s.Say(in(other, aChannel), discordtest.Note{Content: "how long may I not swim?"}) // auto-answer is off
	s.Say(in(aChannel, ""), discordtest.Note{Content: "how long may I not swim?"})
	for n := range 2 {
		s.Say(in(thread, "400000000000000002"), discordtest.Note{Content: "how long may I not swim?"})
		mustHold(t, s.answer(thread, n+1).Text(), "Stay out of the pool")
	}
	s.end()
	if n := len(s.Messages()); n != 2 {
		t.Errorf("got %d messages, want 2", n)
	}
	asked := 0
	for _, r := range s.Requests() {
		if r.Method == "GET" && strings.HasSuffix(r.Path, "/channels/"+thread) {
			asked++
		}
	}
	if asked != 1 {
		t.Errorf("asked %d times what the thread belongs to, want 1", asked)
	}
}

// TestAutoAnswerWasSilentToACallForHelp wants a danger sign seen in what is no
// question too, and only where auto-answer is on.
func TestAutoAnswerWasSilentToACallForHelp(t *testing.T) {
	store := &shelf{places: map[string]map[string]string{"channel:" + aChannel: {"auto": "here"}}}
	s := start(t, set{options: discordtest.Options{AllowContent: true}, config: func(c *Config) {
		c.Settings, c.MessageContent = store, true
	}})
	elsewhere := person(s, inServer)
	elsewhere.Channel = "400000000000000003"
	s.Say(elsewhere, discordtest.Note{Content: "help i cannot breathe"})
	for n, text := range []string{"help i cannot breathe", "cannot breathe??"} {
		s.Say(person(s, inServer), discordtest.Note{Content: text})
		mustHold(t, s.answer(aChannel, n+1).Text(), "Get help now")
	}
	s.end()
	if n := len(s.Messages()); n != 2 {
		t.Errorf("got %d messages, want the two cards", n)
	}
}

// TestAutoAnswerBargedIntoATalk wants what one person asks another left to
// them, save where it speaks of a danger sign.
func TestAutoAnswerBargedIntoATalk(t *testing.T) {
	store := &shelf{places: map[string]map[string]string{"channel:" + aChannel: {"auto": "here"}}}
	s := start(t, set{options: discordtest.Options{AllowContent: true}, config: func(c *Config) {
		c.Settings, c.MessageContent = store, true
	}})
	friend := map[string]any{"mentions": []any{map[string]any{"id": "200000000000000099"}}}
	s.Say(person(s, inServer), discordtest.Note{Content: "how long may you not swim?", Extra: friend})
	s.Say(person(s, inServer), discordtest.Note{Content: "how long may you not swim?", Kind: 19})
	s.Say(person(s, inServer), discordtest.Note{Content: "why can I not breathe now?", Extra: friend})
	mustHold(t, s.answer(aChannel, 1).Text(), "Get help now")
	s.end()
	if n := len(s.Messages()); n != 1 {
		t.Errorf("got %d messages, want the card alone", n)
	}
}

func TestRateLimit(t *testing.T) {
	m := &counts{}
	s := start(t, set{config: func(c *Config) { c.Meter = m }})
	var last []*discordtest.Interaction
	for range 8 {
		i := s.Ask(inServer, "may I swim?")
		s.all(i)
		last = append(last, i)
	}
	if text := last[5].Messages[0].Text(); !strings.Contains(text, "more than I can answer") || !last[5].Messages[0].Ephemeral {
		t.Errorf("sixth: got %q, want one private notice", text)
	}
	for _, i := range last[6:] {
		if !i.Vanished || len(i.Messages) > 0 {
			t.Errorf("after the notice: vanished %v, %d messages; want nothing to see, and no failed interaction", i.Vanished, len(i.Messages))
		}
	}
	click := s.Click(inServer, last[0].Messages[0], last[0].Messages[0].Button("Related"))
	s.all(click)
	if click.Response != 6 {
		t.Errorf("click: got response %d, want a quiet one", click.Response)
	}
	// A danger sign is answered however fast somebody asks.
	mustHold(t, s.one(s.Ask(inServer, "I cannot breathe")).Text(), "Get help now")
	// Messages: told in private, once.
	writer := person(s, inServer)
	for range 8 {
		s.Say(writer, discordtest.Note{Mentions: true, Content: "may I swim?"})
	}
	mustHold(t, s.answer(discordtest.DMOf(writer.User), 1).Text(), "more than I can answer")
	if n := len(s.answers(aChannel)); n > 5 {
		t.Errorf("got %d answers, want 5", n)
	}
	// A raid: many people, one channel.
	raid := inServer
	raid.Channel = "400000000000000050"
	for range 60 {
		s.Say(person(s, raid), discordtest.Note{Mentions: true, Content: "may I swim?"})
	}
	hurt := person(s, raid)
	s.Say(hurt, discordtest.Note{Mentions: true, Content: "I cannot breathe"})
	s.one(s.Ask(person(s, discordtest.At{Guild: "300000000000000009", Channel: "400000000000000051"}), "may I swim?"))
	s.answer(raid.Channel, 21) // what is left at the end is cut short on a slow machine
	s.end()
	if n := len(s.answers(raid.Channel)); n != 21 {
		t.Errorf("got %d answers in the raided channel, want 20 and a safety card", n)
	}
	if n := len(s.answers(discordtest.DMOf(writer.User))); n != 1 {
		t.Errorf("got %d notices, want 1", n)
	}
}

// TestOneBurstSilencedAServerForGood wants a channel and a server answered
// again after a burst, although somebody or other goes on asking.
func TestOneBurstSilencedAServerForGood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, err := New(Config{Token: "t", Guide: newBook()})
		if err != nil {
			t.Fatal(err)
		}
		for name, p := range map[string]*intake.Limiter{"channel": a.channel, "server": a.server, "safety cards": a.danger, "warnings": a.warned} {
			for range 100 {
				p.Take("1")
			}
			answered := 0
			for range 40 {
				time.Sleep(9 * time.Second)
				if p.Take("1") == intake.Allow {
					answered++
				}
			}
			if answered < 5 {
				t.Errorf("%s: in six minutes after a burst %d of 40 went through, want at least one a minute", name, answered)
			}
		}
	})
}

func (s *stage) answers(channel string) []*discordtest.Message {
	m, _ := s.Answers(channel, 0, time.Second)
	return m
}

func TestUserInstalled(t *testing.T) {
	s := start(t, set{})
	group := discordtest.At{User: someone, Channel: "400000000000000008", UserInstall: true}
	i := s.Ask(group, "the long story")
	for end := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		m := s.all(i)
		if !m[0].Ephemeral {
			t.Fatal("public among other people")
		}
		if strings.Contains(m[len(m)-1].Text(), aNote) {
			break
		}
		if time.Now().After(end) {
			t.Fatal("the note never came")
		}
	}
}

func TestUrgent(t *testing.T) {
	s := start(t, set{config: func(c *Config) { c.Feedback = func(context.Context, bot.Feedback) error { return nil } }})
	m := s.one(s.Ask(inServer, "I cannot breathe"))
	mustHold(t, m.Text(), "## Get help now", "🆘 Emergency. Call", "⚠️ Urgent. See", "- you struggle to breathe")
	if len(m.Buttons) != 0 {
		t.Errorf("got buttons %v on the card, want none", m.Buttons)
	}
	if strings.Contains(m.Text(), "pool") {
		t.Error("a passage under the card")
	}
}
