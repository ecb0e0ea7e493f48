package telegramtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// DefaultToken is the token of a server that was given none.
const DefaultToken = "123456789:AAF4keT0ken-of_the_fake-server12345"

// Options say what to start. The zero Options are good.
type Options struct {
	Token    string // empty: DefaultToken
	Username string // of the bot; empty: aftercare_test_bot
	Spec     string // path of telegram-bot-api.json; empty or absent: nothing is compared with it
	// ReadsAll, NoInline and NoGroups are what getMe says of BotFather's
	// settings: privacy mode off, inline mode off, groups off.
	ReadsAll, NoInline, NoGroups bool
	// ConflictDelay is how long a repeated 409 is kept back; 0: three seconds, as on Telegram.
	ConflictDelay time.Duration
}

// Fault is what goes wrong with one request. The zero Fault is none.
type Fault struct {
	Drop      bool          // close the connection, the request not looked at
	DropAfter bool          // carry the request out, then close the connection
	Delay     time.Duration // before all else
	Status    int           // HTTP status and error_code
	Page      string        // body of an answer that is not the Bot API's, such as a proxy's HTML
	Text      string        // description
	Retry     int           // parameters.retry_after and the Retry-After header
	MigrateTo int64         // parameters.migrate_to_chat_id
}

// Call is one request that arrived.
type Call struct {
	Method string
	Params map[string]string
	At     time.Time
	Status int    // of the answer; 0: the connection was closed
	Text   string // description of a refusal
}

// Server is one running Bot API server with one bot. It is safe for concurrent use.
type Server struct {
	o       Options
	spec    *Spec
	http    *http.Server
	address string
	stopped chan struct{}

	mu     sync.Mutex
	change chan struct{} // closed and renewed at every change

	calls  []Call
	errs   []string
	fault  func(method string, params map[string]string) Fault
	keep   bool // of calls; off in long runs
	counts map[string]int
	watch  func(Message)

	// updates
	nextUpdate int
	renumbered bool // the queue is not in order of its numbers
	queue      []stored
	lost       float64 // chance that a confirmed update is delivered once more
	relived    map[int]bool
	allowed    []string
	poller     chan struct{} // closed to end the running poll with 409
	lastPoll   time.Time
	lastOffset int
	lastClash  time.Time
	hook       hook

	// the world
	chats     map[int64]*Chat
	nextID    int
	callbacks map[string]bool // id to answered
	inlines   map[string]bool
	commands  map[string]json.RawMessage
	described map[string]string
}

type stored struct {
	id  int
	raw json.RawMessage
}

// New starts a server on a free port of the loopback interface.
func New(o Options) (*Server, error) {
	if o.Token == "" {
		o.Token = DefaultToken
	}
	if o.Username == "" {
		o.Username = "aftercare_test_bot"
	}
	if o.ConflictDelay == 0 {
		o.ConflictDelay = 3 * time.Second
	}
	s := &Server{
		o: o, stopped: make(chan struct{}), change: make(chan struct{}), keep: true, counts: map[string]int{},
		nextUpdate: 700000000 + rand.IntN(1000), relived: map[int]bool{},
		chats: map[int64]*Chat{}, nextID: 10, callbacks: map[string]bool{}, inlines: map[string]bool{},
		commands: map[string]json.RawMessage{}, described: map[string]string{},
	}
	if o.Spec != "" {
		spec, err := LoadSpec(o.Spec)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		s.spec = spec
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s.address = l.Addr().String()
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		defer close(s.stopped)
		_ = s.http.Serve(l)
	}()
	return s, nil
}

// URL is the server's address, for TELEGRAM_API_URL.
func (s *Server) URL() string { return "http://" + s.address }

// Token is the one token that the server knows.
func (s *Server) Token() string { return s.o.Token }

// BotID is the bot's own number.
func (s *Server) BotID() int64 {
	head, _, _ := strings.Cut(s.o.Token, ":")
	id, _ := strconv.ParseInt(head, 10, 64)
	return id
}

// Validates reports whether requests are compared with the description.
func (s *Server) Validates() bool { return s.spec != nil }

// Close stops the server and cuts its connections.
func (s *Server) Close() {
	_ = s.http.Close()
	<-s.stopped
}

// Errors lists everything that the bot, or a test's own update, did wrong.
func (s *Server) Errors() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.errs...)
}

// wrong remembers an error; s.mu is held.
func (s *Server) wrong(format string, args ...any) {
	if len(s.errs) < 100 {
		s.errs = append(s.errs, fmt.Sprintf(format, args...))
	}
}

// Fail lets f decide for every request what goes wrong with it; nil ends that.
// f is called with no lock held and must be safe for concurrent use.
func (s *Server) Fail(f func(method string, params map[string]string) Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = f
}

// Watch has f told of every message that the bot sends, as it is accepted. f
// is called in order and must be quick; it may not call the server.
func (s *Server) Watch(f func(Message)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watch = f
}

// KeepCalls says whether Calls remembers requests, and Sent more than the
// last messages of a chat, and those with their Raw and Params; a long run
// need not. What Watch is told of has everything.
func (s *Server) KeepCalls(keep bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keep = keep
}

// Calls lists the requests of one method in order; of all methods for "".
func (s *Server) Calls(method string) []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Call
	for _, c := range s.calls {
		if method == "" || c.Method == method {
			out = append(out, c)
		}
	}
	return out
}

// Count is how many requests of a method have arrived.
func (s *Server) Count(method string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts[method]
}

// Wait waits until done holds, and reports whether it came to that within limit.
// done is called whenever something has changed, with no lock held.
func (s *Server) Wait(limit time.Duration, done func() bool) bool {
	late := time.NewTimer(limit)
	defer late.Stop()
	for {
		s.mu.Lock()
		change := s.change
		s.mu.Unlock()
		if done() {
			return true
		}
		select {
		case <-change:
		case <-time.After(50 * time.Millisecond):
		case <-late.C:
			return done()
		}
	}
}

// changed wakes everybody who waits; s.mu is held.
func (s *Server) changed() {
	close(s.change)
	s.change = make(chan struct{})
}

// refusal is an answer that is not ok.
type refusal struct {
	code      int
	text      string
	retry     int
	migrateTo int64
}

func refuse(code int, text string) *refusal { return &refusal{code: code, text: text} }

func badRequest(text string) *refusal { return refuse(http.StatusBadRequest, "Bad Request: "+text) }

// ServeHTTP answers one request to /bot<token>/<method>.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	token, method, ok := strings.Cut(strings.TrimPrefix(r.URL.Path, "/bot"), "/")
	if !ok || !strings.HasPrefix(r.URL.Path, "/bot") {
		s.answer(w, nil, refuse(http.StatusNotFound, "Not Found"))
		return
	}
	if token != s.o.Token {
		id, secret, ok := strings.Cut(token, ":")
		if _, err := strconv.ParseInt(id, 10, 64); err != nil || !ok || secret == "" {
			s.answer(w, nil, refuse(http.StatusNotFound, "Not Found"))
			return
		}
		s.answer(w, nil, refuse(http.StatusUnauthorized, "Unauthorized"))
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, 50<<20)
	if err := r.ParseForm(); err != nil {
		s.answer(w, nil, badRequest("can't parse request"))
		return
	}
	params := map[string]string{}
	for k, v := range r.Form {
		params[k] = v[0]
	}
	call := Call{Method: method, Params: params, At: time.Now()}

	s.mu.Lock()
	s.counts[method]++
	fault := s.fault
	if s.spec != nil {
		if err := s.spec.Request(method, params); err != nil {
			s.wrong("request: %v", err)
		}
	}
	for k, v := range params {
		if !utf8.ValidString(v) {
			s.wrong("%s: %s is not UTF-8", method, k)
		}
		if v == "null" {
			s.wrong("%s: %s is null, which keeps what was set before", method, k)
		}
	}
	s.mu.Unlock()

	var f Fault
	if fault != nil {
		f = fault(method, params)
	}
	if f.Delay > 0 {
		select {
		case <-r.Context().Done():
			return
		case <-time.After(f.Delay):
		}
	}
	note := func(status int, text string) {
		s.mu.Lock()
		defer s.mu.Unlock()
		call.Status, call.Text = status, text
		if s.keep {
			s.calls = append(s.calls, call)
		}
		s.changed()
	}
	switch {
	case f.Drop:
		note(0, "")
		panic(http.ErrAbortHandler)
	case f.Page != "":
		note(f.Status, f.Page)
		w.Header().Set("Content-Type", "text/html")
		if f.Retry > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(f.Retry))
		}
		w.WriteHeader(f.Status)
		_, _ = w.Write([]byte(f.Page))
		return
	case f.Status != 0:
		note(f.Status, f.Text)
		s.answer(w, nil, &refusal{code: f.Status, text: f.Text, retry: f.Retry, migrateTo: f.MigrateTo})
		return
	}
	result, no := s.method(r, method, params)
	if r.Context().Err() != nil {
		return
	}
	if no != nil {
		note(no.code, no.text)
	} else {
		note(http.StatusOK, "")
	}
	if f.DropAfter {
		panic(http.ErrAbortHandler)
	}
	s.answer(w, result, no)
}

func (s *Server) answer(w http.ResponseWriter, result any, no *refusal) {
	body := map[string]any{"ok": no == nil}
	status := http.StatusOK
	if no == nil {
		body["result"] = result
	} else {
		status = no.code
		body["error_code"], body["description"] = no.code, no.text
		parameters := map[string]any{}
		if no.retry > 0 {
			parameters["retry_after"] = no.retry
			w.Header().Set("Retry-After", strconv.Itoa(no.retry))
		}
		if no.migrateTo != 0 {
			parameters["migrate_to_chat_id"] = no.migrateTo
		}
		if len(parameters) > 0 {
			body["parameters"] = parameters
		}
	}
	data, _ := json.Marshal(body)
	if text, ok := result.(raw); ok {
		data = []byte(`{"ok":true,"result":` + string(text) + `}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(data)
}

// method carries a request out.
func (s *Server) method(r *http.Request, method string, p map[string]string) (any, *refusal) {
	if method == "getUpdates" {
		return s.getUpdates(r.Context(), p)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch method {
	case "getMe":
		return map[string]any{"id": s.BotID(), "is_bot": true, "first_name": "Aftercare", "username": s.o.Username,
			"can_join_groups": !s.o.NoGroups, "can_read_all_group_messages": s.o.ReadsAll, "supports_inline_queries": !s.o.NoInline,
			"can_connect_to_business": false, "has_main_web_app": false}, nil
	case "sendMessage":
		return s.sendMessage(p)
	case "editMessageText", "editMessageReplyMarkup":
		return s.editMessage(method, p)
	case "deleteMessage":
		return s.deleteMessage(p)
	case "sendChatAction":
		if _, no := s.chatFor(p); no != nil {
			return nil, no
		}
		return true, nil
	case "answerCallbackQuery":
		return s.answerCallback(p)
	case "answerInlineQuery":
		return s.answerInline(p)
	case "getChatMember":
		return s.chatMember(p)
	case "getWebhookInfo":
		return s.webhookInfo(), nil
	case "setWebhook":
		return s.setWebhook(p)
	case "deleteWebhook":
		s.hook.url = ""
		return true, nil
	case "getMyCommands":
		if list := s.commands[scopeKey(p)]; list != nil {
			return list, nil
		}
		return []any{}, nil
	case "setMyCommands":
		return s.setCommands(p)
	case "getMyDescription":
		return map[string]string{"description": s.described["description"+p["language_code"]]}, nil
	case "getMyShortDescription":
		return map[string]string{"short_description": s.described["short_description"+p["language_code"]]}, nil
	case "setMyDescription":
		return s.describe(p, "description", 512)
	case "setMyShortDescription":
		return s.describe(p, "short_description", 120)
	}
	s.wrong("the fake does not know %s", method)
	return nil, refuse(http.StatusNotFound, "Not Found: method not found")
}

func scopeKey(p map[string]string) string {
	var scope struct {
		Type string `json:"type"`
	}
	_ = json.Unmarshal([]byte(p["scope"]), &scope)
	if scope.Type == "" {
		scope.Type = "default"
	}
	return scope.Type + "/" + p["language_code"]
}

func (s *Server) setCommands(p map[string]string) (any, *refusal) {
	var list []struct {
		Command     string `json:"command"`
		Description string `json:"description"`
	}
	if json.Unmarshal([]byte(p["commands"]), &list) != nil || len(list) > 100 {
		return nil, s.refused("BOT_COMMANDS_TOO_MUCH")
	}
	for _, c := range list {
		if c.Command == "" || len(c.Command) > 32 || strings.ToLower(c.Command) != c.Command {
			return nil, s.refused("BOT_COMMAND_INVALID")
		}
		if n := utf8.RuneCountInString(c.Description); n < 1 || n > 256 {
			return nil, s.refused("BOT_COMMAND_DESCRIPTION_INVALID")
		}
	}
	s.commands[scopeKey(p)] = json.RawMessage(p["commands"])
	return true, nil
}

func (s *Server) describe(p map[string]string, field string, limit int) (any, *refusal) {
	if utf8.RuneCountInString(p[field]) > limit {
		return nil, s.refused(strings.ReplaceAll(field, "_", " ") + " is too long")
	}
	s.described[field+p["language_code"]] = p[field]
	return true, nil
}

// refused is badRequest for what a correct bot never asks: it is remembered as an error. s.mu is held.
func (s *Server) refused(text string) *refusal {
	s.wrong("refused: %s", text)
	return badRequest(text)
}

// Describe sets a description as BotFather would: field is "description" or "short_description".
func (s *Server) Describe(field, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.described[field] = text
}

// Commands gives the list set for a scope and language, as JSON; nil: none.
func (s *Server) Commands(scope, language string) json.RawMessage {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.commands[scope+"/"+language]
}
