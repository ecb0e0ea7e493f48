package safety

import (
	"slices"
	"strings"

	"github.com/aftercarebot/aftercare/knowledge"
	"github.com/aftercarebot/aftercare/knowledge/language"
)

// wordCounts counts the words of texts.
type wordCounts struct {
	words  []string
	counts []int32
	ids    map[string]int32 // of the words
	known  *vocabulary      // words that were counted before and are none of these; nil: none
	more   map[int32]int32  // by id, how often each of those was seen since
	buffer []string
}

// newWordCounts goes on from words that were counted before, if any.
func newWordCounts(known *vocabulary) *wordCounts {
	return &wordCounts{ids: map[string]int32{}, known: known, more: map[int32]int32{}}
}

// add counts the words of a text, each so many times.
func (c *wordCounts) add(text string, times int32) {
	c.buffer = language.AppendWords(c.buffer[:0], language.Normalise(text))
	for _, w := range c.buffer {
		if c.known != nil {
			if i := c.known.find(w); i >= 0 {
				c.more[i] += times
				continue
			}
		}
		i, ok := c.ids[w]
		if !ok {
			i = int32(len(c.words))
			w = strings.Clone(w)
			c.ids[w] = i
			c.words, c.counts = append(c.words, w), append(c.counts, 0)
		}
		c.counts[i] += times
	}
}

// addTo gives the counts of all words, those counted before first, whose counts
// were before.
func (c *wordCounts) addTo(before []int32) []int32 {
	out := slices.Concat(before, c.counts)
	for i, n := range c.more {
		out[i] += n
	}
	return out
}

// wordsOf lists the words of a safety section and of ordinary messages, and how
// often each is used. Unknown words are corrected against them.
func wordsOf(content knowledge.Safety, ordinary []string) (words []string, counts []int32) {
	c := newWordCounts(nil)
	for _, e := range content.Raise {
		c.add(e.Text, 1)
	}
	for _, e := range content.Quiet {
		c.add(e.Text, 1)
	}
	for _, t := range ordinary {
		c.add(t, 1)
	}
	cueLists := listsOf(content.Cues)
	lists := cueLists[:]
	for _, x := range content.Lexicons {
		lists = append(lists, x.Phrases)
	}
	for _, list := range lists {
		for _, p := range list {
			c.add(p.Text, 2)
		}
	}
	return c.words, c.counts
}
