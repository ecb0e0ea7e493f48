package index

import (
	"context"

	"github.com/aftercarebot/aftercare/knowledge"
)

// A guide for which few phrasings were written is ranked apart from small talk
// and from what has nothing to do with any guide: these come with hundreds of
// phrasings, and would win nearly every question for which a passage has a title
// and three sentences to show. A second engine ranks everything together. Only
// what that one is sure is foreign is taken for it.

// newSparse builds an index of classes that are ranked by themselves, and of all.
func newSparse(base *knowledge.Base, own, all []class) (*Index, error) {
	e, err := built(learn(base, own, false))
	if err != nil {
		return nil, err
	}
	together, err := built(learn(base, all, false))
	if err != nil {
		return nil, err
	}
	return &Index{engine: e, together: together}, nil
}

// written is how many phrasings a passage has on average where the guide's own
// are enough to compete with all else. Below, a guide that was cut to fewer
// phrasings answered up to forty times as many questions right this way.
const written = 30

const (
	// surelyForeign is the chance that something must have to be taken for foreign.
	surelyForeign = 0.9
	// foundNothing is the confidence below which a passage keeps no message from
	// being small talk.
	foundNothing = 0.3
)

// apart gives the classes that are the guide's own, and false where all are
// ranked together: where there are no others, or phrasings enough, or so many
// classes that no linear model is trained.
func apart(classes []class) (own []class, ok bool) {
	passages, phrasings := 0, 0
	for _, c := range classes {
		if !c.isForeign() {
			own = append(own, c)
		}
		if c.passage >= 0 {
			passages++
			phrasings += len(c.phrasings)
		}
	}
	return own, passages > 0 && len(own) < len(classes) && phrasings < written*passages && isTrained(classes)
}

// isForeign reports whether a class has nothing to do with any guide.
func (c *class) isForeign() bool {
	return c.smallTalk != nil || c.topic != nil && c.topic.Kind == knowledge.Unrelated
}

// findApart ranks the guide's own classes, and gives the ranking of all where
// the message is foreign.
func (x *Index) findApart(ctx context.Context, text string) (found, error) {
	all, err := x.together.find(ctx, text)
	if err != nil || all.isForeign() {
		return all, err
	}
	own, err := x.engine.find(ctx, text)
	if err == nil && own.confidence < foundNothing && all.isTalk() {
		own.release()
		return all, nil
	}
	all.release()
	return own, err
}

// isForeign reports whether the best of a ranking is surely foreign.
func (f found) isForeign() bool {
	return len(f.ranked) > 0 && f.engine.classes[f.ranked[0].class].isForeign() && f.confidence >= surelyForeign
}

// isTalk reports whether a ranking is surely of small talk, of whatever kind.
func (f found) isTalk() bool {
	if len(f.ranked) == 0 || f.engine.classes[f.ranked[0].class].smallTalk == nil {
		return false
	}
	sum := 0.0
	for _, r := range f.ranked {
		if f.engine.classes[r.class].smallTalk != nil {
			sum += r.chance
		}
	}
	return sum >= surelyForeign
}
