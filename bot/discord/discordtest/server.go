// Package discordtest is a Discord of one's own on loopback, for tests: the
// REST API and a real websocket gateway, strict about what it is sent and
// nasty on demand.
//
// Make one with [New], point the bot at its URL, let people ask with Ask,
// Say, Click and the others, and look at what came with Wait and Answers.
// Whatever the bot did that Discord would not like is collected in Problems:
// a test looks there last. Nothing here needs a testing.T, so that tests of
// the whole binary can use it too.
//
// It holds more than Discord's own description of its API knows: the three
// seconds for a first response, the life of a token, nonces, what each
// connection state allows, what may be read without the privileged intent.
package discordtest

import (
	"crypto/ed25519"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// Who the bot is here.
const (
	Token         = "MTA5MDAw.test.token-of-the-fake"
	ApplicationID = "109000000000000001"
	BotID         = "109000000000000002"
)

// Options of a Server; the zero value is good.
type Options struct {
	Spec          string        // file of Discord's OpenAPI description; empty or absent: bodies are checked for the limits only
	Shards        int           // advised by /gateway/bot; default 1
	Concurrency   int           // max_concurrency; default 1
	Heartbeat     time.Duration // default 41.25 s
	IdentifyEvery time.Duration // least time between two IDENTIFYs of one key; default 5 s
	Ack           time.Duration // for the first response; default 3 s
	TokenLife     time.Duration // of an interaction; default 15 min
	AllowContent  bool          // the privileged intent for message content is switched on
	Starts        int           // session starts left; default 1000
	ServersOnly   bool          // the application cannot be installed by users
	OtherGateway  bool          // sessions are to be resumed at another address

}

// Server is the fake. All its methods are safe for concurrent use.
type Server struct {
	o      Options
	spec   *spec
	note   string
	http   *http.Server
	listen net.Listener
	resume net.Listener // where sessions are to be resumed, if elsewhere
	key    ed25519.PrivateKey
	public ed25519.PublicKey
	ids    atomic.Uint64

	mu           sync.Mutex
	problems     []string
	faults       []*Fault
	moods        []Mood
	sessions     map[string]*session
	identified   map[int]time.Time // by rate limit key
	starts       int
	commands     map[string][]byte // by path
	interactions map[string]*Interaction
	messages     []*Message
	nonces       map[string]*Message
	threads      map[string]bool
	parents      map[string]string // channel of each thread that somebody wrote in
	requests     []Request
	global       []time.Time
	endpoint     string
	swapping     bool          // the next event waits for the one after it
	held         []byte        // the one that waits
	changed      chan struct{} // closed and replaced at every change
	stats        Stats
	watch        func(*Message)
	brief        bool // keep nothing of what is over
	wg           sync.WaitGroup
}

// Stats counts what happened on the gateway.
type Stats struct {
	Connections, Identifies, Resumes, Resumed int
	Resumable                                 int // connections ended so that the session could go on
	Puts                                      int // of commands
}

// Request is one REST request, without its body.
type Request struct {
	Method, Path string
	Status       int
	At           time.Time
}

// New starts a server on a free port of loopback.
func New(o Options) (*Server, error) {
	def := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	def(&o.Heartbeat, 41250*time.Millisecond)
	def(&o.IdentifyEvery, 5*time.Second)
	def(&o.Ack, 3*time.Second)
	def(&o.TokenLife, 15*time.Minute)
	o.Shards, o.Concurrency = max(o.Shards, 1), max(o.Concurrency, 1)
	if o.Starts == 0 {
		o.Starts = 1000
	}
	s := &Server{
		o: o, starts: o.Starts, sessions: map[string]*session{}, identified: map[int]time.Time{},
		commands: map[string][]byte{}, interactions: map[string]*Interaction{},
		nonces: map[string]*Message{}, threads: map[string]bool{}, parents: map[string]string{}, changed: make(chan struct{}),
	}
	s.ids.Store(uint64(time.Since(time.UnixMilli(1420070400000)).Milliseconds()) << 22)
	var err error
	if s.spec, s.note, err = readSpec(o.Spec); err != nil {
		return nil, err
	}
	if s.public, s.key, err = ed25519.GenerateKey(nil); err != nil {
		return nil, err
	}
	if s.listen, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return nil, err
	}
	s.http = &http.Server{Handler: s}
	s.wg.Go(func() { s.http.Serve(s.listen) })
	if o.OtherGateway {
		if s.resume, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			return nil, err
		}
		s.wg.Go(func() { s.http.Serve(s.resume) })
	}
	return s, nil
}

// URL stands for https://discord.com/api.
func (s *Server) URL() string { return "http://" + s.listen.Addr().String() + "/api" }

// LoseOtherGateway takes the address away at which sessions are to be resumed,
// with the connections to it or without.
func (s *Server) LoseOtherGateway() { s.resume.Close() }

// Close ends all connections and waits until everything of the server has ended.
func (s *Server) Close() {
	s.http.Close()
	for _, c := range s.conns() {
		c.ws.Close()
	}
	s.wg.Wait()
}

// Note says why bodies are not checked against Discord's description; empty
// if they are.
func (s *Server) Note() string { return s.note }

// Problems lists what the bot did that Discord would not like.
func (s *Server) Problems() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.problems...)
}

// Stats gives the counts so far.
func (s *Server) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stats
}

// Requests lists every REST request so far.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request(nil), s.requests...)
}

// Watch has f told of every message that the bot makes, and every deferral
// that it replaces, as it is accepted. f is called in order and must be quick;
// it may not call the server, nor keep the message.
func (s *Server) Watch(f func(*Message)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watch = f
}

// Brief makes the server keep nothing of what has been responded to, but that
// it was, for runs that would fill the memory. Watch sees everything
// all the same; Wait, Answers and Messages do not work then. Events go out in
// the background, see Unread.
func (s *Server) Brief() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.brief = true
}

// UseHTTP delivers interactions to an interactions endpoint instead of the gateway.
func (s *Server) UseHTTP(endpoint string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.endpoint = endpoint
}

func (s *Server) problem(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.problemLocked(format, args...)
}

func (s *Server) problemLocked(format string, args ...any) {
	if len(s.problems) < 100 {
		text := fmt.Sprintf(format, args...)
		if len(text) > 1000 { // a schema's complaints go on for pages
			text = text[:1000] + " …"
		}
		s.problems = append(s.problems, text)
	}
}

// NewID makes an id that nothing else has.
func (s *Server) NewID() string { return strconv.FormatUint(s.ids.Add(1<<12), 10) }

// changeLocked wakes whoever waits for something to happen.
func (s *Server) changeLocked() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// until waits for cond, which is called with the lock held, and reports
// whether it came true in time.
func (s *Server) until(limit time.Duration, cond func() bool) bool {
	deadline := time.NewTimer(limit)
	defer deadline.Stop()
	for {
		s.mu.Lock()
		ok, changed := cond(), s.changed
		s.mu.Unlock()
		if ok {
			return true
		}
		select {
		case <-changed:
		case <-deadline.C:
			return false
		}
	}
}

// Fault makes requests go wrong. Method empty: any; Path is a part of the path.
type Fault struct {
	Method, Path string
	Times        int // how many requests; 0: one
	Status       int
	Body         string
	Header       map[string]string
	Delay        time.Duration // before anything else
	Serve        bool          // do what was asked, and only then go wrong: with Status 0 the connection is cut
	Cut          bool          // cut the connection without an answer
}

// Fail makes the next requests that fit go wrong.
func (s *Server) Fail(f Fault) {
	if f.Times == 0 {
		f.Times = 1
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &f)
}
