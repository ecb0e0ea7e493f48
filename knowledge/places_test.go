package knowledge

import (
	"errors"
	"testing"
	"testing/fstest"
)

// The linter points at lines, so the loader must know them.
func TestPlacesOfTextAndPhrasings(t *testing.T) {
	base, err := Load(fstest.MapFS{
		"a.md":     {Data: []byte("---\ntitle: A\n---\n\n# A\n\n## B {#b}\n\n\nText.\n\n```phrasings\none?\n\ntwo?\n```\n")},
		"b/c.yaml": {Data: []byte("phrasings:\n  a/b:\n    - three?\n    - \"four?\"\n")},
		"b/d.yaml": {Data: []byte("phrasings:\n  a/b: [five?,\n   six?]\n")},
	})
	if err != nil {
		t.Fatal(err)
	}
	p, _ := base.Passage("a/b")
	if p.Line != 7 || p.TextLine != 10 {
		t.Errorf("got heading at %d and text at %d, want 7 and 10", p.Line, p.TextLine)
	}
	want := []place{{"a.md", 13}, {"a.md", 15}, {"b/c.yaml", 3}, {"b/c.yaml", 4}, {"b/d.yaml", 2}, {"b/d.yaml", 3}}
	if len(p.Phrasings) != len(want) {
		t.Fatalf("got %d phrasings, want %d", len(p.Phrasings), len(want))
	}
	for i, w := range want {
		if file, line := base.PhrasingPlace("a/b", i); file != w.file || line != w.line {
			t.Errorf("%s: got %s:%d, want %s", p.Phrasings[i], file, line, w)
		}
	}
	if file, line := base.PhrasingPlace("a/b", len(want)); file != "" || line != 0 {
		t.Errorf("got %s:%d for a phrasing that is not there, want none", file, line)
	}
}

// A problem below front matter was named one line too early.
func TestLinesBelowFrontMatter(t *testing.T) {
	_, err := Load(fstest.MapFS{"a.md": {Data: []byte("---\ntitle: A\nreviewed: 2026-01-01\n---\n## No anchor\n")}})
	var problems Problems
	if !errors.As(err, &problems) || problems[0].Line != 5 {
		t.Errorf("got %v, want a problem in line 5", err)
	}
}
