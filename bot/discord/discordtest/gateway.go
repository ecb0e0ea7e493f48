package discordtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// Mood is how the gateway treats one connection.
type Mood int

const (
	Kind        Mood = iota // as it should
	Silent                  // never says HELLO
	Hurried                 // asks to reconnect (op 7) in the second packet
	Forgetful               // op 9 false to IDENTIFY or RESUME
	Reluctant               // op 9 true to IDENTIFY or RESUME
	Zombie                  // goes quiet after READY or RESUMED
	BadToken                // 4004
	BadIntents              // 4013
	NoIntents               // 4014
	TimedOut                // 4009 right after READY
	MustShard               // 4011
	Unreachable             // 503 instead of a websocket
	Garbled                 // sends rubbish after READY
)

// Moods sets how the next connections are treated, one each.
func (s *Server) Moods(m ...Mood) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.moods = append(s.moods, m...)
}

// session is what outlives a connection.
type session struct {
	id      string
	shard   int
	shards  int
	intents int
	log     []event // all events since the beginning; the first has number 1
	conn    *conn   // nil: not connected
	valid   bool
}

type event struct {
	kind string
	data json.RawMessage
	of   *Interaction // of INTERACTION_CREATE
}

type conn struct {
	s     *Server
	ws    *websocket.Conn
	write sync.Mutex
	mood  Mood

	// under s.mu
	session *session
	frozen  bool
	ended   bool
	outbox  [][]byte // packets that wait to be written, in brief mode
	writing bool     // somebody is at it
}

const privileged = 1<<1 | 1<<8 | 1<<15

var upgrader = websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}

func (s *Server) gateway(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	mood := Kind
	if len(s.moods) > 0 {
		mood, s.moods = s.moods[0], s.moods[1:]
	}
	s.stats.Connections++
	s.changeLocked()
	s.mu.Unlock()
	if mood == Unreachable {
		http.Error(w, "no", http.StatusServiceUnavailable)
		return
	}
	if r.URL.Query().Get("v") != "10" || r.URL.Query().Get("encoding") != "json" {
		s.problem("gateway opened with %q, want v=10 and encoding=json", r.URL.RawQuery)
	}
	ws, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	c := &conn{s: s, ws: ws, mood: mood}
	s.wg.Add(1)
	defer s.wg.Done()
	defer c.over()
	if mood == Silent {
		c.read(func(packet) bool { return true })
		return
	}
	c.packet(10, map[string]any{"heartbeat_interval": s.o.Heartbeat.Milliseconds()})
	if mood == Hurried {
		c.packet(7, nil)
	}
	var sends []time.Time
	c.read(func(p packet) bool {
		now := time.Now()
		for len(sends) > 0 && now.Sub(sends[0]) > time.Minute {
			sends = sends[1:]
		}
		if sends = append(sends, now); len(sends) > 120 {
			s.problem("more than 120 packets in a minute")
			c.close(4008)
			return false
		}
		return c.take(p, r)
	})
}

type packet struct {
	Op   int             `json:"op"`
	Data json.RawMessage `json:"d"`
	size int
}

func (c *conn) read(take func(packet) bool) {
	defer c.ws.Close()
	for {
		_, data, err := c.ws.ReadMessage()
		if err != nil {
			if websocket.IsCloseError(err, websocket.CloseNormalClosure, websocket.CloseGoingAway) {
				c.s.mu.Lock()
				if c.session != nil {
					c.session.valid = false // the client gave it up
				}
				c.s.mu.Unlock()
			}
			return
		}
		p := packet{size: len(data)}
		if err := json.Unmarshal(data, &p); err != nil {
			c.s.problem("packet that is no JSON")
			c.close(4002)
			return
		}
		if p.size > 4096 {
			c.s.problem("packet of %d bytes", p.size)
			c.close(4002)
			return
		}
		if !take(p) {
			return
		}
	}
}

// over ends the connection's hold on its session.
func (c *conn) over() {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	c.ended = true
	if c.session != nil && c.session.conn == c {
		c.session.conn = nil
	}
	c.s.changeLocked()
}

func (c *conn) packet(op int, data any) {
	raw, err := json.Marshal(map[string]any{"op": op, "d": data, "s": nil, "t": nil})
	if err != nil {
		panic(err)
	}
	c.raw(raw)
}

func (c *conn) raw(data []byte) {
	c.write.Lock()
	defer c.write.Unlock()
	c.ws.SetWriteDeadline(time.Now().Add(5 * time.Second))
	c.ws.WriteMessage(websocket.TextMessage, data)
}

func (c *conn) close(code int) {
	c.write.Lock()
	defer c.write.Unlock()
	c.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, ""), time.Now().Add(time.Second))
}

func (c *conn) dispatch(seq int, e event) {
	raw, err := json.Marshal(map[string]any{"op": 0, "t": e.kind, "s": seq, "d": e.data})
	if err != nil {
		panic(err)
	}
	c.raw(raw)
}

// take handles one packet; false ends the connection.
func (c *conn) take(p packet, r *http.Request) bool {
	s := c.s
	switch p.Op {
	case 1:
		s.mu.Lock()
		frozen, se := c.frozen, c.session
		var last int
		if json.Unmarshal(p.Data, &last) == nil && se != nil && last > len(se.log) {
			s.problemLocked("heartbeat with sequence %d, but only %d events were sent", last, len(se.log))
		}
		s.mu.Unlock()
		if !frozen {
			c.packet(11, nil)
		}
		return true
	case 2:
		return c.identify(p)
	case 6:
		return c.resume(p, r)
	case 3, 4, 8:
		s.mu.Lock()
		known := c.session != nil
		s.mu.Unlock()
		if !known {
			s.problem("op %d before IDENTIFY", p.Op)
			c.close(4003)
			return false
		}
		return true
	}
	s.problem("unknown op %d", p.Op)
	c.close(4001)
	return false
}

func (c *conn) identify(p packet) bool {
	s := c.s
	var d struct {
		Token      string         `json:"token"`
		Intents    *int           `json:"intents"`
		Properties map[string]any `json:"properties"`
		Shard      *[2]int        `json:"shard"`
	}
	if err := json.Unmarshal(p.Data, &d); err != nil || d.Intents == nil || d.Properties == nil {
		s.problem("IDENTIFY without intents or properties")
		c.close(4002)
		return false
	}
	code := map[Mood]int{BadToken: 4004, BadIntents: 4013, NoIntents: 4014, MustShard: 4011}[c.mood]
	if d.Token != Token && d.Token != "Bot "+Token {
		code = 4004
	}
	if *d.Intents&privileged != 0 && !(s.o.AllowContent && *d.Intents&privileged == 1<<15) {
		if !s.o.AllowContent {
			s.problem("privileged intent asked for: %d", *d.Intents)
		}
		code = 4014
	}
	if code != 0 {
		c.close(code)
		return false
	}
	shard := [2]int{0, 1}
	if d.Shard != nil {
		shard = *d.Shard
	}
	if shard[0] >= shard[1] {
		c.close(4010)
		return false
	}
	s.mu.Lock()
	s.stats.Identifies++
	s.starts--
	key := shard[0] % s.o.Concurrency
	early := time.Since(s.identified[key]) < s.o.IdentifyEvery*9/10
	s.identified[key] = time.Now()
	s.changeLocked()
	if early {
		s.problemLocked("two IDENTIFYs of one key within %v", s.o.IdentifyEvery)
	}
	if s.starts < 0 {
		s.problemLocked("more IDENTIFYs than Discord allows in a day")
	}
	s.mu.Unlock()
	if early || c.mood == Forgetful {
		c.packet(9, false)
		return true
	}
	if c.mood == Reluctant {
		c.packet(9, true)
		return true
	}
	se := &session{id: s.NewID(), shard: shard[0], shards: shard[1], intents: *d.Intents, valid: true}
	address := "ws://" + s.listen.Addr().String() + "/gateway"
	if s.resume != nil {
		address = "ws://" + s.resume.Addr().String() + "/gateway"
	}
	ready, err := json.Marshal(map[string]any{
		"v": 10, "session_id": se.id, "resume_gateway_url": address, "guilds": []any{},
		"user":        map[string]any{"id": BotID, "username": "aftercare", "discriminator": "0000", "bot": true, "public_flags": "0"},
		"application": map[string]any{"id": ApplicationID, "flags": 0}, "shard": shard,
	})
	if err != nil {
		panic(err)
	}
	s.mu.Lock()
	se.conn = c
	c.session = se
	se.log = append(se.log, event{kind: "READY", data: ready})
	for _, old := range s.sessions {
		if old.shard == se.shard && old.shards == se.shards {
			old.valid = false // one session a shard is enough for a fake
		}
	}
	s.sessions[se.id] = se
	s.mu.Unlock()
	c.dispatch(1, event{kind: "READY", data: ready})
	return c.settled()
}

func (c *conn) resume(p packet, r *http.Request) bool {
	s := c.s
	var d struct {
		Token   string `json:"token"`
		Session string `json:"session_id"`
		Seq     int    `json:"seq"`
	}
	if err := json.Unmarshal(p.Data, &d); err != nil {
		c.close(4002)
		return false
	}
	if s.resume != nil && r.Host != s.resume.Addr().String() {
		s.problem("session resumed at the wrong address")
	}
	s.mu.Lock()
	s.stats.Resumes++
	se := s.sessions[d.Session]
	ok := se != nil && se.valid && d.Seq <= len(se.log) && c.mood != Forgetful
	if se != nil && d.Seq > len(se.log) {
		s.mu.Unlock()
		c.close(4007)
		return false
	}
	if !ok {
		if se != nil {
			se.valid = false
		}
		s.mu.Unlock()
		c.packet(9, false)
		return true
	}
	if c.mood == Reluctant {
		s.mu.Unlock()
		c.packet(9, true)
		return true
	}
	s.stats.Resumed++
	missed := append([]event(nil), se.log[d.Seq:]...)
	for _, e := range missed {
		if e.of != nil && !e.of.acked {
			e.of.Delivered = time.Now()
		}
	}
	se.log = append(se.log, event{kind: "RESUMED", data: json.RawMessage(`{"_trace":[]}`)})
	n := len(se.log)
	resumed := se.log[n-1]
	// Nothing newer goes out before what was missed.
	c.write.Lock()
	se.conn, c.session = c, se
	s.changeLocked()
	s.mu.Unlock()
	send := func(seq int, e event) {
		raw, _ := json.Marshal(map[string]any{"op": 0, "t": e.kind, "s": seq, "d": e.data})
		c.ws.SetWriteDeadline(time.Now().Add(5 * time.Second))
		c.ws.WriteMessage(websocket.TextMessage, raw)
	}
	for i, e := range missed {
		send(d.Seq+i+1, e)
	}
	send(n, resumed)
	c.write.Unlock()
	return c.settled()
}

// settled does what the mood wants after READY or RESUMED.
func (c *conn) settled() bool {
	s := c.s
	s.mu.Lock()
	switch c.mood {
	case Zombie:
		c.frozen = true
	case TimedOut:
		c.session.valid = false
	}
	s.changeLocked()
	s.mu.Unlock()
	switch c.mood {
	case TimedOut:
		c.close(4009)
		return false
	case Garbled:
		c.raw([]byte(`{"op":0,"t":"MESSAGE_CREATE","s":`))
		c.raw([]byte(`[]`))
	}
	return true
}

// conns lists the live connections.
func (s *Server) conns() []*conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []*conn
	for _, se := range s.sessions {
		if se.conn != nil {
			out = append(out, se.conn)
		}
	}
	return out
}

// WaitConnected waits until that many shards are connected.
func (s *Server) WaitConnected(n int, limit time.Duration) error {
	count := 0
	if !s.until(limit, func() bool {
		count = 0
		for _, se := range s.sessions {
			if se.conn != nil && !se.conn.ended {
				count++
			}
		}
		return count >= n
	}) {
		return fmt.Errorf("discordtest: %d of %d shards connected after %v", count, n, limit)
	}
	return nil
}

// Drop cuts every connection without a word, as a lost network does.
func (s *Server) Drop() {
	for _, c := range s.conns() {
		s.end(c, true)
		c.ws.NetConn().Close()
	}
}

// CloseWith closes every connection with a close code.
func (s *Server) CloseWith(code int) {
	for _, c := range s.conns() {
		s.end(c, code != 4007 && code != 4009 && (code < 4010 || code > 4014) && code != 4004)
		c.close(code)
		c.ws.NetConn().Close()
	}
}

// AskReconnect sends op 7 on every connection.
func (s *Server) AskReconnect() {
	for _, c := range s.conns() {
		s.end(c, true)
		c.packet(7, nil)
	}
}

// Invalidate sends op 9 on every connection.
func (s *Server) Invalidate(resumable bool) {
	for _, c := range s.conns() {
		s.end(c, resumable)
		c.packet(9, resumable)
	}
}

// Swap delivers the next two events the wrong way round.
func (s *Server) Swap() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.swapping = true
}

// Freeze makes every connection go quiet without closing it.
func (s *Server) Freeze() {
	for _, c := range s.conns() {
		s.end(c, true)
		s.mu.Lock()
		c.frozen = true
		s.mu.Unlock()
	}
}

// end takes note that a connection is about to end.
func (s *Server) end(c *conn, resumable bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.session == nil {
		return
	}
	if resumable {
		s.stats.Resumable++
	} else {
		c.session.valid = false
	}
	if c.session.conn == c {
		c.session.conn = nil // events wait for the resumption
	}
	s.changeLocked()
}

// dispatch sends an event to the shard of a server, "" for shard 0. It
// reports whether there is a session that gets it, now or when resumed.
func (s *Server) dispatch(guild, kind string, intent int, data any, of *Interaction) bool {
	raw, err := json.Marshal(data)
	if err != nil {
		panic(err)
	}
	s.mu.Lock()
	var to *session
	for _, se := range s.sessions {
		if !se.valid || se.intents&intent != intent {
			continue
		}
		shard := 0
		if n, err := strconv.ParseUint(guild, 10, 64); err == nil {
			shard = int((n >> 22) % uint64(se.shards))
		}
		if se.shard == shard {
			to = se
		}
	}
	if to == nil {
		s.mu.Unlock()
		return false
	}
	if kind == "MESSAGE_CREATE" && to.intents&(1<<15) == 0 {
		raw = withoutContent(raw)
	}
	e := event{kind, raw, of}
	to.log = append(to.log, e)
	seq, c := len(to.log), to.conn
	if old := seq - 10_000; s.brief && old >= 0 { // more than ever is replayed
		to.log[old] = event{kind: "FORGOTTEN", data: json.RawMessage("null")}
	}
	if c == nil || c.frozen {
		s.mu.Unlock()
		return true
	}
	packet, err := json.Marshal(map[string]any{"op": 0, "t": e.kind, "s": seq, "d": e.data})
	if err != nil {
		panic(err)
	}
	out := [][]byte{packet}
	switch {
	case s.swapping && s.held == nil:
		s.held, out = packet, nil
	case s.swapping:
		out = append(out, s.held)
		s.swapping, s.held = false, nil
	}
	if s.brief {
		c.outbox = append(c.outbox, out...)
		if !c.writing {
			c.writing = true
			s.wg.Go(c.writeOut)
		}
		s.mu.Unlock()
		return true
	}
	c.write.Lock() // before the lock is given up, so that events stay in order
	s.mu.Unlock()
	defer c.write.Unlock()
	c.ws.SetWriteDeadline(time.Now().Add(5 * time.Second))
	for _, p := range out {
		c.ws.WriteMessage(websocket.TextMessage, p)
	}
	return true
}

// writeOut writes what waits, so that a bot which reads slowly keeps neither
// people nor the API waiting.
func (c *conn) writeOut() {
	for {
		c.s.mu.Lock()
		out := c.outbox
		c.outbox = nil
		c.writing = len(out) > 0
		c.s.mu.Unlock()
		if len(out) == 0 {
			return
		}
		c.write.Lock()
		for _, p := range out {
			c.ws.SetWriteDeadline(time.Now().Add(time.Minute))
			c.ws.WriteMessage(websocket.TextMessage, p)
		}
		c.write.Unlock()
	}
}

// Unread is how many events a connection has not been able to take yet. It
// is counted in brief mode alone.
func (s *Server) Unread() (n int) {
	for _, c := range s.conns() {
		s.mu.Lock()
		n += len(c.outbox)
		s.mu.Unlock()
	}
	return n
}

// withoutContent does what Discord does without the privileged intent: what
// was written is left out, unless it is for the bot.
func withoutContent(raw json.RawMessage) json.RawMessage {
	var m map[string]any
	if json.Unmarshal(raw, &m) != nil || m["guild_id"] == nil {
		return raw
	}
	for _, u := range asList(m["mentions"]) {
		if asMap(u)["id"] == BotID {
			return raw
		}
	}
	m["content"] = ""
	for _, k := range []string{"attachments", "embeds", "components"} {
		m[k] = []any{}
	}
	out, err := json.Marshal(m)
	if err != nil {
		panic(err)
	}
	return out
}

func asList(v any) []any         { l, _ := v.([]any); return l }
func asMap(v any) map[string]any { m, _ := v.(map[string]any); return m }
