package index

import (
	"cmp"
	"iter"
	"math/bits"
	"slices"
)

// speller finds the word of a vocabulary that a misspelt one was meant to be.
type speller struct {
	byLength [maxSpelt + 3][]candidate
}

type candidate struct {
	word    string
	letters uint32 // bit set of the letters it holds
	count   int32
}

// maxSpelt is the length in letters beyond which no word is mended.
const maxSpelt = 20

// newSpeller makes one of words and how often each is used.
func newSpeller(words iter.Seq2[string, int32]) *speller {
	var s speller
	for w, count := range words {
		if len(w) >= 3 && len(w) < len(s.byLength) && w[0] > '9' {
			s.byLength[len(w)] = append(s.byLength[len(w)], candidate{w, letters(w), count})
		}
	}
	for _, of := range s.byLength {
		slices.SortFunc(of, func(a, b candidate) int { return cmp.Or(cmp.Compare(b.count, a.count), cmp.Compare(a.word, b.word)) })
	}
	return &s
}

func letters(w string) uint32 {
	var set uint32
	for i := range len(w) {
		if c := w[i]; 'a' <= c && c <= 'z' {
			set |= 1 << (c - 'a')
		} else {
			set |= 1 << 26
		}
	}
	return set
}

// maxCompared bounds the words that are compared letter by letter with one misspelt word.
const maxCompared = 3000

// mend gives the word that w most likely is, and how many edits away: within
// one edit for three letters, a little more for five, two for more, where an edit is a letter left out, added,
// changed or two neighbours exchanged. Of several it prefers the fewer edits,
// a misspelling that keeps the first letter or exchanges two, and the word
// that the content uses more.
func (s *speller) mend(w string) (to string, edits float64, ok bool) {
	if len(w) < 3 || len(w) > maxSpelt {
		return "", 0, false
	}
	limit, most := 1, 1.0
	switch {
	case len(w) > 5:
		limit, most = 2, 2
	case len(w) > 3:
		limit, most = 2, 1.4
	}
	set := letters(w)
	differ := int(2*most + 0.5) // letters that so many edits can add or take away
	best, compared := 0.0, 0
	for d := 0; d <= limit; d++ {
		for _, n := range [2]int{len(w) - d, len(w) + d} {
			if n < 3 || d == 0 && n != len(w) {
				continue
			}
			for _, c := range s.byLength[n] {
				if bits.OnesCount32(set^c.letters) > differ || compared >= maxCompared {
					continue
				}
				compared++
				d, near := distance(w, c.word, most)
				if !near {
					continue
				}
				score := 10 - 4*d + 0.45*float64(bits.Len32(uint32(c.count)))
				if c.word[0] == w[0] {
					score += 1
				}
				if c.word[len(c.word)-1] == w[len(w)-1] {
					score += 0.3
				}
				if score > best {
					best, to, edits = score, c.word, d
				}
			}
			if d == 0 {
				break
			}
		}
	}
	return to, edits, to != ""
}

// change is the cost of one letter for another: less where they sound alike.
func change(a, b byte) float64 {
	if a > b {
		a, b = b, a
	}
	switch [2]byte{a, b} {
	case [2]byte{'c', 'k'}, [2]byte{'s', 'z'}, [2]byte{'i', 'y'}, [2]byte{'c', 's'}, [2]byte{'a', 'e'}, [2]byte{'e', 'i'}, [2]byte{'o', 'u'}:
		return 0.6
	}
	return 1
}

// distance counts the edits from a to b (optimal string alignment), and false
// beyond limit. An exchange of neighbours and a doubled letter count as 0.7 and
// 0.8: they are the commonest slips.
func distance(a, b string, limit float64) (float64, bool) {
	const inf = 99
	var rows [3][maxSpelt + 4]float64
	prev2, prev, cur := &rows[0], &rows[1], &rows[2]
	for j := 0; j <= len(b); j++ {
		prev[j] = float64(j)
	}
	for i := 1; i <= len(a); i++ {
		cur[0] = float64(i)
		low := float64(inf)
		for j := 1; j <= len(b); j++ {
			v := prev[j-1]
			if a[i-1] != b[j-1] {
				v += change(a[i-1], b[j-1])
			}
			skip, insert := 1.0, 1.0
			if i > 1 && a[i-1] == a[i-2] {
				skip = 0.8
			}
			if j > 1 && b[j-1] == b[j-2] {
				insert = 0.8
			}
			v = min(v, prev[j]+skip, cur[j-1]+insert)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] && a[i-1] != b[j-1] {
				v = min(v, prev2[j-2]+0.7)
			}
			cur[j] = v
			low = min(low, v)
		}
		if low > limit {
			return 0, false
		}
		prev2, prev, cur = prev, cur, prev2
	}
	return prev[len(b)], prev[len(b)] <= limit
}
