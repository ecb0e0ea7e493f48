package discordtest

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"crypto/ed25519"
)

// Message is one that the bot made.
type Message struct {
	ID, Channel string
	Ephemeral   bool
	Content     string
	Texts       []string // content and texts of components, in order
	Buttons     []Button
	Menus       []Menu
	ReplyTo     string // id of the message replied to
	Nonce       string
	Deleted     bool
	Interaction *Interaction // nil: made in a channel
	At          time.Time
	Raw         []byte // as it was sent

	flags   int
	loading bool // deferred, nothing to see yet
}

// Button is one that can be clicked.
type Button struct{ Label, Emoji, ID string }

// Menu is one to pick from.
type Menu struct {
	ID     string
	Labels []string
	Values []string
}

// Choice is one line of an autocomplete list.
type Choice struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Text is all that can be read in the message.
func (m *Message) Text() string { return strings.Join(m.Texts, "\n") }

// Button gives the id of the button with that label or emoji; empty if there is none.
func (m *Message) Button(label string) string {
	for _, b := range m.Buttons {
		if b.Label == label || b.Emoji == label {
			return b.ID
		}
	}
	return ""
}

func (m *Message) fill(n *Message) {
	m.Content, m.Texts, m.Buttons, m.Menus, m.Raw, m.At = n.Content, n.Texts, n.Buttons, n.Menus, n.Raw, n.At
}

func (m *Message) gather(c map[string]any) {
	text := func(k string) string { s, _ := c[k].(string); return s }
	switch number(c["type"]) {
	case 2:
		emoji, _ := asMap(c["emoji"])["name"].(string)
		m.Buttons = append(m.Buttons, Button{text("label"), emoji, text("custom_id")})
	case 3:
		menu := Menu{ID: text("custom_id")}
		for _, o := range asList(c["options"]) {
			label, _ := asMap(o)["label"].(string)
			value, _ := asMap(o)["value"].(string)
			menu.Labels, menu.Values = append(menu.Labels, label), append(menu.Values, value)
		}
		m.Menus = append(m.Menus, menu)
	case 10:
		m.Texts = append(m.Texts, text("content"))
	}
	for _, below := range asList(c["components"]) {
		m.gather(asMap(below))
	}
}

// At is who does something where. Guild empty: in the chat with the bot.
type At struct {
	User, Guild, Channel string
	Permissions          uint64 // of the user in the channel
	Parent               string // of a thread
	UserInstall          bool   // the bot is not a member there
}

// DMOf is the channel of a user's chat with the bot.
func DMOf(user string) string { return "7" + user }

func (a At) channel() string {
	if a.Channel == "" {
		return DMOf(a.User)
	}
	return a.Channel
}

// Interaction is one that was made, and what came of it. Read the fields only
// after Wait.
type Interaction struct {
	ID, Channel string
	Delivered   time.Time // when it was sent to the bot, for the last time before the response
	Acked       time.Time // first response; zero: none
	Response    int       // kind of the first response
	Messages    []*Message
	Choices     []Choice
	Vanished    bool // the deferral was taken away again
	Late        bool // a response came too late
	Lost        bool // there was no session to deliver it to

	kind        int
	token       string
	acked       bool
	userInstall bool
	followUps   int
	original    *Message
	on          *Message
	payload     map[string]any
}

// Wait waits until the interaction has been responded to, with more than a
// deferral, and gives the messages. It fails after limit.
func (s *Server) Wait(i *Interaction, limit time.Duration) ([]*Message, error) {
	ok := s.until(limit, func() bool {
		return i.acked && (i.Response != 5 || len(i.Messages) > 0 || i.Vanished)
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	if !ok {
		return nil, fmt.Errorf("discordtest: no response within %v (acknowledged: %v, late: %v, lost: %v)", limit, i.acked, i.Late, i.Lost)
	}
	var out []*Message
	for _, m := range i.Messages {
		c := *m
		out = append(out, &c)
	}
	return out, nil
}

// Answers waits until the bot has made at least n messages in the channel,
// those of interactions not counted, and gives them.
func (s *Server) Answers(channel string, n int, limit time.Duration) ([]*Message, error) {
	var out []*Message
	ok := s.until(limit, func() bool {
		out = nil
		for _, m := range s.messages {
			if m.Channel == channel && m.Interaction == nil {
				c := *m
				out = append(out, &c)
			}
		}
		return len(out) >= n
	})
	if !ok {
		return out, fmt.Errorf("discordtest: %d messages in channel %s after %v, want %d", len(out), channel, limit, n)
	}
	return out, nil
}

// Messages lists every message that the bot made.
func (s *Server) Messages() []*Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []*Message
	for _, m := range s.messages {
		c := *m
		out = append(out, &c)
	}
	return out
}

// Ask uses /ask.
func (s *Server) Ask(at At, question string) *Interaction {
	return s.Command(at, "ask", map[string]string{"question": question})
}

// Command uses a slash command.
func (s *Server) Command(at At, name string, options map[string]string) *Interaction {
	var list []any
	for k, v := range options {
		list = append(list, map[string]any{"type": 3, "name": k, "value": v})
	}
	return s.interact(at, 2, map[string]any{"id": "9001", "type": 1, "name": name, "options": list}, nil, nil)
}

// Complete types into /ask.
func (s *Server) Complete(at At, typed string) *Interaction {
	return s.interact(at, 4, map[string]any{"id": "9001", "type": 1, "name": "ask",
		"options": []any{map[string]any{"type": 3, "name": "question", "value": typed, "focused": true}}}, nil, nil)
}

// Forget lets go of all that happened so far, so that the memory which the
// bot uses can be told from the server's.
func (s *Server) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.messages, s.requests = nil, nil
	s.interactions, s.nonces, s.threads = map[string]*Interaction{}, map[string]*Message{}, map[string]bool{}
	for id, se := range s.sessions {
		if !se.valid {
			delete(s.sessions, id)
		}
		for i := range se.log {
			se.log[i] = event{kind: "FORGOTTEN", data: json.RawMessage("null")}
		}
	}
}

// Click presses a button, or picks values of a menu, of a message.
func (s *Server) Click(at At, m *Message, customID string, values ...string) *Interaction {
	data := map[string]any{"component_type": 2, "custom_id": customID}
	if len(values) > 0 {
		data["component_type"], data["values"] = 3, values
	}
	s.mu.Lock()
	on := m
	for _, one := range s.messages {
		if one.ID == m.ID {
			on = one
		}
	}
	s.mu.Unlock()
	// Components of types that no library knows yet must not matter.
	shown := map[string]any{"id": m.ID, "channel_id": m.Channel, "flags": m.flags,
		"author": map[string]any{"id": BotID, "bot": true}, "components": []any{map[string]any{"type": 99, "strange": true}}}
	return s.interact(at, 3, data, shown, on)
}

// Note is a message that somebody writes.
type Note struct {
	ID       string // default: a new one
	Content  string
	Mentions bool   // mentions the bot; the mention is put before the content
	ReplyTo  string // id of a message of the bot's that it replies to, with the ping
	NoPing   bool   // the reply is without the ping
	Pictures int
	Voice    bool
	Bot      bool // written by another bot
	Webhook  bool
	Kind     int            // type of message; default 0, or 19 for a reply
	Extra    map[string]any // further or other fields
}

func (s *Server) written(at At, n Note) map[string]any {
	if n.ID == "" {
		n.ID = s.NewID()
	}
	content, mentions := n.Content, []any{}
	me := map[string]any{"id": BotID, "bot": true}
	if n.Mentions {
		content = strings.TrimSpace("<@" + BotID + "> " + content)
		mentions = append(mentions, me)
	}
	m := map[string]any{
		"id": n.ID, "channel_id": at.channel(), "type": n.Kind, "content": content, "flags": 0,
		"author":   map[string]any{"id": at.User, "username": "somebody", "bot": n.Bot},
		"mentions": mentions, "attachments": []any{}, "components": []any{},
	}
	if at.Guild != "" {
		m["guild_id"] = at.Guild
	}
	if n.Webhook {
		m["webhook_id"] = at.User
	}
	for i := range n.Pictures {
		m["attachments"] = append(asList(m["attachments"]), map[string]any{"id": strconv.Itoa(i + 1), "filename": "skin.png", "content_type": "image/png"})
	}
	if n.Voice {
		m["flags"] = 1 << 13
		m["attachments"] = append(asList(m["attachments"]), map[string]any{"id": "1", "filename": "voice-message.ogg", "waveform": "AA=="})
	}
	if n.ReplyTo != "" {
		m["type"] = 19
		m["referenced_message"] = map[string]any{"id": n.ReplyTo, "author": me, "components": []any{map[string]any{"type": 99}}}
		if !n.NoPing {
			m["mentions"] = append(mentions, me)
		}
	}
	for k, v := range n.Extra {
		m[k] = v
	}
	return m
}

// Say writes a message and gives its id.
func (s *Server) Say(at At, n Note) string {
	s.mu.Lock()
	s.parents[at.channel()] = at.Parent
	s.mu.Unlock()
	m := s.written(at, n)
	intent := 1 << 9
	if at.Guild == "" {
		intent = 1 << 12
	}
	s.dispatch(at.Guild, "MESSAGE_CREATE", intent, m, nil)
	return fmt.Sprint(m["id"])
}

// AnswerThis uses the message command on what somebody else wrote.
func (s *Server) AnswerThis(at At, author string, n Note) *Interaction {
	other := at
	other.User = author
	m := s.written(other, n)
	target := fmt.Sprint(m["id"])
	return s.interact(at, 2, map[string]any{"id": "9002", "type": 3, "name": "Answer this", "target_id": target,
		"resolved": map[string]any{"messages": map[string]any{target: m}}}, nil, nil)
}

// Event sends any event to the shard of a server.
func (s *Server) Event(guild, kind string, data any) { s.dispatch(guild, kind, 0, data, nil) }

// Again delivers an interaction a second time.
func (s *Server) Again(at At, i *Interaction) {
	s.dispatch(at.Guild, "INTERACTION_CREATE", 0, i.payload, i)
}

func (s *Server) interact(at At, kind int, data, message map[string]any, on *Message) *Interaction {
	id := s.NewID()
	i := &Interaction{ID: id, Channel: at.channel(), Delivered: time.Now(), kind: kind,
		token: "interaction-" + id, userInstall: at.UserInstall, on: on}
	user := map[string]any{"id": at.User, "username": "somebody"}
	channel := map[string]any{"id": at.channel(), "type": 0}
	if at.Parent != "" {
		channel["parent_id"], channel["type"] = at.Parent, 11
	}
	p := map[string]any{
		"id": i.ID, "application_id": ApplicationID, "type": kind, "token": i.token, "version": 1,
		"channel_id": at.channel(), "channel": channel, "locale": "en-GB", "data": data,
		"entitlements": []any{}, "attachment_size_limit": 10485760,
	}
	switch {
	case at.Guild != "":
		p["guild_id"], p["context"] = at.Guild, 0
		p["member"] = map[string]any{"user": user, "permissions": strconv.FormatUint(at.Permissions, 10), "roles": []any{}}
	case at.Channel != "" && at.Channel != DMOf(at.User):
		p["user"], p["context"] = user, 2
	default:
		p["user"], p["context"] = user, 1
	}
	if message != nil {
		p["message"] = message
	}
	i.payload = p
	s.mu.Lock()
	s.interactions[i.ID] = i
	endpoint := s.endpoint
	s.mu.Unlock()
	if endpoint != "" {
		s.wg.Go(func() {
			if status, err := s.Post(context.Background(), endpoint, p, i); err != nil || status != 200 {
				s.problem("interactions endpoint: status %d, %v", status, err)
			}
		})
		return i
	}
	if !s.dispatch(at.Guild, "INTERACTION_CREATE", 0, p, i) {
		s.mu.Lock()
		i.Lost = true
		s.mu.Unlock()
	}
	return i
}

// Sign makes a request to an interactions endpoint as Discord does.
func (s *Server) Sign(ctx context.Context, endpoint string, at time.Time, body []byte) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, "POST", endpoint, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	stamp := strconv.FormatInt(at.Unix(), 10)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Signature-Timestamp", stamp)
	req.Header.Set("X-Signature-Ed25519", hex.EncodeToString(ed25519.Sign(s.key, append([]byte(stamp), body...))))
	return req, nil
}

// Post sends an interaction to an endpoint and takes the response in the
// place of a callback, if i is given.
func (s *Server) Post(ctx context.Context, endpoint string, payload map[string]any, i *Interaction) (int, error) {
	body, err := json.Marshal(payload)
	if err != nil {
		return 0, err
	}
	req, err := s.Sign(ctx, endpoint, time.Now(), body)
	if err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(ctx, s.o.Ack)
	defer cancel()
	resp, err := http.DefaultClient.Do(req.WithContext(ctx))
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != 200 || i == nil {
		return resp.StatusCode, err
	}
	if err := s.valid("POST", "/interactions/"+i.ID+"/token/callback", answer); err != nil {
		return resp.StatusCode, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if i.acked {
		return resp.StatusCode, errors.New("answered twice")
	}
	_, err = s.accept(i, answer)
	return resp.StatusCode, err
}
