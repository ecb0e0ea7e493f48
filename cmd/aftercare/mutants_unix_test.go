//go:build unix

package main

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"
)

// systemMutants need what not every system has.
func systemMutants() []mutant {
	all := []mutant{
		{"named pipe", "pipe.md", func(dir string, _ *rand.Rand) error { return syscall.Mkfifo(filepath.Join(dir, "pipe.md"), 0o600) }, false},
		{"named pipe for golden questions", "golden.jsonl", func(dir string, r *rand.Rand) error {
			name := filepath.Join(dir, "golden.jsonl")
			if err := os.Remove(name); err != nil {
				return err
			}
			if err := replace("fern.md", "Water", "Do water")(dir, r); err != nil {
				return err
			}
			return syscall.Mkfifo(name, 0o600)
		}, false},
		{"socket", "s.yaml", func(dir string, _ *rand.Rand) error {
			return syscall.Mknod(filepath.Join(dir, "s.yaml"), syscall.S_IFSOCK|0o600, 0)
		}, false},
	}
	if os.Getuid() != 0 { // root reads everything
		all = append(all,
			mutant{"unreadable file", "fern.md", func(dir string, _ *rand.Rand) error { return os.Chmod(filepath.Join(dir, "fern.md"), 0) }, false},
			mutant{"unreadable folder", "content", func(dir string, _ *rand.Rand) error { return os.Chmod(dir, 0) }, false},
		)
	}
	return all
}
