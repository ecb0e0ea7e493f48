package safety

import "encoding/binary"

// digest holds, for every word of a vocabulary, the sums of the weights of
// what it says by itself, of its stem and its form, and of its parts: words
// times two times cards, each an int16, the lesser byte first.
type digest []byte

// addWords adds what words say, by themselves and by their parts.
func (m *model) addWords(both []int32, ids []int32) {
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

// sumsOf gives what stands in the digest for a word, of so many bytes.
func (m *model) sumsOf(id int32, size int) []byte {
	d, at := m.digest, size*int(id)
	if at >= len(d) {
		d, at = m.own, at-len(d)
	}
	return d[at:][:size]
}

// digestAll makes the digests of all words.
func (m *model) digestAll() {
	m.digest = m.digestOf(&m.matcher.reader.known)
	m.digestOwn()
}

// digestOwn makes the digest of a content's own words.
func (m *model) digestOwn() {
	if own := m.matcher.reader.own; own != nil {
		m.own = m.digestOf(own)
	}
}

// digestOf makes the digest of a vocabulary.
func (m *model) digestOf(v *vocabulary) digest {
	k := len(m.bias)
	d := make(digest, 0, 4*k*len(v.ends))
	s := &sheet{tokens: make([]token, 1)}
	sums := make([]int32, 2*k)
	for i := range v.entries {
		form := v.word(int32(i))
		t := token{entry: &v.entries[i], form: form, stem: v.stem(&v.entries[i], form)}
		s.tokens[0] = t
		clear(sums)
		m.add(sums[:k], bucketOf(markOf(&t), t.stem, ""))
		if t.inflected() {
			m.add(sums[:k], bucketOf('w', t.form, ""))
		}
		s.features = s.features[:0]
		s.describePartsOf(0)
		m.addFeatures(sums[k:], s.features)
		for _, v := range sums {
			d = binary.LittleEndian.AppendUint16(d, uint16(v))
		}
	}
	return d
}
