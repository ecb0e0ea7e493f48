package main

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// table writes rows of cells as a Markdown table that is also good to read as
// it stands. The first row is the head; columns but the first are to the right.
func table(w io.Writer, rows [][]string) {
	width := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			width[i] = max(width[i], utf8.RuneCountInString(cell), 2)
		}
	}
	fmt.Fprintln(w)
	for n, row := range rows {
		for i, cell := range row {
			pad := strings.Repeat(" ", width[i]-utf8.RuneCountInString(cell))
			if i == 0 {
				cell += pad
			} else {
				cell = pad + cell
			}
			fmt.Fprintf(w, "| %s ", cell)
		}
		fmt.Fprintln(w, "|")
		if n > 0 {
			continue
		}
		for i := range row {
			rule := strings.Repeat("-", width[i]+1)
			if i == 0 {
				rule += "-"
			} else {
				rule += ":"
			}
			fmt.Fprint(w, "|"+rule)
		}
		fmt.Fprintln(w, "|")
	}
}

// none stands where there is nothing to measure.
const none = "–"

// writeComparison writes the one table of a size: engines side by side.
func writeComparison(w io.Writer, c comparison) {
	fmt.Fprintf(w, "\n## %s\n", title(c))
	rows := [][]string{{""}}
	for _, e := range c.engines {
		rows[0] = append(rows[0], e.name)
	}
	row := func(name string, cell func(e engineFigures) string) {
		cells := []string{name}
		for _, e := range c.engines {
			cells = append(cells, cell(e))
		}
		rows = append(rows, cells)
	}
	bare := c.of(nameBare)
	for i, k := range c.kinds {
		name := fmt.Sprintf("%s (%d × %d)", k.name, k.rounds, k.turns)
		row(name, func(e engineFigures) string {
			a := e.asked[i]
			return fmt.Sprintf("%s (%s) %s", brief(a.p50), brief(a.p99), times(ratio(a.p50, bare.asked[i].p50)))
		})
	}
	for i, k := range c.kinds {
		row("allocations, "+k.name, func(e engineFigures) string {
			return fmt.Sprintf("%d, %s", e.asked[i].allocs, amount(float64(e.asked[i].bytes)))
		})
	}
	row("build, of each passage", func(e engineFigures) string {
		return fmt.Sprintf("%s %s", brief(c.perPassage(e)), times(ratio(e.build, bare.build)))
	})
	row("memory", func(e engineFigures) string { return amount(float64(e.memory)) })
	row("open, to the first results", func(e engineFigures) string {
		if !e.opens {
			return none
		}
		return brief(e.open)
	})
	table(w, rows)
}

func title(c comparison) string {
	if c.size == 0 {
		return fmt.Sprintf("The embedded guide (%d documents: passages, declined topics, small talk)", c.documents)
	}
	return c.size.String() + ", generated"
}

func writeProgram(w io.Writer, p program) {
	fmt.Fprintf(w, "\n## The program\n")
	table(w, [][]string{
		{"", "aftercare", "only links the same libraries", ""},
		{fmt.Sprintf("start to first answer, processor time, median of %d", p.runs), brief(p.ours.processor), brief(p.linked.processor), times(ratio(p.ours.processor, p.linked.processor))},
		{"start to first answer, by the clock", brief(p.ours.wall), brief(p.linked.wall), times(ratio(p.ours.wall, p.linked.wall))},
		{"binary, stripped", amount(float64(p.ours.binary)), amount(float64(p.linked.binary)), ""},
		{"serve, idle after answers: resident memory", amount(float64(p.idle.resident)), none, ""},
		{"of it not backed by files", amount(float64(p.idle.anonymous)), none, ""},
		{"of it live objects on the Go heap", amount(float64(p.idle.heap)), none, ""},
	})
	fmt.Fprintf(w, "\nStart to first answer is `aftercare ask \"%s\"` beside index/benchmark/linked, run in turns. The idle program is\n`aftercare serve` on a Telegram server on loopback, %v after the last of %d answers.\n", startQuestion, idleFor, len(idleQuestions))
}

func writeGoals(w io.Writer, list []goal) {
	fmt.Fprintf(w, "\n## Goals\n")
	rows := [][]string{{"goal", "at most", "measured", ""}}
	for _, g := range list {
		rows = append(rows, []string{g.name, g.limit, g.measured, string(g.verdict)})
	}
	table(w, rows)
}
