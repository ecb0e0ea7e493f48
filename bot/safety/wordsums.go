package safety

import "encoding/binary"

// wordSums holds precomputed sums of weights: for every word of a vocabulary
// those of its stem and its form, and those of its n-grams. It has words times
// two times cards of them, each an int16, the lesser byte first.
type wordSums []byte

// addWordSums adds the sums of words, of themselves and of their n-grams.
func (m *model) addWordSums(both []int32, ids []int32) {
	if len(both) == 4 { // as with two cards: the sums stay in registers
		a, b, c, d := both[0], both[1], both[2], both[3]
		for _, id := range ids {
			sums := binary.LittleEndian.Uint64(m.sumsOf(id, 8))
			a += int32(int16(sums))
			b += int32(int16(sums >> 16))
			c += int32(int16(sums >> 32))
			d += int32(int16(sums >> 48))
		}
		both[0], both[1], both[2], both[3] = a, b, c, d
		return
	}
	for _, id := range ids {
		sums := m.sumsOf(id, 2*len(both))
		for c := range both {
			both[c] += int32(int16(binary.LittleEndian.Uint16(sums[2*c:])))
		}
	}
}

// sumsOf gives the precomputed sums of a word, which take so many bytes.
func (m *model) sumsOf(id int32, size int) []byte {
	sums, at := m.wordSums, size*int(id)
	if at >= len(sums) {
		sums, at = m.ownSums, at-len(sums)
	}
	return sums[at:][:size]
}

// sumWords precomputes the sums of all words.
func (m *model) sumWords() {
	m.wordSums = m.sumsOfWords(&m.matcher.analyser.known)
	m.sumOwnWords()
}

// sumOwnWords precomputes the sums of a content's own words.
func (m *model) sumOwnWords() {
	if own := m.matcher.analyser.own; own != nil {
		m.ownSums = m.sumsOfWords(own)
	}
}

// sumsOfWords gives the sums of a vocabulary.
func (m *model) sumsOfWords(v *vocabulary) wordSums {
	k := len(m.bias)
	out := make(wordSums, 0, 4*k*len(v.ends))
	s := &scratch{tokens: make([]token, 1)}
	sums := make([]int32, 2*k)
	for i := range v.entries {
		form := v.word(int32(i))
		t := token{entry: &v.entries[i], form: form, stem: v.stem(&v.entries[i], form)}
		s.tokens[0] = t
		clear(sums)
		m.addWeights(sums[:k], bucketOf(stemKind(&t), t.stem, ""))
		if t.inflected() {
			m.addWeights(sums[:k], bucketOf('w', t.form, ""))
		}
		s.features = s.features[:0]
		s.addNgrams(0)
		m.addFeatureWeights(sums[k:], s.features)
		for _, v := range sums {
			out = binary.LittleEndian.AppendUint16(out, uint16(v))
		}
	}
	return out
}
