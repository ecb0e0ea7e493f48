package console

import (
	"strings"
	"unicode"

	"golang.org/x/text/width"

	"github.com/aftercarebot/aftercare/bot"
)

// Style says how a reply looks on a terminal. The zero Style uses no colour.
type Style struct {
	Colour bool
}

const (
	bold  = "\x1b[1m"
	dim   = "\x1b[2m"
	alert = "\x1b[1;31m"
	plain = "\x1b[0m"

	// bar stands before every line of a safety card, so that the card looks
	// like nothing else without colour too.
	bar = "!! "
)

// Render gives the words of r.Plain, wrapped to columns, with titles, notes
// and safety cards set off. It ends without a line break. Control characters
// are left out, so that no content can speak to the terminal itself.
func (s Style) Render(r bot.Reply, columns int) string {
	if r.Card != nil {
		return s.renderUrgent(r, columns)
	}
	paragraphs := strings.Split(clean(r.Plain()), "\n\n")
	titles := map[string]bool{}
	for _, m := range r.Matches {
		titles[clean(m.Passage.Title)] = true
	}
	note := clean(r.Note)
	for i, p := range paragraphs {
		wrapped := Wrap(p, columns)
		switch {
		case titles[p] && r.Kind == bot.Answer:
			wrapped = s.set(bold, wrapped)
		case p == note || strings.HasPrefix(p, "From: "):
			wrapped = s.set(dim, wrapped)
		}
		paragraphs[i] = wrapped
	}
	return strings.Join(paragraphs, "\n\n")
}

// renderUrgent bars every line of the card, and nothing that follows it.
func (s Style) renderUrgent(r bot.Reply, columns int) string {
	alone := r
	alone.Matches, alone.Note = nil, ""
	card := alone.Plain()
	rest := strings.TrimSpace(strings.TrimPrefix(r.Plain(), card))
	rule := s.set(alert, strings.Repeat("!", max(min(columns, 60), len(bar))))
	lines := []string{rule}
	for line := range strings.SplitSeq(Wrap(clean(card), max(columns-len(bar), 20)), "\n") {
		lines = append(lines, s.set(alert, bar)+line)
	}
	lines = append(lines, rule)
	if rest != "" {
		lines = append(lines, "", Wrap(clean(rest), columns))
	}
	return strings.Join(lines, "\n")
}

// set puts text into a style, line by line, so that each line stands alone.
func (s Style) set(style, text string) string {
	if !s.Colour {
		return text
	}
	return style + strings.ReplaceAll(text, "\n", plain+"\n"+style) + plain
}

// clean removes control characters but line breaks, and makes a tab a space.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\t':
			return ' '
		case unicode.IsControl(r):
			return -1
		}
		return r
	}, text)
}

// Wrap breaks lines that are longer than columns at spaces. It changes and
// loses no word; a word longer than a line keeps a line of its own, for the
// terminal to break. List items hang: their further lines are indented as far
// as their text.
func Wrap(text string, columns int) string {
	var b strings.Builder
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			b.WriteByte('\n')
		}
		wrapLine(&b, line, columns)
	}
	return b.String()
}

func wrapLine(b *strings.Builder, line string, columns int) {
	if cells(line) <= columns {
		b.WriteString(line)
		return
	}
	indent := hang(line)
	if indent > columns/2 {
		indent = 0
	}
	lead := hang(line)
	b.WriteString(line[:lead])
	used, first := lead, true
	for word := range strings.SplitSeq(line[lead:], " ") {
		n := cells(word)
		if !first && used+1+n > columns {
			b.WriteString("\n" + strings.Repeat(" ", indent))
			used, first = indent, true
		}
		if !first {
			b.WriteByte(' ')
			used++
		}
		b.WriteString(word)
		used += n
		first = false
	}
}

// hang gives the column at which a list item's text begins, or the line's own indent.
func hang(line string) int {
	text := strings.TrimLeft(line, " ")
	indent := len(line) - len(text)
	if strings.HasPrefix(text, "- ") || strings.HasPrefix(text, "* ") {
		return indent + 2
	}
	digits := len(text) - len(strings.TrimLeft(text, "0123456789"))
	if digits > 0 && strings.HasPrefix(text[digits:], ". ") {
		return indent + digits + 2
	}
	return indent
}

// cells is the number of terminal columns that s takes.
func cells(s string) int {
	n := 0
	for _, r := range s {
		switch {
		case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		case width.LookupRune(r).Kind() == width.EastAsianWide, width.LookupRune(r).Kind() == width.EastAsianFullwidth:
			n += 2
		default:
			n++
		}
	}
	return n
}
