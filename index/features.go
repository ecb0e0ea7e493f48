package index

import (
	"math"
	"slices"
)

// feature is one property of a text and how much of it there is. Its number
// is that of a stem, a concept, a character n-gram or a bigram,
// in this order; see spaces.
type feature struct {
	row   int32
	value float32
}

// Families of features, mixed into the hash so that they never meet.
const (
	bigramFeature = iota + 2
	conceptBigramFeature
	ngramFeature
)

// weights of the families in the length of a text's feature vector.
const (
	wordWeight          = 1.0
	stopWeight          = 0.5
	unknownWeight       = 0.7
	bigramWeight        = 0.6
	conceptWeight       = 1.0
	conceptBigramWeight = 0.5
	ngramWeight         = 0.35
)

func mix(family int, a, b uint64) uint64 {
	h := uint64(family)*0x9E3779B97F4A7C15 ^ a*0xC2B2AE3D27D4EB4F
	h ^= h >> 29
	h = (h ^ b) * 0x165667B19E3779F9
	h ^= h >> 32
	return h * 0xD6E8FEB86659FD93
}

func hashString(s string) uint64 { return hashAppend(14695981039346656037, s) }

// hashAppend gives the hash of a text with this hash and s behind it.
func hashAppend(h uint64, s string) uint64 {
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

// textKey is what a stem or a concept is told apart by in a bigram: its text, so
// that a bigram has the same key in every content that holds it.
func textKey(s string) uint32 { return uint32(spread(hashString(s))) }

// spaces are where the numbers of each family of features begin.
type spaces struct {
	Concepts, Ngrams, Bigrams int32
}

func (x *lexicon) spaces() spaces {
	concepts := int32(x.Stems.Words.len())
	ngrams := concepts + int32(len(x.Concepts))
	return spaces{concepts, ngrams, ngrams + x.NgramIDs.Count}
}

// features appends the features of a query, as a vector of length 1.
func (x *lexicon) features(out []feature, q *query, bigramID func(key uint64) int32) []feature {
	start := len(out)
	out, sum := x.weightedFeatures(out, q, bigramID)
	if sum > 0 {
		scale := float32(1 / math.Sqrt(sum))
		for i := range out[start:] {
			out[start+i].value *= scale
		}
	}
	return out
}

// weightedFeatures appends the features of a query with the weights of their
// families, and gives the square of their length. bigramID gives a bigram its
// number; a negative one, as a word that the content does not know, counts for the
// length and is left out.
func (x *lexicon) weightedFeatures(out []feature, q *query, bigramID func(key uint64) int32) ([]feature, float64) {
	space := x.spaces()
	var sum float64
	add := func(row int32, value float32) {
		sum += float64(value) * float64(value)
		if row >= 0 {
			out = append(out, feature{row, value})
		}
	}
	addBigram := func(family int, a, b uint64, value float32) {
		row := bigramID(mix(family, a, b))
		if row >= 0 {
			row += space.Bigrams
		}
		add(row, value)
	}
	var room [32]uint64
	const edge = 1<<63 - 1
	prev, prevC := uint64(edge), uint64(edge)
	for i, stem := range q.stems {
		var token uint64
		switch {
		case stem < 0:
			token = hashString(q.words[i])
			add(-1, unknownWeight)
		case q.stops[i]:
			token = uint64(x.stemKeys[stem])
			add(stem, stopWeight)
		default:
			token = uint64(x.stemKeys[stem])
			add(stem, wordWeight)
		}
		addBigram(bigramFeature, prev, token, bigramWeight)
		switch {
		case q.stops[i]:
		case q.ids[i] >= 0:
			for _, g := range x.Ngrams.at(q.ids[i]) {
				add(space.Ngrams+g, ngramWeight)
			}
		default:
			for _, key := range appendNgrams(room[:0], q.words[i]) {
				g := x.NgramIDs.find(key)
				if g >= 0 {
					g += space.Ngrams
				}
				add(g, ngramWeight)
			}
		}
		tokenC := token
		if c := q.concepts[i]; c >= 0 {
			tokenC = uint64(x.conceptKeys[c]) | 1<<40
			add(space.Concepts+c, conceptWeight)
		}
		if tokenC != token || prevC != prev {
			addBigram(conceptBigramFeature, prevC, tokenC, conceptBigramWeight)
		}
		prev, prevC = token, tokenC
	}
	if len(q.stems) > 0 {
		addBigram(bigramFeature, prev, edge, bigramWeight)
	}
	return out, sum
}

// ngramLength is how many characters an n-gram has: longer and shorter ones besides
// cost twice the time and improved nothing on the validation questions.
const ngramLength = 4

// appendNgrams appends the character n-grams of a word with its ends marked.
func appendNgrams(out []uint64, w string) []uint64 {
	if len(w) < 3 || w[0] <= '9' {
		return out
	}
	var buf [64]byte
	padded := append(buf[:0], '^')
	padded = append(padded, w...)
	padded = append(padded, '$')
	for ; len(padded) >= ngramLength; padded = padded[1:] {
		h := uint64(14695981039346656037)
		for _, c := range padded[:ngramLength] {
			h = (h ^ uint64(c)) * 1099511628211
		}
		out = append(out, mix(ngramFeature, h, 0))
	}
	return out
}

// tokens appends the words and concepts by which texts are compared, each
// once: stems, stop words left out where anything else is there, and then
// concepts. unknown is how many further words the content does not know.
func (x *lexicon) tokens(out []int32, q *query) (list []int32, unknown int) {
	start := len(out)
	concepts := x.spaces().Concepts
	for i, stem := range q.stems {
		if q.stops[i] {
			continue
		}
		if stem >= 0 {
			out = append(out, stem)
		} else if !slices.Contains(q.words[:i], q.words[i]) {
			unknown++
		}
		if c := q.concepts[i]; c >= 0 {
			out = append(out, concepts+c)
		}
	}
	if len(out) == start && unknown == 0 {
		for _, stem := range q.stems {
			if stem >= 0 {
				out = append(out, stem)
			}
		}
	}
	slices.Sort(out[start:])
	return out[:start+len(slices.Compact(out[start:]))], unknown
}
