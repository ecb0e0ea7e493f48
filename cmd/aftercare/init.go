package main

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/aftercarebot/aftercare/knowledge"
)

//go:embed starter
var starter embed.FS

// borrowed is what init takes of the embedded content, by where it puts that:
// what no guide is about, as without it a small guide knows nothing but its own
// subject, and takes everything for it; and the safety cards, to be reviewed.
// Small talk it leaves to what a guide without any borrows: a copy would take
// the questions of a guide that has few phrasings yet.
var borrowed = map[string]string{
	"common/unrelated.yaml": "declined/unrelated.yaml",
	"safety/cards.yaml":     "safety/cards.yaml",
}

func initCommand(p process) *cobra.Command {
	return &cobra.Command{
		Use:   "init DIR",
		Short: "Writes a small content folder to start from",
		Long: "init writes a small guide with comments into DIR, which it makes if need be. It\n" +
			"passes check, and says what every part is for. A file that is there is never\n" +
			"overwritten.",
		Example: "  aftercare init my-guide\n  aftercare check my-guide",
		Args:    cobra.ExactArgs(1),
		RunE:    func(_ *cobra.Command, args []string) error { return writeStarter(p, args[0], time.Now()) },
	}
}

// writeStarter writes the starter's files into dir, all or none.
func writeStarter(p process, dir string, today time.Time) error {
	if dir == "" {
		return usage(errors.New("the name of the folder is empty"), "Try: aftercare init my-guide")
	}
	files, err := fs.Sub(starter, "starter")
	if err != nil {
		return err
	}
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if _, err := os.Lstat(filepath.Join(dir, entry.Name())); err == nil {
			return usage(fmt.Errorf("%s is there already, and nothing is overwritten", filepath.Join(dir, entry.Name())), "Give a new or an empty folder.")
		}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make the folder: %w", err)
	}
	dates := strings.NewReplacer("{today}", today.Format(time.DateOnly), "{next year}", today.AddDate(1, 0, 0).Format(time.DateOnly))
	for _, entry := range entries {
		text, err := fs.ReadFile(files, entry.Name())
		if err != nil {
			return err
		}
		name := filepath.Join(dir, entry.Name())
		if err := writeNew(name, dates.Replace(string(text))); err != nil {
			return err
		}
		fmt.Fprintln(p.out, name)
	}
	more := map[string]string{}
	for name, from := range borrowed {
		text, err := fs.ReadFile(knowledge.Files(), from)
		if err != nil {
			return err
		}
		more[name] = string(text)
	}
	for _, name := range slices.Sorted(maps.Keys(more)) {
		text := more[name]
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return fmt.Errorf("make the folder: %w", err)
		}
		if err := writeNew(name, text); err != nil {
			return err
		}
		fmt.Fprintln(p.out, name)
	}
	_, err = fmt.Fprintf(p.out, "Read %s first. Then: aftercare check %s\n", filepath.Join(dir, "README.md"), dir)
	return err
}

// writeNew writes a file that must not be there.
func writeNew(name, text string) (err error) {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	_, err = file.WriteString(text)
	return err
}
