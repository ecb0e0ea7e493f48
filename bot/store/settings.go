package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

const (
	// settingsAge is how long settings are given from memory, and so how
	// late another replica learns of a change.
	settingsAge = 5 * time.Second
	// settingsWait is how long an answer may wait for settings. After a
	// failure nobody waits for settingsAge.
	settingsWait = time.Second
	setWait      = 2500 * time.Millisecond // Discord takes an answer for 3 s
	maxPlaces    = 10_000                  // kept in memory
	maxSetting   = 4096                    // bytes of a place, a key or a value
)

// Settings are the settings of one platform's servers, groups and channels.
// They are safe for concurrent use.
type Settings struct {
	store    *Store
	platform string
}

// Settings gives the settings of one platform.
func (s *Store) Settings(platform string) *Settings { return &Settings{s, platform} }

// Settings gives what was set for a place; an empty map if nothing was. It
// is quick enough to be called for each message: it answers from memory for
// up to five seconds, and where the database fails with what it gave last. It
// fails, within a second, only for a place that it has not seen since the
// start. The caller owns the map.
func (v *Settings) Settings(ctx context.Context, place string) (map[string]string, error) {
	p, key := v.store.places, placeKey{v.platform, place}
	known, age, generation := p.get(key)
	if known != nil && (age < settingsAge || p.resting()) {
		return maps.Clone(known), nil
	}
	if p.resting() {
		return nil, fmt.Errorf("read settings: %w", errResting)
	}
	values, err := v.load(ctx, place)
	if err == nil {
		p.put(key, values, generation)
		return maps.Clone(values), nil
	}
	if ctx.Err() == nil {
		p.rest()
	}
	if known != nil {
		return maps.Clone(known), nil
	}
	return nil, fmt.Errorf("read settings: %w", v.store.explain(err))
}

var errResting = errors.New("the store failed a moment ago")

func (v *Settings) load(ctx context.Context, place string) (map[string]string, error) {
	ctx, cancel := context.WithTimeout(ctx, settingsWait)
	defer cancel()
	rows, err := v.store.read.QueryContext(ctx, v.store.q(`SELECT name, value FROM aftercare_setting WHERE platform = ? AND place = ?`), v.platform, place)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	values := make(map[string]string)
	for rows.Next() {
		var key, value string
		if err := rows.Scan(&key, &value); err != nil {
			return nil, err
		}
		values[key] = value
	}
	return values, rows.Err()
}

// Set sets a key of a place; an empty value removes it. When Set returns nil
// the value is on disk, and this process's Settings gives it. It takes 2.5 s at
// most.
func (v *Settings) Set(ctx context.Context, place, key, value string) error {
	if place == "" || key == "" {
		return errors.New("set setting: no place or no key")
	}
	for _, text := range []string{place, key, value} {
		if len(text) > maxSetting || !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
			return fmt.Errorf("set setting: place, key and value must be UTF-8 without zero bytes, at most %d bytes each", maxSetting)
		}
	}
	query, args := `INSERT INTO aftercare_setting (platform, place, name, value) VALUES (?, ?, ?, ?)
		ON CONFLICT (platform, place, name) DO UPDATE SET value = excluded.value`, []any{v.platform, place, key, value}
	if value == "" {
		query, args = `DELETE FROM aftercare_setting WHERE platform = ? AND place = ? AND name = ?`, args[:3]
	}
	ctx, cancel := context.WithTimeout(ctx, setWait)
	defer cancel()
	_, err := v.store.write.ExecContext(ctx, v.store.q(query), args...)
	v.store.places.changed(placeKey{v.platform, place}, err == nil)
	if err != nil {
		return fmt.Errorf("set setting: %w", v.store.explain(err))
	}
	return nil
}

type placeKey struct{ platform, place string }

// places remembers settings.
type places struct {
	mu         sync.Mutex
	known      map[placeKey]placeValues
	generation uint64 // goes up with each change, so that a slow read cannot bring back what it replaced
	restUntil  time.Time
}

type placeValues struct {
	values map[string]string
	read   time.Time
}

func newPlaces() *places { return &places{known: make(map[placeKey]placeValues)} }

func (p *places) get(key placeKey) (values map[string]string, age time.Duration, generation uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	v := p.known[key]
	return v.values, time.Since(v.read), p.generation
}

func (p *places) put(key placeKey, values map[string]string, generation uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.restUntil = time.Time{}
	if generation != p.generation {
		return
	}
	if len(p.known) >= maxPlaces {
		for old := range p.known { // any one
			delete(p.known, old)
			break
		}
	}
	p.known[key] = placeValues{values, time.Now()}
}

// changed makes the next read of a place go to the database. If the change
// is certain, nothing older is given should that read fail.
func (p *places) changed(key placeKey, certain bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.generation++
	if certain {
		delete(p.known, key)
		p.restUntil = time.Time{}
	} else if v, ok := p.known[key]; ok {
		p.known[key] = placeValues{values: v.values}
	}
}

func (p *places) resting() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return time.Now().Before(p.restUntil)
}

func (p *places) rest() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.restUntil = time.Now().Add(settingsAge)
}
