// Package snapshottest keeps snapshots up to date, for the tests of the
// packages that have one.
package snapshottest

import (
	"flag"
	"os"
	"testing"

	"github.com/aftercarebot/aftercare/knowledge/snapshot"
)

var update = flag.Bool("update", false, "write what the test makes anew, such as stored.snapshot")

// Update reports whether the test was started with -update, as go generate does.
func Update() bool { return *update }

// Renew, with -update, writes the snapshot of value to a file and to stored,
// which it is embedded in. Without, it does nothing.
func Renew(t *testing.T, file string, stored *[]byte, content string, value any) {
	t.Helper()
	if !*update {
		return
	}
	data, err := snapshot.Encode(content, value)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, data, 0o644); err != nil {
		t.Fatal(err)
	}
	*stored = data
}

// Learnt fails the test where stored is not the snapshot of value, which was
// learnt just now. With -update it is written first, as Renew does.
func Learnt(t *testing.T, file string, stored *[]byte, content string, value any) {
	t.Helper()
	Renew(t, file, stored, content, value)
	if same, err := snapshot.Same(*stored, content, value); !same || err != nil {
		t.Fatalf("the snapshot is not what is learnt: %s (%v)", Remedy, err)
	}
}

// Remedy is what to do about a snapshot that is not up to date.
const Remedy = "the content or the code has changed: run go generate ./... and commit the .snapshot files"

// Damaged fails the test where stored is read though one bit of it is wrong.
func Damaged(t *testing.T, stored *[]byte, isRead func() bool) {
	t.Helper()
	whole := *stored
	t.Cleanup(func() { *stored = whole })
	*stored = append([]byte(nil), whole...)
	(*stored)[len(whole)/2] ^= 4
	if isRead() {
		t.Error("it was read")
	}
}
