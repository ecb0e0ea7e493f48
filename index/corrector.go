package index

import (
	"cmp"
	"iter"
	"math/bits"
	"slices"
)

// corrector corrects spelling: it finds the word of a vocabulary that a typo was
// meant to be.
type corrector struct {
	byLength [maxCorrectedLength + 3]bucket
}

// bucket holds words of one length, those that are used most first.
type bucket struct {
	words   []wordCount
	letters []uint32 // of each, a bit set of the letters it holds: most are passed over by it
	used    [33]int  // how many are used so often that the number has so many bits
}

type wordCount struct {
	word  string
	count int32
}

// maxCorrectedLength is the length in letters beyond which no word is corrected.
const maxCorrectedLength = 20

// newCorrector makes one of words and how often each is used. It walks them twice,
// so as to keep no room that stays empty.
func newCorrector(words iter.Seq2[string, int32]) *corrector {
	var s corrector
	var room [len(s.byLength)]int
	each := func(yield func(n int, c wordCount)) {
		for w, count := range words {
			if len(w) >= 3 && len(w) < len(s.byLength) && w[0] > '9' {
				yield(len(w), wordCount{w, count})
			}
		}
	}
	each(func(n int, _ wordCount) { room[n]++ })
	for n := range s.byLength {
		s.byLength[n].words = make([]wordCount, 0, room[n])
	}
	each(func(n int, c wordCount) { s.byLength[n].words = append(s.byLength[n].words, c) })
	for n := range s.byLength {
		of := &s.byLength[n]
		slices.SortFunc(of.words, func(a, b wordCount) int { return cmp.Or(cmp.Compare(b.count, a.count), cmp.Compare(a.word, b.word)) })
		of.letters = make([]uint32, len(of.words))
		for i, c := range of.words {
			of.letters[i] = letterSet(c.word)
			for n := range bits.Len32(uint32(c.count)) + 1 {
				of.used[n]++
			}
		}
	}
	return &s
}

// above gives how many of the words are used so often that they can have a
// score of at least best, where edits take away least.
func (s *bucket) above(best, least float64) int {
	for n, words := range s.used {
		if anyWord+sameFirst+sameLast+margin+usage*float64(n)-least >= best {
			return words
		}
	}
	return 0
}

// What makes the score of a word.
const (
	anyWord   = 10   // what every word has
	sameFirst = 1    // for the first letter of the typo
	sameLast  = 0.3  // for its last
	usage     = 0.45 // for each bit of how often the content uses it
	perEdit   = 4.0  // what a whole edit takes away
)

// margin keeps a bound on scores above what rounding makes of them.
const margin = 0.01

func letterSet(w string) uint32 {
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

// maxCompared bounds the words that are compared letter by letter with one typo.
const maxCompared = 3000

// correct gives the word that w most likely is, and how many edits away: within
// one edit for three letters, a little more for five, two for more, where an
// edit is a letter deleted, inserted, substituted or transposed with the next; the
// commonest typos count for less than one. Of several it prefers the fewer
// edits, a typo that keeps the first and the last letter, and the word
// that the content uses more.
func (s *corrector) correct(w string) (to string, edits float64, ok bool) {
	floor, _ := s.typoOf(w)
	return s.correctAbove(w, floor-slack)
}

// slack keeps a floor below the score that it was made of.
const slack = 0.001

// correctAbove is correct for a word that is known to have a score above floor.
func (s *corrector) correctAbove(w string, floor float64) (to string, edits float64, ok bool) {
	if len(w) < 3 || len(w) > maxCorrectedLength {
		return "", 0, false
	}
	lengths, most := reach(w)
	set := letterSet(w)
	differ := mayDiffer(most)
	best, compared := floor, 0
	for d := 0; d <= lengths; d++ {
		for _, n := range [2]int{len(w) - d, len(w) + d} {
			if n < 3 {
				continue
			}
			least := perEdit / edit * float64(max(similarSound, d*doubling)) // what is lost by the fewest edits
			of := &s.byLength[n]
			above := of.above(best, least)
			for i := 0; i < above && compared < maxCompared; i++ {
				if bits.OnesCount32(set^of.letters[i]) > differ {
					continue
				}
				compared++
				c := &of.words[i]
				bonus := c.bonus(w)
				// More edits than this would not beat the best so far.
				d, near := distance(w, c.word, min(most, int((bonus-best)*edit/perEdit)), most)
				if !near {
					continue
				}
				if score := bonus - perEdit*float64(d)/edit; score > best {
					best, to, edits = score, c.word, float64(d)/edit
					above = of.above(best, least)
				}
			}
			if d == 0 {
				break
			}
		}
	}
	return to, edits, to != ""
}

// reach is how many letters more or less, and how many tenths of an edit, the
// word that w was meant to be may be away.
func reach(w string) (lengths, most int) {
	switch {
	case len(w) > 5:
		return 2, 2 * edit
	case len(w) > 3:
		return 2, 14
	}
	return 1, edit
}

// mayDiffer is how many letters so many tenths of an edit can add or take away.
func mayDiffer(most int) int { return (2*most + edit/2) / edit }

// bonus is how likely a word is to be what w was meant to be, before edits are counted.
func (c *wordCount) bonus(w string) float64 {
	bonus := anyWord + usage*float64(bits.Len32(uint32(c.count)))
	if c.word[0] == w[0] {
		bonus += sameFirst
	}
	if c.word[len(c.word)-1] == w[len(w)-1] {
		bonus += sameLast
	}
	return bonus
}

// maxTypo is the most that a word of the content may be away from another to be
// a typo of it, in tenths of an edit.
const maxTypo = 14

// typoOf finds a word that w may be a typo of, not always the likeliest, and
// gives its score.
func (s *corrector) typoOf(w string) (score float64, ok bool) {
	if len(w) < 3 || len(w) > maxCorrectedLength {
		return 0, false
	}
	_, most := reach(w)
	set, may := letterSet(w), mayDiffer(most)
	for n := max(3, len(w)-1); n <= len(w)+1; n++ {
		of := &s.byLength[n]
		for i, own := range of.letters {
			// One edit takes and adds a letter at most; of two, both are for letters that sound alike.
			differ := set ^ own
			if n := bits.OnesCount32(differ); n > may || n > 2 && differ&^soundAlike != 0 {
				continue
			}
			c := &of.words[i]
			if d, near := distance(w, c.word, min(most, maxTypo), most); near {
				return c.bonus(w) - perEdit*float64(d)/edit, true
			}
		}
	}
	return 0, false
}

// soundAlike is the set of the letters that sound like another.
var soundAlike = letterSet("ckszieyaou")

// Costs of edits, in tenths of an edit.
const (
	edit          = 10
	doubling      = 8 // a letter that doubles its neighbour, deleted or inserted
	transposition = 7 // of neighbours
	similarSound  = 6 // a letter for one that sounds alike
)

// substitution is the cost of one letter for another.
func substitution(a, b byte) int {
	if a > b {
		a, b = b, a
	}
	switch [2]byte{a, b} {
	case [2]byte{'c', 'k'}, [2]byte{'s', 'z'}, [2]byte{'i', 'y'}, [2]byte{'c', 's'}, [2]byte{'a', 'e'}, [2]byte{'e', 'i'}, [2]byte{'o', 'u'}:
		return similarSound
	}
	return edit
}

// distance counts the edits from a to b in tenths (optimal string alignment),
// and false beyond limit. It looks only at the alignments that the limit
// allows, and gives up where the words are more than most apart on the way.
func distance(a, b string, limit, most int) (int, bool) {
	const far = 1 << 20
	if limit < 0 {
		return 0, false
	}
	band := limit / doubling // letters that one word can be ahead of the other
	if len(a)-len(b) > band || len(b)-len(a) > band {
		return 0, false
	}
	var rows [3][maxCorrectedLength + 6]int
	prev2, prev, cur := &rows[0], &rows[1], &rows[2]
	for j := 0; j <= len(b) && j <= band; j++ {
		prev[j] = edit * j
	}
	prev[band+1] = far
	before := 0 // the least of the row before; a transposition skips a row
	for i := 1; i <= len(a); i++ {
		from, to := max(1, i-band), min(len(b), i+band)
		cur[from-1] = far
		if from == 1 {
			cur[0] = edit * i
		}
		low := far
		for j := from; j <= to; j++ {
			v := prev[j-1]
			if a[i-1] != b[j-1] {
				v += substitution(a[i-1], b[j-1])
			}
			skip, insert := edit, edit
			if i > 1 && a[i-1] == a[i-2] {
				skip = doubling
			}
			if j > 1 && b[j-1] == b[j-2] {
				insert = doubling
			}
			v = min(v, prev[j]+skip, cur[j-1]+insert)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] && a[i-1] != b[j-1] {
				v = min(v, prev2[j-2]+transposition)
			}
			cur[j] = v
			low = min(low, v)
		}
		if low > most || low > limit && before > limit {
			return 0, false
		}
		before = low
		cur[to+1] = far
		prev2, prev, cur = prev, cur, prev2
	}
	return prev[len(b)], prev[len(b)] <= limit
}
