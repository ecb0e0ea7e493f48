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

// inForm says that the stem is a prefix of the form.
const inForm = math.MaxUint32

// newEntry makes an entry without candidates, of a stem that is a prefix of the
// form.
func (b *phrasebook) newEntry(stem string, id int32) entry {
	return entry{bigram: bigramPrefix(stem), stem: inForm, id: id, second: b.secondID(stem), length: uint16(len(stem))}
}
