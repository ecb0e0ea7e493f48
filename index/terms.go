package index

import (
	"cmp"
	"math"
	"slices"

	"github.com/aftercarebot/aftercare/knowledge"
)

// terms counts for every token the classes that use it, for textbook BM25 and
// for how much of a question a class accounts for.
type terms struct {
	Postings   rows[posting] // of each token, in order of class; empty where only candidates are compared
	IDF        []float32     // of each token; 0: no class holds it
	Length     []float32     // of each class in tokens, relative to the mean
	UnknownIDF float32       // idf of what no class holds
	// Foreign is, for each token, how much less it is used to ask about a
	// passage than about anything else, from 0 to 1.
	Foreign []float32
}

// posting is that a class uses a token in so many texts. There are at most
// maxLinear classes where postings are kept; what is counted beyond 65,535 is not.
type posting struct{ Class, Count uint16 }

// BM25's parameters (Robertson and Zaragoza 2009, section 3.2); b is small
// because a class with more phrasings is not about more things.
const (
	bm25K = 1.2
	bm25B = 0.3
)

// newTerms counts from postings, the texts that hold each token, and from the
// class of each text. Where keep says so, it keeps which classes these are.
func newTerms(postings rows[int32], class []int32, classes int, keep bool, isPassage func(class int32) bool) *terms {
	vocabulary := len(postings.Start) - 1
	t := &terms{IDF: make([]float32, vocabulary), Length: make([]float32, classes), Foreign: make([]float32, vocabulary)}
	passage := make([]bool, classes)
	for c := range passage {
		passage[c] = isPassage(int32(c))
	}
	if keep {
		t.Postings.Start = make([]int32, vocabulary+1)
	}
	uses := int32(0)
	for w := range int32(vocabulary) {
		holding, last := 0, int32(-1)
		asked, others := float32(0), float32(0) // texts of passages, and others
		for _, i := range postings.at(w) {      // class by class
			c := class[i]
			if c != last {
				last = c
				holding++
			}
			t.Length[c]++
			if passage[c] {
				asked++
			} else {
				others++
			}
		}
		uses += int32(holding)
		if keep {
			t.Postings.Start[w+1] = uses
		}
		if others > 0 { // half an occurrence on each side for what was seen seldom
			t.Foreign[w] = (others + 0.5) / (others + asked + 1)
		}
		if holding > 0 {
			t.IDF[w] = float32(math.Log(1 + float64(classes)/float64(holding)))
		}
	}
	if keep {
		t.fillPostings(postings, class, uses)
	}
	mean := max(float32(len(postings.Items))/float32(classes), 1)
	for c := range t.Length {
		t.Length[c] /= mean
	}
	t.UnknownIDF = float32(math.Log(1 + float64(classes)))
	return t
}

// fillPostings counts how often each class uses each token: so many uses in all.
func (t *terms) fillPostings(postings rows[int32], class []int32, uses int32) {
	items := make([]posting, 0, uses)
	for w := range int32(len(postings.Start) - 1) {
		last := int32(-1)
		for _, i := range postings.at(w) {
			if c := class[i]; c != last {
				last = c
				items = append(items, posting{Class: uint16(c)})
			}
			if n := &items[len(items)-1].Count; *n < math.MaxUint16 {
				*n++
			}
		}
	}
	t.Postings.Items = items
}

// uses reports whether class c uses a token.
func (e *engine) uses(token, c int32) bool {
	if e.linear != nil {
		return usedBy(e.terms.Postings.at(token), c)
	}
	for i := e.nearest.First[c]; i < e.nearest.First[c+1]; i++ {
		if _, ok := slices.BinarySearch(e.nearest.Tokens.at(i), token); ok {
			return true
		}
	}
	return false
}

// usedBy reports whether class c is among uses, which are in order of class.
// It is asked for every word and candidate: slices.BinarySearchFunc would call
// a function for each step.
func usedBy(uses []posting, class int32) bool {
	c := uint16(class)
	for len(uses) > 4 {
		if half := len(uses) / 2; uses[half].Class <= c {
			uses = uses[half:]
		} else {
			uses = uses[:half]
		}
	}
	for i := range uses {
		if uses[i].Class == c {
			return true
		}
	}
	return false
}

// termScores is what the words of a question say of the classes.
type termScores struct {
	bm25    []float32 // of each class, over the most a class could reach, from 0 to 1
	covered []float32 // of each class, the share of the question's idf mass that it knows
	classes []int32   // that hold any of the question
	tokens  []int32
	mass    float32 // idf mass of the question
	unknown float32 // share of mass that no class knows
}

// score fills in a, whose lists are zero.
func (t *terms) score(a *termScores, x *lexicon, q *query) {
	unknown := t.setTokens(a, x, q)
	for _, w := range a.tokens {
		if t.IDF[w] > 0 {
			for _, u := range t.Postings.at(w) {
				t.add(a, w, int32(u.Class), float32(u.Count))
			}
		}
	}
	t.normalise(a, unknown)
}

// scoreClasses is score for some classes alone.
func (t *terms) scoreClasses(a *termScores, x *lexicon, q *query, classes []int32, n *nearest) {
	unknown := t.setTokens(a, x, q)
	type used struct {
		token int32
		count float32
	}
	var counts []used
	for _, c := range classes {
		counts = counts[:0]
		for i := n.First[c]; i < min(n.First[c+1], n.First[c]+maxPhrasings); i++ {
			intersect(a.tokens, n.Tokens.at(i), func(w int32) {
				at, ok := slices.BinarySearchFunc(counts, w, func(u used, w int32) int { return cmp.Compare(u.token, w) })
				if !ok {
					counts = slices.Insert(counts, at, used{w, 0})
				}
				counts[at].count++
			})
		}
		for _, u := range counts {
			t.add(a, u.token, c, u.count)
		}
	}
	t.normalise(a, unknown)
}

// setTokens reads the tokens of a question and what they weigh, and gives how many
// no class knows.
func (t *terms) setTokens(a *termScores, x *lexicon, q *query) int {
	var unknown int
	a.tokens, unknown = x.tokens(a.tokens[:0], q)
	a.mass = 0
	for _, w := range a.tokens {
		if t.IDF[w] == 0 {
			unknown++
		}
		a.mass += t.IDF[w]
	}
	return unknown
}

// add counts a token for a class that uses it so many times.
func (t *terms) add(a *termScores, token, class int32, count float32) {
	idf := t.IDF[token]
	if a.covered[class] == 0 {
		a.classes = append(a.classes, class)
	}
	a.covered[class] += idf
	a.bm25[class] += idf * count * (bm25K + 1) / (count + bm25K*(1-bm25B+bm25B*t.Length[class]))
}

// normalise turns sums into shares.
func (t *terms) normalise(a *termScores, unknown int) {
	a.unknown = float32(unknown) * t.UnknownIDF
	a.mass += a.unknown
	if a.mass == 0 {
		return
	}
	a.unknown /= a.mass
	for _, c := range a.classes {
		a.bm25[c] /= a.mass * (bm25K + 1)
		a.covered[c] /= a.mass
	}
}

func (a *termScores) reset() {
	for _, c := range a.classes {
		a.bm25[c], a.covered[c] = 0, 0
	}
	a.classes = a.classes[:0]
}

// foreignness tells how foreign to the passages the words of a question are:
// the most foreign one, and their mean, weighed by how much they say.
func (t *terms) foreignness(q *query) (most, mean float32) {
	const never = 0.6 // what no phrasing holds is more often foreign than not
	var sum, mass float32
	for i, stem := range q.stems {
		if q.stops[i] {
			continue
		}
		idf, f := t.UnknownIDF, float32(never)
		if stem >= 0 {
			if t.IDF[stem] > 0 {
				idf, f = t.IDF[stem], t.Foreign[stem]
			}
		} else if q.words[i][0] <= '9' {
			continue
		}
		most = max(most, f)
		sum += idf * f
		mass += idf
	}
	if mass > 0 {
		mean = sum / mass
	}
	return most, mean
}

// kinds is a set of kinds of declined topic.
type kinds struct{ near, condition, procedure, unrelated bool }

func (k kinds) has(kind knowledge.TopicKind) bool {
	switch kind {
	case knowledge.NearTopic:
		return k.near
	case knowledge.Condition:
		return k.condition
	case knowledge.Procedure:
		return k.procedure
	}
	return k.unrelated
}

func (k *kinds) add(kind knowledge.TopicKind) {
	switch kind {
	case knowledge.NearTopic:
		k.near = true
	case knowledge.Condition:
		k.condition = true
	case knowledge.Procedure:
		k.procedure = true
	case knowledge.Unrelated:
		k.unrelated = true
	}
}

// findNamedTopics notes the declined topics whose own words a question holds.
func (e *engine) findNamedTopics(s *scores, q *query) {
	for i, c := range q.concepts {
		if c < 0 || e.lexicon.Ambiguous[q.phrases[i]] {
			continue
		}
		if class := e.topicOf[c]; class >= 0 && !s.named[class] {
			s.named[class] = true
			s.namedClasses = append(s.namedClasses, class)
			s.kinds.add(e.classes[class].topic.Kind)
		}
	}
}
