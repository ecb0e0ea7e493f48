package index

import (
	"context"
	"slices"
	"strings"

	"github.com/aftercarebot/aftercare/knowledge"
	"github.com/aftercarebot/aftercare/knowledge/language"
)

const (
	// clauseThreshold is the confidence that a clause needs to count as a part of its
	// own; restThreshold, to be answered beside a topic that is not covered.
	clauseThreshold, restThreshold = 0.75, 0.9
	// maxClauses bounds the clauses that are searched for.
	maxClauses = 4
	// otherThreshold is the probability that the linear model must give a clause to
	// be about another passage, for the clauses to be searched for; topicThreshold,
	// to be about another declined topic.
	otherThreshold, topicThreshold = 0.2, 0.5
)

// addBeside puts behind the first match what belongs beside it: a passage that
// gives another figure, and the passages that answer other parts of the
// question, each before one that gives another figure than it does; and declined
// topics that other parts are about. None is there twice.
func (x *Index) addBeside(ctx context.Context, f found, matches []knowledge.Match) []knowledge.Match {
	best, shown := matches[0], matches[:1:1]
	add := func(m knowledge.Match, ok bool) bool {
		if !ok || holds(shown, m) {
			return false
		}
		m.Also = true
		shown = append(shown, m)
		return true
	}
	add(f.difference(best.Passage.ID))
	asked, told := x.otherParts(ctx, f, best)
	for _, part := range asked {
		if add(part, true) {
			add(f.difference(part.Passage.ID))
		}
	}
	if len(shown) == 1 {
		add(told, told.Passage.ID != "")
	}
	if len(shown) == 1 {
		return matches
	}
	for _, m := range matches[1:] {
		if len(shown) < maxMatches && !holds(shown, m) {
			shown = append(shown, m)
		}
	}
	return shown
}

func holds(matches []knowledge.Match, m knowledge.Match) bool {
	return slices.ContainsFunc(matches, func(other knowledge.Match) bool { return same(m, other) })
}

// same reports whether two matches are of the same passage, topic or small talk.
func same(a, b knowledge.Match) bool {
	return a.Passage.ID == b.Passage.ID && a.Topic == b.Topic && a.SmallTalk == b.SmallTalk
}

// difference finds the passage that gives another figure for what the
// question is about: the first that the content lists, but for the best itself.
func (f found) difference(best string) (knowledge.Match, bool) {
	e := f.engine
	for i, d := range e.base.Differences() {
		if id, ok := d.Beside(best); ok && e.about(f.scores.query, i) {
			p, _ := e.base.Passage(id) // loading made sure of it
			return knowledge.Match{Passage: p, Confidence: f.confidence, About: d.About}, true
		}
	}
	return knowledge.Match{}, false
}

// about reports whether a question holds one of the words of difference i, or
// of the thesaurus concept of that name.
func (e *engine) about(q *query, i int) bool {
	for _, c := range q.concepts {
		if c >= 0 && slices.Contains(e.differs[i], c) {
			return true
		}
	}
	return false
}

// otherParts looks for further questions within the message: asked are those
// that another passage answers with confidence, and those about a topic near the
// subject that is not covered. told is the passage on what is told besides, as
// the question may be about that ("I rest my chin on my hand. Is that bad?").
//
// The clauses are only searched for where the linear model, which is cheap,
// thinks that one of them may be about something else. Beside a topic nothing is
// answered if the message speaks of another treatment or of a condition: then
// all of it is about that.
func (x *Index) otherParts(ctx context.Context, f found, best knowledge.Match) (asked []knowledge.Match, told knowledge.Match) {
	var room [maxClauses]clause
	clauses, ok := clausesOf(room[:0], f.text)
	if !ok {
		return nil, knowledge.Match{}
	}
	asks := slices.ContainsFunc(clauses, func(c clause) bool { return c.asks })
	special := best.Topic != nil && (best.Topic.Kind != knowledge.NearTopic || f.scores.kinds.has(knowledge.Condition) || f.scores.kinds.has(knowledge.Procedure))
	if special || best.Topic != nil && !asks || !f.engine.mayBeTwo(clauses, best, asks, f.scores.workspace.suggestions) {
		return nil, knowledge.Match{}
	}
	first, firstAsks := false, false // one clause by itself leads to the best; it asks
	asking := false                  // this clause or one before it asks: "can I swim and drink wine"
	for _, clause := range clauses {
		part, err := x.find(ctx, clause.text)
		if err != nil {
			continue
		}
		asking = asking && !clause.opens || clause.asks
		states := asks && isStatement(clause.text)
		if len(part.ranked) > 0 {
			m := part.match(part.ranked[0])
			m.Confidence = part.confidence
			switch {
			case same(m, best):
				first, firstAsks = true, firstAsks || asking && !states
			case m.SmallTalk != nil || m.Confidence < thresholdBeside(m, best):
			case m.Topic != nil && m.Topic.Kind != knowledge.NearTopic:
				special = special || m.Topic.Kind != knowledge.Unrelated
			case (m.Topic != nil || best.Topic != nil) && (!asking || states || leansBack(clause.text)):
			case states:
				if m.Confidence > told.Confidence {
					told = m
				}
			case !holds(asked, m):
				asked = append(asked, m)
			}
		}
		part.release()
	}
	switch {
	case !first || best.Topic != nil && (special || !firstAsks):
		return nil, knowledge.Match{}
	case !firstAsks:
		asked = slices.DeleteFunc(asked, func(m knowledge.Match) bool { return m.Topic != nil })
	}
	return asked, told
}

// thresholdBeside is the confidence that a clause needs to count as a part of
// its own: about m, in a message of which the best is another.
func thresholdBeside(m, best knowledge.Match) float64 {
	if best.Topic != nil && m.Topic == nil {
		return restThreshold
	}
	return clauseThreshold
}

// isStatement reports whether a clause tells how things are ("I had it done this
// morning") and asks for nothing, as "I want to swim" does.
func isStatement(clause string) bool {
	words := strings.Fields(strings.ToLower(clause))
	if len(words) < 2 || !subjects[words[0]] {
		return false
	}
	switch words[1] {
	case "want", "wanted", "wanna", "wish", "wonder", "need", "would", "like", "plan":
		return false
	}
	return true
}

// leansBack reports whether a clause says what it is about in one of the others:
// "is it worth it", but not "is it ok to swim".
func leansBack(clause string) bool {
	words := language.Words(clause)
	for i, w := range words {
		dummy := w == "it" && i > 0 && words[i-1] == "is" && i+2 < len(words) && permits[words[i+1]]
		if pronouns[w] && !dummy {
			return true
		}
	}
	return false
}

var permits = wordSet("ok okay fine safe alright bad allowed normal")

var pronouns = wordSet("it that this them they those these he she his her him its their")

var subjects = wordSet("i i'm im i've ive it it's its it'll we we're my he he's she she's they there there's theres this")

// mayBeTwo reports whether the linear model thinks it possible that some clause is
// about another passage than best or, where the message asks, another topic.
// suggested is what the spelling of the whole message was corrected by.
func (e *engine) mayBeTwo(clauses []clause, best knowledge.Match, asks bool, suggested []suggestion) bool {
	if e.linear == nil {
		return true
	}
	s := e.pool.Get().(*scores)
	defer func() {
		s.reset()
		e.pool.Put(s)
	}()
	q := &s.whole
	s.workspace.whole = suggested
	for _, clause := range clauses {
		e.lexicon.analyse(&s.workspace, q, clause.text)
		e.predict(s, q)
		for c, p := range s.sums {
			switch class := &e.classes[c]; {
			case p < otherThreshold:
			case class.passage >= 0 && e.base.Passages()[class.passage].ID != best.Passage.ID:
				return true
			case asks && class.topic != nil && class.topic != best.Topic && class.topic.Kind == knowledge.NearTopic && p >= topicThreshold:
				return true
			}
		}
	}
	return false
}

// clause is a part of a message.
type clause struct {
	text  string
	asks  bool // it is a question
	opens bool // a sentence begins with it
}

// clausesOf parts a message into clauses of two words and more; false where
// there are fewer than two or more than maxClauses.
func clausesOf(out []clause, text string) ([]clause, bool) {
	start, opens := 0, true
	take := func(end int) {
		if t := text[start:end]; len(out) <= maxClauses && twoWords(t) {
			asks := end < len(text) && text[end] == '?' || isQuestion(strings.TrimSpace(t))
			out = append(out, clause{t, asks, opens})
		}
	}
	for i := 0; i < len(text) && len(out) <= maxClauses; {
		if !endsClause[text[i]] {
			i++
			continue
		}
		if n := clauseEnd(text[i:]); n > 0 {
			take(i)
			opens = strings.IndexByte(".!?;", text[i]) >= 0
			i += n
			start = i
			continue
		}
		i++
	}
	take(len(text))
	return out, len(out) >= 2 && len(out) <= maxClauses
}

func twoWords(s string) bool {
	_, rest, ok := strings.Cut(strings.TrimSpace(s), " ")
	return ok && strings.TrimSpace(rest) != ""
}

// endsClause holds the bytes with which the end of a clause may begin.
var endsClause = func() (b [256]bool) {
	for c := range b {
		b[c] = isSpace(byte(c)) || strings.IndexByte("?.!;,", byte(c)) >= 0
	}
	return b
}()

// clauseEnd gives the length of what ends a clause at the start of s, or 0: a
// question mark, a stop behind which a space follows, a comma likewise, or one
// of a few words that join two clauses, with its spaces.
func clauseEnd(s string) int {
	switch s[0] {
	case '?':
		return 1
	case '.', '!', ';':
		if len(s) > 1 && isSpace(s[1]) {
			return 2
		}
		return 0
	}
	comma := 0
	if s[0] == ',' {
		comma = 1
	}
	word := comma + leadingSpace(s[comma:])
	if word == comma {
		return 0
	}
	for _, w := range [...]string{"and", "but", "also", "or", "plus"} {
		if rest, ok := strings.CutPrefix(s[word:], w); ok {
			if n := leadingSpace(rest); n > 0 {
				return word + len(w) + n
			}
		}
	}
	if comma == 0 {
		return 0
	}
	return word
}

// leadingSpace counts the white space at the start of s.
func leadingSpace(s string) int {
	n := 0
	for n < len(s) && isSpace(s[n]) {
		n++
	}
	return n
}

func isSpace(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' && c != '\v' }
