package bot

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/aftercarebot/aftercare/knowledge"
	"github.com/aftercarebot/aftercare/knowledge/language"
)

const plants = "## Watering {#watering}\n\nWater it every second day.\n\n## How are you billed? {#bill}\n\nTwice a year.\n\n## Opening hours {#hours}\n\nNine to five.\n"

func baseOf(t *testing.T, files map[string]string) *knowledge.Base {
	t.Helper()
	all := fstest.MapFS{}
	for name, text := range files {
		all[name] = &fstest.MapFile{Data: []byte(text)}
	}
	base, err := knowledge.Load(all)
	if err != nil {
		t.Fatal(err)
	}
	return base
}

// A guide without small talk once answered it with the passage that shared a word.
func TestSmallTalkOfAGuideWithoutAny(t *testing.T) {
	base := baseOf(t, map[string]string{"guide.md": plants})
	own, ok := base.Passage("guide/watering")
	if !ok {
		t.Fatal("no passage")
	}
	sure := &found{matches: []knowledge.Match{{Passage: own, Confidence: 0.9}}}
	b := newBot(t, base, sure, nil)
	for text, want := range map[string]Kind{
		"how's your day going":      Greeting,
		"Thanks a bunch!!":          Greeting,
		"hi, are you still there??": Greeting,
		"test":                      Greeting,
		"water every day?":          Answer, // a word that is no small talk
		"how are you billed":        Answer,
		"thanks, and in winter":     Answer,
		"what hours do you keep":    Answer, // as a title has it
		"I cannot breathe, thanks":  Urgent,
		"hello hello hello hello hello, may I ask how often I am to do this": Answer,
	} {
		r := b.Answer(t.Context(), Question{Text: text})
		if r.Kind != want {
			t.Errorf("%q: got %v, want %v (%v)", text, r.Kind, want, r.Reasons)
		}
		if r.Kind == Greeting && (r.Text == "" || len(r.Reasons) == 0) {
			t.Errorf("%q: got %+v", text, r)
		}
	}
	off := newBot(t, baseOf(t, map[string]string{"guide.md": plants, "smalltalk.yaml": ""}), sure, nil)
	if r := off.Answer(t.Context(), Question{Text: "how's your day going"}); r.Kind != Answer {
		t.Errorf("switched off: got %v, want %v", r.Kind, Answer)
	}
}

// No question that people asked is taken for small talk, of many; nearly no
// phrasing of the built-in guide either.
func TestQuestionsAreNoSmallTalk(t *testing.T) {
	base := baseOf(t, map[string]string{"guide.md": plants})
	talk := newTalk(base)
	files, err := filepath.Glob("../index/testdata/questions/*.jsonl")
	if err != nil || len(files) == 0 {
		t.Fatalf("no questions: %v", err)
	}
	asked := 0
	for _, name := range files {
		file, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		for lines := bufio.NewScanner(file); lines.Scan(); {
			var q struct{ Q, Kind string }
			if json.Unmarshal(lines.Bytes(), &q) != nil || q.Q == "" || q.Kind == "chit-chat" {
				continue
			}
			asked++
			if kind, like, ok := talk.meant(language.Normalise(q.Q)); ok {
				t.Errorf("%q is taken for %s: %q", q.Q, kind.ID, like)
			}
		}
	}
	wrong, all := []string{}, 0
	for _, p := range knowledge.Default().Passages() {
		for _, q := range p.Phrasings {
			all++
			if _, _, ok := talk.meant(language.Normalise(q)); ok {
				wrong = append(wrong, q)
			}
		}
	}
	if asked < 1500 || all < 5000 || len(wrong) > all/1000 {
		t.Errorf("of %d questions and %d phrasings these are taken for small talk: %s", asked, all, strings.Join(wrong, "; "))
	}
}
