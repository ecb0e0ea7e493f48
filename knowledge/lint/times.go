package lint

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/aftercarebot/aftercare/knowledge"
	"github.com/aftercarebot/aftercare/knowledge/language"
)

// span is a stretch of time that a text gives, in hours.
type span struct {
	from, to float64 // to: infinite for "at least"
	text     string
}

var numbers = map[string]float64{
	"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
	"eleven": 11, "twelve": 12, "fourteen": 14, "first": 1, "same": 1, "couple of": 2,
}

var units = map[string]float64{"minute": 1. / 60, "hour": 1, "hr": 1, "day": 24, "night": 24, "week": 168, "month": 730, "year": 8766}

const (
	number = `\d+(?:\.\d+)?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fourteen`
	unit   = `minute|hour|hr|day|night|week|month|year`
)

var (
	// "24–74 hours", "two to three weeks", "24 hours to 2 or 3 days", "2 or 3 days"
	rangeForm = language.LazyRegexp(`(?i)\b(` + number + `)(?:\s*-?\s*(` + unit + `)s?)?\s*(?:-|–|—|to|or|and)\s*(?:(?:` + number + `)\s+or\s+)?(` + number + `)\s*-?\s*(` + unit + `)s?\b`)
	// "at least a week", "two weeks", "the first day"
	singleForm = language.LazyRegexp(`(?i)\b(at least |minimum of |up to |within |no more than )?(?:(?:the |that )?(first|same) |(?:for |in |after |about |around |of )?(an?) )?(?:(` + number + `|couple of) ?-?)?(` + unit + `)s?\b`)
)

// spansIn gives the stretches of time in a text.
func spansIn(text string) []span {
	var all []span
	rest := rangeForm.Get().ReplaceAllStringFunc(text, func(found string) string {
		m := rangeForm.Get().FindStringSubmatch(found)
		from, to := value(m[1]), value(m[3])
		fromUnit, toUnit := units[strings.ToLower(m[2])], units[strings.ToLower(m[4])]
		if fromUnit == 0 {
			fromUnit = toUnit
		}
		all = append(all, span{from * fromUnit, to * toUnit, found})
		return " "
	})
	for _, m := range singleForm.Get().FindAllStringSubmatch(rest, -1) {
		bound, ordinal, article, count, u := strings.ToLower(strings.TrimSpace(m[1])), m[2], m[3], m[4], units[strings.ToLower(m[5])]
		n := 1.0
		switch {
		case count != "":
			n = value(count)
		case ordinal == "" && article == "":
			continue // "every day", "weeks later"
		}
		s := span{n * u, n * u, strings.TrimSpace(m[0])}
		switch bound {
		case "at least", "minimum of":
			s.to = math.Inf(1)
		case "up to", "within", "no more than":
			s.from = 0
		}
		all = append(all, s)
	}
	return all
}

func value(s string) float64 {
	if n, ok := numbers[strings.ToLower(s)]; ok {
		return n
	}
	n, _ := strconv.ParseFloat(s, 64) // the pattern lets nothing else through
	return n
}

// envelope joins what one sentence says: "24 hours, or two to three days".
func envelope(all []span) span {
	e := all[0]
	for _, s := range all[1:] {
		e.from, e.to = min(e.from, s.from), max(e.to, s.to)
		e.text += " … " + s.text
	}
	return e
}

// usual are numbers of a unit that people give; every number up to the least
// of them is usual, too.
var usual = map[string][]float64{
	"minute": {10, 12, 15, 20, 25, 30, 40, 45, 50, 60, 75, 90, 100, 120, 180},
	"hour":   {12, 14, 15, 16, 18, 20, 24, 30, 36, 40, 48, 60, 72, 84, 96, 120, 144, 168},
	"day":    {16, 18, 20, 21, 24, 25, 28, 30, 31, 40, 42, 45, 50, 56, 60, 80, 84, 90, 100, 120, 150, 180, 365},
	"week":   {16, 18, 20, 24, 26, 30, 36, 40, 48, 52},
	"month":  {13, 15, 16, 18, 20, 21, 24, 30, 36, 48, 60},
}

var digitRange = language.LazyRegexp(`(?i)\b(\d+)\s*(?:-|–|—|to)\s*(\d+)\s*-?\s*(minute|hour|day|week|month)s?\b`)

// oddRanges finds ranges that run backwards, or hold a number that nobody
// gives for its unit: most often a slip of the pen.
func (c *checker) oddRanges(p knowledge.Passage) {
	lines(p, func(line int, text string) {
		for _, m := range digitRange.Get().FindAllStringSubmatch(text, -1) {
			from, to, u := value(m[1]), value(m[2]), strings.ToLower(m[3])
			mend := "ask whoever approved the text, and mend it or leave it"
			if from >= to {
				c.add(p.File, line, "odd-range", mend, "%q runs backwards", m[0])
				continue
			}
			for _, n := range []float64{from, to} {
				if near, odd := unusual(n, u); odd {
					c.add(p.File, line, "odd-range", mend, "%q: %g %ss is an odd figure; is %g meant?", m[0], n, u, near)
				}
			}
		}
	})
}

// unusual reports whether a number is odd for a unit, and the usual one next to it.
func unusual(n float64, unit string) (near float64, odd bool) {
	list := usual[unit]
	if n <= list[0] || slices.Contains(list, n) || n > list[len(list)-1] {
		return 0, false
	}
	near = list[0]
	for _, u := range list {
		if math.Abs(u-n) < math.Abs(near-n) {
			near = u
		}
	}
	return near, true
}

// statement is a sentence that gives a time, and what it gives it for.
type statement struct {
	passage  knowledge.Passage
	line     int
	time     span
	subjects []string // names of thesaurus entries, sorted
}

// timeSpans finds passages that give different times for one thing: a
// thesaurus entry that both name beside the time.
func (c *checker) timeSpans() {
	entries := c.subjects()
	var all []statement
	for _, p := range c.base.Passages() {
		all = append(all, statements(p, entries)...)
	}
	type pair struct{ a, b string }
	done := map[pair]bool{}
	for i, a := range all {
		for _, b := range all[i+1:] {
			if a.passage.ID == b.passage.ID || done[pair{a.passage.ID, b.passage.ID}] || a.time.from == b.time.from && a.time.to == b.time.to {
				continue
			}
			shared := both(a.subjects, b.subjects)
			if len(shared) == 0 {
				continue
			}
			done[pair{a.passage.ID, b.passage.ID}] = true
			f := Finding{
				File: a.passage.File, Line: a.line, Rule: "time-spans",
				What: fmt.Sprintf("%q gives %q for %s; %s:%d, in %q, gives %q", a.passage.ID, a.time.text, strings.Join(shared, ", "), b.passage.File, b.line, b.passage.ID, b.time.text),
				Mend: "make them agree, or list both under differences: then an answer shows both",
			}
			if c.differ(a.passage.ID, b.passage.ID) {
				f.Known, f.Mend = true, "listed under differences, so an answer shows both"
			}
			c.found = append(c.found, f)
		}
	}
}

// differ reports whether the content says itself that two passages differ.
func (c *checker) differ(a, b string) bool {
	for _, d := range c.base.Differences() {
		if slices.Contains(d.Passages, a) && slices.Contains(d.Passages, b) {
			return true
		}
	}
	return false
}

// subject is a thesaurus entry, as rows of stems.
type subject struct {
	name string
	rows [][]string
}

// timeEntry matches entries that say when, not what.
var timeEntry = language.LazyRegexp(`(?i)\b(?:time|wait|duration|long|when|day|week|month|healing|recovery)\b`)

// subjects gives the thesaurus entries that tell passages apart: those that
// are named in at most a third of them.
func (c *checker) subjects() []subject {
	var texts [][]string
	for _, p := range c.base.Passages() {
		texts = append(texts, stems(p.Title+"\n"+p.Text))
	}
	var all []subject
	for _, concept := range c.base.Thesaurus() {
		if timeEntry.Get().MatchString(strings.ReplaceAll(concept.Name, "-", " ")) {
			continue
		}
		s := subject{name: concept.Name}
		for _, w := range concept.Words {
			if row := stems(w); len(row) > 0 {
				s.rows = append(s.rows, row)
			}
		}
		n := 0
		for _, text := range texts {
			if s.in(text) {
				n++
			}
		}
		if n > 1 && 3*n <= max(len(texts), 6) {
			all = append(all, s)
		}
	}
	return all
}

func (s subject) in(text []string) bool {
	for _, row := range s.rows {
		for i := range text {
			if len(text)-i >= len(row) && slices.Equal(text[i:i+len(row)], row) {
				return true
			}
		}
	}
	return false
}

func stems(s string) []string {
	words := language.Words(language.Normalise(s))
	for i, w := range words {
		words[i] = language.Stem(w)
	}
	return words
}

// statements gives the sentences of a passage that hold a time. A sentence
// speaks of what it names itself and of what the next one goes on with:
// "Careful in the first two weeks. Avoid make-up." If neither names anything,
// the title says what it is about.
func statements(p knowledge.Passage, entries []subject) []statement {
	named := func(text string) []string {
		words := stems(text)
		var names []string
		for _, s := range entries {
			if s.in(words) {
				names = append(names, s.name)
			}
		}
		slices.Sort(names)
		return names
	}
	var all []statement
	lines(p, func(line int, text string) {
		sentences := sentencesOf(text)
		for i, sentence := range sentences {
			times := spansIn(sentence)
			if len(times) == 0 {
				continue
			}
			st := statement{passage: p, line: line, time: envelope(times), subjects: named(sentence)}
			if i+1 < len(sentences) && len(spansIn(sentences[i+1])) == 0 {
				st.subjects = append(st.subjects, named(sentences[i+1])...)
			}
			if len(st.subjects) == 0 {
				st.subjects = named(p.Title)
			}
			slices.Sort(st.subjects)
			st.subjects = slices.Compact(st.subjects)
			all = append(all, st)
		}
	})
	return all
}

var sentenceEnd = language.LazyRegexp(`[.!?]+["'”’)]*\s+`)

func sentencesOf(text string) []string {
	var all []string
	for text != "" {
		end := sentenceEnd.Get().FindStringIndex(text)
		if end == nil {
			return append(all, text)
		}
		all = append(all, text[:end[1]])
		text = text[end[1]:]
	}
	return all
}

func both(a, b []string) []string {
	var shared []string
	for _, name := range a {
		if slices.Contains(b, name) {
			shared = append(shared, name)
		}
	}
	return shared
}
