package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync/atomic"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Exit codes of every command.
const (
	exitOK      = 0
	exitFailure = 1 // the command did its work and found fault, or could not finish it; trying again may help
	exitUsage   = 2 // wrong arguments, environment, token or content: nothing was done, and trying again is in vain
	// exitInterrupted is what shells give for a command that Ctrl-C ended.
	exitInterrupted = 130
)

// process is what a command may use of the process it runs in.
type process struct {
	in       io.Reader
	out, err io.Writer
	env      func(name string) (value string, set bool)
	settings *settings    // where env looks; nil until a command line is run
	drains   *atomic.Bool // the command finishes what it has when it is told to stop, and is waited for
}

// failure is an error that knows its exit code and what to do about it.
type failure struct {
	code int
	err  error  // nil: all was said on standard output already
	hint string // what to do next; may be empty
}

func (f *failure) Error() string {
	if f.err == nil {
		return "failed"
	}
	return f.err.Error()
}

func (f *failure) Unwrap() error { return f.err }

func usage(err error, hint string) error { return &failure{code: exitUsage, err: err, hint: hint} }

// passing is an error of something that may mend itself: a service manager
// should start the program again.
func passing(err error, hint string) error { return &failure{code: exitFailure, err: err, hint: hint} }

// run runs one command line and gives its exit code. An error is printed once,
// to p.err. When ctx ends it does not wait for a command that reads content or
// standard input: that command may go on in vain until the process ends.
func run(ctx context.Context, args []string, p process) int {
	parsed := false
	set := &settings{environment: p.env}
	p.env, p.settings, p.drains = set.lookup, set, new(atomic.Bool)
	root := commands(p)
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error {
		parsed = true
		if err := set.apply(cmd, p); err != nil {
			return err
		}
		if f := cmd.Flag("content"); f.Changed && f.Value.String() == "" {
			return usage(errors.New("--content is empty"), "Give it the folder that holds the content, or leave it out.")
		}
		return nil
	}
	root.SetArgs(args)
	root.SetIn(p.in)
	root.SetOut(p.out)
	root.SetErr(p.err)
	var cmd *cobra.Command
	err := ended(ctx, p.drains, func() (err error) {
		cmd, err = root.ExecuteContextC(ctx)
		return err
	})
	if err == nil {
		return exitOK
	}
	var f *failure
	switch {
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		err = errors.New("interrupted")
		f = &failure{code: exitInterrupted, err: err}
	case !errors.As(err, &f):
		f = &failure{code: exitFailure, err: err}
		if !parsed {
			err = plain(err)
			f.code, f.hint = exitUsage, "Usage: "+cmd.UseLine()+"\n"+cmd.CommandPath()+" --help says more."
			if cmd == root {
				f.hint = "aftercare --help lists the commands and what they take."
			}
		}
	}
	if f.err != nil {
		fmt.Fprintf(p.err, "aftercare: %s\n", strings.TrimRight(err.Error(), "\n"))
	}
	if f.hint != "" {
		fmt.Fprintln(p.err, f.hint)
	}
	return f.code
}

// plain says without Go's words that a flag's value is none.
func plain(err error) error {
	var bad *pflag.InvalidValueError
	if !errors.As(err, &bad) {
		return err
	}
	takes := map[string]string{"int": "a whole number", "float64": "a number", "bool": "true or false"}
	return fmt.Errorf("%q is no value for --%s, which takes %s", bad.GetValue(), bad.GetFlag().Name, cmp.Or(takes[bad.GetFlag().Value.Type()], "another"))
}

// ended gives what a command ends with, or why ctx ended before it.
func ended(ctx context.Context, drains *atomic.Bool, command func() error) error {
	done := make(chan error, 1)
	go func() { done <- command() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	if !drains.Load() {
		return ctx.Err()
	}
	return <-done
}

// commands is the tree of commands.
func commands(p process) *cobra.Command {
	root := &cobra.Command{
		Use:   "aftercare",
		Short: "Answers questions about an aftercare guide, word for word from the guide",
		Long: "aftercare answers questions about an aftercare guide, word for word from the guide:\n" +
			"in a terminal, on Discord and on Telegram. It makes nothing up. Where the guide has\n" +
			"no answer it says so, and where a message speaks of a danger sign it shows the\n" +
			"safety card before anything else.",
		SilenceErrors: true,
		SilenceUsage:  true,
		Version:       versionText(),
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	source := &contentSource{env: p.env}
	root.PersistentFlags().StringVar(&source.dir, "content", "", "folder with the content to answer from; default: AFTERCARE_CONTENT, else the embedded guide")
	_ = root.MarkPersistentFlagDirname("content") // fails only for a flag that is not there
	root.PersistentFlags().String("config", "", "file with settings, see aftercare config --help; default: AFTERCARE_CONFIG, else none")
	root.AddCommand(
		serveCommand(p, source),
		askCommand(p, source),
		topicsCommand(p, source),
		initCommand(p),
		newCommand(p, source),
		checkCommand(p, source),
		evalCommand(p, source),
		doctorCommand(p, source),
		reindexCommand(p),
		rollbackCommand(p),
		gapsCommand(p, source),
		healthcheckCommand(p),
		configCommand(p, source),
		manCommand(p),
		versionCommand(p, source),
	)
	return root
}
