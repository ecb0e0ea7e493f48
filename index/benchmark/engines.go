package main

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/index/scorch"
	bleveindex "github.com/blevesearch/bleve_index_api"
	"github.com/blugelabs/bluge"
	_ "modernc.org/sqlite" // the driver

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/index"
	"github.com/aftercarebot/aftercare/knowledge"
)

// wanted is how many results every engine is asked for.
const wanted = 10

// engine is one way to search. search gives how many results it found.
type engine struct {
	name   string
	search func(q string) (int, error)
	close  func() error
}

// builder makes an engine of a content.
type builder struct {
	name  string
	build func(base *knowledge.Base, texts []text, dir string) (engine, error)
}

const (
	nameAnswer = "our whole answer"
	nameSearch = "our index.Search"
	nameBare   = "bare bleve"
	nameReadme = "bleve as in its README"
	nameFTS5   = "SQLite FTS5"
	nameBluge  = "bluge"
	nameHand   = "BM25 by hand"
)

var builders = []builder{
	{nameBare, bareBleve}, {nameAnswer, answer}, {nameSearch, search}, {nameReadme, readmeBleve},
	{nameFTS5, fts5}, {nameBluge, blugeEngine}, {nameHand, byHand},
}

// answer is everything between a message and the reply: normalising, danger
// signs, search, rescoring, judgement, composition.
func answer(base *knowledge.Base, _ []text, _ string) (engine, error) {
	x, err := index.New(base)
	if err != nil {
		return engine{}, err
	}
	b, err := bot.New(base, x, bot.Options{})
	if err != nil {
		return engine{}, err
	}
	return engine{search: func(q string) (int, error) {
		return len(b.Answer(context.Background(), bot.Question{Text: q, Platform: "cli"}).Matches), nil
	}, close: x.Close}, nil
}

func search(base *knowledge.Base, _ []text, _ string) (engine, error) {
	x, err := index.New(base)
	if err != nil {
		return engine{}, err
	}
	return engine{search: func(q string) (int, error) {
		matches, err := x.Search(context.Background(), q)
		return len(matches), err
	}, close: x.Close}, nil
}

// bareBleve is bleve at its best: one lean field, BM25, scorch in memory.
func bareBleve(_ *knowledge.Base, texts []text, _ string) (engine, error) {
	m := bleve.NewIndexMapping()
	m.ScoringModel = bleveindex.BM25Scoring
	m.DefaultAnalyzer = "en"
	doc := bleve.NewDocumentStaticMapping()
	field := bleve.NewTextFieldMapping()
	field.Store, field.IncludeInAll, field.IncludeTermVectors, field.DocValues = false, false, false, false
	doc.AddFieldMappingsAt("text", field)
	m.DefaultMapping = doc
	x, err := bleve.NewUsing("", m, scorch.Name, scorch.Name, nil)
	if err != nil {
		return engine{}, err
	}
	return bleveEngine(x, texts)
}

// readmeBleve is bleve as its README shows it.
func readmeBleve(_ *knowledge.Base, texts []text, dir string) (engine, error) {
	x, err := bleve.New(filepath.Join(dir, "readme.bleve"), bleve.NewIndexMapping())
	if err != nil {
		return engine{}, err
	}
	return bleveEngine(x, texts)
}

func bleveEngine(x bleve.Index, texts []text) (engine, error) {
	for chunk := range slices.Chunk(texts, 1000) {
		batch := x.NewBatch()
		for _, t := range chunk {
			if err := batch.Index(t.id, map[string]any{"text": t.body}); err != nil {
				return engine{}, err
			}
		}
		if err := x.Batch(batch); err != nil {
			return engine{}, err
		}
	}
	return engine{search: func(q string) (int, error) {
		query := bleve.NewMatchQuery(q)
		query.SetField("text")
		result, err := x.Search(bleve.NewSearchRequestOptions(query, wanted, 0, false))
		if err != nil {
			return 0, err
		}
		return len(result.Hits), nil
	}, close: x.Close}, nil
}

func fts5(_ *knowledge.Base, texts []text, _ string) (engine, error) {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return engine{}, err
	}
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(`create virtual table t using fts5(body, tokenize = 'porter unicode61')`); err != nil {
		return engine{}, err
	}
	tx, err := db.Begin()
	if err != nil {
		return engine{}, err
	}
	for _, t := range texts {
		if _, err := tx.Exec(`insert into t(body) values (?)`, t.body); err != nil {
			return engine{}, err
		}
	}
	if err := tx.Commit(); err != nil {
		return engine{}, err
	}
	find, err := db.Prepare(`select rowid from t where t match ? order by bm25(t) limit ?`)
	if err != nil {
		return engine{}, err
	}
	return engine{search: func(q string) (int, error) {
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
	}, close: db.Close}, nil
}

func blugeEngine(_ *knowledge.Base, texts []text, _ string) (engine, error) {
	writer, err := bluge.OpenWriter(bluge.InMemoryOnlyConfig())
	if err != nil {
		return engine{}, err
	}
	for chunk := range slices.Chunk(texts, 1000) {
		batch := bluge.NewBatch()
		for _, t := range chunk {
			batch.Insert(bluge.NewDocument(t.id).AddField(bluge.NewTextField("text", t.body)))
		}
		if err := writer.Batch(batch); err != nil {
			return engine{}, err
		}
	}
	reader, err := writer.Reader()
	if err != nil {
		return engine{}, err
	}
	return engine{search: func(q string) (int, error) {
		found, err := reader.Search(context.Background(), bluge.NewTopNSearch(wanted, bluge.NewMatchQuery(q).SetField("text")))
		if err != nil {
			return 0, err
		}
		n := 0
		for {
			match, err := found.Next()
			if err != nil || match == nil {
				return n, err
			}
			n++
		}
	}, close: func() error { return closeAll(reader.Close, writer.Close) }}, nil
}

func closeAll(list ...func() error) error {
	for _, c := range list {
		if err := c(); err != nil {
			return err
		}
	}
	return nil
}

// byHand is BM25 over flat posting lists with no more than it takes: the
// lower bound. It does not stem.
func byHand(_ *knowledge.Base, texts []text, _ string) (engine, error) {
	type posting struct {
		doc   int32
		count float32
	}
	postings := map[string][]posting{}
	lengths := make([]float32, len(texts))
	var total float32
	for i, t := range texts {
		for _, w := range words(t.body) {
			list := postings[w]
			if n := len(list); n > 0 && list[n-1].doc == int32(i) {
				list[n-1].count++
			} else {
				postings[w] = append(list, posting{int32(i), 1})
			}
			lengths[i]++
			total++
		}
	}
	mean := total / float32(len(texts))
	scores := make([]float32, len(texts))
	var touched []int32
	return engine{search: func(q string) (int, error) {
		touched = touched[:0]
		for _, w := range terms(q) {
			list := postings[w]
			n := float64(len(list))
			idf := float32(math.Log(1 + (float64(len(texts))-n+0.5)/(n+0.5)))
			for _, p := range list {
				if scores[p.doc] == 0 {
					touched = append(touched, p.doc)
				}
				scores[p.doc] += idf * p.count * 2.2 / (p.count + 1.2*(0.25+0.75*lengths[p.doc]/mean))
			}
		}
		var best []int32
		for _, d := range touched {
			at := len(best)
			for at > 0 && scores[best[at-1]] < scores[d] {
				at--
			}
			if at < wanted {
				best = slices.Insert(best, at, d)
				best = best[:min(len(best), wanted)]
			}
		}
		for _, d := range touched {
			scores[d] = 0
		}
		return len(best), nil
	}, close: func() error { return nil }}, nil
}

func words(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
}

// terms gives the distinct words of a question.
func terms(q string) []string {
	list := words(q)
	slices.Sort(list)
	return slices.Compact(list)
}

func temporary() (string, func(), error) {
	dir, err := os.MkdirTemp("", "aftercare-benchmark-")
	if err != nil {
		return "", nil, fmt.Errorf("benchmark: %w", err)
	}
	return dir, func() { _ = os.RemoveAll(dir) }, nil
}
