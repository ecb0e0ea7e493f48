package safety

import (
	"runtime"
	"testing"
	"testing/fstest"

	"github.com/aftercarebot/aftercare/knowledge"
	"github.com/aftercarebot/aftercare/knowledge/language"
	"github.com/aftercarebot/aftercare/knowledge/snapshot/snapshottest"
)

// TestSnapshot makes sure that the snapshot is what this code trains on the
// embedded content. TestSameTwice compares the verdicts.
func TestSnapshot(t *testing.T) {
	if runtime.GOARCH != "amd64" && !snapshottest.Update() {
		t.Skip("other processors round otherwise; the snapshot is made on amd64")
	}
	base, err := knowledge.Load(knowledge.Files()) // Default's snapshot may be as old
	if err != nil {
		t.Fatal(err)
	}
	m, err := train(base.Safety(), ordinaryMessages(base))
	if err != nil {
		t.Fatal(err)
	}
	want := store(m)
	snapshottest.Learnt(t, "stored.snapshot", &storedMatcher, base.Hash(), want)
	if restore(base) == nil {
		t.Error("the snapshot cannot be read")
	}
}

// A damaged snapshot is no snapshot, and New trains anew.
func TestDamagedSnapshot(t *testing.T) {
	snapshottest.Damaged(t, &storedMatcher, func() bool { return readBuiltIn() != nil })
}

const guide = `---
title: Fern guide
source: the gardener
reviewed: 2026-01-01
---

# Ferns

## Watering {#watering}

Water it every second day.
`
const plain = "phrasings:\n  guide/watering:\n    - how often do I water the quillwort\n"

// Content with the built-in signs needs no training, unless one of its
// phrasings would raise a card, or it has signs of its own.
func TestOtherContent(t *testing.T) {
	for name, tt := range map[string]struct {
		yaml string
		want bool
	}{
		"plain":           {plain, true},
		"would raise":     {"phrasings:\n  guide/watering:\n    - my throat is swelling and I cannot breathe\n", false},
		"a sign the more": {"safety:\n  signs:\n    - id: wilting\n      card: danger\n      patterns: [wilt + fern]\n", false},
	} {
		base, err := knowledge.Load(fstest.MapFS{"guide.md": {Data: []byte(guide)}, "more.yaml": {Data: []byte(tt.yaml)}})
		if err != nil {
			t.Fatal(name, err)
		}
		m := restore(base)
		if got := m != nil; got != tt.want {
			t.Errorf("%s: got %v, want %v", name, got, tt.want)
		}
		if m == nil {
			continue
		}
		if m.analyser.findHash(hashWord("quillwort")) < 0 {
			t.Errorf("%s: its own words are not known", name)
		}
		usual := matcher(t)
		for _, text := range lines(t, "testdata/positive.txt") {
			text = language.Normalise(text)
			if got, want := m.Match(text), usual.Match(text); got.Level != want.Level || got.Card != want.Card {
				t.Errorf("%s: %q: got %v %s, want %v %s", name, text, got.Level, got.Card, want.Level, want.Card)
			}
		}
	}
}

func BenchmarkRestored(b *testing.B) {
	for b.Loop() {
		if readBuiltIn() == nil {
			b.Fatal("not read")
		}
	}
}

// BenchmarkOther makes the Matcher of a small content that has the built-in signs.
func BenchmarkOther(b *testing.B) {
	base, err := knowledge.Load(fstest.MapFS{"guide.md": {Data: []byte(guide)}, "more.yaml": {Data: []byte(plain)}})
	if err != nil {
		b.Fatal(err)
	}
	builtIn()
	b.ReportAllocs()
	for b.Loop() {
		if restore(base) == nil {
			b.Fatal("not read")
		}
	}
}
