package knowledge

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"
)

// A line of a hundred thousand quotation marks kept the parser busy for a minute.
func TestDeeplyNestedMarkdown(t *testing.T) {
	for _, line := range []string{strings.Repeat("> ", 100_000) + "x", strings.Repeat(">", 100_000), strings.Repeat("- ", 50_000) + "x", strings.Repeat(" ", 100_000) + "x"} {
		_, err := Load(fstest.MapFS{"a.md": {Data: []byte("---\ntitle: A\n---\n## B {#b}\n\n" + line + "\n")}})
		var problems Problems
		if !errors.As(err, &problems) || problems[0].Line != 6 || !strings.Contains(problems[0].What, "nested too deeply") {
			t.Errorf("%.10s: got %v, want that line 6 is nested too deeply", line, err)
		}
	}
	for _, line := range []string{"> a quotation", "- * nested", "--- ", "**bold** - and so on", strings.Repeat("-", 200), strings.Repeat("* ", 20)} {
		if _, err := Load(fstest.MapFS{"a.md": {Data: []byte("## B {#b}\n\n" + line + "\n\nText.\n")}}); err != nil {
			t.Errorf("%q: got %v, want no error", line, err)
		}
	}
}

// A bracket on each of a hundred thousand lines kept the parser busy as long.
func TestDeeplyNestedYAML(t *testing.T) {
	_, err := Load(fstest.MapFS{"a.yaml": {Data: []byte("phrasings:\n" + strings.Repeat(" [\n", 100_000))}})
	var problems Problems
	if !errors.As(err, &problems) || !strings.Contains(problems[0].What, "nested too deeply") {
		t.Errorf("got %v, want that it is nested too deeply", err)
	}
}

// Nor must other mark-up take more than an instant.
func TestHostileMarkdown(t *testing.T) {
	for name, part := range map[string]string{
		"brackets": "[", "links": "[a](", "pictures": "![", "stars": "*a ", "strong": "**a", "ticks": "` ``", "tags": "<a ", "entities": "&", "escapes": `\`, "comments": "<!--", "fences": "```\n", "headings": "# ", "closing": "]",
	} {
		t.Run(name, func(t *testing.T) {
			long := strings.Repeat(part, 60_000)
			_, _ = Load(fstest.MapFS{"a.md": {Data: []byte("## B {#b}\n\n" + long + "\n")}})
			_, _ = Load(fstest.MapFS{"a.md": {Data: []byte("## " + long + " {#b}\n\ntext\n")}})
		})
	}
}

func TestHeadings(t *testing.T) {
	for heading, want := range map[string]string{
		"## Avoid *the* `sun` {#b}":                     "Avoid the sun",
		"##   [Sun](https://example.org) & sea ## {#b}": "Sun & sea",
		"Sun {#b}\n---":                                 "Sun",
		"## - not a list {#b}":                          "- not a list",
		"## 1. Sun {#b}":                                "1. Sun",
		"## " + strings.Repeat("long ", 300) + " {#b}":  "",
	} {
		base, err := Load(fstest.MapFS{"a.md": {Data: []byte(heading + "\n\ntext\n")}})
		switch {
		case want == "" && (err == nil || !strings.Contains(err.Error(), "a.md:1: heading of ")):
			t.Errorf("%.30q: got error %v, want that it is too long", heading, err)
		case want != "" && err != nil:
			t.Errorf("%q: %v", heading, err)
		case want != "" && base.Passages()[0].Title != want:
			t.Errorf("%q: got %q, want %q", heading, base.Passages()[0].Title, want)
		}
	}
}
