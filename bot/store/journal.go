package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/knowledge/language"
)

// Entry is one reply, for the journal.
type Entry struct {
	Platform string
	Asker    string // platform's user id, kept as a hash; people without one count as one
	Question string // as asked; only words of it are kept, see the package's promises
	Kind     bot.Kind
	Passage  string // id of the nearest passage, or of the answer; may be empty
	Topic    string // Declined: the topic's name
}

const (
	queueSize  = 1024
	maxPerDay  = 10_000 // entries that one process writes a day, lest a raid fill the disk
	batchSize  = 200
	batchDelay = 500 * time.Millisecond // after the first entry of a batch
	flushLimit = 5 * time.Second        // for one batch
	tidyEvery  = time.Minute            // when to see whether there is upkeep to do
	logEvery   = time.Minute            // at most one line about lost entries
)

// message is what the writer gets: one of the four.
type message struct {
	entry  Entry
	thumb  *bot.Feedback
	forget chan<- struct{} // closed when nothing of entry's asker is in memory
	scrub  bool            // something was deleted
}

// Record notes a reply and returns at once; it does no more than put the
// entry into a queue. Unknown, Declined and Suggest are kept. Of an Answer
// the words are remembered for an hour, in memory, in case its asker gives
// it a thumb down. A process keeps 10,000 entries a day and drops the others. Urgent and Greeting are not looked at. Without
// Options.Journal, Record does nothing.
func (s *Store) Record(e Entry) {
	switch e.Kind {
	case bot.Unknown, bot.Declined, bot.Suggest, bot.Answer:
	default:
		return
	}
	if !s.opt.Journal || e.Question == "" && e.Topic == "" {
		return
	}
	if !s.enqueue(message{entry: e}) && e.Kind != bot.Answer {
		s.dropped.Add(1)
	}
}

var (
	errNoJournal = errors.New("the journal is off: start with --journal")
	errMaxPerDay = fmt.Errorf("more than %d", maxPerDay)
	errDropped   = errors.New("the journal cannot keep up")
)

// Feedback notes a thumb and returns at once. The last thumb of a person on
// a passage counts. With a thumb down the words of the question are kept, if
// the answer was recorded for the same Asker within the hour. It fails if the
// thumb was dropped, or the journal is off; one that is lost later to a full
// disk is only counted.
func (s *Store) Feedback(_ context.Context, f bot.Feedback) error {
	if !s.opt.Journal {
		return errNoJournal
	}
	if f.Passage == "" {
		return errors.New("a thumb on no passage")
	}
	if !s.enqueue(message{thumb: &f}) {
		s.dropped.Add(1)
		return errDropped
	}
	return nil
}

// enqueue says whether there was room.
func (s *Store) enqueue(m message) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return false
	}
	select {
	case s.queue <- m:
		return true
	default:
		return false
	}
}

// line is an entry as it will be kept, but for the asker's hash.
type line struct {
	day, platform, kind, words, passage, topic, raw string
	asker                                           string // user id, in memory only
}

// vote is a thumb as it will be kept, but for the asker's hash.
type vote struct {
	day, platform, passage string
	helpful                bool
	asker                  string // user id, in memory only
}

// writer collects messages and writes them in batches. Only its goroutine
// touches it.
type writer struct {
	store   *Store
	lines   []line
	votes   []vote
	answers *answers

	day      string // of the count in today
	today    int    // lines written on day
	tidied   string // day of the last upkeep that worked
	lastLog  time.Time
	unlogged int // entries lost since
}

// run is the writer's goroutine. It ends when quit is closed and the queue is
// empty, or cannot be written in time.
func (s *Store) run() {
	defer close(s.done)
	w := &writer{store: s, answers: newAnswers()}
	w.tidy()
	tick := time.NewTicker(tidyEvery)
	defer tick.Stop()
	flush := time.NewTimer(time.Hour)
	flush.Stop()
	defer flush.Stop()
	for {
		select {
		case m := <-s.queue:
			empty := w.size() == 0
			w.take(m)
			switch n := w.size(); {
			case n >= batchSize:
				w.flush()
				flush.Stop()
			case empty && n > 0:
				flush.Reset(batchDelay)
			case n == 0:
				flush.Stop()
			}
		case <-flush.C:
			w.flush()
		case <-tick.C:
			w.tidy()
		case <-s.quit:
			for {
				select {
				case m := <-s.queue:
					if w.take(m); w.size() >= batchSize {
						w.flush()
					}
					continue
				default:
				}
				break
			}
			w.flush()
			w.scrub()
			return
		}
	}
}

func (w *writer) size() int { return len(w.lines) + len(w.votes) }

func (w *writer) take(m message) {
	s := w.store
	switch {
	case m.forget != nil:
		w.flush()
		w.answers.forget(m.entry.Platform, m.entry.Asker)
		close(m.forget)
	case m.scrub:
		w.scrub()
	case m.thumb != nil:
		f := *m.thumb
		w.votes = append(w.votes, vote{day: s.today(), platform: clean(f.Platform), passage: clean(f.Passage), helpful: f.Helpful, asker: f.Asker})
		if !f.Helpful {
			if l, ok := w.answers.take(f.Platform, f.Asker, f.Passage); ok {
				l.day = s.today()
				w.lines = append(w.lines, l)
			}
		}
	default:
		e := m.entry
		l := line{
			day: s.today(), platform: clean(e.Platform), kind: e.Kind.String(), passage: clean(e.Passage), asker: e.Asker,
			words: strings.Join(keepWords(e.Question, s.opt.Known), " "),
		}
		if e.Kind == bot.Declined {
			l.topic = clean(e.Topic)
		}
		if s.opt.JournalText {
			l.raw = clean(e.Question)
		}
		switch {
		case l.words == "" && l.topic == "" && l.raw == "": // nothing to learn from
		case e.Kind == bot.Answer:
			w.answers.put(l)
		default:
			w.lines = append(w.lines, l)
		}
	}
}

// clean makes a text fit for both engines, and of a bounded length.
func clean(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, " "), "\x00", " ")
	if len(s) > language.MaxRunes {
		n := 0
		for i := range s {
			if n++; n > language.MaxRunes {
				return s[:i]
			}
		}
	}
	return s
}

// flush writes the batch, or loses it: a journal that waits for its disk
// would soon wait for ever.
func (w *writer) flush() {
	n := w.size()
	if n == 0 {
		return
	}
	s := w.store
	if today := s.today(); w.day != today {
		w.day, w.today = today, 0
	}
	if spare := max(0, maxPerDay-w.today); len(w.lines) > spare {
		over := len(w.lines) - spare
		w.lines = slices.Delete(w.lines, spare, len(w.lines))
		n -= over
		s.dropped.Add(uint64(over))
		w.unlogged += over
		w.complain("journal has its entries for today", errMaxPerDay)
		if n == 0 {
			return
		}
	}
	limit := flushLimit
	if s.failing.Load() { // what waits behind must not wait as long again
		limit = s.dialect.retry
	}
	ctx, cancel := context.WithTimeout(s.kill, limit)
	defer cancel()
	err := s.writeBatch(ctx, w.lines, w.votes)
	if err == nil {
		w.today += len(w.lines)
	}
	clear(w.lines)
	clear(w.votes)
	w.lines, w.votes = w.lines[:0], w.votes[:0]
	s.failing.Store(err != nil)
	if err == nil {
		s.written.Add(uint64(n))
		return
	}
	s.dropped.Add(uint64(n))
	w.unlogged += n
	w.complain("journal entries lost", err)
}

// complain logs an error, and the losses since it last did, but not often.
func (w *writer) complain(message string, err error) {
	if now := time.Now(); now.Sub(w.lastLog) >= logEvery {
		w.lastLog = now
		w.store.log.Error(message, "lost", w.unlogged, "lost_in_all", w.store.dropped.Load(), "error", w.store.explain(err))
		w.unlogged = 0
	}
}

func (s *Store) writeBatch(ctx context.Context, lines []line, votes []vote) error {
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	key, err := s.currentKey(ctx, tx)
	if err != nil {
		return err
	}
	if len(lines) > 0 {
		args := make([]any, 0, 9*len(lines))
		for _, l := range lines {
			var raw any
			if l.raw != "" {
				raw = l.raw
			}
			args = append(args, l.day, l.platform, l.kind, l.words, l.passage, l.topic, key.hash(l.platform, l.asker), key.since, raw)
		}
		query := `INSERT INTO aftercare_journal (day, platform, kind, words, passage, topic, asker, period, raw) VALUES ` +
			strings.TrimSuffix(strings.Repeat(`(?, ?, ?, ?, ?, ?, ?, ?, ?), `, len(lines)), ", ")
		if _, err := tx.ExecContext(ctx, s.q(query), args...); err != nil {
			return err
		}
	}
	for _, v := range votes {
		helpful := 0
		if v.helpful {
			helpful = 1
		}
		if _, err := tx.ExecContext(ctx, s.q(`INSERT INTO aftercare_feedback (platform, passage, asker, day, helpful) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (platform, passage, asker) DO UPDATE SET day = excluded.day, helpful = excluded.helpful`),
			v.platform, v.passage, key.hash(v.platform, v.asker), v.day, helpful); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// answers remembers the words of answered questions, for thumbs. It holds
// the newest maxAnswers of them.
type answers struct {
	lines map[answerKey]remembered
	order []answerKey // a ring, oldest at next
	next  int
}

type answerKey struct{ platform, asker, passage string }

type remembered struct {
	line line
	at   time.Time
}

const (
	maxAnswers = 4096
	answerAge  = time.Hour
)

func newAnswers() *answers { return &answers{lines: make(map[answerKey]remembered)} }

func (a *answers) put(l line) {
	key := answerKey{l.platform, l.asker, l.passage}
	if _, ok := a.lines[key]; !ok {
		if len(a.order) < maxAnswers {
			a.order = append(a.order, key)
		} else {
			delete(a.lines, a.order[a.next])
			a.order[a.next] = key
			a.next = (a.next + 1) % maxAnswers
		}
	}
	a.lines[key] = remembered{l, time.Now()}
}

// take gives a line once.
func (a *answers) take(platform, asker, passage string) (line, bool) {
	key := answerKey{platform, asker, passage}
	r, ok := a.lines[key]
	if !ok || r.line.words == "" && r.line.raw == "" || time.Since(r.at) > answerAge {
		return line{}, false
	}
	a.lines[key] = remembered{} // its place in the ring stays
	return r.line, true
}

func (a *answers) forget(platform, asker string) {
	for key := range a.lines {
		if key.platform == platform && key.asker == asker {
			a.lines[key] = remembered{}
		}
	}
}
