package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aftercarebot/aftercare/knowledge/language"
)

// asked is one phrasing, wherever it stands.
type asked struct {
	text    string
	owner   string // "passage a/b" or "declined topic c"
	file    string
	line    int
	passage bool
	words   []string // sorted stems, each once
	order   string   // all words in their order
}

// phrasings gives those of passages and of declined topics.
func (c *checker) phrasings() []asked {
	var all []asked
	add := func(text, owner, file string, line int, passage bool) {
		words := stems(text)
		a := asked{text: text, owner: owner, file: file, line: line, passage: passage, order: strings.Join(words, " ")}
		slices.Sort(words)
		a.words = slices.Compact(words)
		if len(a.words) > 0 {
			all = append(all, a)
		}
	}
	for _, p := range c.base.Passages() {
		for i, text := range p.Phrasings {
			file, line := c.base.PhrasingPlace(p.ID, i)
			add(text, fmt.Sprintf("passage %q", p.ID), file, line, true)
		}
	}
	for _, t := range c.base.Topics() {
		for _, text := range t.Phrasings {
			add(text, fmt.Sprintf("declined topic %q", t.ID), t.File, t.Line, false)
		}
	}
	return all
}

const (
	// A phrasing of this many different words or more has near duplicates;
	// shorter ones differ in all that matters.
	nearWords = 4
	// nearShare is the least part of all words of two phrasings that they share.
	nearShare = 0.85
)

// duplicates finds phrasings that stand under two owners, at least one of
// them a passage. Which of the two answers would be chance.
func (c *checker) duplicates() {
	all := c.phrasings()
	postings := map[string][]int{} // stem: indexes into all
	for i, a := range all {
		for _, w := range a.words {
			postings[w] = append(postings[w], i)
		}
	}
	shared := make([]int, len(all))
	for i, a := range all {
		if !a.passage {
			continue
		}
		// What has nearShare of the words in common has one of the rarest, so
		// looking there finds every candidate.
		var candidates []int
		for _, w := range rarest(a.words, postings) {
			for _, j := range postings[w] {
				if all[j].owner != a.owner && (j > i || !all[j].passage) && shared[j] == 0 {
					shared[j] = overlap(a.words, all[j].words)
					candidates = append(candidates, j)
				}
			}
		}
		best, share := -1, 0.0
		for _, j := range candidates {
			s := float64(shared[j]) / float64(len(a.words)+len(all[j].words)-shared[j])
			if s > share || s == share && best >= 0 && all[best].order != a.order && all[j].order == a.order {
				best, share = j, s
			}
			shared[j] = 0
		}
		if best < 0 {
			continue
		}
		b := all[best]
		mend := "keep it where it is answered best, and remove or reword the other"
		switch {
		case a.order == b.order:
			c.add(a.file, a.line, "duplicate", mend, "%q of %s is under %s as well, at %s:%d", clip(a.text), a.owner, b.owner, b.file, b.line)
		case share >= nearShare && len(a.words) >= nearWords:
			c.add(a.file, a.line, "near-duplicate", mend, "%q of %s is nearly %q of %s, at %s:%d", clip(a.text), a.owner, clip(b.text), b.owner, b.file, b.line)
		}
	}
}

// rarest gives the words to look for: enough of them, those with the fewest
// phrasings, that any phrasing with nearShare in common has one.
func rarest(words []string, postings map[string][]int) []string {
	byRarity := slices.Clone(words)
	slices.SortStableFunc(byRarity, func(a, b string) int { return len(postings[a]) - len(postings[b]) })
	missing := int(float64(len(words)) * (1 - nearShare)) // of these words, at most, the other may lack
	return byRarity[:min(len(words), missing+1)]
}

// overlap counts what two sorted sets share.
func overlap(a, b []string) int {
	n := 0
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] == b[j]:
			n++
			i++
			j++
		case a[i] < b[j]:
			i++
		default:
			j++
		}
	}
	return n
}

// wordsOf is used to tell whether there is anything to search with.
func wordsOf(s string) int { return len(language.Words(language.Normalise(s))) }
