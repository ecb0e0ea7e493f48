package index

import (
	"cmp"
	"math"
	"slices"
)

// nearest compares a question with every phrasing: by the words and concepts
// they share, by character n-grams, and by bigrams of words.
// Phrasings of one class stand side by side.
type nearest struct {
	labelledTexts
	First      []int32     // of each class, its first phrasing; one more at the end
	NgramNorm  []float32   // of each phrasing, the length of its vector of character n-grams
	TokenNorm  []float32   // of each phrasing, the length of its vector of tokens
	Postings   rows[int32] // of each token, the phrasings that hold it, in their order; empty where only candidates are compared
	IDF        []float32   // of each token; 0: no phrasing holds it
	NgramIDF   []float32   // of each character n-gram
	UnknownIDF float32     // idf of what no phrasing holds
}

// newNearest compares with texts, of which postings holds those that hold
// each token. Where keep says so, it keeps the postings.
func newNearest(x *lexicon, l labelledTexts, postings rows[int32], classes int, keep bool) *nearest {
	n := nearestByWords(l, postings, classes)
	if keep {
		n.Postings, n.Tokens = postings, rows[int32]{} // which is the same, the other way round
	}
	n.addNgrams(x)
	return n
}

// nearestByWords makes what phrasings are compared by, but for character n-grams.
func nearestByWords(l labelledTexts, postings rows[int32], classes int) *nearest {
	n := &nearest{labelledTexts: l, First: make([]int32, classes+1), IDF: make([]float32, len(postings.Start)-1), TokenNorm: make([]float32, len(l.Class))}
	for i, c := range l.Class {
		n.First[c+1] = int32(i) + 1
	}
	for c := range classes { // a class without phrasings
		n.First[c+1] = max(n.First[c+1], n.First[c])
	}
	for t := range n.IDF {
		n.IDF[t] = float32(postings.Start[t+1] - postings.Start[t])
	}
	n.toIDF(n.IDF)
	n.UnknownIDF = float32(math.Log(1 + float64(len(l.Class))))
	squares := make([]float64, len(l.Class)) // of the lengths
	for t, idf := range n.IDF {
		square := float64(idf * idf)
		for _, i := range postings.at(int32(t)) {
			squares[i] += square
		}
	}
	for i, square := range squares {
		n.TokenNorm[i] = float32(math.Sqrt(square))
	}
	return n
}

// addNgrams makes what phrasings are compared by their character n-grams with:
// IDF and the lengths of the vectors.
func (n *nearest) addNgrams(x *lexicon) {
	n.NgramIDF, n.NgramNorm = make([]float32, x.NgramIDs.Count), make([]float32, len(n.Class))
	seen := make([]int32, len(n.NgramIDF)) // 1 + the last phrasing that held it
	var ngrams, words []int32
	distinct := func(i, round int) []int32 {
		ngrams, words = ngrams[:0], n.Words.appendTo(words[:0], int32(i))
		for _, id := range words {
			if id < 0 {
				continue
			}
			for _, g := range x.Ngrams.at(id) { // none of a stop word
				if seen[g] != int32(round) {
					seen[g] = int32(round)
					ngrams = append(ngrams, g)
				}
			}
		}
		return ngrams
	}
	for i := range n.Class {
		for _, g := range distinct(i, i+1) {
			n.NgramIDF[g]++
		}
	}
	n.toIDF(n.NgramIDF)
	for i := range n.Class {
		var sum float64
		for _, g := range distinct(i, len(n.Class)+i+1) {
			sum += float64(n.NgramIDF[g]) * float64(n.NgramIDF[g])
		}
		n.NgramNorm[i] = float32(math.Sqrt(sum))
	}
}

// toIDF turns in how many phrasings each thing is, its document frequency, into its IDF.
func (n *nearest) toIDF(list []float32) {
	total := float64(len(n.Class))
	for i, df := range list {
		if df > 0 {
			list[i] = float32(math.Log(1 + total/float64(df)))
		}
	}
}

// bigram is two stems that follow each other, as one number.
type bigram uint64

func bigramOf(a, b int32) bigram { return bigram(a)<<32 | bigram(b) }

// row and bit are where a bigram is in a filter.
func (p bigram) row() int    { return int(p >> 32 % 64) }
func (p bigram) bit() uint64 { return 1 << (p % 64) }

// appendBigrams appends the distinct bigrams that are not of two stop words.
func appendBigrams(out []bigram, q *query) []bigram {
	start := len(out)
	for i := 1; i < len(q.stems); i++ {
		if q.stems[i] >= 0 && q.stems[i-1] >= 0 && !(q.stops[i] && q.stops[i-1]) {
			out = append(out, bigramOf(q.stems[i-1], q.stems[i]))
		}
	}
	slices.Sort(out[start:])
	return out[:start+len(slices.Compact(out[start:]))]
}

// similarity is how near the nearest phrasings of one class are, each from 0 to 1.
type similarity struct {
	words, ngrams, bigrams float32
	several                float32 // mean of the three best by words
	phrasing               int32   // the one nearest by words, or -1
}

// The rerank depth: how many phrasings, the nearest by words, are compared by
// character n-grams and bigrams as well.
const (
	depthShort    = 32 // of a short message
	depthWhole    = 12 // of a long one
	depthSentence = 6  // of one of its sentences
)

// comparison is the scratch space in which a question is compared, reused from one
// to the next. Between two questions scores, and every list as long as the content,
// are zero.
type comparison struct {
	classes []int32   // classes whose phrasings are compared, in their order
	starts  []int32   // of each of them, where its phrasings begin in scores; one more at the end
	part    []float32 // scores: how similar the phrasings are to a part of a message
	whole   []float32 // the same for a message whose sentences are the parts
	pending []bool    // of each token: the whole holds it, and no sentence yet
	nonZero []scored  // phrasings whose score is not zero
	bins    [256]int32
	border  []scored // of nonZero, those that may or may not be in top
	top     []int32  // phrasings to be reranked
	tokens  []int32
	words   []int32 // of the phrasing compared
	bigrams []bigram
	filter  [64]uint64 // a bit for each of them, so that most others are passed over
	weight  []float32  // of each character n-gram in the question
	ngrams  []int32    // those whose weight is not zero
	unknown []uint64   // those that the content does not hold
	seen    []int32    // of each n-gram, when it was last counted
	round   int32
}

// scored is a phrasing and its score.
type scored struct {
	phrasing int32
	score    float32
}

func (n *nearest) comparison() comparison {
	return comparison{
		pending: make([]bool, len(n.IDF)),
		weight:  make([]float32, len(n.NgramIDF)), seen: make([]int32, len(n.NgramIDF)),
	}
}

// setTokens reads what a part of a message is compared by, and gives the square
// of its length.
func (n *nearest) setTokens(c *comparison, x *lexicon, q *query) float64 {
	var unknown int
	c.tokens, unknown = x.tokens(c.tokens[:0], q)
	var sum float64
	for _, t := range c.tokens {
		idf := n.IDF[t]
		if idf == 0 {
			idf = n.UnknownIDF
		}
		sum += float64(idf * idf)
	}
	for range unknown {
		sum += float64(n.UnknownIDF * n.UnknownIDF)
	}
	return sum
}

// markPending notes the tokens that were set last, which are those of the whole.
func (n *nearest) markPending(c *comparison) {
	for _, t := range c.tokens {
		c.pending[t] = true
	}
}

// chooseClasses chooses the classes whose phrasings are scored, and of each no
// more than most. The scores stand side by side, where the processor has them all.
func (n *nearest) chooseClasses(c *comparison, classes []int32, most int32) {
	c.classes = append(c.classes[:0], classes...)
	slices.Sort(c.classes)
	c.starts = append(c.starts[:0], 0)
	end := int32(0)
	for _, class := range c.classes {
		end += min(n.First[class+1]-n.First[class], most)
		c.starts = append(c.starts, end)
	}
	c.part, c.whole = resizedZeros(c.part, int(end)), resizedZeros(c.whole, int(end))
}

// resizedZeros gives a list of n zeros, made of one that holds nothing else.
func resizedZeros(zeros []float32, n int) []float32 {
	if cap(zeros) < n {
		return make([]float32, n, n+n/2)
	}
	return zeros[:n]
}

// scorePostings scores the phrasings of the chosen classes that share a token
// with the part whose tokens were set. Of a sentence it scores them for the whole
// as well, where its tokens are pending: no sentence before held them.
func (n *nearest) scorePostings(c *comparison, sentence bool) {
	for _, t := range c.tokens {
		idf := n.IDF[t]
		if idf == 0 {
			continue
		}
		fresh := sentence && c.pending[t]
		c.pending[t] = false
		list := n.Postings.at(t)
		for a, class := range c.classes {
			first, end := n.First[class], n.First[class+1]
			list = list[lowerBound(list, first):]
			place := c.starts[a] - first
			for len(list) > 0 && list[0] < end {
				i := list[0]
				list = list[1:]
				value := idf * (idf / n.TokenNorm[i])
				c.part[place+i] += value
				if fresh {
					c.whole[place+i] += value
				}
			}
			if len(list) == 0 {
				break
			}
		}
	}
}

// lowerBound counts the items in front of a phrasing in a posting list, by
// galloping search.
func lowerBound(list []int32, phrasing int32) int {
	from, to := 0, 1 // what is looked for is mostly near
	for to < len(list) && list[to] < phrasing {
		from, to = to, 4*to
	}
	to = min(to, len(list))
	for from < to {
		if mid := int(uint(from+to) / 2); list[mid] < phrasing {
			from = mid + 1
		} else {
			to = mid
		}
	}
	return from
}

// maxPhrasings bounds the phrasings of one class that are scored one by one.
const maxPhrasings = 400

// scorePhrasings does what scorePostings does for content of very many classes.
func (n *nearest) scorePhrasings(c *comparison) {
	for a, class := range c.classes {
		scores := c.part[c.starts[a]:c.starts[a+1]]
		for k := range scores {
			i := n.First[class] + int32(k)
			var sum float32
			intersect(c.tokens, n.Tokens.at(i), func(t int32) { sum += n.IDF[t] * n.IDF[t] })
			if sum > 0 {
				scores[k] = sum / n.TokenNorm[i]
			}
		}
	}
}

// intersect yields what two sorted lists have in common.
func intersect(a, b []int32, yield func(int32)) {
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0] < b[0]:
			a = a[1:]
		case a[0] > b[0]:
			b = b[1:]
		default:
			yield(a[0])
			a, b = a[1:], b[1:]
		}
	}
}

// compare adds to similar, for each class that was scored, weight times how
// near its phrasings are, and leaves the scores zero.
func (n *nearest) compare(c *comparison, scores []float32, x *lexicon, q *query, sum float64, similar []similarity, weight float32, depth int) {
	scale := float32(1 / math.Sqrt(sum))
	clear(c.bins[:])
	room := slices.Grow(c.nonZero[:0], len(scores))
	c.nonZero = room[:0]
	for a, class := range c.classes {
		found := nonZero(room[len(c.nonZero):cap(room)], n.First[class], scores[c.starts[a]:c.starts[a+1]])
		if len(found) == 0 {
			continue
		}
		c.nonZero = room[:len(c.nonZero)+len(found)]
		var best [3]float32
		nearest := int32(-1)
		for k := range found {
			s := found[k].score * scale
			found[k].score = s
			c.bins[bin(s)]++
			switch {
			case s > best[0]:
				best[2], best[1], best[0] = best[1], best[0], s
				nearest = found[k].phrasing
			case s > best[1]:
				best[2], best[1] = best[1], s
			case s > best[2]:
				best[2] = s
			}
		}
		l := &similar[class]
		l.words += weight * best[0]
		l.several += weight * ((best[0] + best[1] + best[2]) / 3)
		if l.phrasing < 0 {
			l.phrasing = nearest
		}
	}
	if len(c.nonZero) == 0 {
		return
	}
	clear(scores)
	c.selectTop(depth)
	n.rerank(c, x, q, similar, weight)
}

// nonZero gives the scores that are not zero, of the phrasings from first on,
// in room for all of them. Most are zero, but which is not to be predicted: to
// write all down costs less than mispredicted branches.
func nonZero(room []scored, first int32, scores []float32) []scored {
	n := 0
	for k, s := range scores {
		room[n] = scored{first + int32(k), s}
		n += int((math.Float32bits(s) + math.MaxInt32) >> 31) // 1, for none is below zero
	}
	return room[:n]
}

// bin sorts a score from 0 to 1 into one of 256.
func bin(s float32) int { return min(int(s*256), 255) }

// selectTop puts the phrasings of the best scores into c.top, of equal ones the first.
func (c *comparison) selectTop(depth int) {
	c.top = c.top[:0]
	if len(c.nonZero) <= depth {
		for _, p := range c.nonZero {
			c.top = append(c.top, p.phrasing)
		}
		return
	}
	low, above := 255, int32(0)
	for above+c.bins[low] < int32(depth) {
		above += c.bins[low]
		low--
	}
	c.border = c.border[:0]
	for _, p := range c.nonZero {
		switch b := bin(p.score); {
		case b > low:
			c.top = append(c.top, p.phrasing)
		case b == low:
			c.border = append(c.border, p)
		}
	}
	slices.SortFunc(c.border, func(a, b scored) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.phrasing, b.phrasing))
	})
	for _, p := range c.border[:depth-int(above)] {
		c.top = append(c.top, p.phrasing)
	}
}

// rerank compares the phrasings of c.top by character n-grams and by bigrams.
func (n *nearest) rerank(c *comparison, x *lexicon, q *query, similar []similarity, weight float32) {
	length := n.weighNgrams(c, x, q)
	c.bigrams = appendBigrams(c.bigrams[:0], q)
	clear(c.filter[:])
	for _, p := range c.bigrams {
		c.filter[p.row()] |= p.bit()
	}
	slices.Sort(c.top) // class by class
	for from := 0; from < len(c.top); {
		class := n.Class[c.top[from]]
		var ngrams, bigrams float32
		for ; from < len(c.top) && n.Class[c.top[from]] == class; from++ {
			i := c.top[from]
			c.words = n.Words.appendTo(c.words[:0], i)
			words := c.words
			if n.NgramNorm[i] > 0 && length > 0 {
				ngrams = max(ngrams, n.ngramDotProduct(c, x, words)/(length*n.NgramNorm[i]))
			}
			if len(c.bigrams) > 0 && n.Bigrams[i] > 0 {
				shared := c.sharedBigrams(x, words)
				bigrams = max(bigrams, float32(float64(shared)/math.Sqrt(float64(len(c.bigrams)*int(n.Bigrams[i])))))
			}
		}
		similar[class].ngrams += weight * ngrams
		similar[class].bigrams += weight * bigrams
	}
	for _, g := range c.ngrams {
		c.weight[g] = 0
	}
}

// weighNgrams notes the character n-grams of a question, and gives the length of
// the vector that they make.
func (n *nearest) weighNgrams(c *comparison, x *lexicon, q *query) float32 {
	c.ngrams, c.unknown = c.ngrams[:0], c.unknown[:0]
	var room [32]uint64
	for i, id := range q.ids {
		switch {
		case q.stops[i]:
		case id >= 0:
			for _, g := range x.Ngrams.at(id) {
				n.addNgram(c, g)
			}
		default:
			for _, key := range appendNgrams(room[:0], q.words[i]) {
				if g := x.NgramIDs.find(key); g >= 0 {
					n.addNgram(c, g)
				} else {
					c.unknown = append(c.unknown, key)
				}
			}
		}
	}
	slices.Sort(c.unknown)
	c.unknown = slices.Compact(c.unknown)
	sum := float64(len(c.unknown)) * float64(n.UnknownIDF) * float64(n.UnknownIDF)
	for _, g := range c.ngrams {
		sum += float64(c.weight[g]) * float64(c.weight[g])
	}
	return float32(math.Sqrt(sum))
}

func (n *nearest) addNgram(c *comparison, g int32) {
	if c.weight[g] == 0 {
		if c.weight[g] = n.NgramIDF[g]; c.weight[g] == 0 { // of a thesaurus word that no phrasing uses
			c.weight[g] = n.UnknownIDF
		}
		c.ngrams = append(c.ngrams, g)
	}
}

// ngramDotProduct is the dot product of the question's vector with a phrasing's.
func (n *nearest) ngramDotProduct(c *comparison, x *lexicon, words []int32) float32 {
	c.round++
	var sum float32
	for _, id := range words {
		if id < 0 {
			continue
		}
		for _, g := range x.Ngrams.at(id) {
			if w := c.weight[g]; w != 0 && c.seen[g] != c.round {
				c.seen[g] = c.round
				sum += w * n.NgramIDF[g]
			}
		}
	}
	return sum
}

// sharedBigrams counts the bigrams that the question and a phrasing have in common.
func (c *comparison) sharedBigrams(x *lexicon, words []int32) int {
	var found [8]uint64 // bit set of positions in c.bigrams; bigrams beyond do not count
	previous := int32(-1)
	for _, word := range words {
		stem := int32(-1)
		if word >= 0 {
			stem = x.Known[word].Stem
		}
		p := bigramOf(previous, stem)
		known := previous >= 0 && stem >= 0
		previous = stem
		if !known || c.filter[p.row()]&p.bit() == 0 {
			continue // most are not among them
		}
		at, ok := slices.BinarySearch(c.bigrams, p)
		if ok && at < 64*len(found) {
			found[at/64] |= 1 << (at % 64)
		}
	}
	n := 0
	for _, set := range found {
		for ; set != 0; set &= set - 1 {
			n++
		}
	}
	return n
}
