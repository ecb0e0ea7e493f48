package store

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestNotWritable(t *testing.T) {
	dir := t.TempDir()
	root := os.Getuid() == 0
	if root { // root may write in any directory but not on a disk that is read-only
		if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=4m"); err != nil {
			t.Skipf("a read-only disk cannot be mounted: %v", err)
		}
		t.Cleanup(func() {
			if err := syscall.Unmount(dir, 0); err != nil {
				t.Error(err)
			}
		})
	}
	path := filepath.Join(dir, "store.db")
	mustClose(t, mustOpen(t, path, Options{Serve: true}))
	if root {
		if err := syscall.Mount("", dir, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
			t.Skip(err)
		}
	} else {
		if err := os.Remove(path + ".lock"); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(dir, 0o500); err != nil {
			t.Fatal(err)
		}
		defer os.Chmod(dir, 0o700)
	}
	for _, tt := range []struct {
		name, path string
		opt        Options
	}{
		{"new", filepath.Join(dir, "new.db"), Options{Serve: true}},
		{"there", path, Options{Serve: true}},
		{"there, not serving", path, Options{Journal: true}},
		{"only reading", path, Options{}},
	} {
		s, err := Open(t.Context(), tt.path, tt.opt)
		if err == nil {
			s.Close()
			t.Errorf("%s: got no error", tt.name)
		} else if !strings.Contains(err.Error(), "may not write") || !strings.Contains(err.Error(), "let it, or give another path") {
			t.Errorf("%s: got %q, want the remedy", tt.name, err)
		}
	}
}
