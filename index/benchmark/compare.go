//go:build unix

package main

import (
	"fmt"
	"math/rand/v2"
	"os"
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
	for _, kind := range kinds {
		n, turns := plan(rounds, len(c.texts), kind.words)
		result.kinds = append(result.kinds, kindFigures{kind.name, n, turns})
	}
	progress("  ask")
	return result, ask(engines, &result, kinds)
}

// Building and opening is measured so often, unless it takes longer than enough.
const (
	most   = 21
	enough = 2 * time.Second
)

// build builds an engine and measures that, and opening it. The engine that
// it gives was built, or opened where building leaves it on disk.
func build(b builder, c content, dir, question string) (e engine, f engineFigures, err error) {
	learnt := c
	if c.edited != nil {
		learnt = *c.edited
	}
	e, stored, f, err := learn(b, learnt, dir)
	if err != nil {
		return e, f, err
	}
	switch {
	case b.open == nil:
	case b.store == nil:
		if err := e.close(); err != nil {
			return e, f, err
		}
		e, f.open, err = open(b, stored, question)
	default:
		f.open, err = reopen(b, learnt, stored, question)
	}
	f.opens = b.open != nil
	if err != nil || c.edited == nil {
		return e, f, err
	}
	if err := e.close(); err != nil {
		return e, f, err
	}
	took := f
	e, _, f, err = learn(b, content{base: c.base, texts: c.texts}, dir)
	f.build, f.open, f.opens = took.build, took.open, took.opens
	return e, f, err
}

// learn builds an engine, several times if that is quick, and gives the last
// one with the folder that it may use.
func learn(b builder, c content, dir string) (e engine, own string, f engineFigures, err error) {
	f.name = b.name
	var took []time.Duration
	var before int64
	for began := time.Now(); ; {
		if own, err = os.MkdirTemp(dir, "built-"); err != nil {
			return e, own, f, err
		}
		before = heap()
		settle()
		start := processorTime()
		if e, err = b.build(c, own); err != nil {
			return e, own, f, err
		}
		settle()
		took = append(took, processorTime()-start)
		if len(took) == most || time.Since(began) > enough {
			break
		}
		if err := e.close(); err != nil {
			return e, own, f, err
		}
		e = engine{}
	}
	f.build, f.memory = median(took), heap()-before
	if e.beyond != nil {
		f.memory, err = e.beyond()
	}
	return e, own, f, err
}

// reopen stores what another engine of the same kind opens.
func reopen(b builder, c content, dir, question string) (time.Duration, error) {
	if err := b.store(c, dir); err != nil {
		return 0, fmt.Errorf("store: %w", err)
	}
	e, took, err := open(b, dir, question)
	if err != nil {
		return 0, err
	}
	return took, e.close()
}

// open opens what is stored in dir and asks it a question, and gives how long
// both took. The engine is open.
func open(b builder, dir, question string) (e engine, took time.Duration, err error) {
	var all []time.Duration
	for began := time.Now(); ; {
		settle()
		start := time.Now()
		if e, err = b.open(dir); err != nil {
			return e, 0, fmt.Errorf("open: %w", err)
		}
		if _, err := e.search(question); err != nil {
			return e, 0, err
		}
		all = append(all, time.Since(start))
		if len(all) == most || time.Since(began) > enough {
			return e, median(all), nil
		}
		if err := e.close(); err != nil {
			return e, 0, err
		}
	}
}

// ask lets the engines take turns at every kind of question in every round,
// after a turn to warm up, so that neither engines nor kinds are compared at
// times when the machine was faster or slower. The rounds of a kind that is
// asked less often are spread over all of them.
func ask(engines []engine, c *comparison, kinds []kind) error {
	r := rand.New(rand.NewPCG(3, 0))
	turn := func(k, round int) error {
		each, turns := kinds[k].each, c.kinds[k].turns
		for _, i := range r.Perm(len(engines)) {
			for t := range turns {
				q := each[(max(round, 0)*turns+t)%len(each)]
				start := time.Now()
				if _, err := engines[i].search(q); err != nil {
					return fmt.Errorf("%s: %w", c.engines[i].name, err)
				}
				if took := time.Since(start); round >= 0 {
					c.engines[i].samples[k] = append(c.engines[i].samples[k], took)
				}
			}
		}
		return nil
	}
	rounds := 0
	for k, f := range c.kinds {
		rounds = max(rounds, f.rounds)
		if err := turn(k, -1); err != nil {
			return err
		}
	}
	for round := range rounds {
		for k, f := range c.kinds {
			own := round * f.rounds / rounds
			if own == (round+1)*f.rounds/rounds {
				continue
			}
			if err := turn(k, own); err != nil {
				return err
			}
		}
	}
	for i, e := range engines {
		for k, kind := range kinds {
			a, f := &c.engines[i].asked[k], &c.engines[i]
			a.p50, a.p99 = median(f.samples[k]), quantile(f.samples[k], 0.99)
			n := 10
			if a.p50 > 20*time.Millisecond {
				n = 1
			}
			a.allocs, a.bytes = allocations(n, func() { _, _ = e.search(kind.each[0]) })
		}
	}
	return nil
}

// perPassage is how long an engine took to build, for each document.
func (c comparison) perPassage(e engineFigures) time.Duration {
	return e.build / time.Duration(max(c.documents, 1))
}
