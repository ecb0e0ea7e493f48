package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

func TestGeneratorIsAlwaysTheSame(t *testing.T) {
	a, b := generated(1200), generated(1200)
	if len(a) != 2 || len(b) != 2 {
		t.Fatalf("got %d and %d files, want 2", len(a), len(b))
	}
	for name, file := range a {
		if !bytes.Equal(file.Data, b[name].Data) {
			t.Errorf("%s differs from one run to the next", name)
		}
	}
	fewer := generated(1000)
	if !bytes.Equal(fewer["f0000.md"].Data, a["f0000.md"].Data) {
		t.Error("the first 1,000 passages differ with how many follow")
	}
	c, err := size(1200).content()
	if err != nil {
		t.Fatal(err)
	}
	if got := len(c.base.Passages()); got != 1200 || len(c.texts) != 1200 {
		t.Errorf("got %d passages and %d texts, want 1200", got, len(c.texts))
	}
	one, two := c.kinds, kindsOf(c.texts)
	for i := range one {
		if !slices.Equal(one[i].each, two[i].each) {
			t.Errorf("%s: questions differ from one run to the next", one[i].name)
		}
	}
}

func TestKinds(t *testing.T) {
	c, err := size(14).content()
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]kind{}
	for _, k := range c.kinds {
		kinds[k.name] = k
		for _, q := range k.each {
			if got := len(strings.Fields(q)); got != k.words {
				t.Errorf("%s: got %d words, want %d", k.name, got, k.words)
			}
		}
	}
	for _, name := range []string{tenWords, misspelt, repeated, mostWords} {
		if len(kinds[name].each) == 0 {
			t.Errorf("no questions of %s", name)
		}
	}
	for i, q := range kinds[misspelt].each {
		changed := 0
		for j, w := range strings.Fields(kinds[tenWords].each[i]) {
			if strings.Fields(q)[j] != w {
				changed++
			}
		}
		if changed > 2 {
			t.Errorf("%q: got %d words changed, want at most 2", q, changed)
		}
	}
	if got, want := misspell("one two three four five six seven eight nine ten"), "one two trhee four five six seven egiht nine ten"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestPlan(t *testing.T) {
	for _, c := range []struct{ documents, words, rounds, turns int }{
		{14, 800, 40, 4}, {1000, 100, 40, 4}, {1000, 800, 10, 4}, {10000, 20, 10, 4}, {100000, 20, 10, 1}, {10000, 800, 5, 1}, {100000, 800, 3, 1},
	} {
		if rounds, turns := plan(40, c.documents, c.words); rounds != c.rounds || turns != c.turns {
			t.Errorf("%d words of %d: got %d rounds of %d, want %d of %d", c.words, c.documents, rounds, turns, c.rounds, c.turns)
		}
	}
	if rounds, _ := plan(1, 100000, 800); rounds != 1 {
		t.Errorf("got %d rounds, want the one that was asked for", rounds)
	}
}

func TestParseSizes(t *testing.T) {
	got, err := parseSizes("content,14,100000")
	if want := []size{0, 14, 100000}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	for _, bad := range []string{"", "many", "14,,15", "-3", "0"} {
		if _, err := parseSizes(bad); err == nil {
			t.Errorf("%q: got no error", bad)
		}
	}
}

func TestAsPeopleAsk(t *testing.T) {
	k, err := asPeopleAsk("../testdata/questions")
	if err != nil {
		t.Fatal(err)
	}
	if len(k.each) != several || slices.Contains(k.each, "") {
		t.Errorf("got %d questions, want %d and none empty: %q", len(k.each), several, k.each)
	}
	again, err := asPeopleAsk("../testdata/questions")
	if err != nil || !slices.Equal(k.each, again.each) {
		t.Errorf("questions differ from one run to the next: %v", err)
	}
	if _, err := asPeopleAsk(t.TempDir()); err == nil {
		t.Error("of a folder without questions: got no error")
	}
}
