package safety

import "strings"

// entry is what is to be known of a word, side by side. It never changes. Of
// most words in a message it is the only thing that is looked at, and takes
// 64 bytes for that: what the processor fetches at once.
type entry struct {
	stem      string
	begins    []start // phrases that it may begin, and then those of them that are the word alone once more, lexicons last
	goesOn    uint64  // a bit for each stem that some phrase wants behind the word, folded
	id        int32   // in the vocabulary; -1: the content does not hold it
	second    int32   // the stem's number in reader.seconds, or noStem
	neighbour uint32  // hash of a pair of neighbours of which the stem is the first, so far
	lone      uint16  // how many of begins are the word alone
	inflected bool    // the form is not the stem
	shortened bool    // the stem is how the form begins
}

// newEntry makes an entry that begins no phrase yet.
func (r *reader) newEntry(form, stem string, id int32) entry {
	return entry{stem: stem, id: id, second: r.secondOf(stem), neighbour: neighbour(stem), inflected: form != stem, shortened: strings.HasPrefix(form, stem)}
}

// begin gives the entry what startsOf listed for it, which is all[from:], and
// appends what begins needs besides.
func (r *reader) begin(e *entry, all []start, from int) []start {
	to := len(all)
	for _, s := range all[from:to] {
		switch {
		case s.second == anySecond:
			e.goesOn = ^uint64(0)
		case s.second != noSecond:
			e.goesOn |= folded(s.second)
		case int(s.phrase) >= r.named:
			all = append(all, s)
		}
	}
	for _, s := range all[from:to] {
		if s.second == noSecond && int(s.phrase) < r.named {
			all = append(all, s)
		}
	}
	e.lone = uint16(len(all) - to)
	e.begins = all[from:len(all):len(all)]
	return all
}

// all gives every phrase that may begin with the word.
func (e *entry) all() []start { return e.begins[:len(e.begins)-int(e.lone)] }

// before gives those that may go on with the stem second. They are in the
// order of all, but for symbols beyond the lexicons.
func (e *entry) before(second int32) []start {
	if e.goesOn&folded(second) == 0 { // none but the word alone
		return e.begins[len(e.begins)-int(e.lone):]
	}
	return e.all()
}

// folded gives a stem's bit.
func folded(second int32) uint64 { return 1 << (uint32(second) % 64) }
