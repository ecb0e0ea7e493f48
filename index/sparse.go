package index

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/aftercarebot/aftercare/knowledge"
)

// A guide for which few phrasings were written is ranked apart from small talk
// and from what has nothing to do with any guide: these come with hundreds of
// phrasings, and would win nearly every question for which a passage has a title
// and three sentences to show. A second engine ranks everything together. Only
// what that one is sure is foreign is taken for it.

// newSparse builds an index of classes that are ranked by themselves, and of all.
func newSparse(base *knowledge.Base, own, all []class) (*Index, error) {
	e, err := withCandidates(newEngine(base, own, false))
	if err != nil {
		return nil, err
	}
	together, err := withCandidates(newEngine(base, all, false))
	if err != nil {
		return nil, err
	}
	return &Index{engine: e, together: together}, nil
}

// sparseBelow is how many phrasings a passage has on average where the guide's own
// are enough to compete with all else. Below, a guide that was cut to fewer
// phrasings answered up to forty times as many questions right this way.
const sparseBelow = 30

const (
	// foreignThreshold is the probability that something must have to be taken for foreign.
	foreignThreshold = 0.9
	// foreignDiscount is the share of confidence that a passage loses where something
	// foreign is certain, and less of it where that is less likely.
	foreignDiscount = 0.5
	// talkThreshold is the confidence below which a passage keeps no message from
	// being small talk.
	talkThreshold = 0.3
)

// isSparse reports whether passages have few phrasings.
func isSparse(classes []class) bool {
	passages, phrasings := 0, 0
	for _, c := range classes {
		if c.passage >= 0 {
			passages++
			phrasings += len(c.phrasings)
		}
	}
	return phrasings < sparseBelow*passages
}

// ownClasses gives the classes that are the guide's own, and false where all are
// ranked together: where there are no others, or phrasings enough, or so many
// classes that no linear model is trained.
func ownClasses(classes []class) (own []class, ok bool) {
	for _, c := range classes {
		if !c.isForeign() {
			own = append(own, c)
		}
	}
	return own, len(own) < len(classes) && isSparse(classes) && isTrained(classes)
}

// hasTellingWord reports whether class c holds a word of the message that says which
// class is meant: none that asks, and none that half of the classes hold, as
// "tattoo" in a guide about one. A phrasing that says nearly the same tells it
// whatever its words are.
func (e *engine) hasTellingWord(s *scores, c int32) bool {
	const nearlySame = 0.9
	if s.similar[c].words >= nearlySame {
		return true
	}
	common := float32(math.Log(1 + 2)) // idf of what half of the classes hold
	q := s.query
	return slices.ContainsFunc(s.distinct, func(i int32) bool {
		return !questionWords[q.words[i]] && e.knowsRare(q, int(i), c, common)
	})
}

// questionWords holds words of questions about anything that are no stop words, as
// they tell apart passages that have phrasings.
var questionWords = wordSet("how when where why long much many often soon before after until not no time times about tell use put take make give out over")

// isForeign reports whether a class has nothing to do with any guide.
func (c *class) isForeign() bool {
	return c.smallTalk != nil || c.topic != nil && c.topic.Kind == knowledge.Unrelated
}

// findSparse ranks the guide's own classes, and gives the ranking of all where
// the message is foreign.
func (x *Index) findSparse(ctx context.Context, text string) (found, error) {
	all, err := x.together.find(ctx, text)
	if err != nil || all.isForeign() {
		return all, err
	}
	own, err := x.engine.find(ctx, text)
	if err == nil && own.confidence < talkThreshold && all.isTalk() {
		own.release()
		return all, nil
	}
	if err == nil && len(own.ranked) > 0 && len(all.ranked) > 0 && all.engine.classes[all.ranked[0].class].isForeign() {
		own.alone = own.confidence
		own.confidence *= 1 - foreignDiscount*all.confidence
		own.beyond = fmt.Sprintf("among all there is, %s comes first, with %.2f", all.engine.name(all.ranked[0].class), all.confidence)
	}
	all.release()
	return own, err
}

// isForeign reports whether the best of a ranking is surely foreign.
func (f found) isForeign() bool {
	return len(f.ranked) > 0 && f.engine.classes[f.ranked[0].class].isForeign() && f.confidence >= foreignThreshold
}

// isTalk reports whether a ranking is surely of small talk, of whatever kind.
func (f found) isTalk() bool {
	if len(f.ranked) == 0 || f.engine.classes[f.ranked[0].class].smallTalk == nil {
		return false
	}
	sum := 0.0
	for _, r := range f.ranked {
		if f.engine.classes[r.class].smallTalk != nil {
			sum += r.probability
		}
	}
	return sum >= foreignThreshold
}
