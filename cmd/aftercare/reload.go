package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/knowledge"
	"github.com/aftercarebot/aftercare/knowledge/lint"
)

// edition is one version of the content, ready to serve.
type edition struct {
	base   *knowledge.Base
	ready  bot.Edition // with its index
	golden bool        // it has golden questions
}

// reloader exchanges the content of a running bot. Its methods are safe for
// concurrent use; one exchange happens at a time, and the others wait.
type reloader struct {
	source *contentSource
	bot    *bot.Bot
	log    *slog.Logger
	noted  func(reloaded) // told of every attempt; may be nil

	turn     chan struct{} // holds one token; guards what is below
	now      edition
	previous *edition // nil: nothing to go back to
	files    string   // content version that the files had when they were read last; empty: they were not sound
}

// reloaded is one attempt, for the figures.
type reloaded struct {
	base *knowledge.Base // served from now on
	err  error           // nil: it succeeded
	took time.Duration
}

// newReloader makes the reloader of an engine that serves.
func newReloader(source *contentSource, e engine, log *slog.Logger) *reloader {
	r := &reloader{source: source, bot: e.bot, log: log, turn: make(chan struct{}, 1)}
	r.now = edition{base: e.base, ready: e.bot.Edition()}
	r.files = e.base.Hash()
	if files, done, err := source.files(); err == nil {
		g, err := readGolden(files, e.base)
		r.now.golden = g != nil || err != nil
		done()
	}
	r.warn(e.base)
	r.turn <- struct{}{}
	return r
}

// inspect asks the content of the start its golden questions, which a reindex
// would not have let pass, and logs what is wrong: it is served all the same.
// The embedded content was examined when the program was built.
func (r *reloader) inspect(ctx context.Context) error {
	if r.source.folder() == "" {
		return nil
	}
	files, done, err := r.source.files()
	if err != nil {
		return err
	}
	defer done()
	g, err := readGolden(files, r.now.base)
	if err != nil {
		r.log.Error("the golden questions cannot be asked, and a reindex will be refused", slog.String("error", err.Error()))
		return nil
	}
	if g == nil {
		return nil
	}
	now, err := try(ctx, g.questions, r.bot.Answer, func(int, int) {})
	if err != nil {
		return err
	}
	for _, m := range g.missed(now) {
		if m.danger {
			r.log.Error("a golden danger sign gets no safety card", slog.String("where", m.where), slog.String("reply", m.got))
		}
	}
	if now.good < len(g.questions) {
		r.log.Warn("golden questions are not answered as they should be", slog.Int("asked", len(g.questions)), slog.Int("good", now.good), slog.String("list", r.source.listMisses()))
	}
	return nil
}

// listMisses is the command that lists the golden questions that are not
// answered as they should be.
func (s *contentSource) listMisses() string {
	dir := s.folder()
	if whole, err := filepath.Abs(dir); err == nil { // it may be run elsewhere
		dir = whole
	}
	return "aftercare eval --content " + dir + " --misses " + filepath.Join(dir, goldenName)
}

// warn logs which danger signs a content that is served leaves out.
func (r *reloader) warn(base *knowledge.Base) {
	for _, f := range lint.Safety(base) {
		r.log.Warn("the safety section lacks something", slog.String("file", f.File), slog.Int("line", f.Line), slog.String("what", f.What), slog.String("mend", f.Mend))
	}
}

// change is the report of a reindexing or a rollback.
type change struct {
	Old     string     `json:"old"` // content versions
	New     string     `json:"new"`
	Changes difference `json:"changes"`
	Golden  *judgement `json:"golden"` // null: there are no golden questions, or none were asked
	Forced  bool       `json:"forced"` // served although the golden questions speak against it
	Seconds float64    `json:"seconds"`
	note    string     // a last sentence for people
	refused string     // why it was not to be served; empty: it was
}

// String gives the report for people.
func (c change) String() string {
	var b strings.Builder
	if c.Old == c.New {
		fmt.Fprintf(&b, "nothing changed: content version %s goes on serving\n", c.New)
		if v := c.Golden; v != nil {
			fmt.Fprintf(&b, "golden questions answered as they should be: %d of %d\n", v.After, v.Asked)
		}
		if c.note != "" {
			fmt.Fprintln(&b, c.note)
		}
		return b.String()
	}
	fmt.Fprintf(&b, "content version %s is served, before it was %s\n%s", c.New, c.Old, c.Changes)
	if v := c.Golden; v != nil {
		fmt.Fprintf(&b, "golden questions answered as they should be: %d of %d before, %d after\n", v.Before, v.Asked, v.After)
		b.WriteString(v.list())
	}
	if c.Forced {
		fmt.Fprintf(&b, "served by force: %s\n", c.refused)
	}
	if c.note != "" {
		fmt.Fprintln(&b, c.note)
	}
	fmt.Fprintf(&b, "it took %.1f s\n", c.Seconds)
	return b.String()
}

// list gives the questions whose outcome changed, one a line.
func (v judgement) list() string {
	var b strings.Builder
	for _, list := range []struct {
		sign  string
		lines []string
	}{{"worse: ", v.Worse}, {"better: ", v.Better}} {
		for i, line := range list.lines {
			if i == maxListed {
				fmt.Fprintf(&b, "  %sand %d more\n", list.sign, len(list.lines)-i)
				break
			}
			fmt.Fprintf(&b, "  %s%s\n", list.sign, line)
		}
	}
	return b.String()
}

// reload reads the content anew and serves it, or changes nothing and says
// why. trigger is for the log: "socket", "signal", "watch" or a platform.
func (r *reloader) reload(ctx context.Context, trigger string, force bool) (change, error) {
	return r.exchange(ctx, trigger, "content reloaded", "content not reloaded, the old version goes on serving",
		func(ctx context.Context) (change, error) { return r.read(ctx, force) })
}

// rollback serves the version before the present one again. A second
// rollback undoes the first.
func (r *reloader) rollback(ctx context.Context, trigger string) (change, error) {
	return r.exchange(ctx, trigger, "content rolled back", "content not rolled back", func(context.Context) (change, error) {
		if r.previous == nil {
			return change{}, errors.New("there is no earlier version to go back to: none was exchanged since the start")
		}
		back := *r.previous
		c := change{
			Old: r.now.base.Hash(), New: back.base.Hash(), Changes: differenceOf(r.now.base, back.base)}
		if r.files != c.New {
			c.note = "The files hold another version: mend them before the next reindex."
		}
		r.bot.Serve(back.ready)
		old := r.now
		r.now, r.previous = back, &old
		return c, nil
	})
}

// exchange does one exchange at a time, and notes it.
func (r *reloader) exchange(ctx context.Context, trigger, did, didNot string, do func(context.Context) (change, error)) (change, error) {
	select {
	case <-r.turn:
		defer func() { r.turn <- struct{}{} }()
	case <-ctx.Done():
		return change{}, ctx.Err()
	}
	began := time.Now()
	c, err := r.guarded(ctx, do)
	took := time.Since(began)
	c.Seconds = took.Seconds()
	if r.noted != nil {
		r.noted(reloaded{base: r.now.base, err: err, took: took})
	}
	if err != nil {
		r.log.Error(didNot, slog.String("trigger", trigger), slog.String("content", r.now.base.Hash()), slog.String("error", err.Error()))
		return change{}, err
	}
	facts := []any{
		slog.String("trigger", trigger), slog.String("old", c.Old), slog.String("new", c.New),
		slog.Int("added", len(c.Changes.Added)), slog.Int("changed", len(c.Changes.Changed)), slog.Int("removed", len(c.Changes.Removed)),
		slog.Bool("forced", c.Forced), slog.Duration("took", took),
	}
	if v := c.Golden; v != nil {
		facts = append(facts, slog.Int("golden", v.Asked), slog.Int("good_before", v.Before), slog.Int("good_after", v.After))
	}
	r.log.Info(did, facts...)
	return c, nil
}

// guarded makes a panic an error: content that breaks an index must not end
// the bot that serves the old one.
func (r *reloader) guarded(ctx context.Context, do func(context.Context) (change, error)) (c change, err error) {
	defer func() {
		if p := recover(); p != nil {
			c, err = change{}, fmt.Errorf("the content broke the index, which is a fault of the program: %v", p)
		}
	}()
	return do(ctx)
}

// read is one reindexing. It changes nothing but by its last step, the swap.
func (r *reloader) read(ctx context.Context, force bool) (change, error) {
	r.files = ""
	base, err := r.source.read()
	if err != nil {
		return change{}, err
	}
	r.files = base.Hash()
	c := change{Old: r.now.base.Hash(), New: base.Hash(), Changes: differenceOf(r.now.base, base)}
	files, done, err := r.source.files()
	if err != nil {
		return change{}, err
	}
	defer done()
	g, err := readGolden(files, base)
	if err != nil {
		return change{}, err
	}
	if c.Old == c.New {
		return c, r.ask(ctx, g, &c)
	}
	e, err := newEngine(base, bot.Options{Log: quiet})
	if err != nil {
		return change{}, err
	}
	refused, err := r.examine(ctx, g, e, &c)
	if err == nil && refused != "" {
		c.Forced = force
		if !force {
			err = errors.New(refused + "; aftercare reindex --force serves this content all the same.")
		}
	}
	if err != nil {
		return change{}, err
	}
	next := edition{base: base, ready: e.bot.Edition(), golden: g != nil}
	r.bot.Serve(next.ready)
	r.warn(base)
	old := r.now
	r.now, r.previous = next, &old
	debug.FreeOSMemory() // preparing takes several times the memory of what is kept, and the oldest version is gone
	return c, nil
}

// ask asks the golden questions, which may have changed by themselves, of the
// content that serves.
func (r *reloader) ask(ctx context.Context, g *golden, c *change) error {
	if g == nil {
		if r.now.golden {
			c.note = goldenName + " is gone: the next change of the content will be refused, unless with --force."
		}
		return nil
	}
	r.now.golden = true
	now, err := try(ctx, g.questions, r.bot.Answer, func(int, int) {})
	if err != nil {
		return err
	}
	v := g.compare(now, now)
	c.Golden = &v
	if v.After < v.Asked {
		c.note = r.source.listMisses() + " lists the others."
	}
	return nil
}

// examine asks the golden questions of both versions. It gives the reason
// for which the new one must not be served, or "".
func (r *reloader) examine(ctx context.Context, g *golden, e engine, c *change) (refused string, err error) {
	if g == nil {
		if r.now.golden {
			c.refused = goldenName + " is gone"
			return goldenName + ": is gone, so nothing says whether this content is any good\nPut it back", nil
		}
		c.note = "There is no " + goldenName + ", so nothing was measured."
		return "", nil
	}
	before, err := try(ctx, g.questions, r.bot.Answer, func(int, int) {})
	if err != nil {
		return "", err
	}
	after, err := try(ctx, g.questions, e.bot.Answer, func(int, int) {})
	if err != nil {
		return "", err
	}
	v := g.compare(before, after)
	c.Golden, c.refused = &v, v.refused
	if v.refused == "" {
		return "", nil
	}
	return fmt.Sprintf("%s: %s\n%sLook at each of them", goldenName, v.refused, v.list()), nil
}

// read loads the content as it is now. Its errors are for whoever reindexes.
func (s *contentSource) read() (*knowledge.Base, error) {
	if dir := s.folder(); dir != "" {
		return knowledge.LoadDir(dir)
	}
	return knowledge.Default(), nil
}

// files gives the files of the content root; none leads out of it. done
// closes them.
func (s *contentSource) files() (files fs.FS, done func(), err error) {
	dir := s.folder()
	if dir == "" {
		return knowledge.Files(), func() {}, nil
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, nil, fmt.Errorf("content %s: %w", dir, err)
	}
	return root.FS(), func() { root.Close() }, nil
}
