package telegram

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/bot/intake"
	"github.com/aftercarebot/aftercare/bot/telegram/telegramtest"
)

func TestQuickMessagesAreOneQuestion(t *testing.T) {
	t.Parallel()
	r := build(t, fake(t, telegramtest.Options{}), nil)
	var mu sync.Mutex
	var asked []string
	r.answer = func(ctx context.Context, q bot.Question) bot.Reply {
		mu.Lock()
		defer mu.Unlock()
		asked = append(asked, q.Text)
		return r.guide.reply(ctx, q)
	}
	chat, other := r.srv.Private(501), r.srv.Private(502)
	for _, w := range []string{"hey", "can I go", "swimming tomorrow?"} {
		r.srv.Say(chat, 501, w)
	}
	r.srv.Say(other, 502, "what about the sun?")
	r.begin() // only now, so that one poll brings them all, however busy the machine
	contains(t, r.last(chat, 1).Parsed, "Do not swim")
	contains(t, r.last(other, 1).Parsed, "SPF 30")
	r.settle()
	if n := len(r.srv.Sent(chat)); n != 1 {
		t.Errorf("got %d replies, want 1", n)
	}
	mu.Lock()
	defer mu.Unlock()
	if len(asked) != 2 || asked[0] != "hey\ncan I go\nswimming tomorrow?" && asked[1] != "hey\ncan I go\nswimming tomorrow?" {
		t.Errorf("got questions %q, want the three messages as one", asked)
	}
}

func TestAnEditedQuestionEditsItsAnswer(t *testing.T) {
	r := start(t, nil)
	chat := r.srv.Private(501)
	id := r.srv.Say(chat, 501, "can I swim?")
	first := r.last(chat, 1)
	r.srv.Edit(chat, 501, id, "can I sit in the sun?")
	r.wait("the edit", func() bool { return strings.Contains(r.srv.Sent(chat)[0].Parsed, "SPF 30") })
	if n := len(r.srv.Sent(chat)); n != 1 || r.srv.Sent(chat)[0].ID != first.ID {
		t.Errorf("got %d messages, want the first one edited", n)
	}
	// From one message to three, and back to one.
	r.srv.Edit(chat, 501, id, "a long answer please")
	long := r.await(chat, 3)
	contains(t, long[0].Parsed, "Avoid the sun")
	r.settle()
	n := len(r.srv.Sent(chat))
	r.srv.Edit(chat, 501, id, "can I swim?")
	r.wait("the surplus to go", func() bool { return len(r.srv.Sent(chat)) == 1 })
	contains(t, r.srv.Sent(chat)[0].Parsed, "Do not swim")
	if n < 3 {
		t.Errorf("got %d parts of the long answer, want at least 3", n)
	}
	// A change that changes nothing is no request at all.
	edits := r.srv.Count("editMessageText")
	r.srv.Edit(chat, 501, id, "can I swim?")
	r.settle()
	if got := r.srv.Count("editMessageText"); got != edits {
		t.Errorf("got %d more edits for the same words, want none", got-edits)
	}
	// "message is not modified" is success.
	r.srv.Edit(chat, 501, id, "can I really swim?")
	r.settle()
	if n := len(r.srv.Sent(chat)); n != 1 {
		t.Errorf("got %d messages, want 1", n)
	}
	// An edit of /ask, and one whose answer was deleted.
	group := r.srv.Group(-1003)
	id = r.srv.Say(group, 501, "/ask swim")
	r.await(group, 1)
	r.srv.Edit(group, 501, id, "/ask sun")
	r.wait("the edit in the group", func() bool { return strings.Contains(r.srv.Sent(group)[0].Parsed, "SPF 30") })
	// Not for the bot at first.
	id = r.srv.Say(group, 501, "can I swim")
	r.settle()
	r.srv.Edit(group, 501, id, "/ask can I swim")
	contains(t, r.last(group, 2).Parsed, "Do not swim")
}

func TestWhatCannotBeReadGetsAKindSentence(t *testing.T) {
	r := start(t, nil)
	photo := []telegramtest.Map{{"file_id": "f", "file_unique_id": "u", "width": 90, "height": 90}}
	file := telegramtest.Map{"file_id": "f", "file_unique_id": "u"}
	voice := telegramtest.Map{"file_id": "f", "file_unique_id": "u", "duration": 3}
	sticker := telegramtest.Map{"file_id": "f", "file_unique_id": "u", "type": "regular", "width": 9, "height": 9, "is_animated": false, "is_video": false}
	for i, c := range []struct {
		name   string
		fields telegramtest.Map
		want   []string
	}{
		{"picture", telegramtest.Map{"photo": photo}, []string{"cannot look at pictures", "your practitioner"}},
		{"picture with a question", telegramtest.Map{"photo": photo, "caption": "can I swim?"}, []string{"cannot look at pictures", "Do not swim", note}},
		{"voice", telegramtest.Map{"voice": voice}, []string{"cannot listen"}},
		{"sticker", telegramtest.Map{"sticker": sticker}, []string{"only understand words"}},
		{"file", telegramtest.Map{"document": file}, []string{"cannot open files"}},
		{"place", telegramtest.Map{"location": telegramtest.Map{"latitude": 1.5, "longitude": 2.5}}, []string{"only read text"}},
	} {
		chat := r.srv.Private(int64(600 + i))
		r.srv.SayWith(chat, int64(600+i), c.fields)
		m := r.last(chat, 1)
		for _, w := range c.want {
			if !strings.Contains(m.Parsed, w) {
				t.Errorf("%s: got %q, want it to hold %q", c.name, m.Parsed, w)
			}
		}
	}
	// An album is one message to the person who sends it.
	chat := r.srv.Private(650)
	for range 4 {
		r.srv.SayWith(chat, 650, telegramtest.Map{"photo": photo, "media_group_id": "album"})
	}
	r.await(chat, 1)
	// A picture among people in a group is none of the bot's business.
	group := r.srv.Group(-1004)
	r.srv.SayWith(group, 501, telegramtest.Map{"photo": photo, "caption": "look"})
	r.srv.SayWith(group, 501, telegramtest.Map{"photo": photo, "caption": "/ask can I swim"})
	contains(t, r.last(group, 1).Parsed, "Do not swim")
	// What Telegram itself says is no question.
	r.srv.SayWith(chat, 650, telegramtest.Map{"message_auto_delete_timer_changed": telegramtest.Map{"message_auto_delete_time": 60}})
	r.settle()
	if n := len(r.srv.Sent(chat)); n != 1 {
		t.Errorf("got %d replies to an album, want 1", n)
	}
}

func TestOtherBotsAndItselfAreNotAnswered(t *testing.T) {
	r := start(t, nil)
	chat := r.srv.Private(501)
	group := r.srv.Group(-1005)
	robot := telegramtest.Map{"id": 99, "is_bot": true, "first_name": "Robot"}
	r.srv.SayWith(group, 99, telegramtest.Map{"text": "/ask swim", "from": robot})
	r.srv.SayWith(chat, 501, telegramtest.Map{"text": "Do not swim", "via_bot": telegramtest.Map{"id": r.srv.BotID(), "is_bot": true, "first_name": "Aftercare", "username": "aftercare_test_bot"}})
	// An administrator who stays anonymous, and a channel's voice, are people.
	r.srv.SayWith(group, 1087968824, telegramtest.Map{"text": "/ask swim", "sender_chat": telegramtest.Map{"id": group, "type": "supergroup", "title": "A group"},
		"from": telegramtest.Map{"id": 1087968824, "is_bot": true, "first_name": "Group", "username": "GroupAnonymousBot"}})
	r.await(group, 1)
	r.settle()
	if n := len(r.srv.Sent(group)); n != 1 {
		t.Errorf("got %d replies in the group, want 1", n)
	}
	if n := len(r.srv.Sent(chat)); n != 0 {
		t.Errorf("got %d replies to a message sent through the bot itself, want 0", n)
	}
	if r.meter.of("dropped "+dropBot) != 1 || r.meter.of("dropped "+dropInline) != 1 {
		t.Errorf("got figures %v, want both counted", r.meter.n)
	}
}

func TestTooFastGetsOneNoticeThenSilenceButNeverForDanger(t *testing.T) {
	t.Parallel()
	r := build(t, fake(t, telegramtest.Options{}), nil)
	clock := time.Now()
	r.a.people = intake.NewLimiter(personBurst, personWindow, func() time.Time { return clock })
	r.begin()
	chat := r.srv.Private(501)
	for range 9 {
		r.srv.Say(chat, 501, "/ask swim")
	}
	r.srv.Say(chat, 501, "/ask")
	r.srv.Say(chat, 501, "/help")
	r.srv.Say(chat, 501, "/ask I cannot breathe")
	r.await(chat, 7)
	r.settle()
	sent := r.srv.Sent(chat)
	if len(sent) != 7 {
		t.Fatalf("got %d messages, want 5 answers, 1 notice and the card", len(sent))
	}
	if sent[5].Text != bot.SayTooFast {
		t.Errorf("got %q, want the notice", sent[5].Text)
	}
	contains(t, sent[6].Text, "🆘")
	if n := r.meter.of("dropped " + dropRateLimit); n != 5 {
		t.Errorf("got %d counted as too fast, want 5", n)
	}
}

func TestARaidIsLimitedPerGroup(t *testing.T) {
	t.Parallel()
	r := build(t, fake(t, telegramtest.Options{}), nil)
	clock := time.Now()
	r.a.groups = intake.NewSharedLimiter(groupBurst, groupWindow, func() time.Time { return clock })
	r.begin()
	group := r.srv.Group(-1006)
	for i := range 40 {
		r.srv.Say(group, int64(1000+i), "/ask swim")
	}
	r.await(group, groupBurst+1)
	r.settle()
	sent := r.srv.Sent(group)
	if len(sent) != groupBurst+1 || sent[groupBurst].Text != sayGroupFast {
		t.Errorf("got %d messages, want %d answers and one notice", len(sent), groupBurst)
	}
}

// TestOneRaidSilencedAGroupForGood wants a group answered again after a raid,
// although somebody or other goes on asking.
func TestOneRaidSilencedAGroupForGood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, err := New(Config{Token: "1:t", Guide: &guide{}})
		if err != nil {
			t.Fatal(err)
		}
		for name, p := range map[string]*intake.Limiter{"groups": a.groups, "safety cards": a.cards, "excuses": a.busy, "warnings": a.overrun} {
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

func TestUrgentCardLooksLikeNothingElse(t *testing.T) {
	r := start(t, nil)
	chat := r.srv.Private(501)
	r.srv.Say(chat, 501, "/ask I cannot breathe")
	m := r.last(chat, 1)
	want := "⚠️ Get help now\n\n🆘 Emergency. Call your emergency number now if:\n\n• it is hard to breathe\n\n" +
		"⚠️ Urgent. Ask a doctor today if:\n\n• skin is hot & swollen"
	if m.Parsed != want {
		t.Errorf("got %q, want %q", m.Parsed, want)
	}
	if len(m.Buttons()) != 0 {
		t.Errorf("got buttons %v under an emergency, want none", m.Buttons())
	}
}

func TestDeepLinksOpenExactlyThatPassage(t *testing.T) {
	r := start(t, nil)
	chat := r.srv.Private(501)
	for i, p := range r.guide.passages {
		r.srv.Say(chat, 501, "/start "+passageKey(p.ID))
		if m := r.last(chat, i+1); !strings.Contains(m.Parsed, p.Text) {
			t.Errorf("%s: got %q, want the passage", p.ID, m.Parsed)
		}
	}
	n := len(r.guide.passages)
	r.srv.Say(chat, 501, "/start faq_no-longer-there")
	contains(t, r.last(chat, n+1).Parsed, "no longer in the guide")
	r.srv.Say(chat, 501, "/start topics")
	contains(t, r.last(chat, n+2).Parsed, sayTopics)
	r.srv.Say(chat, 501, "/start <script>")
	contains(t, r.last(chat, n+3).Parsed, "Just write")

	r.srv.Say(chat, 501, "/start clinic_berlin") // where somebody saw the bot's name
	contains(t, r.last(chat, n+4).Parsed, "Just write")

	// "Ask privately" in a group leads to that link.
	group := r.srv.Group(-1007)
	r.srv.Say(group, 501, "/ask swim")
	var link string
	for _, b := range r.last(group, 1).Buttons() {
		if b.Text == labelPrivate {
			link = b.URL
		}
	}
	if want := "https://t.me/aftercare_test_bot?start=guide_avoid-swimming-and-hot-baths"; link != want {
		t.Errorf("got link %q, want %q", link, want)
	}
}

func TestTopicsPagesAndOpensInPlace(t *testing.T) {
	r := start(t, nil)
	chat := r.srv.Private(501)
	r.srv.Say(chat, 501, "/topics")
	m := r.last(chat, 1)
	if n := len(m.Buttons()); n != topicsAPage+3 {
		t.Fatalf("got %d buttons, want %d topics and 3 for the pages", n, topicsAPage)
	}
	next := m.Buttons()[topicsAPage+2]
	tap := r.srv.Tap(chat, m.ID, 501, next.Data)
	r.wait("page two", func() bool { return r.srv.Sent(chat)[0].Edits == 1 })
	page := r.srv.Sent(chat)[0]
	if n := len(page.Buttons()); n != len(r.guide.passages)-topicsAPage+3 {
		t.Errorf("got %d buttons on page two", n)
	}
	if page.Text != sayTopics {
		t.Errorf("got text %q after paging", page.Text)
	}
	open := r.srv.Tap(chat, m.ID, 501, page.Buttons()[0].Data)
	r.wait("the passage", func() bool { return strings.Contains(r.srv.Sent(chat)[0].Parsed, "Text of topic 5.") })
	r.settle()
	if !r.srv.Tapped(tap) || !r.srv.Tapped(open) {
		t.Error("a tap was not answered")
	}
	if n := len(r.srv.Sent(chat)); n != 1 {
		t.Errorf("got %d messages, want one that was edited", n)
	}
}

func TestEveryTapIsAnswered(t *testing.T) {
	r := start(t, func(c *Config) { c.Feedback = func(context.Context, bot.Feedback) error { return nil } })
	chat := r.srv.Private(501)
	r.srv.Say(chat, 501, "/ask swim")
	m := r.last(chat, 1)
	var taps []string
	for _, data := range []string{"", "x", "p:", "p:none", "t:abc", "t:99", "+:", "-:none", "s:answers:private", "zzz", "p:guide_avoid-the-sun", "n:faq_topic-1", strings.Repeat("ü", 32)} {
		taps = append(taps, r.srv.Tap(chat, m.ID, 501, data), r.srv.Tap(chat, 4, 501, data)) // 4 is inaccessible
	}
	r.srv.Inject("callback_query", telegramtest.Map{"id": "of-inline", "from": telegramtest.User(501), "inline_message_id": "abc", "chat_instance": "1", "data": "p:guide_avoid-the-sun"})
	r.settle()
	for i, id := range taps {
		if !r.srv.Tapped(id) {
			t.Errorf("tap %d was not answered", i)
		}
	}
	if r.meter.of("panic") != 0 {
		t.Errorf("got a panic; log:\n%s", r.logs)
	}
	if r.meter.of("failed "+failLate) != 1 {
		t.Errorf("got %d late taps counted, want that of the unknown query", r.meter.of("failed "+failLate))
	}
}

func TestSuggestionsRelatedAndThumbs(t *testing.T) {
	var mu sync.Mutex
	var votes []bot.Feedback
	r := start(t, func(c *Config) {
		c.Feedback = func(_ context.Context, f bot.Feedback) error {
			mu.Lock()
			defer mu.Unlock()
			votes = append(votes, f)
			return nil
		}
	})
	chat := r.srv.Private(501)
	r.srv.Say(chat, 501, "/ask which one")
	m := r.last(chat, 1)
	contains(t, m.Parsed, "• "+r.guide.passages[2].Title) // too long to be read on a button
	if len(m.Buttons()) != 3 {
		t.Fatalf("got %d buttons, want two passages and something else", len(m.Buttons()))
	}
	// The second has an id and a title that are far too long.
	r.srv.Tap(chat, m.ID, 501, m.Buttons()[1].Data)
	r.wait("the pick", func() bool { return strings.Contains(r.srv.Sent(chat)[0].Parsed, "Long id, short text.") })
	m = r.srv.Sent(chat)[0]
	var up string
	for _, b := range m.Buttons() {
		if b.Text == "👍" {
			up = b.Data
		}
	}
	r.srv.Tap(chat, m.ID, 501, up)
	r.srv.Tap(chat, m.ID, 501, up)
	r.wait("the thumbs to go", func() bool { return r.srv.Sent(chat)[0].Edits == 2 })
	r.settle()
	mu.Lock()
	if len(votes) != 1 || votes[0].Passage != r.guide.passages[2].ID || !votes[0].Helpful || votes[0].Asker != "501" {
		t.Errorf("got votes %+v, want one", votes)
	}
	mu.Unlock()
	calls := r.srv.Calls("answerCallbackQuery")
	if got := calls[len(calls)-1].Params["text"]; got != sayVoted {
		t.Errorf("second vote: got %q, want %q", got, sayVoted)
	}
}

// There was once a way back from a related passage only where there were
// thumbs, and in a group anybody's tap took somebody else's answer away.
func TestRelatedLeadsOnWithAWayBack(t *testing.T) {
	t.Parallel()
	r := build(t, fake(t, telegramtest.Options{}), nil)
	clock := time.Now()
	r.a.groups = intake.NewLimiter(groupBurst, groupWindow, func() time.Time { return clock })
	r.begin()
	chat, group := r.srv.Private(501), r.srv.Group(-1018)
	r.srv.Say(chat, 501, "/ask swim")
	m := r.last(chat, 1)
	for _, want := range []string{"SPF 30", "No baths", "SPF 30"} { // there, back, and there again
		r.srv.Tap(chat, m.ID, 501, m.Buttons()[0].Data)
		r.wait(want, func() bool { return strings.Contains(r.srv.Sent(chat)[0].Parsed, want) })
		m = r.srv.Sent(chat)[0]
	}
	if b := m.Buttons()[0]; b.Text != labelBack+"Do not swim & skip <hot> baths" {
		t.Errorf("got first button %q, want the way back", b.Text)
	}

	r.srv.Say(group, 501, "/ask swim")
	m = r.last(group, 1)
	r.srv.Tap(group, m.ID, 502, m.Buttons()[0].Data)
	below := r.last(group, 2)
	contains(t, below.Parsed, "SPF 30")
	if b := below.Buttons()[0]; strings.HasPrefix(b.Text, labelBack) {
		t.Errorf("got %q, though the answer that it leads to is still there", b.Text)
	}
	if below.ReplyTo != m.ID || r.srv.Sent(group)[0].Edits != 0 {
		t.Error("want the answer left alone, and the passage below it")
	}
	for range 2 * groupBurst { // and taps are messages like others
		r.srv.Tap(group, m.ID, 502, m.Buttons()[0].Data)
	}
	r.settle()
	if n := len(r.srv.Sent(group)); n != groupBurst+1 {
		t.Errorf("got %d messages, want %d and a notice", n, groupBurst)
	}
}

func TestSettingsAreForAdministrators(t *testing.T) {
	store := &memory{}
	r := start(t, func(c *Config) { c.Settings = store })
	group := r.srv.Group(-1008)
	r.srv.Change(group, func(c *telegramtest.Chat) { c.Admins[501] = "administrator"; c.Admins[502] = "creator" })
	r.srv.Say(group, 503, "/settings")
	contains(t, r.last(group, 1).Text, sayAdminsOnly)
	r.srv.Say(group, 501, "/settings")
	m := r.last(group, 2)
	if len(m.Buttons()) != 4 {
		t.Fatalf("got %d buttons, want 4", len(m.Buttons()))
	}
	tap := r.srv.Tap(group, m.ID, 503, "s:answers:private") // everybody sees the buttons
	r.settle()
	if kept, _ := store.Settings(context.Background(), "chat:-1008"); len(kept) != 0 {
		t.Errorf("got %v set by a member", kept)
	}
	if !r.srv.Tapped(tap) {
		t.Error("the tap was not answered")
	}
	r.srv.Tap(group, m.ID, 502, "s:answers:private")
	r.wait("the setting", func() bool { return r.srv.Sent(group)[1].Edits == 1 })
	r.srv.Say(group, 504, "/ask can I swim")
	private := r.last(group, 3)
	if private.Text != sayPrivate || !strings.HasSuffix(private.Buttons()[0].URL, "start=guide_avoid-swimming-and-hot-baths") {
		t.Errorf("got %q with %v, want the link alone", private.Text, private.Buttons())
	}
	r.srv.Say(group, 504, "/ask I cannot breathe")
	contains(t, r.last(group, 4).Text, "🆘") // never hidden behind a link
	r.srv.Tap(group, m.ID, 501, "s:replies:off")
	r.wait("the setting", func() bool { return r.srv.Sent(group)[1].Edits == 2 })
	r.srv.SayWith(group, 504, telegramtest.Map{"text": "and the sun?", "reply_to_message": r.srv.BotMessage(group, private.ID)})
	r.settle()
	if n := len(r.srv.Sent(group)); n != 4 {
		t.Errorf("got %d messages, want the reply ignored", n)
	}
	// The group becomes a supergroup: its settings go along.
	to := r.srv.Group(-1009)
	r.srv.SayWith(group, 501, telegramtest.Map{"migrate_to_chat_id": to})
	r.wait("the move", func() bool { kept, _ := store.Settings(context.Background(), "chat:-1009"); return len(kept) == 2 })
}

func TestSettingsWithoutAStoreSaySo(t *testing.T) {
	r := start(t, nil)
	group := r.srv.Group(-1010)
	r.srv.Say(group, 501, "/settings")
	if m := r.last(group, 1); m.Text != bot.SayNoStore {
		t.Errorf("got %q, want %q", m.Text, bot.SayNoStore)
	}
}

func TestInlineMode(t *testing.T) {
	r := start(t, nil)
	results := func(query string) []map[string]any {
		before := r.srv.Count("answerInlineQuery")
		r.srv.Inline(501, query)
		r.wait("results", func() bool { return len(r.srv.Calls("answerInlineQuery")) > before })
		calls := r.srv.Calls("answerInlineQuery")
		last := calls[len(calls)-1]
		if last.Status != 200 {
			t.Errorf("%q: got status %d %s", query, last.Status, last.Text)
		}
		if last.Params["cache_time"] != "10" {
			t.Errorf("%q: got cache_time %s, want a short one", query, last.Params["cache_time"])
		}
		var out []map[string]any
		if err := json.Unmarshal([]byte(last.Params["results"]), &out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	text := func(r map[string]any) string {
		return r["input_message_content"].(map[string]any)["message_text"].(string)
	}
	if got := results(""); len(got) != inlineMost {
		t.Errorf("got %d results for nothing typed, want %d", len(got), inlineMost)
	}
	got := results("swim")
	if len(got) != 1 {
		t.Fatalf("got %d results, want 1", len(got))
	}
	plain, _, err := telegramtest.ParseHTML(text(got[0]))
	p := r.guide.passages[0]
	if err != nil || plain != p.Title+"\n\n"+p.Text+"\n\n"+note {
		t.Errorf("got %q (%v), want the passage with the note", plain, err)
	}
	if got := results("zzzz"); len(got) != 0 {
		t.Errorf("got %d results for nonsense, want none", len(got))
	}
	card := results("I cannot breathe")
	if len(card) != 1 || !strings.Contains(text(card[0]), "🆘") {
		t.Errorf("got %v for a danger sign, want the card alone", card)
	}
	// Too late is counted, and not more.
	r.srv.Inject("inline_query", telegramtest.Map{"id": "unknown", "from": telegramtest.User(501), "query": "sun", "offset": ""})
	r.settle()
	if r.meter.of("failed "+failLate) != 1 {
		t.Errorf("got %d late queries counted, want 1", r.meter.of("failed "+failLate))
	}
	// A passage that is too long for one message is not cut.
	r.guide.passages[1].Text = strings.Repeat("Long. ", 1000)
	long := results("sun")
	if len(long) == 0 || !strings.Contains(text(long[0]), "too long") || !strings.Contains(text(long[0]), "start=guide_avoid-the-sun") {
		t.Errorf("got %v, want the link to the passage", long)
	}
}

func TestReindexIsForAdmins(t *testing.T) {
	r := start(t, func(c *Config) {
		c.Admins = []string{"501"}
		c.Reindex = func(context.Context) (string, error) { return "2 passages <changed>.", nil }
	})
	one, two := r.srv.Private(501), r.srv.Private(502)
	r.srv.Say(two, 502, "/reindex")
	contains(t, r.last(two, 1).Text, "do not know that command")
	r.srv.Say(one, 501, "/reindex")
	contains(t, r.last(one, 2).Text, "2 passages <changed>.")
}

func TestForgetMe(t *testing.T) {
	var mu sync.Mutex
	var asked []string
	r := start(t, func(c *Config) {
		c.Forget = func(_ context.Context, asker string) error {
			mu.Lock()
			defer mu.Unlock()
			asked = append(asked, asker)
			return nil
		}
	})
	chat := r.srv.Private(501)
	r.srv.Say(chat, 501, "/forgetme")
	contains(t, r.last(chat, 1).Text, "I have deleted everything")
	mu.Lock()
	defer mu.Unlock()
	if len(asked) != 1 || asked[0] != "501" {
		t.Errorf("got %v, want 501", asked)
	}
}

func TestCommandsAreWrittenOnlyWhereTheyDiffer(t *testing.T) {
	t.Parallel()
	srv := fake(t, telegramtest.Options{})
	written := func() int {
		return srv.Count("setMyCommands") + srv.Count("setMyDescription") + srv.Count("setMyShortDescription")
	}
	r := build(t, srv, nil).begin()
	r.wait("descriptions", func() bool { return srv.Count("setMyShortDescription") == 1 })
	_ = r.end()
	want := len(commandScopes)*len(commandLanguages) + 2
	if written() != want {
		t.Errorf("first start: got %d written, want %d", written(), want)
	}
	contains(t, string(srv.Commands("all_private_chats", "de")), "Antworten auf Englisch")
	srv.Describe("short_description", "changed by somebody")
	asked := srv.Count("getMyShortDescription")
	r = build(t, srv, nil).begin()
	r.wait("look", func() bool { return srv.Count("getMyShortDescription") > asked && written() > want })
	_ = r.end()
	if written() != want+1 {
		t.Errorf("second start: got %d written, want 1", written()-want)
	}
}

func TestHowLongAMessageWaitsForAnother(t *testing.T) {
	ago := func(d time.Duration, text string) question {
		return question{at: time.Now().Add(-d), pieces: []piece{{1, text}}}
	}
	for _, c := range []struct {
		name string
		q    question
		want time.Duration
	}{
		{"just written", ago(0, "can I go"), waitMore},
		{"no time known", question{pieces: []piece{{1, "can I go"}}}, waitMore},
		{"from before a pause of ours", ago(time.Minute, "can I go"), waitLate},
	} {
		if got := waitFor(c.q); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

// A danger sign behind a command once got what the command asks for, and one
// behind an unknown command that it is not known.
func TestWordsBehindACommandAreRead(t *testing.T) {
	r := start(t, nil)
	group := r.srv.Group(-1012)
	for i, c := range []struct {
		text  string
		group bool
		want  string
	}{
		{"/help I cannot breathe", false, "Get help now"},
		{"/start I cannot breathe", false, "Get help now"},
		{"/emergency I cannot breathe", false, "Get help now"},
		{"/emergency I cannot breathe", true, "Get help now"},
		{"/help@aftercare_test_bot I cannot breathe", true, "Get help now"},
		{"/question can I swim?", false, "Do not swim"},
		{"/question@aftercare_test_bot can I swim?", true, "Do not swim"},
		{"/help can I swim?", false, "Just write your question"},
		{"/question", false, sayUnknown},
	} {
		user := int64(700 + i)
		chat := group
		if !c.group {
			chat = r.srv.Private(user)
		}
		r.srv.Say(chat, user, c.text)
		r.settle()
		got := "nothing"
		for _, m := range r.srv.Sent(chat) {
			got = m.Parsed // the last one
		}
		if !strings.Contains(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.text, got, c.want)
		}
	}
}

func TestADangerSignBehindACommandIsSeenWithoutRoom(t *testing.T) {
	t.Parallel()
	r := build(t, fake(t, telegramtest.Options{}), nil)
	r.a.queue = intake.NewQueue(1, queueLimit, 0, r.a.panicked) // no chat has room
	r.begin()
	r.srv.Say(r.srv.Private(501), 501, "/help I cannot breathe")
	contains(t, r.last(501, 1).Parsed, "Get help now")
}

// A danger sign in an edit was once passed over unseen where the message was
// too old for its edit to be answered, or a command.
func TestADangerSignInALateEditGetsItsCard(t *testing.T) {
	r := start(t, nil)
	chat, group := r.srv.Private(501), r.srv.Group(-1013)
	edit := func(chat int64, text string, age time.Duration) {
		m, _ := r.srv.Message(chat, 501, telegramtest.Map{"text": text, "date": time.Now().Add(-age).Unix(), "edit_date": time.Now().Unix()})
		r.srv.Inject("edited_message", m)
		r.settle()
	}
	edit(chat, "can I swim? I cannot breathe", 20*time.Minute)
	contains(t, r.last(chat, 1).Parsed, "Get help now")
	edit(chat, "/help I cannot breathe", 0)
	contains(t, r.last(chat, 2).Parsed, "Get help now")
	edit(group, "/ask I cannot breathe", 20*time.Minute)
	contains(t, r.last(group, 1).Parsed, "Get help now")
	edit(chat, "can I swim?", 20*time.Minute)
	edit(chat, "/help can I swim?", 0)
	m, _ := r.srv.Message(group, 99, telegramtest.Map{"text": "/ask I cannot breathe", "from": telegramtest.Map{"id": 99, "is_bot": true, "first_name": "Robot"},
		"date": time.Now().Add(-20 * time.Minute).Unix(), "edit_date": time.Now().Unix()})
	r.srv.Inject("edited_message", m)
	r.settle()
	if n := len(r.srv.Sent(group)); n != 1 {
		t.Errorf("got %d messages in the group, want none for another bot", n-1)
	}
	if n, counted := len(r.srv.Sent(chat)), r.meter.of("dropped "+dropEdit); n != 2 || counted != 2 {
		t.Errorf("got %d messages and %d counted, want the two cards alone, and the others counted", n, counted)
	}
}

// Every step of a live location was once answered anew.
func TestAnEditWithoutWordsIsNotAnswered(t *testing.T) {
	r := start(t, nil)
	chat := r.srv.Private(501)
	m, _ := r.srv.Message(chat, 501, telegramtest.Map{"location": telegramtest.Map{"latitude": 1.5, "longitude": 2.5, "live_period": 900}})
	r.srv.Inject("message", m)
	r.await(chat, 1)
	m["edit_date"] = time.Now().Unix()
	for i := range 3 {
		m["location"] = telegramtest.Map{"latitude": 1.5 + float64(i), "longitude": 2.5, "live_period": 900}
		r.srv.Inject("edited_message", m)
	}
	r.settle()
	if n, counted := len(r.srv.Sent(chat)), r.meter.of("dropped "+dropSame); n != 1 || counted != 3 {
		t.Errorf("got %d replies and %d edits counted, want 1 and 3", n, counted)
	}
}

// Of an answer of two passages the second was once in no private chat either.
func TestEachPassageCanBeReadPrivately(t *testing.T) {
	store := &memory{}
	r := start(t, func(c *Config) { c.Settings = store })
	group := r.srv.Group(-1014)
	if err := store.Set(context.Background(), place(group), setAnswers, "private"); err != nil {
		t.Fatal(err)
	}
	r.srv.Say(group, 501, "/ask swim and sun")
	links := r.last(group, 1).Buttons()
	if len(links) != 2 || !strings.HasSuffix(links[0].URL, "start=guide_avoid-swimming-and-hot-baths") ||
		!strings.HasSuffix(links[1].URL, "start=guide_avoid-the-sun") || !strings.Contains(links[1].Text, "Avoid the sun") {
		t.Errorf("got %v, want a link to each passage", links)
	}
}

// In the comments under a channel's post all but the first part of an answer
// once went outside of them: there only a reply stays where it belongs.
func TestEveryPartInAGroupIsAReply(t *testing.T) {
	r := start(t, nil)
	group := r.srv.Group(-1015)
	before := r.srv.SayWith(group, 501, telegramtest.Map{"text": "/ask the long one", "message_thread_id": 77})
	r.await(group, 3)
	r.settle()
	sent := r.srv.Sent(group)
	for i, m := range sent {
		if m.ReplyTo != before {
			t.Errorf("part %d replies to %d, want %d", i, m.ReplyTo, before)
		}
		before = m.ID
	}
	last := sent[len(sent)-1]
	r.srv.Tap(group, last.ID, 502, doAfter+"faq_topic-1")
	if m := r.last(group, len(sent)+1); m.ReplyTo != last.ID {
		t.Errorf("a passage opened below replies to %d, want %d", m.ReplyTo, last.ID)
	}
	// In a private chat nothing is to be told apart.
	chat := r.srv.Private(501)
	r.srv.Say(chat, 501, "/ask the long one")
	for i, m := range r.await(chat, 3) {
		if m.ReplyTo != 0 {
			t.Errorf("part %d in private replies to %d", i, m.ReplyTo)
		}
	}
}

// Commands of other bots once used up the limits of a group, and those who
// gave them were told to be slower.
func TestCommandsOfOtherBotsDoNotCount(t *testing.T) {
	t.Parallel()
	r := build(t, fake(t, telegramtest.Options{}), nil)
	clock := time.Now()
	r.a.people = intake.NewLimiter(personBurst, personWindow, func() time.Time { return clock })
	r.a.groups = intake.NewLimiter(groupBurst, groupWindow, func() time.Time { return clock })
	r.begin()
	group := r.srv.Group(-1016)
	for i := range 2 * groupBurst {
		r.srv.Say(group, int64(501+i%2), "/roll 2d6")
	}
	r.srv.Say(group, 501, "/ask can I swim")
	contains(t, r.last(group, 1).Parsed, "Do not swim")
	r.settle()
	if n, counted := len(r.srv.Sent(group)), r.meter.of("dropped "+dropOther); n != 1 || counted != 2*groupBurst {
		t.Errorf("got %d messages and %d counted, want the answer alone and %d", n, counted, 2*groupBurst)
	}
}

// An old button of a passage that is gone once put that it is in the place of
// somebody's answer.
func TestAButtonOfAPassageThatIsGoneChangesNothing(t *testing.T) {
	r := start(t, nil)
	chat := r.srv.Private(501)
	r.srv.Say(chat, 501, "/ask swim")
	m := r.last(chat, 1)
	for _, key := range []string{"guide_gone-by-now", "h-gone"} {
		tap := r.srv.Tap(chat, m.ID, 501, doOpen+key)
		r.wait("the tap", func() bool { return r.srv.Tapped(tap) })
	}
	r.settle()
	if sent := r.srv.Sent(chat); len(sent) != 1 || sent[0].Edits != 0 {
		t.Errorf("got %d messages with %d edits, want the answer as it was", len(sent), sent[0].Edits)
	}
	for _, c := range r.srv.Calls("answerCallbackQuery") {
		if got := c.Params["text"]; got != bot.SayGone {
			t.Errorf("got %q, want %q", got, bot.SayGone)
		}
	}
}

// A tap once waited behind the messages of its chat, and was never answered
// where they left no room.
func TestATapDoesNotWaitForItsChat(t *testing.T) {
	t.Parallel()
	r := build(t, fake(t, telegramtest.Options{}), nil)
	atWork, goOn := r.hold()
	r.begin()
	group := r.srv.Group(-1017)
	r.srv.Say(group, 501, "/ask can I swim")
	m := r.last(group, 1)
	r.srv.Say(group, 502, "/ask wait")
	<-atWork
	tap := func(data, want string) {
		t.Helper()
		id := r.srv.Tap(group, m.ID, 503, data)
		r.wait("the tap", func() bool { return r.srv.Tapped(id) })
		calls := r.srv.Calls("answerCallbackQuery")
		if got := calls[len(calls)-1].Params["text"]; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	tap(doAfter+"guide_avoid-the-sun", "")
	for range chatLimit - 1 {
		r.srv.Say(group, 504, "/ask swim")
	}
	r.wait("a full chat", func() bool { return r.a.queue.Depth() == chatLimit })
	tap(doAfter+"guide_avoid-the-sun", sayTapBusy)
	close(goOn)
	r.settle()
	if n := len(r.srv.Sent(group)); n != 2+chatLimit {
		t.Errorf("got %d messages, want %d: the first tap is carried out in its turn", n, 2+chatLimit)
	}
}

// One person's danger signs once used up the cards of everybody in a chat.
func TestNobodyUsesUpTheCardsOfOthers(t *testing.T) {
	t.Parallel()
	r := build(t, fake(t, telegramtest.Options{}), nil)
	now := func() time.Time { return time.Unix(1_000_000, 0) }
	r.a.groups, r.a.cards = intake.NewLimiter(0, groupWindow, now), intake.NewLimiter(personBurst, groupWindow, now)
	r.a.raids = intake.NewLimiter(cardsOfChat, groupWindow, now)
	r.begin()
	group := r.srv.Group(-1019)
	for range 3 * personBurst {
		r.srv.Say(group, 501, "/ask I cannot breathe")
	}
	r.await(group, personBurst)
	r.settle()
	before := len(r.srv.Sent(group))
	r.srv.Say(group, 502, "/ask I cannot breathe")
	contains(t, r.last(group, before+1).Parsed, "Get help now")
	for user := range int64(2 * cardsOfChat) { // a raid
		r.srv.Say(group, 1000+user, "/ask I cannot breathe")
	}
	r.settle()
	cards := 0
	for _, m := range r.srv.Sent(group) {
		if strings.Contains(m.Parsed, "Get help now") {
			cards++
		}
	}
	if cards != cardsOfChat {
		t.Errorf("got %d cards, want %d", cards, cardsOfChat)
	}
}
