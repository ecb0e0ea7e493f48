package discordtest

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// ServeHTTP is the API and the gateway.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/gateway") {
		s.gateway(w, r)
		return
	}
	path, ok := strings.CutPrefix(r.URL.Path, "/api/v10")
	if !ok {
		s.problem("%s %s: not version 10 of the API", r.Method, r.URL.Path)
		refuse(w, 404, 0, "404: Not Found")
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, 26<<20))
	if err != nil {
		return
	}
	rec := &recorder{ResponseWriter: w, status: 200}
	if f := s.fault(r.Method, path); f != nil {
		time.Sleep(f.Delay)
		if f.Serve {
			s.serve(&recorder{ResponseWriter: discard{http.Header{}}}, r, path, body)
		}
		if f.Cut || f.Serve && f.Status == 0 {
			s.record(r.Method, path, 0)
			panic(http.ErrAbortHandler)
		}
		if f.Status != 0 {
			rec.Header().Set("Content-Type", "application/json")
			for k, v := range f.Header {
				rec.Header().Set(k, v)
			}
			rec.WriteHeader(f.Status)
			io.WriteString(rec, f.Body)
			s.record(r.Method, path, f.Status)
			return
		}
	}
	s.serve(rec, r, path, body)
	s.record(r.Method, path, rec.status)
}

type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) WriteHeader(code int) {
	r.status = code
	r.ResponseWriter.WriteHeader(code)
}

type discard struct{ h http.Header }

func (d discard) Header() http.Header         { return d.h }
func (d discard) Write(p []byte) (int, error) { return len(p), nil }
func (d discard) WriteHeader(int)             {}

func (s *Server) record(method, path string, status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.requests) < 200_000 && !s.brief {
		s.requests = append(s.requests, Request{method, path, status, time.Now()})
	}
	s.changeLocked()
}

func (s *Server) fault(method, path string) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, f := range s.faults {
		if (f.Method == "" || f.Method == method) && strings.Contains(path, f.Path) {
			if f.Times--; f.Times == 0 {
				s.faults = append(s.faults[:i:i], s.faults[i+1:]...)
			}
			return f
		}
	}
	return nil
}

func refuse(w http.ResponseWriter, status, code int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(map[string]any{"code": code, "message": message})
}

func give(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if status != http.StatusNoContent {
		json.NewEncoder(w).Encode(v)
	}
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request, path string, body []byte) {
	part := strings.Split(strings.Trim(path, "/"), "/")
	tokened := part[0] == "interactions" || part[0] == "webhooks"
	if !tokened && r.Header.Get("Authorization") != "Bot "+Token {
		refuse(w, 401, 0, "401: Unauthorized")
		return
	}
	if !strings.HasPrefix(r.Header.Get("User-Agent"), "DiscordBot (") {
		s.problem("%s %s: User-Agent %q", r.Method, path, r.Header.Get("User-Agent"))
	}
	if !tokened && !s.withinGlobal() {
		w.Header().Set("X-RateLimit-Global", "true")
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(429)
		io.WriteString(w, `{"message":"You are being rate limited.","retry_after":0.5,"global":true}`)
		return
	}
	if err := s.valid(r.Method, path, body); err != nil {
		s.problem("%s %s: %v", r.Method, redact(path), err)
		refuse(w, 400, 50035, "Invalid Form Body")
		return
	}
	switch route := r.Method + " " + part[0]; {
	case path == "/gateway/bot" && r.Method == "GET":
		s.mu.Lock()
		left := max(s.starts, 0)
		s.mu.Unlock()
		give(w, 200, map[string]any{"url": "ws://" + s.listen.Addr().String() + "/gateway", "shards": s.o.Shards,
			"session_start_limit": map[string]any{"total": 1000, "remaining": left, "reset_after": 3_600_000, "max_concurrency": s.o.Concurrency}})
	case path == "/gateway" && r.Method == "GET":
		give(w, 200, map[string]any{"url": "ws://" + s.listen.Addr().String() + "/gateway"})
	case path == "/users/@me" && r.Method == "GET":
		give(w, 200, map[string]any{"id": BotID, "username": "aftercare", "bot": true})
	case path == "/applications/@me" && r.Method == "GET":
		flags := 0
		if s.o.AllowContent {
			flags = 1 << 19
		}
		s.mu.Lock()
		endpoint := s.endpoint
		s.mu.Unlock()
		give(w, 200, map[string]any{"id": ApplicationID, "name": "aftercare", "verify_key": hex.EncodeToString(s.public), "flags": flags,
			"bot_public": true, "interactions_endpoint_url": endpoint, "bot": map[string]any{"id": BotID},
			"integration_types_config": s.ways()})
	case part[0] == "applications" && part[len(part)-1] == "commands":
		s.commandList(w, r, path, body)
	case route == "POST interactions" && len(part) == 4 && part[3] == "callback":
		s.callback(w, r, part[1], part[2], body)
	case part[0] == "webhooks" && len(part) >= 3:
		s.webhook(w, r, part, body)
	case part[0] == "channels":
		s.channel(w, r, part, body)
	case path == "/users/@me/channels" && r.Method == "POST":
		var d struct {
			Recipient string `json:"recipient_id"`
		}
		json.Unmarshal(body, &d)
		give(w, 200, map[string]any{"id": DMOf(d.Recipient), "type": 1})
	default:
		s.problem("unexpected request %s %s", r.Method, redact(path))
		refuse(w, 404, 0, "404: Not Found")
	}
}

func (s *Server) ways() map[string]any {
	ways := map[string]any{"0": map[string]any{}}
	if !s.o.ServersOnly {
		ways["1"] = map[string]any{}
	}
	return ways
}

// redact keeps interaction tokens out of messages.
func redact(path string) string {
	p := strings.Split(path, "/")
	if len(p) > 3 && (p[1] == "webhooks" || p[1] == "interactions") {
		p[3] = "token"
	}
	return strings.Join(p, "/")
}

func (s *Server) withinGlobal() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	for len(s.global) > 0 && now.Sub(s.global[0]) > time.Second {
		s.global = s.global[1:]
	}
	if len(s.global) >= 50 {
		s.problemLocked("more than 50 requests in a second")
		return false
	}
	s.global = append(s.global, now)
	return true
}

func (s *Server) valid(method, path string, body []byte) error {
	if s.spec != nil {
		if err := s.spec.check(method, path, body); err != nil {
			return err
		}
	}
	if len(body) == 0 {
		return nil
	}
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		return errors.New("body is no JSON")
	}
	m := asMap(v)
	part := strings.Split(strings.Trim(path, "/"), "/")
	switch {
	case part[0] == "interactions":
		data := asMap(m["data"])
		switch number(m["type"]) {
		case 4, 7:
			return checkMessage(data, false, false)
		case 8:
			return checkChoices(data)
		case 5, 6:
			return nil
		}
		return fmt.Errorf("response of type %d", number(m["type"]))
	case part[0] == "webhooks":
		return checkMessage(m, false, method == "PATCH")
	case part[0] == "channels" && part[len(part)-1] == "messages":
		if enforce, _ := m["enforce_nonce"].(bool); !enforce || m["nonce"] == nil {
			return errors.New("message without an enforced nonce")
		}
		return checkMessage(m, true, false)
	}
	return nil
}

func checkChoices(data map[string]any) error {
	choices, ok := data["choices"].([]any)
	if !ok || len(choices) > 25 {
		return fmt.Errorf("choices: %v", data["choices"])
	}
	for _, c := range choices {
		name, _ := asMap(c)["name"].(string)
		value, _ := asMap(c)["value"].(string)
		if n := units(name); n < 1 || n > 100 {
			return fmt.Errorf("choice name of %d characters", n)
		}
		if n := units(value); n < 1 || n > 100 {
			return fmt.Errorf("choice value of %d characters", n)
		}
	}
	return nil
}

// commandList keeps commands and gives them back with what Discord adds.
func (s *Server) commandList(w http.ResponseWriter, r *http.Request, path string, body []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch r.Method {
	case "GET":
		list := s.commands[path]
		if list == nil {
			list = []byte("[]")
		}
		w.Header().Set("Content-Type", "application/json")
		w.Write(list)
	case "PUT":
		var list []map[string]any
		json.Unmarshal(body, &list)
		seen := map[string]bool{}
		for i, c := range list {
			key := fmt.Sprint(c["type"], c["name"])
			if seen[key] {
				s.problemLocked("command %s twice", key)
			}
			seen[key] = true
			if len(fmt.Sprint(c)) > 8000 {
				s.problemLocked("command %s is too large", key)
			}
			for _, way := range asList(c["integration_types"]) {
				if s.o.ServersOnly && number(way) == 1 {
					s.problemLocked("command %s for users, but the application is for servers only", key)
				}
			}
			if strings.Contains(path, "/guilds/") && (c["contexts"] != nil || c["integration_types"] != nil) {
				s.problemLocked("contexts on a command of one server")
			}
			// As Discord gives them back: with more fields, nulls, and the
			// permissions as text.
			c["id"], c["application_id"], c["version"] = strconv.Itoa(9000+i), ApplicationID, "1"
			c["nsfw"], c["dm_permission"] = false, nil
			if p, ok := c["default_member_permissions"].(float64); ok {
				c["default_member_permissions"] = strconv.Itoa(int(p))
			} else {
				c["default_member_permissions"] = nil
			}
			for _, k := range []string{"name_localizations", "description_localizations"} {
				if c[k] == nil {
					c[k] = nil
				}
			}
			if c["description"] == nil {
				c["description"] = ""
			}
		}
		kept, err := json.Marshal(list)
		if err != nil {
			panic(err)
		}
		s.commands[path] = kept
		s.stats.Puts++
		s.changeLocked()
		w.Header().Set("Content-Type", "application/json")
		w.Write(kept)
	default:
		refuse(w, 405, 0, "405: Method Not Allowed")
	}
}

// Commands gives what was registered for everybody, or for one server.
func (s *Server) Commands(guild string) []map[string]any {
	path := "/applications/" + ApplicationID + "/commands"
	if guild != "" {
		path = "/applications/" + ApplicationID + "/guilds/" + guild + "/commands"
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []map[string]any
	json.Unmarshal(s.commands[path], &out)
	return out
}

// WaitCommands waits until commands have been registered n times.
func (s *Server) WaitCommands(n int, limit time.Duration) bool {
	return s.until(limit, func() bool { return s.stats.Puts >= n })
}

func (s *Server) callback(w http.ResponseWriter, r *http.Request, id, token string, body []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.interactions[id]
	switch {
	case i == nil || i.token != token:
		s.problemLocked("callback for an interaction that never was")
		refuse(w, 404, 10062, "Unknown interaction")
		return
	case i.acked:
		refuse(w, 400, 40060, "Interaction has already been acknowledged.")
		return
	case time.Since(i.Delivered) > s.o.Ack:
		i.Late = true
		s.changeLocked()
		refuse(w, 404, 10062, "Unknown interaction")
		return
	}
	m, err := s.accept(i, body)
	if err != nil {
		s.problemLocked("callback: %v", err)
		refuse(w, 400, 50035, err.Error())
		return
	}
	if r.URL.Query().Get("with_response") == "true" {
		res := map[string]any{"interaction": map[string]any{"id": id, "type": i.kind}}
		if m != nil {
			res["resource"] = map[string]any{"type": 4, "message": map[string]any{"id": m.ID, "channel_id": m.Channel}}
		}
		give(w, 200, res)
		return
	}
	give(w, 204, nil)
}

// accept takes the first response to an interaction. s.mu is held.
func (s *Server) accept(i *Interaction, body []byte) (*Message, error) {
	var c struct {
		Kind int             `json:"type"`
		Data json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal(body, &c); err != nil {
		return nil, err
	}
	if (c.Kind == 8) != (i.kind == 4) {
		return nil, fmt.Errorf("response %d to an interaction of kind %d", c.Kind, i.kind)
	}
	if (c.Kind == 6 || c.Kind == 7) && i.kind != 3 {
		return nil, fmt.Errorf("response %d to an interaction of kind %d", c.Kind, i.kind)
	}
	i.acked, i.Acked, i.Response = true, time.Now(), c.Kind
	var m *Message
	switch c.Kind {
	case 4:
		m = s.make(c.Data, i.Channel)
		s.made(m, i)
		i.original = m
	case 5:
		var d struct {
			Flags int `json:"flags"`
		}
		json.Unmarshal(c.Data, &d)
		i.original = &Message{ID: s.NewID(), Channel: i.Channel, Ephemeral: d.Flags&flagEphemeral != 0, Interaction: i, loading: true}
	case 6:
		i.original = i.on
	case 8:
		var d struct {
			Choices []Choice `json:"choices"`
		}
		json.Unmarshal(c.Data, &d)
		i.Choices = d.Choices
	}
	s.changeLocked()
	return m, nil
}

func (s *Server) webhook(w http.ResponseWriter, r *http.Request, part []string, body []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.interactions[strings.TrimPrefix(part[2], "interaction-")]
	if i != nil && i.token != part[2] {
		i = nil
	}
	if part[1] != ApplicationID {
		s.problemLocked("webhook of application %s", part[1])
	}
	if i == nil || !i.acked {
		refuse(w, 404, 10015, "Unknown Webhook")
		return
	}
	if time.Since(i.Delivered) > s.o.TokenLife {
		refuse(w, 401, 50027, "Invalid Webhook Token")
		return
	}
	if r.Method == "POST" && len(part) == 3 {
		if i.userInstall {
			if i.followUps++; i.followUps > 5 {
				s.problemLocked("more than 5 follow-ups where the bot is installed by a user only")
				refuse(w, 400, 40094, "Too many follow-up messages")
				return
			}
		}
		m := s.make(body, i.Channel)
		s.made(m, i)
		s.changeLocked()
		give(w, 200, map[string]any{"id": m.ID, "channel_id": m.Channel})
		return
	}
	if len(part) != 5 || part[3] != "messages" {
		refuse(w, 404, 0, "404: Not Found")
		return
	}
	m := i.original
	if part[4] != "@original" {
		m = nil
		for _, one := range i.Messages {
			if one.ID == part[4] {
				m = one
			}
		}
	}
	if m == nil || m.Deleted {
		refuse(w, 404, 10008, "Unknown Message")
		return
	}
	switch r.Method {
	case "PATCH":
		n := s.make(body, i.Channel)
		if n.flags&flagEphemeral != 0 {
			s.problemLocked("an edit cannot make a message ephemeral")
		}
		fresh := m.loading
		m.fill(n)
		m.loading = false
		if fresh {
			s.messages = append(s.messages, m)
			s.made(m, i)
		}
		s.drop(n)
		s.changeLocked()
		give(w, 200, map[string]any{"id": m.ID, "channel_id": m.Channel})
	case "DELETE":
		m.Deleted = true
		if m.loading {
			i.Vanished = true
		}
		s.changeLocked()
		give(w, 204, nil)
	default:
		give(w, 200, map[string]any{"id": m.ID})
	}
}

// drop takes the message out of the list that make put it into.
func (s *Server) drop(m *Message) {
	for i, one := range s.messages {
		if one == m {
			s.messages = append(s.messages[:i:i], s.messages[i+1:]...)
			return
		}
	}
}

func (s *Server) channel(w http.ResponseWriter, r *http.Request, part []string, body []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case r.Method == "POST" && len(part) == 3 && part[2] == "messages":
		var d struct {
			Nonce     string `json:"nonce"`
			Reference *struct {
				Message string `json:"message_id"`
			} `json:"message_reference"`
		}
		json.Unmarshal(body, &d)
		if old := s.nonces[d.Nonce]; old != nil {
			give(w, 200, map[string]any{"id": old.ID, "channel_id": old.Channel})
			return
		}
		m := s.make(body, part[1])
		m.Nonce = d.Nonce
		if d.Reference != nil {
			m.ReplyTo = d.Reference.Message
		}
		s.nonces[d.Nonce] = m
		s.made(m, nil)
		s.changeLocked()
		give(w, 200, map[string]any{"id": m.ID, "channel_id": m.Channel})
	case r.Method == "GET" && len(part) == 2:
		c := map[string]any{"id": part[1], "type": 0, "parent_id": "1"} // a category, which is no channel
		if of := s.parents[part[1]]; of != "" {
			c["type"], c["parent_id"] = 11, of
		}
		give(w, 200, c)
	case r.Method == "DELETE" && len(part) == 4:
		for _, m := range s.messages {
			if m.ID == part[3] {
				m.Deleted = true
			}
		}
		s.changeLocked()
		give(w, 204, nil)
	case r.Method == "POST" && len(part) == 5 && part[4] == "threads":
		if s.parents[part[1]] != "" {
			refuse(w, 400, 50024, "Cannot execute action on this channel type")
			s.problemLocked("thread started in a thread")
			return
		}
		if s.threads[part[3]] {
			refuse(w, 400, 160004, "A thread has already been created for this message")
			return
		}
		s.threads[part[3]] = true
		give(w, 201, map[string]any{"id": part[3], "type": 11, "parent_id": part[1]})
	default:
		s.problemLocked("unexpected request %s /%s", r.Method, strings.Join(part, "/"))
		refuse(w, 404, 0, "404: Not Found")
	}
}

// made takes note of a message that can be seen from now on, of an
// interaction or of none. s.mu is held.
func (s *Server) made(m *Message, i *Interaction) {
	m.Interaction = i
	if i != nil {
		i.Messages = append(i.Messages, m)
	}
	if s.watch != nil {
		s.watch(m)
	}
	if s.brief {
		s.drop(m)
		m.Raw, m.Texts, m.Content = nil, nil, ""
		if i != nil {
			i.payload = nil
		}
	}
}

// make keeps a message. s.mu is held.
func (s *Server) make(raw []byte, channel string) *Message {
	var d map[string]any
	json.NewDecoder(bytes.NewReader(raw)).Decode(&d)
	m := &Message{ID: s.NewID(), Channel: channel, At: time.Now(), Raw: append([]byte(nil), raw...)}
	m.Content, _ = d["content"].(string)
	m.flags = number(d["flags"])
	m.Ephemeral = m.flags&flagEphemeral != 0
	if m.Content != "" {
		m.Texts = append(m.Texts, m.Content)
	}
	for _, c := range asList(d["components"]) {
		m.gather(asMap(c))
	}
	s.messages = append(s.messages, m)
	return m
}
