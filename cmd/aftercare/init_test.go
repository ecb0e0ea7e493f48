package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/knowledge"
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
	half := filepath.Join(t.TempDir(), "deep", "guide")
	mine := filepath.Join(half, "common", "unrelated.yaml")
	write(t, mine, "declined: []\n")
	want(exitUsage, mine+" is there already", "init", half)
	blocked := filepath.Join(t.TempDir(), "guide")
	write(t, filepath.Join(blocked, "safety"), "a file where a folder belongs")
	want(exitFailure, "write the folder", "init", blocked)
	for dir, want := range map[string]int{half: 1, blocked: 1} {
		if left, err := os.ReadDir(dir); err != nil || len(left) != want {
			t.Errorf("got %v and error %v in %s, want only what was there before", left, err, dir)
		}
	}

	// The safety cards are there to be reviewed; a danger sign is told as ever,
	// and small talk speaks of this guide.
	cards := filepath.Join(dir, "safety", "cards.yaml")
	text, err := os.ReadFile(cards)
	if err != nil {
		t.Fatal(err)
	}
	write(t, cards, strings.Replace(string(text), "Please get help from a person", "Go to the front desk", 1))
	e, err := (&contentSource{dir: dir, env: noEnv}).start(bot.Options{Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	for question, want := range map[string]string{
		"pus is coming out of my cheek": "GO TO THE FRONT DESK",
		"I want to kill myself":         "YOU DESERVE TO TALK TO SOMEONE NOW",
		"what can you do":               "I answer questions about visiting the studio from the guide.",
		"who built you?":                "I can only answer from the guide on visiting the studio",
	} {
		if got := e.bot.Answer(t.Context(), bot.Question{Text: question}).Plain(); !strings.Contains(got, want) {
			t.Errorf("%s: got %q, want %q", question, got, want)
		}
	}

	// A new passage is named by check until it is written.
	want(exitOK, "faq.md:1: write the answer", "new", "--content", dir, "can I bring my dog?")
	want(exitOK, "faq.md:1: warning: \"Can I bring my dog?\" is to be written, and is not served until then", "check", dir)
	want(exitOK, "I can only answer from the guide", "ask", "--content", dir, "can I bring my dog?")
	faq := filepath.Join(dir, "faq.md")
	if text, err = os.ReadFile(faq); err != nil {
		t.Fatal(err)
	}
	written := strings.Replace(string(text), knowledge.ToBeWritten, "Please leave it at home.", 1)
	write(t, faq, written)
	want(exitOK, "ok: 4 passages", "check", dir)
	want(exitOK, "Please leave it at home", "ask", "--content", dir, "can I bring my dog?")
	want(exitOK, "faq.md:9: write", "new", "--content", dir, "and `how` {#big} is\nthe room?")
	want(exitOK, "faq.md:9: warning: \"And how big is the room?\" is to be written", "check", dir)
	want(exitUsage, "no Markdown file below", "new", "--content", dir, "--file", "../faq.md", "x y")
	want(exitOK, "{#can-i-fly}", "new", "can I fly?")
}

// A guide put into what init wrote, before any phrasings are, is answered from:
// the hundreds of phrasings of small talk and foreign topics do not drown it.
func TestInitThenOwnGuide(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "my-guide")
	if code, out, errs := command(t, "init", dir); code != exitOK {
		t.Fatalf("init: %d %s%s", code, out, errs)
	}
	for _, name := range []string{"guide.yaml", goldenName} { // of the example
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	guide, err := os.ReadFile("testdata/tattoo/guide.md")
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "guide.md"), string(guide))
	base, err := knowledge.LoadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	e, err := newEngine(base, bot.Options{Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	ask := func(q string) bot.Reply { return e.bot.Answer(t.Context(), bot.Question{Text: q}) }
	right := 0
	covered := map[string]string{
		"how often should I wash my tattoo": "washing", "do I dry it with a towel": "washing",
		"when do I take the cling film off": "wrap", "can I go swimming on holiday next week": "swimming",
		"can I have a shower": "swimming", "can I pick the scabs": "itching",
		"my tattoo is peeling, is that normal": "itching", "can I go to the gym tomorrow": "exercise",
		"is smoking bad for it": "alcohol", "can I shave my legs": "shaving",
		"how long does it take to heal": "healing", "can I give blood": "blood",
	}
	for q, want := range covered {
		r := ask(q)
		if r.Kind == bot.Answer && r.Matches[0].Passage.ID == "guide/"+want {
			right++
		} else {
			t.Logf("%q: got %v", q, r.Kind)
		}
	}
	if least := len(covered) - 2; right < least {
		t.Errorf("got %d of %d right, want %d", right, len(covered), least)
	}
	for _, q := range []string{"what's the weather like", "tell me a joke", "can you recommend a film", "what time is it in Tokyo", "is my car insured"} {
		if r := ask(q); r.Kind != bot.Unknown && r.Kind != bot.Declined {
			t.Errorf("%q: got %v", q, r.Kind)
		}
	}
	for _, q := range []string{"hello", "thank you so much", "how's your day going", "are you a robot"} {
		if r := ask(q); r.Kind != bot.Greeting {
			t.Errorf("%q: got %v, want a greeting", q, r.Kind)
		}
	}
}
