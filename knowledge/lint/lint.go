// Package lint reads valid content with an editor's eye and tells its author
// what a reader, or the search, will stumble over. Nothing of it keeps the
// content from being served: for that there is knowledge.Load.
//
// [Check] runs every rule. Each finding names its rule:
//
//	duplicate        one question under two passages, or a passage and a declined topic
//	near-duplicate   the same but for a word or two
//	lost-phrasing    a passage's own phrasing finds something else
//	too-long         a passage does not fit into one message of a platform
//	time-spans       two passages give different times for the same thing
//	odd-range        24–74 hours, where 24–72 is likely meant
//	furniture        footnote marks, page numbers, "share this"
//	review           no review date, or one that has passed
//	not-asked        no golden question is about a passage, or none finds it
//	link             an address that is not https
//	mark-up          Markdown or HTML that people would see as written
//	unwritten        a passage without a text yet, which is not served
//	danger-signs     a complete safety section without signs or messages that are built in
package lint

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aftercarebot/aftercare/knowledge"
)

// Searcher finds passages, best first.
type Searcher interface {
	Search(ctx context.Context, question string) ([]knowledge.Match, error)
}

// Finding is one thing to look at, written for the author of the content.
type Finding struct {
	File string // below the content root
	Line int    // from 1; 0: the file as a whole
	Rule string // see the package comment
	What string
	Mend string // how to put it right; may be empty
	// Known says that the author knows of it already, by an entry in the
	// content: nothing needs to be done.
	Known bool
}

// Question is a golden question: what is asked, and the passages that answer it.
type Question struct {
	Text     string
	Passages []string
}

// Options say what Check may use besides the content. The zero value leaves
// out the rules that need more.
type Options struct {
	Search   Searcher              // nil: lost-phrasing and the second half of not-asked are left out
	Golden   []Question            // nil: not-asked is left out
	Today    time.Time             // the zero time: whether a review date has passed is left out
	Progress func(done, total int) // told how many searches are done; may be nil; called by one goroutine at a time
}

// Check gives what there is to say about the content, in order of file and
// line. It fails only if a search does, or ctx ends.
func Check(ctx context.Context, base *knowledge.Base, o Options) ([]Finding, error) {
	c := checker{base: base}
	for _, p := range base.Passages() {
		c.tooLong(p)
		c.oddRanges(p)
		c.furniture(p)
		c.links(p)
		c.markup(p)
	}
	for _, p := range base.Unwritten() {
		c.add(p.File, p.Line, "unwritten", "write its text in place of "+knowledge.ToBeWritten, "%q is to be written, and is not served until then", p.Title)
	}
	c.reviews(o.Today)
	c.safety()
	c.duplicates()
	c.timeSpans()
	if o.Golden != nil {
		c.notAsked(o.Golden)
	}
	if o.Search != nil {
		if err := c.searched(ctx, o); err != nil {
			return nil, fmt.Errorf("lint: %w", err)
		}
	}
	slices.SortStableFunc(c.found, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	return c.found, nil
}

type checker struct {
	base  *knowledge.Base
	found []Finding
}

func (c *checker) add(file string, line int, rule, mend, what string, args ...any) {
	c.found = append(c.found, Finding{File: file, Line: line, Rule: rule, What: fmt.Sprintf(what, args...), Mend: mend})
}

// lines calls f with each line of a passage's text, and its number in the file.
func lines(p knowledge.Passage, f func(line int, text string)) {
	n := p.TextLine
	for text := range splitLines(p.Text) {
		f(n, text)
		n++
	}
}
