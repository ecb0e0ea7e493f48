package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
)

// Numbers of advisory locks, which all programs of a database share.
const (
	schemaLock int64 = 0x61667463_0001 // held by who changes the tables
	aloneLock  int64 = 0x61667463_0002 // held by who serves, with Options.Alone
)

// openPostgres connects to the server, so that a wrong address is known at
// once. A connection that is lost later is made anew.
func (s *Store) openPostgres(ctx context.Context, loc location) error {
	s.dialect = dialect{
		name:        "postgres",
		placeholder: dollars,
		retry:       time.Second,
		beginSchema: fmt.Sprintf(`SELECT pg_advisory_xact_lock(%d)`, schemaLock),
		explain:     explainPostgres,
		scrub:       scrubPostgres,
	}
	config, err := pgxpool.ParseConfig(loc.url)
	if err != nil {
		return errors.New("its address cannot be used: " + conceal(err.Error(), loc.url))
	}
	config.ConnConfig.RuntimeParams["application_name"] = "aftercare"
	if config.ConnConfig.ConnectTimeout == 0 {
		config.ConnConfig.ConnectTimeout = 5 * time.Second
	}
	if !strings.Contains(loc.url, "pool_max_conns") {
		config.MaxConns = 8
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return errors.New("its address cannot be used: " + conceal(err.Error(), loc.url))
	}
	s.unlock = pool.Close
	s.write = stdlib.OpenDBFromPool(pool)
	s.read = s.write
	if err := pool.Ping(ctx); err != nil {
		text := conceal(err.Error(), loc.url)
		if remedy := explainPostgres(err); remedy != "" {
			text = remedy + " (" + text + ")"
		}
		return errors.New(text)
	}
	if !s.opt.Serve || !s.opt.Alone {
		return nil
	}
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("lock: %w", err)
	}
	var got bool
	err = conn.QueryRow(ctx, `SELECT pg_try_advisory_lock($1)`, aloneLock).Scan(&got)
	if err == nil && !got {
		err = errInUse("")
	}
	s.unlock = func() { // the lock lives as long as its connection
		conn.Hijack().Close(context.Background())
		pool.Close()
	}
	return err
}

// conceal takes a URL's password out of a text, in whatever form it is there.
func conceal(text, address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "it cannot be read"
	}
	secrets := []string{u.Query().Get("password"), u.Query().Get("sslpassword")}
	if u.User != nil {
		password, _ := u.User.Password()
		_, raw, _ := strings.Cut(u.User.String(), ":")
		_, written, _ := strings.Cut(address, ":"+"//")
		written, _, _ = strings.Cut(written, "@")
		_, written, _ = strings.Cut(written, ":")
		secrets = append(secrets, password, raw, written)
	}
	for _, secret := range secrets {
		if secret == "" {
			continue
		}
		for _, form := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret)} {
			text = strings.ReplaceAll(text, form, "xxxxx")
		}
	}
	return text
}

func explainPostgres(err error) string {
	var server *pgconn.PgError
	if errors.As(err, &server) {
		switch {
		case server.Code == "28P01" || server.Code == "28000":
			return "the server refuses this user or password: check them, and pg_hba.conf"
		case server.Code == "3D000":
			return "the server has no such database: create it with createdb"
		case server.Code == "42501":
			return "the user may not do this: grant it CREATE on the schema, and its tables"
		case server.Code == "25006":
			return "the server only reads: give the address of the primary"
		case server.Code == "53100":
			return "the server's disk is full: free some space"
		case server.Code == "53300":
			return "the server has no connection left: raise max_connections, or set pool_max_conns in the address"
		case strings.HasPrefix(server.Code, "57P"):
			return "the server is starting or shutting down: try again"
		}
		return ""
	}
	var connect *pgconn.ConnectError
	if errors.As(err, &connect) {
		return "the server does not answer: check host, port, and that it runs"
	}
	return ""
}

// scrubPostgres frees the space of deleted rows for reuse. It needs to own
// the tables, as who created them does.
func scrubPostgres(ctx context.Context, db *sql.DB) error {
	for _, table := range []string{"aftercare_journal", "aftercare_feedback", "aftercare_journal_key"} {
		if _, err := db.ExecContext(ctx, `VACUUM `+table); err != nil {
			return fmt.Errorf("vacuum: %w", err)
		}
	}
	return nil
}
