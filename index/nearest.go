package index

import (
	"cmp"
	"math"
	"slices"
)

// nearest compares a question with every phrasing: by the words and concepts
// they share, by character n-grams, and by pairs of neighbouring words.
// Phrasings of one class stand side by side.
type nearest struct {
	lessons
	First     []int32     // of each class, its first phrasing; one more at the end
	GramNorm  []float32   // of each phrasing, the length of its vector of character n-grams
	TokenNorm []float32   // of each phrasing, the length of its vector of tokens
	Postings  rows[int32] // of each token, the phrasings that hold it, in their order; empty where only candidates are compared
	IDF       []float32   // of each token; 0: no phrasing holds it
	GramIDF   []float32   // of each character n-gram
	Rare      float32     // idf of what no phrasing holds
}

// newNearest compares with lessons, of which postings holds those that hold
// each token.
func newNearest(x *lexicon, l lessons, postings rows[int32], classes int, posted bool) *nearest {
	n := compareWords(l, postings, classes)
	if posted {
		n.Postings, n.Tokens = postings, rows[int32]{} // which is the same, the other way round
	}
	n.compareGrams(x)
	return n
}

// compareWords makes what phrasings are compared by, but for character n-grams.
func compareWords(l lessons, postings rows[int32], classes int) *nearest {
	n := &nearest{lessons: l, First: make([]int32, classes+1), IDF: make([]float32, len(postings.Start)-1), TokenNorm: make([]float32, len(l.Class))}
	for i, c := range l.Class {
		n.First[c+1] = int32(i) + 1
	}
	for c := range classes { // a class without phrasings
		n.First[c+1] = max(n.First[c+1], n.First[c])
	}
	for t := range n.IDF {
		n.IDF[t] = float32(postings.Start[t+1] - postings.Start[t])
	}
	n.weighRarity(n.IDF)
	n.Rare = float32(math.Log(1 + float64(len(l.Class))))
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

// compareGrams makes what phrasings are compared by their character n-grams with.
func (n *nearest) compareGrams(x *lexicon) {
	n.GramIDF, n.GramNorm = make([]float32, x.GramIDs.Count), make([]float32, len(n.Class))
	seen := make([]int32, len(n.GramIDF)) // 1 + the last phrasing that held it
	var grams, words []int32
	own := func(i, round int) []int32 {
		grams, words = grams[:0], n.Words.appendTo(words[:0], int32(i))
		for _, id := range words {
			if id < 0 {
				continue
			}
			for _, g := range x.Grams.at(id) { // none of a stop word
				if seen[g] != int32(round) {
					seen[g] = int32(round)
					grams = append(grams, g)
				}
			}
		}
		return grams
	}
	for i := range n.Class {
		for _, g := range own(i, i+1) {
			n.GramIDF[g]++
		}
	}
	n.weighRarity(n.GramIDF)
	for i := range n.Class {
		var sum float64
		for _, g := range own(i, len(n.Class)+i+1) {
			sum += float64(n.GramIDF[g]) * float64(n.GramIDF[g])
		}
		n.GramNorm[i] = float32(math.Sqrt(sum))
	}
}

// weighRarity turns in how many phrasings each thing is into its idf.
func (n *nearest) weighRarity(list []float32) {
	total := float64(len(n.Class))
	for i, df := range list {
		if df > 0 {
			list[i] = float32(math.Log(1 + total/float64(df)))
		}
	}
}

// neighbours are two stems that follow each other, as one number.
type neighbours uint64

func neighboursOf(a, b int32) neighbours { return neighbours(a)<<32 | neighbours(b) }

// row and bit are where a pair is in a sieve.
func (p neighbours) row() int    { return int(p >> 32 % 64) }
func (p neighbours) bit() uint64 { return 1 << (p % 64) }

// pairsOf appends the distinct pairs of neighbouring stems that are not both stop words.
func pairsOf(out []neighbours, r *reading) []neighbours {
	start := len(out)
	for i := 1; i < len(r.stems); i++ {
		if r.stems[i] >= 0 && r.stems[i-1] >= 0 && !(r.stops[i] && r.stops[i-1]) {
			out = append(out, neighboursOf(r.stems[i-1], r.stems[i]))
		}
	}
	slices.Sort(out[start:])
	return out[:start+len(slices.Compact(out[start:]))]
}

// likeness is how near the nearest phrasings of one class are, each from 0 to 1.
type likeness struct {
	words, grams, pairs float32
	several             float32 // mean of the three best by words
	phrasing            int32   // the one nearest by words, or -1
}

// deep is how many phrasings, the nearest by words, are compared by character.
const (
	deep         = 32 // of a short message
	deepWhole    = 12 // of a long one
	deepSentence = 6  // of one of its sentences
)

// comparison is where a question is compared: what is reused from one to the
// next. Between two questions scores, and every list as long as the content,
// are zero.
type comparison struct {
	among   []int32   // classes whose phrasings are compared, in their order
	places  []int32   // of each of them, where its phrasings begin in scores; one more at the end
	part    []float32 // scores: by how much the phrasings are like a part of a message
	whole   []float32 // the same for a message whose sentences are the parts
	awaited []bool    // of each token: the whole holds it, and no sentence yet
	alike   []scored  // phrasings whose score is not zero
	bins    [256]int32
	border  []scored // of alike, those that may or may not be in top
	top     []int32  // phrasings to be compared in depth
	tokens  []int32
	words   []int32 // of the phrasing compared
	pairs   []neighbours
	sieve   [64]uint64 // a bit for each of them
	weight  []float32  // of each character n-gram in the question
	held    []int32    // runs whose weight is not zero
	strange []uint64   // runs that the content does not hold
	seen    []int32    // of each run, when it was last counted
	round   int32
}

// scored is a phrasing and its score.
type scored struct {
	phrasing int32
	score    float32
}

func (n *nearest) comparison() comparison {
	return comparison{
		awaited: make([]bool, len(n.IDF)),
		weight:  make([]float32, len(n.GramIDF)), seen: make([]int32, len(n.GramIDF)),
	}
}

// begin reads what a part of a message is compared by, and gives the square
// of its length.
func (n *nearest) begin(c *comparison, x *lexicon, r *reading) float64 {
	var foreign int
	c.tokens, foreign = x.tokens(c.tokens[:0], r)
	var sum float64
	for _, t := range c.tokens {
		idf := n.IDF[t]
		if idf == 0 {
			idf = n.Rare
		}
		sum += float64(idf * idf)
	}
	for range foreign {
		sum += float64(n.Rare * n.Rare)
	}
	return sum
}

// await notes the tokens of the part begun, which is the whole.
func (n *nearest) await(c *comparison) {
	for _, t := range c.tokens {
		c.awaited[t] = true
	}
}

// among chooses the classes whose phrasings are scored, and of each no more
// than most. The scores stand side by side, where the processor has them all.
func (n *nearest) among(c *comparison, classes []int32, most int32) {
	c.among = append(c.among[:0], classes...)
	slices.Sort(c.among)
	c.places = append(c.places[:0], 0)
	end := int32(0)
	for _, class := range c.among {
		end += min(n.First[class+1]-n.First[class], most)
		c.places = append(c.places, end)
	}
	c.part, c.whole = stretched(c.part, int(end)), stretched(c.whole, int(end))
}

// stretched gives a list of n zeros, made of one that holds nothing else.
func stretched(zeros []float32, n int) []float32 {
	if cap(zeros) < n {
		return make([]float32, n, n+n/2)
	}
	return zeros[:n]
}

// gatherAll scores the phrasings of the chosen classes that share a token
// with the part begun. Of a sentence it scores them for the whole as well,
// where its tokens are awaited and no sentence before held them.
func (n *nearest) gatherAll(c *comparison, sentence bool) {
	for _, t := range c.tokens {
		idf := n.IDF[t]
		if idf == 0 {
			continue
		}
		fresh := sentence && c.awaited[t]
		c.awaited[t] = false
		list := n.Postings.at(t)
		for a, class := range c.among {
			first, end := n.First[class], n.First[class+1]
			list = list[before(list, first):]
			place := c.places[a] - first
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

// before counts the items in front of a phrasing in a posting list.
func before(list []int32, phrasing int32) int {
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

// mostPhrasings bounds the phrasings of one class that are scored one by one.
const mostPhrasings = 400

// gatherOf does what gatherAll does for content of very many classes.
func (n *nearest) gatherOf(c *comparison) {
	for a, class := range c.among {
		scores := c.part[c.places[a]:c.places[a+1]]
		for k := range scores {
			i := n.First[class] + int32(k)
			var sum float32
			shared(c.tokens, n.Tokens.at(i), func(t int32) { sum += n.IDF[t] * n.IDF[t] })
			if sum > 0 {
				scores[k] = sum / n.TokenNorm[i]
			}
		}
	}
}

// shared yields what two sorted lists have in common.
func shared(a, b []int32, yield func(int32)) {
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

// compare adds to like, for each class that was gathered for, weight times how
// near its phrasings are, and leaves the scores zero.
func (n *nearest) compare(c *comparison, scores []float32, x *lexicon, r *reading, sum float64, like []likeness, weight float32, deep int) {
	scale := float32(1 / math.Sqrt(sum))
	clear(c.bins[:])
	room := slices.Grow(c.alike[:0], len(scores)+1)
	c.alike = room[:0]
	for a, class := range c.among {
		found := notZero(room[len(c.alike):cap(room)], n.First[class], scores[c.places[a]:c.places[a+1]])
		if len(found) == 0 {
			continue
		}
		c.alike = room[:len(c.alike)+len(found)]
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
		l := &like[class]
		l.words += weight * best[0]
		l.several += weight * ((best[0] + best[1] + best[2]) / 3)
		if l.phrasing < 0 {
			l.phrasing = nearest
		}
	}
	if len(c.alike) == 0 {
		return
	}
	clear(scores)
	c.pick(deep)
	n.deepen(c, x, r, like, weight)
}

// notZero gives the scores that are not zero, of the phrasings from first on,
// in room that holds one more than all of them. Most are zero, but which is
// anybody's guess: the processor writes all down sooner than it guesses.
func notZero(room []scored, first int32, scores []float32) []scored {
	n := 0
	for k, s := range scores {
		room[n] = scored{first + int32(k), s}
		n += int((math.Float32bits(s) + math.MaxInt32) >> 31) // 1, for none is below zero
	}
	return room[:n]
}

// bin sorts a score from 0 to 1 into one of 256.
func bin(s float32) int { return min(int(s*256), 255) }

// pick puts the phrasings of the best scores into c.top, of equal ones the first.
func (c *comparison) pick(deep int) {
	c.top = c.top[:0]
	if len(c.alike) <= deep {
		for _, p := range c.alike {
			c.top = append(c.top, p.phrasing)
		}
		return
	}
	low, above := 255, int32(0)
	for above+c.bins[low] < int32(deep) {
		above += c.bins[low]
		low--
	}
	c.border = c.border[:0]
	for _, p := range c.alike {
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
	for _, p := range c.border[:deep-int(above)] {
		c.top = append(c.top, p.phrasing)
	}
}

// deepen compares the phrasings of c.top by character n-grams and by pairs.
func (n *nearest) deepen(c *comparison, x *lexicon, r *reading, like []likeness, weight float32) {
	length := n.weigh(c, x, r)
	c.pairs = pairsOf(c.pairs[:0], r)
	clear(c.sieve[:])
	for _, p := range c.pairs {
		c.sieve[p.row()] |= p.bit()
	}
	slices.Sort(c.top) // class by class
	for from := 0; from < len(c.top); {
		class := n.Class[c.top[from]]
		var grams, pairs float32
		for ; from < len(c.top) && n.Class[c.top[from]] == class; from++ {
			i := c.top[from]
			c.words = n.Words.appendTo(c.words[:0], i)
			words := c.words
			if n.GramNorm[i] > 0 && length > 0 {
				grams = max(grams, n.gramsShared(c, x, words)/(length*n.GramNorm[i]))
			}
			if len(c.pairs) > 0 && n.Pairs[i] > 0 {
				shared := c.pairsShared(x, words)
				pairs = max(pairs, float32(float64(shared)/math.Sqrt(float64(len(c.pairs)*int(n.Pairs[i])))))
			}
		}
		like[class].grams += weight * grams
		like[class].pairs += weight * pairs
	}
	for _, g := range c.held {
		c.weight[g] = 0
	}
}

// weigh notes the character n-grams of a question, and gives the length of
// the vector that they make.
func (n *nearest) weigh(c *comparison, x *lexicon, r *reading) float32 {
	c.held, c.strange = c.held[:0], c.strange[:0]
	var room [32]uint64
	for i, id := range r.ids {
		switch {
		case r.stops[i]:
		case id >= 0:
			for _, g := range x.Grams.at(id) {
				n.hold(c, g)
			}
		default:
			for _, key := range appendGrams(room[:0], r.words[i]) {
				if g := x.GramIDs.find(key); g >= 0 {
					n.hold(c, g)
				} else {
					c.strange = append(c.strange, key)
				}
			}
		}
	}
	slices.Sort(c.strange)
	c.strange = slices.Compact(c.strange)
	sum := float64(len(c.strange)) * float64(n.Rare) * float64(n.Rare)
	for _, g := range c.held {
		sum += float64(c.weight[g]) * float64(c.weight[g])
	}
	return float32(math.Sqrt(sum))
}

func (n *nearest) hold(c *comparison, g int32) {
	if c.weight[g] == 0 {
		if c.weight[g] = n.GramIDF[g]; c.weight[g] == 0 { // of a thesaurus word that no phrasing uses
			c.weight[g] = n.Rare
		}
		c.held = append(c.held, g)
	}
}

// gramsShared is the product of the question's vector with a phrasing's.
func (n *nearest) gramsShared(c *comparison, x *lexicon, words []int32) float32 {
	c.round++
	var sum float32
	for _, id := range words {
		if id < 0 {
			continue
		}
		for _, g := range x.Grams.at(id) {
			if w := c.weight[g]; w != 0 && c.seen[g] != c.round {
				c.seen[g] = c.round
				sum += w * n.GramIDF[g]
			}
		}
	}
	return sum
}

// pairsShared counts the pairs that the question and a phrasing have in common.
func (c *comparison) pairsShared(x *lexicon, words []int32) int {
	var found [8]uint64 // bit set of positions in c.pairs; pairs beyond do not count
	before := int32(-1)
	for _, word := range words {
		stem := int32(-1)
		if word >= 0 {
			stem = x.Known[word].Stem
		}
		p := neighboursOf(before, stem)
		known := before >= 0 && stem >= 0
		before = stem
		if !known || c.sieve[p.row()]&p.bit() == 0 {
			continue // most are not among them
		}
		at, ok := slices.BinarySearch(c.pairs, p)
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
