package main

import (
	"context"
	"path/filepath"
	"slices"

	"github.com/blugelabs/bluge"
	"github.com/blugelabs/bluge/analysis"
	"github.com/blugelabs/bluge/analysis/lang/en"
)

func buildBluge(c content, _ string) (engine, error) {
	writer, err := bluge.OpenWriter(bluge.InMemoryOnlyConfig())
	if err != nil {
		return engine{}, err
	}
	analyzer := en.NewAnalyzer()
	if err := fillBluge(writer, analyzer, c.texts); err != nil {
		return engine{}, err
	}
	reader, err := writer.Reader()
	if err != nil {
		return engine{}, err
	}
	return blugeEngine(reader, analyzer, reader.Close, writer.Close), nil
}

func blugeIn(dir string) bluge.Config {
	return bluge.DefaultConfig(filepath.Join(dir, "passages.bluge"))
}

func storeBluge(c content, dir string) error {
	writer, err := bluge.OpenWriter(blugeIn(dir))
	if err != nil {
		return err
	}
	return closeAll(func() error { return fillBluge(writer, en.NewAnalyzer(), c.texts) }, writer.Close)
}

func openBluge(dir string) (engine, error) {
	reader, err := bluge.OpenReader(blugeIn(dir))
	if err != nil {
		return engine{}, err
	}
	return blugeEngine(reader, en.NewAnalyzer(), reader.Close), nil
}

func fillBluge(writer *bluge.Writer, analyzer *analysis.Analyzer, texts []text) error {
	for chunk := range slices.Chunk(texts, batchSize) {
		batch := bluge.NewBatch()
		for _, t := range chunk {
			batch.Insert(bluge.NewDocument(t.id).AddField(bluge.NewTextField("text", t.body).WithAnalyzer(analyzer)))
		}
		if err := writer.Batch(batch); err != nil {
			return err
		}
	}
	return nil
}

func blugeEngine(reader *bluge.Reader, analyzer *analysis.Analyzer, closers ...func() error) engine {
	return engine{search: func(q string) (int, error) {
		query := bluge.NewMatchQuery(q).SetField("text").SetAnalyzer(analyzer)
		found, err := reader.Search(context.Background(), bluge.NewTopNSearch(wanted, query))
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
	}, close: func() error { return closeAll(closers...) }}
}
