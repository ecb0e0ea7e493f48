package index

import (
	"math"

	"github.com/aftercarebot/aftercare/knowledge"
)

// terms counts for every word and concept the classes that use it, for
// textbook BM25 and for how much of a question a class accounts for.
type terms struct {
	postings map[uint64][]use
	idf      map[uint64]float32
	length   []float32 // of each class in tokens, relative to the mean
	rare     float32   // idf of what no class holds
	// foreign is, for each word, how much less it is used to ask about a
	// passage than about anything else, from 0 to 1.
	foreign map[uint64]float32
}

type use struct {
	class int32
	count float32
}

// BM25's parameters (Robertson and Zaragoza 2009, section 3.2); b is small
// because a class with more phrasings is not about more things.
const (
	bm25K = 1.2
	bm25B = 0.3
)

func newTerms(readings []reading, class []int32, classes int, passage func(class int32) bool) *terms {
	t := &terms{postings: map[uint64][]use{}, idf: map[uint64]float32{}, length: make([]float32, classes), foreign: map[uint64]float32{}}
	asked := map[uint64]float32{} // phrasings of passages that hold a word; foreign counts the others at first
	var total float32
	for i := range readings {
		c := class[i]
		for _, w := range tokens(&readings[i]) {
			uses := t.postings[w]
			if n := len(uses); n > 0 && uses[n-1].class == c { // readings come class by class
				uses[n-1].count++
			} else {
				t.postings[w] = append(uses, use{c, 1})
			}
			t.length[c]++
			total++
			if passage(c) {
				asked[w]++
			} else {
				t.foreign[w]++
			}
		}
	}
	for w, others := range t.foreign {
		// Half an occurrence on each side for what was seen seldom.
		t.foreign[w] = (others + 0.5) / (others + asked[w] + 1)
	}
	mean := max(total/float32(classes), 1)
	for c := range t.length {
		t.length[c] /= mean
	}
	for w, uses := range t.postings {
		t.idf[w] = float32(math.Log(1 + float64(classes)/float64(len(uses))))
	}
	t.rare = float32(math.Log(1 + float64(classes)))
	return t
}

// account is what the words of a question say of the classes.
type account struct {
	bm25    []float32 // of each class, over the most a class could reach, from 0 to 1
	covered []float32 // of each class, the share of the question's idf mass that it knows
	mass    float32   // idf mass of the question
	unknown float32   // share of mass that no class knows
}

func (t *terms) account(r *reading, classes int) account {
	a := account{bm25: make([]float32, classes), covered: make([]float32, classes)}
	for _, w := range tokens(r) {
		idf, ok := t.idf[w]
		if !ok {
			a.mass += t.rare
			a.unknown += t.rare
			continue
		}
		a.mass += idf
		for _, u := range t.postings[w] {
			a.covered[u.class] += idf
			a.bm25[u.class] += idf * u.count * (bm25K + 1) / (u.count + bm25K*(1-bm25B+bm25B*t.length[u.class]))
		}
	}
	if a.mass > 0 {
		a.unknown /= a.mass
		for c := range a.bm25 {
			a.bm25[c] /= a.mass * (bm25K + 1)
			a.covered[c] /= a.mass
		}
	}
	return a
}

// strangeness tells how foreign to the passages the words of a question are:
// the most foreign one, and their mean, weighed by how much they say.
func (t *terms) strangeness(r *reading) (most, mean float32) {
	const never = 0.6 // what no phrasing holds is more often foreign than not
	var sum, mass float32
	for i, w := range r.words {
		if stop[w] {
			continue
		}
		idf, f := t.rare, float32(never)
		if r.stems[i] >= 0 {
			token := uint64(r.stems[i]) + 1
			if known, ok := t.idf[token]; ok {
				idf, f = known, t.foreign[token]
			}
		} else if w[0] <= '9' {
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

// named gives the kinds of declined topic whose own words a question holds,
// and for each class whether it is such a topic.
func (e *engine) named(r *reading) (kinds map[knowledge.TopicKind]bool, is []bool) {
	kinds = map[knowledge.TopicKind]bool{}
	is = make([]bool, len(e.classes))
	for i, c := range r.concepts {
		if c < 0 || e.lexicon.loose[r.phrases[i]] {
			continue
		}
		if class := e.topicOf[c]; class >= 0 {
			is[class] = true
			kinds[e.classes[class].topic.Kind] = true
		}
	}
	return kinds, is
}
