package safety

import "strings"

// pattern is a knowledge.Pattern with its choices turned into symbols.
type pattern struct {
	sign     int // index in the content's signs
	id, card string
	hint     bool // raises nothing by itself
	groups   []group
	not      []int
	file     string
	line     int
}

// finding is a pattern that matched in a sentence.
type finding struct {
	pattern, sentence int
	suppressed        string // why it raises nothing; empty: it does
	hits              [6]hit // the first of its items
	count             int
}

func (f *finding) spans() []hit { return f.hits[:f.count] }

type group struct {
	near  int // see knowledge.Group
	items []int
	gaps  []int
}

// bitset is a set of symbols, a bit for each.
type bitset []uint64

func newBitset(symbols int) bitset { return make(bitset, (symbols+63)/64) }

func (s bitset) add(symbol int) { s[symbol/64] |= 1 << (symbol % 64) }

// containsAll reports whether all of t are in s.
func (s bitset) containsAll(t bitset) bool {
	for i, bits := range t {
		if bits&^s[i] != 0 {
			return false
		}
	}
	return true
}

// maxSpans bounds the places where one group may begin in one sentence.
const maxSpans = 24

// match gives the spans of one match of the pattern in the selected sentence,
// item by item.
func (p *pattern) match(s *scratch) ([]hit, bool) {
	for _, n := range p.not {
		if len(s.spans[n]) > 0 {
			return nil, false
		}
	}
	for _, g := range p.groups {
		for _, item := range g.items {
			if len(s.spans[item]) == 0 {
				return nil, false
			}
		}
	}
	return p.matchGroups(s, 0, span{}, nil)
}

// matchGroups matches the groups from n on, with what was found before them.
func (p *pattern) matchGroups(s *scratch, n int, before span, found []hit) ([]hit, bool) {
	if n == len(p.groups) {
		return found, true
	}
	g := p.groups[n]
	tried := 0
	for _, first := range s.spans[g.items[0]] {
		if tried++; tried > maxSpans {
			break
		}
		match, ok := g.matchItems(s, append(found, hit{first, g.items[0]}), 1)
		if !ok {
			continue
		}
		own := span{first.from, match[len(match)-1].to}
		if n > 0 && (overlap(match[len(found):], found) || g.near >= 0 && distance(before, own) > g.near) {
			continue
		}
		if out, ok := p.matchGroups(s, n+1, own, match); ok {
			return out, true
		}
	}
	return nil, false
}

// matchItems matches the items from n on, each within its gap behind the last one found.
func (g group) matchItems(s *scratch, found []hit, n int) ([]hit, bool) {
	if n == len(g.items) {
		return found, true
	}
	end := found[len(found)-1].to
	for _, next := range s.spans[g.items[n]] {
		if next.from < end {
			continue
		}
		if next.from-end > g.gaps[n-1] {
			break
		}
		if out, ok := g.matchItems(s, append(found, hit{next, g.items[n]}), n+1); ok {
			return out, true
		}
	}
	return nil, false
}

func overlap(a, b []hit) bool {
	for _, x := range a {
		for _, y := range b {
			if x.from < y.to && y.from < x.to {
				return true
			}
		}
	}
	return false
}

func distance(a, b span) int {
	if a.to <= b.from {
		return b.from - a.to
	}
	return a.from - b.to
}

// selectSentence makes sentence i the one that patterns are matched in.
func (s *scratch) selectSentence(i int) {
	for _, symbol := range s.touched {
		s.spans[symbol] = s.spans[symbol][:0]
	}
	s.touched = s.touched[:0]
	hits := s.sentences[i].hits
	for _, h := range s.hits[hits.from:hits.to] {
		if h.symbol != figure && s.masked(h.span) {
			continue
		}
		if len(s.spans[h.symbol]) == 0 {
			s.touched = append(s.touched, h.symbol)
		}
		s.spans[h.symbol] = append(s.spans[h.symbol], h.span)
	}
}

// suppression gives why a match in sentence i raises nothing by itself: it is
// negated, general or resolved. "": nothing suppresses it.
func (s *scratch) suppression(a *analyser, i int, match []hit) string {
	for _, h := range match {
		if a.symbols[h.symbol].place {
			continue
		}
		for at := h.from; at < h.to; at++ {
			if by := int(s.tokens[at].negated); by > 0 && !covers(match, by-1) {
				return "it is denied"
			}
		}
	}
	sn := s.sentences[i]
	switch {
	case sn.has[general] && !sn.has[present]:
		return "it is asked about in general"
	case sn.has[resolved] || i+1 < len(s.sentences) && s.sentences[i+1].has[resolved]:
		return "it is over"
	}
	return ""
}

// hasPattern reports whether a pattern was found that nothing suppresses.
func (s *scratch) hasPattern(where span) bool {
	for n := s.sentences[where.from].findings.from; n < s.sentences[where.to-1].findings.to; n++ {
		if s.findings[n].suppressed == "" {
			return true
		}
	}
	return false
}

func covers(match []hit, token int) bool {
	for _, h := range match {
		if h.from <= token && token < h.to {
			return true
		}
	}
	return false
}

// words gives the words of a match as they were written.
func (s *scratch) words(match []hit) string {
	var b strings.Builder
	for _, h := range match {
		for at := h.from; at < h.to; at++ {
			if b.Len() > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(s.tokens[at].text)
		}
	}
	return b.String()
}
