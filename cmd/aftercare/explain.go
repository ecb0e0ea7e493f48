package main

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/index"
)

// explainReply shows how a question was read, what competed for it and why
// the best of them did or did not become the reply.
func (a asker) explainReply(ctx context.Context, question string, r bot.Reply) error {
	x, err := a.index.Explain(ctx, question)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "\n--- why: %s\n", because(r, x))
	if r.Card != nil {
		for _, reason := range r.Reasons {
			fmt.Fprintln(&b, "danger sign: "+reason)
		}
	}
	facts := [][2]string{
		{"read as", x.Read},
		{"spelling corrected", strings.Join(x.Corrected, ", ")},
		{"not known to the content", strings.Join(x.Unknown, ", ")},
	}
	for _, f := range facts {
		if f[1] != "" {
			fmt.Fprintf(&b, "%s: %s\n", f[0], f[1])
		}
	}
	if len(x.Rows) > 0 {
		candidates(&b, x.Rows)
		signals(&b, x.Rows)
	}
	if len(x.Gate) > 0 {
		confidence(&b, x)
	}
	_, err = a.out.Write(b.Bytes())
	return err
}

// because says which rule made the reply.
func because(r bot.Reply, x index.Explanation) string {
	switch {
	case r.Kind == bot.Urgent && len(r.Matches) == 0:
		return "urgent: a danger sign comes before any search"
	case r.Kind == bot.Urgent:
		return "urgent: perhaps a danger sign, so the card comes first and the passage after it"
	case r.Kind == bot.Greeting && !foundTalk(x):
		return "greeting: " + strings.Join(r.Reasons, "; ") + "; what follows is what a search would have found"
	case r.Kind == bot.Answer && r.Topic != "":
		return "answer: of one part; another, on " + r.Topic + ", is not covered"
	case len(x.Rows) == 0:
		return r.Kind.String() + ": the message holds no word to search with"
	case strings.HasPrefix(x.Rows[0].Name, "passage "):
		return fmt.Sprintf("%s: confidence %.2f; %.2f answers, %.2f offers passages to pick from", r.Kind, x.Confidence, bot.AnswerAt, bot.SuggestAt)
	}
	return fmt.Sprintf("%s: %s came first, with %.2f; %.2f names a declined topic", r.Kind, x.Rows[0].Name, x.Confidence, bot.DeclineAt)
}

// foundTalk reports whether small talk of the content's own came first.
func foundTalk(x index.Explanation) bool {
	return len(x.Rows) > 0 && strings.HasPrefix(x.Rows[0].Name, "small talk ")
}

// candidates is a table of what competed, with the words that each accounts for.
func candidates(b *bytes.Buffer, rows []index.Standing) {
	t := newTable(b)
	t.row("", "candidate", "chance", "matched", "not matched", "nearest phrasing", "behind the first")
	for i, row := range rows {
		t.row(fmt.Sprint(i+1), row.Name, fmt.Sprintf("%.2f", row.Probability),
			strings.Join(row.Matched, " "), strings.Join(row.Missing, " "), clip(row.Nearest, 48), row.Lost)
	}
	t.end()
}

// clip shortens a phrasing that is a whole story.
func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

// signals is a table of what each signal adds to each candidate's standing.
func signals(b *bytes.Buffer, rows []index.Standing) {
	var names []string
	for _, row := range rows {
		for _, s := range row.Signals {
			if !slices.Contains(names, s.Name) {
				names = append(names, s.Name)
			}
		}
	}
	t := newTable(b)
	head := []string{"", "signal (weight × value)"}
	for i := range rows {
		head = append(head, fmt.Sprint(i+1))
	}
	t.row(head...)
	for _, name := range names {
		line := []string{"", name}
		for _, row := range rows {
			cell := "·"
			if i := slices.IndexFunc(row.Signals, func(s index.Signal) bool { return s.Name == name }); i >= 0 {
				cell = fmt.Sprintf("%+.2f", row.Signals[i].Weight*row.Signals[i].Value)
			}
			line = append(line, cell)
		}
		t.row(line...)
	}
	t.end()
}

// confidence is a table of what the confidence of the first rests on.
func confidence(b *bytes.Buffer, x index.Explanation) {
	t := newTable(b)
	t.row("", "confidence of 1", "value", "weight", "adds")
	for _, s := range x.Gate {
		if s.Value != 0 {
			t.row("", s.Name, fmt.Sprintf("%.2f", s.Value), fmt.Sprintf("%.2f", s.Weight), fmt.Sprintf("%+.2f", s.Weight*s.Value))
		}
	}
	together := x.Confidence
	if x.Beyond != "" {
		together = x.Alone
	}
	t.row("", "together", "", "", fmt.Sprintf("%.2f", together))
	t.end()
	if x.Beyond != "" {
		fmt.Fprintf(b, "  less, as %s: %.2f\n", x.Beyond, x.Confidence)
	}
}

// columnTable aligns rows of cells.
type columnTable struct{ w *tabwriter.Writer }

func newTable(b *bytes.Buffer) columnTable {
	b.WriteByte('\n')
	return columnTable{tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)}
}

// row writes one line. The buffer behind it cannot fail.
func (t columnTable) row(cells ...string) {
	for i, c := range cells {
		if c == "" && i > 0 {
			cells[i] = "–"
		}
	}
	fmt.Fprintln(t.w, strings.Join(cells, "\t"))
}

func (t columnTable) end() { t.w.Flush() }
