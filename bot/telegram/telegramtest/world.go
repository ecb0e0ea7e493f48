package telegramtest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"
)

// Limits of the real server.
const (
	textMost = 4096     // code points after parsing
	rawMost  = 32 << 10 // bytes before it
	dataMost = 64       // bytes of callback_data
)

// Message is one message in a chat, of a person or of the bot.
type Message struct {
	ID       int
	Chat     int64
	Bot      bool   // sent by the bot
	Raw      string // text as the bot sent it
	Parsed   string // Raw without mark-up, byte for byte
	Text     string // as stored: cleaned and trimmed
	Entities []Entity
	Markup   json.RawMessage
	Params   map[string]string // the request that sent it
	ReplyTo  int
	Thread   int
	Edits    int
	Deleted  bool
	At       time.Time
	from     int64
}

// Button is one button of a message's keyboard.
type Button struct {
	Text string `json:"text"`
	Data string `json:"callback_data"`
	URL  string `json:"url"`
}

// Buttons lists the buttons of a message, row after row.
func (m Message) Buttons() []Button {
	var k struct {
		Rows [][]Button `json:"inline_keyboard"`
	}
	_ = json.Unmarshal(m.Markup, &k)
	var out []Button
	for _, r := range k.Rows {
		out = append(out, r...)
	}
	return out
}

// Chat is one chat. Its fields may be changed with [Server.Change].
type Chat struct {
	ID         int64
	Type       string // private, group, supergroup
	Forum      bool
	Topics     map[int]bool
	Refuses    string           // why the bot cannot write, such as "bot was blocked by the user"; empty: it can
	MigratedTo int64            // the supergroup that this group became
	Admins     map[int64]string // status by user, where it is not member
	messages   []*Message
}

// Private adds the private chat with a user, whose number it shares.
func (s *Server) Private(user int64) int64 {
	return s.addChat(&Chat{ID: user, Type: "private"})
}

// Group adds a supergroup.
func (s *Server) Group(id int64) int64 {
	return s.addChat(&Chat{ID: id, Type: "supergroup", Topics: map[int]bool{}, Admins: map[int64]string{}})
}

func (s *Server) addChat(c *Chat) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.chats[c.ID] = c
	return c.ID
}

// Change lets f change a chat.
func (s *Server) Change(chat int64, f func(*Chat)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(s.chats[chat])
}

// Sent lists what the bot has sent to a chat and not deleted, in order.
func (s *Server) Sent(chat int64) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Message
	if c := s.chats[chat]; c != nil {
		for _, m := range c.messages {
			if m.Bot && !m.Deleted {
				out = append(out, *m)
			}
		}
	}
	return out
}

// Map is a JSON object.
type Map = map[string]any

// User is a person as updates name one.
func User(id int64) Map {
	return Map{"id": id, "is_bot": false, "first_name": "Canary-Name", "username": "canary_user_" + strconv.FormatInt(id, 10), "language_code": "en"}
}

// Message makes a message by a user with further fields, and gives it and its
// id. Entities are found as Telegram finds them: commands and mentions.
func (s *Server) Message(chat, user int64, fields Map) (Map, int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.chats[chat]
	s.nextID++
	m := Map{"message_id": s.nextID, "date": time.Now().Unix(), "chat": c.json(), "from": User(user)}
	for k, v := range fields {
		m[k] = v
	}
	for text, entities := range map[string]string{"text": "entities", "caption": "caption_entities"} {
		if t, ok := m[text].(string); ok && m[entities] == nil {
			if found := find(t); len(found) > 0 {
				m[entities] = found
			}
		}
	}
	c.messages = append(c.messages, &Message{ID: s.nextID, Chat: chat, from: user, At: time.Now()})
	return m, s.nextID
}

func (c *Chat) json() Map {
	m := Map{"id": c.ID, "type": c.Type}
	if c.Type == "private" {
		m["first_name"] = "Canary-Name"
	} else {
		m["title"] = "A group"
	}
	if c.Forum {
		m["is_forum"] = true
	}
	return m
}

// Say injects a text message and gives the message's id.
func (s *Server) Say(chat, user int64, text string) int {
	m, id := s.Message(chat, user, Map{"text": text})
	s.Inject("message", m)
	return id
}

// SayWith injects a message with any fields and gives its id.
func (s *Server) SayWith(chat, user int64, fields Map) int {
	m, id := s.Message(chat, user, fields)
	s.Inject("message", m)
	return id
}

// Edit injects an edit of an earlier message of a user.
func (s *Server) Edit(chat, user int64, id int, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := Map{"message_id": id, "date": time.Now().Unix(), "edit_date": time.Now().Unix(), "chat": s.chats[chat].json(), "from": User(user), "text": text}
	if found := find(text); len(found) > 0 {
		m["entities"] = found
	}
	s.inject("edited_message", m)
}

// BotMessage is a message of the bot as a reply or a tap refers to it.
func (s *Server) BotMessage(chat int64, id int) Map {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.botMessage(chat, id)
}

func (s *Server) botMessage(chat int64, id int) Map {
	c := s.chats[chat]
	m := c.find(id)
	if m == nil {
		return Map{"message_id": id, "date": 0, "chat": c.json()}
	}
	out := Map{"message_id": id, "date": m.At.Unix(), "chat": c.json(), "text": m.Text,
		"from": Map{"id": s.BotID(), "is_bot": true, "first_name": "Aftercare", "username": s.o.Username}}
	if m.Thread != 0 {
		out["message_thread_id"], out["is_topic_message"] = m.Thread, true
	}
	if len(m.Entities) > 0 {
		out["entities"] = m.Entities
	}
	if len(m.Markup) > 0 {
		out["reply_markup"] = m.Markup
	}
	return out
}

// Tap injects a tap on a button of a message and gives the query's id.
func (s *Server) Tap(chat int64, message int, user int64, data string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.nextID++
	id := "tap" + strconv.Itoa(s.nextID)
	s.callbacks[id] = false
	s.inject("callback_query", Map{"id": id, "from": User(user), "message": s.botMessage(chat, message), "chat_instance": "1", "data": data})
	return id
}

// Tapped reports whether a tap was answered.
func (s *Server) Tapped(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.callbacks[id]
}

// Inline injects an inline query and gives its id.
func (s *Server) Inline(user int64, query string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.nextID++
	id := "inline" + strconv.Itoa(s.nextID)
	s.inlines[id] = false
	s.inject("inline_query", Map{"id": id, "from": User(user), "query": query, "offset": "", "chat_type": "supergroup"})
	return id
}

// find gives the commands and mentions in a text as Telegram marks them.
func find(text string) []Entity {
	var out []Entity
	units := 0
	previous := ' '
	for i, r := range text {
		if (r == '/' || r == '@') && !wordy(previous) {
			n := 1
			for i+n < len(text) && (wordy(rune(text[i+n])) || r == '/' && text[i+n] == '@') {
				n++
			}
			kind := "bot_command"
			if r == '@' {
				kind = "mention"
			}
			if n > 1 {
				out = append(out, Entity{Type: kind, Offset: units, Length: n})
			}
		}
		previous = r
		units += utf16.RuneLen(r)
	}
	return out
}

func wordy(r rune) bool {
	return r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
}

func (c *Chat) find(id int) *Message {
	for i := len(c.messages) - 1; i >= 0; i-- {
		if m := c.messages[i]; m.ID == id && !m.Deleted {
			return m
		}
	}
	return nil
}

// chatFor finds the chat that a request is about, if the bot may write there.
func (s *Server) chatFor(p map[string]string) (*Chat, *refusal) {
	id, _ := strconv.ParseInt(p["chat_id"], 10, 64)
	c := s.chats[id]
	switch {
	case p["chat_id"] == "":
		return nil, s.refused("chat_id is empty")
	case c == nil:
		return nil, s.refused("chat not found")
	case c.MigratedTo != 0:
		return nil, &refusal{code: http.StatusBadRequest, text: "Bad Request: group chat was upgraded to a supergroup chat", migrateTo: c.MigratedTo}
	case c.Refuses != "":
		return nil, refuse(http.StatusForbidden, "Forbidden: "+c.Refuses)
	}
	if thread, _ := strconv.Atoi(p["message_thread_id"]); thread != 0 && (thread == 1 || !c.Topics[thread]) {
		return nil, badRequest("message thread not found")
	}
	return c, nil
}

// text checks and parses the text of a request.
func (s *Server) text(p map[string]string, field string) (parsed, stored string, entities []Entity, no *refusal) {
	text := p[field]
	if len(text) > rawMost {
		return "", "", nil, s.refused("text is too long")
	}
	parsed = text
	switch mode := p["parse_mode"]; strings.ToLower(mode) {
	case "":
	case "html":
		var err error
		if parsed, entities, err = ParseHTML(text); err != nil {
			return "", "", nil, s.refused("can't parse entities: " + err.Error())
		}
	default:
		return "", "", nil, s.refused("unsupported parse_mode")
	}
	stored = clean(parsed)
	if stored == "" {
		return "", "", nil, s.refused("message text is empty")
	}
	if utf8.RuneCountInString(parsed) > textMost {
		return "", "", nil, s.refused("message is too long")
	}
	return parsed, stored, entities, nil
}

// markup checks a keyboard.
func (s *Server) markup(text string) (json.RawMessage, *refusal) {
	if text == "" {
		return nil, nil
	}
	var k struct {
		Rows [][]map[string]json.RawMessage `json:"inline_keyboard"`
	}
	if json.Unmarshal([]byte(text), &k) != nil || k.Rows == nil {
		return nil, s.refused("can't parse inline keyboard")
	}
	buttons := 0
	for _, r := range k.Rows {
		for _, b := range r {
			buttons++
			var label, data, address string
			_ = json.Unmarshal(b["text"], &label)
			if strings.TrimSpace(label) == "" {
				return nil, s.refused("text buttons are empty")
			}
			switch {
			case len(b) != 2:
				return nil, s.refused("text buttons must have exactly one action")
			case b["callback_data"] != nil:
				_ = json.Unmarshal(b["callback_data"], &data)
				if len(data) < 1 || len(data) > dataMost {
					return nil, s.refused("BUTTON_DATA_INVALID")
				}
			case b["url"] != nil:
				_ = json.Unmarshal(b["url"], &address)
				if u, err := url.Parse(address); err != nil || u.Host == "" {
					return nil, s.refused("BUTTON_URL_INVALID")
				}
				s.startLink(address)
			}
		}
	}
	if buttons == 0 {
		return nil, nil
	}
	if buttons > 100 {
		return nil, s.refused("BUTTON_MARKUP_TOO_LONG")
	}
	return json.RawMessage(text), nil
}

// startLink holds a deep link to its form; s.mu is held.
func (s *Server) startLink(address string) {
	u, err := url.Parse(address)
	if err != nil || u.Host != "t.me" {
		return
	}
	start := u.Query().Get("start")
	if len(start) > 64 || strings.ContainsFunc(start, func(r rune) bool { return !wordy(r) && r != '-' }) {
		s.wrong("deep link with start=%q", short(start))
	}
	if u.Path != "/"+s.o.Username {
		s.wrong("deep link to another bot: %s", u.Path)
	}
}

func (s *Server) sendMessage(p map[string]string) (any, *refusal) {
	c, no := s.chatFor(p)
	if no != nil {
		return nil, no
	}
	parsed, stored, entities, no := s.text(p, "text")
	if no != nil {
		return nil, no
	}
	markup, no := s.markup(p["reply_markup"])
	if no != nil {
		return nil, no
	}
	var reply struct {
		ID      int  `json:"message_id"`
		Without bool `json:"allow_sending_without_reply"`
	}
	if r := p["reply_parameters"]; r != "" {
		_ = json.Unmarshal([]byte(r), &reply)
		if c.find(reply.ID) == nil {
			if !reply.Without {
				return nil, badRequest("message to be replied not found")
			}
			reply.ID = 0
		}
	}
	s.nextID++
	m := &Message{ID: s.nextID, Chat: c.ID, Bot: true, Raw: p["text"], Parsed: parsed, Text: stored, Entities: entities, Markup: markup,
		Params: p, ReplyTo: reply.ID, At: time.Now()}
	m.Thread, _ = strconv.Atoi(p["message_thread_id"])
	c.messages = append(c.messages, m)
	if !s.keep && len(c.messages) > 40 {
		c.messages = append([]*Message(nil), c.messages[20:]...)
	}
	if s.watch != nil {
		s.watch(*m)
	}
	if !s.keep {
		m.Raw, m.Params = "", nil
	}
	return s.botMessage(c.ID, m.ID), nil
}

func (s *Server) editMessage(method string, p map[string]string) (any, *refusal) {
	c, no := s.chatFor(p)
	if no != nil {
		return nil, no
	}
	id, _ := strconv.Atoi(p["message_id"])
	m := c.find(id)
	switch {
	case m == nil:
		return nil, badRequest("message to edit not found")
	case !m.Bot:
		return nil, s.refused("message can't be edited")
	}
	parsed, stored, entities := m.Parsed, m.Text, m.Entities
	if method == "editMessageText" {
		if parsed, stored, entities, no = s.text(p, "text"); no != nil {
			return nil, no
		}
	}
	markup, no := s.markup(p["reply_markup"])
	if no != nil {
		return nil, no
	}
	if stored == m.Text && reflect.DeepEqual(entities, m.Entities) && string(markup) == string(m.Markup) {
		return nil, badRequest("message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message")
	}
	m.Parsed, m.Text, m.Entities, m.Markup = parsed, stored, entities, markup
	if method == "editMessageText" {
		m.Raw, m.Params = p["text"], p
	}
	m.Edits++
	return s.botMessage(c.ID, id), nil
}

func (s *Server) deleteMessage(p map[string]string) (any, *refusal) {
	c, no := s.chatFor(p)
	if no != nil {
		return nil, no
	}
	id, _ := strconv.Atoi(p["message_id"])
	m := c.find(id)
	if m == nil {
		return nil, badRequest("message to delete not found")
	}
	m.Deleted = true
	return true, nil
}

const textTooOld = "query is too old and response timeout expired or query ID is invalid"

func (s *Server) answerCallback(p map[string]string) (any, *refusal) {
	if utf8.RuneCountInString(p["text"]) > 200 {
		return nil, s.refused("MESSAGE_TOO_LONG")
	}
	if answered, ok := s.callbacks[p["callback_query_id"]]; !ok || answered {
		return nil, badRequest(textTooOld)
	}
	s.callbacks[p["callback_query_id"]] = true
	return true, nil
}

func (s *Server) answerInline(p map[string]string) (any, *refusal) {
	if answered, ok := s.inlines[p["inline_query_id"]]; !ok || answered {
		return nil, badRequest(textTooOld)
	}
	var results []struct {
		ID      string          `json:"id"`
		Title   string          `json:"title"`
		Markup  json.RawMessage `json:"reply_markup"`
		Content struct {
			Text string `json:"message_text"`
			Mode string `json:"parse_mode"`
		} `json:"input_message_content"`
	}
	if json.Unmarshal([]byte(p["results"]), &results) != nil {
		return nil, s.refused("can't parse inline query results JSON object")
	}
	if len(results) > 50 {
		return nil, s.refused("RESULTS_TOO_MUCH")
	}
	ids := map[string]bool{}
	for _, r := range results {
		if len(r.ID) < 1 || len(r.ID) > 64 {
			return nil, s.refused("RESULT_ID_INVALID")
		}
		if ids[r.ID] {
			return nil, s.refused("RESULT_ID_DUPLICATE")
		}
		ids[r.ID] = true
		if r.Title == "" {
			return nil, s.refused("ARTICLE_TITLE_EMPTY")
		}
		if _, _, _, no := s.text(map[string]string{"text": r.Content.Text, "parse_mode": r.Content.Mode}, "text"); no != nil {
			return nil, no
		}
		if _, no := s.markup(string(r.Markup)); no != nil {
			return nil, no
		}
	}
	s.inlines[p["inline_query_id"]] = true
	return true, nil
}

func (s *Server) chatMember(p map[string]string) (any, *refusal) {
	c, no := s.chatFor(p)
	if no != nil {
		return nil, no
	}
	id, _ := strconv.ParseInt(p["user_id"], 10, 64)
	status := c.Admins[id]
	if status == "" {
		status = "member"
	}
	m := Map{"status": status, "user": User(id)}
	switch status {
	case "creator":
		m["is_anonymous"] = false
	case "administrator":
		for _, right := range []string{"can_be_edited", "is_anonymous", "can_manage_chat", "can_delete_messages", "can_manage_video_chats",
			"can_restrict_members", "can_promote_members", "can_change_info", "can_invite_users", "can_post_stories", "can_edit_stories", "can_delete_stories"} {
			m[right] = right == "can_manage_chat"
		}
	}
	return m, nil
}
