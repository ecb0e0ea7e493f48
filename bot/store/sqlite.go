package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"modernc.org/sqlite" // registers the driver "sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// How long a statement waits for another process's lock. Readers hardly ever
// meet one in WAL mode; when they do, a chat user may be waiting for them.
const (
	writerWaits = 2 * time.Second
	readerWaits = 200 * time.Millisecond
)

// openSQLite opens the file with one connection that writes and a few that
// only read. Other processes may read it meanwhile.
func (s *Store) openSQLite(ctx context.Context, loc location) error {
	s.dialect = dialect{
		name:        "sqlite",
		placeholder: func(query string) string { return query },
		retry:       readerWaits,
		explain:     func(err error) string { return explainSQLite(loc.path, err) },
		scrub:       scrubSQLite,
	}
	path, err := s.prepareFile(loc.path)
	if err != nil {
		return err
	}
	// secure_delete overwrites what is deleted. synchronous(FULL): what Set
	// has stored is still there after a power cut.
	if s.write, err = sql.Open("sqlite", dsn(path, writerWaits, "_txlock=immediate", "_pragma=synchronous(FULL)", "_pragma=secure_delete(ON)", "_pragma=journal_mode(WAL)")); err != nil {
		return err
	}
	s.write.SetMaxOpenConns(1)
	if s.owner() {
		var mode string
		if err := s.write.QueryRowContext(ctx, `PRAGMA journal_mode`).Scan(&mode); err != nil {
			return s.explain(fmt.Errorf("open: %w", err))
		}
		if mode != "wal" {
			return fmt.Errorf("its file system gives no shared memory (journal mode is %s): put the store on a local disk", mode)
		}
	}
	if s.read, err = sql.Open("sqlite", dsn(path, readerWaits, "_query_only=1")); err != nil {
		return err
	}
	s.read.SetMaxOpenConns(4)
	return nil
}

func dsn(path string, wait time.Duration, parameters ...string) string {
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(path)}
	if !strings.HasPrefix(u.Path, "/") { // C:/store.db
		u.Path = "/" + u.Path
	}
	return u.String() + fmt.Sprintf("?_busy_timeout=%d&", wait.Milliseconds()) + strings.Join(parameters, "&")
}

// prepareFile looks for what commonly is wrong before SQLite finds it in its
// own words, creates the file for the bot's user only, takes the lock, and
// gives the path with links resolved, so that two names of one file lock one
// another out.
func (s *Store) prepareFile(path string) (string, error) {
	dir := filepath.Dir(path)
	switch info, err := os.Stat(dir); {
	case errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("the directory %s does not exist: create it, or give another path", dir)
	case err != nil:
		return "", fmt.Errorf("the directory %s cannot be read: check its permissions (%w)", dir, err)
	case !info.IsDir():
		return "", fmt.Errorf("%s is not a directory: give another path", dir)
	}
	switch info, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist) && !s.owner():
		return "", errors.New("there is no such file: check the path, or start the bot with it first")
	case errors.Is(err, fs.ErrNotExist):
		file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			return "", explainFile(dir, err)
		}
		file.Close()
	case err != nil:
		return "", explainFile(dir, err)
	case info.IsDir():
		return "", fmt.Errorf("it is a directory: name a file in it, such as %s", filepath.Join(path, "aftercare.db"))
	case !info.Mode().IsRegular():
		return "", errors.New("it is not a regular file: give another path")
	}
	resolved, err := filepath.EvalSymlinks(path)
	if err != nil {
		return "", explainFile(dir, err)
	}
	if s.opt.Serve {
		// Not the database file itself: closing any handle of it would give
		// up SQLite's own locks.
		unlock, err := lockFile(resolved + ".lock")
		if err != nil {
			return "", err
		}
		s.unlock = unlock
	}
	return resolved, nil
}

func explainFile(dir string, err error) error {
	if errors.Is(err, fs.ErrPermission) || isReadOnly(err) {
		return fmt.Errorf("the user of this process (uid %d) may not write in %s: let it, or give another path (%w)", os.Getuid(), dir, err)
	}
	if isFull(err) {
		return fmt.Errorf("the disk of %s is full: free some space (%w)", dir, err)
	}
	return err
}

// errInUse says that another process holds the lock.
func errInUse(pid string) error {
	if pid = strings.TrimSpace(pid); pid != "" {
		pid = " (process " + pid + ")"
	}
	return fmt.Errorf("another bot%s is serving with it: stop that one first, or give this one its own store", pid)
}

func explainSQLite(path string, err error) string {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return ""
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_FULL:
		return fmt.Sprintf("the disk of %s is full: free some space", filepath.Dir(path))
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return "another process keeps it locked: end what has it open, such as a backup or the sqlite3 shell"
	case sqlite3.SQLITE_NOTADB:
		return "the file is not a SQLite database: give another path, or move the file away"
	case sqlite3.SQLITE_CORRUPT:
		return "the file is damaged: move it away with its -wal and -shm files, and start from a backup or without"
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_AUTH:
		return fmt.Sprintf("the user of this process (uid %d) may not write the file or in %s: let it, or give another path", os.Getuid(), filepath.Dir(path))
	case sqlite3.SQLITE_IOERR:
		return "the disk gave an error: see the system's log"
	}
	return ""
}

// scrubSQLite empties the write-ahead log, where pages live on as they were
// before something on them was deleted. It does not wait for readers.
func scrubSQLite(ctx context.Context, db *sql.DB) error {
	var busy, logged, moved int
	if err := db.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &logged, &moved); err != nil {
		return fmt.Errorf("empty the write-ahead log: %w", err)
	}
	if busy != 0 {
		return errors.New("empty the write-ahead log: a reader holds it")
	}
	return nil
}
