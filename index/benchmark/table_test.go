package main

import (
	"strings"
	"testing"
	"time"
)

func TestTable(t *testing.T) {
	var b strings.Builder
	table(&b, [][]string{{"", "bare"}, {"5 words", "143 µs"}, {"b", "–"}})
	const want = `
|         |   bare |
|---------|-------:|
| 5 words | 143 µs |
| b       |      – |
`
	if got := b.String(); got != want {
		t.Errorf("got:%s\nwant:%s", got, want)
	}
}

func TestComparisonShowsEveryEngine(t *testing.T) {
	c := comparison{size: 1000, documents: 1000, kinds: []kindFigures{{tenWords, 20, 4}}, engines: []engineFigures{
		{name: nameBare, asked: []asked{{50 * time.Microsecond, 90 * time.Microsecond, 158, 12800}}, build: 100 * time.Millisecond, memory: 2.7e6, open: time.Millisecond, opens: true},
		{name: nameHand, asked: []asked{{5 * time.Microsecond, 9 * time.Microsecond, 5, 300}}, build: 10 * time.Millisecond, memory: 1.4e6},
	}}
	var b strings.Builder
	writeComparison(&b, c)
	for _, want := range []string{
		"## 1,000 passages, generated\n", " bare bleve |", " BM25 by hand |",
		"10 words (20 × 4) ", "50 µs (90 µs) ×1.00", "5.0 µs (9.0 µs) ×0.10", "158, 12.8 kB", "100 µs ×1.00", "10 µs ×0.10", "2.7 MB", "1.0 ms", " – |",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is missing in:\n%s", want, b.String())
		}
	}
}
