//go:build unix

package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"
)

// comparison is what the engines did with one content.
type comparison struct {
	size      size
	documents int
	kinds     []kindFigures
	engines   []engineFigures
}

// kindFigures is how often a kind of question was asked.
type kindFigures struct {
	name          string
	rounds, turns int
}

// engineFigures is what one engine did.
type engineFigures struct {
	name    string
	asked   []asked       // by kind
	build   time.Duration // of the processor
	memory  int64         // bytes
	open    time.Duration // by the clock
	opens   bool          // whether there is something to open
	samples [][]time.Duration
}

// asked is what a kind of question cost an engine.
type asked struct {
	p50, p99      time.Duration
	allocs, bytes uint64
}

// of gives an engine's figures by its name.
func (c comparison) of(name string) engineFigures {
	for _, e := range c.engines {
		if e.name == name {
			return e
		}
	}
	return engineFigures{name: name, asked: make([]asked, len(c.kinds))}
}

// p50 gives an engine's median for a kind; 0 where it was not asked.
func (c comparison) p50(engine, kind string) time.Duration {
	for i, k := range c.kinds {
		if k.name == kind {
			return c.of(engine).asked[i].p50
		}
	}
	return 0
}

// compare builds all engines of a content, asks them in turns, and closes them.
func compare(s size, rounds int) (comparison, error) {
	dir, err := os.MkdirTemp("", "aftercare-benchmark-")
	if err != nil {
		return comparison{}, err
	}
	defer os.RemoveAll(dir)
	c, err := s.content()
	if err != nil {
		return comparison{}, err
	}
	kinds := c.kinds
	result := comparison{size: s, documents: len(c.texts)}
	var engines []engine
	defer func() {
		for _, e := range engines {
			_ = e.close() // its figures are taken
		}
	}()
	for _, b := range builders() {
		progress("  build %s", b.name)
		e, f, err := build(b, c, dir, kinds[1].each[0])
		if err != nil {
			return comparison{}, fmt.Errorf("%s: %w", b.name, err)
		}
		f.asked, f.samples = make([]asked, len(kinds)), make([][]time.Duration, len(kinds))
		engines, result.engines = append(engines, e), append(result.engines, f)
	}
	for k, kind := range kinds {
		n, turns := plan(rounds, len(c.texts), kind.words)
		progress("  ask %s, %d rounds of %d", kind.name, n, turns)
		result.kinds = append(result.kinds, kindFigures{kind.name, n, turns})
		if err := ask(engines, result.engines, kind, k, n, turns); err != nil {
			return comparison{}, err
		}
	}
	return result, nil
}

// build builds an engine, several times if that is quick, and measures
// building and opening it. The last one built is left open.
func build(b builder, c content, dir, question string) (engine, engineFigures, error) {
	const most, enough = 5, 2 * time.Second
	f := engineFigures{name: b.name}
	var e engine
	var took []time.Duration
	var before int64
	for began := time.Now(); ; {
		own, err := os.MkdirTemp(dir, "built-")
		if err != nil {
			return engine{}, f, err
		}
		before = heap()
		settle()
		start := processorTime()
		if e, err = b.build(c, own); err != nil {
			return engine{}, f, err
		}
		settle()
		took = append(took, processorTime()-start)
		if len(took) == most || time.Since(began) > enough {
			break
		}
		if err := e.close(); err != nil {
			return engine{}, f, err
		}
		e = engine{}
	}
	f.build, f.memory = median(took), heap()-before
	if e.beyond != nil {
		more, err := e.beyond()
		if err != nil {
			return engine{}, f, err
		}
		f.memory = more
	}
	if b.open == nil {
		return e, f, nil
	}
	stored := filepath.Join(dir, "stored "+b.name)
	if err := os.Mkdir(stored, 0o700); err != nil {
		return engine{}, f, err
	}
	if err := b.store(c, stored); err != nil {
		return engine{}, f, fmt.Errorf("store: %w", err)
	}
	var opened []time.Duration
	for began := time.Now(); len(opened) < most && time.Since(began) < enough; {
		settle()
		start := time.Now()
		again, err := b.open(c, stored)
		if err != nil {
			return engine{}, f, fmt.Errorf("open: %w", err)
		}
		if _, err := again.search(question); err != nil {
			return engine{}, f, err
		}
		opened = append(opened, time.Since(start))
		if err := again.close(); err != nil {
			return engine{}, f, err
		}
	}
	f.open, f.opens = median(opened), true
	return e, f, os.RemoveAll(stored)
}

// ask lets the engines take turns at one kind of question, after a turn to warm up.
func ask(engines []engine, figures []engineFigures, kind kind, k, rounds, turns int) error {
	r := rand.New(rand.NewPCG(3, uint64(k)))
	for round := -1; round < rounds; round++ {
		for _, i := range r.Perm(len(engines)) {
			for turn := range turns {
				q := kind.each[(max(round, 0)*turns+turn)%len(kind.each)]
				start := time.Now()
				if _, err := engines[i].search(q); err != nil {
					return fmt.Errorf("%s: %w", figures[i].name, err)
				}
				if took := time.Since(start); round >= 0 {
					figures[i].samples[k] = append(figures[i].samples[k], took)
				}
			}
		}
	}
	for i, e := range engines {
		a, f := &figures[i].asked[k], &figures[i]
		a.p50, a.p99 = median(f.samples[k]), quantile(f.samples[k], 0.99)
		n := 10
		if a.p50 > 20*time.Millisecond {
			n = 1
		}
		a.allocs, a.bytes = allocations(n, func() { _, _ = e.search(kind.each[0]) })
	}
	return nil
}

// perPassage is how long an engine took to build, for each document.
func (c comparison) perPassage(e engineFigures) time.Duration {
	return e.build / time.Duration(max(c.documents, 1))
}
