package main

import (
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"testing/fstest"

	"github.com/aftercarebot/aftercare/knowledge"
)

// size names a content: the number of generated passages, or 0 for the
// embedded guide.
type size int

func (s size) String() string {
	if s == 0 {
		return "embedded guide"
	}
	return grouped(int(s)) + " passages"
}

// short is the size as a table of goals names it.
func (s size) short() string {
	if s == 0 {
		return "guide"
	}
	return grouped(int(s))
}

// grouped writes a number with a comma before every three digits.
func grouped(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

func parseSizes(list string) ([]size, error) {
	var out []size
	if list == "none" {
		return nil, nil
	}
	for name := range strings.SplitSeq(list, ",") {
		if name == "content" {
			out = append(out, 0)
			continue
		}
		n, err := strconv.Atoi(name)
		if err != nil || n < 1 {
			return nil, fmt.Errorf("-sizes: %q is neither a number of passages nor content", name)
		}
		out = append(out, size(n))
	}
	return out, nil
}

// content is what all engines search, and what they are asked.
type content struct {
	base  *knowledge.Base
	files fs.FS // that base was read from
	texts []text
	kinds []kind
	// edited is the content with a passage more, nil where it is not needed.
	// What is learnt of the embedded guide comes with the program, so that
	// only another guide shows what learning takes.
	edited *content
}

// content loads or makes a content. It is always the same. To the embedded
// guide questions are put that people wrote, too; they lie beside its index.
func (s size) content() (content, error) {
	if s > 0 {
		files := generated(int(s))
		base, err := knowledge.Load(files)
		if err != nil {
			return content{}, err
		}
		texts := textsOf(base)
		return content{base: base, files: files, texts: texts, kinds: kindsOf(texts)}, nil
	}
	c := content{base: knowledge.Default(), files: knowledge.Files()}
	c.texts = textsOf(c.base)
	people, err := asPeopleAsk("../testdata/questions")
	if err != nil {
		return content{}, err
	}
	c.kinds = append(kindsOf(c.texts[:len(c.base.Passages())]), people)
	c.edited, err = c.edit()
	return c, err
}

// edit gives the content with a passage more.
func (c content) edit() (*content, error) {
	files := fstest.MapFS{"edited.md": {Data: []byte("## A passage that was added {#added}\n\nIt makes this another guide.\n")}}
	err := fs.WalkDir(c.files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := fs.ReadFile(c.files, name)
		files[name] = &fstest.MapFile{Data: data}
		return err
	})
	if err != nil {
		return nil, err
	}
	base, err := knowledge.Load(files)
	if err != nil {
		return nil, err
	}
	return &content{base: base, files: files, texts: textsOf(base)}, nil
}

// plan says how often a kind of question is asked: in how many rounds, and
// how many of it in one turn. What an engine does grows with both passages
// and words, and the slow ones take seconds for 800 words of 100,000.
func plan(rounds, documents, words int) (int, int) {
	switch work := documents * words; {
	case work <= 100_000:
		return rounds, 4
	case work <= 1_000_000:
		return max(rounds/4, min(rounds, 3)), 4
	case work <= 2_000_000:
		return max(rounds/4, min(rounds, 3)), 1
	case work <= 10_000_000:
		return max(rounds/8, min(rounds, 3)), 1
	default:
		return max(rounds/16, min(rounds, 3)), 1
	}
}
