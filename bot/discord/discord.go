// Package discord carries questions in from Discord and replies out to it.
//
// Make an [Adapter] with [New] and give Run the handler that answers. People
// ask with /ask, with the message command "Answer this", by mentioning the
// bot, by replying to it, or in a direct message. Questions come over the
// gateway, or over HTTP if [Config.Interactions] is set.
//
// The package promises: nobody is ever pinged; no privileged intent is used
// unless asked for; other bots get no answer; no message is answered twice;
// no passage is cut; replies in a server are seen by the asker alone unless
// the server's admins chose otherwise; and no token, question or user id is
// logged. What waits is bounded: where more is asked than can be answered,
// people who use commands are told to try again, and whatever gets no reply
// is counted. All of it is looked at for danger signs, within a budget that
// only a flood of long messages goes beyond; these have queues of their own.
//
// The gateway connection is discordgo's, under a supervisor (see link and
// wire); requests are made here (see rest).
package discord

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/bot/intake"
	"github.com/bwmarrin/discordgo"
)

const platform = "discord"

// Settings keeps what the admins of a server chose. place is "guild:ID" or
// "channel:ID"; keys and values are short words of this package's. Settings
// is called for every message that may want an answer, so it must be quick.
// Implementations are safe for concurrent use.
type Settings interface {
	Settings(ctx context.Context, place string) (map[string]string, error)
	Set(ctx context.Context, place, key, value string) error // an empty value removes the key
}

// Guide is what an Adapter needs of the bot beside answers.
type Guide interface {
	bot.Guide
	intake.Signs
}

// Config is what an Adapter needs. Token, Guide and Log must be set.
type Config struct {
	Token  string // of the bot, without "Bot "; white space around it is removed
	APIURL string // default "https://discord.com/api"; the version is added here
	Log    *slog.Logger
	Guide  Guide
	Meter  bot.Meter // nil: no figures

	Settings Settings                                        // nil: no store, and /settings says so
	Feedback func(ctx context.Context, f bot.Feedback) error // nil: answers have no thumbs
	Forget   func(ctx context.Context, asker string) error   // nil: nothing is kept, and /forgetme says so
	Privacy  string                                          // what is kept and for how long, for /privacy, behind what the bot sees; empty: what follows from the fields above

	// Shards says how the servers are divided among gateway connections:
	// "" or "auto" as many as Discord advises, "N" so many in this process,
	// "i/N" only the one numbered i, from 0, of N.
	Shards string
	// MessageContent asks for the privileged intent without which
	// auto-answer cannot see messages. It must be switched on in the
	// developer portal too.
	MessageContent bool
	// TestGuild, if set, gets the commands instead of everybody: there they
	// show up at once.
	TestGuild string
	// Interactions, if set, is the address to listen on for interactions
	// over HTTP. No gateway is used then, so there are no mentions and no
	// direct messages.
	Interactions string
	// Region is the ISO 3166 country whose emergency numbers are shown
	// where a server has not chosen its own; empty: neutral wording.
	Region string
	// Numbers reports whether the content has emergency numbers for a
	// country; nil: not known, and /settings says nothing of it.
	Numbers func(region string) bool

	// Reindex reads the content anew and says how it went. The command for
	// it exists only if Admins, user ids, is not empty either.
	Reindex func(ctx context.Context) (string, error)
	Admins  []string
}

// Adapter is the bot on Discord. Make it with New; it is for one Run.
type Adapter struct {
	cfg    Config
	log    *slog.Logger
	meter  bot.Meter
	guide  Guide
	rest   *rest
	times  times
	shards sharding

	answer   bot.Handler   // set by Run
	urgent   bot.Handler   // the same for danger signs, which do not wait for others' answers
	queue    *intake.Queue // commands and clicks
	excuses  *intake.Queue // says that the queue is full
	messages *intake.Queue // apart, since a message waits its turn among 50 requests a second and a command does not
	alarms   *intake.Queue // commands that there was no room for and that speak of a danger sign
	cards    *intake.Queue // such messages; apart for the same reason
	lookout  *intake.Lookout
	overhear *intake.Lookout // for what people write to each other, so that it leaves the other its budget
	warned   *intake.Limiter // that a danger sign may have got no card
	seen     *intake.Seen
	person   *intake.Limiter
	channel  *intake.Limiter
	server   *intake.Limiter
	typing   *intake.Limiter // autocomplete
	danger   *intake.Limiter // safety cards beyond the other limits
	choices  choices
	parents  parents
	timers   sync.WaitGroup // deferrals under way
	me       atomic.Pointer[identity]
	signUp   atomic.Bool // registering commands has begun
	links    []*link
	linksMu  sync.Mutex
	web      atomic.Pointer[web]
	closing  atomic.Bool
	serving  context.Context // ends when nothing more is taken in
	jobs     context.Context // of work that outlives the intake
	routines sync.WaitGroup
}

// identity is who the bot is.
type identity struct {
	User        string // id
	Application string // id
}

// New checks the settings; it does not connect. A token's form is not judged:
// Discord decides.
func New(cfg Config) (*Adapter, error) {
	if cfg.Guide == nil {
		return nil, errors.New("discord: no guide")
	}
	return newAdapter(cfg)
}

func newAdapter(cfg Config) (*Adapter, error) {
	cfg.Token = strings.TrimSpace(cfg.Token)
	if cfg.Token == "" {
		return nil, errors.New("discord: no token: set DISCORD_TOKEN or DISCORD_TOKEN_FILE")
	}
	if strings.ContainsFunc(cfg.Token, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		return nil, errors.New("discord: the token has a space or a line break inside: copy it again from the developer portal, in one piece")
	}
	if cfg.APIURL == "" {
		cfg.APIURL = "https://discord.com/api"
	}
	base, err := apiBase(cfg.APIURL)
	if err != nil {
		return nil, err
	}
	shards, err := parseShards(cfg.Shards)
	if err != nil {
		return nil, err
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Meter == nil {
		cfg.Meter = bot.NoMeter{}
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 96 // about one for each worker
	transport.ResponseHeaderTimeout = 15 * time.Second
	// All requests share one connection: one that is lost without a word would stop every reply.
	transport.HTTP2 = &http.HTTP2Config{SendPingTimeout: 3 * time.Second, PingTimeout: 3 * time.Second}
	a := &Adapter{
		cfg: cfg, log: cfg.Log, meter: cfg.Meter, guide: cfg.Guide, shards: shards,
		rest:    newREST(base, cfg.Token, &http.Client{Transport: transport}),
		times:   defaultTimes(),
		seen:    intake.NewSeen(50_000),
		person:  intake.NewLimiter(5, 10*time.Second, nil),
		channel: intake.NewSharedLimiter(20, 10*time.Second, nil),
		server:  intake.NewSharedLimiter(60, 10*time.Second, nil),
		typing:  intake.NewLimiter(50, 10*time.Second, nil),
		danger:  intake.NewSharedLimiter(2, time.Minute, nil),
		warned:  intake.NewSharedLimiter(1, time.Minute, nil),
		choices: choices{cfg.Settings},
	}
	a.lookout = intake.NewLookout(cfg.Guide, intake.LooksPerSecond(), a.panicked)
	a.overhear = intake.NewLookout(cfg.Guide, intake.LooksPerSecond()/4, a.panicked)
	a.parents.rest = a.rest
	a.queue = intake.NewQueue(64, queueMost, 16, a.panicked)
	a.excuses = intake.NewQueue(4, excusesMost, 4, a.panicked)
	a.messages = intake.NewQueue(16, messagesMost, 40, a.panicked)
	a.alarms = intake.NewQueue(48, alarmsMost, 2, a.panicked)
	a.cards = intake.NewQueue(8, cardsMost, 16, a.panicked)
	return a, nil
}

// How many may wait. Workers mostly wait for Discord's answer to a request,
// so what is full has a wait of a few seconds, and seven for messages, which
// share 50 requests a second; so it can be finished when the process ends.
// Few workers make excuses, since those take time that answers need, and many
// sound alarms, so that these get their part of it.
// More workers for messages would make the requests of one second arrive
// within less.
const (
	queueMost    = 1024
	excusesMost  = 256
	messagesMost = 7 * messagesPerSecond
	alarmsMost   = 256
	cardsMost    = 256
)

func (a *Adapter) queues() []*intake.Queue {
	return []*intake.Queue{a.queue, a.excuses, a.messages, a.alarms, a.cards}
}

// queued reports how many people wait for an answer.
func (a *Adapter) queued() { a.meter.Queued(platform, a.queue.Depth()+a.messages.Depth()) }

// apiBase checks the address of the API and takes a version off its end.
func apiBase(address string) (string, error) {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || u.RawQuery != "" || u.User != nil {
		return "", fmt.Errorf("discord: DISCORD_API_URL %q is not an address like https://discord.com/api", address)
	}
	return version.ReplaceAllString(strings.TrimRight(u.String(), "/"), ""), nil
}

var version = regexp.MustCompile(`/v[0-9]+$`)

// sharding is the Shards setting: n connections of total, from first on.
// A total of 0 asks Discord.
type sharding struct{ first, n, total int }

func parseShards(s string) (sharding, error) {
	s = strings.TrimSpace(s)
	if s == "" || s == "auto" {
		return sharding{}, nil
	}
	one, all, single := strings.Cut(s, "/")
	if !single {
		all, one = s, "0"
	}
	n, err1 := strconv.Atoi(all)
	i, err2 := strconv.Atoi(one)
	if err1 != nil || err2 != nil || n < 1 || n > 10_000 || i < 0 || i >= n {
		return sharding{}, fmt.Errorf(`discord: shards %q: want "auto", a number such as "4", or one of several such as "0/4" (the first of four)`, s)
	}
	if single {
		return sharding{first: i, n: 1, total: n}, nil
	}
	return sharding{n: n, total: n}, nil
}

// Ready reports whether questions can reach the bot: every gateway connection
// of this process is up, or HTTP interactions are listened for.
func (a *Adapter) Ready() bool {
	if a.closing.Load() {
		return false
	}
	if a.cfg.Interactions != "" {
		return a.web.Load() != nil
	}
	a.linksMu.Lock()
	defer a.linksMu.Unlock()
	for _, l := range a.links {
		if !l.ready.Load() {
			return false
		}
	}
	return len(a.links) > 0
}

// Run serves until ctx is done, then stops taking questions in, finishes what
// was taken, and returns nil within ten seconds. It returns an error only if
// going on is pointless; the text says what the operator can do. Its
// goroutines have ended when it returns. Run is called once.
func (a *Adapter) Run(ctx context.Context, answer bot.Handler) error {
	a.answer = inTurn(answer, 4*runtime.GOMAXPROCS(0))
	a.urgent = inTurn(answer, 4*runtime.GOMAXPROCS(0))
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	jobs, ended := drain(ctx, a.times.drain)
	defer ended()
	a.serving, a.jobs = ctx, jobs
	for _, q := range a.queues() {
		a.routines.Go(func() { q.Run(jobs) })
	}
	serve := a.runGateway
	if a.cfg.Interactions != "" {
		serve = a.runWeb
	}
	defer context.AfterFunc(ctx, func() { a.closing.Store(true) })()
	err := serve(ctx)
	stop() // from here on at the latest, the time for finishing runs
	a.closing.Store(true)
	for _, q := range a.queues() {
		q.Close()
	}
	a.routines.Wait()
	a.timers.Wait()
	a.rest.client.CloseIdleConnections()
	return err
}

// inTurn has at most so many answers composed at once, each behind whatever
// waits for the processor. Workers mostly wait for Discord; were all of them
// to think at the same time, the one goroutine that reads what comes in would
// hardly ever run: Go's scheduler lets work that begets work go first.
func inTurn(answer bot.Handler, most int) bot.Handler {
	turns := make(chan struct{}, most)
	return func(ctx context.Context, q bot.Question) bot.Reply {
		select {
		case turns <- struct{}{}:
			defer func() { <-turns }()
		case <-ctx.Done(): // then it has no time to take
		}
		runtime.Gosched()
		return answer(ctx, q)
	}
}

// drain gives the context of work that outlives ctx: it ends limit after ctx
// does, or when ended is called, whichever comes first, and never before.
func drain(ctx context.Context, limit time.Duration) (work context.Context, ended func()) {
	work, cut := context.WithCancel(context.WithoutCancel(ctx))
	context.AfterFunc(ctx, func() {
		if intake.Sleep(work, limit) == nil {
			cut()
		}
	})
	return work, cut
}

// runGateway connects every shard of this process and returns when ctx is
// done or one of them cannot go on.
func (a *Adapter) runGateway(ctx context.Context) error {
	s := newStarts(a.gatewayInfo, a.times.identify, a.log)
	info, err := a.firstInfo(ctx, s)
	if err != nil {
		return err
	}
	set := a.shards
	if set.total == 0 {
		set.n = max(info.Shards, 1)
		set.total = set.n
	}
	gateway := func(ctx context.Context) (string, error) {
		info, err := s.current(ctx)
		return info.URL, err
	}
	var links []*link
	for i := set.first; i < set.first+set.n; i++ {
		links = append(links, &link{
			shard: i, shards: set.total, token: a.cfg.Token, intents: a.intents(),
			gateway: gateway, identify: s.wait, event: a.event,
			meter: a.meter, proxy: http.ProxyFromEnvironment, log: a.log, times: a.times,
		})
	}
	a.linksMu.Lock()
	a.links = links
	a.linksMu.Unlock()
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var wg sync.WaitGroup
	for _, l := range links {
		wg.Go(func() {
			if err := l.run(ctx); err != nil {
				stop(err)
			}
		})
	}
	wg.Wait()
	var f *Fatal
	if errors.As(context.Cause(ctx), &f) {
		return f
	}
	return nil
}

// firstInfo asks for the gateway until there is an answer.
func (a *Adapter) firstInfo(ctx context.Context, s *starts) (gatewayInfo, error) {
	for failures := 0; ; failures++ {
		info, err := s.current(ctx)
		var stop *Fatal
		if err == nil || errors.As(err, &stop) {
			return info, err
		}
		if ctx.Err() != nil {
			return info, nil
		}
		wait := (&link{times: a.times}).backoff(failures)
		a.log.Warn("discord not reached", "error", err, "retry_in", wait)
		if intake.Sleep(ctx, wait) != nil {
			return info, nil
		}
	}
}

// gatewayInfo asks where to connect and how often that may be done.
func (a *Adapter) gatewayInfo(ctx context.Context) (info gatewayInfo, err error) {
	ctx, cancel := context.WithTimeout(ctx, a.times.open)
	defer cancel()
	err = a.rest.do(ctx, call{method: "GET", path: "/gateway/bot"}, &info)
	if isStatus(err, http.StatusNotFound) { // a proxy that knows less
		err = a.rest.do(ctx, call{method: "GET", path: "/gateway"}, &info)
	}
	if isStatus(err, http.StatusUnauthorized) {
		return info, &Fatal{Code: http.StatusUnauthorized, Remedy: badToken}
	}
	if err != nil {
		return info, fmt.Errorf("ask for the gateway: %w", err)
	}
	return info, nil
}

// intents is what the gateway is asked to send. None of these is privileged
// but the last, and nothing of any server is kept in memory.
func (a *Adapter) intents() discordgo.Intent {
	in := discordgo.IntentGuildMessages | discordgo.IntentDirectMessages
	if a.cfg.MessageContent {
		in |= discordgo.IntentMessageContent
	}
	return in
}

// panicked takes note of a panic. What it said is left out: it may hold what
// somebody asked.
func (a *Adapter) panicked(any) {
	a.meter.Panicked(platform)
	a.log.Error("handler panicked", "stack", string(debug.Stack()))
}
