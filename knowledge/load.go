package knowledge

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// MaxFileSize is the size in bytes that no content file may exceed.
const MaxFileSize = 1 << 20

//go:embed content
var embedded embed.FS

// Default gives the embedded content, the micro-needling guide and FAQ.
// It is read once, from a snapshot where that is of this content; a fault in
// it is a fault in the build, so Default panics.
func Default() *Base {
	builtIn.Do(func() {
		if builtIn.base = restored(); builtIn.base != nil {
			return
		}
		base, err := Load(Files())
		if err != nil {
			panic(fmt.Sprintf("embedded content: %v", err))
		}
		builtIn.base = base
	})
	return builtIn.base
}

var builtIn struct {
	sync.Once
	base *Base
}

// Files gives the files of the embedded content, as they were at the build.
func Files() fs.FS {
	root, err := fs.Sub(embedded, "content")
	if err != nil {
		panic(err) // only for a name that is no path
	}
	return root
}

// LoadDir reads and validates the content below dir as Load does. No link
// inside dir can lead out of it.
func LoadDir(dir string) (*Base, error) {
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return nil, fmt.Errorf("content %s: is a file; give the folder that holds the Markdown files", dir)
	}
	root, err := os.OpenRoot(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("content %s: no such folder", dir)
	}
	if err != nil {
		return nil, fmt.Errorf("content: %w", err)
	}
	defer root.Close()
	base, err := Load(root.FS())
	if err != nil {
		return nil, fmt.Errorf("content %s:\n%w", dir, err)
	}
	return base, nil
}

// Load reads every .md, .yaml and .yml file below the root of fsys, in order
// of their paths, and validates the whole. Files and folders whose names begin
// with a dot and files named README.md are left alone, and so are files of
// other kinds, which Unread lists. What looks like content and would not be
// read, such as a file .MD or a link to a folder, is a problem. The error is
// Problems, each with file and line, unless the root itself cannot be read.
func Load(fsys fs.FS) (*Base, error) {
	l := loader{base: &Base{byID: map[string]int{}}, phrasedAt: map[string][]place{}, lines: map[string]place{}}
	sum := sha256.New()
	err := fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			if name == "." {
				return err
			}
			l.problems.add(name, 0, "cannot be read: "+cause(err), "check its permissions")
			return nil
		}
		if hidden(name) {
			return skip(entry)
		}
		if entry.IsDir() {
			return nil
		}
		if !isContent(name) {
			l.mistaken(fsys, name, entry)
			return nil
		}
		data, ok := l.read(fsys, name)
		if !ok {
			return nil
		}
		noteFile(sum, name, data)
		if path.Ext(name) == ".md" {
			l.markdown(name, data)
		} else {
			l.yaml(name, data)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read content: %w", err)
	}
	l.finish()
	if err := l.problems.err(); err != nil {
		return nil, err
	}
	l.base.hash = versionOf(sum)
	phrasedAt := l.phrasedAt
	l.base.phrasedAt = func() map[string][]place { return phrasedAt }
	return l.base, nil
}

// noteFile adds a file to what the version is made of.
func noteFile(sum hash.Hash, name string, data []byte) {
	noteName(sum, name, len(data))
	sum.Write(data)
}

func noteName(sum hash.Hash, name string, size int) { fmt.Fprintf(sum, "%s\n%d\n", name, size) }

func versionOf(sum hash.Hash) string { return hex.EncodeToString(sum.Sum(nil))[:12] }

// Unread gives the files below the root of fsys that Load leaves alone, but for
// hidden ones and those named README, in order of their paths.
func Unread(fsys fs.FS) ([]string, error) {
	var names []string
	err := fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil && name == ".":
			return err
		case err != nil: // Load has said so
			return nil
		case hidden(name):
			return skip(entry)
		case !entry.IsDir() && !isContent(name) && !isReadme(name):
			names = append(names, name)
		}
		return nil
	})
	return names, err
}

func hidden(name string) bool { return name != "." && strings.HasPrefix(path.Base(name), ".") }

func skip(entry fs.DirEntry) error {
	if entry.IsDir() {
		return fs.SkipDir
	}
	return nil
}

// mistaken notes a file that its author takes for content, and Load does not.
func (l *loader) mistaken(fsys fs.FS, name string, entry fs.DirEntry) {
	if entry.Type()&fs.ModeSymlink != 0 {
		if info, err := fs.Stat(fsys, name); err != nil || info.IsDir() {
			l.problems.add(name, 0, "is a link to a folder, or leads nowhere or out of the content, and is not followed", "put the folder itself here, or remove the link")
			return
		}
	}
	ext := path.Ext(name)
	proper := strings.ToLower(ext)
	if slices.Contains([]string{".markdown", ".mdown", ".mkd"}, proper) {
		proper = ".md"
	}
	if right := strings.TrimSuffix(name, ext) + proper; right != name && isContent(right) && !isReadme(name) {
		l.problems.add(name, 0, "is not read: its name ends in "+ext, "rename it to "+path.Base(right))
	}
}

func isReadme(name string) bool {
	return strings.EqualFold(strings.TrimSuffix(path.Base(name), path.Ext(name)), "README")
}

func isContent(name string) bool {
	if strings.EqualFold(path.Base(name), "README.md") {
		return false
	}
	return slices.Contains([]string{".md", ".yaml", ".yml"}, path.Ext(name))
}

// place is where something was first defined, for messages about a second one.
type place struct {
	file string
	line int
}

func (p place) String() string { return fmt.Sprintf("%s:%d", p.file, p.line) }

// loader gathers the files of one content root and everything wrong with them.
type loader struct {
	base                 *Base
	problems             Problems
	lines                map[string]place // "kind id" to where it was defined
	phrasedAt            map[string][]place
	phrasings            []idPhrasings
	related              []idPhrasings
	moreTopics, moreTalk []idPhrasings // phrasings of topics and small talk defined elsewhere
	wording              place
	ownTalk              bool // small talk is spoken of, if only to say that there is none
}

// define notes where a thing is defined and reports false, with a problem, if
// there is one of that name already.
func (l *loader) define(kind, id, file string, line int) bool {
	key := kind + " " + id
	if first, ok := l.lines[key]; ok {
		l.problems.add(file, line, fmt.Sprintf("a second %s %q", kind, id), fmt.Sprintf("the first is at %s; rename or remove one", first))
		return false
	}
	l.lines[key] = place{file, line}
	return true
}

// read gives a file's text, with line ends made "\n" and a byte order mark removed.
func (l *loader) read(fsys fs.FS, name string) ([]byte, bool) {
	info, err := fs.Stat(fsys, name)
	if err == nil && !info.Mode().IsRegular() {
		l.problems.add(name, 0, "is not a regular file", "remove it, or put the file itself here")
		return nil, false
	}
	var data []byte
	if err == nil {
		data, err = readLimited(fsys, name)
	}
	switch {
	case errors.Is(err, errTooLarge):
		l.problems.add(name, 0, "is over 1 MiB", "split it into several files")
		return nil, false
	case err != nil:
		l.problems.add(name, 0, "cannot be read: "+cause(err), "check its permissions, and that it is not a link that leads out of the folder")
		return nil, false
	}
	text := strings.TrimPrefix(string(data), "\ufeff")
	text = strings.ReplaceAll(text, "\r\n", "\n")
	for i, line := range strings.Split(text, "\n") {
		if !utf8.ValidString(line) {
			l.problems.add(name, i+1, "is not valid UTF-8", "save the file as UTF-8")
			return nil, false
		}
		if strings.ContainsRune(line, 0) {
			l.problems.add(name, i+1, "holds a NUL character", "remove it")
			return nil, false
		}
	}
	return []byte(text), true
}

var errTooLarge = errors.New("too large")

func readLimited(fsys fs.FS, name string) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, MaxFileSize+1))
	if err == nil && len(data) > MaxFileSize {
		return nil, errTooLarge
	}
	return data, err
}

// cause gives an error's text without the path, which the problem names already.
func cause(err error) string {
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		return pathErr.Err.Error()
	}
	return err.Error()
}
