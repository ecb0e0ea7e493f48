//go:build unix

package store

import (
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
)

// postgresPassword needs escaping in a URL, and must never be shown.
const postgresPassword = "canary/p@ss:w%rd?#"

// server is a real PostgreSQL of the tests' own, on a Unix socket only.
type server struct {
	dir  string // holds data and the socket
	cmd  *exec.Cmd
	err  error // why there is none
	once sync.Once
	last atomic.Int64 // number of the last database made
}

var postgres server

func (p *server) start() error {
	initdb := newestInitdb()
	if initdb == "" {
		return fmt.Errorf("no PostgreSQL: apt-get install postgresql")
	}
	var credential *syscall.Credential
	if os.Getuid() == 0 { // the server refuses to run as root
		for _, name := range []string{"postgres", "nobody"} {
			if u, err := user.Lookup(name); err == nil {
				uid, _ := strconv.Atoi(u.Uid)
				gid, _ := strconv.Atoi(u.Gid)
				credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
				break
			}
		}
		if credential == nil {
			return fmt.Errorf("root may not run PostgreSQL, and there is no user postgres or nobody")
		}
	}
	// Not t.TempDir: the path of a Unix socket has at most 107 bytes.
	dir, err := os.MkdirTemp("/tmp", "aftercare-pg-")
	if err != nil {
		return err
	}
	p.dir = dir
	password := filepath.Join(dir, "password")
	if err := os.WriteFile(password, []byte(postgresPassword+"\n"), 0o600); err != nil {
		return err
	}
	if credential != nil {
		for _, path := range []string{dir, password} {
			if err := os.Chown(path, int(credential.Uid), int(credential.Gid)); err != nil {
				return err
			}
		}
	}
	run := func(name string, args ...string) *exec.Cmd {
		cmd := exec.Command(name, args...)
		cmd.Dir = dir
		cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: credential}
		return cmd
	}
	data := filepath.Join(dir, "data")
	if out, err := run(initdb, "-D", data, "-U", "aftercare", "-A", "scram-sha-256", "--pwfile", password, "-E", "UTF8", "--no-sync").CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	p.cmd = run(filepath.Join(filepath.Dir(initdb), "postgres"), "-D", data, "-k", dir, "-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=60")
	if err := p.cmd.Start(); err != nil {
		return err
	}
	db, err := sql.Open("pgx", p.url("postgres"))
	if err != nil {
		return err
	}
	defer db.Close()
	for range 300 {
		if err = db.Ping(); err == nil {
			return nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return fmt.Errorf("PostgreSQL does not start: %w", err)
}

func newestInitdb() string {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) > 0 {
		slices.SortFunc(found, func(a, b string) int { return len(a) - len(b) })
		return found[len(found)-1]
	}
	path, _ := exec.LookPath("initdb")
	return path
}

func (p *server) url(database string) string {
	u := url.URL{Scheme: "postgres", User: url.UserPassword("aftercare", postgresPassword), Path: "/" + database, RawQuery: url.Values{"host": {p.dir}}.Encode()}
	return u.String()
}

// postgresURL gives the address of a new database on a real server, which
// the first test starts.
func postgresURL(t testing.TB) string {
	t.Helper()
	postgres.once.Do(func() { postgres.err = postgres.start() })
	if postgres.err != nil {
		t.Skip(postgres.err)
	}
	db, err := sql.Open("pgx", postgres.url("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	name := fmt.Sprintf("t%d", postgres.last.Add(1))
	if _, err := db.Exec(`CREATE DATABASE ` + name); err != nil {
		t.Fatal(err)
	}
	return postgres.url(name)
}

func stopPostgres() {
	if postgres.cmd != nil && postgres.cmd.Process != nil {
		postgres.cmd.Process.Signal(syscall.SIGQUIT)
		postgres.cmd.Wait()
	}
	if postgres.dir != "" {
		os.RemoveAll(postgres.dir)
	}
}

func TestPostgresErrors(t *testing.T) {
	good := postgresURL(t)
	u, err := url.Parse(good)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name   string
		change func(u *url.URL, query url.Values)
		want   string
	}{
		{"wrong password", func(u *url.URL, _ url.Values) { u.User = url.UserPassword("aftercare", "wrong-canary") }, "refuses this user or password"},
		{"wrong user", func(u *url.URL, _ url.Values) { u.User = url.UserPassword("nobody", postgresPassword) }, "refuses this user or password"},
		{"no database", func(u *url.URL, _ url.Values) { u.Path = "/none" }, "create it with createdb"},
		{"no server", func(_ *url.URL, q url.Values) { q.Set("host", t.TempDir()) }, "does not answer: check host"},
		{"nobody listens", func(u *url.URL, q url.Values) { q.Del("host"); u.Host = "127.0.0.1:1" }, "does not answer: check host"},
		{"bad option", func(_ *url.URL, q url.Values) { q.Set("connect_timeout", "soon") }, "cannot be used"},
		{"bad number", func(_ *url.URL, q url.Values) { q.Set("pool_max_conns", "many") }, "cannot be used"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			changed, query := *u, u.Query()
			tt.change(&changed, query)
			changed.RawQuery = query.Encode()
			var l logs
			s, err := Open(t.Context(), changed.String(), Options{Serve: true, Log: l.logger()})
			if err == nil {
				s.Close()
				t.Fatal("got no error")
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %q, want %q", err, tt.want)
			}
			password, _ := changed.User.Password()
			for _, secret := range []string{password, url.QueryEscape(password), url.PathEscape(password), "p@ss"} {
				if strings.Contains(err.Error()+l.String(), secret) {
					t.Errorf("password in %q and %q", err, l.String())
				}
			}
		})
	}
}

func TestPostgresAlone(t *testing.T) {
	address := postgresURL(t)
	first := mustOpen(t, address, Options{Serve: true, Alone: true})
	mustClose(t, mustOpen(t, address, Options{Serve: true})) // a replica that does not ask
	if _, err := Open(t.Context(), address, Options{Serve: true, Alone: true}); err == nil || !strings.Contains(err.Error(), "another bot is serving") {
		t.Errorf("got %v, want that it is in use", err)
	}
	mustClose(t, first)
	mustClose(t, mustOpen(t, address, Options{Serve: true, Alone: true}))
}

// Replicas that start at once must agree on a key, or one person would count
// as several.
func TestPostgresReplicasShareAKey(t *testing.T) {
	address := postgresURL(t)
	var replicas []*Store
	for range 4 {
		replicas = append(replicas, mustOpen(t, address, Options{Serve: true, Journal: true}))
	}
	var wg sync.WaitGroup
	for _, s := range replicas {
		wg.Go(func() {
			for range 5 {
				record(s, "same person", "can i drink beer")
			}
			s.Close()
		})
	}
	wg.Wait()
	s := mustOpen(t, address, Options{})
	if got := column(t, s, `SELECT DISTINCT asker FROM aftercare_journal`); len(got) != 1 {
		t.Errorf("got %d hashes of one person, want 1", len(got))
	}
	if got := column(t, s, `SELECT CAST(COUNT(*) AS TEXT) FROM aftercare_journal`); got[0] != "20" {
		t.Errorf("got %s entries, want 20", got[0])
	}
}

func TestPostgresConnectionsCut(t *testing.T) {
	s := mustOpen(t, postgresURL(t), Options{Serve: true, Journal: true})
	cut := func() {
		t.Helper()
		if _, err := s.write.ExecContext(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 5 {
		cut()
		err := s.Settings("discord").Set(t.Context(), "guild:1", "auto", fmt.Sprint(i))
		if err != nil { // it must not have half happened, and the next try must work
			err = s.Settings("discord").Set(t.Context(), "guild:1", "auto", fmt.Sprint(i))
		}
		if err != nil {
			t.Fatal(err)
		}
		record(s, "u", "can i drink beer")
	}
	mustClose(t, s)
}

func TestPostgresNothingIdentifyingOnDisk(t *testing.T) {
	var l logs
	s := mustOpen(t, postgresURL(t), Options{Serve: true, Journal: true, Log: l.logger()})
	recordCanaries(t, s)
	if _, err := s.write.ExecContext(t.Context(), `CHECKPOINT`); err != nil {
		t.Fatal(err)
	}
	mustClose(t, s)
	// the whole server: tables, write-ahead log, statistics
	if found, size := grep(t, filepath.Join(postgres.dir, "data"), canaries); len(found) > 0 || size < 1_000_000 {
		t.Errorf("found %v in %d bytes", found, size)
	}
	if found, _ := grep(t, filepath.Join(postgres.dir, "data"), []string{"beer champagne"}); len(found) == 0 {
		t.Error("the words that are kept were not found either: the search is blind")
	}
	if strings.Contains(l.String(), postgresPassword) {
		t.Errorf("password in the log %s", l.String())
	}
}
