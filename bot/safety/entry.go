package safety

import "math"

// entry is what is to be known of a word, side by side. It never changes. Of
// most words in a message it is the only thing that is looked at: it takes 32
// bytes for that, half of what the processor fetches at once, and no pointers,
// so that a table of them is made and held at little cost.
type entry struct {
	candidateRange
	bigram uint32 // hash of the first half of a bigram, which the stem is
	stem   uint32 // where in the vocabulary's text the stem begins, or inForm
	id     int32  // in the vocabulary; -1: the content does not hold it
	length uint16 // of the stem
	second int16  // the stem's id in phrasebook.secondStems, or noStem
}

// candidateRange says what phrases a word may begin. Their candidates stand in
// a list besides, and behind them those that are the word alone once more,
// lexicons last.
type candidateRange struct {
	secondBits uint64 // Bloom filter of the stems that some phrase wants behind the word
	from       uint32 // where in the list they begin
	count      uint16 // how many there are, with those of one word twice
	single     uint16 // how many are of one word
}

// inForm says that the stem is a prefix of the form.
const inForm = math.MaxUint32

// maxCandidates bounds the phrases that one word begins; more are not found.
const maxCandidates = math.MaxUint16 / 2

// newEntry makes an entry without candidates, of a stem that is a prefix of the
// form.
func (b *phrasebook) newEntry(stem string, id int32) entry {
	return entry{bigram: bigramPrefix(stem), stem: inForm, id: id, second: b.secondID(stem), length: uint16(len(stem))}
}

// fill fills in the range of all[from:], and appends those of one word again.
func (b *candidateRange) fill(book *phrasebook, all []candidate, from int) []candidate {
	all = all[:min(len(all), from+maxCandidates)]
	to := len(all)
	for _, s := range all[from:to] {
		switch {
		case s.second == anySecond:
			b.secondBits = ^uint64(0)
		case s.second != noSecond:
			b.secondBits |= secondBit(s.second)
		case int(s.phrase) >= book.named:
			all = append(all, s)
		}
	}
	for _, s := range all[from:to] {
		if s.second == noSecond && int(s.phrase) < book.named {
			all = append(all, s)
		}
	}
	b.from, b.count, b.single = uint32(from), uint16(len(all)-from), uint16(len(all)-to)
	return all
}

// all gives every phrase that may begin with the word, from the list.
func (b *candidateRange) all(list []candidate) []candidate {
	return list[b.from : b.from+uint32(b.count-b.single)]
}

// followedBy gives those that may go on with the stem second. They are in the
// order of all, but for symbols beyond the lexicons.
func (b *candidateRange) followedBy(second int16, list []candidate) []candidate {
	if b.secondBits&secondBit(int32(second)) == 0 { // none but the word alone
		to := b.from + uint32(b.count)
		return list[to-uint32(b.single) : to]
	}
	return b.all(list)
}

// secondBit gives a stem's bit in candidateRange.secondBits.
func secondBit(second int32) uint64 { return 1 << (uint32(second) % 64) }
