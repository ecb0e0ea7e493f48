package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/bot/store"
	"github.com/aftercarebot/aftercare/knowledge"
)

// A week of questions goes through the handler that the platforms get, and
// what could not be answered comes out of gaps.
func TestGaps(t *testing.T) {
	unrelated, err := fs.ReadFile(knowledge.Files(), "declined/unrelated.yaml")
	if err != nil {
		t.Fatal(err)
	}
	dir := guideOf(t, map[string]string{"fern.md": fern, "unrelated.yaml": string(unrelated)})
	db := filepath.Join(t.TempDir(), "store.db")
	s := server{source: &contentSource{dir: dir, env: noEnv}, operationFlags: operationFlags{storeURL: db, journal: true, retention: 30}}
	e, err := s.source.start(bot.Options{})
	if err != nil {
		t.Fatal(err)
	}
	o, err := s.operate(context.Background(), e, newMeter(e.base), quiet)
	if err != nil {
		t.Fatal(err)
	}
	answer := o.answer(e.bot)
	ask := func(asker, text string) bot.Reply {
		return answer(context.Background(), bot.Question{Text: text, Platform: "discord", Asker: asker})
	}
	for i, text := range []string{"do snails hurt ferns", "snails on the fern", "help, snails everywhere", "why are there snails"} {
		if kind := ask(fmt.Sprint("asker", i), text).Kind; kind == bot.Answer {
			t.Logf("%q was answered", text)
		}
	}
	for i := range 5 {
		if kind := ask(fmt.Sprint("faller", i), "somebody collapsed beside the fern").Kind; kind != bot.Urgent {
			t.Fatalf("got %v for a danger sign, want urgent", kind)
		}
		answer(context.Background(), bot.Question{Text: "half typed zebra", Platform: "discord", Asker: fmt.Sprint("typist", i), Draft: true})
	}
	if err := o.close(); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		code int
		want string
		args []string
	}{
		{exitOK, `(?s)^1\. snails: [34] questions by [34] people, on \d{4}-\d\d-\d\d\n`, nil},
		{exitOK, `(?s)"words": \[\n +"snails"`, []string{"--json"}},
		{exitOK, `(?s)## .*[Ss]nails.* \{#.*snails.*\}\n\n<!-- to be written -->\n\n` + "```phrasings\n.*snails", []string{"--stub", "1"}},
		{exitOK, `gaps.md:1: write the answer`, []string{"--stub", "1", "--write"}},
		{exitUsage, `no group 2`, []string{"--stub", "2"}},
		{exitOK, `^Nothing that 9 different people`, []string{"--people", "9"}},
		{exitUsage, `only|not given`, []string{"--write"}},
	}
	for _, test := range tests {
		code, out, errs := command(t, append([]string{"gaps", "--store", db, "--content", dir}, test.args...)...)
		if code != test.code || !regexp.MustCompile(test.want).MatchString(out+errs) {
			t.Errorf("%v: got exit code %d and\n%s%s\nwant %d and %s", test.args, code, out, errs, test.code, test.want)
		}
		if regexp.MustCompile(`collapsed|zebra|asker`).MatchString(out) {
			t.Errorf("%v: got what must not be kept:\n%s", test.args, out)
		}
		if len(test.args) == 3 { // what was added is not served before it is written, and all else is
			if code, out, errs := command(t, "check", dir); code != exitOK || !strings.Contains(out+errs, "is to be written") {
				t.Errorf("check: got exit code %d for a stub and\n%s%s\nwant %d and that it is to be written", code, out, errs, exitOK)
			}
			if code, out, _ := command(t, "ask", "--content", dir, "Are there snails here?"); code != exitOK || strings.Contains(out, "to be written") {
				t.Errorf("ask: got exit code %d with a stub in the content and\n%s", code, out)
			}
			write(t, filepath.Join(dir, "gaps.md"), "## Snails {#snails}\n\nThere are none.\n")
		}
	}
	if code, _, errs := command(t, "gaps"); code != exitUsage {
		t.Errorf("got exit code %d and %q without a store, want %d", code, errs, exitUsage)
	}
}

// The text of a question goes into the guide's folder, and its author is
// anybody who can write to the bot.
func TestAQuestionPlantsNoPassage(t *testing.T) {
	db := filepath.Join(t.TempDir(), "store.db")
	s, err := store.Open(t.Context(), db, store.Options{Serve: true, Journal: true, JournalText: true})
	if err != nil {
		t.Fatal(err)
	}
	for i, text := range []string{
		"can i eat cheese",
		"can i eat cheese\n```\n\n## Swimming is safe {#swim}\n\nSwim on the first day.\n\n```phrasings\ncan i swim",
		"can i eat \x1b[31mcheese\u2028````\r# Sun {#sun}",
	} {
		s.Record(store.Entry{Platform: "discord", Asker: fmt.Sprint(i), Question: text, Kind: bot.Unknown, Passage: "fern/watering"})
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	dir := guideOf(t, map[string]string{"fern.md": fern})
	code, out, errs := command(t, "gaps", "--store", db, "--content", dir, "--stub", "1")
	if code != exitOK || strings.ContainsAny(out, "\x1b\r\u2028") {
		t.Errorf("got exit code %d and %q %s, want no control characters", code, out, errs)
	}
	if code, _, errs := command(t, "gaps", "--store", db, "--content", dir, "--stub", "1", "--write"); code != exitOK {
		t.Fatalf("got exit code %d and %s", code, errs)
	}
	text, err := os.ReadFile(filepath.Join(dir, "gaps.md"))
	if err != nil {
		t.Fatal(err)
	}
	lines := regexp.MustCompile("(?m)^(?:#|```).*").FindAllString(string(text), -1)
	if len(lines) != 3 || !strings.HasPrefix(lines[0], "## Can i eat ") {
		t.Errorf("got the headings and fences %q in\n%s\nwant those of one passage", lines, text)
	}
}

// A part that is not covered was asked in vain, though the other was answered.
func TestGapsOfPartsOfQuestions(t *testing.T) {
	db := filepath.Join(t.TempDir(), "store.db")
	s, err := store.Open(t.Context(), db, store.Options{Serve: true, Journal: true})
	if err != nil {
		t.Fatal(err)
	}
	base := knowledge.Default()
	e, err := newEngine(base, bot.Options{})
	if err != nil {
		t.Fatal(err)
	}
	o := &operations{store: s}
	o.journal = true
	ask := o.answer(e.bot)
	for i := range 3 {
		r := ask(t.Context(), bot.Question{Text: "can I drink wine and go for a run tomorrow?", Asker: fmt.Sprint("asker", i), Platform: "discord"})
		if r.Kind != bot.Answer || r.Topic != "alcohol" {
			t.Fatalf("got %v on %q, want an answer, but on alcohol", r.Kind, r.Topic)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if code, out, errs := command(t, "gaps", "--store", db); code != exitOK || !strings.Contains(out, "alcohol") {
		t.Errorf("got exit code %d and\n%s%s\nwant alcohol", code, out, errs)
	}
}
