package knowledge

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// embeddedIDs are fixed: questions are labelled with them (design.md).
var embeddedIDs = []string{
	"guide/what-is-microneedling", "guide/benefits", "guide/aftercare-overview", "guide/avoid-the-sun", "guide/avoid-infections",
	"guide/skincare-products", "guide/cooling-products", "guide/avoid-exercise", "guide/avoid-swimming-and-hot-baths",
	"guide/no-tattoo-or-tanning", "faq/which-creams", "faq/healing-time", "faq/healing-process", "faq/results-timeline",
}

func TestDefaultHasThePassagesOfTheSource(t *testing.T) {
	base := Default()
	if got := len(base.Passages()); got != len(embeddedIDs) {
		t.Errorf("got %d passages, want %d", got, len(embeddedIDs))
	}
	for _, id := range embeddedIDs {
		p, ok := base.Passage(id)
		if !ok {
			t.Errorf("no passage %s", id)
			continue
		}
		if len(p.Phrasings) < 30 {
			t.Errorf("%s has %d phrasings, want at least 30", id, len(p.Phrasings))
		}
		if p.Source.Title == "" || p.Source.Origin == "" || p.Source.Reviewed.IsZero() {
			t.Errorf("%s: source is %+v, want a title, an origin and a review date", id, p.Source)
		}
		if len(p.Related) == 0 {
			t.Errorf("%s has no related passages", id)
		}
	}
	declined := 0
	for _, topic := range base.Topics() {
		if topic.Kind != Unrelated {
			declined++
		}
	}
	if declined < 60 {
		t.Errorf("got %d declined topics, want at least 60", declined)
	}
}

// TestFactsOfTheSource holds each figure and fact of the source article
// against the passage that must carry it.
func TestFactsOfTheSource(t *testing.T) {
	for id, facts := range map[string][]string{
		"guide/what-is-microneedling":        {"tiny", "sterilised", "circulation", "collagen", "smoother", "toned", "firmer"},
		"guide/benefits":                     {"fine lines", "wrinkles", "acne scars", "stretch marks", "hyperpigmentation", "plumper", "doctor"},
		"guide/aftercare-overview":           {"tailored", "swell", "sunburnt", "professionally or at home", "infections", "practitioner", "strictly", "overrule"},
		"guide/avoid-the-sun":                {"two weeks", "chemical-free", "SPF 30", "habit"},
		"guide/avoid-infections":             {"washing your hands", "antibiotic cream", "doctor"},
		"guide/skincare-products":            {"exfoliants", "retinol", "vitamin C", "glycolic acid", "alpha hydroxy", "24–74 hours", "routine"},
		"guide/cooling-products":             {"hydrating masks", "swelling", "anti-inflammatory", "tight and dry"},
		"guide/avoid-exercise":               {"weeks", "sweat", "pores", "bacteria", "infection"},
		"guide/avoid-swimming-and-hot-baths": {"hot baths", "saunas", "spas", "at least a week", "first day", "Steam", "chlorine"},
		"guide/no-tattoo-or-tanning":         {"tattoo", "micro-blading", "two to three weeks", "chemicals"},
		"faq/which-creams":                   {"hyaluronic acid", "first two weeks"},
		"faq/healing-time":                   {"24 hours", "2 or 3 days", "make-up"},
		"faq/healing-process":                {"first two weeks", "hot baths", "saunas", "spas", "swims", "make-up", "Sleep on your back"},
		"faq/results-timeline":               {"micro-wounds", "deep", "four to six weeks"},
	} {
		p, _ := Default().Passage(id)
		for _, fact := range facts {
			if !strings.Contains(p.Text, fact) {
				t.Errorf("%s does not say %q", id, fact)
			}
		}
	}
}

func TestLoadKeepsTextByteForByte(t *testing.T) {
	const text = "First *line*, as  written.\n\n- a list\n- `code` & <angle>\n\n```\n## no heading\n```\n\nLast."
	base, err := Load(fstest.MapFS{"a/b.md": {Data: []byte("---\ntitle: T\nreviewed: 2026-01-02\n---\n# Title\n\n## One {#one}\n\n" + text + "\n\n```phrasings\nwhat is one\n\nwhich one?\n```\n\nTwo {#two}\n---\nSecond.\n")}})
	if err != nil {
		t.Fatal(err)
	}
	one, _ := base.Passage("a/b/one")
	if diff := cmp.Diff(text, one.Text); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"what is one", "which one?"}, one.Phrasings); diff != "" {
		t.Error(diff)
	}
	if one.Line != 7 || one.File != "a/b.md" || one.Source.Title != "T" {
		t.Errorf("got %s:%d of %q, want a/b.md:7 of T", one.File, one.Line, one.Source.Title)
	}
	if two, ok := base.Passage("a/b/two"); !ok || two.Text != "Second." {
		t.Errorf("got %+v", two)
	}
}

func TestLoadSaysWhereAndWhat(t *testing.T) {
	good := "## One {#one}\n\nText.\n"
	for name, tt := range map[string]struct {
		files map[string]string
		want  string
	}{
		"two passages with one id":    {map[string]string{"g.md": good + "\n" + good}, `g.md:5: a second passage "g/one"; the first is at g.md:1`},
		"a heading without anchor":    {map[string]string{"g.md": "## One\n\nText.\n"}, `g.md:1: heading "One" has no anchor`},
		"a malformed anchor":          {map[string]string{"g.md": "## One {#One_Two}\n\nText.\n"}, `g.md:1: anchor "One_Two" is not well formed`},
		"an empty passage":            {map[string]string{"g.md": "## Zero {#zero}\n\n" + good}, `g.md:1: passage "Zero" is empty`},
		"text before the headings":    {map[string]string{"g.md": "Lost.\n\n" + good}, `g.md:1: text that belongs to no passage`},
		"text under the title":        {map[string]string{"g.md": "# T\n\nLost.\n\n" + good}, `g.md:1: text under the title`},
		"bad UTF-8":                   {map[string]string{"g.md": good + "\nbad \xff here\n"}, `g.md:5: is not valid UTF-8`},
		"a NUL":                       {map[string]string{"g.md": good + "\x00"}, `g.md:4: holds a NUL`},
		"a file over 1 MiB":           {map[string]string{"g.md": good + strings.Repeat("x", MaxFileSize)}, `g.md: is over 1 MiB`},
		"an unknown front matter key": {map[string]string{"g.md": "---\ntitle: T\nauthour: me\n---\n" + good}, `g.md:3: unknown field "authour"; the README says`},
		"front matter without end":    {map[string]string{"g.md": "---\ntitle: T\n" + good}, `g.md:1: the front matter has no end`},
		"a bad date":                  {map[string]string{"g.md": "---\nreviewed: soon\n---\n" + good}, `g.md:2: "soon" is not a date`},
		"an unknown YAML key":         {map[string]string{"g.md": good, "x.yaml": "wording:\n  abuot: skin\n"}, `x.yaml:2: unknown field "abuot"; did you mean "about"?`},
		"a name in the singular":      {map[string]string{"g.md": good, "x.yaml": "declined:\n  - id: wine\n    word: [wine]\n"}, `x.yaml:3: unknown field "word"; did you mean "words"?`},
		"a name of another section":   {map[string]string{"g.md": good, "x.yaml": "safety:\n  card: []\n"}, `x.yaml:2: unknown field "card"; did you mean "cards"?`},
		"a phrasing with a colon":     {map[string]string{"g.md": good, "x.yaml": "phrasings:\n  g/one:\n    - can I: yes\n"}, `x.yaml:3: is a name and a value, because of the colon, where a text belongs; put the whole text in quotes`},
		"a text for a list":           {map[string]string{"g.md": good, "x.yaml": "declined:\n  - id: wine\n    words: wine\n"}, `x.yaml:3: is one text where a list belongs; write it as [wine, beer]`},
		"a list for a text":           {map[string]string{"g.md": good, "x.yaml": "wording:\n  about: [a]\n"}, `x.yaml:2: is a list where one text belongs; remove the brackets`},
		"one entry for a list":        {map[string]string{"g.md": good, "x.yaml": "declined: {id: a}\n"}, `x.yaml:1: is no list; begin each entry with a hyphen`},
		"a text for names":            {map[string]string{"g.md": good, "x.yaml": "wording: about\n"}, `x.yaml:1: has no names, where names with a colon behind them belong`},
		"neither true nor false":      {map[string]string{"g.md": good, "x.yaml": "safety:\n  complete: perhaps\n"}, `x.yaml:2: is neither true nor false`},
		"broken YAML":                 {map[string]string{"g.md": good, "x.yaml": "phrasings: [a\n"}, `x.yaml:1: `},
		"an alias":                    {map[string]string{"g.md": good, "x.yaml": "related: &a\n  g/one: [g/one]\nphrasings: *a\n"}, `x.yaml:1: uses a YAML anchor or alias`},
		"deep nesting":                {map[string]string{"g.md": good, "x.yaml": "phrasings: " + strings.Repeat("[", 100_000)}, `x.yaml:1: is nested too deeply`},
		"phrasings of no passage":     {map[string]string{"g.md": good, "x.yaml": "phrasings:\n  g/two:\n    - hello\n"}, `x.yaml:2: phrasings: there is no passage "g/two"`},
		"a topic without a name":      {map[string]string{"g.md": good, "x.yaml": "declined:\n  - id: wine\n    phrasings: [wine]\n"}, `x.yaml:2: declined topic "wine" has no name`},
		"a topic of unknown kind":     {map[string]string{"g.md": good, "x.yaml": "declined:\n  - id: wine\n    name: wine\n    kind: drink\n    words: [wine]\n"}, `unknown kind "drink"`},
		"a second difference":         {map[string]string{"g.md": good + "\n## Two {#two}\n\nText.\n", "x.yaml": "differences:\n  - {about: sun, words: [sun], passages: [g/one, g/two]}\n  - {about: sun, words: [sea], passages: [g/one, g/two]}\n"}, `x.yaml:3: a second difference "sun"; the first is at x.yaml:2`},
		"a difference about nothing":  {map[string]string{"g.md": good + "\n## Two {#two}\n\nText.\n", "x.yaml": "differences:\n  - {about: '', words: [sun], passages: [g/one, g/two]}\n"}, `x.yaml:2: a difference does not say what it is about`},
		"a second topic":              {map[string]string{"g.md": good, "x.yaml": "declined:\n  - {id: w, name: w, words: [w]}\n  - {id: w, name: w, words: [w]}\n"}, `x.yaml:3: a second declined topic "w"; the first is at x.yaml:2`},
		"no passage at all":           {map[string]string{"x.txt": "hello"}, `no passages found`},
		"YAML in capitals":            {map[string]string{"g.md": good, "a/safety.YAML": "safety: {}\n"}, `a/safety.YAML: is not read: its name ends in .YAML; rename it to safety.yaml`},
		"Markdown in capitals":        {map[string]string{"g.md": good, "faq.MD": good}, `faq.MD: is not read: its name ends in .MD; rename it to faq.md`},
		"Markdown in full":            {map[string]string{"g.md": good, "faq.markdown": good}, `faq.markdown: is not read: its name ends in .markdown; rename it to faq.md`},
		"a file of no passage":        {map[string]string{"g.md": "# Only a title\n"}, `g.md: holds no passage`},
		"phrasings never closed":      {map[string]string{"g.md": good + "\n```phrasings\na\n"}, "g.md:5: the phrasings block is never closed"},
		"no phrasings, never closed":  {map[string]string{"g.md": good + "\n```phrasings\n"}, "g.md:5: the phrasings block is never closed"},
		"phrasings without an end":    {map[string]string{"g.md": good + "\n```phrasings"}, "g.md:5: the phrasings block is never closed"},
		"phrasings over a passage":    {map[string]string{"g.md": good + "\n```phrasings\na\n\n## Two {#two}\n\nText.\n\n```phrasings\nb\n```\n"}, "g.md:5: the phrasings block is never closed"},
		"phrasings with a heading":    {map[string]string{"g.md": good + "\n```phrasings\na\n## Two {#two}\n```\n"}, "g.md:5: the phrasings block is never closed"},
		"a misspelt block":            {map[string]string{"g.md": good + "\n```phrasing\na\n```\n"}, "g.md:5: \"```phrasing\" begins no phrasings block, so its lines would be sent to people; did you mean ```phrasings, at the beginning of the line?"},
		"a block in capitals":         {map[string]string{"g.md": good + "\n~~~ Phrasings\na\n~~~\n"}, "g.md:5: \"~~~ Phrasings\" begins no phrasings block"},
		"a block below a list":        {map[string]string{"g.md": good + "\n- wash\n\n  ```phrasings\n  a\n  ```\n"}, "g.md:7: \"```phrasings\" begins no phrasings block"},
		"a block indented":            {map[string]string{"g.md": good + "\n    ```phrasings\n    a\n    ```\n"}, "g.md:5: \"```phrasings\" begins no phrasings block"},
		"two backquotes":              {map[string]string{"g.md": good + "\n``phrasings\na\n``\n"}, "g.md:5: \"``phrasings\" begins no phrasings block"},
		"text behind the phrasings":   {map[string]string{"g.md": good + "\n```phrasings\na\n```\n\nMore.\n"}, `text follows the phrasings`},
	} {
		t.Run(name, func(t *testing.T) {
			files := fstest.MapFS{}
			for file, text := range tt.files {
				files[file] = &fstest.MapFile{Data: []byte(text)}
			}
			_, err := Load(files)
			var problems Problems
			if !errors.As(err, &problems) {
				t.Fatalf("got %v, want Problems", err)
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %q, want %q in it", err, tt.want)
			}
		})
	}
}

func TestLoadDirStaysInside(t *testing.T) {
	outside, inside := t.TempDir(), t.TempDir()
	write := func(dir, name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(outside, "secret.md", "## Secret {#secret}\n\nSecret.\n")
	write(inside, "g.md", "## One {#one}\n\nText.\n")
	if err := os.Symlink("g.md", filepath.Join(inside, "h.md")); err != nil {
		t.Skip(err)
	}
	if base, err := LoadDir(inside); err != nil || len(base.Passages()) != 2 {
		t.Errorf("with a link inside: got %v", err)
	}
	if err := os.Symlink(filepath.Join(outside, "secret.md"), filepath.Join(inside, "i.md")); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadDir(inside); err == nil || !strings.Contains(err.Error(), "i.md") {
		t.Errorf("with a link out: got %v, want an error that names i.md", err)
	}
}

// A folder that is linked would be missing without a word.
func TestLoadDirFollowsNoLinkToAFolder(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("g.md", "## One {#one}\n\nText.\n")
	write("notes.txt", "Notes.")
	link := filepath.Join(dir, "more")
	if err := os.Symlink("notes.txt", link); err != nil {
		t.Skip(err)
	}
	if _, err := LoadDir(dir); err != nil {
		t.Errorf("a link to a file that is no content: got %v", err)
	}
	if err := os.Mkdir(filepath.Join(dir, "inside"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, target := range []string{"inside", outside, "nowhere"} {
		if err := errors.Join(os.Remove(link), os.Symlink(target, link)); err != nil {
			t.Fatal(err)
		}
		if _, err := LoadDir(dir); err == nil || !strings.Contains(err.Error(), "more: is a link to a folder") {
			t.Errorf("a link to %s: got %v, want an error that names it", target, err)
		}
	}
}

func TestUnread(t *testing.T) {
	files := fstest.MapFS{}
	for _, name := range []string{"g.md", "a/x.yaml", "README.md", "README.txt", ".hidden/faq.txt", ".faq.txt", "faq.txt", "a/golden.json", "golden.jsonl"} {
		files[name] = &fstest.MapFile{Data: []byte("text")}
	}
	got, err := Unread(files)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a/golden.json", "faq.txt", "golden.jsonl"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestLoadDirSaysWhatIsNotAFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for dir, want := range map[string]string{
		filepath.Join(t.TempDir(), "none"): "no such folder",
		file:                               "is a file",
		t.TempDir():                        "no passages found",
	} {
		if _, err := LoadDir(dir); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("LoadDir(%s): got %v, want %q in it", dir, err, want)
		}
	}
}

func TestHashTellsVersions(t *testing.T) {
	load := func(text string) string {
		t.Helper()
		base, err := Load(fstest.MapFS{"g.md": {Data: []byte("## One {#one}\n\n" + text + "\n")}})
		if err != nil {
			t.Fatal(err)
		}
		return base.Hash()
	}
	if a, b := load("Text."), load("Text."); a != b || len(a) != 12 {
		t.Errorf("same content: got %q and %q", a, b)
	}
	if a, b := load("Text."), load("Text!"); a == b {
		t.Errorf("other content: got %q twice", a)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add("---\ntitle: T\n---\n# T\n\n## One {#one}\n\nText.\n", "phrasings:\n  g/one: [a]\n")
	f.Add("Two {#two}\n---\n> ## no\n", "declined:\n  - id: a\n    name: a\n    words: [a]\n")
	f.Add("## {#x}\n```phrasings\n```", "safety:\n  cards: []\n")
	f.Fuzz(func(t *testing.T, markdown, yaml string) {
		base, err := Load(fstest.MapFS{"g.md": {Data: []byte(markdown)}, "x.yaml": {Data: []byte(yaml)}})
		if err != nil {
			return
		}
		for _, p := range base.Passages() {
			if p.Text == "" || !strings.Contains(strings.ReplaceAll(markdown, "\r\n", "\n"), p.Text) {
				t.Errorf("passage %q is not in the file", p.Text)
			}
		}
	})
}
