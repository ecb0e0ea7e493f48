package index

import (
	"math"
	"slices"
)

// scores is what the signals say of every class for one message, and the
// scratch space to work it out. It is used again for the next message.
type scores struct {
	probability  []float32 // of the linear model
	similar      []similarity
	query        *query  // of the whole message
	heaviest     *query  // of the part that weighs most
	contentWords int     // words of the message that are no stop words
	distinct     []int32 // where in the query each of those stands first
	terms        termScores
	// How foreign to the passages the words of the part that weighs most are.
	mostForeign, meanForeign float32
	kinds                    kinds
	named                    []bool

	namedClasses []int32 // those of named that are set
	compared     []int32 // classes whose similar is not empty
	sentences    []string
	isQuestion   []bool  // of each sentence
	order        []int32 // in which sentences are looked at
	parts        []part
	whole        query
	queries      []query // of the parts, views of whole
	workspace    workspace
	features     []feature
	signals      []float64 // of one class
	sums         []float32 // of one part
	total        []float32 // of the whole
	comparison   comparison
	candidates   candidateScratch
}

func (e *engine) newScores() *scores {
	n := len(e.classes)
	s := &scores{
		probability: make([]float32, n), similar: make([]similarity, n), named: make([]bool, n), sums: make([]float32, n), total: make([]float32, n),
		terms:      termScores{bm25: make([]float32, n), covered: make([]float32, n)},
		comparison: e.nearest.comparison(),
		candidates: candidateScratch{score: make([]float32, n), count: make([]uint8, n)},
	}
	for c := range s.similar {
		s.similar[c].phrasing = -1
	}
	return s
}

// reset empties s for the next message.
func (s *scores) reset() {
	for _, c := range s.compared {
		s.similar[c], s.probability[c] = similarity{phrasing: -1}, 0
	}
	for _, c := range s.namedClasses {
		s.named[c] = false
	}
	s.compared, s.namedClasses, s.kinds, s.contentWords, s.distinct = s.compared[:0], s.namedClasses[:0], kinds{}, 0, s.distinct[:0]
	s.terms.reset()
	s.query, s.heaviest = nil, nil
	s.whole.reset()
	clear(s.sentences)
	clear(s.parts)
	clear(s.workspace.raw[:cap(s.workspace.raw)])
	clear(s.workspace.suggestions)
	s.workspace.whole = nil
	s.sentences, s.parts, s.queries, s.workspace.suggestions = s.sentences[:0], s.parts[:0], s.queries[:0], s.workspace.suggestions[:0]
}

// measure fills in s, which is empty.
func (e *engine) measure(s *scores, text string) {
	e.analyse(s, text)
	if e.linear == nil {
		e.scoreCandidates(s)
	} else {
		e.scoreAll(s)
	}
	e.findContentWords(s)
	s.mostForeign, s.meanForeign = e.terms.foreignness(s.heaviest)
	e.findNamedTopics(s, s.query)
}

// analyse makes the queries of a message: its sentences one by one, and the whole from them.
func (e *engine) analyse(s *scores, text string) {
	s.cut(text)
	s.queries = append(s.queries[:0], query{})
	s.whole.reset()
	if len(s.parts) == 1 {
		e.lexicon.analyseNext(&s.workspace, &s.whole, text)
	}
	s.order = append(s.order[:0], 0)
	for _, p := range s.parts[1:] {
		e.lexicon.analyseNext(&s.workspace, &s.whole, p.text)
		s.order = append(s.order, int32(len(s.whole.words)))
	}
	for i := range s.parts[1:] {
		s.queries = append(s.queries, s.whole.part(int(s.order[i]), int(s.order[i+1])))
	}
	s.queries[0] = s.whole
	s.query, s.heaviest = &s.whole, &s.whole
	heaviest := s.parts[0].weight
	for i, p := range s.parts {
		if p.weight > heaviest {
			heaviest, s.heaviest = p.weight, &s.queries[i]
		}
	}
}

// findContentWords notes the words of the message that are no stop words.
func (e *engine) findContentWords(s *scores) {
	q := s.query
	for i, is := range q.stops {
		if is {
			continue
		}
		s.contentWords++
		if !slices.ContainsFunc(s.distinct, func(j int32) bool { return q.words[j] == q.words[i] }) {
			s.distinct = append(s.distinct, int32(i))
		}
	}
}

// scoreAll scores every class by the linear model, and the candidates by
// similarity.
func (e *engine) scoreAll(s *scores) {
	clear(s.probability)
	e.predictAll(s)
	e.bleve.gather(&s.candidates, s.query)
	classes := s.likely(s.candidates.classes)
	s.candidates.classes = classes
	s.compared = append(s.compared, classes...)
	c := &s.comparison
	n := e.nearest
	n.chooseClasses(c, classes, math.MaxInt32)
	total := n.setTokens(c, e.lexicon, s.query)
	if len(s.parts) == 1 {
		n.scorePostings(c, false)
		n.compare(c, c.part, e.lexicon, s.query, total, s.similar, 1, depthShort)
	} else {
		n.markPending(c)
		for i, p := range s.parts[1:] {
			q := &s.queries[i+1]
			own := n.setTokens(c, e.lexicon, q)
			n.scorePostings(c, true)
			n.compare(c, c.part, e.lexicon, q, own, s.similar, p.weight, depthSentence)
		}
		n.compare(c, c.whole, e.lexicon, s.query, total, s.similar, s.parts[0].weight, depthWhole)
	}
	e.terms.score(&s.terms, e.lexicon, s.query)
}

// depthOf is the rerank depth of a part.
func depthOf(i int, parts []part) int {
	switch {
	case len(parts) == 1:
		return depthShort
	case i == 0:
		return depthWhole
	}
	return depthSentence
}

// sharpness is how much the best candidate stands out in probability where no
// linear model was trained: a phrasing met word for word leaves little to others.
const sharpness = 12

// scoreCandidates scores the candidates alone. In place of the linear model's probability
// they get one among themselves, by how near they are.
func (e *engine) scoreCandidates(s *scores) {
	e.bleve.gather(&s.candidates, s.query)
	classes := s.candidates.classes
	s.compared = append(s.compared, classes...)
	c := &s.comparison
	e.nearest.chooseClasses(c, classes, maxPhrasings)
	for i, p := range s.parts {
		total := e.nearest.setTokens(c, e.lexicon, &s.queries[i])
		e.nearest.scorePhrasings(c)
		e.nearest.compare(c, c.part, e.lexicon, &s.queries[i], total, s.similar, p.weight, depthOf(i, s.parts))
	}
	e.terms.scoreClasses(&s.terms, e.lexicon, s.query, classes, e.nearest)
	top, sum := 0.0, 0.0
	near := func(c int32) float64 {
		l := &s.similar[c]
		return sharpness * (0.5*float64(l.words) + 0.25*float64(l.ngrams) + 0.25*float64(s.terms.covered[c]))
	}
	for _, c := range classes {
		top = max(top, near(c))
	}
	for _, c := range classes {
		sum += math.Exp(near(c) - top)
	}
	for _, c := range classes {
		s.probability[c] = float32(math.Exp(near(c)-top) / sum)
	}
}

// predictAll asks the linear model about every sentence, and about the whole,
// which is their sum.
func (e *engine) predictAll(s *scores) {
	if len(s.parts) == 1 {
		e.predict(s, s.query)
		copy(s.probability, s.sums)
		return
	}
	clear(s.total)
	var total float64
	for i, p := range s.parts {
		if i == 0 {
			continue
		}
		clear(s.sums)
		length := e.addScores(s, &s.queries[i])
		total += length
		axpy(s.total, s.sums, 1)
		e.linear.probabilities(s.sums, length)
		axpy(s.probability, s.sums, p.weight)
	}
	e.linear.probabilities(s.total, total)
	axpy(s.probability, s.total, s.parts[0].weight)
}

// predict asks the linear model about one part, and leaves the probabilities in s.sums.
func (e *engine) predict(s *scores, q *query) {
	clear(s.sums)
	e.linear.probabilities(s.sums, e.addScores(s, q))
}

// addScores adds to s.sums the scores of each class for the features of a part, and
// gives the square of their length.
func (e *engine) addScores(s *scores, q *query) float64 {
	var length float64
	s.features, length = e.lexicon.weightedFeatures(s.features[:0], q, e.linear.Bigrams.find)
	for _, f := range s.features {
		e.linear.addRow(s.sums, f.row, f.value)
	}
	return length
}
