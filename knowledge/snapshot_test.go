package knowledge

import (
	"bytes"
	"flag"
	"os"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/aftercarebot/aftercare/knowledge/snapshot"
)

var update = flag.Bool("update", false, "make stored.snapshot anew")

// TestSnapshot makes sure that the snapshot is of the content and of the types
// as they are now.
func TestSnapshot(t *testing.T) {
	base, err := Load(Files())
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		text, files, hash := contentText()
		data, err := snapshot.Encode(hash, store(base, text, files))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile("stored.snapshot", data, 0o644); err != nil {
			t.Fatal(err)
		}
		storedBase = data
	}
	const remedy = "the content or a type of it has changed: run go generate ./... and commit the .snapshot files"
	got := restored()
	if got == nil {
		t.Fatalf("the snapshot is of other content than %s: %s", base.Hash(), remedy)
	}
	ours := func(reflect.Type) bool { return true }
	if diff := cmp.Diff(base, got, cmp.Exporter(ours), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s\n%.2000s", remedy, diff)
	}
}

// A damaged snapshot is no snapshot, and Default loads the files.
func TestDamagedSnapshot(t *testing.T) {
	whole := storedBase
	t.Cleanup(func() { storedBase = whole })
	storedBase = bytes.Clone(whole)
	storedBase[len(whole)/2] ^= 4
	if restored() != nil {
		t.Error("it was read")
	}
}

func BenchmarkDefault(b *testing.B) {
	for b.Loop() {
		if restored() == nil {
			b.Fatal("not restored")
		}
	}
}
