package safety

import (
	"slices"
	"strings"

	"github.com/aftercarebot/aftercare/knowledge/language"
)

// vocabulary numbers the words that the content holds.
type vocabulary struct {
	words  []string
	counts []int32 // how often each was seen
	slots  []slot
	shift  uint
}

// slot leads from the hash of a word to its number.
type slot struct {
	hash uint32 // its lower half
	id   int32  // 1 + number; 0: free
}

// longestWord is the length in bytes beyond which no word is looked up.
const longestWord = 48

// powers are those of an odd number: the hash of a word is the sum of its
// letters times the powers, from which follows at once what it is when one
// letter is left out.
var powers = func() (p [longestWord + 1]uint64) {
	p[0] = 1
	for i := 1; i < len(p); i++ {
		p[i] = p[i-1] * 0x9E3779B97F4A7C15
	}
	return p
}()

// hashWord is of no more than the first longestWord bytes.
func hashWord(w string) uint64 {
	var h uint64
	for i := range min(len(w), longestWord) {
		h += uint64(w[i]) * powers[i]
	}
	return h
}

// place brings a hash to one of 2^(64-shift) slots.
func place(h uint64, shift uint) uint64 { return h * 0xD6E8FEB86659FD93 >> shift }

// shiftFor leaves at least half of the slots free for n entries.
func shiftFor(n int) uint {
	shift := uint(60)
	for 1<<(64-shift) < 2*n {
		shift--
	}
	return shift
}

// newVocabulary is of words, each there once, and how often each was seen.
func newVocabulary(words []string, counts []int32) vocabulary {
	v := vocabulary{words: words, counts: counts, shift: shiftFor(len(words))}
	v.slots = make([]slot, 1<<(64-v.shift))
	v.number(0)
	return v
}

// with gives the vocabulary with more words behind its own, and other counts.
// It shares what stays the same.
func (v *vocabulary) with(words []string, counts []int32) vocabulary {
	if shiftFor(len(words)) != v.shift {
		return newVocabulary(words, counts)
	}
	out := vocabulary{words: words, counts: counts, slots: v.slots, shift: v.shift}
	if len(words) > len(v.words) {
		out.slots = slices.Clone(v.slots)
		out.number(len(v.words))
	}
	return out
}

// number fills in the slots of the words from number from on.
func (v *vocabulary) number(from int) {
	mask := uint64(len(v.slots) - 1)
	for i, w := range v.words[from:] {
		if len(w) > longestWord {
			continue
		}
		h := hashWord(w)
		at := place(h, v.shift)
		for v.slots[at].id != 0 {
			at = (at + 1) & mask
		}
		v.slots[at] = slot{uint32(h), int32(from+i) + 1}
	}
}

// find gives the number of a word, or -1.
func (v *vocabulary) find(w string) int32 {
	h := hashWord(w)
	mask := uint64(len(v.slots) - 1)
	for at := place(h, v.shift); v.slots[at].id != 0; at = (at + 1) & mask {
		if s := v.slots[at]; s.hash == uint32(h) && v.words[s.id-1] == w {
			return s.id - 1
		}
	}
	return -1
}

// census counts words.
type census struct {
	words  []string
	counts []int32
	before *vocabulary      // the words that were counted before
	at     map[string]int32 // numbers of the others
	list   []string
}

// newCensus goes on from words that were counted before.
func newCensus(before *vocabulary) *census {
	return &census{words: slices.Clip(before.words), counts: slices.Clone(before.counts), before: before, at: map[string]int32{}}
}

// note counts the words of a text, each so many times.
func (c *census) note(text string, times int32) {
	c.list = language.AppendWords(c.list[:0], language.Normalise(text))
	for _, w := range c.list {
		i := c.before.find(w)
		if i >= 0 {
			c.counts[i] += times
			continue
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

func stemsOf(words []string) []string {
	stems := make([]string, len(words))
	for i, w := range words {
		stems[i] = language.Stem(w)
	}
	return stems
}

// findHash gives the number of the word with this hash, or -1. It trusts the
// hash: of ten billion words that the content does not hold, a few would be
// taken for one that it does.
func (v *vocabulary) findHash(h uint64) int32 {
	mask := uint64(len(v.slots) - 1)
	for at := place(h, v.shift); v.slots[at].id != 0; at = (at + 1) & mask {
		if v.slots[at].hash == uint32(h) {
			return v.slots[at].id - 1
		}
	}
	return -1
}
