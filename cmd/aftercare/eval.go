package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/aftercarebot/aftercare/bot"
)

func evalCommand(p process, source *contentSource) *cobra.Command {
	e := evaluator{process: p, source: source, bounds: qualityBounds()}
	cmd := &cobra.Command{
		Use:   "eval FILE...",
		Short: "Asks labelled questions and reports how good the answers are",
		Long: "eval asks every question of the files, one JSON object a line, each by itself:\n" +
			`  {"q": "…", "ids": ["best", "also right"], "kind": "typo"}   a covered question` + "\n" +
			`  {"q": "…", "ids": []}                                       one that the content does not cover` + "\n" +
			`  {"q": "…", "urgent": true}                                  a danger sign; false: a look-alike` + "\n" +
			"kind (or why) may be left out; it only groups the figures. What is counted:\n" +
			"  right        the first passage of the answer is one of ids\n" +
			"  suggested    passages are offered to pick from, and one of them is\n" +
			"  wrong        the first passage of the answer is none of ids\n" +
			"  refused      every other reply\n" +
			"Exit code 1: a figure is beyond a bound that a flag sets. 2: a file cannot be used.",
		Example: "  aftercare eval --min-right 95 --max-wrong 2 --max-answered 5 questions.jsonl",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, files []string) error {
			for i := range e.bounds {
				e.bounds[i].set = cmd.Flags().Changed(e.bounds[i].flag)
			}
			return e.run(cmd.Context(), files)
		},
	}
	cmd.Flags().BoolVar(&e.json, "json", false, "print one JSON object")
	cmd.Flags().BoolVar(&e.misses, "misses", false, "list every question that went wrong, and how")
	cmd.Flags().StringVar(&e.compare, "compare", "", "folder with another `content`: list what is better and what is worse than there")
	for i := range e.bounds {
		e.bounds[i].register(cmd)
	}
	return cmd
}

// bound is a figure that must not be lower, or higher, than a percentage.
type bound struct {
	flag    string
	least   bool // the figure must be at least percent; else at most
	class   class
	outcome outcome
	percent float64
	set     bool // by a flag
}

func qualityBounds() []bound {
	return []bound{
		{flag: "min-right", least: true, class: covered, outcome: right},
		{flag: "max-wrong", class: covered, outcome: wrong},
		{flag: "max-answered", class: uncovered, outcome: answered},
		{flag: "min-caught", least: true, class: danger, outcome: caught},
		{flag: "max-alarms", class: lookalike, outcome: carded},
	}
}

// what names the figure: "covered questions: right".
func (b bound) what() string { return tables[b.class].title + ": " + outcomeNames[b.outcome] }

func (b *bound) register(cmd *cobra.Command) {
	side := "most"
	if b.least {
		side = "least"
	}
	cmd.Flags().Float64Var(&b.percent, b.flag, 0, fmt.Sprintf("%s, at %s this `percent`", b.what(), side))
}

// check gives a sentence if the figure is beyond the bound, else "".
func (b bound) check(s scores) string {
	got := s.all[b.class].share(b.outcome)
	switch {
	case !b.set || got.whole == 0:
		return ""
	case b.least && got.percent() < b.percent:
		return fmt.Sprintf("%s %s, want at least %g%%", b.what(), got, b.percent)
	case !b.least && got.percent() > b.percent:
		return fmt.Sprintf("%s %s, want at most %g%%", b.what(), got, b.percent)
	}
	return ""
}

// evaluator asks labelled questions and reports.
type evaluator struct {
	process
	source       *contentSource
	json, misses bool
	compare      string // folder of another content
	bounds       []bound
}

func (e evaluator) run(ctx context.Context, files []string) error {
	base, err := e.source.load()
	if err != nil {
		return err
	}
	var questions []labelled
	for _, file := range files {
		more, err := readLabels(file, base)
		if err != nil {
			return usage(err, "aftercare eval --help shows what a line looks like.")
		}
		questions = append(questions, more...)
	}
	for _, b := range e.bounds {
		if b.set && (b.percent < 0 || b.percent > 100) {
			return usage(fmt.Errorf("--%s %g is not a percentage", b.flag, b.percent), "Give a number from 0 to 100.")
		}
		if b.set && !asks(questions, b.class) {
			return usage(fmt.Errorf("--%s is set, but no file holds %s", b.flag, tables[b.class].title), "Add such questions, or leave the flag out.")
		}
	}
	engine, err := newEngine(base, bot.Options{Log: quiet})
	if err != nil {
		return err
	}
	var s scores
	misses := []miss{}
	here, err := try(ctx, questions, engine.bot.Answer, progressOn(e.err))
	if err != nil {
		return err
	}
	for i, q := range questions {
		s.add(q, here.outcomes[i])
		if !here.outcomes[i].good(q.class) {
			misses = append(misses, missOf(q, here.outcomes[i], here.replies[i]))
		}
	}
	var compared *comparison
	if e.compare != "" {
		if compared, err = e.compareWith(ctx, e.compare, questions, here); err != nil {
			return err
		}
	}
	if err := e.report(base.Hash(), s, misses, compared); err != nil {
		return err
	}
	return e.judge(s)
}

func asks(questions []labelled, c class) bool {
	for _, q := range questions {
		if q.class == c {
			return true
		}
	}
	return false
}

// miss is a question whose reply was not as its label wants it.
type miss struct {
	Where    string   `json:"where"` // file:line
	Question string   `json:"question"`
	Kind     string   `json:"kind"` // of the question
	Outcome  string   `json:"outcome"`
	Want     []string `json:"want"`  // passages that answer it
	Reply    string   `json:"reply"` // kind of the reply
	Got      []string `json:"got"`   // passages of the reply
}

func missOf(q labelled, o outcome, r bot.Reply) miss {
	m := miss{Where: q.where, Question: q.text, Kind: q.kind, Outcome: outcomeNames[o], Want: q.ids, Reply: r.Kind.String(), Got: []string{}}
	if m.Want == nil {
		m.Want = []string{}
	}
	for _, match := range r.Matches {
		m.Got = append(m.Got, match.Passage.ID)
	}
	return m
}

// String gives one line for people.
func (m miss) String() string {
	line := fmt.Sprintf("%s: %s: %q: got %s", m.Where, m.Outcome, m.Question, strings.Join(append([]string{m.Reply}, m.Got...), " "))
	if len(m.Want) > 0 {
		line += ", want " + strings.Join(m.Want, " or ")
	}
	return line
}

func (e evaluator) report(version string, s scores, misses []miss, compared *comparison) error {
	if e.json {
		out := s.json()
		out["content"] = version
		if e.misses {
			out["misses"] = misses
		}
		if compared != nil {
			out["compared"] = compared
		}
		return writeJSON(e.out, out, true)
	}
	if e.misses {
		for _, m := range misses {
			if _, err := fmt.Fprintln(e.out, m); err != nil {
				return err
			}
		}
		if len(misses) > 0 {
			fmt.Fprintln(e.out)
		}
	}
	if err := s.print(e.out); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(e.out, "content version %s\n", version); err != nil || compared == nil {
		return err
	}
	return compared.print(e.out)
}

// judge gives an error that names every figure beyond its bound.
func (e evaluator) judge(s scores) error {
	var beyond []string
	for _, b := range e.bounds {
		if sentence := b.check(s); sentence != "" {
			beyond = append(beyond, sentence)
		}
	}
	if len(beyond) == 0 {
		return nil
	}
	return &failure{code: exitFailure, err: errors.New(strings.Join(beyond, "; "))}
}
