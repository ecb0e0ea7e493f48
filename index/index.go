// Package index finds the passages that answer a question, with a confidence
// that compares across questions and the reasons for it. It is the only
// package that knows bleve.
//
// [New] reads a content version and learns from its phrasings; [Index.Search]
// then ranks passages, declined topics and small talk together. bleve gives
// the candidates, and a handful of signals (textbook BM25, the nearest
// phrasing by words, word pairs and characters, a linear model trained on the
// phrasings) are weighed into one ranking. A gate turns the signals of the best
// into the chance that it is right. The weights are in gate.json; they were
// fitted on the questions in testdata/questions by the test in fit_test.go,
// and hold no word of any subject: those are the content's.
//
// An Index is safe for concurrent use and never changes.
package index

import (
	"context"
	"fmt"

	"github.com/aftercarebot/aftercare/knowledge"
	"github.com/aftercarebot/aftercare/knowledge/language"
)

// Index searches one content version.
type Index struct{ engine *engine }

// New builds the index of base in memory. For the embedded content it reads
// what was learnt before; the answers are the same. For one that differs from
// it here and there it goes on from what was learnt, which takes a quarter of
// the time. What it learns depends on base and the program alone.
func New(base *knowledge.Base) (*Index, error) {
	if x := restored(base); x != nil {
		return x, nil
	}
	return newIndex(learn(base, classesOf(base), true))
}

func newIndex(e *engine) (*Index, error) {
	b, err := newCandidates(e)
	if err != nil {
		return nil, fmt.Errorf("build index: %w", err)
	}
	e.bleve, e.corpus = b, nil
	return &Index{e}, nil
}

// maxMatches is how many matches Search returns at most.
const maxMatches = 10

// Search ranks what a message may be about, best first: at most ten passages,
// declined topics and kinds of small talk. The confidence of the first is the
// chance that it is right, from 0 to 1. The second is marked Also where it
// belongs beside the first: it answers another part of the question, or gives
// another figure for the same thing. A message with no words gives no matches.
func (x *Index) Search(ctx context.Context, question string) ([]knowledge.Match, error) {
	found, err := x.find(ctx, language.Normalise(question))
	if err != nil {
		return nil, err
	}
	defer x.release(found)
	matches := x.matches(found)
	if len(matches) > 0 && matches[0].Topic == nil && matches[0].SmallTalk == nil {
		matches = x.beside(ctx, found, matches)
	}
	return matches, nil
}

// found is a ranking with everything it rests on.
type found struct {
	text       string
	scores     *scores
	ranked     []ranked // best first
	confidence float64  // of the best
}

func (x *Index) find(ctx context.Context, text string) (found, error) {
	s := x.engine.desks.Get().(*scores)
	x.engine.measure(s, text)
	f := found{text: text, scores: s}
	if len(s.reading.words) == 0 {
		return f, nil
	}
	if err := ctx.Err(); err != nil {
		x.release(f)
		return found{}, fmt.Errorf("search: %w", err)
	}
	f.ranked = x.engine.rank(s, s.gathering.classes)
	if len(f.ranked) > 0 {
		f.confidence = x.engine.confidence(s, f.ranked)
	}
	return f, nil
}

// release gives back what find took; nothing of f may be used any more.
func (x *Index) release(f found) {
	if f.scores != nil {
		f.scores.reset()
		x.engine.desks.Put(f.scores)
	}
}

func (x *Index) matches(f found) []knowledge.Match {
	n := min(len(f.ranked), maxMatches)
	matches := make([]knowledge.Match, 0, n)
	for i, r := range f.ranked[:n] {
		m := x.match(f, r)
		if i == 0 {
			m.Confidence = f.confidence
			m.Reasons = x.engine.reasons(f, m.Matched, m.Missing)
		}
		matches = append(matches, m)
	}
	return matches
}

// match describes one ranked class to the outside.
func (x *Index) match(f found, r ranked) knowledge.Match {
	e := x.engine
	c := &e.classes[r.class]
	m := knowledge.Match{Topic: c.topic, SmallTalk: c.smallTalk, Confidence: min(r.chance, f.confidence)}
	if c.passage >= 0 {
		m.Passage = e.base.Passages()[c.passage]
	}
	m.Matched, m.Missing = e.explained(f.scores, r.class)
	return m
}
