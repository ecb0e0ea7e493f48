package safety

import "math"

// entry is what is to be known of a word, side by side. It never changes. Of
// most words in a message it is the only thing that is looked at: it takes 32
// bytes for that, half of what the processor fetches at once, and no pointers,
// so that a table of them is made and held at little cost.
type entry struct {
	begins
	neighbour uint32 // hash of a pair of neighbours of which the stem is the first, so far
	stem      uint32 // where in the vocabulary's text the stem begins, or inForm
	id        int32  // in the vocabulary; -1: the content does not hold it
	length    uint16 // of the stem
	second    int16  // the stem's number in phrasebook.seconds, or noStem
}

// begins says what phrases a word may begin. Their starts stand in a list
// besides, and behind them those of them that are the word alone once more,
// lexicons last.
type begins struct {
	goesOn uint64 // a bit for each stem that some phrase wants behind the word, folded
	from   uint32 // where in the list they begin
	count  uint16 // how many there are, with those once more
	lone   uint16 // how many are those once more
}

// inForm says that the stem is how the form begins.
const inForm = math.MaxUint32

// maxStarts bounds the phrases that one word begins; more are not found.
const maxStarts = math.MaxUint16 / 2

// newEntry makes an entry that begins no phrase yet, of a stem that the form
// begins with.
func (b *phrasebook) newEntry(stem string, id int32) entry {
	return entry{neighbour: neighbour(stem), stem: inForm, id: id, second: b.secondOf(stem), length: uint16(len(stem))}
}

// fill fills in what begins with all[from:], and appends what stands behind.
func (b *begins) fill(book *phrasebook, all []start, from int) []start {
	all = all[:min(len(all), from+maxStarts)]
	to := len(all)
	for _, s := range all[from:to] {
		switch {
		case s.second == anySecond:
			b.goesOn = ^uint64(0)
		case s.second != noSecond:
			b.goesOn |= folded(s.second)
		case int(s.phrase) >= book.named:
			all = append(all, s)
		}
	}
	for _, s := range all[from:to] {
		if s.second == noSecond && int(s.phrase) < book.named {
			all = append(all, s)
		}
	}
	b.from, b.count, b.lone = uint32(from), uint16(len(all)-from), uint16(len(all)-to)
	return all
}

// all gives every phrase that may begin with the word, from the list.
func (b *begins) all(list []start) []start {
	return list[b.from : b.from+uint32(b.count-b.lone)]
}

// before gives those that may go on with the stem second. They are in the
// order of all, but for symbols beyond the lexicons.
func (b *begins) before(second int16, list []start) []start {
	if b.goesOn&folded(int32(second)) == 0 { // none but the word alone
		to := b.from + uint32(b.count)
		return list[to-uint32(b.lone) : to]
	}
	return b.all(list)
}

// folded gives a stem's bit.
func folded(second int32) uint64 { return 1 << (uint32(second) % 64) }
