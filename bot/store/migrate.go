package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

// The migrations are numbered from 0001 without a gap and serve both engines.
// One that has been released is never changed. As replicas are replaced one
// by one, a migration must leave the program before it working: it adds.
//
//go:embed migrations/*.sql
var migrationFiles embed.FS

type migration struct {
	version int
	name    string
	sql     string
}

func migrations() ([]migration, error) {
	files, err := fs.Glob(migrationFiles, "migrations/*.sql") // sorted
	if err != nil {
		return nil, err
	}
	var all []migration
	for i, file := range files {
		name := strings.TrimSuffix(strings.TrimPrefix(file, "migrations/"), ".sql")
		number, _, _ := strings.Cut(name, "_")
		if n, err := strconv.Atoi(number); err != nil || n != i+1 {
			return nil, fmt.Errorf("migration %s: got number %s, want %04d", file, number, i+1)
		}
		text, err := migrationFiles.ReadFile(file)
		if err != nil {
			return nil, err
		}
		all = append(all, migration{version: i + 1, name: name, sql: string(text)})
	}
	return all, nil
}

// migrate brings the tables up to date, all or nothing, or says why this
// process may not.
func (s *Store) migrate(ctx context.Context) error {
	all, err := migrations()
	if err != nil {
		return err
	}
	if !s.owner() {
		version, err := s.schemaVersion(ctx, s.read)
		if err != nil {
			return fmt.Errorf("read the version of the tables: %w", err)
		}
		return checkVersion(version, len(all), false)
	}
	return s.migrateTo(ctx, all)
}

func (s *Store) migrateTo(ctx context.Context, all []migration) error {
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer tx.Rollback()
	if s.dialect.beginSchema != "" {
		if _, err := tx.ExecContext(ctx, s.dialect.beginSchema); err != nil {
			return fmt.Errorf("wait for other replicas: %w", err)
		}
	}
	version, err := s.schemaVersion(ctx, tx)
	if err != nil {
		return fmt.Errorf("read the version of the tables: %w", err)
	}
	if err := checkVersion(version, len(all), true); err != nil {
		return err
	}
	if version == len(all) {
		return nil
	}
	if version == 0 {
		if _, err := tx.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS aftercare_schema (version INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, day TEXT NOT NULL)`); err != nil {
			return fmt.Errorf("create tables: %w", err)
		}
	}
	for _, m := range all[version:] {
		if _, err := tx.ExecContext(ctx, m.sql); err != nil {
			return fmt.Errorf("migration %s: %w", m.name, err)
		}
		if _, err := tx.ExecContext(ctx, s.q(`INSERT INTO aftercare_schema (version, name, day) VALUES (?, ?, ?)`), m.version, m.name, s.today()); err != nil {
			return fmt.Errorf("migration %s: %w", m.name, err)
		}
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit migrations: %w", err)
	}
	s.log.InfoContext(ctx, "store tables updated", "from", version, "to", len(all))
	return nil
}

type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// schemaVersion gives the number of the last migration, 0 for an empty database.
func (s *Store) schemaVersion(ctx context.Context, db querier) (int, error) {
	has := `SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'aftercare_schema'`
	if s.dialect.name == "postgres" {
		has = `SELECT count(*) FROM pg_catalog.pg_class WHERE relname = 'aftercare_schema' AND relkind = 'r' AND pg_catalog.pg_table_is_visible(oid)`
	}
	var n int
	if err := db.QueryRowContext(ctx, has).Scan(&n); err != nil || n == 0 {
		return 0, err
	}
	var version sql.NullInt64
	err := db.QueryRowContext(ctx, `SELECT max(version) FROM aftercare_schema`).Scan(&version)
	return int(version.Int64), err
}

func checkVersion(got, want int, owner bool) error {
	switch {
	case got > want:
		return fmt.Errorf("its tables have version %d and this program knows up to %d: use the newer program that wrote it, or another store", got, want)
	case owner || got == want:
		return nil
	case got == 0:
		return errors.New("there is nothing in it yet: check the address, or start the bot with it first")
	}
	return fmt.Errorf("its tables have version %d and this program needs %d: start the bot of this version with it once", got, want)
}
