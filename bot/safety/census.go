package safety

import (
	"slices"
	"strings"

	"github.com/aftercarebot/aftercare/knowledge/language"
)

// census counts words.
type census struct {
	words  []string
	counts []int32
	at     map[string]int32 // numbers of the words
	before *vocabulary      // words that were counted before and are none of these; nil: none
	again  map[int32]int32  // how often each of those was seen since
	list   []string
}

// newCensus goes on from words that were counted before, if any.
func newCensus(before *vocabulary) *census {
	return &census{at: map[string]int32{}, before: before, again: map[int32]int32{}}
}

// note counts the words of a text, each so many times.
func (c *census) note(text string, times int32) {
	c.list = language.AppendWords(c.list[:0], language.Normalise(text))
	for _, w := range c.list {
		if c.before != nil {
			if i := c.before.find(w); i >= 0 {
				c.again[i] += times
				continue
			}
		}
		i, ok := c.at[w]
		if !ok {
			i = int32(len(c.words))
			w = strings.Clone(w)
			c.at[w] = i
			c.words, c.counts = append(c.words, w), append(c.counts, 0)
		}
		c.counts[i] += times
	}
}

// after gives the counts of all words, those before first, of what these were.
func (c *census) after(before []int32) []int32 {
	out := slices.Concat(before, c.counts)
	for i, n := range c.again {
		out[i] += n
	}
	return out
}
