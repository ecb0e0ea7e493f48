package main

import (
	"context"
	"os"
	"path/filepath"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/index"
	"github.com/aftercarebot/aftercare/knowledge"
)

// buildAnswer makes everything between a message and the reply.
func buildAnswer(c content, _ string) (engine, error) { return answerFrom(c.base) }

func answerFrom(base *knowledge.Base) (engine, error) {
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
	}, close: func() error { return nil }}, nil
}

func buildSearch(c content, _ string) (engine, error) {
	x, err := index.New(c.base)
	if err != nil {
		return engine{}, err
	}
	return engine{search: func(q string) (int, error) {
		matches, err := x.Search(context.Background(), q)
		return len(matches), err
	}, close: func() error { return nil }}, nil
}

func contentIn(dir string) string { return filepath.Join(dir, "content") }

func storeContent(c content, dir string) error { return os.CopyFS(contentIn(dir), c.files) }

// openAnswer does what a start of the program does with a content folder.
func openAnswer(dir string) (engine, error) {
	base, err := knowledge.LoadDir(contentIn(dir))
	if err != nil {
		return engine{}, err
	}
	return answerFrom(base)
}
