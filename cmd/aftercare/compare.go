package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/knowledge"
)

// comparison is what another content does with the same questions.
type comparison struct {
	Content string     `json:"content"` // version of the other content
	Better  []contrast `json:"better"`  // here than there
	Worse   []contrast `json:"worse"`
	Same    int        `json:"same"`
}

// contrast is a question with two replies.
type contrast struct {
	Where    string   `json:"where"` // file:line
	Question string   `json:"question"`
	Kind     string   `json:"kind"` // of the question
	Want     []string `json:"want"` // passages that answer it
	There    string   `json:"there"`
	Here     string   `json:"here"`
	GotThere string   `json:"got_there"` // kind of the reply, and its passages
	GotHere  string   `json:"got_here"`
}

// String gives one line for people.
func (c contrast) String() string {
	return fmt.Sprintf("%s: %q: %s (%s), there %s (%s)", c.Where, c.Question, c.Here, c.GotHere, c.There, c.GotThere)
}

// compareWith asks the questions of the content in the folder dir, and sets the
// outcomes against those of here.
func (e evaluator) compareWith(ctx context.Context, dir string, questions []labelled, here trial) (*comparison, error) {
	base, err := knowledge.LoadDir(dir)
	if err != nil {
		return nil, usage(err, "Give --compare a folder with content that passes aftercare check.")
	}
	other, err := newEngine(base, bot.Options{Log: quiet})
	if err != nil {
		return nil, err
	}
	there, err := try(ctx, questions, other.bot.Answer, progressOn(e.err))
	if err != nil {
		return nil, err
	}
	c := &comparison{Content: base.Hash(), Better: []contrast{}, Worse: []contrast{}}
	for i, q := range questions {
		d := contrast{
			Where: q.where, Question: q.text, Kind: q.kind, Want: append([]string{}, q.ids...),
			There: outcomeNames[there.outcomes[i]], Here: outcomeNames[here.outcomes[i]],
			GotThere: there.got[i], GotHere: here.got[i],
		}
		switch better := rank(here.outcomes[i], q.class) - rank(there.outcomes[i], q.class); {
		case better > 0:
			c.Better = append(c.Better, d)
		case better < 0:
			c.Worse = append(c.Worse, d)
		default:
			c.Same++
		}
	}
	return c, nil
}

// print writes the comparison for people.
func (c *comparison) print(w io.Writer) error {
	var failed error
	say := func(format string, args ...any) {
		_, err := fmt.Fprintf(w, format, args...)
		failed = errors.Join(failed, err)
	}
	say("compared with content version %s: %d better, %d worse, %d the same\n", c.Content, len(c.Better), len(c.Worse), c.Same)
	for _, d := range c.Worse {
		say("worse:  %s\n", d)
	}
	for _, d := range c.Better {
		say("better: %s\n", d)
	}
	return failed
}
