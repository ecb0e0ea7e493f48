package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// watching is a watcher at work.
type watching struct {
	t       *testing.T
	watcher *watcher
	reloads chan struct{}
	cancel  context.CancelFunc
	ended   chan error
}

// startWatch watches dir, and waits for the reload at the start.
func startWatch(t *testing.T, dir string, settle time.Duration) *watching {
	t.Helper()
	w := &watching{t: t, reloads: make(chan struct{}, 100), ended: make(chan error, 1)}
	var err error
	if w.watcher, err = watch(dir, func(context.Context) { w.reloads <- struct{}{} }, quiet); err != nil {
		t.Fatal(err)
	}
	w.watcher.settle, w.watcher.look = settle, 20*time.Millisecond
	var ctx context.Context
	ctx, w.cancel = context.WithCancel(t.Context())
	go func() { w.ended <- w.watcher.run(ctx) }()
	w.wait("the start")
	return w
}

// wait waits for a reload.
func (w *watching) wait(why string) {
	w.t.Helper()
	select {
	case <-w.reloads:
	case <-time.After(30 * time.Second):
		w.t.Fatalf("no reload after %s", why)
	}
}

// end ends it, which is no failure.
func (w *watching) end() {
	w.t.Helper()
	w.cancel()
	if err := <-w.ended; err != nil {
		w.t.Errorf("got error %v, want none", err)
	}
}

func TestWatch(t *testing.T) {
	dir := guideOf(t, map[string]string{"fern.md": fern})
	w := startWatch(t, dir, 50*time.Millisecond)
	// What editors leave beside the file, then one true change: one reload.
	for _, name := range []string{".fern.md.swp", "fern.md~", "#fern.md#", ".#fern.md", "4913", "fern.md.tmp", "thumbs.db"} {
		write(t, filepath.Join(dir, name), "x")
	}
	time.Sleep(4 * w.watcher.settle)
	if n := len(w.reloads); n != 0 {
		t.Errorf("got %d reloads for editors' files, want none", n)
	}
	write(t, filepath.Join(dir, "fern.md"), fern+"\n")
	w.wait("a change")
	// Saved the way of vim and others: another file takes the name.
	write(t, filepath.Join(dir, ".new"), fern)
	if err := os.Rename(filepath.Join(dir, ".new"), filepath.Join(dir, "fern.md")); err != nil {
		t.Fatal(err)
	}
	w.wait("a rename")
	write(t, filepath.Join(dir, "ivy", "walls.md"), fern)
	w.wait("a new folder")
	time.Sleep(4 * w.watcher.settle)
	for len(w.reloads) > 0 {
		<-w.reloads
	}
	write(t, filepath.Join(dir, "ivy", "walls.md"), fern+"\n")
	w.wait("a change in the new folder")
	w.end()
}

// A link that is pointed at another folder is how many people deploy.
func TestWatchFollowsALink(t *testing.T) {
	parent := t.TempDir()
	first, second := filepath.Join(parent, "v1"), filepath.Join(parent, "v2")
	write(t, filepath.Join(first, "fern.md"), fern)
	write(t, filepath.Join(second, "fern.md"), fern)
	link, next := filepath.Join(parent, "current"), filepath.Join(parent, ".next")
	if err := os.Symlink(first, link); err != nil {
		t.Skip(err)
	}
	w := startWatch(t, link, 20*time.Millisecond)
	if err := errors.Join(os.Symlink(second, next), os.Rename(next, link)); err != nil {
		t.Fatal(err)
	}
	w.wait("the link was pointed elsewhere")
	w.end()
}

// A folder that was gone, or lies in one that was exchanged, is watched again.
func TestWatchFindsTheFolderAgain(t *testing.T) {
	top := t.TempDir()
	place := func(parts ...string) string { return filepath.Join(append([]string{top}, parts...)...) }
	move := func(from, to string) {
		t.Helper()
		if err := os.Rename(from, to); err != nil {
			t.Fatal(err)
		}
	}
	guide := place("site", "guide")
	write(t, filepath.Join(guide, "fern.md"), fern)
	w := startWatch(t, guide, 20*time.Millisecond)

	move(guide, place("away"))
	w.wait("the folder was gone")
	move(place("away"), guide)
	w.wait("it came back")
	write(t, filepath.Join(guide, "fern.md"), fern+"\n")
	w.wait("a change in it")

	write(t, place("next", "guide", "fern.md"), fern)
	move(place("site"), place("last"))
	move(place("next"), place("site"))
	w.wait("the folder above it was exchanged")
	write(t, filepath.Join(guide, "fern.md"), fern+"\n")
	w.wait("a change in the new one")
	w.end()
}
