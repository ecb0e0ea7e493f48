package telegramtest

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

const specFile = "../../../../shared/specs/telegram-bot-api.json"

type reply struct {
	OK          bool            `json:"ok"`
	Code        int             `json:"error_code"`
	Description string          `json:"description"`
	Result      json.RawMessage `json:"result"`
	Parameters  struct {
		Retry int   `json:"retry_after"`
		To    int64 `json:"migrate_to_chat_id"`
	} `json:"parameters"`
}

func ask(t *testing.T, s *Server, method string, pairs ...string) reply {
	t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	resp, err := http.PostForm(s.URL()+"/bot"+s.Token()+"/"+method, form)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var r reply
	if err := json.NewDecoder(resp.Body).Decode(&r); err != nil {
		t.Fatal(err)
	}
	return r
}

func server(t *testing.T) *Server {
	t.Helper()
	s, err := New(Options{Spec: specFile, ConflictDelay: 100 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func ids(t *testing.T, r reply) []int {
	t.Helper()
	var list []struct {
		ID int `json:"update_id"`
	}
	if err := json.Unmarshal(r.Result, &list); err != nil {
		t.Fatal(err)
	}
	var out []int
	for _, u := range list {
		out = append(out, u.ID)
	}
	return out
}

func TestOffsets(t *testing.T) {
	s := server(t)
	s.Private(1)
	s.Renumber(100)
	for range 5 {
		s.Say(1, 1, "hello")
	}
	for _, c := range []struct {
		offset, limit string
		want          int // first number
		n             int
		left          int
	}{
		{"0", "2", 100, 2, 5},
		{"102", "0", 102, 3, 3},
		{"103", "1000", 103, 2, 2},
		{"999", "100", 103, 2, 2}, // beyond the sequence: from the head, and nothing confirmed
		{"-1", "100", 104, 1, 1},  // all but the last are lost
	} {
		got := ids(t, ask(t, s, "getUpdates", "offset", c.offset, "limit", c.limit))
		if len(got) != c.n || got[0] != c.want || s.Pending() != c.left {
			t.Errorf("offset %s: got %v and %d left, want %d from %d and %d left", c.offset, got, s.Pending(), c.n, c.want, c.left)
		}
	}
	s.Say(1, 1, "hello")
	ask(t, s, "getUpdates", "offset", "104")
	if got := ids(t, ask(t, s, "getUpdates", "offset", "104")); len(got) != 1 {
		t.Errorf("the same offset again at once: got %v, want one update", got)
	}
}

func TestASecondPollEndsTheFirst(t *testing.T) {
	s := server(t)
	first := make(chan string, 1)
	poll := func(into chan string, form string) {
		resp, err := http.Post(s.URL()+"/bot"+s.Token()+"/getUpdates", "application/x-www-form-urlencoded", strings.NewReader(form))
		if err != nil {
			into <- err.Error()
			return
		}
		defer resp.Body.Close()
		body, _ := io.ReadAll(resp.Body)
		into <- string(body)
	}
	go poll(first, "timeout=50")
	s.Wait(time.Second, func() bool { return s.Count("getUpdates") == 1 })
	time.Sleep(50 * time.Millisecond)
	second := make(chan string, 1)
	go poll(second, "timeout=3&offset=1")
	if got := <-first; !strings.Contains(got, `"error_code":409`) || !strings.Contains(got, textOtherPoll) {
		t.Errorf("got %s, want 409", got)
	}
	s.SetWebhook("https://x.example", "")
	if r := ask(t, s, "getUpdates"); r.Code != 409 || r.Description != textHookActive {
		t.Errorf("got %+v, want 409 because of the webhook", r)
	}
}

func TestRefusals(t *testing.T) {
	s := server(t)
	if !s.Validates() {
		t.Log("requests are not compared with the Bot API description: " + specFile + " is absent")
	}
	s.Private(1)
	group := s.Group(-100)
	blocked := s.Private(2)
	s.Change(blocked, func(c *Chat) { c.Refuses = "bot was blocked by the user" })
	old := s.Group(-5)
	s.Change(old, func(c *Chat) { c.MigratedTo = group })
	id := s.Say(1, 1, "hello")
	sent := ask(t, s, "sendMessage", "chat_id", "1", "text", "x <b>y</b>", "parse_mode", "HTML")
	var m struct {
		ID int `json:"message_id"`
	}
	_ = json.Unmarshal(sent.Result, &m)
	for _, c := range []struct {
		name   string
		method string
		params []string
		code   int
		text   string
	}{
		{"blocked", "sendMessage", []string{"chat_id", "2", "text", "x"}, 403, "Forbidden: bot was blocked by the user"},
		{"migrated", "sendMessage", []string{"chat_id", "-5", "text", "x"}, 400, "group chat was upgraded to a supergroup chat"},
		{"topic", "sendMessage", []string{"chat_id", "-100", "text", "x", "message_thread_id", "1"}, 400, "message thread not found"},
		{"reply", "sendMessage", []string{"chat_id", "1", "text", "x", "reply_parameters", `{"message_id":9999}`}, 400, "message to be replied not found"},
		{"empty", "sendMessage", []string{"chat_id", "1", "text", " \n\u200b"}, 400, "message text is empty"},
		{"too long", "sendMessage", []string{"chat_id", "1", "text", strings.Repeat("😀", 4097)}, 400, "message is too long"},
		{"just not too long", "sendMessage", []string{"chat_id", "1", "text", strings.Repeat("😀", 4096)}, 0, ""},
		{"not HTML", "sendMessage", []string{"chat_id", "1", "text", "a < b", "parse_mode", "HTML"}, 400, "can't parse entities: Unsupported start tag"},
		{"data", "sendMessage", []string{"chat_id", "1", "text", "x", "reply_markup", `{"inline_keyboard":[[{"text":"a","callback_data":"` + strings.Repeat("x", 65) + `"}]]}`}, 400, "BUTTON_DATA_INVALID"},
		{"unchanged", "editMessageText", []string{"chat_id", "1", "message_id", itoa(m.ID), "text", "x <b>y</b>", "parse_mode", "HTML"}, 400, "message is not modified"},
		{"gone", "editMessageText", []string{"chat_id", "1", "message_id", "9999", "text", "x"}, 400, "message to edit not found"},
		{"not ours", "editMessageText", []string{"chat_id", "1", "message_id", itoa(id), "text", "x"}, 400, "message can't be edited"},
		{"late", "answerCallbackQuery", []string{"callback_query_id", "none"}, 400, "query is too old"},
		{"hook", "setWebhook", []string{"url", "http://x.example"}, 400, "An HTTPS URL must be provided"},
		{"port", "setWebhook", []string{"url", "https://x.example:1234"}, 400, "only on ports"},
	} {
		r := ask(t, s, c.method, c.params...)
		if r.Code != c.code || !strings.Contains(r.Description, c.text) {
			t.Errorf("%s: got %d %q, want %d %q", c.name, r.Code, r.Description, c.code, c.text)
		}
		if c.name == "migrated" && r.Parameters.To != group {
			t.Errorf("migrated: got %+v", r.Parameters)
		}
	}
	for token, want := range map[string]int{"1:wrong": 401, "nonsense": 404} {
		resp, err := http.Get(s.URL() + "/bot" + token + "/getMe")
		if err != nil || resp.StatusCode != want {
			t.Errorf("token %q: got %v %v, want %d", token, resp, err, want)
		}
	}
}

// What the description says is wrong is remembered, in requests and in updates.
func TestDescription(t *testing.T) {
	s := server(t)
	if !s.Validates() {
		t.Skip(specFile + " is absent")
	}
	s.Private(1)
	for _, c := range []struct {
		name, method string
		params       []string
	}{
		{"unknown method", "getChatMembersCount", []string{"chat_id", "1"}},
		{"missing", "sendMessage", []string{"chat_id", "1"}},
		{"misspelt", "sendMessage", []string{"chat_id", "1", "text", "x", "reply_paramters", `{"message_id":1}`}},
		{"wrong inside", "sendMessage", []string{"chat_id", "1", "text", "x", "reply_parameters", `{"message":1}`}},
		{"null keyboard", "sendMessage", []string{"chat_id", "1", "text", "x", "reply_markup", `{"inline_keyboard":null}`}},
		{"null list", "getUpdates", []string{"allowed_updates", "null"}},
		{"scope", "getMyCommands", []string{"scope", `{"type":"everybody"}`}},
	} {
		before := len(s.Errors())
		ask(t, s, c.method, c.params...)
		if len(s.Errors()) == before {
			t.Errorf("%s: not noticed", c.name)
		}
	}
	before := len(s.Errors())
	s.Inject("message", Map{"text": "no id, no chat, no date"})
	s.Inject("mesage", Map{})
	if got := len(s.Errors()) - before; got != 2 {
		t.Errorf("got %d bad updates noticed, want 2", got)
	}
}

func TestParseHTML(t *testing.T) {
	for _, c := range []struct {
		in, out string
		n       int
		err     string
	}{
		{"a &lt;b&gt; &amp;amp; &quot; &#39; &#x41; &nbsp; &apos; & &lt", "a <b> &amp; \" ' A &nbsp; &apos; & <", 0, ""},
		{"<B>😀x</B> <blockquote expandable>q</blockquote>", "😀x q", 2, ""},
		{"<b></b>x", "x", 0, ""},
		{"1 < 2", "", 0, "Unsupported start tag \"\""},
		{"<script>", "", 0, "Unsupported start tag \"script\""},
		{"<b>x", "", 0, "Can't find end tag corresponding to start tag \"b\""},
		{"<b><i>x</b></i>", "", 0, "expected \"</i>\", found \"</b>\""},
		{"x</b>", "", 0, "Unexpected end tag"},
		{"x <b", "", 0, "Unclosed start tag"},
	} {
		out, entities, err := ParseHTML(c.in)
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%q: got %v, want an error with %q", c.in, err, c.err)
			}
			continue
		}
		if err != nil || out != c.out || len(entities) != c.n {
			t.Errorf("%q: got %q, %v, %v, want %q", c.in, out, entities, err, c.out)
		}
	}
	_, e, _ := ParseHTML("😀 <b>😀x</b>")
	if e[0].Offset != 3 || e[0].Length != 3 {
		t.Errorf("got %+v, want UTF-16 units", e[0])
	}
}

func itoa(n int) string {
	b, _ := json.Marshal(n)
	return string(b)
}
