// Package index finds the passages that answer a question, with a confidence
// that compares across questions and the reasons for it. It is the only
// package that knows bleve.
//
// [New] reads a content version and trains on its phrasings; [Index.Search]
// then ranks passages, declined topics and small talk together. The posting
// lists of a bleve index, read out of it once, give the candidates; no search
// runs bleve. A handful of signals (textbook BM25, the nearest phrasing by
// words, bigrams and character n-grams, a linear model trained on the phrasings)
// are weighed into one ranking. A gate, a logistic regression, turns the signals
// of the best into the probability that it is right. The weights are in gate.json;
// they were fitted on questions in testdata/questions by the test in fit_test.go,
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
type Index struct {
	engine   *engine
	together *engine // see sparse.go; nil: engine ranks all classes
}

// New builds the index of base in memory. For the embedded content it reads
// what was learnt before; the answers are the same. For one that differs from
// it here and there it resumes training from that, which takes a quarter of
// the time. What it learns depends on base and the program alone, on one
// processor architecture: others round otherwise.
func New(base *knowledge.Base) (*Index, error) {
	if x := restore(base); x != nil {
		return x, nil
	}
	classes := classesOf(base)
	if own, ok := ownClasses(classes); ok {
		return newSparse(base, own, classes)
	}
	return newIndex(newEngine(base, classes, true))
}

func newIndex(e *engine) (*Index, error) {
	e, err := withCandidates(e)
	if err != nil {
		return nil, err
	}
	return &Index{engine: e}, nil
}

// withCandidates adds to an engine what bleve says.
func withCandidates(e *engine) (*engine, error) {
	b, err := newCandidates(e)
	if err != nil {
		return nil, fmt.Errorf("build index: %w", err)
	}
	e.bleve, e.corpus = b, nil
	return e, nil
}

// maxMatches is how many matches Search returns at most.
const maxMatches = 10

// Search ranks what a message may be about, best first: at most ten passages,
// declined topics and kinds of small talk. The confidence of the first is the
// probability that it is right, from 0 to 1. Those that belong beside it come
// next and are marked Also: they answer another part of the question, name what
// it asks that is not covered, or give another figure for the same thing. A
// message with no words gives no matches.
func (x *Index) Search(ctx context.Context, question string) ([]knowledge.Match, error) {
	found, err := x.find(ctx, language.Normalise(question))
	if err != nil {
		return nil, err
	}
	defer found.release()
	matches := found.matches()
	if len(matches) > 0 && matches[0].SmallTalk == nil {
		matches = x.addBeside(ctx, found, matches)
	}
	return matches, nil
}

// found is a ranking with everything it rests on.
type found struct {
	engine     *engine
	text       string
	scores     *scores
	ranked     []ranked // best first
	confidence float64  // of the best
	alone      float64  // the confidence before it was lowered by what is beyond the guide
	beyond     string   // what that is; empty: it was not
}

func (x *Index) find(ctx context.Context, text string) (found, error) {
	if x.together == nil {
		return x.engine.find(ctx, text)
	}
	return x.findSparse(ctx, text)
}

func (e *engine) find(ctx context.Context, text string) (found, error) {
	s := e.pool.Get().(*scores)
	e.measure(s, text)
	f := found{engine: e, text: text, scores: s}
	if len(s.query.words) == 0 {
		return f, nil
	}
	if err := ctx.Err(); err != nil {
		f.release()
		return found{}, fmt.Errorf("search: %w", err)
	}
	f.ranked = e.rank(s, s.candidates.classes)
	if len(f.ranked) > 0 {
		f.confidence = e.confidence(s, f.ranked)
	}
	return f, nil
}

// release gives back what find took; nothing of f may be used any more.
func (f found) release() {
	if f.scores != nil {
		f.scores.reset()
		f.engine.pool.Put(f.scores)
	}
}

func (f found) matches() []knowledge.Match {
	n := min(len(f.ranked), maxMatches)
	matches := make([]knowledge.Match, 0, n)
	for i, r := range f.ranked[:n] {
		m := f.match(r)
		if i == 0 {
			m.Confidence = f.confidence
			m.Reasons = f.engine.reasons(f, m.Matched, m.Missing)
		}
		matches = append(matches, m)
	}
	return matches
}

// match describes one ranked class to the outside.
func (f found) match(r ranked) knowledge.Match {
	e := f.engine
	c := &e.classes[r.class]
	m := knowledge.Match{Topic: c.topic, SmallTalk: c.smallTalk, Confidence: min(r.probability, f.confidence)}
	if c.passage >= 0 {
		m.Passage = e.base.Passages()[c.passage]
	}
	m.Matched, m.Missing = e.explained(f.scores, r.class)
	return m
}
