package safety

import (
	"strings"
	"sync/atomic"

	"github.com/aftercarebot/aftercare/knowledge/language"
)

// strangers remembers, for all messages, what was made of words that are not
// known as they are: mending and stemming one takes longer than all else that
// is done with it. There are two seats for each, which later ones take, so
// their number is bounded. They are kept word by word, in memory alone, with
// nothing to tell what message they stood in.
type strangers [1 << strangerBenches][2]atomic.Pointer[stranger]

// strangerBenches is the logarithm of half of how many are remembered.
const strangerBenches = 11

// stranger is a word that is not known as it is. It never changes.
type stranger struct {
	word  string
	form  string // what it was mended to, or the word
	entry *entry // of the form
}

// look gives the form of a word and what is to be known of it.
func (r *reader) look(w string) (*entry, string) {
	h := hashWord(w[:min(len(w), longestWord)])
	if len(w) <= longestWord {
		if id := r.known.findHash(h); id >= 0 {
			return &r.entries[id], w
		}
	}
	bench := &r.strange[place(h, 64-strangerBenches)]
	for i := range bench {
		if known := bench[i].Load(); known != nil && known.word == w {
			return known.entry, known.form
		}
	}
	met := r.meet(w)
	bench[1].Store(bench[0].Load())
	bench[0].Store(met)
	return met.entry, met.form
}

// meet mends a word, or else takes it as it is. The message that it stands in
// is not held on to.
func (r *reader) meet(w string) *stranger {
	w = strings.Clone(w)
	if id := r.mender.mend(w); id >= 0 {
		return &stranger{w, r.known.words[id], &r.entries[id]}
	}
	own, _ := r.newEntry(nil, w, language.Stem(w), -1)
	return &stranger{w, w, &own}
}
