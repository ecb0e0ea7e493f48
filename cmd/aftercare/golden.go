package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/knowledge"
	"github.com/aftercarebot/aftercare/knowledge/lint"
)

// goldenName is the file of golden questions in a content root.
const goldenName = "golden.jsonl"

// defaultTolerance is used where golden.jsonl states none: with fifty
// questions or more, one may turn bad while the others stay as they are.
const defaultTolerance = 2.0

// golden is a content's own examination: labelled questions, and how much
// worse than the content before it may do.
type golden struct {
	questions []labelled
	tolerance float64 // percentage points of questions answered as they should be
}

// readGolden reads golden.jsonl below the root of files: labelled questions,
// one JSON object a line, and, where the default is not wanted, a line
// {"tolerance": 5}. It gives nil where there is no such file. Its errors are
// knowledge.Problems.
func readGolden(files fs.FS, base *knowledge.Base) (*golden, error) {
	info, err := fs.Stat(files, goldenName)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("is not a regular file")
	}
	if err != nil {
		return nil, goldenProblem(0, "cannot be read: "+err.Error(), "check its permissions")
	}
	if info.Size() > knowledge.MaxFileSize {
		return nil, goldenProblem(0, "is over 1 MiB", "keep the best few hundred questions")
	}
	file, err := files.Open(goldenName)
	if err != nil {
		return nil, goldenProblem(0, "cannot be read: "+err.Error(), "check its permissions")
	}
	defer file.Close()
	g := &golden{tolerance: defaultTolerance}
	lines := newLineReader(io.LimitReader(file, knowledge.MaxFileSize))
	for n := 1; ; n++ {
		line, err := lines.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, goldenProblem(n, "cannot be read: "+err.Error(), "")
		}
		if n == 1 {
			line = strings.TrimPrefix(line, "\ufeff")
		}
		if strings.TrimSpace(line) == "" {
			continue
		}
		if t, ok, err := readTolerance(line); err != nil {
			return nil, goldenProblem(n, err.Error(), "")
		} else if ok {
			g.tolerance = t
			continue
		}
		q, err := readLabel(line, base)
		if err != nil {
			return nil, goldenProblem(n, err.Error(), "")
		}
		q.where, q.line = fmt.Sprintf("%s:%d", goldenName, n), n
		g.questions = append(g.questions, q)
	}
	if len(g.questions) == 0 {
		return nil, goldenProblem(0, "holds no questions", "write some, or remove the file")
	}
	return g, nil
}

func goldenProblem(line int, what, mend string) error {
	return knowledge.Problems{{File: goldenName, Line: line, What: what, Mend: mend}}
}

// readTolerance reads a line that sets the tolerance; false: it is no such line.
func readTolerance(line string) (tolerance float64, ok bool, err error) {
	var raw struct {
		Tolerance *float64 `json:"tolerance"`
		Q         *string  `json:"q"`
	}
	if json.Unmarshal([]byte(line), &raw) != nil || raw.Tolerance == nil {
		return 0, false, nil
	}
	if raw.Q != nil || *raw.Tolerance < 0 || *raw.Tolerance > 100 {
		return 0, false, errors.New(`tolerance is a line of its own with a number of percentage points: {"tolerance": 2}`)
	}
	return *raw.Tolerance, true, nil
}

// trial is what became of each of a list of questions, in their order.
type trial struct {
	outcomes []outcome
	got      []string // the reply, for people: its kind and passages
	replies  []bot.Reply
	good     int
}

// try asks every question. Its questions are drafts: nobody asked them, so
// they are in no figure and no journal.
func try(ctx context.Context, questions []labelled, answer bot.Handler, progress func(done, total int)) (trial, error) {
	var t trial
	for i, q := range questions {
		if err := ctx.Err(); err != nil {
			return trial{}, err
		}
		progress(i, len(questions))
		reply := answer(ctx, bot.Question{Text: q.text, Platform: "cli", Draft: true})
		o := q.judge(reply)
		t.outcomes = append(t.outcomes, o)
		t.got = append(t.got, shortly(reply))
		t.replies = append(t.replies, reply)
		if o.good(q.class) {
			t.good++
		}
	}
	progress(len(questions), len(questions))
	return t, nil
}

// shortly names a reply by its kind and the passages it shows.
func shortly(r bot.Reply) string {
	words := []string{r.Kind.String()}
	for _, m := range r.Matches {
		words = append(words, m.Passage.ID)
	}
	return strings.Join(words, " ")
}

// lapse is a golden question that is not answered as it should be.
type lapse struct {
	where  string // golden.jsonl:line
	line   int
	text   string
	got    string
	danger bool // and is one of a danger sign
}

// missed lists the lapses in a trial of the questions.
func (g *golden) missed(t trial) []lapse {
	var all []lapse
	for i, q := range g.questions {
		if !t.outcomes[i].good(q.class) {
			all = append(all, lapse{q.where, q.line, q.text, t.got[i], q.class == danger})
		}
	}
	return all
}

// judgement compares two trials of the same questions.
type judgement struct {
	Asked     int      `json:"asked"`
	Before    int      `json:"good_before"` // questions answered as they should be
	After     int      `json:"good_after"`
	Tolerance float64  `json:"tolerance"` // percentage points
	Better    []string `json:"better"`    // golden.jsonl:line: what changed
	Worse     []string `json:"worse"`
	refused   string   // why the change must not be served; empty: it may be
}

// compare judges the change from one trial to the other. A danger sign that
// was caught and is missed now is beyond every tolerance.
func (g *golden) compare(before, after trial) judgement {
	v := judgement{Asked: len(g.questions), Before: before.good, After: after.good, Tolerance: g.tolerance, Better: []string{}, Worse: []string{}}
	lost := 0
	for i, q := range g.questions {
		was, is := before.outcomes[i], after.outcomes[i]
		line := fmt.Sprintf("%s: %q was %s (%s), is %s (%s)", q.where, q.text, outcomeNames[was], before.got[i], outcomeNames[is], after.got[i])
		switch better := rank(is, q.class) - rank(was, q.class); {
		case better > 0:
			v.Better = append(v.Better, line)
		case better < 0:
			v.Worse = append(v.Worse, line)
			if q.class == danger {
				lost++
			}
		}
	}
	drop := 100 * float64(before.good-after.good) / float64(v.Asked)
	switch {
	case lost > 0:
		v.refused = fmt.Sprintf("%s would be missed that the content now serving catches", count(lost, "danger sign"))
	case drop > g.tolerance:
		v.refused = fmt.Sprintf("%d of %d golden questions were answered as they should be, and %d would be: %.1f points less, and %g are tolerated",
			v.Before, v.Asked, v.After, drop, g.tolerance)
	}
	return v
}

// rank orders what can become of a question of one class, worst first.
func rank(o outcome, c class) int {
	switch {
	case o.good(c):
		return 3
	case o == suggested:
		return 2
	case o == refused:
		return 1
	}
	return 0
}

// lintQuestions gives the questions with the passages that answer them; nil
// where there is no golden set.
func (g *golden) lintQuestions() []lint.Question {
	if g == nil {
		return nil
	}
	all := []lint.Question{}
	for _, q := range g.questions {
		if q.class == covered {
			all = append(all, lint.Question{Text: q.text, Passages: q.ids})
		}
	}
	return all
}
