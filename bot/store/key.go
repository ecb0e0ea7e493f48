package store

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"time"
)

// journalKey is the secret under which askers are hashed for some days.
type journalKey struct {
	since  string // day
	secret []byte
}

// hash gives 128 bits of an HMAC-SHA-256. The zero byte keeps platform and
// id apart; neither can hold one.
func (k journalKey) hash(platform, asker string) string {
	mac := hmac.New(sha256.New, k.secret)
	mac.Write([]byte(platform))
	mac.Write([]byte{0})
	mac.Write([]byte(asker))
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

const dayLayout = "2006-01-02"

func (s *Store) today() string { return s.opt.now().UTC().Format(dayLayout) }

// daysAgo gives the day that many days before today.
func (s *Store) daysAgo(n int) string {
	return s.opt.now().UTC().AddDate(0, 0, -n).Format(dayLayout)
}

// currentKey gives the key of today, and makes a new one, deleting the old,
// when that has served its days. Replicas that do so at once agree on one:
// the first to insert it wins. A key from tomorrow is another replica's whose
// clock is ahead.
func (s *Store) currentKey(ctx context.Context, tx *sql.Tx) (key journalKey, changed bool, err error) {
	key, err = s.readKey(ctx, tx)
	if err == nil && key.since > s.daysAgo(s.opt.KeyDays) && key.since <= s.daysAgo(-1) {
		return key, false, nil
	}
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return key, false, err
	}
	secret := make([]byte, 32)
	rand.Read(secret) // never fails
	if _, err := tx.ExecContext(ctx, s.q(`INSERT INTO aftercare_journal_key (since, secret) VALUES (?, ?) ON CONFLICT (since) DO NOTHING`), s.today(), hex.EncodeToString(secret)); err != nil {
		return key, false, fmt.Errorf("make a key: %w", err)
	}
	if _, err := tx.ExecContext(ctx, s.q(`DELETE FROM aftercare_journal_key WHERE since <> ?`), s.today()); err != nil {
		return key, false, fmt.Errorf("delete the old key: %w", err)
	}
	key, err = s.readKey(ctx, tx)
	return key, true, err
}

func (s *Store) readKey(ctx context.Context, db querier) (journalKey, error) {
	var key journalKey
	var secret string
	err := db.QueryRowContext(ctx, `SELECT since, secret FROM aftercare_journal_key ORDER BY since DESC LIMIT 1`).Scan(&key.since, &secret)
	if err != nil {
		return key, err
	}
	key.secret, err = hex.DecodeString(secret)
	if err != nil || len(key.secret) < 16 {
		return key, errors.New("the journal's key is damaged: delete the row of aftercare_journal_key; a new one is made")
	}
	return key, nil
}

// Forget deletes what the journal has of a person: the entries and thumbs
// under the current key, and what waits in this process's memory. What was
// kept under an earlier key cannot be found any more, by anybody, and goes
// with its retention. It works without Options.Journal, too, for what an
// earlier run kept.
func (s *Store) Forget(ctx context.Context, platform, asker string) error {
	if err := s.forgetQueued(ctx, platform, asker); err != nil {
		return fmt.Errorf("forget: %w", err)
	}
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("forget: %w", s.explain(err))
	}
	defer tx.Rollback()
	key, err := s.readKey(ctx, tx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("forget: %w", s.explain(err))
	}
	hash := key.hash(clean(platform), asker)
	for _, table := range []string{"aftercare_journal", "aftercare_feedback"} {
		if _, err := tx.ExecContext(ctx, s.q(`DELETE FROM `+table+` WHERE asker = ?`), hash); err != nil {
			return fmt.Errorf("forget: %w", s.explain(err))
		}
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("forget: %w", s.explain(err))
	}
	s.unscrubbed.Store(true)
	s.enqueue(message{scrub: true}) // if the queue is full, the next tick does it
	return nil
}

// forgetQueued waits until the writer has written what it holds and has
// nothing of the person in memory.
func (s *Store) forgetQueued(ctx context.Context, platform, asker string) error {
	if !s.owner() {
		return nil
	}
	done := make(chan struct{})
	select {
	case s.queue <- message{entry: Entry{Platform: clean(platform), Asker: asker}, forget: done}:
	case <-s.quit:
		return errors.New("the store is closed")
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-done:
		return nil
	case <-s.done:
		return errors.New("the store is closed")
	case <-ctx.Done():
		return ctx.Err()
	}
}

// tidy does the day's upkeep: what is too old goes, and the key changes when
// its days are over, even if nobody asks anything. After a failure it tries
// again at the next tick.
func (w *writer) tidy() {
	s := w.store
	if today := s.today(); w.tidied != today {
		ctx, cancel := context.WithTimeout(s.kill, time.Minute)
		defer cancel()
		if err := s.upkeep(ctx); err != nil {
			w.complain("journal upkeep failed", err)
			return
		}
		w.tidied = today
	}
	w.scrub()
}

// upkeep deletes entries and thumbs past their retention and a key past its
// days.
func (s *Store) upkeep(ctx context.Context) error {
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	var deleted int64
	for _, stale := range []struct {
		query string
		day   string
	}{
		{`DELETE FROM aftercare_journal WHERE day <= ?`, s.daysAgo(s.opt.RetentionDays)},
		{`DELETE FROM aftercare_feedback WHERE day <= ?`, s.daysAgo(s.opt.RetentionDays)},
		{`DELETE FROM aftercare_journal_key WHERE since <= ?`, s.daysAgo(s.opt.KeyDays)},
	} {
		result, err := tx.ExecContext(ctx, s.q(stale.query), stale.day)
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		if err != nil {
			return err
		}
		deleted += n
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	if deleted > 0 {
		s.unscrubbed.Store(true)
	}
	return nil
}

// scrub makes what was deleted unreadable, if anything was.
func (w *writer) scrub() {
	s := w.store
	if !s.unscrubbed.Swap(false) {
		return
	}
	ctx, cancel := context.WithTimeout(s.kill, time.Minute)
	defer cancel()
	if err := s.dialect.scrub(ctx, s.write); err != nil {
		s.unscrubbed.Store(true)
		w.complain("journal not scrubbed yet", err)
	}
}
