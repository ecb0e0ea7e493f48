package telegram

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/bot/telegram/telegramtest"
)

// Updates as they should not be: fields gone, null, of another type, of
// another size. None makes the adapter panic, and every one is confirmed.
func TestHostileUpdatesNeverPanic(t *testing.T) {
	t.Parallel()
	srv, err := telegramtest.New(telegramtest.Options{}) // its complaints about chats that it does not know are no errors here
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(srv.Close)
	r := build(t, srv, func(c *Config) {
		c.Settings = &memory{}
		c.Feedback = func(context.Context, bot.Feedback) error { return nil }
	}).begin()
	user := telegramtest.User(501)
	chat, group := telegramtest.Map{"id": 501, "type": "private", "first_name": "A"}, telegramtest.Map{"id": -1, "type": "supergroup", "title": "G"}
	srv.Private(501)
	srv.Group(-1)
	message := func(chat telegramtest.Map, text string) telegramtest.Map {
		return telegramtest.Map{"message_id": 5, "date": time.Now().Unix(), "chat": chat, "from": user, "text": text, "message_thread_id": 3, "is_topic_message": true,
			"entities":         []telegramtest.Map{{"type": "bot_command", "offset": 0, "length": 4}, {"type": "mention", "offset": 5, "length": 19}, {"type": "text_mention", "offset": 1, "length": 3, "user": user}},
			"reply_to_message": telegramtest.Map{"message_id": 4, "date": 1, "chat": chat, "from": telegramtest.Map{"id": srv.BotID(), "is_bot": true, "first_name": "B"}, "text": "x"},
			"sender_chat":      group, "via_bot": user, "media_group_id": "m", "caption": "/ask swim"}
	}
	member := telegramtest.Map{"status": "member", "user": user}
	templates := []telegramtest.Map{
		{"message": message(chat, "/ask @aftercare_test_bot can I swim")},
		{"message": message(group, "/settings@aftercare_test_bot")},
		{"edited_message": message(group, "/ask swim")},
		{"callback_query": telegramtest.Map{"id": "1", "from": user, "message": message(chat, "x"), "chat_instance": "1", "data": "p:guide_avoid-the-sun"}},
		{"callback_query": telegramtest.Map{"id": "1", "from": user, "message": message(group, "x"), "chat_instance": "1", "data": "s:answers:private"}},
		{"inline_query": telegramtest.Map{"id": "1", "from": user, "query": "swim", "offset": ""}},
		{"my_chat_member": telegramtest.Map{"chat": chat, "from": user, "date": 1, "old_chat_member": member, "new_chat_member": member}},
	}
	random := rand.New(rand.NewPCG(7, 7))
	values := []any{nil, true, -1, 0, 1e18, "", "x", "\u0000", []any{}, map[string]any{}, []any{nil}, "/", "@"}
	var mutate func(v any) any
	mutate = func(v any) any {
		switch v := v.(type) {
		case map[string]any:
			for k := range v {
				switch x := random.IntN(24); {
				case x == 0:
					delete(v, k)
				case x == 1:
					v[k] = values[random.IntN(len(values))]
				default:
					v[k] = mutate(v[k])
				}
			}
		case []any:
			for i := range v {
				v[i] = mutate(v[i])
			}
		}
		return v
	}
	for i := range 600 {
		raw, err := json.Marshal(templates[i%len(templates)])
		if err != nil {
			t.Fatal(err)
		}
		var v map[string]any
		_ = json.Unmarshal(raw, &v)
		mutate(v)
		v["update_id"] = "NUMBER"
		raw, _ = json.Marshal(v)
		srv.InjectRaw(strings.Replace(string(raw), `"NUMBER"`, "ID", 1))
		if i%100 == 99 {
			srv.Wait(patience, func() bool { return srv.Pending() < 300 })
		}
	}
	if !srv.Wait(patience, func() bool { return srv.Pending() == 0 }) {
		t.Errorf("%d updates are stuck", srv.Pending())
	}
	if n := r.meter.of("panic"); n != 0 {
		t.Errorf("got %d panics; log:\n%s", n, r.logs)
	}
}
