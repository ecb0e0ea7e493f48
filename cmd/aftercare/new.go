package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/aftercarebot/aftercare/knowledge"
	"github.com/aftercarebot/aftercare/knowledge/language"
)

func newCommand(p process, source *contentSource) *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "new QUESTION",
		Short: "Begins a passage for a question",
		Long: "new adds a passage without text at the end of a Markdown file of the content folder:\n" +
			"heading, anchor and phrasings are there, and what is missing is the answer. Until\n" +
			"somebody writes it, check names the place and the content is not served, so no stub\n" +
			"can be sent by accident. Without --content the stub is printed.",
		Example: `  aftercare new --content my-guide "Can I bring my dog?"`,
		Args:    cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return addStub(p, source, file, stubOf(strings.Join(args, " ")))
		},
	}
	cmd.Flags().StringVar(&file, "file", "faq.md", "Markdown file below the content folder; made if it is not there")
	return cmd
}

// stub is a passage without text.
type stub struct {
	title     string
	phrasings []string
}

// stubOf makes a stub for questions, the first of which names it. They may be
// anybody's: each becomes one line that can neither end the block of phrasings
// nor act on a terminal.
func stubOf(questions ...string) stub {
	phrasings := make([]string, len(questions))
	for i, question := range questions {
		phrasings[i] = oneLine(question)
	}
	title := strings.TrimSpace(strings.NewReplacer("{", "", "}", "", "#", "", "*", "", "[", "", "]", "", "<", "", ">", "").Replace(phrasings[0]))
	if r := []rune(title); len(r) > 0 {
		title = strings.ToUpper(string(r[:1])) + string(r[1:])
	}
	return stub{title: title, phrasings: phrasings}
}

// oneLine gives a question without line breaks, control characters and
// backticks, of which fences are made.
func oneLine(question string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == '`', unicode.In(r, unicode.Cc, unicode.Cf):
			return -1
		}
		return r
	}, question)), " ")
}

// anchor makes a short name of the title: at most six words.
func (s stub) anchor() string {
	var parts []string
	for _, w := range language.Words(language.Normalise(s.title)) {
		w = strings.Map(func(r rune) rune {
			if 'a' <= r && r <= 'z' || '0' <= r && r <= '9' {
				return r
			}
			return -1
		}, w)
		if w != "" && len(parts) < 6 {
			parts = append(parts, w)
		}
	}
	if len(parts) == 0 {
		return "new-passage"
	}
	return strings.Join(parts, "-")
}

// String gives the passage in Markdown.
func (s stub) String() string {
	return fmt.Sprintf("## %s {#%s}\n\n%s\n\n```phrasings\n%s\n```\n", s.title, s.anchor(), knowledge.ToBeWritten, strings.Join(s.phrasings, "\n"))
}

func addStub(p process, source *contentSource, file string, s stub) error {
	if strings.TrimSpace(s.title) == "" {
		return usage(errors.New("the question is empty"), `Try: aftercare new --content my-guide "Can I bring my dog?"`)
	}
	dir := source.folder()
	if dir == "" {
		_, err := io.WriteString(p.out, s.String())
		return err
	}
	if filepath.Ext(file) != ".md" || !filepath.IsLocal(file) {
		return usage(fmt.Errorf("--file %s is no Markdown file below the content folder", file), "Give a name such as faq.md.")
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return usage(fmt.Errorf("content %s: %w", dir, err), "aftercare init DIR writes a folder to start from.")
	}
	defer root.Close()
	line, err := appendTo(root, filepath.ToSlash(file), s.String())
	if err != nil {
		return fmt.Errorf("add the passage: %w", err)
	}
	where := filepath.Join(dir, filepath.FromSlash(file))
	_, err = fmt.Fprintf(p.out, "%s:%d: write the answer in place of the comment, and a golden question for it:\n{\"q\": %q, \"ids\": [%q]}\n",
		where, line, s.phrasings[0], strings.TrimSuffix(filepath.ToSlash(file), ".md")+"/"+s.anchor())
	return err
}

// appendTo adds text to the end of a file, behind a blank line, and gives the
// line that it begins in.
func appendTo(root *os.Root, name, text string) (line int, err error) {
	old, err := root.ReadFile(name)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return 0, err
	}
	before := ""
	switch {
	case len(old) == 0:
	case !strings.HasSuffix(string(old), "\n"):
		before = "\n\n"
	default:
		before = "\n"
	}
	file, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	_, err = file.WriteString(before + text)
	return strings.Count(string(old)+before, "\n") + 1, err
}
