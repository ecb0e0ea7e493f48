package index

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aftercarebot/aftercare/knowledge/language"
)

// explained gives the words of a question, each once, that class c accounts for
// and those that it does not; stop words are in neither.
func (e *engine) explained(s *scores, c int32) (matched, missing []string) {
	words := make([]string, len(s.distinct))
	n, m := 0, len(words) // words[:n] match, and those from m on, last first, do not
	for _, i := range s.distinct {
		w := s.query.words[i]
		if e.knows(s.query, int(i), c) {
			words[n] = w
			n++
		} else {
			m--
			words[m] = w
		}
	}
	slices.Reverse(words[m:])
	if n > 0 {
		matched = words[:n:n]
	}
	if m < len(words) {
		missing = words[m:]
	}
	return matched, missing
}

// knows reports whether class c uses the stem or the concept of word i.
func (e *engine) knows(q *query, i int, c int32) bool { return e.knowsRare(q, i, c, 0) }

// knowsRare is knows, of a stem or a concept whose idf is at least so much.
func (e *engine) knowsRare(q *query, i int, c int32, idf float32) bool {
	uses := func(token int32) bool { return e.terms.IDF[token] >= idf && e.uses(token, c) }
	return q.stems[i] >= 0 && uses(q.stems[i]) || q.concepts[i] >= 0 && uses(e.lexicon.spaces().Concepts+q.concepts[i])
}

// reasons says in words why the best of a ranking won, of which explained gave
// the words that match and those that do not.
func (e *engine) reasons(f found, matched, missing []string) []string {
	best := f.ranked[0]
	s := f.scores
	out := []string{fmt.Sprintf("%s: confidence %.2f, %.2f among the candidates", e.name(best.class), f.confidence, best.probability)}
	if len(matched) > 0 {
		out = append(out, "words that it accounts for: "+strings.Join(matched, ", "))
	}
	if len(missing) > 0 {
		out = append(out, "words that it does not: "+strings.Join(missing, ", "))
	}
	for _, c := range s.query.corrections {
		out = append(out, fmt.Sprintf("read %q as %q", c.from, c.to))
	}
	if f.beyond != "" {
		out = append(out, f.beyond)
	}
	if len(f.ranked) > 1 {
		next := f.ranked[1]
		out = append(out, fmt.Sprintf("runner-up: %s, %.2f among the candidates", e.name(next.class), next.probability))
	}
	return out
}

// name says what a class is, for operators.
func (e *engine) name(c int32) string {
	class := &e.classes[c]
	switch {
	case class.topic != nil:
		return "declined topic " + class.topic.ID
	case class.smallTalk != nil:
		return "small talk " + class.smallTalk.ID
	}
	return "passage " + e.base.Passages()[class.passage].ID
}

// Explanation shows how a question was analysed and ranked, for operators who
// write phrasings.
type Explanation struct {
	Read       string     // the words as understood, concepts in brackets
	Corrected  []string   // "from → to"
	Unknown    []string   // words that the content does not know
	Confidence float64    // of the best
	Gate       []Signal   // what it rests on, or Alone; weights times values sum to the log-odds, unless maxUnmatched caps it
	Alone      float64    // the confidence before what Beyond tells lowered it
	Beyond     string     // what that is; empty: nothing did
	Rows       []Standing // best first, at most five
}

// Signal is one property, its weight and its value.
type Signal struct {
	Name          string
	Weight, Value float64
}

// Standing is one candidate and what speaks for it.
type Standing struct {
	Name             string // "passage guide/benefits", "declined topic alcohol"
	Probability      float64
	Nearest          string // its phrasing nearest to the question
	Matched, Missing []string
	Signals          []Signal // those that are not zero
	Lost             string   // what the first had over this one; empty for the first
}

// Explain ranks a question as Search does and shows every step.
func (x *Index) Explain(ctx context.Context, question string) (Explanation, error) {
	f, err := x.find(ctx, language.Normalise(question))
	if err != nil {
		return Explanation{}, err
	}
	defer f.release()
	e := f.engine
	if len(f.ranked) == 0 {
		return Explanation{}, nil
	}
	out := Explanation{Confidence: f.confidence, Alone: f.alone, Beyond: f.beyond}
	q := f.scores.query
	var read []string
	for i, w := range q.words {
		if q.stems[i] < 0 {
			out.Unknown = append(out.Unknown, w)
		}
		if c := q.concepts[i]; c >= 0 {
			w += " [" + e.lexicon.Concepts[c] + "]"
		}
		read = append(read, w)
	}
	out.Read = strings.Join(read, " ")
	for _, c := range q.corrections {
		out.Corrected = append(out.Corrected, c.from+" → "+c.to)
	}
	if e.classes[f.ranked[0].class].passage >= 0 {
		for i, v := range e.gateSignals(f.scores, f.ranked) {
			out.Gate = append(out.Gate, Signal{gateNames[i], gate.Gate[i], v})
		}
	}
	const most = 5
	first := e.signals(nil, f.scores, f.ranked[0].class)
	for _, candidate := range f.ranked[:min(len(f.ranked), most)] {
		out.Rows = append(out.Rows, f.standing(candidate, first))
	}
	return out, nil
}

// standing describes a candidate, beside the signals of the first.
func (f found) standing(candidate ranked, first []float64) Standing {
	e := f.engine
	row := Standing{Name: e.name(candidate.class), Probability: candidate.probability}
	row.Matched, row.Missing = e.explained(f.scores, candidate.class)
	if p := f.scores.similar[candidate.class].phrasing; p >= 0 {
		row.Nearest = e.phrasing(p)
	}
	lead, by := "", 0.0
	for k, v := range e.signals(nil, f.scores, candidate.class) {
		if v != 0 {
			row.Signals = append(row.Signals, Signal{signalNames[k], gate.Rank[k], v})
		}
		if d := gate.Rank[k] * (first[k] - v); d > by {
			lead, by = signalNames[k], d
		}
	}
	if lead != "" { // never for the first itself
		row.Lost = "mostly by " + lead
	}
	return row
}
