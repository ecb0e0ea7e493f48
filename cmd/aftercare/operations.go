package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/bot/store"
	"github.com/aftercarebot/aftercare/knowledge"
)

// operationFlags are the flags of serve for whoever runs it.
type operationFlags struct {
	socket string
	watch  bool
	admins []string
	ops    string

	storeURL    string
	journal     bool
	journalText bool
	retention   int
}

func (o *operationFlags) register(cmd *cobra.Command) {
	f := cmd.Flags()
	socketFlag(cmd, &o.socket)
	f.BoolVar(&o.watch, "watch", false, "read the content anew whenever a file of it changes")
	f.StringSliceVar(&o.admins, "admins", nil, "who may /reindex in a chat: user ids as discord:ID or telegram:ID, with commas between")
	opsFlag(cmd, &o.ops)
	storeFlag(cmd, &o.storeURL)
	f.BoolVar(&o.journal, "journal", false, "keep a journal of what was asked in vain, as common words out of their order, for aftercare gaps; needs --store")
	f.BoolVar(&o.journalText, "journal-text", false, "keep the text of these questions, too; never of one with a danger sign")
	f.IntVar(&o.retention, "retention", 90, "`days` for which the journal is kept")
}

// storeFlag adds --store to a command.
func storeFlag(cmd *cobra.Command, url *string) {
	cmd.Flags().StringVar(url, "store", "", "where settings and the journal are kept: a file for SQLite, or postgres://…; default: nowhere")
}

// check finds flags that do not fit together, before anything is started.
func (o *operationFlags) check(source *contentSource) error {
	switch {
	case o.journal && o.storeURL == "":
		return usage(errors.New("--journal needs a place to be kept"), "Add --store FILE, or leave --journal out.")
	case o.journalText && !o.journal:
		return usage(errors.New("--journal-text is part of the journal, and --journal is not given"), "Give both, or neither.")
	case o.retention < 1 || o.retention > 36500:
		return usage(fmt.Errorf("--retention %d is no number of days", o.retention), "Give a number from 1 to 36500.")
	case o.watch && source.folder() == "":
		return usage(errors.New("--watch has nothing to watch: the embedded content cannot change"), "Give the folder with --content.")
	}
	if o.storeURL != "" {
		if _, err := store.Shown(o.storeURL); err != nil {
			return usage(fmt.Errorf("--store: %w", err), "")
		}
	}
	for i, admin := range o.admins {
		admin = strings.TrimSpace(admin)
		o.admins[i] = admin
		platform, id, _ := strings.Cut(admin, ":")
		if platform != "discord" && platform != "telegram" || id == "" || strings.Trim(id, "0123456789") != "" {
			return usage(fmt.Errorf("--admins: %q is not a user", admin), "Write discord:ID or telegram:ID with the number of the account.")
		}
	}
	return nil
}

// idle names the flags that are given and do nothing in the terminal.
func (o *operationFlags) idle() []string {
	var all []string
	for _, f := range []struct {
		name  string
		given bool
	}{{"--store", o.storeURL != ""}, {"--journal", o.journal}, {"--ops", o.ops != ""}, {"--admins", len(o.admins) > 0}} {
		if f.given {
			all = append(all, f.name)
		}
	}
	return all
}

// adminsOn gives the admins' ids on one platform.
func (o *operationFlags) adminsOn(platform string) []string {
	var ids []string
	for _, admin := range o.admins {
		if id, ok := strings.CutPrefix(admin, platform+":"); ok {
			ids = append(ids, id)
		}
	}
	return ids
}

// operations is what runs beside the platforms of one serve.
type operations struct {
	operationFlags
	log      *slog.Logger
	reloader *reloader
	store    *store.Store // nil: nothing is kept
	words    *vocabulary  // of store
	meter    meter
	serves   atomic.Pointer[knowledge.Base]
}

// operate opens the store and makes the reloader. Nothing runs yet. Close it.
func (s server) operate(ctx context.Context, e engine, m meter, log *slog.Logger) (*operations, error) {
	o := &operations{operationFlags: s.operationFlags, log: log, meter: m}
	if s.storeURL != "" {
		var err error
		o.words = newVocabulary(e.base)
		o.store, err = store.Open(ctx, s.storeURL, store.Options{
			Serve: true, Log: log, Known: o.words.knows,
			Journal: s.journal, JournalText: s.journalText, RetentionDays: s.retention,
		})
		if err != nil {
			return nil, passing(err, "")
		}
		if s.journal {
			m.journal(o.store)
		}
	}
	o.serves.Store(e.base)
	o.reloader = newReloader(s.source, e, log)
	o.reloader.noted = func(r reloaded) {
		if o.words != nil {
			o.words.learn(r.base)
		}
		o.serves.Store(r.base)
		m.reloaded(r)
	}
	if err := o.reloader.inspect(ctx); err != nil {
		return nil, errors.Join(err, o.close())
	}
	return o, nil
}

func (o *operations) close() error {
	if o.store == nil {
		return nil
	}
	return o.store.Close()
}

// service is something that runs until its context is done.
type service = func(ctx context.Context) error

// services opens what has to be open before the first question: whatever is
// wrong with it is said at once.
func (o *operations) services(ctx context.Context, p process, source *contentSource, platforms []platform) ([]service, error) {
	var all []service
	path, explicit := p.socketPath(o.socket)
	if path != noSocket {
		admin, err := listenAdmin(ctx, path, o.reloader, o.log)
		switch {
		case err == nil:
			all = append(all, admin.run)
		case explicit || errors.Is(err, errLocked):
			return nil, passing(err, "Give each its own --admin-socket, or --admin-socket off to one that needs none.")
		default:
			o.log.Warn("no admin socket, so reindex and rollback cannot reach this bot", slog.String("error", err.Error()))
		}
	}
	if o.ops != "" {
		server, err := listenOps(ctx, o.ops, o.reloader.bot, platforms, o.meter.handler(), o.log)
		if err != nil {
			stop(all)
			if errors.As(err, new(*net.AddrError)) {
				return nil, usage(err, "Give --ops an address and a port, such as 127.0.0.1:9090.")
			}
			return nil, passing(err, "Give --ops another address, or leave it out.")
		}
		all = append(all, server.run)
	}
	if o.watch {
		w, err := watch(source.folder(), o.reload("watch"), o.log)
		if err != nil {
			stop(all)
			return nil, passing(err, "The limit may be the system's: see fs.inotify.max_user_watches.")
		}
		all = append(all, w.run)
	}
	return all, nil
}

// reload reads the content anew. It logs for itself.
func (o *operations) reload(trigger string) func(ctx context.Context) {
	return func(ctx context.Context) { _, _ = o.reloader.reload(ctx, trigger, false) }
}

// stop ends services that were opened and will not be run.
func stop(all []service) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, run := range all {
		_ = run(ctx)
	}
}

// reindexWithin is the patience with an admin command, which outlives the
// few seconds that a platform gives a reply.
const reindexWithin = 5 * time.Minute

// reindex is the admin command of the platforms.
func (o *operations) reindex(platform string) func(ctx context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), reindexWithin)
		defer cancel()
		c, err := o.reloader.reload(ctx, platform, false)
		return c.String(), err
	}
}

// answer is the handler of the platforms: the bot, with a journal of what it
// could not answer.
func (o *operations) answer(b *bot.Bot) bot.Handler {
	if o.store == nil || !o.journal {
		return b.Answer
	}
	return func(ctx context.Context, q bot.Question) bot.Reply {
		reply := b.Answer(ctx, q)
		if !q.Draft && q.Passage == "" && !reply.Failed {
			e := entryOf(ctx, b, q, reply)
			o.store.Record(e)
			if reply.Kind == bot.Answer && reply.Topic != "" { // that part was asked in vain
				e.Kind, e.Passage = bot.Declined, ""
				o.store.Record(e)
			}
		}
		return reply
	}
}

// entryOf is a reply as the journal takes it.
func entryOf(ctx context.Context, b bot.Guide, q bot.Question, r bot.Reply) store.Entry {
	e := store.Entry{Platform: q.Platform, Asker: q.Asker, Kind: r.Kind, Topic: r.Topic}
	switch {
	case r.Kind == bot.Urgent || r.Kind == bot.Greeting:
		return e // without the question: the journal must not see it
	case len(r.Matches) > 0:
		e.Passage = r.Matches[0].Passage.ID
	case r.Kind == bot.Unknown:
		if nearest := b.Nearest(ctx, q.Text, 1); len(nearest) > 0 {
			e.Passage = nearest[0].Passage.ID
		}
	}
	e.Question = q.Text
	return e
}
