package main

import (
	"database/sql"
	"path/filepath"
	"strings"

	_ "modernc.org/sqlite" // the driver
)

func buildFTS5(c content, _ string) (engine, error) { return fillFTS5(":memory:", c.texts) }

func fts5In(dir string) string { return filepath.Join(dir, "passages.sqlite") }

func storeFTS5(c content, dir string) error {
	e, err := fillFTS5(fts5In(dir), c.texts)
	if err != nil {
		return err
	}
	return e.close()
}

func openFTS5(dir string) (engine, error) {
	db, err := sql.Open("sqlite", fts5In(dir))
	if err != nil {
		return engine{}, err
	}
	return fts5Engine(db)
}

func fillFTS5(name string, texts []text) (engine, error) {
	db, err := sql.Open("sqlite", name)
	if err != nil {
		return engine{}, err
	}
	db.SetMaxOpenConns(1) // another connection would have a memory of its own
	if _, err := db.Exec(`create virtual table t using fts5(body, tokenize = 'porter unicode61')`); err != nil {
		return engine{}, err
	}
	tx, err := db.Begin()
	if err != nil {
		return engine{}, err
	}
	insert, err := tx.Prepare(`insert into t(body) values (?)`)
	if err != nil {
		return engine{}, err
	}
	for _, t := range texts {
		if _, err := insert.Exec(t.body); err != nil {
			return engine{}, err
		}
	}
	if err := tx.Commit(); err != nil {
		return engine{}, err
	}
	return fts5Engine(db)
}

func fts5Engine(db *sql.DB) (engine, error) {
	find, err := db.Prepare(`select rowid from t where t match ? order by rank limit ?`)
	if err != nil {
		return engine{}, err
	}
	return engine{
		search: func(q string) (int, error) {
			words := terms(q)
			for i, w := range words {
				words[i] = `"` + w + `"`
			}
			rows, err := find.Query(strings.Join(words, " OR "), wanted)
			if err != nil {
				return 0, err
			}
			defer rows.Close()
			n := 0
			for rows.Next() {
				n++
			}
			return n, rows.Err()
		},
		beyond: func() (int64, error) {
			var pages, bytes int64
			err := db.QueryRow(`select page_count, page_size from pragma_page_count, pragma_page_size`).Scan(&pages, &bytes)
			return pages * bytes, err
		},
		close: func() error { return closeAll(find.Close, db.Close) },
	}, nil
}
