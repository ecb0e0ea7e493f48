package knowledge

import (
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// frontMatter splits a file into its YAML front matter and the Markdown
// behind it, whose first line has the number bodyLine.
func (l *loader) frontMatter(file string, data []byte) (front string, body []byte, bodyLine int) {
	s := string(data)
	rest, ok := strings.CutPrefix(s, "---\n")
	if !ok {
		return "", data, 1
	}
	front, after, ok := strings.Cut("\n"+rest, "\n---\n")
	if !ok {
		if front, ok = strings.CutSuffix("\n"+rest, "\n---"); !ok {
			l.problems.add(file, 1, "the front matter has no end", "close it with a line of three hyphens")
			return "", nil, 1
		}
	}
	// The leading "\n" stands for the opening "---", so YAML's line numbers are the file's.
	return front, []byte(after), strings.Count(front, "\n") + 3
}

// source decodes front matter; false means that it was not usable.
func (l *loader) source(file, front string) (Source, bool) {
	if strings.TrimSpace(front) == "" {
		return Source{}, true
	}
	var meta struct {
		Title    string `yaml:"title"`
		Source   string `yaml:"source"`
		Reviewed day    `yaml:"reviewed"`
		ReviewBy day    `yaml:"review_by"`
	}
	if !l.decode(file, []byte(front), &meta) {
		return Source{}, false
	}
	return Source{Title: meta.Title, Origin: meta.Source, Reviewed: meta.Reviewed.Time, ReviewBy: meta.ReviewBy.Time}, true
}

// day is a date without a time, written 2026-11-30.
type day struct{ time.Time }

// UnmarshalYAML reads a day and names its line where it is not one.
func (d *day) UnmarshalYAML(node ast.Node) error {
	var s string
	if err := yaml.NodeToValue(node, &s); err != nil {
		return err
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return at(node, "%q is not a date; write it as 2026-11-30", s)
	}
	d.Time = t
	return nil
}
