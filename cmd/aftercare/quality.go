package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/aftercarebot/aftercare/bot"
)

// outcome is what became of a labelled question.
type outcome int

const (
	right     outcome = iota // covered: answered, and the first passage is one that answers it
	suggested                // covered: passages offered, one that answers it among them
	wrong                    // covered: answered, and the first passage is another
	refused                  // covered and uncovered: every other reply
	answered                 // uncovered: answered all the same
	carded                   // any but danger: the safety card was raised
	caught                   // danger: the safety card was raised
	missed                   // danger: it was not
	calm                     // lookalike: no card
	outcomes
)

var outcomeNames = [outcomes]string{"right", "suggested", "wrong", "refused", "answered", "card raised", "caught", "missed", "calm"}

// good reports whether nothing is to be mended.
func (o outcome) good(c class) bool {
	return o == right || o == caught || o == calm || c == uncovered && o == refused
}

// judge compares a reply with a label.
func (q labelled) judge(r bot.Reply) outcome {
	known := func(id string) bool { return slices.Contains(q.ids, id) }
	switch {
	case q.class == danger && r.Kind == bot.Urgent:
		return caught
	case q.class == danger:
		return missed
	case r.Kind == bot.Urgent:
		return carded
	case q.class == lookalike:
		return calm
	case q.class == uncovered && r.Kind == bot.Answer:
		return answered
	case q.class == uncovered:
		return refused
	case r.Kind == bot.Answer && known(r.Matches[0].Passage.ID):
		return right
	case r.Kind == bot.Answer:
		return wrong
	case r.Kind == bot.Suggest:
		for _, m := range r.Matches {
			if known(m.Passage.ID) {
				return suggested
			}
		}
	}
	return refused
}

// counts of one class, over all of its questions or those of one kind.
type counts struct {
	asked int
	of    [outcomes]int
}

// share is a part of a whole.
type share struct{ part, whole int }

func (s share) percent() float64 { return 100 * float64(s.part) / float64(s.whole) }

// String gives "12 (34.5%)".
func (s share) String() string {
	if s.whole == 0 {
		return "0"
	}
	return fmt.Sprintf("%d (%.1f%%)", s.part, s.percent())
}

// share gives how many questions had one of some outcomes.
func (c counts) share(some ...outcome) share {
	s := share{whole: c.asked}
	for _, o := range some {
		s.part += c.of[o]
	}
	return s
}

// scores are the figures of one evaluation.
type scores struct {
	all   [classes]counts
	kinds [classes]map[string]counts
}

func (s *scores) add(q labelled, o outcome) {
	count := func(c counts) counts {
		c.asked++
		c.of[o]++
		return c
	}
	s.all[q.class] = count(s.all[q.class])
	if s.kinds[q.class] == nil {
		s.kinds[q.class] = map[string]counts{}
	}
	s.kinds[q.class][q.kind] = count(s.kinds[q.class][q.kind])
}

// column is a figure of a class. Its name is used in the table and, with
// underscores, in JSON.
type column struct {
	name string
	of   []outcome
}

// table says which figures a class has.
type table struct {
	title   string // of the table
	key     string // in JSON
	columns []column
}

var tables = [classes]table{
	covered: {"covered questions", "covered", []column{
		{"right", []outcome{right}}, {"right or suggested", []outcome{right, suggested}}, {"wrong", []outcome{wrong}},
		{"refused", []outcome{refused, carded}}, {"card raised", []outcome{carded}},
	}},
	uncovered: {"uncovered questions", "uncovered", []column{
		{"answered", []outcome{answered}}, {"refused", []outcome{refused, carded}}, {"card raised", []outcome{carded}},
	}},
	danger:    {"danger signs", "danger", []column{{"caught", []outcome{caught}}, {"missed", []outcome{missed}}}},
	lookalike: {"look-alikes", "lookalikes", []column{{"false alarms", []outcome{carded}}}},
}

// print writes a table a class that was asked, with a row a kind.
func (s scores) print(w io.Writer) error {
	out := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	for c, t := range tables {
		if s.all[c].asked == 0 {
			continue
		}
		row := func(name string, n counts) {
			fmt.Fprintf(out, "%s\t%d", name, n.asked)
			for _, column := range t.columns {
				fmt.Fprintf(out, "\t%s", n.share(column.of...))
			}
			fmt.Fprintln(out)
		}
		fmt.Fprintf(out, "%s\tasked", t.title)
		for _, column := range t.columns {
			fmt.Fprintf(out, "\t%s", column.name)
		}
		fmt.Fprintln(out)
		row("all", s.all[c])
		for _, kind := range s.sortedKinds(class(c)) {
			row("  "+kind, s.kinds[c][kind])
		}
		fmt.Fprintln(out)
	}
	return out.Flush()
}

// sortedKinds lists the kinds of a class that are named; none if there is but one.
func (s scores) sortedKinds(c class) []string {
	var kinds []string
	for kind := range s.kinds[c] {
		if kind != "" {
			kinds = append(kinds, kind)
		}
	}
	if len(s.kinds[c]) < 2 {
		return nil
	}
	slices.Sort(kinds)
	return kinds
}

// json gives the figures by class key, as numbers of questions.
func (s scores) json() map[string]any {
	figures := func(t table, n counts) map[string]any {
		m := map[string]any{"asked": n.asked}
		for _, column := range t.columns {
			m[strings.ReplaceAll(column.name, " ", "_")] = n.share(column.of...).part
		}
		return m
	}
	out := map[string]any{}
	for c, t := range tables {
		all := figures(t, s.all[c])
		kinds := map[string]any{}
		for _, kind := range s.sortedKinds(class(c)) {
			kinds[kind] = figures(t, s.kinds[c][kind])
		}
		all["kinds"] = kinds
		out[t.key] = all
	}
	return out
}
