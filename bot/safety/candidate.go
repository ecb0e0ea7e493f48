package safety

import "math"

// candidate is a phrase that may begin with a word, and the stem that the word
// behind must then have; anySecond where that is not told by a stem. For a
// phrase of one word second is noSecond, and there is one candidate for each of
// its symbols, which stands in place of the phrase.
type candidate struct{ second, phrase int32 }

const (
	noSecond  = -1
	anySecond = -2
	noStem    = -3
)

// candidateRange says what phrases a word may begin. Their candidates stand in
// a list besides, and behind them those that are the word alone once more,
// lexicons last.
type candidateRange struct {
	secondBits uint64 // Bloom filter of the stems that some phrase wants behind the word
	from       uint32 // where in the list they begin
	count      uint16 // how many there are, with those of one word twice
	single     uint16 // how many are of one word
}

// maxCandidates bounds the phrases that one word begins; more are not found.
const maxCandidates = math.MaxUint16 / 2

// fill fills in the range of all[from:], and appends those of one word again.
func (r *candidateRange) fill(book *phrasebook, all []candidate, from int) []candidate {
	all = all[:min(len(all), from+maxCandidates)]
	to := len(all)
	for _, s := range all[from:to] {
		switch {
		case s.second == anySecond:
			r.secondBits = ^uint64(0)
		case s.second != noSecond:
			r.secondBits |= secondBit(s.second)
		case int(s.phrase) >= book.named:
			all = append(all, s)
		}
	}
	for _, s := range all[from:to] {
		if s.second == noSecond && int(s.phrase) < book.named {
			all = append(all, s)
		}
	}
	r.from, r.count, r.single = uint32(from), uint16(len(all)-from), uint16(len(all)-to)
	return all
}

// all gives every phrase that may begin with the word, from the list.
func (r *candidateRange) all(list []candidate) []candidate {
	return list[r.from : r.from+uint32(r.count-r.single)]
}

// followedBy gives those that may go on with the stem second. They are in the
// order of all, but for symbols beyond the lexicons.
func (r *candidateRange) followedBy(second int16, list []candidate) []candidate {
	if r.secondBits&secondBit(int32(second)) == 0 { // none but the word alone
		to := r.from + uint32(r.count)
		return list[to-uint32(r.single) : to]
	}
	return r.all(list)
}

// secondBit gives a stem's bit in candidateRange.secondBits.
func secondBit(second int32) uint64 { return 1 << (uint32(second) % 64) }
