package main

import (
	"math"
	"slices"
	"strings"
)

// buildByHand makes BM25 over flat posting lists with no more than it takes:
// the lower bound. It does not stem.
func buildByHand(c content, _ string) (engine, error) {
	type posting struct {
		doc   int32
		count float32
	}
	postings := map[string][]posting{}
	lengths := make([]float32, len(c.texts))
	var total float32
	for i, t := range c.texts {
		for _, w := range words(t.body) {
			list := postings[w]
			if n := len(list); n > 0 && list[n-1].doc == int32(i) {
				list[n-1].count++
			} else {
				postings[w] = append(list, posting{int32(i), 1})
			}
			lengths[i]++
			total++
		}
	}
	mean := total / float32(len(lengths))
	scores := make([]float32, len(lengths))
	var touched []int32
	return engine{search: func(q string) (int, error) {
		touched = touched[:0]
		for _, w := range terms(q) {
			list := postings[w]
			n := float64(len(list))
			idf := float32(math.Log(1 + (float64(len(lengths))-n+0.5)/(n+0.5)))
			for _, p := range list {
				if scores[p.doc] == 0 {
					touched = append(touched, p.doc)
				}
				scores[p.doc] += idf * p.count * 2.2 / (p.count + 1.2*(0.25+0.75*lengths[p.doc]/mean))
			}
		}
		var best []int32
		for _, d := range touched {
			at := len(best)
			for at > 0 && scores[best[at-1]] < scores[d] {
				at--
			}
			if at < wanted {
				best = slices.Insert(best, at, d)
				best = best[:min(len(best), wanted)]
			}
		}
		for _, d := range touched {
			scores[d] = 0
		}
		return len(best), nil
	}, close: func() error { return nil }}, nil
}

func words(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
}

// terms gives the distinct words of a question.
func terms(q string) []string {
	list := words(q)
	slices.Sort(list)
	return slices.Compact(list)
}
