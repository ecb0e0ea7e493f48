package main

import (
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/index"
	"github.com/aftercarebot/aftercare/knowledge"
)

// contentSource says where the content of this run comes from.
type contentSource struct {
	dir string // value of --content
	env func(string) (string, bool)
}

// folder gives the content root, or "" for the embedded content.
func (s *contentSource) folder() string {
	if s.dir != "" {
		return s.dir
	}
	dir, _ := s.env("AFTERCARE_CONTENT")
	return dir
}

// name is the content root as a person would call it.
func (s *contentSource) name() string {
	if dir := s.folder(); dir != "" {
		return dir
	}
	return "embedded"
}

// load reads and validates the content.
func (s *contentSource) load() (*knowledge.Base, error) {
	dir := s.folder()
	if dir == "" {
		return knowledge.Default(), nil
	}
	base, err := knowledge.LoadDir(dir)
	if err != nil {
		hint := "Give --content or AFTERCARE_CONTENT a folder with the guide's Markdown files."
		if errors.As(err, new(knowledge.Problems)) {
			hint = "aftercare check --content " + dir + " checks the content without serving it."
		}
		return nil, usage(err, hint)
	}
	return base, nil
}

// engine is the content with everything that answers from it.
type engine struct {
	base  *knowledge.Base
	index *index.Index
	bot   *bot.Bot
}

// unhurried is how much the heap may grow while the snapshots are read, in
// percent of what it was, before garbage is looked for.
const unhurried = 1000

// start loads the content and makes the bot that answers from it.
func (s *contentSource) start(o bot.Options) (engine, error) {
	if s.folder() == "" {
		index.Prepare() // while the content is read
		// Reading the snapshots makes next to no garbage: looking for it would
		// be in vain. Learning makes much.
		defer debug.SetGCPercent(debug.SetGCPercent(unhurried))
	}
	base, err := s.load()
	if err != nil {
		return engine{}, err
	}
	return newEngine(base, o)
}

func newEngine(base *knowledge.Base, o bot.Options) (engine, error) {
	search := &struct{ *index.Index }{}
	var unindexed error
	var indexing sync.WaitGroup
	indexing.Go(func() { search.Index, unindexed = index.New(base) })
	b, err := bot.New(base, search, o) // does not search yet
	indexing.Wait()
	if unindexed != nil {
		return engine{}, fmt.Errorf("index the content: %w", unindexed)
	}
	if err != nil {
		return engine{}, fmt.Errorf("prepare the content: %w", err)
	}
	return engine{base, search.Index, b}, nil
}

// quiet is the logger of commands that print what they have to say.
var quiet = slog.New(slog.DiscardHandler)
