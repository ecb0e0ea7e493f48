package main

import "testing"

// TestEngines builds and opens every engine, and lets it find a passage by
// its title, and nothing by a word that no passage holds.
func TestEngines(t *testing.T) {
	c, err := size(60).content()
	if err != nil {
		t.Fatal(err)
	}
	title := c.base.Passages()[7].Title
	for _, b := range builders() {
		t.Run(b.name, func(t *testing.T) {
			check := func(e engine, err error) {
				t.Helper()
				if err != nil {
					t.Fatal(err)
				}
				if n, err := e.search(title); err != nil || n < 1 || n > wanted {
					t.Errorf("got %d results of a title, %v, want 1 to %d", n, err, wanted)
				}
				if b.name == nameSearch {
					// It ranks even what it has no confidence in; judging is the bot's.
				} else if n, err := e.search("xylophone"); err != nil || n != 0 {
					t.Errorf("got %d results of a foreign word, %v, want none", n, err)
				}
				if e.beyond != nil {
					if n, err := e.beyond(); err != nil || n <= 0 {
						t.Errorf("got %d bytes outside the heap, %v, want some", n, err)
					}
				}
				if err := e.close(); err != nil {
					t.Error(err)
				}
			}
			dir := t.TempDir()
			check(b.build(c, dir))
			if b.store != nil {
				dir = t.TempDir()
				if err := b.store(c, dir); err != nil {
					t.Fatal(err)
				}
			}
			if b.open != nil {
				check(b.open(dir))
			}
		})
	}
}
