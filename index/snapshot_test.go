package index

import (
	"bytes"
	"os"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aftercarebot/aftercare/knowledge"
	"github.com/aftercarebot/aftercare/knowledge/snapshot"
)

// TestSnapshot makes sure that the snapshot is what this code learns from the
// embedded content, and that it answers as what was learnt does.
func TestSnapshot(t *testing.T) {
	if testing.Short() && !*update {
		t.Skip("learns the embedded content")
	}
	if runtime.GOARCH != "amd64" && !*update {
		t.Skip("other processors round otherwise; the snapshot is made on amd64")
	}
	base, err := knowledge.Load(knowledge.Files()) // Default's snapshot may be as old
	if err != nil {
		t.Fatal(err)
	}
	e := newEngine(base)
	p, err := post(e)
	if err != nil {
		t.Fatal(err)
	}
	e.bleve = p.candidates(e)
	want := store(e, p)
	if *update {
		data, err := snapshot.Encode(base.Hash(), want)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile("stored.snapshot", data, 0o644); err != nil {
			t.Fatal(err)
		}
		storedIndex = data
	}
	const remedy = "the content or the code has changed: run go generate ./... and commit the .snapshot files"
	if same, err := snapshot.Same(storedIndex, base.Hash(), want); !same || err != nil {
		t.Fatalf("the snapshot is not what is learnt: %s (%v)", remedy, err)
	}
	x := restored(base)
	if x == nil {
		t.Fatal("the snapshot cannot be read")
	}
	learnt := &Index{e}
	for _, q := range append(questions(t, "testdata/questions/validation_inscope.jsonl"), questions(t, "testdata/questions/validation_oos.jsonl")...) {
		a, err := learnt.Search(t.Context(), q.Q)
		if err != nil {
			t.Fatal(err)
		}
		b, err := x.Search(t.Context(), q.Q)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(a, b); diff != "" {
			t.Fatalf("%q: (- learnt, + read)\n%.2000s", q.Q, diff)
		}
	}
}

// A damaged snapshot is no snapshot, and New learns anew.
func TestDamagedSnapshot(t *testing.T) {
	whole := storedIndex
	t.Cleanup(func() { storedIndex = whole })
	storedIndex = bytes.Clone(whole)
	storedIndex[len(whole)/2] ^= 4
	if restored(knowledge.Default()) != nil {
		t.Error("it was read")
	}
}

func BenchmarkRestored(b *testing.B) {
	base := knowledge.Default()
	for b.Loop() {
		if restored(base) == nil {
			b.Fatal("not restored")
		}
	}
}
