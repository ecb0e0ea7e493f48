package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/aftercarebot/aftercare/knowledge"
)

// class says what a good reply to a labelled question is.
type class int

const (
	covered   class = iota // one of its passages
	uncovered              // no passage
	danger                 // the safety card
	lookalike              // anything but the safety card
	classes
)

// labelled is a question with what a good reply to it is.
type labelled struct {
	class class
	text  string
	ids   []string // covered: passages that answer it, best first
	kind  string   // groups the figures; may be empty
	where string   // file:line
	line  int      // of golden.jsonl
}

// readLabels reads a file of labelled questions, one JSON object a line.
// Blank lines are skipped. Every id must be in the content.
func readLabels(path string, base *knowledge.Base) ([]labelled, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var all []labelled
	lines := newLineReader(file)
	for n := 1; ; n++ {
		line, err := lines.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, n, err)
		}
		if n == 1 {
			line = strings.TrimPrefix(line, "\ufeff")
		}
		if strings.TrimSpace(line) == "" {
			continue
		}
		if _, golden, _ := readTolerance(line); golden {
			continue // golden.jsonl is asked like any other file
		}
		q, err := readLabel(line, base)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, n, err)
		}
		q.where = fmt.Sprintf("%s:%d", path, n)
		all = append(all, q)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s: holds no questions", path)
	}
	return all, nil
}

// noLabel says what a line holds in place of a label.
func noLabel(err error) error {
	var kind *json.UnmarshalTypeError
	if !errors.As(err, &kind) {
		return fmt.Errorf(`is not one JSON object such as {"q": "can I swim?", "ids": ["guide/swimming"]}: %w`, err)
	}
	switch kind.Field {
	case "":
		return fmt.Errorf(`is not one JSON object such as {"q": "can I swim?", "ids": ["guide/swimming"]}, but one %s`, kind.Value)
	case "ids":
		return fmt.Errorf(`"ids" holds one %s and must be a list: ["guide/swimming"], or [] where the content has no answer`, kind.Value)
	case "urgent":
		return fmt.Errorf(`"urgent" holds one %s and must be true or false`, kind.Value)
	}
	return fmt.Errorf("%q holds one %s and must be a text in quotes", kind.Field, kind.Value)
}

func readLabel(line string, base *knowledge.Base) (labelled, error) {
	var raw struct {
		Q      *string   `json:"q"`
		IDs    *[]string `json:"ids"`
		Urgent *bool     `json:"urgent"`
		Kind   string    `json:"kind"`
		Why    string    `json:"why"`
	}
	if !utf8.ValidString(line) {
		return labelled{}, errors.New("is not valid UTF-8")
	}
	if err := json.Unmarshal([]byte(line), &raw); err != nil {
		return labelled{}, noLabel(err)
	}
	q := labelled{kind: raw.Kind}
	if q.kind == "" {
		q.kind = raw.Why
	}
	switch {
	case raw.Q == nil || strings.TrimSpace(*raw.Q) == "":
		return labelled{}, errors.New(`has no question: give it as "q"`)
	case raw.IDs != nil && raw.Urgent != nil:
		return labelled{}, errors.New(`has both "ids" and "urgent": keep one`)
	case raw.IDs == nil && raw.Urgent == nil:
		return labelled{}, errors.New(`has no label: give "ids", empty where the content has no answer, or "urgent"`)
	case raw.Urgent != nil && *raw.Urgent:
		q.class = danger
	case raw.Urgent != nil:
		q.class = lookalike
	case len(*raw.IDs) == 0:
		q.class = uncovered
	default:
		q.class, q.ids = covered, *raw.IDs
	}
	q.text = *raw.Q
	for _, id := range q.ids {
		if _, ok := base.Passage(id); !ok {
			return labelled{}, fmt.Errorf("there is no passage %q in the content; aftercare topics lists the ids", id)
		}
	}
	return q, nil
}
