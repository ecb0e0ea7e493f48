package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/bot/console"
)

func askCommand(p process, source *contentSource) *cobra.Command {
	a := asker{process: p}
	cmd := &cobra.Command{
		Use:   "ask [Q...]",
		Short: "Answers one question, or one a line from standard input",
		Long: "ask answers the question that its arguments make up. Without arguments it reads\n" +
			"standard input and answers each line by itself: a blank line is a question too,\n" +
			"so that there is one reply for every line.",
		Example: "  aftercare ask \"can I go swimming tomorrow?\"\n" +
			"  aftercare ask --json < questions.txt",
		RunE: func(cmd *cobra.Command, args []string) error {
			if a.json && a.explain {
				return usage(errors.New("--json and --explain exclude each other"), "The reasons are part of --json; --explain shows more of them to a reader.")
			}
			if len(args) == 0 && isTerminal(p.in) {
				return usage(errors.New("no question was given"), `Try: aftercare ask "can I go swimming tomorrow?" or, for a talk: aftercare serve`)
			}
			if len(args) > 0 && source.folder() == "" {
				debug.SetGCPercent(unhurried) // and start goes back to that: the program ends before its garbage is in anyone's way
			}
			var err error
			if a.engine, err = source.start(bot.Options{Log: quiet}); err != nil {
				return err
			}
			if len(args) > 0 {
				return a.ask(cmd.Context(), strings.Join(args, " "))
			}
			return a.askLines(cmd.Context())
		},
	}
	cmd.Flags().BoolVar(&a.json, "json", false, "print one JSON object a line")
	cmd.Flags().BoolVar(&a.explain, "explain", false, "show why: what matched, what did not, and how sure that makes the bot")
	return cmd
}

// asker answers questions on standard output.
type asker struct {
	process
	engine
	json, explain bool
}

func (a asker) askLines(ctx context.Context) error {
	lines := newLineReader(a.in)
	for n := 0; ; n++ {
		question, err := lines.next()
		switch {
		case err == io.EOF && n == 0:
			return usage(errors.New("no question was given: standard input is empty"), `Try: aftercare ask "can I go swimming tomorrow?"`)
		case err == io.EOF:
			return nil
		case err != nil:
			return fmt.Errorf("read standard input: %w", err)
		case ctx.Err() != nil:
			return ctx.Err()
		}
		if !a.json {
			if n > 0 {
				fmt.Fprintln(a.out)
			}
			fmt.Fprintf(a.out, "> %s\n\n", beginning(question))
		}
		if err := a.ask(ctx, question); err != nil {
			return err
		}
	}
}

// beginning gives at most 200 characters of a question, to show which one is answered.
func beginning(question string) string {
	const most = 200
	for n := range question {
		if n >= most {
			return question[:n] + " …"
		}
	}
	return question
}

// ask answers one question. It stands alone: there is no conversation.
func (a asker) ask(ctx context.Context, question string) error {
	reply := a.bot.Answer(ctx, bot.Question{Text: question, Platform: "cli"})
	switch {
	case ctx.Err() != nil:
		return ctx.Err() // the reply says no more than that it could not be found
	case a.json:
		return writeJSON(a.out, answerOf(question, reply), false)
	case isTerminal(a.out):
		style := console.Style{Colour: a.colour(a.out)}
		if _, err := fmt.Fprintln(a.out, style.Render(reply, columns(a.out))); err != nil {
			return err
		}
	default:
		if _, err := fmt.Fprintln(a.out, reply.Plain()); err != nil {
			return err
		}
	}
	if a.explain {
		return a.explainReply(ctx, question, reply)
	}
	return nil
}
