package knowledge

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"github.com/aftercarebot/aftercare/knowledge/language"
)

var anchorForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

const anchorHint = "write it as: ## Heading {#short-name}, with small letters, digits and hyphens"

// section is a heading of a Markdown file and the bytes under it.
type section struct {
	level      int
	title      string
	anchor     string
	line       int
	from, to   int      // bytes of the file, heading excluded
	textLine   int      // line of the first that is not empty under the heading
	phrasings  []string // of the fenced block at its end, if any
	phrasedAt  []int    // lines of phrasings
	blockLine  int
	unclosed   bool // the block goes on to the end of the file, or over what is no phrasing
	afterBlock bool // text follows the block
}

// markdown reads one guide: each heading below the first level is a passage.
func (l *loader) markdown(file string, data []byte) {
	front, body, bodyLine := l.frontMatter(file, data)
	source, ok := l.source(file, front)
	if !ok {
		return
	}
	if line := containers(body); line > 0 {
		l.problems.add(file, bodyLine+line-1, "is nested too deeply", fmt.Sprintf("use at most %d quotation or list marks in a row", maxNesting))
		return
	}
	lineAt := lineCounter(body, bodyLine)
	sections, before := sectionsOf(body, lineAt)
	for _, line := range before {
		l.problems.add(file, line, "text that belongs to no passage", "put it under a heading with an anchor; "+anchorHint)
		break
	}
	passages := 0
	for _, s := range sections {
		if s.level == 1 {
			if source.Title == "" {
				source.Title = s.title
			}
			if strings.TrimSpace(string(body[s.from:s.to])) != "" {
				l.problems.add(file, s.line, "text under the title belongs to no passage", "put it under a heading of the second level; "+anchorHint)
			}
			continue
		}
		passages++
		l.passage(file, body, s, source)
	}
	if passages == 0 {
		l.problems.add(file, 0, "holds no passage", anchorHint)
	}
}

// ToBeWritten in place of a passage's text keeps it from being served until
// there is one.
const ToBeWritten = "<!-- to be written -->"

func (l *loader) passage(file string, body []byte, s section, source Source) {
	switch {
	case s.anchor == "":
		l.problems.add(file, s.line, fmt.Sprintf("heading %q has no anchor", s.title), anchorHint)
		return
	case !anchorForm.MatchString(s.anchor):
		l.problems.add(file, s.line, fmt.Sprintf("anchor %q is not well formed", s.anchor), anchorHint)
		return
	case len(s.title) > maxTitle:
		l.problems.add(file, s.line, fmt.Sprintf("heading of %d bytes", len(s.title)), "write a title that fits into one line, and the rest below it")
		return
	case s.title == "":
		l.problems.add(file, s.line, "heading has no words", "write the passage's title before the anchor")
		return
	case s.unclosed:
		l.problems.add(file, s.blockLine, "the phrasings block is never closed", "write a line of three backquotes, ```, behind the last phrasing")
		return
	case s.afterBlock:
		l.problems.add(file, s.blockLine, "text follows the phrasings", "put the phrasings block at the end of the passage")
		return
	}
	words := strings.Trim(string(body[s.from:s.to]), "\n")
	if strings.TrimSpace(words) == "" {
		l.problems.add(file, s.line, fmt.Sprintf("passage %q is empty", s.title), "write its text below the heading, or remove the heading")
		return
	}
	if line, found := strayFence(words); found != "" {
		l.problems.add(file, s.textLine+line, fmt.Sprintf("%q begins no phrasings block, so its lines would be sent to people", found),
			"did you mean ```phrasings, at the beginning of the line?")
		return
	}
	id := strings.TrimSuffix(file, ".md") + "/" + s.anchor
	if !l.define("passage", id, file, s.line) {
		return
	}
	p := Passage{
		ID: id, Title: s.title, Text: words, Phrasings: s.phrasings,
		Source: source, File: file, Line: s.line, TextLine: s.textLine,
	}
	if strings.TrimSpace(words) == ToBeWritten {
		l.base.unwritten = append(l.base.unwritten, p)
		return
	}
	l.base.byID[id] = len(l.base.passages)
	l.base.passages = append(l.base.passages, p)
	for _, line := range s.phrasedAt {
		l.phrasedAt[id] = append(l.phrasedAt[id], place{file, line})
	}
}

// blocks finds headings and fenced blocks, and reads nothing inside of them:
// the bytes of a passage are kept as they are, and some mark-up takes a parser
// time that grows with the square of its length.
var blocks = sync.OnceValue(func() parser.Parser {
	return parser.NewParser(
		parser.WithBlockParsers(parser.DefaultBlockParsers()...),
		parser.WithParagraphTransformers(parser.DefaultParagraphTransformers()...),
		parser.WithAttribute(),
	)
})

// inside reads the mark-up inside a heading.
var inside = sync.OnceValue(func() parser.Parser {
	return parser.NewParser(
		parser.WithBlockParsers(util.Prioritized(parser.NewParagraphParser(), 1)),
		parser.WithInlineParsers(parser.DefaultInlineParsers()...),
	)
})

// maxTitle is how many bytes of a heading are read for mark-up.
const maxTitle = 1000

// titleOf gives the words of a heading without its mark-up.
func titleOf(h *ast.Heading, body []byte) string {
	raw := strings.TrimSpace(string(h.Lines().Value(body)))
	if len(raw) > maxTitle {
		return raw
	}
	source := []byte(raw)
	return strings.TrimSpace(plain(inside().Parse(text.NewReader(source)), source))
}

// sectionsOf finds the headings of a Markdown text, and the lines of what stands before the first.
func sectionsOf(body []byte, lineAt func(int) int) (sections []section, before []int) {
	doc := blocks().Parse(text.NewReader(body))
	for n := doc.FirstChild(); n != nil; n = n.NextSibling() {
		heading, ok := n.(*ast.Heading)
		if !ok {
			if len(sections) == 0 {
				before = append(before, lineAt(startOf(n)))
				continue
			}
			last := &sections[len(sections)-1]
			block, ok := n.(*ast.FencedCodeBlock)
			if ok && string(block.Language(body)) == "phrasings" && last.blockLine == 0 {
				from := lineStart(body, block.Info.Segment.Start)
				last.phrasings, last.phrasedAt = blockLines(block, body, lineAt)
				last.blockLine = lineAt(from)
				last.unclosed = unclosed(block, body)
				last.to = from
			} else if last.blockLine != 0 {
				last.afterBlock = true
			}
			continue
		}
		start, end := headingSpan(heading, body)
		if k := len(sections); k > 0 && sections[k-1].blockLine == 0 {
			sections[k-1].to = start
		}
		s := section{level: heading.Level, title: titleOf(heading, body), line: lineAt(start), textLine: lineAt(end + blank(body[end:])), from: end, to: len(body)}
		if id, ok := heading.AttributeString("id"); ok {
			if name, ok := id.([]byte); ok {
				s.anchor = string(name)
			}
		}
		sections = append(sections, s)
	}
	return sections, before
}

// headingSpan gives the bytes from the start of a heading's first line to the
// start of the line behind it.
func headingSpan(h *ast.Heading, body []byte) (start, end int) {
	if h.Lines().Len() == 0 { // "##" alone: goldmark keeps no segment
		pos := h.Pos()
		return lineStart(body, pos), nextLine(body, pos)
	}
	start = lineStart(body, h.Lines().At(0).Start)
	last := h.Lines().At(h.Lines().Len() - 1)
	end = nextLine(body, max(last.Stop-1, last.Start))
	if body[start] != '#' && !strings.HasPrefix(strings.TrimLeft(string(body[start:end]), " "), "#") {
		end = nextLine(body, end) // the underline of a setext heading
	}
	return start, end
}

func startOf(n ast.Node) int {
	if n.Type() == ast.TypeBlock && n.Lines() != nil && n.Lines().Len() > 0 {
		return n.Lines().At(0).Start
	}
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if s := startOf(c); s > 0 {
			return s
		}
	}
	return 0
}

// lineCounter gives the number of the line at an offset, the first being
// number first. It counts from the last offset asked for, which is near: a reader
// goes through a file from its beginning to its end.
func lineCounter(body []byte, first int) func(offset int) int {
	at, line := 0, first
	return func(offset int) int {
		if offset < at {
			line -= bytes.Count(body[offset:at], []byte("\n"))
		} else {
			line += bytes.Count(body[at:offset], []byte("\n"))
		}
		at = offset
		return line
	}
}

func lineStart(body []byte, at int) int {
	return bytes.LastIndexByte(body[:at], '\n') + 1
}

func nextLine(body []byte, at int) int {
	if at >= len(body) {
		return len(body)
	}
	if i := bytes.IndexByte(body[at:], '\n'); i >= 0 {
		return at + i + 1
	}
	return len(body)
}

func blockLines(block *ast.FencedCodeBlock, body []byte, lineAt func(int) int) (lines []string, at []int) {
	for i := range block.Lines().Len() {
		segment := block.Lines().At(i)
		if s := strings.TrimSpace(string(segment.Value(body))); s != "" {
			lines, at = append(lines, s), append(at, lineAt(segment.Start))
		}
	}
	return lines, at
}

// headed is a line that opens a passage, or another block.
var headed = language.LazyRegexp(`^\s*(#{1,6}\s.*\{#[^}]*\}\s*$|` + "```" + `|~~~)`)

// unclosed reports whether a fenced block of phrasings lacks the line that
// closes it, and so has taken in what stands behind it.
func unclosed(block *ast.FencedCodeBlock, body []byte) bool {
	end := nextLine(body, block.Info.Segment.Start)
	for i := range block.Lines().Len() {
		segment := block.Lines().At(i)
		if headed.Get().Match(segment.Value(body)) {
			return true
		}
		end = segment.Stop
	}
	closing := bytes.TrimSpace(body[end:nextLine(body, end)])
	return len(bytes.Trim(closing, "`~")) > 0 || len(closing) < 3
}

// fence is what begins a block, or looks like it: backquotes and a word.
var fence = language.LazyRegexp("^[\\s>*+-]*(?:`{2,}|~{2,}|'{3,})\\s*([A-Za-z]+)")

// strayFence finds a line in the text of a passage that was meant to begin its
// phrasings, and its number from 0.
func strayFence(text string) (line int, found string) {
	for s := range strings.Lines(text) {
		if m := fence.Get().FindStringSubmatch(s); m != nil && (meant(m[1], "phrasings") != "" || strings.HasPrefix(strings.ToLower(m[1]), "phras")) {
			return line, strings.TrimSpace(s)
		}
		line++
	}
	return 0, ""
}

// blank counts the line ends before the first line that is not empty.
func blank(text []byte) int {
	return len(text) - len(bytes.TrimLeft(text, "\n"))
}

// plain gives the words of a heading without its mark-up.
func plain(n ast.Node, body []byte) string {
	var b strings.Builder
	_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch t := n.(type) {
		case *ast.Text:
			b.Write(t.Value(body))
		case *ast.String:
			b.Write(t.Value)
		}
		return ast.WalkContinue, nil
	})
	return b.String()
}

// containers gives the first line, from 1, that opens more quotations and
// lists than any reader could follow, or 0: a parser's time grows with the
// square of their number.
func containers(body []byte) int {
	for i, line := range strings.Split(string(body), "\n") {
		text := strings.TrimLeft(line, " \t")
		marks := (len(line) - len(text)) / 20
		for text != "" && strings.ContainsRune(">-*+", rune(text[0])) && marks <= maxNesting {
			if next := strings.TrimLeft(text[1:], " \t"); text[0] == '>' || len(next) < len(text)-1 {
				marks++
				text = next
				continue
			}
			break
		}
		if marks > maxNesting {
			return i + 1
		}
	}
	return 0
}
