package knowledge

import (
	"testing"
	"testing/fstest"
)

// Where the operator does not say what the guide is about, its title does.
func TestSubject(t *testing.T) {
	passage := func(title string) *fstest.MapFile {
		head := ""
		if title != "" {
			head = "---\ntitle: " + title + "\n---\n\n"
		}
		return &fstest.MapFile{Data: []byte(head + "## A {#a}\n\nSome text.\n")}
	}
	for _, tt := range []struct {
		files fstest.MapFS
		want  string
	}{
		{fstest.MapFS{"guide.md": passage("Tattoo aftercare")}, "tattoo aftercare"},
		{fstest.MapFS{"guide.md": passage("PRP aftercare")}, "PRP aftercare"},
		{fstest.MapFS{"guide.md": passage("Älter werden")}, "älter werden"},
		{fstest.MapFS{"guide.md": passage("One"), "faq.md": passage("Two")}, "aftercare"},
		{fstest.MapFS{"guide.md": passage("One"), "faq.md": passage("One")}, "one"},
		{fstest.MapFS{"guide.md": passage("One"), "w.yaml": {Data: []byte("wording:\n  about: what I say\n")}}, "what I say"},
	} {
		base, err := Load(tt.files)
		if err != nil {
			t.Fatal(err)
		}
		if got := base.Wording().About; got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}
