package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/knowledge"
	"github.com/aftercarebot/aftercare/knowledge/lint"
)

func checkCommand(p process, source *contentSource) *cobra.Command {
	c := checker{process: p, source: source}
	cmd := &cobra.Command{
		Use:   "check [DIR]",
		Short: "Validates content: file, line, what is wrong and how to mend it",
		Long: "check reads the content in DIR, or the content that the other commands would use,\n" +
			"just as the bot does before it serves, and prints what is wrong with it.\n" +
			"Of sound content it also says what readers or the search will stumble over:\n" +
			"warnings, and notes on what needs no mending, with the name of their rule.\n\n" + rules + "\n" +
			"Exit code 0: sound, perhaps with warnings. 1: at least one error, or with --strict a\n" +
			"warning. 2: there is nothing to read.",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				if args[0] == "" {
					return usage(errors.New("the name of the content folder is empty"), "Try: aftercare check my-guide")
				}
				source.dir = args[0]
			}
			if !cmd.Flags().Changed("quick") {
				c.quick = source.folder() == "" // it was checked when this program was built
			}
			return c.check(cmd.Context())
		},
	}
	cmd.Flags().BoolVar(&c.json, "json", false, "print one JSON object with all findings")
	cmd.Flags().BoolVar(&c.strict, "strict", false, "take warnings for errors")
	cmd.Flags().BoolVar(&c.quick, "quick", false, "ask neither phrasings nor golden questions; default only for the embedded content")
	return cmd
}

// rules explains the names of check's warnings and notes.
const rules = `  built-in-talk    there is no small talk, so built-in replies stand in
  danger-signs     a complete safety section without signs or messages that are built in
  duplicate        one question under two passages, or a passage and a declined topic
  few-phrasings    more phrasings would help
  furniture        footnote marks, page numbers, "share this"
  golden           a golden question is not answered as its label says
  link             an address that is not https
  lost-phrasing    a passage's own phrasing finds something else
  mark-up          Markdown or HTML that people would see as written
  near-duplicate   a duplicate but for a word or two
  no-golden        there are no golden questions (` + goldenName + `; the README tells of them)
  not-asked        no golden question is about a passage, or none finds it
  not-read         a file that is no content
  odd-range        24–74 hours, where 24–72 is likely meant
  review           no review date, or one that has passed
  time-spans       two passages give different times for the same thing
  too-long         a passage does not fit into one message of a platform
  unwritten        a passage without a text yet, which is not served
`

// checker is one run of check.
type checker struct {
	process
	source              *contentSource
	json, strict, quick bool
}

// finding is one fault in the output of check --json.
type finding struct {
	File string `json:"file"`
	Line int    `json:"line"`
	What string `json:"what"`
	Mend string `json:"mend"`
	Rule string `json:"rule,omitempty"` // of a warning or note
}

// report is the output of check --json.
type report struct {
	Content   string    `json:"content"` // version; empty while there are errors
	Passages  int       `json:"passages"`
	Phrasings int       `json:"phrasings"`
	Declined  int       `json:"declined"`
	Errors    []finding `json:"errors"`
	Warnings  []finding `json:"warnings"`
	Notes     []finding `json:"notes"` // what the content says that it knows of
	golden    bool      // the errors are of the golden questions
}

func (c checker) check(ctx context.Context) error {
	base, err := c.source.load()
	var problems knowledge.Problems
	if err != nil && !errors.As(err, &problems) {
		return err
	}
	found := report{Errors: []finding{}, Warnings: []finding{}, Notes: []finding{}}
	if len(problems) == 0 {
		if problems, err = c.lint(ctx, base, &found); err != nil {
			return err
		}
	}
	for _, p := range problems {
		found.Errors = append(found.Errors, finding{File: c.path(p.File), Line: p.Line, What: p.What, Mend: p.Mend})
	}
	if c.json {
		err = writeJSON(c.out, found, true)
	} else {
		err = found.print(c.process)
	}
	if err == nil && (len(found.Errors) > 0 || c.strict && len(found.Warnings) > 0) {
		return &failure{code: exitFailure}
	}
	return err
}

// path gives a content file's name as the operator would type it.
func (c checker) path(file string) string {
	return filepath.Join(c.source.folder(), filepath.FromSlash(file))
}

// lint fills in what there is to say of valid content. What it gives back
// keeps the content from being served all the same.
func (c checker) lint(ctx context.Context, base *knowledge.Base, found *report) (knowledge.Problems, error) {
	engine, err := newEngine(base, bot.Options{Log: quiet})
	if err != nil {
		return knowledge.Problems{{What: err.Error()}}, nil
	}
	found.Content = base.Hash()
	found.Passages, found.Declined = len(base.Passages()), len(base.Topics())
	for _, passage := range base.Passages() {
		found.Phrasings += len(passage.Phrasings)
	}
	files, done, err := c.source.files()
	if err != nil {
		return nil, err
	}
	defer done()
	g, err := readGolden(files, base)
	var problems knowledge.Problems
	if errors.As(err, &problems) {
		found.golden = true
		return problems, nil
	}
	o := lint.Options{Today: time.Now(), Golden: g.lintQuestions()}
	if !c.quick {
		o.Search, o.Progress = engine.index, progressOn(c.err)
		if err := c.askGolden(ctx, g, engine.bot, found); err != nil {
			return nil, err
		}
	}
	findings, err := lint.Check(ctx, base, o)
	if err != nil {
		return nil, err
	}
	if g == nil {
		found.Warnings = append(found.Warnings, finding{File: c.path(goldenName), Rule: "no-golden",
			What: "there is none, so nothing notices when a change makes answers worse", Mend: "aftercare init writes one to start from"})
	}
	if note, ok := fewPhrasings(base.Passages(), found.Phrasings); ok {
		note.File = c.path(note.File)
		found.Notes = append(found.Notes, note)
	}
	unread, err := knowledge.Unread(files)
	if err != nil {
		return nil, err
	}
	for _, name := range unread {
		if name != goldenName {
			found.Notes = append(found.Notes, finding{File: c.path(name), Rule: "not-read",
				What: "is not read", Mend: "content is in files .md, .yaml and .yml, and golden questions in " + goldenName + "; move what is neither elsewhere"})
		}
	}
	if len(base.CommonTalk()) > 0 {
		found.Notes = append(found.Notes, finding{File: c.path("smalltalk.yaml"), Rule: "built-in-talk",
			What: "there is none, so greetings, thanks and the like get built-in replies", Mend: "write your own small talk, or an empty file if you want none"})
	}
	for _, f := range findings {
		list := &found.Warnings
		if f.Known {
			list = &found.Notes
		}
		*list = append(*list, finding{File: c.path(f.File), Line: f.Line, What: f.What, Mend: f.Mend, Rule: f.Rule})
	}
	return nil, nil
}

// askGolden warns of golden questions that are not answered as their labels say.
func (c checker) askGolden(ctx context.Context, g *golden, b *bot.Bot, found *report) error {
	if g == nil {
		return nil
	}
	t, err := try(ctx, g.questions, b.Answer, progressOn(c.err))
	if err != nil {
		return err
	}
	for _, m := range g.missed(t) {
		what := fmt.Sprintf("%q is not answered as its label says: got %s", m.text, m.got)
		if m.danger {
			what = fmt.Sprintf("%q gets no safety card: got %s", m.text, m.got)
		}
		found.Warnings = append(found.Warnings, finding{File: c.path(goldenName), Line: m.line, Rule: "golden", What: what,
			Mend: "aftercare ask --explain shows why; mend the content, or the label"})
	}
	return nil
}

// enoughPhrasings is how many each passage has on average where people are
// understood well; the README advises it.
const enoughPhrasings = 30

// fewPhrasings notes that more phrasings than these would help, at the passage
// with the fewest.
func fewPhrasings(passages []knowledge.Passage, phrasings int) (note finding, few bool) {
	p := slices.MinFunc(passages, func(a, b knowledge.Passage) int { return cmp.Compare(len(a.Phrasings), len(b.Phrasings)) })
	return finding{File: p.File, Line: p.Line, Rule: "few-phrasings",
		What: fmt.Sprintf("passage %q has the fewest phrasings, %d; on average there are %d", p.ID, len(p.Phrasings), phrasings/len(passages)),
		Mend: fmt.Sprintf("with about %d each, far more questions are understood", enoughPhrasings)}, phrasings < enoughPhrasings*len(passages)
}

// print writes the findings the way compilers do, so that editors can jump to them.
func (r report) print(p process) error {
	for _, list := range []struct {
		what  string
		found []finding
	}{{"", r.Errors}, {"warning: ", r.Warnings}, {"note: ", r.Notes}} {
		for _, f := range list.found {
			if _, err := fmt.Fprintln(p.out, f.String(list.what)); err != nil {
				return err
			}
		}
	}
	if n := len(r.Errors); n > 0 {
		consequence := "this content would not be served"
		if r.golden {
			consequence = "a bot that serves would not take this content"
		}
		_, err := fmt.Fprintf(p.out, "%s; %s\n", count(n, "error"), consequence)
		return err
	}
	if n := len(r.Warnings); n > 0 {
		fmt.Fprintln(p.out, count(n, "warning"))
	}
	_, err := fmt.Fprintf(p.out, "ok: %s, %s, %s, content version %s\n",
		count(r.Passages, "passage"), count(r.Phrasings, "phrasing"), count(r.Declined, "declined topic"), r.Content)
	return err
}

// String gives "file:line: severity: what; mend [rule]".
func (f finding) String(severity string) string {
	var b strings.Builder
	b.WriteString(f.File)
	if f.Line > 0 {
		fmt.Fprintf(&b, ":%d", f.Line)
	}
	fmt.Fprintf(&b, ": %s%s", severity, f.What)
	if f.Mend != "" {
		b.WriteString("; " + f.Mend)
	}
	if f.Rule != "" {
		fmt.Fprintf(&b, " [%s]", f.Rule)
	}
	return b.String()
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
