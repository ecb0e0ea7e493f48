package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestLinked holds the program that the start is compared with to the very
// packages that the bot links, no more and no less.
func TestLinked(t *testing.T) {
	const ours = "github.com/aftercarebot/aftercare"
	foreign := func(program string) []string {
		out, err := exec.Command("go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", program).Output()
		if err != nil {
			t.Fatal(err)
		}
		list := slices.DeleteFunc(strings.Fields(string(out)), func(p string) bool { return strings.HasPrefix(p, ours) })
		slices.Sort(list)
		return list
	}
	bot, linked := foreign(ours+"/cmd/aftercare"), foreign("./linked")
	for _, p := range bot {
		if !slices.Contains(linked, p) {
			t.Errorf("linked lacks %s", p)
		}
	}
	for _, p := range linked {
		if !slices.Contains(bot, p) {
			t.Errorf("linked has %s, which the bot does not link", p)
		}
	}
}
