package safety

import (
	"slices"

	"github.com/aftercarebot/aftercare/knowledge/language"
)

// mender brings a misspelt word to the known word one slip away from it: a
// letter left out, put in, changed, or changed places with its neighbour. An
// English word is no slip of another: who is "browning" is not drowning.
type mender struct {
	known  *reader
	counts []int32 // of the known words
	// slots hold 1 + the number of a known word at the hash of what is left
	// of it without one letter, for each of its letters; 0: free.
	slots []int32
	shift uint
	// sieve has a bit for every such hash, and for that of every known word:
	// most words of a foreign language end here.
	sieve      []uint64
	sieveShift uint
}

// Words shorter than this are not mended: too much is one slip away from them.
const shortestMended = 4

// Words longer than this are not mended either.
const longestMended = 24

func newMender(known *reader) *mender {
	m := &mender{known: known, counts: known.counts(), shift: mendedShift(known)}
	m.slots = make([]int32, 1<<(64-m.shift))
	m.sieveShift = m.shift - 3
	m.sieve = make([]uint64, 1<<(64-m.sieveShift-6))
	m.enter(0)
	return m
}

// with gives a mender against known, which begins with the words of m.known.
// It shares what stays the same.
func (m *mender) with(known *reader) *mender {
	if mendedShift(known) != m.shift {
		return newMender(known)
	}
	out := &mender{known, known.counts(), m.slots, m.shift, m.sieve, m.sieveShift}
	if from := len(m.counts); from < len(out.counts) {
		out.slots, out.sieve = slices.Clone(m.slots), slices.Clone(m.sieve)
		out.enter(from)
	}
	return out
}

// mendedShift leaves slots free for what is left of words; less than others
// do, as few words pass the sieve.
func mendedShift(known *reader) uint {
	letters := known.known.size()
	if known.own != nil {
		letters += known.own.size()
	}
	return shiftFor(letters * 2 / 3)
}

// enter fills in the known words from number from on.
func (m *mender) enter(from int) {
	mask := uint64(len(m.slots) - 1)
	var left [longestWord + 1]uint64
	for i := from; i < len(m.counts); i++ {
		w := m.known.word(int32(i))
		if len(w) > longestMended+1 {
			continue
		}
		m.sift(hashesWithout(w, &left))
		if len(w) < shortestMended || w[0] <= '9' {
			continue
		}
		for j := range len(w) {
			if j > 0 && w[j] == w[j-1] {
				continue
			}
			m.sift(left[j])
			at := place(left[j], m.shift)
			for m.slots[at] != 0 {
				at = (at + 1) & mask
			}
			m.slots[at] = int32(i) + 1
		}
	}
}

func (m *mender) sift(h uint64) {
	bit := place(h, m.sieveShift)
	m.sieve[bit/64] |= 1 << (bit % 64)
}

func (m *mender) sifted(h uint64) bool {
	bit := place(h, m.sieveShift)
	return m.sieve[bit/64]&(1<<(bit%64)) != 0
}

// hashesWithout gives the hash of w, and in left what it is without each of its letters.
func hashesWithout(w string, left *[longestWord + 1]uint64) uint64 {
	var h uint64
	for i := range len(w) {
		left[i] = h
		h += uint64(w[i]) * powers[i]
	}
	var behind uint64
	for i := len(w) - 1; i >= 0; i-- {
		left[i] += behind
		if i > 0 {
			behind += uint64(w[i]) * powers[i-1]
		}
	}
	return h
}

// mend gives the number of the commonest known word one slip away, or -1; of
// equals the first in the alphabet, so that the same message always reads the same.
func (m *mender) mend(w string) int32 {
	if len(w) < shortestMended || len(w) > longestMended || w[0] <= '9' || language.IsEnglish(w) {
		return -1
	}
	best, most := int32(-1), int32(0)
	consider := func(id int32) {
		c := m.known.word(id)
		// A slip in the first letter is rare, and in a short word it makes another word.
		if c[0] != w[0] && len(w) < 6 && c[0] != w[1] {
			return
		}
		if n := m.counts[id]; n > most || n == most && n > 0 && c < m.known.word(best) {
			best, most = id, n
		}
	}
	mask := uint64(len(m.slots) - 1)
	var left [longestWord + 1]uint64
	if h := hashesWithout(w, &left); m.sifted(h) {
		for at := place(h, m.shift); m.slots[at] != 0; at = (at + 1) & mask {
			if id := m.slots[at] - 1; oneMore(m.known.word(id), w) { // a letter left out
				consider(id)
			}
		}
	}
	for i := range len(w) {
		if i > 0 && w[i] == w[i-1] || !m.sifted(left[i]) {
			continue
		}
		if id := m.known.findHash(left[i]); id >= 0 { // a letter put in
			consider(id)
		}
		for at := place(left[i], m.shift); m.slots[at] != 0; at = (at + 1) & mask {
			if id := m.slots[at] - 1; oneSlip(m.known.word(id), w) { // a letter changed, or two changed places
				consider(id)
			}
		}
	}
	return best
}

// oneMore says whether a is b with one letter more.
func oneMore(a, b string) bool {
	if len(a) != len(b)+1 {
		return false
	}
	i := 0
	for i < len(b) && a[i] == b[i] {
		i++
	}
	return a[i+1:] == b[i:]
}

// oneSlip says whether two words differ in one letter or in two neighbours
// that changed places.
func oneSlip(a, b string) bool {
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
