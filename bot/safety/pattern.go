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
	softened          string // why it raises nothing; empty: nothing softens it
	hits              [6]hit // the first of its items
	count             int
}

func (f *finding) spans() []hit { return f.hits[:f.count] }

type group struct {
	near  int // see knowledge.Group
	items []int
	gaps  []int
}

// set is a set of symbols, a bit for each.
type set []uint64

func newSet(symbols int) set { return make(set, (symbols+63)/64) }

func (s set) add(symbol int) { s[symbol/64] |= 1 << (symbol % 64) }

// holds reports whether all of t are in s.
func (s set) holds(t set) bool {
	for i, bits := range t {
		if bits&^s[i] != 0 {
			return false
		}
	}
	return true
}

// maxSpans bounds the readings of one group in one sentence.
const maxSpans = 24

// match gives the spans of one reading of the pattern in the marked sentence,
// item by item.
func (p *pattern) match(s *sheet) ([]hit, bool) {
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
	return p.join(s, 0, span{}, nil)
}

// join finds readings of the groups from n on that fit behind what was found.
func (p *pattern) join(s *sheet, n int, before span, found []hit) ([]hit, bool) {
	if n == len(p.groups) {
		return found, true
	}
	g := p.groups[n]
	tried := 0
	for _, first := range s.spans[g.items[0]] {
		if tried++; tried > maxSpans {
			break
		}
		reading, ok := g.follow(s, append(found, hit{first, g.items[0]}), 1)
		if !ok {
			continue
		}
		own := span{first.from, reading[len(reading)-1].to}
		if n > 0 && (overlap(reading[len(found):], found) || g.near >= 0 && distance(before, own) > g.near) {
			continue
		}
		if out, ok := p.join(s, n+1, own, reading); ok {
			return out, true
		}
	}
	return nil, false
}

// follow finds items from n on, each within its gap behind the last one found.
func (g group) follow(s *sheet, found []hit, n int) ([]hit, bool) {
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
		if out, ok := g.follow(s, append(found, hit{next, g.items[n]}), n+1); ok {
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

// mark makes sentence i the one that patterns are matched in.
func (s *sheet) mark(i int) {
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

// softened gives why a match in sentence i raises nothing by itself, or "".
func (s *sheet) softened(r *reader, i int, match []hit) string {
	for _, h := range match {
		if r.symbols[h.symbol].place {
			continue
		}
		for at := h.from; at < h.to; at++ {
			if by := int(s.tokens[at].denied); by > 0 && !holds(match, by-1) {
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

// seconded says whether a pattern stands with nothing to soften it.
func (s *sheet) seconded(where span) bool {
	for n := s.sentences[where.from].findings.from; n < s.sentences[where.to-1].findings.to; n++ {
		if s.findings[n].softened == "" {
			return true
		}
	}
	return false
}

func holds(match []hit, token int) bool {
	for _, h := range match {
		if h.from <= token && token < h.to {
			return true
		}
	}
	return false
}

// words gives the words of a match as they were written.
func (s *sheet) words(match []hit) string {
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
