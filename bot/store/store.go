// Package store keeps what must outlive the process: the settings of servers
// and groups, and, only where the operator wants it, a journal of what was
// asked in vain and which answers got a thumb. It is a SQLite file or a
// PostgreSQL database; both have the same tables.
//
// [Open] it, give an adapter [Store.Settings], call [Store.Record] with each
// reply, and read [Store.Gaps]. A Store is safe for concurrent use.
//
// What the journal promises:
//
//   - A question with a danger sign is never kept, in any form.
//   - Of a question those words are kept that are common English ones or
//     [Options.Known], in alphabetical order, without numbers and without what
//     looks like a name; the text as asked only with [Options.JournalText].
//   - Of an asker a hash is kept under a key that changes every
//     [Options.KeyDays] days, so that what a person asked under one key and
//     under another does not compare. A key is kept as long as what was made
//     with it, for [Store.Forget]; whoever reads the database can try user ids
//     against it until then.
//   - Entries go after [Options.RetentionDays], and [Store.Forget] deletes all
//     of a person's at once.
//   - Nothing waits for it: a full or locked disk costs entries, which are
//     counted, and never an answer.
//
// SQLite overwrites what it deletes, soon after [Store.Forget] or, had the
// process to end before, at the next start. PostgreSQL reuses the space in its own
// time, and its write-ahead log and everybody's backups are the operator's.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Options say how a store is used. The zero value only reads.
type Options struct {
	// Serve says that this process is the bot: it may create the database
	// and bring its tables up to date, it looks after retention, and on
	// SQLite it is the only such process, or Open fails.
	Serve bool
	// Alone makes Serve exclusive on PostgreSQL, too. It is off by default,
	// as several replicas may share one database. The lock goes with its
	// connection, should the server end that.
	Alone bool

	Journal       bool // keep the journal; may create and update the tables like Serve
	JournalText   bool // and the text of its questions as asked
	RetentionDays int  // days for which the journal and thumbs are kept; 0: 90
	KeyDays       int  // days after which the key of the hashes changes; 0: 30

	// Known says whether a word, in lower case, belongs to the subject. The
	// journal keeps it though it is no common English word, or looks like a
	// name, as one with a capital inside a sentence does. It must be safe for
	// concurrent use. Nil: no word is.
	Known func(word string) bool

	Log *slog.Logger // nil: nothing is logged

	now func() time.Time // tests only
}

const (
	defaultRetention = 90
	defaultKeyDays   = 30
	maxDays          = 36500
)

// Store is an open database. Close it.
type Store struct {
	url     string // without the password
	opt     Options
	log     *slog.Logger
	write   *sql.DB // SQLite: one connection
	read    *sql.DB // SQLite: read-only connections; PostgreSQL: the same as write
	dialect dialect
	unlock  func() // gives up the lock; nil if none is held
	places  *places

	mu      sync.RWMutex // guards closed against Record
	closed  bool
	queue   chan message
	quit    chan struct{}   // closed by Close
	done    chan struct{}   // closed when the writer has ended
	kill    context.Context // of the writer's statements; ends when Close has waited long enough
	killNow context.CancelFunc

	written, dropped atomic.Uint64
	failing          atomic.Bool
	unscrubbed       atomic.Bool // something was deleted that is still readable in the files
}

// dialect is what differs between the engines after opening.
type dialect struct {
	name        string
	placeholder func(query string) string                   // turns ? into what the engine takes
	retry       time.Duration                               // how long a batch may take after one has failed
	beginSchema string                                      // run at the start of a migration; may be empty
	explain     func(error) string                          // a sentence with the remedy, or ""
	scrub       func(ctx context.Context, db *sql.DB) error // makes deleted rows unreadable as far as the engine can
}

// Open opens the database at url: a file's path or sqlite:// and a path for
// SQLite, postgres:// for PostgreSQL. Its errors are sentences for the
// operator and never hold the password of the URL.
func Open(ctx context.Context, url string, opt Options) (*Store, error) {
	if opt.RetentionDays == 0 {
		opt.RetentionDays = defaultRetention
	}
	if opt.KeyDays == 0 {
		opt.KeyDays = defaultKeyDays
	}
	if opt.now == nil {
		opt.now = time.Now
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.RetentionDays < 1 || opt.RetentionDays > maxDays {
		return nil, fmt.Errorf("open store: %d days of retention: give a number from 1 to %d", opt.RetentionDays, maxDays)
	}
	if opt.KeyDays < 1 || opt.KeyDays > maxDays {
		return nil, fmt.Errorf("open store: a key for %d days: give a number from 1 to %d", opt.KeyDays, maxDays)
	}
	if opt.JournalText && !opt.Journal {
		return nil, errors.New("open store: the text of questions is kept in the journal: switch that on as well, or this off")
	}
	loc, err := parse(url)
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	s := &Store{
		url: loc.shown, opt: opt, log: opt.Log.With("store", loc.shown),
		places: newPlaces(),
		queue:  make(chan message, queueSize),
		quit:   make(chan struct{}), done: make(chan struct{}),
	}
	open := s.openSQLite
	if loc.postgres {
		open = s.openPostgres
	}
	if err := open(ctx, loc); err != nil {
		s.release()
		return nil, fmt.Errorf("open store %s: %w", loc.shown, err)
	}
	if err := s.migrate(ctx); err != nil {
		err = s.explain(err)
		s.release()
		return nil, fmt.Errorf("open store %s: %w", loc.shown, err)
	}
	s.kill, s.killNow = context.WithCancel(context.Background())
	if s.owner() {
		s.unscrubbed.Store(true) // perhaps: the process before may have been killed
		go s.run()
	} else {
		close(s.done)
	}
	return s, nil
}

// owner says whether this process may change the tables and keeps them tidy.
func (s *Store) owner() bool { return s.opt.Serve || s.opt.Journal }

// closeLimit is how long Close waits for the journal, well within the 10 s
// that an orchestrator gives a process to end.
const closeLimit = 3 * time.Second

// Close writes what the journal still holds, for at most three seconds, and
// closes the database. Entries that could not be written by then are counted
// as dropped and are named in the error. A second Close does nothing.
func (s *Store) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	s.mu.Unlock()

	before := s.dropped.Load()
	close(s.quit)
	limit := time.AfterFunc(closeLimit, s.killNow)
	select {
	case <-s.done:
	case <-time.After(closeLimit + time.Second):
		return fmt.Errorf("close store %s: a write hangs in the system; its journal entries are lost", s.url)
	}
	limit.Stop()
	s.killNow()
	err := s.release()
	if n := s.dropped.Load() - before; n > 0 {
		return fmt.Errorf("close store %s: %d journal entries were lost", s.url, n)
	}
	if err != nil {
		return fmt.Errorf("close store %s: %w", s.url, s.explain(err))
	}
	return nil
}

func (s *Store) release() error {
	var errs []error
	if s.read != nil && s.read != s.write {
		errs = append(errs, s.read.Close())
	}
	if s.write != nil {
		errs = append(errs, s.write.Close())
	}
	if s.unlock != nil {
		s.unlock()
	}
	return errors.Join(errs...)
}

// Stats are counts of journal entries and thumbs since Open.
type Stats struct {
	Written uint64 // are in the database
	Dropped uint64 // were lost: the queue was full, or the database could not be written
	Queued  int    // wait to be written
	Failing bool   // the last attempt to write failed
}

// Stats gives the counts as of now.
func (s *Store) Stats() Stats {
	return Stats{Written: s.written.Load(), Dropped: s.dropped.Load(), Queued: len(s.queue), Failing: s.failing.Load()}
}

// Ping says whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.read.PingContext(ctx); err != nil {
		return fmt.Errorf("store %s: %w", s.url, s.explain(err))
	}
	return nil
}

// String gives the store's address without its password.
func (s *Store) String() string { return s.url }

// explain puts the remedy before an engine's error, where there is one.
func (s *Store) explain(err error) error {
	if err == nil || s.dialect.explain == nil {
		return err
	}
	if remedy := s.dialect.explain(err); remedy != "" {
		return fmt.Errorf("%s (%w)", remedy, err)
	}
	return err
}

// q prepares a query written with ? for the engine.
func (s *Store) q(query string) string { return s.dialect.placeholder(query) }

// dollars turns each ? into $1, $2 and so on. No query has a ? in a literal.
func dollars(query string) string {
	var b strings.Builder
	n := 0
	for _, r := range query {
		if r != '?' {
			b.WriteRune(r)
			continue
		}
		n++
		fmt.Fprintf(&b, "$%d", n)
	}
	return b.String()
}
