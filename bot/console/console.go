// Package console carries questions in from a terminal and replies out to it:
// a line editor with history, words wrapped at the width of the window, and
// colour only where it is wanted.
//
// Make a [Console] with [New] and start it with Run. What is typed is kept in
// memory for the arrow keys and nowhere else.
package console

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"
	"golang.org/x/text/runes"
	"golang.org/x/text/transform"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/knowledge"
)

// Config is what a Console works with. In, Out and Guide must be set.
type Config struct {
	In     io.Reader  // a terminal's input; put into raw mode while Run runs if it is an *os.File on a terminal
	Out    io.Writer  // the same terminal's output
	Width  func() int // columns of the window, asked before each reply; nil: 80
	Colour bool       // whether to use bold and colour
	Guide  bot.Guide  // for the first screen and the list of topics
	Region string     // ISO 3166 country for emergency numbers; empty: neutral wording
}

// Console talks with one person on a terminal.
type Console struct {
	config Config
	style  Style
	line   *term.Terminal
	picks  []knowledge.Passage // what a number typed now would open
}

// New makes a Console. It touches the terminal only in Run.
func New(config Config) *Console {
	if config.Width == nil {
		config.Width = func() int { return defaultWidth }
	}
	return &Console{config: config, style: Style{Colour: config.Colour}}
}

const (
	prompt       = "> "
	defaultWidth = 80
	maxHeight    = 1000 // the editor asks for a height and uses none
	farewell     = "Take care of yourself. Bye!\r\n"
)

// Run greets, then answers line by line until the person leaves with Ctrl-D,
// Ctrl-C or "bye", or ctx is done. It returns nil for all of these and leaves the
// terminal as it found it. A read of In that is under way when ctx ends cannot
// be interrupted: its goroutine ends with the next key, or with the process.
func (c *Console) Run(ctx context.Context, answer bot.Handler) error {
	if file, ok := c.config.In.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		before, err := term.MakeRaw(int(file.Fd()))
		if err != nil {
			return fmt.Errorf("prepare the terminal: %w", err)
		}
		defer term.Restore(int(file.Fd()), before)
	}
	c.line = term.NewTerminal(screen{wellFormed(c.config.In), c.config.Out}, prompt)
	c.resize()
	c.greet()
	for {
		text, err := c.read(ctx)
		switch {
		case ctx.Err() != nil, errors.Is(err, io.EOF):
			fmt.Fprint(c.config.Out, "\r\n"+farewell)
			return nil
		case err != nil:
			return fmt.Errorf("read the terminal: %w", err)
		}
		switch strings.ToLower(strings.TrimSpace(text)) {
		case "":
			continue
		case "bye", "exit", "quit":
			fmt.Fprint(c.config.Out, farewell)
			return nil
		case "topics":
			c.topics()
			continue
		}
		q := bot.Question{Text: text, Conversation: "console", Platform: "console", Region: c.config.Region}
		if p, ok := c.picked(text); ok {
			q.Passage = p.ID
		}
		c.show(answer(ctx, q))
	}
}

// read waits for a line or for the end of ctx.
func (c *Console) read(ctx context.Context) (string, error) {
	type result struct {
		text string
		err  error
	}
	done := make(chan result, 1)
	go func() {
		text, err := c.line.ReadLine()
		done <- result{text, err}
	}()
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case r := <-done:
		return r.text, r.err
	}
}

// greet is the first screen: what this is, how to ask, how to leave.
func (c *Console) greet() {
	var b strings.Builder
	w := c.config.Guide.Wording()
	fmt.Fprintf(&b, "I answer questions about %s, word for word from an approved guide.\n", w.About)
	fmt.Fprintf(&b, "I do not know your case: %s does. Nothing that you type is stored.\n", w.Contact)
	b.WriteString("\nFor example:\n")
	for _, q := range examples(c.config.Guide.Topics(), 3) {
		b.WriteString("- " + q + "\n")
	}
	b.WriteString("\nType a question, or: topics, bye.\n\n")
	fmt.Fprint(c.line, Wrap(b.String(), c.resize()))
}

// topics lists what can be asked, to be opened by number.
func (c *Console) topics() {
	c.picks = c.config.Guide.Topics()
	var b strings.Builder
	b.WriteString("\n")
	for i, p := range c.picks {
		fmt.Fprintf(&b, "%2d. %s\n", i+1, p.Title)
	}
	b.WriteString("\nType a number to read one.\n\n")
	fmt.Fprint(c.line, Wrap(clean(b.String()), c.resize()))
}

// picked gives the passage whose number was typed.
func (c *Console) picked(text string) (knowledge.Passage, bool) {
	n, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil || n < 1 || n > len(c.picks) {
		return knowledge.Passage{}, false
	}
	return c.picks[n-1], true
}

func (c *Console) show(r bot.Reply) {
	width := c.resize()
	fmt.Fprint(c.line, "\n"+c.style.Render(r, width)+"\n\n")
	c.picks = nil
	switch r.Kind {
	case bot.Suggest:
		for _, m := range r.Matches {
			c.picks = append(c.picks, m.Passage)
		}
		fmt.Fprint(c.line, "Type its number, or ask in other words.\n\n")
	case bot.Answer:
		c.picks = r.Related
		var b strings.Builder
		for i, p := range c.picks {
			fmt.Fprintf(&b, "%d. %s\n", i+1, p.Title)
		}
		if b.Len() > 0 {
			fmt.Fprint(c.line, Wrap("Related, by number:\n"+clean(b.String())+"\n", width))
		}
	}
}

// resize tells the line editor the window's width and returns it.
func (c *Console) resize() int {
	width := c.config.Width()
	if width <= 0 {
		width = defaultWidth
	}
	// It fails only where writing does, and then the next read says so.
	_ = c.line.SetSize(width, maxHeight)
	return width
}

// examples gives n questions in whole sentences that the guide answers, from passages
// spread over the whole of it; fewer where it has fewer.
func examples(passages []knowledge.Passage, n int) []string {
	var all []string
	for _, p := range passages {
		for _, q := range p.Phrasings {
			if words := len(strings.Fields(q)); words >= 4 && words <= 10 && strings.HasSuffix(q, "?") {
				all = append(all, clean(q))
				break
			}
		}
	}
	if len(all) <= n {
		return all
	}
	var out []string
	for i := range n {
		out = append(out, all[i*len(all)/n])
	}
	return out
}

// wellFormed leaves out bytes that are no UTF-8: the line editor would stop at them.
func wellFormed(r io.Reader) io.Reader {
	return transform.NewReader(r, runes.Remove(runes.Predicate(func(r rune) bool { return r == utf8.RuneError })))
}

// screen joins the two directions of a terminal for the line editor.
type screen struct {
	in  io.Reader
	out io.Writer
}

// Read passes on In. The editor asks for no bytes at all once an endless
// escape sequence has filled its buffer, and would do so for ever.
func (s screen) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, io.EOF
	}
	return s.in.Read(p)
}

func (s screen) Write(p []byte) (int, error) { return s.out.Write(p) }
