package store

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
)

// location is a parsed address of a store.
type location struct {
	postgres bool
	path     string // SQLite
	url      string // PostgreSQL, password and all
	shown    string // fit for errors and logs
}

var scheme = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9+.-]+):`)

// credentials finds what no file's path should hold: an address with a user in
// it, and the words of a connection string. A password may be anywhere in them.
var credentials = regexp.MustCompile(`(?is)://|:.*@|\b(?:host|server|user|uid|password|pwd|dbname|database)\s*=`)

// Shown gives an address as errors and logs show it, without its password.
// The error says what is wrong with one that cannot be read, without quoting it.
func Shown(address string) (string, error) {
	loc, err := parse(address)
	return loc.shown, err
}

// parse tells what an address means. Its errors never quote what they could
// not read, as a password may be anywhere in it.
func parse(address string) (location, error) {
	if strings.TrimSpace(address) == "" {
		return location{}, errors.New("no address: give a file's path, or postgres://user@host/database")
	}
	if strings.ContainsRune(address, 0) {
		return location{}, errors.New("the address has a zero byte in it")
	}
	m := scheme.FindStringSubmatch(address)
	if m == nil || filepath.VolumeName(address) != "" {
		return sqliteLocation(address)
	}
	switch strings.ToLower(m[1]) {
	case "sqlite", "sqlite3":
		path, ok := strings.CutPrefix(address[len(m[0]):], "//")
		if !ok {
			return location{}, errors.New("write sqlite:// and the path: sqlite:///var/lib/aftercare/store.db")
		}
		if path, err := url.PathUnescape(path); err == nil {
			return sqliteLocation(path)
		}
		return sqliteLocation(path)
	case "postgres", "postgresql":
		return postgresLocation(address)
	case "file":
		return location{}, errors.New("file: addresses are not read: give the path alone, or sqlite:// and the path")
	}
	if strings.HasPrefix(address[len(m[0]):], "//") {
		return location{}, fmt.Errorf("%s:// is no kind of store: give a file's path, sqlite:// or postgres://", strings.ToLower(m[1]))
	}
	return sqliteLocation(address) // a file name with a colon
}

func sqliteLocation(path string) (location, error) {
	switch {
	case path == "":
		return location{}, errors.New("sqlite:// needs a path: sqlite:///var/lib/aftercare/store.db")
	case credentials.MatchString(path[len(filepath.VolumeName(path)):]):
		return location{}, errors.New("the address looks like a database's and may hold a password, so no file is made of that name: write postgres://user:password@host:5432/database, or a path without ://, without an @ behind a : and without user= or the like")
	case path == ":memory:":
		return location{}, errors.New(":memory: would forget everything at the end: leave the store out, or give a file's path")
	case strings.HasSuffix(path, "/") || strings.HasSuffix(path, string(filepath.Separator)):
		return location{}, fmt.Errorf("%s is a directory: name a file in it, such as %s", path, filepath.Join(path, "aftercare.db"))
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return location{}, fmt.Errorf("find %s: %w", path, err)
	}
	return location{path: abs, shown: abs}, nil
}

var errPostgresURL = errors.New("the postgres:// address cannot be read: write postgres://user:password@host:5432/database, with %40 for @, %2F for /, %3A for : and %25 for % in the password")

func postgresLocation(address string) (location, error) {
	u, err := url.Parse(address)
	if err != nil { // its text quotes the address
		return location{}, errPostgresURL
	}
	// A password with a / or ? in it ends the host early, and would be shown
	// as the host or the database; its @ is then found behind the host.
	_, rest, _ := strings.Cut(address, "://")
	if end := strings.IndexAny(rest, "/?#"); end >= 0 && strings.Contains(rest[end:], "@") {
		return location{}, errPostgresURL
	}
	if u.Opaque != "" || !strings.HasPrefix(address[len(u.Scheme):], "://") {
		return location{}, errors.New("write postgres:// with both slashes: postgres://user:password@host:5432/database")
	}
	shown := url.URL{Scheme: "postgres", Host: u.Host, Path: u.Path}
	if u.User != nil {
		shown.User = url.User(u.User.Username())
	}
	return location{postgres: true, url: address, shown: shown.String()}, nil
}
