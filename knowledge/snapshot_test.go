package knowledge

import (
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/aftercarebot/aftercare/knowledge/snapshot/snapshottest"
)

// TestSnapshot makes sure that the snapshot is of the content and of the types
// as they are now.
func TestSnapshot(t *testing.T) {
	base, err := Load(Files())
	if err != nil {
		t.Fatal(err)
	}
	text, files, hash := contentText()
	snapshottest.Renew(t, &storedBase, hash, store(base, text, files))
	got := restored()
	if got == nil {
		t.Fatalf("the snapshot is of other content than %s: %s", base.Hash(), snapshottest.Remedy)
	}
	ours := func(reflect.Type) bool { return true }
	if diff := cmp.Diff(base, got, cmp.Exporter(ours), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s\n%.2000s", snapshottest.Remedy, diff)
	}
}

// A damaged snapshot is no snapshot, and Default loads the files.
func TestDamagedSnapshot(t *testing.T) {
	snapshottest.Damaged(t, &storedBase, func() bool { return restored() != nil })
}

func BenchmarkDefault(b *testing.B) {
	for b.Loop() {
		if restored() == nil {
			b.Fatal("not restored")
		}
	}
}
