package main

import (
	"fmt"
	"slices"
	"strings"
)

// goal is one of issue 7's, and what came of it.
type goal struct {
	name, limit, measured string
	verdict               verdict
}

type verdict string

const (
	met      verdict = "met"
	missed   verdict = "**missed**"
	unjudged verdict = "not measured"
)

// finding is one measured figure that a goal is about.
type finding struct {
	where string
	value float64 // 0: nothing was measured
	text  string  // of the value
}

// judged makes a goal of what was found: met if no finding is above the limit.
// What was not measured is no finding.
func judged(name string, limit float64, unit string, findings []finding) goal {
	findings = slices.DeleteFunc(findings, func(f finding) bool { return f.value == 0 })
	g := goal{name: name, limit: unit + fmt.Sprintf("%g", limit), verdict: unjudged}
	if unit != "×" {
		g.limit = fmt.Sprintf("%g %s", limit, unit)
	}
	var parts []string
	for _, f := range findings {
		part := f.text
		if f.where != "" {
			part = f.where + " " + part
		}
		if f.value > limit {
			g.verdict = missed
			if len(findings) > 1 {
				part = "**" + part + "**"
			}
		}
		parts = append(parts, part)
	}
	if len(findings) > 0 && g.verdict != missed {
		g.verdict = met
	}
	g.measured = strings.Join(parts, "; ")
	return g
}

// goals holds the figures against the goals. Sizes that were left out are not judged.
func goals(all []comparison, p program) []goal {
	var small, large []comparison
	for _, c := range all {
		if c.size >= 10000 {
			large = append(large, c)
		} else {
			small = append(small, c)
		}
	}
	within := func(list []comparison, of, to string) []finding {
		var out []finding
		for _, c := range list {
			out = append(out, worst(c, of, to))
		}
		return out
	}
	// between compares two kinds of question to our whole answer.
	between := func(of, to string) []finding {
		var out []finding
		for _, c := range all {
			r := ratio(c.p50(nameAnswer, of), c.p50(nameAnswer, to))
			out = append(out, finding{c.size.short(), r, times(r)})
		}
		return out
	}
	// building compares build times with bare bleve's.
	building := func(of string) []finding {
		var out []finding
		for _, c := range all {
			r := ratio(c.of(of).build, c.of(nameBare).build)
			out = append(out, finding{c.size.short(), r, times(r)})
		}
		return out
	}
	one := func(value float64, text string) []finding { return []finding{{value: value, text: text}} }
	const megabyte = 1e6
	start, clock := ratio(p.ours.processor, p.linked.processor), ratio(p.ours.wall, p.linked.wall)
	return []goal{
		judged("whole answer to bare bleve, below 10,000 passages", 3, "×", within(small, nameAnswer, nameBare)),
		judged("whole answer to bare bleve, from 10,000 passages on", 1.5, "×", within(large, nameAnswer, nameBare)),
		judged("whole answer to SQLite FTS5", 1, "×", within(all, nameAnswer, nameFTS5)),
		judged("question of 800 words to one of 10", 4, "×", between(mostWords, tenWords)),
		judged("misspelt question to an exact one", 3, "×", between(misspelt, tenWords)),
		judged("whole answer, 10,000 to 100,000 passages", 12, "×", growth(all)),
		judged("reindex to bare bleve's batches", 2, "×", building(nameSearch)),
		judged("the same with the danger signs learnt anew", 2, "×", building(nameAnswer)),
		judged("start to first answer, processor time, to only linking", 1.5, "×", one(start, times(start))),
		judged("start to first answer, by the clock, to only linking", 1.5, "×", one(clock, times(clock))),
		judged("idle memory, resident", 40, "MB", one(float64(p.idle.resident)/megabyte, amount(float64(p.idle.resident)))),
		judged("binary, stripped", 30, "MB", one(float64(p.ours.binary)/megabyte, amount(float64(p.ours.binary)))),
		judged("stretch: whole answer below bare bleve", 1, "×", within(all, nameAnswer, nameBare)),
	}
}

// worst compares two engines for every kind of question, and gives the kind
// for which the first does worst.
func worst(c comparison, of, to string) finding {
	var out finding
	a, b := c.of(of), c.of(to)
	for i, k := range c.kinds {
		if r := ratio(a.asked[i].p50, b.asked[i].p50); r >= out.value {
			out = finding{c.size.short(), r, fmt.Sprintf("%s (%s)", times(r), k.name)}
		}
	}
	return out
}

// growth compares the largest size with one of a tenth of it.
func growth(all []comparison) []finding {
	at := map[size]comparison{}
	for _, c := range all {
		at[c.size] = c
	}
	few, ok := at[10000]
	many, also := at[100000]
	if !ok || !also {
		return nil
	}
	var out finding
	for _, k := range many.kinds {
		if r := ratio(many.p50(nameAnswer, k.name), few.p50(nameAnswer, k.name)); r >= out.value {
			out = finding{"", r, fmt.Sprintf("%s (%s)", times(r), k.name)}
		}
	}
	return []finding{out}
}
