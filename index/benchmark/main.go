// Command benchmark compares, in one run and round by round, the bot's whole
// answer path and its search with what people would use instead: bleve in two
// set-ups, SQLite FTS5, bluge, and BM25 written by hand.
//
//	go run . > results.md             all sizes; some minutes
//	go run . -sizes 14,1000 -rounds 50
//
// Every round asks every engine the same question before the next round, so
// that what else the machine does hits all alike; medians are compared. It is
// a module of its own to keep the foreign engines out of the bot's.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aftercarebot/aftercare/knowledge"
)

func main() {
	sizes := flag.String("sizes", "content,14,1000,10000,100000", "numbers of generated passages; content: the embedded guide")
	rounds := flag.Int("rounds", 200, "rounds at each size; a tenth of it at 100,000")
	longest := flag.Int("longest", 800, "leave out questions of more words")
	flag.Parse()
	if err := run(os.Stdout, *sizes, *rounds, *longest); err != nil {
		fmt.Fprintln(os.Stderr, "benchmark:", err)
		os.Exit(1)
	}
}

func run(w io.Writer, sizes string, rounds, longest int) error {
	host, _ := os.Hostname()
	fmt.Fprintf(w, "# Benchmark\n\n%s, %s, %s/%s, %d cores, %s, %s\n\n", time.Now().UTC().Format(time.DateOnly), host, runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), processor(), runtime.Version())
	fmt.Fprintf(w, "Made by `go run . -sizes %s -rounds %d -longest %d` in index/benchmark. Times are medians in µs, in brackets the 99th percentile; × is the ratio to bare bleve in the same rounds.\n", sizes, rounds, longest)
	for size := range strings.SplitSeq(sizes, ",") {
		base, title := (*knowledge.Base)(nil), ""
		if size == "content" {
			base, title = knowledge.Default(), "The embedded guide"
		} else {
			n, err := strconv.Atoi(size)
			if err != nil {
				return fmt.Errorf("-sizes: %w", err)
			}
			if base, err = generated(n); err != nil {
				return err
			}
			title = fmt.Sprintf("%d generated passages", n)
		}
		n := rounds
		if len(base.Passages()) >= 100000 {
			n = max(rounds/10, 8)
		}
		if err := compare(w, title, base, n, longest); err != nil {
			return err
		}
	}
	return processes(w)
}

// built is an engine and what it took to build.
type built struct {
	engine
	seconds float64 // processor time
	heap    int64
	samples [][]time.Duration // by ask
	allocs  []uint64
	bytes   []uint64
}

func compare(w io.Writer, title string, base *knowledge.Base, rounds, longest int) error {
	dir, remove, err := temporary()
	if err != nil {
		return err
	}
	defer remove()
	texts := textsOf(base)
	list := asks(texts, longest)
	var all []*built
	for _, b := range builders {
		before, start := heap(), processorTime()
		e, err := b.build(base, texts, dir)
		if err != nil {
			return fmt.Errorf("%s: %w", b.name, err)
		}
		took := processorTime() - start
		e.name = b.name
		all = append(all, &built{engine: e, seconds: took.Seconds(), heap: heap() - before,
			samples: make([][]time.Duration, len(list)), allocs: make([]uint64, len(list)), bytes: make([]uint64, len(list))})
	}
	for round := range rounds + 2 { // two to warm up
		for k, a := range list {
			q := a.each[round%len(a.each)]
			for _, e := range all {
				start := time.Now()
				if _, err := e.search(q); err != nil {
					return fmt.Errorf("%s: %w", e.name, err)
				}
				if round >= 2 {
					e.samples[k] = append(e.samples[k], time.Since(start))
				}
			}
		}
	}
	for k, a := range list {
		for _, e := range all {
			e.allocs[k], e.bytes[k] = allocations(func() { _, _ = e.search(a.each[0]) })
		}
	}
	fmt.Fprintf(w, "\n## %s (%d documents)\n\n| |", title, len(texts))
	for _, a := range list {
		fmt.Fprintf(w, " %s |", a.name)
	}
	fmt.Fprintf(w, " allocations, 10 words | build, ms of processor | build ÷ bare | heap, MB |\n|---|%s---:|---:|---:|---:|\n", strings.Repeat("---:|", len(list)))
	bare := all[0]
	for _, e := range all {
		fmt.Fprintf(w, "| %s |", e.name)
		for k := range list {
			p50, p99 := quantiles(e.samples[k])
			reference, _ := quantiles(bare.samples[k])
			fmt.Fprintf(w, " %.0f (%.0f) ×%.2f |", micro(p50), micro(p99), float64(p50)/float64(reference))
		}
		fmt.Fprintf(w, " %d, %.1f kB | %.0f | ×%.1f | %.1f |\n", e.allocs[1], float64(e.bytes[1])/1000, e.seconds*1000, e.seconds/bare.seconds, float64(e.heap)/1e6)
		if err := e.close(); err != nil {
			return fmt.Errorf("%s: %w", e.name, err)
		}
	}
	return nil
}

func micro(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1000 }

func quantiles(d []time.Duration) (p50, p99 time.Duration) {
	slices.Sort(d)
	return d[len(d)/2], d[len(d)*99/100]
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func allocations(f func()) (count, bytes uint64) {
	var a, b runtime.MemStats
	const times = 10
	runtime.ReadMemStats(&a)
	for range times {
		f()
	}
	runtime.ReadMemStats(&b)
	return (b.Mallocs - a.Mallocs) / times, (b.TotalAlloc - a.TotalAlloc) / times
}
