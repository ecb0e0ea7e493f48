package safety

// entry is what is to be known of a word, side by side. It never changes.
type entry struct {
	form      string
	stem      string
	id        int32      // in the vocabulary; -1: the content does not hold it
	second    int32      // the stem's number in reader.seconds, or noStem
	neighbour uint32     // hash of a pair of neighbours of which the stem is the first, so far
	inflected bool       // the form is not the stem
	goesOn    uint64     // a bit for each stem that some phrase wants behind the word, folded
	begins    *beginning // nil: no phrase
}

// beginning is what phrases a word may begin.
type beginning struct {
	starts []start
	lone   []int32 // the symbols that the word stands for by itself, in the same order
}

func (r *reader) newEntry(form, stem string, id int32) entry {
	e := entry{form: form, stem: stem, id: id, second: r.secondOf(stem), neighbour: neighbour(stem), inflected: form != stem}
	starts := r.startsOf(nil, form, stem)
	if len(starts) == 0 {
		return e
	}
	e.begins = &beginning{starts: starts}
	for _, s := range starts {
		switch s.second {
		case noSecond:
			e.begins.lone = append(e.begins.lone, s.phrase)
		case anySecond:
			e.goesOn = ^uint64(0)
		default:
			e.goesOn |= folded(s.second)
		}
	}
	return e
}

// mayGoOn reports whether the word may begin a phrase of several words when
// this stem is behind it. Where it says no, it is right.
func (e *entry) mayGoOn(second int32) bool { return e.goesOn&folded(second) != 0 }

// folded gives a stem's bit.
func folded(second int32) uint64 { return 1 << (uint32(second) % 64) }
