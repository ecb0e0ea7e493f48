package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestMain(m *testing.M) {
	if mode := os.Getenv("AFTERCARE_STORE_CHILD"); mode != "" {
		os.Exit(child(mode))
	}
	code := m.Run()
	stopPostgres()
	os.Exit(code)
}

// onEach runs a test on both engines, each time with an empty database.
func onEach(t *testing.T, test func(t *testing.T, url string)) {
	t.Run("sqlite", func(t *testing.T) { test(t, filepath.Join(t.TempDir(), "store.db")) })
	t.Run("postgres", func(t *testing.T) { test(t, postgresURL(t)) })
}

func mustOpen(t testing.TB, url string, opt Options) *Store {
	t.Helper()
	s, err := Open(t.Context(), url, opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func mustClose(t testing.TB, s *Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// clock is a time that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock(day string) *clock {
	now, err := time.Parse(dayLayout, day)
	if err != nil {
		panic(err)
	}
	return &clock{now: now.Add(10 * time.Hour)}
}

func (c *clock) Now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.now }

func (c *clock) addDays(n int) { c.mu.Lock(); defer c.mu.Unlock(); c.now = c.now.AddDate(0, 0, n) }

// logs collects what is logged.
type logs struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logs) Write(p []byte) (int, error) { l.mu.Lock(); defer l.mu.Unlock(); return l.buf.Write(p) }

func (l *logs) String() string { l.mu.Lock(); defer l.mu.Unlock(); return l.buf.String() }

func (l *logs) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// column gives a column's values, sorted by the engine.
func column(t testing.TB, s *Store, query string, args ...any) []string {
	t.Helper()
	rows, err := s.read.QueryContext(t.Context(), s.q(query), args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var v sql.NullString
		if err := rows.Scan(&v); err != nil {
			t.Fatal(err)
		}
		all = append(all, v.String)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestSettings(t *testing.T) {
	onEach(t, func(t *testing.T, url string) {
		s := mustOpen(t, url, Options{Serve: true})
		ctx := t.Context()
		discord, telegram := s.Settings("discord"), s.Settings("telegram")
		for _, set := range []struct {
			on                *Settings
			place, key, value string
		}{
			{discord, "guild:1", "private", "on"},
			{discord, "guild:1", "private", "off"},
			{discord, "guild:1", "auto", "on"},
			{discord, "channel:1", "auto", "thread"},
			{telegram, "guild:1", "auto", "'; DROP TABLE aftercare_setting; -- ?$1 ü 😀"},
			{discord, "guild:2", "auto", "on"},
			{discord, "guild:2", "auto", ""},
			{discord, "guild:2", "never set", ""},
		} {
			if err := set.on.Set(ctx, set.place, set.key, set.value); err != nil {
				t.Fatal(err)
			}
			got, err := set.on.Settings(ctx, set.place)
			if err != nil || got[set.key] != set.value {
				t.Errorf("%s after Set(%s, %q): got %v, %v", set.place, set.key, set.value, got, err)
			}
		}
		check := func(s *Store) {
			t.Helper()
			for _, want := range []struct {
				platform, place string
				values          map[string]string
			}{
				{"discord", "guild:1", map[string]string{"private": "off", "auto": "on"}},
				{"discord", "channel:1", map[string]string{"auto": "thread"}},
				{"telegram", "guild:1", map[string]string{"auto": "'; DROP TABLE aftercare_setting; -- ?$1 ü 😀"}},
				{"discord", "guild:2", map[string]string{}},
				{"discord", "guild:3", map[string]string{}},
			} {
				got, err := s.Settings(want.platform).Settings(ctx, want.place)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want.values, got); diff != "" {
					t.Errorf("%s %s: %s", want.platform, want.place, diff)
				}
				got["private"] = "scribbled on" // the caller's own copy
			}
		}
		check(s)
		check(s)
		mustClose(t, s)
		if err := discord.Set(ctx, "guild:1", "private", "on"); err == nil {
			t.Error("Set on a closed store: got no error")
		}
		check(mustOpen(t, url, Options{Serve: true}))
	})
}

func TestSettingsRefused(t *testing.T) {
	s := mustOpen(t, filepath.Join(t.TempDir(), "store.db"), Options{Serve: true})
	for _, tt := range [][3]string{{"", "k", "v"}, {"p", "", "v"}, {"p", "k", "a\x00b"}, {"p", "k", "\xff"}, {"p", strings.Repeat("k", 5000), "v"}} {
		if err := s.Settings("discord").Set(t.Context(), tt[0], tt[1], tt[2]); err == nil {
			t.Errorf("Set(%.20q): got no error", tt)
		}
	}
}

// A database that fails is asked again only after a while; until then what
// was read last holds.
func TestSettingsOutliveTheDatabase(t *testing.T) {
	onEach(t, func(t *testing.T, url string) {
		s := mustOpen(t, url, Options{Serve: true})
		v := s.Settings("telegram")
		if err := v.Set(t.Context(), "-100", "auto", "on"); err != nil {
			t.Fatal(err)
		}
		if _, err := v.Settings(t.Context(), "-100"); err != nil {
			t.Fatal(err)
		}
		s.read.Close()
		s.places.mu.Lock()
		for key, known := range s.places.known {
			s.places.known[key] = placeValues{values: known.values} // too old
		}
		s.places.mu.Unlock()
		for range 3 {
			got, err := v.Settings(t.Context(), "-100")
			if err != nil || got["auto"] != "on" {
				t.Errorf("known place: got %v, %v, want auto on", got, err)
			}
		}
		if _, err := v.Settings(t.Context(), "-200"); err == nil {
			t.Error("unknown place: got no error")
		}
	})
}

// openAt makes a database as an older program left it.
func openAt(t *testing.T, url string, version int) *Store {
	t.Helper()
	all, err := migrations()
	if err != nil {
		t.Fatal(err)
	}
	loc, err := parse(url)
	if err != nil {
		t.Fatal(err)
	}
	s := &Store{url: loc.shown, opt: Options{Serve: true, now: time.Now}, log: slog.New(slog.DiscardHandler), places: newPlaces(), quit: make(chan struct{}), done: make(chan struct{}), killNow: func() {}}
	open := s.openSQLite
	if loc.postgres {
		open = s.openPostgres
	}
	if err := open(t.Context(), loc); err != nil {
		t.Fatal(err)
	}
	close(s.done)
	t.Cleanup(func() { s.Close() })
	if err := s.migrateTo(t.Context(), all[:version]); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestMigrateFromTheFirstVersion(t *testing.T) {
	onEach(t, func(t *testing.T, url string) {
		old := openAt(t, url, 1)
		if err := old.Settings("discord").Set(t.Context(), "guild:1", "auto", "on"); err != nil {
			t.Fatal(err)
		}
		mustClose(t, old)

		if _, err := Open(t.Context(), url, Options{}); err == nil || !strings.Contains(err.Error(), "start the bot of this version with it once") {
			t.Errorf("only reading an old version: got %v, want the remedy", err)
		}
		s := mustOpen(t, url, Options{Serve: true, Journal: true})
		got, err := s.Settings("discord").Settings(t.Context(), "guild:1")
		if err != nil || got["auto"] != "on" {
			t.Errorf("setting of the old version: got %v, %v", got, err)
		}
		if got := column(t, s, `SELECT name FROM aftercare_schema ORDER BY version`); cmp.Diff([]string{"0001_settings", "0002_journal"}, got) != "" {
			t.Errorf("applied: got %v", got)
		}
		record(s, "u1", "can i drink beer")
		mustClose(t, s)
		mustClose(t, mustOpen(t, url, Options{})) // now it may be read
	})
}

func TestMigrationIsAllOrNothing(t *testing.T) {
	onEach(t, func(t *testing.T, url string) {
		s := openAt(t, url, 1)
		all, _ := migrations()
		broken := append(all[:2:2], migration{version: 3, name: "0003_broken", sql: `CREATE TABLE aftercare_extra (a TEXT); INSERT INTO nowhere VALUES (1);`})
		if err := s.migrateTo(t.Context(), broken); err == nil || !strings.Contains(err.Error(), "0003_broken") {
			t.Errorf("got %v, want an error that names the migration", err)
		}
		if got, err := s.schemaVersion(t.Context(), s.read); got != 1 || err != nil {
			t.Errorf("version after the failure: got %d, %v, want 1", got, err)
		}
		mustClose(t, s)
		mustClose(t, mustOpen(t, url, Options{Serve: true}))
	})
}

func TestReplicasMigrateAtOnce(t *testing.T) {
	onEach(t, func(t *testing.T, url string) {
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				s, err := Open(t.Context(), url, Options{Journal: true}) // not Serve: SQLite's would lock the others out
				if err != nil {
					t.Error(err)
					return
				}
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	})
}

func TestNewerTables(t *testing.T) {
	onEach(t, func(t *testing.T, url string) {
		s := mustOpen(t, url, Options{Serve: true})
		if _, err := s.write.ExecContext(t.Context(), `INSERT INTO aftercare_schema (version, name, day) VALUES (99, 'future', '2030-01-01')`); err != nil {
			t.Fatal(err)
		}
		mustClose(t, s)
		for _, opt := range []Options{{}, {Serve: true}} {
			_, err := Open(t.Context(), url, opt)
			if err == nil || !strings.Contains(err.Error(), "version 99") || !strings.Contains(err.Error(), "use the newer program") {
				t.Errorf("%+v: got %v, want the versions and the remedy", opt, err)
			}
		}
	})
}

func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string, mode fs.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	t.Chdir(dir)
	noDatabase := write("photo.db", strings.Repeat("this is a picture of a cat. ", 100), 0o600)
	serve := Options{Serve: true}
	for _, tt := range []struct {
		name, url string
		opt       Options
		want      string // in the error
	}{
		{"nothing", "", serve, "give a file's path"},
		{"blank", "  ", serve, "give a file's path"},
		{"zero byte", "a\x00b", serve, "zero byte"},
		{"other database", "mysql://root:canary@db/x", serve, "mysql:// is no kind of store"},
		{"file URL", "file:/x.db", serve, "give the path alone"},
		{"one slash", "sqlite:/x.db", serve, "sqlite:///var/lib/aftercare/store.db"},
		{"sqlite without path", "sqlite://", serve, "needs a path"},
		{"in memory", ":memory:", serve, "would forget everything"},
		{"no directory", filepath.Join(dir, "none", "x.db"), serve, filepath.Join(dir, "none") + " does not exist: create it"},
		{"file for a directory", filepath.Join(noDatabase, "x.db"), serve, "is not a directory"},
		{"a directory", dir, serve, "it is a directory: name a file in it"},
		{"ends in a slash", dir + "/", serve, "name a file in it"},
		{"not a database", noDatabase, serve, "not a SQLite database: give another path"},
		{"only reading nothing", filepath.Join(dir, "x.db"), Options{}, "start the bot with it first"},
		{"postgres half", "postgres:host", serve, "both slashes"},
		{"port", "postgres://u:canary@h:port/db", serve, "cannot be read"},
		{"slash in the password", "postgres://u:12/canary@h/db", serve, "%2F"},
		{"question mark in the password", "postgres://u:12?canary@h/db", serve, "cannot be read"},
		{"slash left out", "postgres//u:canary@h/db", serve, "write postgres://user:password@host"},
		{"scheme left out", "u:canary@h:5432/db", serve, "may hold a password"},
		{"JDBC", "jdbc:postgresql://u:canary@h/db", serve, "may hold a password"},
		{"JDBC with the password behind", "jdbc:postgresql:canary?user=u&password=canary", serve, "may hold a password"},
		{"connection string", "host=h user=u password=canary dbname=db", serve, "may hold a password"},
		{"another connection string", "Server=h;Uid=u;Pwd=canary", serve, "may hold a password"},
		{"a user in a path", "sqlite://u:canary@h/", serve, "may hold a password"},
		{"retention", filepath.Join(dir, "y.db"), Options{RetentionDays: -1}, "days of retention: give a number"},
		{"key", filepath.Join(dir, "y.db"), Options{KeyDays: 1e6}, "give a number from 1"},
		{"text without journal", filepath.Join(dir, "y.db"), Options{JournalText: true}, "switch that on as well"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := Open(t.Context(), tt.url, tt.opt)
			if err == nil {
				s.Close()
				t.Fatalf("got no error, want %q", tt.want)
			}
			if !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "canary") {
				t.Errorf("got %q, want %q and no password", err, tt.want)
			}
		})
	}
}

func TestFileNames(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"plain.db", "with space.db", "percent%20.db", "question?mode=ro.db", "hash#1.db", "quote'.db", "ünïcode.db", "12:30.db", "me@home.db", "user-host.db"} {
		path := filepath.Join(dir, name)
		s, err := Open(t.Context(), path, Options{Serve: true})
		if err != nil {
			t.Errorf("%q: %v", name, err)
			continue
		}
		if err := s.Settings("x").Set(t.Context(), "p", "k", "v"); err != nil {
			t.Errorf("%q: %v", name, err)
		}
		mustClose(t, s)
		info, err := os.Stat(path)
		if err != nil {
			t.Errorf("%q: %v", name, err)
		} else if info.Size() == 0 {
			t.Errorf("%q: got an empty file", name)
		} else if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("%q: got mode %v, want 0600", name, info.Mode())
		}
	}
	mustClose(t, mustOpen(t, "sqlite://"+filepath.Join(dir, "plain.db"), Options{}))
}

// Two names of one file are one store.
func TestLocked(t *testing.T) {
	dir := t.TempDir()
	path, link := filepath.Join(dir, "store.db"), filepath.Join(dir, "link.db")
	s := mustOpen(t, path, Options{Serve: true})
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{path, link, "sqlite://" + path} {
		_, err := Open(t.Context(), name, Options{Serve: true})
		if err == nil || !strings.Contains(err.Error(), "another bot") || !strings.Contains(err.Error(), "stop that one first") {
			t.Errorf("%s: got %v, want that it is in use", name, err)
		}
		mustClose(t, mustOpen(t, name, Options{})) // reading is allowed
	}
	mustClose(t, s)
	mustClose(t, mustOpen(t, link, Options{Serve: true}))
}

func TestConcurrentUse(t *testing.T) {
	onEach(t, func(t *testing.T, url string) {
		s := mustOpen(t, url, Options{Serve: true, Journal: true})
		ctx := t.Context()
		const people, each = 8, 40
		var wg sync.WaitGroup
		for p := range people {
			wg.Go(func() {
				v, place := s.Settings("discord"), fmt.Sprintf("guild:%d", p%2)
				for i := range each {
					record(s, fmt.Sprint("user", p), fmt.Sprintf("can i drink beer number %d", i))
					if err := v.Set(ctx, place, fmt.Sprint("key", p), fmt.Sprint(i)); err != nil {
						t.Error(err)
					}
					if got, err := v.Settings(ctx, place); err != nil || got[fmt.Sprint("key", p)] != fmt.Sprint(i) {
						t.Errorf("own setting: got %v, %v, want %d", got, err, i)
					}
					s.Stats()
					switch i % 20 {
					case 7:
						if _, err := s.Gaps(ctx, GapQuery{K: 2}); err != nil {
							t.Error(err)
						}
					case 13:
						if err := s.Forget(ctx, "discord", fmt.Sprint("other", p)); err != nil {
							t.Error(err)
						}
					}
				}
			})
		}
		wg.Wait()
		mustClose(t, s)
		if got := s.Stats(); got.Written != people*each || got.Dropped != 0 {
			t.Errorf("got %+v, want %d written", got, people*each)
		}
		record(s, "late", "can i drink beer") // must not panic
		if got := s.Stats().Dropped; got != 1 {
			t.Errorf("recorded after Close: got %d dropped, want 1", got)
		}
		if err := s.Forget(ctx, "discord", "late"); err == nil {
			t.Error("Forget after Close: got no error")
		}
		if err := s.Close(); err != nil {
			t.Errorf("second Close: got %v", err)
		}
	})
}

func TestPing(t *testing.T) {
	onEach(t, func(t *testing.T, url string) {
		s := mustOpen(t, url, Options{Serve: true})
		if err := s.Ping(t.Context()); err != nil {
			t.Error(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := s.Ping(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: got %v", err)
		}
	})
}
