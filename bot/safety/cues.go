package safety

// The cues are the first symbols, in this order.
const (
	negation = iota
	spared
	general
	present
	resolved
	figure
	cues
)

// applyCues masks the figures of speech found in a sentence, notes which cues it
// has, and marks the words that are negated.
func (s *scratch) applyCues(sn *sentence) {
	hits := s.hits[sn.hits.from:sn.hits.to]
	for _, h := range hits {
		if h.symbol == figure {
			for i := h.from; i < h.to; i++ {
				s.tokens[i].masked = true
			}
		}
	}
	for _, h := range hits {
		if h.symbol < cues && (h.symbol == figure || !s.masked(h.span)) {
			sn.has[h.symbol] = true
		}
	}
	s.negate(*sn, hits)
}

// negationScope is the number of words behind a negation that it negates at most.
const negationScope = 4

// negate marks the words behind each negation, up to the next comma; "or" and
// "nor" carry it on ("no swelling, heat or pus").
func (s *scratch) negate(sn sentence, hits []hit) {
	if !sn.has[negation] {
		return
	}
	for _, h := range hits {
		if h.symbol != negation || s.masked(h.span) || within(h.span, hits, spared) {
			continue
		}
		left, segment := negationScope, s.tokens[h.from].segment
		for i := h.to; i < sn.to && left > 0; i++ {
			t := &s.tokens[i]
			if t.segment != segment {
				if !s.listContinues(sn, i) {
					break
				}
				segment = t.segment
				left = 3
			}
			switch t.text {
			case "but", "although", "though", "just", "only", "except", "because", "so":
				left = 0
				continue
			case "or", "nor":
				left = 3
			}
			t.negated = uint16(h.from + 1)
			left--
		}
	}
}

// listContinues reports whether a list of negated things goes on in the segment at i:
// an "or" follows within it or the next one, before any "and".
func (s *scratch) listContinues(sn sentence, i int) bool {
	for n := 0; i < sn.to && n < 8; i, n = i+1, n+1 {
		switch s.tokens[i].text {
		case "or", "nor":
			return true
		case "and", "but", "i", "my", "it":
			return false
		}
	}
	return false
}

func within(p span, hits []hit, symbol int) bool {
	for _, h := range hits {
		if h.symbol == symbol && h.from <= p.from && p.to <= h.to {
			return true
		}
	}
	return false
}
