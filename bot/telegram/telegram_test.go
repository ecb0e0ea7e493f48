package telegram

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/bot/telegram/telegramtest"
)

func TestAnswersAPrivateMessage(t *testing.T) {
	r := start(t, nil)
	chat := r.srv.Private(501)
	r.srv.Say(chat, 501, "Can I go swimming tomorrow?")
	m := r.last(chat, 1)
	p := r.guide.passages[0]
	if want := p.Title + "\n\n" + p.Text + "\n\n" + note; m.Parsed != want {
		t.Errorf("got %q, want %q", m.Parsed, want)
	}
	if len(m.Entities) != 2 || m.Entities[0].Type != "bold" || m.Entities[1].Type != "blockquote" {
		t.Errorf("got entities %v, want the title bold and the note in a quote", m.Entities)
	}
	if m.Params["reply_parameters"] != "" {
		t.Errorf("got reply_parameters %s in a private chat, want none", m.Params["reply_parameters"])
	}
	if m.Params["link_preview_options"] != `{"is_disabled":true}` {
		t.Errorf("got link previews %q, want them off", m.Params["link_preview_options"])
	}
	r.settle()
}

func TestCommandsInAPrivateChat(t *testing.T) {
	r := start(t, nil)
	chat := r.srv.Private(501)
	for i, c := range []struct{ say, want string }{
		{"/start", "Just write your question"},
		{"/help", "/topics"},
		{"/ask can I swim", "Do not swim & skip <hot> baths"},
		{"/ask", "Write your question after the command"},
		{"/ask@Aftercare_Test_Bot can I sit in the sun", "SPF 30"},
		{"/askпривет swim", "Do not swim"},
		{"/topics", "This is what I can answer"},
		{"/privacy", "is in no log"},
		{"/settings", "belong to groups"},
		{"/forgetme", "nothing to forget"},
		{"/reindex", "I do not know that command"},
		{"/nonsense", "I do not know that command"},
	} {
		r.srv.Say(chat, 501, c.say)
		if m := r.last(chat, i+1); !strings.Contains(m.Parsed, c.want) {
			t.Errorf("%s: got %q, want it to hold %q", c.say, m.Parsed, c.want)
		}
	}
}

func TestInAGroupOnlyWhatIsForTheBot(t *testing.T) {
	r := start(t, nil)
	group := r.srv.Group(-1001)
	for _, talk := range []string{"can I swim?", "/ask@other_bot can I swim", "@aftercare_test_botx swim", "/unknown"} {
		r.srv.Say(group, 501, talk)
	}
	id := r.srv.Say(group, 501, "/ask can I swim")
	m := r.last(group, 1)
	if m.ReplyTo != id {
		t.Errorf("got a reply to %d, want %d", m.ReplyTo, id)
	}
	contains(t, m.Params["reply_parameters"], `"allow_sending_without_reply":true`)

	r.srv.SayWith(group, 502, telegramtest.Map{"text": "and the sun?", "reply_to_message": r.srv.BotMessage(group, m.ID)})
	contains(t, r.last(group, 2).Parsed, "SPF 30")
	r.srv.Say(group, 503, "hey @Aftercare_Test_Bot can I swim")
	contains(t, r.last(group, 3).Parsed, "Do not swim")
	// "/ask" under somebody's question answers that question.
	asked, askedID := r.srv.Message(group, 504, telegramtest.Map{"text": "will the sun hurt?"})
	r.srv.SayWith(group, 505, telegramtest.Map{"text": "/ask", "reply_to_message": asked})
	_ = askedID
	contains(t, r.last(group, 4).Parsed, "SPF 30")
	r.settle()
	if n := len(r.srv.Sent(group)); n != 4 {
		t.Errorf("got %d replies, want 4", n)
	}
}

func TestStaysInTheTopicAndLeavesGeneralOut(t *testing.T) {
	r := start(t, nil)
	group := r.srv.Group(-1002)
	r.srv.Change(group, func(c *telegramtest.Chat) { c.Forum = true; c.Topics[77] = true })
	r.srv.SayWith(group, 501, telegramtest.Map{"text": "/ask swim", "message_thread_id": 77, "is_topic_message": true})
	if m := r.last(group, 1); m.Thread != 77 {
		t.Errorf("got topic %d, want 77", m.Thread)
	}
	r.srv.SayWith(group, 501, telegramtest.Map{"text": "/ask swim", "message_thread_id": 1, "is_topic_message": true})
	if m := r.last(group, 2); m.Thread != 0 {
		t.Errorf("got topic %d for General, want none", m.Thread)
	}
	// In a group that is no forum a thread is a chain of replies.
	r.srv.SayWith(group, 501, telegramtest.Map{"text": "/ask swim", "message_thread_id": 4})
	if m := r.last(group, 3); m.Thread != 0 {
		t.Errorf("got topic %d for a chain of replies, want none", m.Thread)
	}
	// A topic that was deleted meanwhile: rather in General than nowhere.
	r.srv.SayWith(group, 501, telegramtest.Map{"text": "/ask swim", "message_thread_id": 99, "is_topic_message": true})
	if m := r.last(group, 4); m.Thread != 0 {
		t.Errorf("got topic %d, want none", m.Thread)
	}
}

func TestALongAnswerIsSplitAndNothingIsLost(t *testing.T) {
	r := start(t, nil)
	chat := r.srv.Private(501)
	r.srv.Say(chat, 501, "/ask a long one")
	text := strings.Repeat("A sentence that is not short at all. ", 300)
	sent := r.await(chat, 3)
	r.settle()
	var all strings.Builder
	for _, m := range sent {
		all.WriteString(m.Parsed)
	}
	contains(t, all.String(), text)
	if last := sent[len(sent)-1]; !strings.HasSuffix(last.Parsed, note) || len(last.Buttons()) == 0 {
		t.Errorf("got a last part without the note or the buttons: %q", last.Parsed)
	}
	for i, m := range sent[:len(sent)-1] {
		if strings.Contains(m.Parsed, note) || len(m.Buttons()) != 0 {
			t.Errorf("part %d has the note or buttons before the last one", i)
		}
		if !strings.HasSuffix(m.Text, ".") {
			t.Errorf("part %d does not end with a sentence: %q", i, m.Text[len(m.Text)-30:])
		}
	}
}

func TestABadTokenEndsWithWhatToDo(t *testing.T) {
	t.Parallel()
	srv := fake(t, telegramtest.Options{})
	for _, token := range []string{"987654321:WrongSecretOfARevokedToken", "nonsense", "a/b?c#d%zz:x"} {
		r := build(t, srv, func(c *Config) { c.Token = token })
		err := r.a.Run(context.Background(), r.answer)
		if err == nil || !strings.Contains(err.Error(), "@BotFather") {
			t.Errorf("%q: got %v, want an error that names @BotFather", token, err)
		}
		if err != nil && strings.Contains(err.Error(), token) {
			t.Errorf("the error holds the token: %v", err)
		}
	}
}

func TestNewRefusesBadSettings(t *testing.T) {
	g := &guide{passages: passages()}
	for _, c := range []struct {
		name string
		c    Config
		want string
	}{
		{"no token", Config{Guide: g}, "TELEGRAM_TOKEN"},
		{"newline", Config{Guide: g, Token: "123:canary-secret\n"}, "line break"},
		{"address", Config{Guide: g, Token: "123:canary-secret", APIURL: "::nonsense"}, "TELEGRAM_API_URL"},
		{"scheme", Config{Guide: g, Token: "123:canary-secret", APIURL: "ftp://x"}, "TELEGRAM_API_URL"},
		{"webhook http", Config{Guide: g, Token: "123:canary-secret", Webhook: "http://x.example", Listen: ":0"}, "https"},
		{"webhook port", Config{Guide: g, Token: "123:canary-secret", Webhook: "https://x.example:9999", Listen: ":0"}, "8443"},
		{"webhook listen", Config{Guide: g, Token: "123:canary-secret", Webhook: "https://x.example"}, "--listen"},
	} {
		_, err := New(c.c)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want an error with %q", c.name, err, c.want)
		}
		if err != nil && strings.Contains(err.Error(), "canary-secret") {
			t.Errorf("%s: the error holds the token: %v", c.name, err)
		}
	}
}

// SIGTERM in mid-question: what was taken is answered, and confirmed once more.
func TestStoppingFinishesWhatWasTaken(t *testing.T) {
	t.Parallel()
	r := build(t, fake(t, telegramtest.Options{}), nil)
	asked, goOn := make(chan bool), make(chan bool)
	r.answer = func(ctx context.Context, q bot.Question) bot.Reply {
		close(asked)
		<-goOn
		return r.guide.reply(ctx, q)
	}
	r.begin()
	chat := r.srv.Private(501)
	r.srv.Say(chat, 501, "/ask can I swim")
	<-asked
	r.stop()
	time.Sleep(50 * time.Millisecond)
	close(goOn)
	began := time.Now()
	if err := r.end(); err != nil {
		t.Errorf("Run: got %v, want nil", err)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("stopping took %v", took)
	}
	if n := len(r.srv.Sent(chat)); n != 1 {
		t.Errorf("got %d answers, want 1", n)
	}
	if n := r.srv.Pending(); n != 0 {
		t.Errorf("%d updates are not confirmed", n)
	}
}
