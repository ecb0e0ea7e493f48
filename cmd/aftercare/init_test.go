package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What init writes passes check, without a warning, and its golden questions.
func TestInit(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "my-guide")
	want := func(wantCode int, wantText string, args ...string) {
		t.Helper()
		code, out, errs := command(t, args...)
		if code != wantCode || !strings.Contains(out+errs, wantText) {
			t.Errorf("%v: got exit code %d and\n%s%s\nwant %d and %q", args, code, out, errs, wantCode, wantText)
		}
	}
	want(exitOK, "aftercare check "+dir, "init", dir)
	want(exitOK, "ok: 3 passages", "check", "--strict", dir)
	want(exitOK, "content version", "eval", "--content", dir, "--min-right", "100", "--max-answered", "0", filepath.Join(dir, goldenName))
	want(exitOK, "from Tuesday to Saturday", "ask", "--content", dir, "are you open on a Friday?")
	want(exitUsage, "nothing is overwritten", "init", dir)

	// A new passage is named by check until it is written.
	want(exitOK, "faq.md:1: write the answer", "new", "--content", dir, "can I bring my dog?")
	want(exitFailure, "faq.md:1: passage \"Can I bring my dog?\" is empty", "check", dir)
	faq := filepath.Join(dir, "faq.md")
	text, err := os.ReadFile(faq)
	if err != nil {
		t.Fatal(err)
	}
	written := strings.Replace(string(text), "}\n\n\n\n", "}\n\nPlease leave it at home.\n\n", 1)
	write(t, faq, written)
	want(exitOK, "ok: 4 passages", "check", dir)
	want(exitOK, "Please leave it at home", "ask", "--content", dir, "can I bring my dog?")
	want(exitOK, "faq.md:9: write", "new", "--content", dir, "and `how` {#big} is\nthe room?")
	want(exitFailure, "faq.md:9: passage \"And how big is the room?\"", "check", dir)
	want(exitUsage, "no Markdown file below", "new", "--content", dir, "--file", "../faq.md", "x y")
	want(exitOK, "{#can-i-fly}", "new", "can I fly?")
}
