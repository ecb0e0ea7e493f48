package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

const (
	// settleFor is how long the folder must be quiet before it is read: a
	// save is many events, and a copy of a folder a great many.
	settleFor = 400 * time.Millisecond
	// settleAtMost is when a folder that never falls quiet is read all the same.
	settleAtMost = 10 * time.Second
	// lookEvery is how often to look whether the folder is still the one that
	// is watched: it may be gone and come back, or a folder above it be exchanged.
	lookEvery = 5 * time.Second
)

// watcher reads the content anew when its files change.
type watcher struct {
	root    string
	target  string      // what root is a link to; else root
	watched os.FileInfo // the folder that is watched; nil: none is
	notify  *fsnotify.Watcher
	reload  func(ctx context.Context) // logs for itself
	log     *slog.Logger
	settle  time.Duration
	look    time.Duration
}

// watch begins to watch the folder root and all below it.
func watch(root string, reload func(ctx context.Context), log *slog.Logger) (*watcher, error) {
	notify, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, fmt.Errorf("watch the content: %w", err)
	}
	w := &watcher{root: filepath.Clean(root), notify: notify, reload: reload, log: log, settle: settleFor, look: lookEvery}
	if err := w.addRoot(); err != nil {
		return nil, errors.Join(fmt.Errorf("watch the content: %w", err), notify.Close())
	}
	return w, nil
}

// addRoot watches the content folder. Where its name is a link that may be
// pointed elsewhere, the folder that holds the link is watched as well.
func (w *watcher) addRoot() error {
	w.watched = nil
	target, err := filepath.EvalSymlinks(w.root)
	if err != nil {
		return err
	}
	if target != w.root {
		if err := w.notify.Add(filepath.Dir(w.root)); err != nil {
			return err
		}
	}
	w.target = target
	info, err := os.Stat(target)
	if err != nil {
		return err
	}
	if err := w.add(target); err != nil {
		return err
	}
	w.watched = info
	return nil
}

// renew watches the content folder that is there now, and reports whether it
// could. That it cannot is logged once.
func (w *watcher) renew() bool {
	blind := w.watched == nil
	err := w.addRoot()
	if err != nil && !blind {
		w.log.Warn("the content folder is not watched until it is there again", slog.String("error", err.Error()))
	}
	if err == nil && blind {
		w.log.Info("the content folder is watched again")
	}
	return err == nil
}

// current reports whether the folder that is watched is the content folder.
func (w *watcher) current() bool {
	info, err := os.Stat(w.root)
	return err == nil && w.watched != nil && os.SameFile(info, w.watched)
}

// add watches a folder and those below it.
func (w *watcher) add(dir string) error {
	return filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			if path == w.target {
				return err
			}
			return nil // it is gone again, or will be named when it is read
		}
		if !entry.IsDir() {
			return nil
		}
		if path != w.target && strings.HasPrefix(entry.Name(), ".") {
			return fs.SkipDir
		}
		if err := w.notify.Add(path); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		return nil
	})
}

// run watches until ctx is done.
func (w *watcher) run(ctx context.Context) error {
	defer w.notify.Close()
	quiet := time.NewTimer(0) // once at the start: it may have changed since it was read
	defer quiet.Stop()
	look := time.NewTicker(w.look)
	defer look.Stop()
	var since time.Time // of the first change that was not read yet
	for {
		select {
		case <-ctx.Done():
			return nil
		case event, ok := <-w.notify.Events:
			if !ok {
				return errors.New("the content is no longer watched")
			}
			if !w.matters(event) {
				continue
			}
			if event.Has(fsnotify.Create) {
				if err := w.add(event.Name); err != nil {
					w.log.Warn("a folder is not watched", slog.String("error", err.Error()))
				}
			}
			now := time.Now()
			if since.IsZero() {
				since = now
			}
			quiet.Reset(min(w.settle, max(0, settleAtMost-now.Sub(since))))
		case err := <-w.notify.Errors:
			// Events were lost, so anything may have changed.
			w.log.Warn("the watch on the content lost events", slog.String("error", err.Error()))
			quiet.Reset(w.settle)
		case <-quiet.C:
			since = time.Time{}
			w.renew() // it may have been exchanged as a whole
			w.reload(ctx)
		case <-look.C:
			if !w.current() && w.renew() && since.IsZero() {
				since = time.Now()
				quiet.Reset(w.settle)
			}
		}
	}
}

// matters tells a change of the content from what editors leave beside it.
func (w *watcher) matters(event fsnotify.Event) bool {
	if event.Op == fsnotify.Chmod {
		return false
	}
	name := filepath.Base(event.Name)
	switch {
	case event.Name == w.root, event.Name == w.target, name == "..data": // the latter is how Kubernetes exchanges a volume
		return true
	case w.target != w.root && filepath.Dir(event.Name) == filepath.Dir(w.root):
		return false // beside the link
	case strings.HasPrefix(name, "."), strings.HasPrefix(name, "#"), strings.HasSuffix(name, "~"), name == "4913":
		// Hidden files, Emacs's #file# and file~, and the file with which Vim tries a folder.
		return false
	}
	switch strings.ToLower(filepath.Ext(name)) {
	case ".md", ".yaml", ".yml", ".jsonl", "":
		return true // one without a dot may be a folder
	}
	return false
}
