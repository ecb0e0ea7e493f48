package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/aftercarebot/aftercare/bot/store"
	"github.com/aftercarebot/aftercare/knowledge"
	"github.com/aftercarebot/aftercare/knowledge/language"
)

func gapsCommand(p process, source *contentSource) *cobra.Command {
	g := gapsReader{process: p, source: source}
	cmd := &cobra.Command{
		Use:   "gaps",
		Short: "Lists what people ask in vain",
		Long: "gaps reads the journal that serve --journal keeps and groups what could not be answered,\n" +
			"was declined, was only offered to pick from, or got a thumb down: most asked first, then\n" +
			"newest. A group is shown once enough different people asked, and of it only words that\n" +
			"as many used, so that nobody's own words are. The bot may be running meanwhile.\n\n" +
			"The journal keeps common English words and the content's, in alphabetical order: a brand\n" +
			"that the content does not name shows only with serve --journal-text.\n\n" +
			"--stub N prints what to add to the content for group N: phrasings for the passage that\n" +
			"came nearest, and a passage to write. --stub N --write adds the passage to the content\n" +
			"folder's gaps.md, which is not served until its text is written.",
		Example: "  aftercare gaps --store aftercare.db --days 7\n  aftercare gaps --store aftercare.db --stub 1",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return g.run(cmd.Context()) },
	}
	f := cmd.Flags()
	storeFlag(cmd, &g.url)
	f.IntVar(&g.people, "people", 3, "show what at least so many different `people` asked")
	f.IntVar(&g.days, "days", 0, "only of the last so many `days`; 0: all that is kept")
	f.IntVar(&g.limit, "limit", 30, "at most so many groups; 0: all")
	f.BoolVar(&g.json, "json", false, "print one JSON object")
	f.IntVar(&g.stub, "stub", 0, "print what to add to the content for this group")
	f.BoolVar(&g.write, "write", false, "with --stub: add the passage to gaps.md in the content folder")
	return cmd
}

// gapsReader is one run of gaps.
type gapsReader struct {
	process
	source              *contentSource
	url                 string
	people, days, limit int
	json, write         bool
	stub                int
}

// gap is one group in the output of gaps --json.
type gap struct {
	Words   []string       `json:"words"`
	Example string         `json:"example"`
	Texts   []string       `json:"texts"` // as asked; only with serve --journal-text
	Count   int            `json:"count"`
	People  int            `json:"people"`
	First   string         `json:"first"` // days
	Last    string         `json:"last"`
	Kinds   map[string]int `json:"kinds"`
	Passage string         `json:"passage"` // nearest; may be empty
	Topic   string         `json:"topic"`   // declined; may be empty
}

// thumbs are the thumbs on one passage in the output of gaps --json.
type thumbs struct {
	Passage string `json:"passage"`
	Up      int    `json:"up"`
	Down    int    `json:"down"`
}

func (g gapsReader) run(ctx context.Context) error {
	switch {
	case g.url == "":
		return usage(errors.New("no store is given, so there is no journal to read"), "Give the --store that serve --journal was given, or AFTERCARE_STORE.")
	case g.people < 1 || g.days < 0 || g.limit < 0 || g.stub < 0:
		return usage(errors.New("--people must be at least 1, and --days, --limit and --stub not negative"), "")
	case g.write && g.stub == 0:
		return usage(errors.New("--write is for --stub, which is not given"), "aftercare gaps lists the numbers.")
	}
	s, err := store.Open(ctx, g.url, store.Options{})
	if err != nil {
		return usage(err, "It is made by the first aftercare serve --store.")
	}
	defer s.Close()
	base, err := g.source.load()
	if err != nil {
		return err
	}
	q := store.GapQuery{K: g.people, Limit: max(g.limit, g.stub), Subject: language.Words(language.Normalise(base.Wording().About))}
	if g.limit == 0 {
		q.Limit = 0
	}
	var since time.Time
	if g.days > 0 {
		since = time.Now().AddDate(0, 0, 1-g.days)
	}
	q.Since = since
	found, err := s.Gaps(ctx, q)
	if err != nil {
		return err
	}
	if g.stub > 0 {
		if g.stub > len(found) {
			return usage(fmt.Errorf("there is no group %d", g.stub), "aftercare gaps lists the numbers.")
		}
		return g.printStub(base, found[g.stub-1])
	}
	judged, err := s.Thumbs(ctx, since)
	if err != nil {
		return err
	}
	judged = slices.DeleteFunc(judged, func(t store.Thumbs) bool { return t.Up+t.Down < g.people })
	if g.json {
		return g.printJSON(found, judged)
	}
	return g.print(base, found, judged)
}

func (g gapsReader) printJSON(found []store.Gap, judged []store.Thumbs) error {
	out := struct {
		Gaps   []gap    `json:"gaps"`
		Thumbs []thumbs `json:"thumbs"`
	}{[]gap{}, []thumbs{}}
	for _, f := range found {
		out.Gaps = append(out.Gaps, gap{
			Words: append([]string{}, f.Words...), Example: f.Example, Texts: append([]string{}, f.Texts...), Count: f.Count, People: f.Askers,
			First: f.First.Format(time.DateOnly), Last: f.Last.Format(time.DateOnly), Kinds: f.Kinds, Passage: f.Passage, Topic: f.Topic,
		})
	}
	for _, t := range judged {
		out.Thumbs = append(out.Thumbs, thumbs{t.Passage, t.Up, t.Down})
	}
	return writeJSON(g.out, out, true)
}

// kindsInWords says what became of a question.
var kindsInWords = map[string]string{
	"unknown": "not known", "declined": "declined by name", "suggest": "only offered passages", "answer": "answered, thumb down",
}

func (g gapsReader) print(base *knowledge.Base, found []store.Gap, judged []store.Thumbs) error {
	var b strings.Builder
	if len(found) == 0 {
		fmt.Fprintf(&b, "Nothing that %d different people asked in vain.\n", g.people)
	}
	for i, f := range found {
		subject := strings.Join(f.Words[:min(len(f.Words), 8)], ", ")
		if f.Topic != "" {
			subject = f.Topic
		}
		fmt.Fprintf(&b, "%d. %s: %s by %d people, %s\n", i+1, subject, count(f.Count, "question"), f.Askers, days(f))
		for _, kind := range slices.Sorted(maps.Keys(f.Kinds)) {
			fmt.Fprintf(&b, "   %d %s\n", f.Kinds[kind], kindsInWords[kind])
		}
		if len(f.Texts) > 0 {
			for _, text := range f.Texts {
				fmt.Fprintf(&b, "   asked: %q\n", text)
			}
		} else if f.Example != "" {
			fmt.Fprintf(&b, "   for example: %s\n", f.Example)
		}
		if p, ok := base.Passage(f.Passage); ok {
			fmt.Fprintf(&b, "   nearest: %s, %q\n", p.ID, p.Title)
		}
	}
	if len(judged) > 0 {
		b.WriteString("\nThumbs, by passage:\n")
		for _, t := range judged {
			fmt.Fprintf(&b, "   %d down, %d up: %s\n", t.Down, t.Up, t.Passage)
		}
	}
	if len(found) > 0 {
		b.WriteString("\naftercare gaps --stub N prints what to add for one of them.\n")
	}
	_, err := io.WriteString(g.out, b.String())
	return err
}

func days(f store.Gap) string {
	if f.First.Equal(f.Last) {
		return "on " + f.Last.Format(time.DateOnly)
	}
	return f.First.Format(time.DateOnly) + " to " + f.Last.Format(time.DateOnly)
}

// printStub prints phrasings for the nearest passage and a passage to write.
func (g gapsReader) printStub(base *knowledge.Base, f store.Gap) error {
	asked := f.Texts
	if len(asked) == 0 && f.Example != "" {
		asked = []string{f.Example}
	}
	if len(asked) == 0 {
		asked = []string{f.Topic}
	}
	s := stubOf(asked...)
	if g.write {
		if g.source.folder() == "" {
			return usage(errors.New("the embedded content cannot be added to"), "Give the folder with --content.")
		}
		return addStub(g.process, g.source, "gaps.md", s)
	}
	var b strings.Builder
	if p, ok := base.Passage(f.Passage); ok {
		fmt.Fprintf(&b, "# If %q answers it, add to a YAML file:\n\nphrasings:\n  %s:\n", p.Title, p.ID)
		for _, text := range s.phrasings {
			fmt.Fprintf(&b, "    - %q\n", text)
		}
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "# If the guide is to answer it, add to a Markdown file, with the text under the heading:\n\n%s", s)
	_, err := io.WriteString(g.out, b.String())
	return err
}
