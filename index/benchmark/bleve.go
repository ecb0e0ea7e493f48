package main

import (
	"path/filepath"
	"slices"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/index/scorch"
	"github.com/blevesearch/bleve/v2/mapping"
	bleveindex "github.com/blevesearch/bleve_index_api"
)

// batchSize is how many passages bleve and bluge are given at once: facts on
// them find no more gain beyond it.
const batchSize = 1000

// lean is one field of which nothing is kept but what BM25 needs.
func lean() *mapping.IndexMappingImpl {
	m := bleve.NewIndexMapping()
	m.ScoringModel = bleveindex.BM25Scoring
	m.DefaultAnalyzer = "en"
	doc := bleve.NewDocumentStaticMapping()
	field := bleve.NewTextFieldMapping()
	field.Store, field.IncludeInAll, field.IncludeTermVectors, field.DocValues = false, false, false, false
	doc.AddFieldMappingsAt("text", field)
	doc.AddSubDocumentMapping("_all", bleve.NewDocumentDisabledMapping()) // costs a build 6 %
	m.DefaultMapping = doc
	return m
}

// buildBare makes bleve at its best: one lean field, BM25, scorch in memory.
func buildBare(c content, _ string) (engine, error) {
	x, err := bleve.NewUsing("", lean(), scorch.Name, scorch.Name, nil)
	if err != nil {
		return engine{}, err
	}
	return bleveEngine(x), fillBleve(x, c.texts)
}

// storeBare makes the same on disk.
func storeBare(c content, dir string) error {
	x, err := bleve.NewUsing(bleveIn(dir), lean(), scorch.Name, scorch.Name, nil)
	if err != nil {
		return err
	}
	return closeAll(func() error { return fillBleve(x, c.texts) }, x.Close)
}

func bleveIn(dir string) string { return filepath.Join(dir, "passages.bleve") }

func openBleve(dir string) (engine, error) {
	x, err := bleve.Open(bleveIn(dir))
	if err != nil {
		return engine{}, err
	}
	return bleveEngine(x), nil
}

// buildReadme makes bleve as its README shows it, but for the batches: one
// Index call a passage takes some ten milliseconds.
func buildReadme(c content, dir string) (engine, error) {
	x, err := bleve.New(bleveIn(dir), bleve.NewIndexMapping())
	if err != nil {
		return engine{}, err
	}
	return readmeEngine(x), fillBleve(x, c.texts)
}

func openReadme(dir string) (engine, error) {
	x, err := bleve.Open(bleveIn(dir))
	if err != nil {
		return engine{}, err
	}
	return readmeEngine(x), nil
}

func fillBleve(x bleve.Index, texts []text) error {
	for chunk := range slices.Chunk(texts, batchSize) {
		batch := x.NewBatch()
		for _, t := range chunk {
			if err := batch.Index(t.id, map[string]any{"text": t.body}); err != nil {
				return err
			}
		}
		if err := x.Batch(batch); err != nil {
			return err
		}
	}
	return nil
}

func bleveEngine(x bleve.Index) engine {
	return engine{search: func(q string) (int, error) {
		query := bleve.NewMatchQuery(q)
		query.SetField("text")
		result, err := x.Search(bleve.NewSearchRequestOptions(query, wanted, 0, false))
		if err != nil {
			return 0, err
		}
		return len(result.Hits), nil
	}, close: x.Close}
}

func readmeEngine(x bleve.Index) engine {
	return engine{search: func(q string) (int, error) {
		result, err := x.Search(bleve.NewSearchRequest(bleve.NewMatchQuery(q))) // ten results
		if err != nil {
			return 0, err
		}
		return len(result.Hits), nil
	}, close: x.Close}
}
