package safety

import (
	"flag"
	"os"
	"runtime"
	"testing"

	"github.com/aftercarebot/aftercare/knowledge"
	"github.com/aftercarebot/aftercare/knowledge/snapshot"
)

var update = flag.Bool("update", false, "make stored.snapshot anew")

// TestSnapshot makes sure that the snapshot is what this code learns from the
// embedded content. TestSameTwice compares the verdicts.
func TestSnapshot(t *testing.T) {
	if runtime.GOARCH != "amd64" && !*update {
		t.Skip("other processors round otherwise; the snapshot is made on amd64")
	}
	base := knowledge.Default()
	m, err := learn(base.Safety(), ordinary(base))
	if err != nil {
		t.Fatal(err)
	}
	want := store(m)
	if *update {
		data, err := snapshot.Encode(base.Hash(), want)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile("stored.snapshot", data, 0o644); err != nil {
			t.Fatal(err)
		}
		storedMatcher = data
	}
	const remedy = "the content or the code has changed: run go generate ./... and commit the .snapshot files"
	if same, err := snapshot.Same(storedMatcher, base.Hash(), want); !same || err != nil {
		t.Errorf("the snapshot is not what is learnt: %s (%v)", remedy, err)
	}
	if restored(base) == nil {
		t.Error("the snapshot cannot be read")
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
