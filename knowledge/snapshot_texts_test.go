package knowledge

import (
	"slices"
	"strings"
	"testing"
)

// Strings come back wherever they are: near, far, in another file, or nowhere.
func TestTexts(t *testing.T) {
	var content fileTexts
	content.add("a.md", "one two three\n"+strings.Repeat("long ", 80)+"\n")
	content.add("b.md", strings.Repeat("-", lookOn)+"\na sentence far away\nfour\n")
	whole := strings.Join(content.texts, "")
	for name, all := range map[string][]string{
		"none":              nil,
		"near":              {"one", "two", "three"},
		"back":              {"three", "one", "two", "one"},
		"empty":             {"", "one", "", ""},
		"long":              {"one", content.texts[0][14:300], content.texts[0][14 : 14+sizeLong], "long"},
		"far, and far back": {"one", "a sentence far away", "four", "one two three", "two"},
		"nowhere":           {"five", "one", "six", "five", strings.Repeat("x", 300)},
	} {
		packed := textsOf(all, whole)
		r := packed.reader(&content)
		var got []string
		for range all {
			got = append(got, r.next())
		}
		if !slices.Equal(got, all) {
			t.Errorf("%s: got %q, want %q", name, got, all)
		}
	}
}
