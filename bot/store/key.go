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

const (
	dayLayout = "2006-01-02"
	lastDay   = "9999-12-31"
)

func (s *Store) today() string { return s.opt.now().UTC().Format(dayLayout) }

// daysAgo gives the day that many days before today.
func (s *Store) daysAgo(n int) string {
	return s.opt.now().UTC().AddDate(0, 0, -n).Format(dayLayout)
}

// currentKey gives the key of today, and makes a new one when the last has
// served its days. Replicas that do so at once agree on one: the first to
// insert it wins. A key from tomorrow is another replica's whose clock is
// ahead; one from later was made when a clock was wrong, and waits.
func (s *Store) currentKey(ctx context.Context, tx *sql.Tx) (journalKey, error) {
	first, last := s.daysAgo(s.opt.KeyDays-1), s.daysAgo(-1)
	keys, err := s.keys(ctx, tx, first, last)
	if err != nil {
		return journalKey{}, err
	}
	if len(keys) == 0 {
		secret := make([]byte, 32)
		rand.Read(secret) // never fails
		if _, err := tx.ExecContext(ctx, s.q(`INSERT INTO aftercare_journal_key (since, secret) VALUES (?, ?) ON CONFLICT (since) DO NOTHING`), s.today(), hex.EncodeToString(secret)); err != nil {
			return journalKey{}, fmt.Errorf("make a key: %w", err)
		}
		if keys, err = s.keys(ctx, tx, first, last); err != nil {
			return journalKey{}, err
		}
		if len(keys) == 0 {
			return journalKey{}, errors.New("make a key: it is not there")
		}
	}
	return keys[0], nil
}

// keys gives the keys that came into use from one day to another, newest first.
func (s *Store) keys(ctx context.Context, tx *sql.Tx, first, last string) ([]journalKey, error) {
	rows, err := tx.QueryContext(ctx, s.q(`SELECT since, secret FROM aftercare_journal_key WHERE since >= ? AND since <= ? ORDER BY since DESC`), first, last)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var keys []journalKey
	for rows.Next() {
		var key journalKey
		var secret string
		if err := rows.Scan(&key.since, &secret); err != nil {
			return nil, err
		}
		if key.secret, err = hex.DecodeString(secret); err != nil || len(key.secret) < 16 {
			return nil, fmt.Errorf("the journal's key of %s is damaged: delete its row of aftercare_journal_key; a new one is made", key.since)
		}
		keys = append(keys, key)
	}
	return keys, rows.Err()
}

// Forget deletes all that the journal has of a person: the entries and thumbs
// under whatever key, and what waits in this process's memory. It works
// without Options.Journal, too, for what an earlier run kept.
func (s *Store) Forget(ctx context.Context, platform, asker string) error {
	if err := s.forgetQueued(ctx, platform, asker); err != nil {
		return fmt.Errorf("forget: %w", err)
	}
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("forget: %w", s.explain(err))
	}
	defer tx.Rollback()
	keys, err := s.keys(ctx, tx, "", lastDay)
	if err != nil {
		return fmt.Errorf("forget: %w", s.explain(err))
	}
	for _, key := range keys {
		hash := key.hash(clean(platform), asker)
		for _, table := range []string{"aftercare_journal", "aftercare_feedback"} {
			if _, err := tx.ExecContext(ctx, s.q(`DELETE FROM `+table+` WHERE asker = ?`), hash); err != nil {
				return fmt.Errorf("forget: %w", s.explain(err))
			}
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

// tidy does the day's upkeep: what is too old goes, even if nobody asks
// anything. After a failure it tries again at the next tick.
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

// upkeep deletes entries and thumbs past their retention, and keys with which
// nothing was made that is not past it.
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
		{`DELETE FROM aftercare_journal_key WHERE since <= ?`, s.daysAgo(s.opt.KeyDays + s.opt.RetentionDays)},
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
