package safety

import (
	"strings"
	"sync/atomic"

	"github.com/aftercarebot/aftercare/knowledge/language"
)

// strangers remembers, for all messages, what was made of words that are not
// known as they are: mending and stemming one takes longer than all else that
// is done with it. Four of them share a bench, where the last to come takes
// the place of the first, so their number is bounded. They are kept word by
// word, in memory alone, with nothing to tell what message they stood in.
type strangers [1 << strangerBenches][4]atomic.Pointer[stranger]

// strangerBenches is the logarithm of a quarter of how many are remembered.
const strangerBenches = 10

// stranger is a word that is not known as it is. It never changes.
type stranger struct {
	word   string
	form   string // what it was mended to, or the word
	mended int32  // the number of what it was mended to; -1: it was not, and has what follows
	stem   string
	entry  entry
	starts []start
}

// find gives a word of this hash if it is remembered, or nil.
func (s *strangers) find(w string, hash uint64) *stranger {
	bench := &s[place(hash, 64-strangerBenches)]
	for i := range bench {
		if known := bench[i].Load(); known != nil && known.word == w {
			return known
		}
	}
	return nil
}

func (s *strangers) keep(known *stranger, hash uint64) {
	bench := &s[place(hash, 64-strangerBenches)]
	for i := len(bench) - 1; i > 0; i-- {
		bench[i].Store(bench[i-1].Load())
	}
	bench[0].Store(known)
}

// meet mends a word, or else takes it as it is, and remembers it unless it is
// overlong. The message that it stands in is not held on to.
func (r *reader) meet(w string, hash uint64) *stranger {
	short := len(w) <= longestWord
	if short {
		w = strings.Clone(w)
	}
	met := &stranger{word: w, form: w, mended: r.mender().mend(w)}
	if met.mended >= 0 {
		met.form = r.word(met.mended)
	} else {
		met.stem = language.Stem(w)
		met.entry = r.newEntry(met.stem, -1)
		if !strings.HasPrefix(w, met.stem) {
			met.entry.stem = 0 // not inForm
		}
		met.starts = met.entry.fill(&r.phrasebook, r.startsOf(nil, w, met.stem), 0)
	}
	if short {
		r.strange.keep(met, hash)
	}
	return met
}
