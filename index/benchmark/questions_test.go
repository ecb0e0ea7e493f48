package main

import (
	"os"
	"path/filepath"
	"testing"
)

// A message with a danger sign gets a card and no search: it would make us
// look faster than we are.
func TestQuestionsAsPeopleAskRaiseNoCard(t *testing.T) {
	dir := t.TempDir()
	for name, line := range map[string]string{"a_inscope.jsonl": `{"q": "can i swim"}`, "a_urgent.jsonl": `{"q": "i cannot breathe"}`} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(line+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	k, err := asPeopleAsk(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(k.each) != several {
		t.Errorf("got %d questions, want %d", len(k.each), several)
	}
	for _, q := range k.each {
		if q != "can i swim" {
			t.Fatalf("got %q", q)
		}
	}
	if err := os.Remove(filepath.Join(dir, "a_inscope.jsonl")); err != nil {
		t.Fatal(err)
	}
	if _, err := asPeopleAsk(dir); err == nil {
		t.Error("got no error where there is nothing to ask")
	}
}
