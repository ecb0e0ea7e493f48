package safety

import (
	"strings"
	"sync/atomic"

	"github.com/aftercarebot/aftercare/knowledge/language"
)

// unknownCache keeps, for all messages, what was made of words that are not
// known as they are: to correct and stem one takes longer than all else that
// is done with it. It is set-associative: four words share a set, where the
// last to come evicts the first, so their number is bounded. They are kept word
// by word, in memory alone, with nothing to tell what message they stood in.
type unknownCache [1 << cacheSetBits][4]atomic.Pointer[unknownWord]

// cacheSetBits is the binary logarithm of the number of sets.
const cacheSetBits = 12

// unknownWord is a word that is not known as it is. It never changes.
type unknownWord struct {
	word       string
	form       string // what it was corrected to, or the word
	corrected  int32  // the id of what it was corrected to; -1: it was not, and has what follows
	stem       string
	entry      entry
	candidates []candidate
}

// find gives a word of this hash if it is in the cache, or nil.
func (c *unknownCache) find(w string, hash uint64) *unknownWord {
	set := &c[slotIndex(hash, 64-cacheSetBits)]
	for i := range set {
		if u := set[i].Load(); u != nil && u.word == w {
			return u
		}
	}
	return nil
}

// add puts a word of this hash into the cache.
func (c *unknownCache) add(u *unknownWord, hash uint64) {
	set := &c[slotIndex(hash, 64-cacheSetBits)]
	for i := len(set) - 1; i > 0; i-- {
		set[i].Store(set[i-1].Load())
	}
	set[0].Store(u)
}

// resolveUnknown corrects a word, or else takes it as it is, and caches it
// unless it is overlong. The message that it stands in is not held on to.
func (a *analyser) resolveUnknown(w string, hash uint64) *unknownWord {
	short := len(w) <= longestWord
	if short {
		w = strings.Clone(w)
	}
	u := &unknownWord{word: w, form: w, corrected: a.corrector().correct(w)}
	if u.corrected >= 0 {
		u.form = a.word(u.corrected)
	} else {
		u.stem = language.Stem(w)
		u.entry = a.newEntry(u.stem, -1)
		if !strings.HasPrefix(w, u.stem) {
			u.entry.stem = 0 // not inForm
		}
		u.candidates = u.entry.fill(&a.phrasebook, a.appendCandidatesOf(nil, w, u.stem), 0)
	}
	if short {
		a.unknown.add(u, hash)
	}
	return u
}
