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
	files, err := starterFiles(today)
	if err != nil {
		return err
	}
	var written traces
	for _, name := range slices.Sorted(maps.Keys(files)) {
		text := files[name]
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := written.write(name, text); errors.Is(err, fs.ErrExist) {
			written.remove()
			return usage(fmt.Errorf("%s is there already, and nothing is overwritten", name), "Give a new or an empty folder.")
		} else if err != nil {
			written.remove()
			return fmt.Errorf("write the folder: %w", err)
		}
	}
	for _, name := range written.files {
		fmt.Fprintln(p.out, name)
	}
	_, err = fmt.Fprintf(p.out, "Read %s first. Then: aftercare check %s\n", filepath.Join(dir, "README.md"), dir)
	return err
}

// starterFiles gives the texts of the files that init writes, by their names.
func starterFiles(today time.Time) (map[string]string, error) {
	files := map[string]string{}
	for name, from := range borrowed {
		text, err := fs.ReadFile(knowledge.Files(), from)
		if err != nil {
			return nil, err
		}
		files[name] = string(text)
	}
	entries, err := fs.ReadDir(starter, "starter")
	if err != nil {
		return nil, err
	}
	dates := strings.NewReplacer("{today}", today.Format(time.DateOnly), "{next year}", today.AddDate(1, 0, 0).Format(time.DateOnly))
	for _, entry := range entries {
		text, err := fs.ReadFile(starter, "starter/"+entry.Name())
		if err != nil {
			return nil, err
		}
		files[entry.Name()] = dates.Replace(string(text))
	}
	return files, nil
}

// traces are the files and folders that were made, in their order.
type traces struct{ files, folders []string }

// write writes a file that must not be there, and the folders that it lies in.
func (t *traces) write(name, text string) error {
	if err := t.folder(filepath.Dir(name)); err != nil {
		return err
	}
	err := writeNew(name, text)
	if !errors.Is(err, fs.ErrExist) {
		t.files = append(t.files, name) // or a part of it
	}
	return err
}

func (t *traces) folder(dir string) error {
	if info, err := os.Stat(dir); err == nil {
		if !info.IsDir() {
			return fmt.Errorf("%s is no folder", dir)
		}
		return nil
	}
	if parent := filepath.Dir(dir); parent != dir {
		if err := t.folder(parent); err != nil {
			return err
		}
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	t.folders = append(t.folders, dir)
	return nil
}

// remove takes away what was made.
func (t *traces) remove() {
	for _, list := range [][]string{t.files, t.folders} {
		slices.Reverse(list)
		for _, name := range list {
			_ = os.Remove(name) // a folder in which somebody else has put something stays
		}
	}
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
