package index

import (
	"math"
	"slices"
	"sync"

	"github.com/aftercarebot/aftercare/knowledge"
)

// engine holds everything that is learnt from one content version.
type engine struct {
	base    *knowledge.Base
	classes []class
	sparse  bool // passages have few phrasings
	lexicon *lexicon
	corpus  *corpus // only there while training
	linear  *linear
	nearest *nearest
	terms   *terms
	bleve   *candidates
	differs [][]int32 // of each difference, the concepts that mean it
	topicOf []int32   // of each concept, the class of the declined topic that it names, or -1
	pool    sync.Pool // *scores that no message is scored in
}

// newEngine builds an engine of these classes of base. Where resume says so, its
// training resumes from what was learnt of the embedded content.
func newEngine(base *knowledge.Base, classes []class, resume bool) *engine {
	e := &engine{base: base, classes: classes, sparse: isSparse(classes)}
	var texts []string
	for _, c := range e.classes {
		texts = append(append(texts, c.phrasings...), c.texts...)
	}
	trained := isTrained(classes)
	e.corpus = corpusOf(texts)
	var p *checkpoint
	if trained && resume && len(texts) >= minResumed {
		p = readCheckpoint(e.names())
	}
	e.lexicon = newLexicon(base, e.corpus, trained, p)
	l, examples := e.analyseTexts(trained, p)
	if trained {
		e.linear = examples.train(e.lexicon, len(classes))
	}
	postings := invert(l.Tokens, int(e.lexicon.spaces().Ngrams))
	e.terms = newTerms(postings, l.Class, len(classes), trained, e.isPassage)
	e.nearest = newNearest(e.lexicon, l, postings, len(classes), trained)
	e.resolveConcepts()
	return e
}

// analyseTexts analyses the phrasings and texts of all classes. Where trained
// says so, it makes training examples of them as well, and marks those that
// the checkpoint holds, if there is one.
func (e *engine) analyseTexts(trained bool, p *checkpoint) (labelledTexts, *trainingSet) {
	x, n, words := e.lexicon, len(e.corpus.Texts.Start)-1, len(e.corpus.Texts.Items)
	l := labelledTexts{Class: e.labels(), Words: packed{rowsFor[byte](n, 2*words)}, Tokens: rowsFor[int32](n, words), Bigrams: make([]uint16, 0, n)}
	var s *trainingSet
	if trained {
		s = newTrainingSet(x, e.corpus, l.Class, e.classes)
		s.checkpoint = p
	}
	keys := x.wordKeys()
	counts := newPhraseCounts(x)
	ws := workspace{cache: map[string]suggestion{}}
	var q query
	var tokens []int32
	var bigrams []bigram
	for i := range n {
		ws.suggestions = ws.suggestions[:0]
		ws.raw = e.corpus.appendText(ws.raw[:0], i)
		q.reset()
		x.analyseWords(&ws, &q)
		for k, id := range q.ids {
			if id >= 0 {
				continue
			}
			if typo, ok := x.typos[q.words[k]]; ok {
				q.ids[k] = typo
			}
		}
		counts.add(&q, e.isPassage(l.Class[i]))
		tokens, _ = x.tokens(tokens[:0], &q)
		l.Tokens.add(tokens...)
		l.Words.add(q.ids)
		bigrams = appendBigrams(bigrams[:0], &q)
		l.Bigrams = append(l.Bigrams, uint16(min(len(bigrams), math.MaxUint16)))
		if trained {
			s.add(x, &q)
			if s.checkpoint != nil {
				s.markSeen(x, keys, q.ids, tokens)
			}
		}
	}
	x.typos = nil
	counts.markAmbiguous(x)
	return l, s
}

// labels gives the class of each phrasing and text, class by class.
func (e *engine) labels() []int32 {
	n := 0
	for _, c := range e.classes {
		n += len(c.phrasings) + len(c.texts)
	}
	of := make([]int32, 0, n)
	for i, c := range e.classes {
		for range len(c.phrasings) + len(c.texts) {
			of = append(of, int32(i))
		}
	}
	return of
}

// names gives what tells each class apart from all others.
func (e *engine) names() []string {
	var names []string
	for i := range e.classes {
		names = append(names, e.name(int32(i)))
	}
	return names
}

func (e *engine) isPassage(class int32) bool { return e.classes[class].passage >= 0 }

// Up to fewClasses a linear model is always trained; up to maxLinear where there are
// phrasings to learn from, on average so many for each class. Beyond, its work
// would grow with the classes, and nobody writes phrasings for so many: the
// candidates that the posting lists put forward are then compared by
// themselves, and nothing that a question costs depends on how many other
// classes there are.
const (
	fewClasses   = 600
	maxLinear    = 2000
	phrasingsFor = 5
)

func isTrained(classes []class) bool {
	phrasings := 0
	for i := range classes {
		phrasings += len(classes[i].phrasings)
	}
	return len(classes) <= fewClasses || len(classes) <= maxLinear && phrasings >= phrasingsFor*len(classes)
}

// labelledTexts are the phrasings and texts of all classes, class by class.
type labelledTexts struct {
	Class   []int32 // of each
	Words   packed  // as the lexicon numbers them; -1: a typo
	Tokens  rows[int32]
	Bigrams []uint16 // how many distinct bigrams
}

// resolveConcepts finds what concepts stand for: differences and declined topics.
func (e *engine) resolveConcepts() {
	for _, d := range e.base.Differences() {
		var concepts []int32
		for i, name := range e.lexicon.Concepts {
			if name == differenceConcept+d.About || slices.Contains(d.Words, name) {
				concepts = append(concepts, int32(i))
			}
		}
		e.differs = append(e.differs, concepts)
	}
	byID := map[string]int32{}
	for i, c := range e.classes {
		if c.topic != nil {
			byID[topicConcept+c.topic.ID] = int32(i)
		}
	}
	for _, name := range e.lexicon.Concepts {
		if i, ok := byID[name]; ok {
			e.topicOf = append(e.topicOf, i)
		} else {
			e.topicOf = append(e.topicOf, -1)
		}
	}
	e.pool.New = func() any { return e.newScores() }
}

// phrasing gives text i of a class's phrasings and texts, as nearest counts them.
func (e *engine) phrasing(i int32) string {
	class := e.nearest.Class[i]
	c := &e.classes[class]
	i -= e.nearest.First[class]
	if int(i) < len(c.phrasings) {
		return c.phrasings[i]
	}
	return c.texts[int(i)-len(c.phrasings)]
}
