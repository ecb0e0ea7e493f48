package lint_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aftercarebot/aftercare/knowledge"
	"github.com/aftercarebot/aftercare/knowledge/lint"
)

const front = "---\ntitle: Guide\nreviewed: 2026-01-10\nreview_by: 2027-01-10\n---\n"

var today = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

func load(t *testing.T, files map[string]string) *knowledge.Base {
	t.Helper()
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	base, err := knowledge.Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	return base
}

// said gives findings as "file:line rule", with a * for those that are known.
func said(found []lint.Finding) []string {
	out := []string{}
	for _, f := range found {
		known := ""
		if f.Known {
			known = "*"
		}
		out = append(out, fmt.Sprintf("%s:%d %s%s", f.File, f.Line, f.Rule, known))
	}
	return out
}

// one makes a guide of one passage.
func one(text string) map[string]string {
	return map[string]string{"a.md": front + "# A\n\n## B {#b}\n\n" + text + "\n"}
}

func TestRules(t *testing.T) {
	long := strings.Repeat("Keep it clean and dry. ", 90)
	tests := []struct {
		name  string
		files map[string]string
		want  []string
	}{
		{"nothing to say", one("Wait for 24–48 hours.\n\n- wash it\n- dry it at 20 degrees\n\n1. See https://example.org/a_b_c.\n\n*Note 3 * 4 and snake_case_names."), nil},

		{"long", one(long), []string{"a.md:8 too-long"}},

		{"odd hours", one("Fine.\nNo make-up for 24–74 hours."), []string{"a.md:11 odd-range"}},
		{"odd minutes", one("Cool it for 10 to 17 minutes."), []string{"a.md:10 odd-range"}},
		{"backwards", one("Wait 5-2 days."), []string{"a.md:10 odd-range"}},
		{"usual ranges", one("Wait 3-5 days, 4 to 6 weeks, 10–14 days, 24-72 hours or 15-20 minutes."), nil},

		{"footnote", one("Wash your hands.[3]"), []string{"a.md:10 furniture"}},
		{"footnote number", one("Wash your hands.4 Then dry them."), []string{"a.md:10 furniture"}},
		{"superscript", one("Wash¹ your hands."), []string{"a.md:10 furniture"}},
		{"page number", one("Wash your hands.\n\nPage 3 of 12"), []string{"a.md:12 furniture"}},
		{"web page", one("Wash your hands.\n\nShare this on Facebook!"), []string{"a.md:12 furniture"}},
		{"copyright", one("Wash your hands. © 2024 Clinic"), []string{"a.md:10 furniture"}},
		{"to do", one("Wash your hands. TODO ask Anna"), []string{"a.md:10 furniture"}},
		{"a sentence after a number", one("Wait 2.5 days. Then 3 more."), nil},

		{"http", one("See http://example.org."), []string{"a.md:10 link"}},
		{"bare address", one("See www.example.org for more."), []string{"a.md:10 link"}},

		{"bold", one("Do **not** touch it."), []string{"a.md:10 mark-up"}},
		{"italic", one("Do _not_ touch it."), []string{"a.md:10 mark-up"}},
		{"link", one("See [this](https://example.org)."), []string{"a.md:10 mark-up"}},
		{"table", one("| a | b |\n|---|---|\n| 1 | 2 |"), []string{"a.md:10 mark-up", "a.md:11 mark-up", "a.md:12 mark-up"}},
		{"HTML", one("First<br>second."), []string{"a.md:10 mark-up"}},
		{"entity", one("Salt&nbsp;water."), []string{"a.md:10 mark-up"}},
		{"comment", one("Wash.\n\n<!-- ask Anna -->"), []string{"a.md:12 mark-up"}},
		{"less than", one("Use it if it is < 5 degrees or > 20."), nil},

		{"no review date", map[string]string{"a.md": "## B {#b}\n\nText.\n"}, []string{"a.md:1 review", "a.md:1 review"}},
		{"review passed", map[string]string{"a.md": "---\nreviewed: 2025-01-01\nreview_by: 2026-01-01\n---\n## B {#b}\n\nText.\n"}, []string{"a.md:1 review"}},
		{"review to come", map[string]string{"a.md": "---\nreviewed: 2026-12-01\nreview_by: 2027-01-01\n---\n## B {#b}\n\nText.\n"}, []string{"a.md:1 review"}},

		{"duplicate", map[string]string{
			"a.md":   front + "## B {#b}\n\nX.\n\n## C {#c}\n\nY.\n",
			"b.yaml": "phrasings:\n  a/b:\n    - \"Can I swim?\"\n    - can I run far\n  a/c:\n    - can I swim\n",
		}, []string{"b.yaml:3 duplicate"}},
		{"duplicate beside one in another order", map[string]string{
			"a.md":   front + "## B {#b}\n\nX.\n\n## C {#c}\n\nY.\n",
			"b.yaml": "phrasings:\n  a/b:\n    - can i swim far\n  a/c:\n    - far i can swim\n    - can i swim far\n",
		}, []string{"b.yaml:3 duplicate"}},
		{"duplicate of a declined topic", map[string]string{
			"a.md":   front + "## B {#b}\n\nX.\n",
			"b.yaml": "phrasings:\n  a/b: [what does it cost]\ndeclined:\n  - id: price\n    name: prices\n    phrasings: [What does it cost?]\n",
		}, []string{"b.yaml:2 duplicate"}},
		{"near duplicate", map[string]string{
			"a.md":   front + "## B {#b}\n\nX.\n\n## C {#c}\n\nY.\n",
			"b.yaml": "phrasings:\n  a/b: [how long must I wait before swimming in the sea]\n  a/c:\n  - how long must I wait before I swim in the sea then\n",
		}, []string{"b.yaml:2 near-duplicate"}},
		{"short and different", map[string]string{
			"a.md":   front + "## B {#b}\n\nX.\n\n## C {#c}\n\nY.\n",
			"b.yaml": "phrasings:\n  a/b: [can I run]\n  a/c: [can I swim]\n",
		}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			found, err := lint.Check(t.Context(), load(t, test.files), lint.Options{Today: today})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(append([]string{}, test.want...), said(found)); diff != "" {
				t.Errorf("want -, got +:\n%s\n%v", diff, found)
			}
		})
	}
}

func TestTimeSpans(t *testing.T) {
	thesaurus := "thesaurus:\n  swimming: [swim, pool, bathe]\n  make-up: [make-up, foundation]\n  wait-duration: [wait]\n"
	tests := []struct {
		name        string
		first       string
		second      string
		differences string
		want        []string
	}{
		{"different", "Do not swim for two weeks.", "Keep out of the pool for at least a week.", "", []string{"a.md:8 time-spans"}},
		{"the same in other words", "Do not swim for 14 days.", "Keep out of the pool for two weeks.", "", nil},
		{"the same range", "No foundation for 24–72 hours.", "Wear no make-up for 24 hours to 3 days.", "", nil},
		{"different things", "Do not swim for two weeks.", "Wear no make-up for two days.", "", nil},
		{"in the sentence behind", "Be careful in the first two weeks. Avoid make-up.", "Wear no foundation for two days.", "", []string{"a.md:8 time-spans"}},
		{"no time", "Swim every day.", "Swim for a week.", "", nil},
		{"known", "Do not swim for two weeks.", "Keep out of the pool for at least a week.", "differences:\n  - about: swimming\n    words: [swimming]\n    passages: [a/b, a/c]\n", []string{"a.md:8 time-spans*"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			base := load(t, map[string]string{
				"a.md":   front + "## B {#b}\n\n" + test.first + "\n\n## C {#c}\n\n" + test.second + "\n",
				"b.yaml": thesaurus + test.differences,
			})
			found, err := lint.Check(t.Context(), base, lint.Options{Today: today})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(append([]string{}, test.want...), said(found)); diff != "" {
				t.Errorf("want -, got +:\n%s\n%v", diff, found)
			}
		})
	}
}

// The source of the embedded guide gives two figures for make-up, two for hot
// baths, and a range that is a slip.
func TestEmbeddedGuide(t *testing.T) {
	found, err := lint.Check(t.Context(), knowledge.Default(), lint.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var spans []string
	odd := false
	for _, f := range found {
		odd = odd || f.Rule == "odd-range" && strings.Contains(f.What, "24–74")
		if f.Rule == "time-spans" && f.Known {
			spans = append(spans, f.What)
		}
	}
	for _, about := range []string{"make-up", "hot-bath"} {
		if !slices.ContainsFunc(spans, func(s string) bool { return strings.Contains(s, about) }) {
			t.Errorf("got no differing times for %s, want some: %q", about, spans)
		}
	}
	if !odd {
		t.Error("got no odd range, want the one for make-up")
	}
}

// finds is a search that finds a fixed passage for each question.
type finds map[string]knowledge.Match

func (f finds) Search(_ context.Context, question string) ([]knowledge.Match, error) {
	if m, ok := f[question]; ok {
		return []knowledge.Match{m}, nil
	}
	return nil, nil
}

func TestSearchedRules(t *testing.T) {
	base := load(t, map[string]string{"a.md": front + "## B {#b}\n\nX.\n\n```phrasings\none two\nthree four\nfive six\n```\n\n## C {#c}\n\nY.\n\n## D {#d}\n\nZ.\n"})
	passage := func(id string) knowledge.Match {
		p, _ := base.Passage(id)
		return knowledge.Match{Passage: p}
	}
	search := finds{
		"one two":    passage("a/b"),
		"three four": passage("a/c"),
		"five six":   {Topic: &knowledge.Topic{ID: "price"}},
		"golden b":   passage("a/b"),
		"golden c":   passage("a/b"),
	}
	golden := []lint.Question{{"golden b", []string{"a/b"}}, {"golden c", []string{"a/c"}}}
	total := 0
	found, err := lint.Check(t.Context(), base, lint.Options{Today: today, Search: search, Golden: golden, Progress: func(_, all int) { total = all }})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"a.md:12 lost-phrasing", "a.md:13 lost-phrasing", "a.md:16 not-asked", "a.md:20 not-asked"}
	if diff := cmp.Diff(want, said(found)); diff != "" {
		t.Errorf("want -, got +:\n%s\n%v", diff, found)
	}
	if total != 5 {
		t.Errorf("got %d searches, want 5", total)
	}
}

type broken struct{}

func (broken) Search(context.Context, string) ([]knowledge.Match, error) {
	return nil, errors.New("no index")
}

func TestSearchFails(t *testing.T) {
	base := load(t, map[string]string{"a.md": "## B {#b}\n\nX.\n\n```phrasings\none\n```\n"})
	if _, err := lint.Check(t.Context(), base, lint.Options{Search: broken{}}); err == nil || !strings.Contains(err.Error(), "no index") {
		t.Errorf("got error %v, want that of the search", err)
	}
}
