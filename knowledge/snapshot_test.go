package knowledge

import (
	"io/fs"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/aftercarebot/aftercare/knowledge/snapshot"
	"github.com/aftercarebot/aftercare/knowledge/snapshot/snapshottest"
)

// TestSnapshot makes sure that the snapshot is of the content and of the types
// as they are now.
func TestSnapshot(t *testing.T) {
	base, err := Load(Files())
	if err != nil {
		t.Fatal(err)
	}
	text := embeddedText()
	s, err := store(base, text)
	if err != nil {
		t.Fatal(err)
	}
	snapshottest.Renew(t, "stored.snapshot", &storedBase, text.version(), s)
	got := restored()
	if got == nil {
		t.Fatalf("the snapshot is of other content than %s: %s", base.Hash(), snapshottest.Remedy)
	}
	complete := *got
	complete.safety, complete.examples = got.Safety(), nil
	got = &complete
	ours := func(reflect.Type) bool { return true }
	called := cmp.Transformer("called", func(f func() map[string][]place) map[string][]place { return f() })
	if diff := cmp.Diff(base, got, cmp.Exporter(ours), cmpopts.EquateEmpty(), called); diff != "" {
		t.Errorf("%s\n%.2000s", snapshottest.Remedy, diff)
	}
}

// The embedded files are found in place, and are what reading them gives.
func TestEmbeddedInPlace(t *testing.T) {
	inPlace := embeddedInPlace()
	text := embeddedText()
	if len(text.names) == 0 {
		t.Fatal("no files are embedded")
	}
	for i, name := range text.names {
		data, err := fs.ReadFile(Files(), name)
		if err != nil {
			t.Fatal(err)
		}
		if text.texts[i] != string(data) {
			t.Errorf("%s: got other text than reading it gives", name)
		}
		if inPlace["content/"+name].text != string(data) {
			t.Errorf("%s: it is not found in place; has embed.FS changed?", name)
		}
	}
	base, err := Load(Files())
	if err != nil {
		t.Fatal(err)
	}
	if got := text.version(); got != base.Hash() {
		t.Errorf("version: got %s, want %s", got, base.Hash())
	}
	print := text.fingerprint()
	text.sums[3] ^= 1
	if other := text.fingerprint(); print == "" || other == print {
		t.Errorf("fingerprint: got %q, and %q for other content", print, other)
	}
}

// Where the compiler's hashes are others than they were, the content is read,
// and decides.
func TestFingerprint(t *testing.T) {
	whole := storedBase
	t.Cleanup(func() { storedBase = whole })
	text := embeddedText()
	base, err := Load(Files())
	if err != nil {
		t.Fatal(err)
	}
	s, err := store(base, text)
	if err != nil {
		t.Fatal(err)
	}
	s.Fingerprint = "of another Go"
	for hash, want := range map[string]bool{base.Hash(): true, "0123456789ab": false} {
		if storedBase, err = snapshot.Encode(hash, s); err != nil {
			t.Fatal(err)
		}
		if got := restored() != nil; got != want {
			t.Errorf("a snapshot of %s: got %v, want %v", hash, got, want)
		}
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
