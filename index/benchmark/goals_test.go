package main

import (
	"testing"
	"time"
)

// figures is a comparison in which our whole answer takes ours, FTS5 fts and
// bare bleve 100 µs for each kind.
func figures(s size, ours, fts time.Duration, build time.Duration) comparison {
	c := comparison{size: s, documents: int(s)}
	three := [3]engineFigures{
		{name: nameBare, build: time.Second}, {name: nameAnswer, build: 2 * build}, {name: nameFTS5},
	}
	for _, k := range []string{tenWords, misspelt, mostWords} {
		c.kinds = append(c.kinds, kindFigures{name: k})
		for i, d := range []time.Duration{100 * time.Microsecond, ours, fts} {
			three[i].asked = append(three[i].asked, asked{p50: d})
		}
	}
	c.engines = append(three[:], engineFigures{name: nameSearch, build: build, asked: three[0].asked})
	return c
}

func TestGoals(t *testing.T) {
	const µs = time.Microsecond
	all := []comparison{figures(14, 250*µs, 300*µs, time.Second), figures(10000, 160*µs, 900*µs, 2*time.Second), figures(100000, 1600*µs, 900*µs, 3*time.Second)}
	all[0].engines[1].asked[1].p50 = 320 * µs // misspelt
	p := program{
		ours:   process{processor: 30 * time.Millisecond, wall: 40 * time.Millisecond, binary: 29e6},
		linked: process{processor: 20 * time.Millisecond, wall: 20 * time.Millisecond},
		idle:   memory{resident: 41e6},
	}
	want := map[string]goal{
		"whole answer to bare bleve, below 10,000 passages":      {limit: "×3", measured: "14 ×3.20 (10 words, 2 misspelt)", verdict: missed},
		"whole answer to bare bleve, from 10,000 passages on":    {limit: "×1.5", measured: "**10,000 ×1.60 (800 words)**; **100,000 ×16.0 (800 words)**", verdict: missed},
		"whole answer to SQLite FTS5":                            {limit: "×1", measured: "**14 ×1.07 (10 words, 2 misspelt)**; 10,000 ×0.18 (800 words); **100,000 ×1.78 (800 words)**", verdict: missed},
		"question of 800 words to one of 10":                     {limit: "×4", measured: "14 ×1.00; 10,000 ×1.00; 100,000 ×1.00", verdict: met},
		"misspelt question to an exact one":                      {limit: "×3", measured: "14 ×1.28; 10,000 ×1.00; 100,000 ×1.00", verdict: met},
		"whole answer, 10,000 to 100,000 passages":               {limit: "×12", measured: "×10.0 (800 words)", verdict: met},
		"reindex to bare bleve's batches":                        {limit: "×2", measured: "14 ×1.00; 10,000 ×2.00; **100,000 ×3.00**", verdict: missed},
		"the same with the danger signs learnt anew":             {limit: "×2", measured: "14 ×2.00; **10,000 ×4.00**; **100,000 ×6.00**", verdict: missed},
		"start to first answer, processor time, to only linking": {limit: "×1.5", measured: "×1.50", verdict: met},
		"start to first answer, by the clock, to only linking":   {limit: "×1.5", measured: "×2.00", verdict: missed},
		"idle memory, resident":                                  {limit: "40 MB", measured: "41.0 MB", verdict: missed},
		"binary, stripped":                                       {limit: "30 MB", measured: "29.0 MB", verdict: met},
		"stretch: whole answer below bare bleve":                 {limit: "×1", measured: "**14 ×3.20 (10 words, 2 misspelt)**; **10,000 ×1.60 (800 words)**; **100,000 ×16.0 (800 words)**", verdict: missed},
	}
	got := goals(all, p)
	if len(got) != len(want) {
		t.Errorf("got %d goals, want %d", len(got), len(want))
	}
	for _, g := range got {
		w := want[g.name]
		w.name = g.name
		if g != w {
			t.Errorf("got  %+v\nwant %+v", g, w)
		}
	}
}

func TestGoalsOfWhatWasNotMeasured(t *testing.T) {
	nothing := comparison{size: 14, kinds: []kindFigures{{name: tenWords}}}
	for _, all := range [][]comparison{nil, {nothing}} {
		for _, g := range goals(all, program{}) {
			if g.verdict != unjudged || g.measured != "" {
				t.Errorf("%d sizes: got %+v, want %s", len(all), g, unjudged)
			}
		}
	}
	for _, g := range goals([]comparison{figures(14, time.Millisecond, time.Millisecond, time.Second), nothing}, program{}) {
		if g.name == "whole answer to SQLite FTS5" && g.measured != "14 ×1.00 (800 words)" {
			t.Errorf("got %+v, want what was measured alone", g)
		}
	}
}
