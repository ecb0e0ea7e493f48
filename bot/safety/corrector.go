package safety

import (
	"slices"

	"github.com/aftercarebot/aftercare/knowledge/language"
)

// corrector corrects spelling: it brings an unknown word to the known word one
// typo (one edit) away from it: a letter deleted, inserted, substituted, or
// transposed with the next. An English word is no typo of another: who is
// "browning" is not drowning.
type corrector struct {
	known  *analyser
	counts []int32 // of the known words
	// slots are a hash table of deletions: 1 + the id of a known word at the
	// hash of what is left of it without one letter, for each of its letters;
	// 0: free.
	slots []int32
	shift uint
	// filter is a Bloom filter of one hash: it has a bit for every deletion,
	// and for every known word. Most words of a foreign language end here.
	filter      []uint64
	filterShift uint
}

// minCorrected is the length of the shortest words that are corrected: of
// shorter ones too much is one typo away.
const minCorrected = 4

// maxCorrected is the length of the longest words that are corrected.
const maxCorrected = 24

func newCorrector(known *analyser) *corrector {
	c := &corrector{known: known, counts: known.counts(), shift: correctorShift(known)}
	c.slots = make([]int32, 1<<(64-c.shift))
	c.filterShift = c.shift - 3
	c.filter = make([]uint64, 1<<(64-c.filterShift-6))
	c.add(0)
	return c
}

// with gives a corrector against known, which begins with the words of c.known.
// It shares what stays the same.
func (c *corrector) with(known *analyser) *corrector {
	if correctorShift(known) != c.shift {
		return newCorrector(known)
	}
	out := &corrector{known, known.counts(), c.slots, c.shift, c.filter, c.filterShift}
	if from := len(c.counts); from < len(out.counts) {
		out.slots, out.filter = slices.Clone(c.slots), slices.Clone(c.filter)
		out.add(from)
	}
	return out
}

// correctorShift leaves slots free for the deletions; fewer than other tables
// do, as few words pass the filter.
func correctorShift(known *analyser) uint {
	letters := known.known.size()
	if known.own != nil {
		letters += known.own.size()
	}
	return shiftFor(letters * 2 / 3)
}

// add adds the known words from id from on.
func (c *corrector) add(from int) {
	mask := uint64(len(c.slots) - 1)
	var deletions [longestWord + 1]uint64
	for i := from; i < len(c.counts); i++ {
		w := c.known.word(int32(i))
		if len(w) > maxCorrected+1 {
			continue
		}
		c.addToFilter(deletionHashes(w, &deletions))
		if len(w) < minCorrected || w[0] <= '9' {
			continue
		}
		for j := range len(w) {
			if j > 0 && w[j] == w[j-1] {
				continue
			}
			c.addToFilter(deletions[j])
			at := slotIndex(deletions[j], c.shift)
			for c.slots[at] != 0 {
				at = (at + 1) & mask
			}
			c.slots[at] = int32(i) + 1
		}
	}
}

// addToFilter adds a hash to the filter.
func (c *corrector) addToFilter(h uint64) {
	bit := slotIndex(h, c.filterShift)
	c.filter[bit/64] |= 1 << (bit % 64)
}

// mayHold reports whether a hash may be in the filter.
func (c *corrector) mayHold(h uint64) bool {
	bit := slotIndex(h, c.filterShift)
	return c.filter[bit/64]&(1<<(bit%64)) != 0
}

// deletionHashes gives the hash of w, and in deletions what it is without each of its letters.
func deletionHashes(w string, deletions *[longestWord + 1]uint64) uint64 {
	var h uint64
	for i := range len(w) {
		deletions[i] = h
		h += uint64(w[i]) * powers[i]
	}
	var behind uint64
	for i := len(w) - 1; i >= 0; i-- {
		deletions[i] += behind
		if i > 0 {
			behind += uint64(w[i]) * powers[i-1]
		}
	}
	return h
}

// correct gives the id of the commonest known word one typo away, or -1; of
// equals the first in the alphabet, so that the same message always reads the same.
func (c *corrector) correct(w string) int32 {
	if len(w) < minCorrected || len(w) > maxCorrected || w[0] <= '9' || language.IsEnglish(w) {
		return -1
	}
	best, most := int32(-1), int32(0)
	consider := func(id int32) {
		word := c.known.word(id)
		// A typo in the first letter is rare, and in a short word it makes another word.
		if word[0] != w[0] && len(w) < 6 && word[0] != w[1] {
			return
		}
		if n := c.counts[id]; n > most || n == most && n > 0 && word < c.known.word(best) {
			best, most = id, n
		}
	}
	mask := uint64(len(c.slots) - 1)
	var deletions [longestWord + 1]uint64
	if h := deletionHashes(w, &deletions); c.mayHold(h) {
		for at := slotIndex(h, c.shift); c.slots[at] != 0; at = (at + 1) & mask {
			if id := c.slots[at] - 1; oneInsertion(c.known.word(id), w) { // a letter was deleted
				consider(id)
			}
		}
	}
	for i := range len(w) {
		if i > 0 && w[i] == w[i-1] || !c.mayHold(deletions[i]) {
			continue
		}
		if id := c.known.findHash(deletions[i]); id >= 0 { // a letter was inserted
			consider(id)
		}
		for at := slotIndex(deletions[i], c.shift); c.slots[at] != 0; at = (at + 1) & mask {
			if id := c.slots[at] - 1; substitutionOrTransposition(c.known.word(id), w) { // a letter was substituted, or two were transposed
				consider(id)
			}
		}
	}
	return best
}

// oneInsertion reports whether a is b with one letter more.
func oneInsertion(a, b string) bool {
	if len(a) != len(b)+1 {
		return false
	}
	i := 0
	for i < len(b) && a[i] == b[i] {
		i++
	}
	return a[i+1:] == b[i:]
}

// substitutionOrTransposition reports whether two words differ in one letter
// or in two adjacent ones that are transposed.
func substitutionOrTransposition(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if i == len(a) {
		return true
	}
	if a[i+1:] == b[i+1:] {
		return true
	}
	return i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
}
