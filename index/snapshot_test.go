package index

import (
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aftercarebot/aftercare/knowledge"
	"github.com/aftercarebot/aftercare/knowledge/snapshot/snapshottest"
)

// TestSnapshot makes sure that the snapshot is what this code learns from the
// embedded content, and that it answers as what was learnt does.
func TestSnapshot(t *testing.T) {
	if testing.Short() && !snapshottest.Update() {
		t.Skip("trains on the embedded content")
	}
	if runtime.GOARCH != "amd64" && !snapshottest.Update() {
		t.Skip("other processors round otherwise; the snapshot is made on amd64")
	}
	base, err := knowledge.Load(knowledge.Files()) // Default's snapshot may be as old
	if err != nil {
		t.Fatal(err)
	}
	e := engineOf(base)
	p, err := indexClasses(e)
	if err != nil {
		t.Fatal(err)
	}
	e.bleve = p.candidates(e)
	want := store(e, p)
	snapshottest.Learnt(t, "stored.snapshot", &storedIndex, base.Hash(), want)
	snapshottest.Learnt(t, "bulk.snapshot", &storedBulk, base.Hash(), want.bulk)
	x := restore(base)
	if x == nil {
		t.Fatal("the snapshot cannot be read")
	}
	learnt := &Index{engine: e}
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

// What Prepare reads ahead is what New would have read itself, once.
func TestPrepare(t *testing.T) {
	const question = "can i swim"
	want, err := defaultIndex(t).Search(t.Context(), question)
	if err != nil {
		t.Fatal(err)
	}
	Prepare()
	for _, when := range []string{"prepared", "behind it"} {
		got, err := defaultIndex(t).Search(t.Context(), question)
		if err != nil {
			t.Fatal(err)
		}
		if prefetched.Load() != nil {
			t.Errorf("%s: what was read ahead is still held", when)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: (- read by New, + read ahead)\n%s", when, diff)
		}
	}
	Prepare()
	defer prefetched.Store(nil)
	x, err := New(sparse(t)) // of which nothing was read
	if err != nil {
		t.Fatal(err)
	}
	if got := best(t, x, "squeal"); got != "passage bike/brakes" {
		t.Errorf("of another guide: got %q", got)
	}
}

// A damaged snapshot is no snapshot, and New trains anew.
func TestDamagedSnapshot(t *testing.T) {
	for _, stored := range []*[]byte{&storedIndex, &storedBulk} {
		snapshottest.Damaged(t, stored, func() bool { return restore(knowledge.Default()) != nil })
	}
}

func BenchmarkRestored(b *testing.B) {
	base := knowledge.Default()
	for b.Loop() {
		if restore(base) == nil {
			b.Fatal("not restored")
		}
	}
}
