package index

import (
	"math"
	"slices"
)

// nearest compares a question with every phrasing: by the words and concepts
// they share, by runs of characters, and by pairs of neighbouring words.
type nearest struct {
	class    []int32            // of each phrasing
	grams    [][]weighted       // of each phrasing, sorted by key, length 1
	pairs    [][]uint32         // of each phrasing, sorted
	postings map[uint64][]share // word or concept to the phrasings that hold it
	idf      map[uint64]float32
	gramIDF  map[uint32]float32
	rare     float32 // idf of what no phrasing holds
}

type weighted struct {
	key   uint32
	value float32
}

// share is how much of a phrasing's length one word makes up.
type share struct {
	phrasing int32
	value    float32
}

// tokens gives the words and concepts by which phrasings are compared: stems
// with their stop words left out where anything else is there.
func tokens(r *reading) []uint64 {
	out := make([]uint64, 0, 2*len(r.words))
	for i, w := range r.words {
		if stop[w] {
			continue
		}
		if r.stems[i] >= 0 {
			out = append(out, uint64(r.stems[i])+1)
		} else {
			out = append(out, hashString(w)|1<<63)
		}
		if c := r.concepts[i]; c >= 0 {
			out = append(out, uint64(c)|1<<40)
		}
	}
	if len(out) == 0 {
		for i := range r.words {
			if r.stems[i] >= 0 {
				out = append(out, uint64(r.stems[i])+1)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (x *lexicon) gramKeys(r *reading) []uint32 {
	var out []uint32
	for _, w := range r.words {
		if !stop[w] {
			x.grams(w, func(key uint64, _ float32) { out = append(out, uint32(key>>32)) })
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func pairKeys(r *reading) []uint32 {
	var out []uint32
	for i := 1; i < len(r.stems); i++ {
		if r.stems[i] >= 0 && r.stems[i-1] >= 0 && !(stop[r.words[i]] && stop[r.words[i-1]]) {
			out = append(out, uint32(mix(pairFeature, uint64(r.stems[i-1]), uint64(r.stems[i]))>>32))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func newNearest(x *lexicon, readings []reading, class []int32) *nearest {
	n := &nearest{class: class, postings: map[uint64][]share{}, idf: map[uint64]float32{}, gramIDF: map[uint32]float32{}}
	words := make([][]uint64, len(readings))
	grams := make([][]uint32, len(readings))
	for i := range readings {
		words[i], grams[i] = tokens(&readings[i]), x.gramKeys(&readings[i])
		n.pairs = append(n.pairs, pairKeys(&readings[i]))
		for _, w := range words[i] {
			n.idf[w]++
		}
		for _, g := range grams[i] {
			n.gramIDF[g]++
		}
	}
	total := float64(len(readings))
	for w, df := range n.idf {
		n.idf[w] = float32(math.Log(1 + total/float64(df)))
	}
	n.rare = float32(math.Log(1 + total))
	for g, df := range n.gramIDF {
		n.gramIDF[g] = float32(math.Log(1 + total/float64(df)))
	}
	for i := range readings {
		var sum float64
		for _, w := range words[i] {
			sum += float64(n.idf[w] * n.idf[w])
		}
		length := float32(math.Sqrt(sum))
		for _, w := range words[i] {
			n.postings[w] = append(n.postings[w], share{int32(i), n.idf[w] / length})
		}
		n.grams = append(n.grams, n.weigh(grams[i]))
	}
	return n
}

func (n *nearest) weigh(keys []uint32) []weighted {
	out := make([]weighted, 0, len(keys))
	var sum float64
	for _, g := range keys {
		v, ok := n.gramIDF[g]
		if !ok {
			v = n.rare
		}
		out = append(out, weighted{g, v})
		sum += float64(v) * float64(v)
	}
	length := float32(math.Sqrt(sum))
	for i := range out {
		out[i].value /= length
	}
	return out
}

// likeness is how near the nearest phrasings of one class are, each from 0 to 1.
type likeness struct {
	words, grams, pairs float32
	several             float32 // mean of the three best by words
	phrasing            int32   // the one nearest by words
}

// deep is how many phrasings, the nearest by words, are compared by character.
const deep = 48

// compare gives for each class how near its phrasings are.
func (n *nearest) compare(x *lexicon, r *reading, classes int) []likeness {
	out := make([]likeness, classes)
	for i := range out {
		out[i].phrasing = -1
	}
	scores := make([]float32, len(n.class))
	keys := tokens(r)
	var sum float64
	for _, w := range keys {
		idf, ok := n.idf[w]
		if !ok {
			idf = n.rare
		}
		sum += float64(idf * idf)
		for _, s := range n.postings[w] {
			scores[s.phrasing] += idf * s.value
		}
	}
	if sum == 0 {
		return out
	}
	scale := float32(1 / math.Sqrt(sum))
	best := make([][3]float32, classes)
	var top []int32
	for i, s := range scores {
		if s == 0 {
			continue
		}
		s *= scale
		scores[i] = s
		c := n.class[i]
		b := &best[c]
		switch {
		case s > b[0]:
			b[2], b[1], b[0] = b[1], b[0], s
			out[c].phrasing = int32(i)
		case s > b[1]:
			b[2], b[1] = b[1], s
		case s > b[2]:
			b[2] = s
		}
		top = append(top, int32(i))
	}
	for c := range out {
		out[c].words = best[c][0]
		out[c].several = (best[c][0] + best[c][1] + best[c][2]) / 3
	}
	slices.SortFunc(top, func(a, b int32) int {
		if scores[a] != scores[b] {
			if scores[a] > scores[b] {
				return -1
			}
			return 1
		}
		return int(a - b)
	})
	if len(top) > deep {
		top = top[:deep]
	}
	grams := n.weigh(x.gramKeys(r))
	pairs := pairKeys(r)
	for _, i := range top {
		c := n.class[i]
		out[c].grams = max(out[c].grams, dot(grams, n.grams[i]))
		if len(pairs) > 0 && len(n.pairs[i]) > 0 {
			out[c].pairs = max(out[c].pairs, float32(float64(common(pairs, n.pairs[i]))/math.Sqrt(float64(len(pairs)*len(n.pairs[i])))))
		}
	}
	return out
}

func dot(a, b []weighted) float32 {
	var sum float32
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i].key < b[j].key:
			i++
		case a[i].key > b[j].key:
			j++
		default:
			sum += a[i].value * b[j].value
			i++
			j++
		}
	}
	return sum
}

func common(a, b []uint32) int {
	n := 0
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] < b[j]:
			i++
		case a[i] > b[j]:
			j++
		default:
			n++
			i++
			j++
		}
	}
	return n
}
