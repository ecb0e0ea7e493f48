// Package telegram carries questions from Telegram to the bot and replies
// back: private chats, groups and their topics, inline mode, deep links and
// buttons, by long poll or by webhook.
//
// Make an [Adapter] with [New] and call its Run once. The package uses
// telegram-bot-api v5.5.1 for types and single requests alone; polling,
// webhook, retries and shutdown are its own, because the library confirms
// updates before they are handled, cannot be cancelled, and puts the token
// into its errors.
//
// Promises: while polling, an update is confirmed only after it was handled, so
// a question survives a crash; by webhook, after it was queued in memory. Where
// Telegram takes no messages at all, answers wait for up to half a day, and
// nothing is confirmed while fewer than a hundred wait. A question is answered
// once per process, save where the connection is lost just as Telegram takes the
// answer. Where so much is asked, by everybody or in one chat, that a question
// cannot be answered in good time, it is counted and not answered; it is still
// looked at for danger signs, within a budget that only a flood of long messages
// goes beyond. No answer is cut. The token is in no error and no log line, and
// neither is a question, a name or a raw number of a user or chat.
package telegram

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"runtime/debug"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"
	"golang.org/x/time/rate"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/bot/intake"
)

const platform = "telegram"

// Limits on taking in. Telegram's own: about 30 messages a second overall,
// one a second in a chat with bursts tolerated, 20 a minute in a group; the
// exact figures are not published, so retry_after has the last word.
const (
	workers      = 64 // a chat that must wait holds one
	queueLimit   = 1000
	chatLimit    = 50
	sendsPerSec  = 30
	personBurst  = 5
	personWindow = 10 * time.Second
	groupBurst   = 20
	groupWindow  = time.Minute
	seenUpdates  = 20000
	behindMost   = 10 * time.Second // longer than that nobody waits for an answer because of others
	alarmsMost   = 256              // safety cards that wait, beside the queue
	cardsOfChat  = 30               // a minute, where its people, each with a share of personBurst, are beyond other limits
	alarmsOfChat = 20
)

// Settings keeps what a group's administrators chose. place is "chat:ID".
type Settings interface {
	// Settings gives what is set for a place; missing keys have their defaults.
	Settings(ctx context.Context, place string) (map[string]string, error)
	// Set keeps one value for a place.
	Set(ctx context.Context, place, key, value string) error
}

// Guide is what an Adapter needs of the bot beside answers.
type Guide interface {
	bot.Guide
	intake.Signs
}

// Config is what an Adapter needs. Token and Guide are required.
type Config struct {
	Token    string // from @BotFather; its form is not judged beyond white space
	APIURL   string // Bot API server; empty: https://api.telegram.org
	Log      *slog.Logger
	Guide    Guide
	Meter    bot.Meter
	Settings Settings                                        // nil: no store, and /settings says so
	Feedback func(ctx context.Context, f bot.Feedback) error // nil: no thumbs are shown
	Forget   func(ctx context.Context, asker string) error   // for /forgetme; asker is as in Feedback. nil: nothing is kept
	Privacy  string                                          // what is kept and for how long, for /privacy, behind what the bot sees; empty: what follows from the fields above
	Region   string                                          // passed on with every question
	Webhook  string                                          // public https address to be called at; empty: long poll
	Listen   string                                          // with Webhook: address to listen on, such as ":8080"
	Reindex  func(ctx context.Context) (string, error)       // for /reindex by Admins; the string is shown. nil: no such command
	Admins   []string                                        // user numbers that may /reindex
}

// Adapter connects one bot account. Its methods are safe for concurrent use;
// Run may be called once.
type Adapter struct {
	api      *client
	log      *slog.Logger
	guide    Guide
	meter    bot.Meter
	settings Settings
	feedback func(ctx context.Context, f bot.Feedback) error
	forget   func(ctx context.Context, asker string) error
	reindex  func(ctx context.Context) (string, error)
	admins   map[string]bool
	region   string
	privacy  string
	webhook  string
	listen   string

	answer  bot.Handler // set by Run
	me      atomic.Pointer[tgbotapi.User]
	ready   atomic.Bool
	met     atomic.Bool // ready once before
	run     atomic.Bool
	closing atomic.Bool

	limit   *rate.Limiter
	lookout *intake.Lookout // for danger signs in what gets no answer
	queue   *intake.Queue
	alarms  *intake.Queue // answers those
	excuses *intake.Queue // says that there are too many questions
	last    *intake.Queue // at the end, what comes behind danger signs
	seen    *intake.Seen  // updates taken in
	votes   *intake.Seen
	albums  *intake.Seen
	people  *intake.Limiter
	groups  *intake.Limiter
	taps    *intake.Limiter
	cards   *intake.Limiter // beyond the other limits, for each person in a chat
	raids   *intake.Limiter // and for each chat
	busy    *intake.Limiter // excuses, for each chat
	overrun *intake.Limiter // warnings of too many questions, of each kind
	bursts  *bursts
	replies *replies
	chats   *chats
	keys    *keys
	ledger  *ledger
	outage  *outage
	crowd   crowd
	salt    [16]byte // of the chat's mark in the log; new in every process

	asked    int           // offset of the last poll; of Run's goroutine
	pollFor  time.Duration // how long a poll may wait for updates
	pollGap  time.Duration // between polls while updates are in work
	drainFor time.Duration
	strayFor time.Duration          // patience with a webhook that appears while polling
	behind   time.Duration          // a message that waited longer for its turn gets no answer
	suspect  chan struct{}          // a request was refused because of the token
	boundTo  atomic.Pointer[string] // address that the webhook listens on
}

// New makes an adapter. It makes no connection. An error says which setting
// is wrong and never holds the token.
func New(c Config) (*Adapter, error) {
	api, err := newClient(c.Token, c.APIURL)
	if err != nil {
		return nil, err
	}
	if c.Guide == nil {
		return nil, errors.New("telegram: no guide")
	}
	if c.Webhook != "" {
		if err := checkWebhook(c.Webhook, c.Listen); err != nil {
			return nil, err
		}
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Meter == nil {
		c.Meter = bot.NoMeter{}
	}
	a := &Adapter{
		api: api, log: c.Log.With(slog.String("platform", platform)), guide: c.Guide, meter: c.Meter,
		settings: c.Settings, feedback: c.Feedback, forget: c.Forget, reindex: c.Reindex, admins: map[string]bool{},
		region: c.Region, privacy: c.Privacy, suspect: make(chan struct{}, 1), webhook: c.Webhook, listen: c.Listen,
		limit:  rate.NewLimiter(sendsPerSec, sendsPerSec),
		seen:   intake.NewSeen(seenUpdates),
		votes:  intake.NewSeen(5000),
		albums: intake.NewSeen(1000),
		people: intake.NewLimiter(personBurst, personWindow, nil),
		groups: intake.NewSharedLimiter(groupBurst, groupWindow, nil),
		taps:   intake.NewLimiter(20, personWindow, nil),
		cards:  intake.NewSharedLimiter(personBurst, groupWindow, nil),
		raids:  intake.NewSharedLimiter(cardsOfChat, groupWindow, nil),
		busy:   intake.NewSharedLimiter(1, time.Minute, nil), overrun: intake.NewSharedLimiter(1, time.Minute, nil),
		chats: newChats(), replies: newReplies(), outage: newOutage(),
		keys:    &keys{guide: c.Guide},
		pollFor: 50 * time.Second, pollGap: 550 * time.Millisecond, drainFor: 7500 * time.Millisecond,
		strayFor: 30 * time.Second, behind: behindMost,
	}
	a.ledger = newLedger(func() bool { return a.outage.lasts(0) })
	a.me.Store(&tgbotapi.User{})
	if _, err := rand.Read(a.salt[:]); err != nil {
		return nil, fmt.Errorf("telegram: %w", err)
	}
	for _, id := range c.Admins {
		a.admins[strings.TrimSpace(id)] = true
	}
	a.queue = intake.NewQueue(workers, queueLimit, chatLimit, a.panicked)
	a.last = intake.NewQueue(workers, queueLimit, chatLimit, a.panicked)
	a.lookout = intake.NewLookout(c.Guide, intake.LooksPerSecond(), a.panicked)
	a.alarms = intake.NewQueue(workers, alarmsMost, alarmsOfChat, a.panicked)
	a.excuses = intake.NewQueue(2, 16, 1, a.panicked) // they share Telegram's limit with the answers
	a.bursts = newBursts(a.ask)
	return a, nil
}

// Ready reports whether messages are being taken in: the last poll was
// answered, or the webhook is set and listened to.
func (a *Adapter) Ready() bool { return a.ready.Load() }

func (a *Adapter) setReady(now bool) {
	if was := a.ready.Swap(now); now && !was && a.met.Swap(true) {
		a.meter.Reconnected(platform)
	}
}

// self is the bot's own account, empty before the first contact.
func (a *Adapter) self() *tgbotapi.User { return a.me.Load() }

// panicked notes a panic. Its value may hold a message or an address with the
// token, so only its type is logged.
func (a *Adapter) panicked(p any) {
	a.meter.Panicked(platform)
	a.log.Error("panic while handling an update", slog.String("type", fmt.Sprintf("%T", p)),
		slog.String("stack", a.api.hide.Replace(string(debug.Stack()))))
}

// chatAttr marks a chat in the log so that its lines can be seen to belong
// together, within one process, without telling which chat it is.
func (a *Adapter) chatAttr(chat int64) slog.Attr {
	h := hmac.New(sha256.New, a.salt[:])
	h.Write(strconv.AppendInt(nil, chat, 10))
	return slog.String("chat", hex.EncodeToString(h.Sum(nil)[:4]))
}

func checkWebhook(address, listen string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https":
		return errors.New("telegram: --telegram-webhook must be a public https:// address, such as https://bot.example.org/telegram")
	case u.Port() != "" && u.Port() != "443" && u.Port() != "80" && u.Port() != "88" && u.Port() != "8443":
		return errors.New("telegram: --telegram-webhook: Telegram calls ports 443, 80, 88 and 8443 only")
	case listen == "":
		return errors.New("telegram: --telegram-webhook needs --listen ADDR, the local address that the calls arrive at")
	}
	return nil
}
