package safety

import (
	"math"
	"slices"
)

// feature is one property of a text, hashed, and the token that it came from.
type feature struct {
	id    uint32
	value float32
	at    int32
}

// describe lists the features of a stretch of sentences.
func (s *sheet) describe(m *Matcher, where span) {
	r := m.reader
	s.features = s.features[:0]
	from, to := s.sentences[where.from].from, s.sentences[where.to-1].to
	tokens := s.tokens[from:to]

	// Words and neighbours.
	previous := "^"
	for i := range tokens {
		t := &tokens[i]
		at := int32(from + i)
		if t.masked {
			previous = "~"
			continue
		}
		mark := byte('s')
		if t.denied > 0 {
			mark = 'n'
		}
		s.feature(at, mark, t.stem, "")
		if t.form != t.stem {
			s.feature(at, 'w', t.form, "")
		}
		s.feature(at, 'b', previous, t.stem)
		previous = t.stem
	}
	s.feature(-1, 'b', previous, "$")
	s.scale(0, wordsAs)

	// Parts of words.
	start := len(s.features)
	var padded [64]byte
	for i := range tokens {
		t := &tokens[i]
		if t.masked || len(t.form) > 40 {
			continue
		}
		p := append(append(append(padded[:0], '_'), t.form...), '_')
		for n := minPart; n <= maxPart; n++ {
			for j := 0; j+n <= len(p); j++ {
				s.partFeature(int32(from+i), p[j:j+n])
			}
		}
	}
	s.scale(start, partsAs)

	// Lexicons, denied or not, and which of them and of the cues stand together.
	start = len(s.features)
	var seen [32]int
	tags := seen[:0]
	for i := where.from; i < where.to; i++ {
		sn := s.sentences[i]
		for _, h := range s.hits[sn.hits.from:sn.hits.to] {
			if r.symbols[h.symbol].name == "" || h.symbol == negation || h.symbol == spared || h.symbol != figure && s.masked(h.span) {
				continue
			}
			tag := 2 * h.symbol
			if s.tokens[h.from].denied > 0 && !r.symbols[h.symbol].place && h.symbol >= cues {
				tag++
			}
			if len(tags) < len(seen) && !slices.Contains(tags, tag) {
				tags = append(tags, tag)
				s.tagFeature(int32(h.from), 't', tag, 0)
			}
		}
		for n := range s.findings {
			if f := &s.findings[n]; f.sentence == i {
				state := 1
				if f.softened != "" {
					state = 2
				}
				s.tagFeature(int32(f.hits[0].from), 'f', f.pattern, state)
				s.tagFeature(int32(f.hits[0].from), 'F', m.patterns[f.pattern].sign, state)
				s.tagFeature(int32(f.hits[0].from), 'A', 0, state)
			}
		}
		if sn.question {
			s.feature(-1, 'q', "?", "")
		}
	}
	for i, a := range tags {
		for _, b := range tags[:i] {
			s.tagFeature(-1, 'p', min(a, b), max(a, b))
		}
	}
	s.scale(start, tagsAs)
}

// scale brings the features from start on to the length weight, so that a
// long message has no louder voice than a short one.
func (s *sheet) scale(start int, weight float32) {
	own := s.features[start:]
	if len(own) == 0 {
		return
	}
	v := weight / float32(math.Sqrt(float64(len(own))))
	for i := range own {
		own[i].value = v
	}
}

func (s *sheet) feature(at int32, kind byte, a, b string) {
	h := (offset ^ uint32(kind)) * prime
	for i := range len(a) {
		h = (h ^ uint32(a[i])) * prime
	}
	h = (h ^ ' ') * prime
	for i := range len(b) {
		h = (h ^ uint32(b[i])) * prime
	}
	s.put(at, h)
}

func (s *sheet) partFeature(at int32, part []byte) {
	h := uint32(offset)
	h = (h ^ 'c') * prime
	for _, b := range part {
		h = (h ^ uint32(b)) * prime
	}
	s.put(at, h)
}

func (s *sheet) tagFeature(at int32, kind byte, a, b int) {
	h := (offset ^ uint32(kind)) * prime
	for _, n := range [2]int{a, b} {
		h = (h ^ uint32(n&255)) * prime
		h = (h ^ uint32(n>>8)) * prime
	}
	s.put(at, h)
}

// put folds the hash (FNV-1a) to a bucket.
func (s *sheet) put(at int32, h uint32) {
	s.features = append(s.features, feature{id: (h ^ h>>15) % buckets, at: at})
}

const (
	offset = 2166136261
	prime  = 16777619
)
