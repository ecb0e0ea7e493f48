package main

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/knowledge"
)

func checkCommand(p process, source *contentSource) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "check [DIR]",
		Short: "Validates content: file, line, what is wrong and how to mend it",
		Long: "check reads the content in DIR, or the content that the other commands would use,\n" +
			"just as the bot does before it serves, and prints what is wrong with it.\n" +
			"Exit code 0: sound. 1: at least one fault. 2: there is nothing to read.",
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 1 {
				if args[0] == "" {
					return usage(errors.New("the name of the content folder is empty"), "Try: aftercare check my-guide")
				}
				source.dir = args[0]
			}
			return check(p, source, asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object with all findings")
	return cmd
}

// finding is one fault in the output of check --json.
type finding struct {
	File string `json:"file"`
	Line int    `json:"line"`
	What string `json:"what"`
	Mend string `json:"mend"`
}

// report is the output of check --json.
type report struct {
	Content   string    `json:"content"` // version; empty while there are errors
	Passages  int       `json:"passages"`
	Phrasings int       `json:"phrasings"`
	Declined  int       `json:"declined"`
	Errors    []finding `json:"errors"`
}

func check(p process, source *contentSource, asJSON bool) error {
	base, err := source.load()
	var problems knowledge.Problems
	if err != nil && !errors.As(err, &problems) {
		return err
	}
	found := report{Errors: []finding{}}
	for _, problem := range problems {
		found.Errors = append(found.Errors, finding{
			File: filepath.Join(source.folder(), filepath.FromSlash(problem.File)),
			Line: problem.Line, What: problem.What, Mend: problem.Mend,
		})
	}
	if len(problems) == 0 {
		if _, err := newEngine(base, bot.Options{Log: quiet}); err != nil {
			found.Errors = append(found.Errors, finding{File: source.name(), What: err.Error()})
		}
		found.Content = base.Hash()
		found.Passages, found.Declined = len(base.Passages()), len(base.Topics())
		for _, passage := range base.Passages() {
			found.Phrasings += len(passage.Phrasings)
		}
	}
	if asJSON {
		err = writeJSON(p.out, found, true)
	} else {
		err = found.print(p)
	}
	if err == nil && len(found.Errors) > 0 {
		return &failure{code: exitFailure}
	}
	return err
}

// print writes the findings the way compilers do, so that editors can jump to them.
func (r report) print(p process) error {
	for _, f := range r.Errors {
		where := f.File
		if f.Line > 0 {
			where = fmt.Sprintf("%s:%d", f.File, f.Line)
		}
		what := f.What
		if f.Mend != "" {
			what += "; " + f.Mend
		}
		if _, err := fmt.Fprintf(p.out, "%s: %s\n", where, what); err != nil {
			return err
		}
	}
	if n := len(r.Errors); n > 0 {
		_, err := fmt.Fprintf(p.out, "%s; this content would not be served\n", count(n, "error"))
		return err
	}
	_, err := fmt.Fprintf(p.out, "ok: %s, %s, %s, content version %s\n",
		count(r.Passages, "passage"), count(r.Phrasings, "phrasing"), count(r.Declined, "declined topic"), r.Content)
	return err
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
