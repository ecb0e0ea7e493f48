//go:build unix

// Command benchmark compares, in one run and round by round, the bot's whole
// answer path and its search with what people would use instead: bleve in two
// set-ups, SQLite FTS5, bluge, and BM25 written by hand. Then it measures the
// program itself, and holds all of it against the goals.
//
//	go run .                                   all sizes; a quarter of an hour
//	go run . -sizes content,14,1000 -rounds 5  a glance
//	go run . -out results.md                   into a file as well
//
// Every round asks every engine the same questions of every kind before the
// next round, so that what else the machine does hits all alike; medians are
// compared. It is a module of its own to keep the foreign engines out of the
// bot's.
//
// go mod tidy -e keeps go.mod right; without -e it may end at modules that
// only the tests of a dependency need and that a proxy does not have.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	sizes := flag.String("sizes", "content,14,1000,10000,100000", "contents to compare on: numbers of generated passages; content is the embedded guide; none: only the program")
	rounds := flag.Int("rounds", 40, "rounds for the questions that cost least; long ones of many passages get fewer")
	out := flag.String("out", "", "file to write the results into, besides standard output")
	flag.Parse()
	if err := run(*sizes, *rounds, *out); err != nil {
		fmt.Fprintln(os.Stderr, "benchmark:", err)
		os.Exit(1)
	}
}

func run(sizes string, rounds int, out string) (err error) {
	list, err := parseSizes(sizes)
	if err != nil {
		return err
	}
	w := io.Writer(os.Stdout)
	if out != "" {
		file, err := os.Create(out)
		if err != nil {
			return err
		}
		defer func() {
			if e := file.Close(); err == nil {
				err = e
			}
		}()
		w = io.MultiWriter(os.Stdout, file)
	}
	fmt.Fprintf(w, "# Benchmark\n\n%s\n\nMade by `go run . -sizes %s -rounds %d` in index/benchmark.\n", machine(), sizes, rounds)
	var all []comparison
	for _, s := range list {
		progress("%s", s)
		c, err := compare(s, rounds)
		if err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
		writeComparison(w, c)
		all = append(all, c)
	}
	progress("the program")
	p, err := measureProgram()
	if err != nil {
		return err
	}
	writeProgram(w, p)
	writeGoals(w, goals(all, p))
	fmt.Fprintf(w, "\n%s\n\nLoad of the machine at the end: %s\n", notes, load())
	return nil
}

// progress tells whoever waits what is being done.
func progress(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "… "+format+"\n", args...)
}

// notes say how the figures came about.
const notes = `## How to read this

- Times are medians, in brackets the 99th percentile (the slowest where there are fewer than
  100 questions); × is the ratio to bare bleve, asked the same questions in the same rounds.
  In a round all kinds of question have their turn, and at each the engines, in an order that
  changes from round to round. A turn is
  four questions where they cost little and one where they cost much, so the first of four
  finds cold caches. The rows say how many rounds there were.
- *Whole answer*: normalising, danger signs, search, rescoring, judgement, composition.
  *index.Search*: without danger signs, judgement and composition. *Bare bleve*: one lean
  field, English analyzer, BM25, scorch in memory. *README*: default mapping, on disk, but
  fed in batches. *FTS5*: modernc, in memory, porter, the words joined by OR, ordered by rank.
  *bluge*: one field, English analyzer, in memory. *By hand*: BM25 over flat postings, no
  stemming: the lower bound. All are asked for ten results.
- Questions are runs of the passages' own words. Of the misspelt ones two words of ten have two
  letters changed round. Those as people ask are drawn from index/testdata/questions, but for
  its messages with danger signs. Some questions to the guide, most of all long ones, raise a
  safety card, which ends the search early.
- Of a long message our search reads at most four sentences, 64 words in all but for the first
  that is chosen and 84 of each, and looks for passages by its 32 rarest stems; danger signs are
  looked for in all of it. The others read every word of the 100 and the 800.
- Of each kind there are 32 questions, asked again and again. The danger signs' cache holds
  what it made of about 16,000 words that it does not know, so only the first time that a question
  is asked pays for them; the row that is always the same shows what caches are worth.
- Allocations and bytes are of Go's heap; SQLite's own memory is not in them.
- Build is processor time, until the engine is at rest, from passages in memory to the first
  question; for the whole answer it includes learning the danger signs anew. Memory is live Go
  heap, for FTS5 its pages. The README's set-up maps its files, which is not counted.
- Open is wall time from what is on disk to the first results, files in the page cache: for
  us from Markdown files (reading, learning, danger signs), for the others from an index that
  is there already. By hand there is nothing to open, and index.Search is not opened alone.
- What is learnt of the embedded guide comes with the program: see start to first answer. Its
  rows of build and open are of a copy with one passage more, as an operator's own would be.
- Goals of ratios must hold for every kind of question; the kind named is the worst.`
