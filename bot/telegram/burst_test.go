package telegram

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/bot/telegram/telegramtest"
	"github.com/aftercarebot/aftercare/knowledge"
)

// A whole question was once kept back for most of a second, in case there was
// more to come.
func TestAWholeQuestionWaitedForMore(t *testing.T) {
	for text, atOnce := range map[string]bool{
		"can I swim?":                       true,
		"泳げますか？":                            true,
		"how long should I stay out of it":  true,
		"can I go":                          false,
		"hi":                                false,
		"my cheeks are dry since yesterday": false,
	} {
		asked := 0
		b := newBursts(func(question) bool { asked++; return true })
		if !b.add(question{chat: 1, user: 1, pieces: []piece{{1, text}}}) {
			t.Fatalf("%q: not taken", text)
		}
		b.mu.Lock() // the timer of one that waits takes it too
		if got := asked == 1; got != atOnce {
			t.Errorf("%q: asked at once: %v, want %v", text, got, atOnce)
		}
		b.mu.Unlock()
		b.close()
	}
}

func TestTheLastWordsOfAQuestionEndTheWaiting(t *testing.T) {
	var asked []string
	b := newBursts(func(q question) bool { asked = append(asked, q.text()); return true })
	for i, text := range []string{"hey", "can I go", "swimming tomorrow?"} {
		b.add(question{chat: 1, user: 1, pieces: []piece{{i, text}}})
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if want := "hey\ncan I go\nswimming tomorrow?"; len(asked) != 1 || asked[0] != want {
		t.Errorf("got %q, want %q at once", asked, want)
	}
}

func TestAWholeQuestionIsRefusedWhereThereIsNoRoom(t *testing.T) {
	b := newBursts(func(question) bool { return false })
	if b.add(question{chat: 1, user: 1, pieces: []piece{{1, "can I swim?"}}}) {
		t.Error("taken, though there was no room")
	}
	if len(b.open) != 0 {
		t.Error("it is kept all the same, and would be asked twice")
	}
}

func TestWhatIsRememberedOfQuestionsStaysBounded(t *testing.T) {
	b := newBursts(func(question) bool { return true })
	for i := range 3 * askedMost {
		b.add(question{chat: int64(i), user: 1, pieces: []piece{{1, "can I swim?"}}})
	}
	if len(b.asked) > askedMost {
		t.Errorf("got %d, want at most %d", len(b.asked), askedMost)
	}
}

// A fragment just behind an answered question mends that answer; a danger
// sign there gets its card as a message of its own, which rings.
func TestAFragmentBehindAnAnswer(t *testing.T) {
	t.Parallel()
	r := build(t, fake(t, telegramtest.Options{}), nil)
	r.a.bursts.joinWithin = time.Hour
	r.begin()
	chat := r.srv.Private(501)
	r.srv.Say(chat, 501, "can I go there?")
	r.await(chat, 1)
	r.srv.Say(chat, 501, "to swim")
	r.wait("the mended answer", func() bool { return strings.Contains(r.srv.Sent(chat)[0].Parsed, "Do not swim") })
	r.srv.Say(chat, 501, "I cannot breathe")
	contains(t, r.last(chat, 2).Parsed, "Get help now")
	r.srv.Say(chat, 501, "may I sit in the sun?") // stands on its own
	contains(t, r.last(chat, 3).Parsed, "SPF 30")
	r.srv.SayWith(chat, 501, telegramtest.Map{"sticker": telegramtest.Map{"file_id": "f", "file_unique_id": "u", "type": "regular", "width": 1, "height": 1, "is_animated": false, "is_video": false}})
	contains(t, r.last(chat, 4).Parsed, "only understand words")
	r.settle()
	sent := r.srv.Sent(chat)
	if len(sent) != 4 {
		t.Errorf("got %d messages, want 4", len(sent))
	}
	contains(t, sent[0].Parsed, "Do not swim")
}

// The pictures of an album whose first has a caption got a sentence each.
func TestAnAlbumWithACaptionIsAnsweredOnce(t *testing.T) {
	r := start(t, nil)
	chat := r.srv.Private(501)
	photo := []telegramtest.Map{{"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}}
	r.srv.SayWith(chat, 501, telegramtest.Map{"photo": photo, "media_group_id": "a", "caption": "can I swim?"})
	for range 3 {
		r.srv.SayWith(chat, 501, telegramtest.Map{"photo": photo, "media_group_id": "a"})
	}
	contains(t, r.last(chat, 1).Parsed, "Do not swim")
	r.settle()
	if n := len(r.srv.Sent(chat)); n != 1 {
		t.Errorf("got %d messages, want 1", n)
	}
}

// An exchange once held the one before it, and that the one before.
func TestEditsKeptAllThatWasBefore(t *testing.T) {
	kept := newReplies()
	for i := range 5 {
		q := question{chat: 1, pieces: []piece{{7, fmt.Sprint("can I swim ", i)}}, again: kept.get(1, 7)}
		kept.put(q, []int{8}, false)
	}
	e := kept.get(1, 7)
	if e == nil || e.question.again != nil {
		t.Errorf("got %v, want the last exchange alone", e)
	}
	if len(kept.order) != 1 {
		t.Errorf("got %d places in the order, want 1", len(kept.order))
	}
}

// A question that nobody asked after stayed in memory for as long as the
// process ran.
func TestAnsweredQuestionsWereNeverForgotten(t *testing.T) {
	kept := newReplies()
	clock := time.Now()
	kept.now = func() time.Time { return clock }
	kept.put(question{chat: 1, pieces: []piece{{7, "can I swim?"}}}, []int{8}, false)
	clock = clock.Add(editableFor + time.Second)
	kept.swept()
	if len(kept.by) != 0 || len(kept.order) != 0 || kept.sweep != nil {
		t.Errorf("got %d kept, want none", len(kept.by))
	}
}

// A request to show "typing" that hung once held the answer up with it.
func TestAnAnswerWaitedForTyping(t *testing.T) {
	t.Parallel()
	srv := fake(t, telegramtest.Options{})
	held := make(chan struct{})
	srv.Fail(func(method string, _ map[string]string) telegramtest.Fault {
		if method == "sendChatAction" {
			<-held
		}
		return telegramtest.Fault{}
	})
	r := build(t, srv, nil)
	r.answer = func(ctx context.Context, q bot.Question) bot.Reply {
		time.Sleep(typingAfter + 300*time.Millisecond)
		return r.guide.reply(ctx, q)
	}
	r.begin()
	chat := r.srv.Private(501)
	r.srv.Say(chat, 501, "/ask swim")
	contains(t, r.last(chat, 1).Parsed, "Do not swim")
	close(held)
}

// In a group where answers are private, only the first of several
// suggestions could be opened.
func TestSuggestionsBehindALinkCanAllBeOpened(t *testing.T) {
	r := start(t, func(c *Config) {
		c.Settings = &memory{kept: map[string]map[string]string{"chat:-1011": {setAnswers: "private"}}}
	})
	group := r.srv.Group(-1011)
	r.srv.Say(group, 501, "/ask which one")
	m := r.last(group, 1)
	if b := m.Buttons(); m.Text != sayPrivate || len(b) != 2 || !strings.HasSuffix(b[0].URL, passageKey(r.guide.passages[0].ID)) || !strings.HasSuffix(b[1].URL, passageKey(r.guide.passages[2].ID)) {
		t.Errorf("got %q with %v, want a link for each suggestion", m.Text, b)
	}
}

// A thumb that could not be kept was thanked for, and could not be given again.
func TestALostThumbWasThankedFor(t *testing.T) {
	broken := true
	votes := 0
	r := start(t, func(c *Config) {
		c.Feedback = func(context.Context, bot.Feedback) error {
			if broken {
				broken = false
				return errors.New("disk full")
			}
			votes++
			return nil
		}
	})
	chat := r.srv.Private(501)
	r.srv.Say(chat, 501, "/ask swim")
	m := r.last(chat, 1)
	up := doUp + passageKey(r.guide.passages[0].ID)
	for range 3 {
		tap := r.srv.Tap(chat, m.ID, 501, up)
		r.wait("the tap", func() bool { return r.srv.Tapped(tap) })
	}
	r.settle()
	if r.end(); votes != 1 {
		t.Errorf("got %d votes, want 1", votes)
	}
	var said []string
	for _, c := range r.srv.Calls("answerCallbackQuery") {
		said = append(said, c.Params["text"])
	}
	if want := []string{bot.SaySorry, bot.SayThanksUp, sayVoted}; strings.Join(said, "|") != strings.Join(want, "|") {
		t.Errorf("said %q, want %q", said, want)
	}
}

func TestAnUnsureAnswerSaysSo(t *testing.T) {
	p := knowledge.Passage{Title: "T", Text: "Text."}
	for confidence, want := range map[float64]bool{0.6: true, 0.9: false} {
		r := bot.Reply{Kind: bot.Answer, Matches: []knowledge.Match{{Passage: p, Confidence: confidence}}}
		if got := strings.Contains(render(r, "")[0].plain, "not certain"); got != want {
			t.Errorf("at %v: got a word of doubt %v, want %v", confidence, got, want)
		}
	}
}
