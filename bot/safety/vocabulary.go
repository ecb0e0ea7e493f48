package safety

import "strings"

// vocabulary maps words to ids, and holds what is to be known of each.
type vocabulary struct {
	text       string   // the words, one behind the other, and then stems that are no beginning of theirs
	ends       []uint32 // where in text each word ends
	table               // from the hashes to the ids
	entries    []entry
	candidates []candidate // of the entries
}

// longestWord is the length in bytes beyond which no word is looked up.
const longestWord = 48

// powers are those of an odd number: the hash of a word is a polynomial, the
// sum of its letters times the powers, from which follows at once what it is
// when one letter is left out.
var powers = func() (p [longestWord + 1]uint64) {
	p[0] = 1
	for i := 1; i < len(p); i++ {
		p[i] = p[i-1] * 0x9E3779B97F4A7C15
	}
	return p
}()

// hashWord is of no more than the first longestWord bytes.
func hashWord(w string) uint64 {
	var h uint64
	for i := range min(len(w), longestWord) {
		h += uint64(w[i]) * powers[i]
	}
	return h
}

// newVocabulary is of words, each there once. It has no entries yet.
func newVocabulary(words []string) vocabulary {
	ends := make([]uint32, len(words))
	end := 0
	for i, w := range words {
		end += len(w)
		ends[i] = uint32(end)
	}
	return newVocabularyFromText(strings.Join(words, ""), ends)
}

// newVocabularyFromText is newVocabulary of words that stand in a text, where
// each ends at one of ends.
func newVocabularyFromText(text string, ends []uint32) vocabulary {
	v := vocabulary{text: text, ends: ends, table: newTable(len(ends))}
	for i := range ends {
		if w := v.word(int32(i)); len(w) <= longestWord {
			v.insert(hashWord(w), int32(i))
		}
	}
	return v
}

// word gives the word of an id.
func (v *vocabulary) word(id int32) string {
	if id == 0 {
		return v.text[:v.ends[0]]
	}
	return v.text[v.ends[id-1]:v.ends[id]]
}

// size is the length of all words.
func (v *vocabulary) size() int {
	if len(v.ends) == 0 {
		return 0
	}
	return int(v.ends[len(v.ends)-1])
}

// stem gives the stem of a word, as a part of it where it can be: the
// processor has that, and the vocabulary's text it would have to fetch.
func (v *vocabulary) stem(e *entry, word string) string {
	if e.stem == inForm {
		return word[:min(int(e.length), len(word))] // findHash may have taken a shorter word for it
	}
	return v.text[e.stem:][:e.length]
}

// find gives the id of a word, or -1.
func (v *vocabulary) find(w string) int32 {
	return v.table.find(hashWord(w), func(id int32) bool { return v.word(id) == w })
}
