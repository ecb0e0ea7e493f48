package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// fillDisk writes a file until the disk has no room left.
func fillDisk(path string) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	for size := 64 << 10; size > 0; size /= 2 {
		for err = nil; err == nil; {
			_, err = file.Write(make([]byte, size))
		}
	}
	if !errors.Is(err, syscall.ENOSPC) {
		return err
	}
	return nil
}

func TestFullDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=2m"); err != nil {
		t.Skipf("a small disk cannot be mounted (TestFileSizeLimit covers the rest): %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	var l logs
	path, filler := filepath.Join(dir, "store.db"), filepath.Join(dir, "filler")
	s := mustOpen(t, path, Options{Serve: true, Journal: true, Log: l.logger()})
	settings := s.Settings("discord")
	if err := settings.Set(t.Context(), "guild:1", "auto", "on"); err != nil {
		t.Fatal(err)
	}
	record(s, "1", "beer")
	settle(t, s)

	if err := fillDisk(filler); err != nil {
		t.Fatal(err)
	}
	took := hammer(s, 10_000)
	settle(t, s)
	full := s.Stats()
	p50, p99, worst := percentiles(took)
	t.Logf("full: Record p50 %v p99 %v worst %v, %d written, %d dropped", p50, p99, worst, full.Written, full.Dropped)
	if full.Written+full.Dropped != 10_001 || full.Dropped < 5000 || !full.Failing {
		t.Errorf("got %+v, want most of 10001 dropped and none uncounted", full)
	}
	if got := strings.Count(l.String(), "journal entries lost"); got != 1 {
		t.Errorf("logged %d times, want once:\n%s", got, l.String())
	}
	if !strings.Contains(l.String(), "is full: free some space") {
		t.Errorf("got log %s, want the remedy", l.String())
	}
	if got, err := settings.Settings(t.Context(), "guild:1"); err != nil || got["auto"] != "on" {
		t.Errorf("settings: got %v, %v", got, err)
	}
	if err := settings.Set(t.Context(), "guild:1", "long", strings.Repeat("x", 4096)); err == nil || !strings.Contains(err.Error(), "free some space") {
		t.Errorf("Set: got %v, want the remedy", err)
	}
	other := filepath.Join(dir, "other.db")
	if _, err := Open(t.Context(), other, Options{Serve: true}); err == nil || !strings.Contains(err.Error(), "free some space") {
		t.Errorf("Open of a new one: got %v, want the remedy", err)
	}

	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	record(s, "1", "wine")
	settle(t, s)
	if got := s.Stats(); got.Written != full.Written+1 || got.Failing {
		t.Errorf("with room again: got %+v, want %d written", got, full.Written+1)
	}
	if got := column(t, s, `PRAGMA integrity_check`); len(got) != 1 || got[0] != "ok" {
		t.Errorf("integrity: %v", got)
	}
	mustClose(t, s)
	s = mustOpen(t, path, Options{Serve: true})
	if got := column(t, s, `SELECT words FROM aftercare_journal WHERE words IN ('beer', 'wine') ORDER BY words`); len(got) != 2 {
		t.Errorf("after reopening: got %v, want beer and wine", got)
	}
}

// A file that may not grow is a full disk, too, and needs no root.
func TestFileSizeLimit(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "store.db")
	_, lines := start(t, "full", path)
	for lines.Scan() {
		if text, ok := strings.CutPrefix(lines.Text(), "full: "); ok {
			t.Log(text)
			s := mustOpen(t, path, Options{Serve: true}) // in this process there is no limit
			if got := column(t, s, `PRAGMA integrity_check`); len(got) != 1 || got[0] != "ok" {
				t.Errorf("integrity: %v", got)
			}
			return
		}
		t.Error(lines.Text())
	}
	t.Error("child said nothing of a full disk")
}

// fillUp is the child of TestFileSizeLimit.
func fillUp(s *Store) int {
	signal.Ignore(syscall.SIGXFSZ)
	limit := syscall.Rlimit{Cur: 256 << 10, Max: 256 << 10}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		fmt.Println("setrlimit:", err)
		return 1
	}
	// How many entries fit depends on how they fall into transactions, so it is
	// filled until it refuses, a few at a time, and only then hammered.
	asked := 0
	for ; asked < 20_000 && !s.Stats().Failing; asked += 100 {
		hammer(s, 100)
		if err := s.forgetQueued(context.Background(), "nobody", ""); err != nil {
			fmt.Println(err)
			return 1
		}
	}
	took := hammer(s, 10_000)
	asked += len(took)
	if err := s.forgetQueued(context.Background(), "nobody", ""); err != nil {
		fmt.Println(err)
		return 1
	}
	stats := s.Stats()
	if stats.Written+stats.Dropped != uint64(asked) || stats.Written == 0 || stats.Dropped == 0 || !stats.Failing {
		fmt.Printf("got %+v of %d, want some written, some dropped, none uncounted\n", stats, asked)
		return 1
	}
	s.Close()
	p50, p99, worst := percentiles(took)
	fmt.Printf("full: Record p50 %v p99 %v worst %v, %d written, %d dropped\n", p50, p99, worst, stats.Written, stats.Dropped)
	return 0
}
