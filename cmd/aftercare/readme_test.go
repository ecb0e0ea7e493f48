package main

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/aftercarebot/aftercare/knowledge"
)

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestReadmeContent loads the examples under "Writing content" as one folder.
func TestReadmeContent(t *testing.T) {
	_, chapter, _ := strings.Cut(readme(t), "## Writing content")
	markdown := regexp.MustCompile("(?s)````markdown\n(.*?)````").FindStringSubmatch(chapter)
	if markdown == nil {
		t.Fatal("no example of a passage")
	}
	folder := fstest.MapFS{"guide.md": {Data: []byte(markdown[1])}}
	examples := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(chapter, -1)
	if len(examples) < 3 {
		t.Fatalf("got %d YAML examples, want at least 3", len(examples))
	}
	for i, example := range examples {
		folder["more"+string(rune('a'+i))+".yaml"] = &fstest.MapFile{Data: []byte(example[1])}
	}
	base, err := knowledge.Load(folder)
	if err != nil {
		t.Fatalf("the README's example content: %v", err)
	}
	if p, ok := base.Passage("guide/sun"); !ok || len(p.Phrasings) != 4 || len(p.Related) != 1 {
		t.Errorf("guide/sun: got %+v, want four phrasings, one of them from YAML, and one related passage", p)
	}
	if len(base.Topics()) == 0 || len(base.Differences()) != 1 || base.Wording().Contact != "your practitioner" {
		t.Errorf("got %d topics, %d differences and wording %+v, want those of the examples", len(base.Topics()), len(base.Differences()), base.Wording())
	}
}

// TestReadmeQuotesTheGuide keeps what the README shows of an answer true.
func TestReadmeQuotesTheGuide(t *testing.T) {
	base := knowledge.Default()
	p, ok := base.Passage("guide/avoid-swimming-and-hot-baths")
	if !ok {
		t.Fatal("no passage on swimming")
	}
	first, _, _ := strings.Cut(p.Text, "\n")
	for _, want := range []string{p.Title + "\n\n" + first + "\n", base.Wording().Note} {
		if !strings.Contains(readme(t), want) {
			t.Errorf("the README does not show %q", want)
		}
	}
}

// TestCheckNamesEveryRule: what check finds is explained in its help.
func TestCheckNamesEveryRule(t *testing.T) {
	for file, rule := range map[string]*regexp.Regexp{
		"check.go":                     regexp.MustCompile(`Rule: "([a-z-]+)"`),
		"../../knowledge/lint/lint.go": regexp.MustCompile(`(?m)^//\t([a-z-]+)  `),
	} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		found := rule.FindAllStringSubmatch(string(text), -1)
		if len(found) == 0 {
			t.Errorf("%s: got no rules", file)
		}
		for _, m := range found {
			if !strings.Contains(rules, "  "+m[1]+" ") {
				t.Errorf("check --help does not explain %s, of %s", m[1], file)
			}
		}
	}
}

// TestReadmeNamesEveryCommand: what can be typed is in the list of commands.
func TestReadmeNamesEveryCommand(t *testing.T) {
	_, chapter, _ := strings.Cut(readme(t), "## Commands")
	var help strings.Builder
	p := process{in: strings.NewReader(""), out: &help, err: &help, env: func(string) (string, bool) { return "", false }}
	if code := run(t.Context(), []string{"--help"}, p); code != exitOK {
		t.Fatalf("--help: got exit code %d, want %d: %s", code, exitOK, &help)
	}
	_, list, _ := strings.Cut(help.String(), "Available Commands:\n")
	list, _, _ = strings.Cut(list, "\n\n")
	for line := range strings.Lines(list) {
		name, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		if name != "help" && !strings.Contains(chapter, "aftercare "+name+" ") {
			t.Errorf("the README does not name aftercare %s", name)
		}
	}
}
