package index

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/aftercarebot/aftercare/knowledge"
)

// clauseEnd parts a message into the questions that it may hold.
var clauseEnd = regexp.MustCompile(`\?|[.!;]\s|,?\s+(?:and|but|also|or|plus)\s+|,\s+`)

const (
	// sureOfPart is the confidence that a clause needs to count as a part of its own.
	sureOfPart = 0.75
	// maxClauses bounds the clauses that are searched for.
	maxClauses = 4
)

// beside marks or inserts, as the second match, the passage that belongs
// beside the first, if there is one.
func (x *Index) beside(ctx context.Context, f found, matches []knowledge.Match) []knowledge.Match {
	if second, ok := x.difference(f, matches[0].Passage.ID); ok {
		return insertSecond(matches, second)
	}
	if second, ok := x.otherPart(ctx, f, matches[0].Passage.ID); ok {
		return insertSecond(matches, second)
	}
	return matches
}

func insertSecond(matches []knowledge.Match, second knowledge.Match) []knowledge.Match {
	second.Also = true
	matches = slices.DeleteFunc(matches, func(m knowledge.Match) bool {
		return m.Passage.ID == second.Passage.ID && m.Topic == nil && m.SmallTalk == nil
	})
	return slices.Insert(matches, 1, second)
}

// difference finds the passage that gives another figure for what the
// question is about: the first that the content lists, but for the best itself.
func (x *Index) difference(f found, best string) (knowledge.Match, bool) {
	e := x.engine
	for i, d := range e.base.Differences() {
		if !slices.Contains(d.Passages, best) || !e.about(f.scores.reading, i) {
			continue
		}
		for _, id := range d.Passages {
			if id != best {
				p, _ := e.base.Passage(id) // loading made sure of it
				return knowledge.Match{Passage: p, Confidence: f.confidence, About: d.About}, true
			}
		}
	}
	return knowledge.Match{}, false
}

// about reports whether a question holds one of the words of difference i, or
// of the thesaurus concept of that name.
func (e *engine) about(r *reading, i int) bool {
	for _, c := range r.concepts {
		if c >= 0 && slices.Contains(e.differs[i], c) {
			return true
		}
	}
	return false
}

// otherPart looks for a second question within the message that another
// passage answers with confidence.
func (x *Index) otherPart(ctx context.Context, f found, best string) (knowledge.Match, bool) {
	clauses := clauseEnd.Split(f.text, -1)
	clauses = slices.DeleteFunc(clauses, func(s string) bool { return len(strings.Fields(s)) < 2 })
	if len(clauses) < 2 || len(clauses) > maxClauses {
		return knowledge.Match{}, false
	}
	var second knowledge.Match
	first := false // one clause by itself leads to the best
	for _, clause := range clauses {
		part, err := x.find(ctx, clause)
		if err != nil || len(part.ranked) == 0 {
			continue
		}
		m := x.match(part, part.ranked[0])
		x.release(part)
		m.Confidence = part.confidence
		switch {
		case m.Topic != nil || m.SmallTalk != nil:
		case m.Passage.ID == best:
			first = true
		case part.confidence >= sureOfPart && part.confidence > second.Confidence:
			second = m
		}
	}
	return second, first && second.Passage.ID != ""
}
