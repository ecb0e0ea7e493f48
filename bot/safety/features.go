package safety

import "math"

// feature is one property of a text, hashed, and the token that it came from.
type feature struct {
	id    uint32
	value float32
	at    int32
}

// extractFeatures lists the features of a stretch of sentences.
func (s *scratch) extractFeatures(m *Matcher, where span) {
	s.features = s.features[:0]
	previous := startMark
	for i := where.from; i < where.to; i++ {
		previous = s.addWords(i, previous)
	}
	s.addFeature(-1, 'b', previous, endMark)
	s.scale(0, wordNorm)

	from := len(s.features)
	for i := where.from; i < where.to; i++ {
		for at := s.sentences[i].from; at < s.sentences[i].to; at++ {
			s.addNgrams(at)
		}
	}
	s.scale(from, ngramNorm)

	from = len(s.features)
	tags := s.union[:0]
	for i := where.from; i < where.to; i++ {
		n := len(tags)
		tags = s.tagsOf(m.analyser, i, tags)
		for _, t := range tags[n:] {
			s.addTagFeature(t.at, 't', t.tag, 0)
		}
		s.addFindings(m, i)
	}
	for i, a := range tags {
		for _, b := range tags[:i] {
			s.addTagFeature(-1, 'p', min(a.tag, b.tag), max(a.tag, b.tag))
		}
	}
	s.union = tags
	s.scale(from, tagNorm)
}

// What stands in a bigram for a word that is not there.
const (
	startMark = "^"
	endMark   = "$"
	maskMark  = "~"
)

// addWords lists the words and bigrams of sentence i, and gives the last word.
// previous is the one before.
func (s *scratch) addWords(i int, previous string) string {
	sn := &s.sentences[i]
	for at := sn.from; at < sn.to; at++ {
		t := &s.tokens[at]
		if t.masked {
			previous = maskMark
			continue
		}
		s.addFeature(int32(at), stemKind(t), t.stem, "")
		if t.inflected() {
			s.addFeature(int32(at), 'w', t.form, "")
		}
		s.addFeature(int32(at), 'b', previous, t.stem)
		previous = t.stem
	}
	return previous
}

// stemKind tells negated words from others.
func stemKind(t *token) byte {
	if t.negated > 0 {
		return 'n'
	}
	return 's'
}

// addNgrams lists the character n-grams of the token at a place.
func (s *scratch) addNgrams(at int) {
	t := &s.tokens[at]
	if t.masked || ngramCount(t.form) == 0 {
		return
	}
	var padded [64]byte
	p := append(append(append(padded[:0], '_'), t.form...), '_')
	for n := minNgram; n <= maxNgram; n++ {
		for j := 0; j+n <= len(p); j++ {
			s.addNgramFeature(int32(at), p[j:j+n])
		}
	}
}

// ngramCount is how many n-grams a word has that is not masked: overlong ones none.
func ngramCount(form string) int {
	if len(form) > 40 {
		return 0
	}
	return max(0, len(form)+2-minNgram+1) + max(0, len(form)+2-maxNgram+1)
}

// tagged is a lexicon or a cue, negated or not, and where it stands.
type tagged struct {
	tag  int
	at   int32
	hash uint32 // of the first half of a pair, whose lesser tag it is
}

// maxTags bounds the tags of a stretch: each is seen with every other.
const maxTags = 32

// tagsOf appends those of sentence i that are not in the list.
func (s *scratch) tagsOf(a *analyser, i int, list []tagged) []tagged {
	sn := &s.sentences[i]
	for _, h := range s.hits[sn.hits.from:sn.hits.to] {
		if h.symbol >= a.named || h.symbol == negation || h.symbol == spared || h.symbol != figure && s.masked(h.span) {
			continue
		}
		tag := 2 * h.symbol
		if s.tokens[h.from].negated > 0 && !a.symbols[h.symbol].place && h.symbol >= cues {
			tag++
		}
		if len(list) < maxTags && !has(list, tag) {
			list = append(list, tagged{tag, int32(h.from), hashInt(hashKind('p'), tag)})
		}
	}
	return list
}

func has(list []tagged, tag int) bool {
	for _, t := range list {
		if t.tag == tag {
			return true
		}
	}
	return false
}

// addFindings lists the patterns found in sentence i, and whether it asks.
func (s *scratch) addFindings(m *Matcher, i int) {
	sn := &s.sentences[i]
	for n := sn.findings.from; n < sn.findings.to; n++ {
		f := &s.findings[n]
		state := 1
		if f.suppressed != "" {
			state = 2
		}
		s.addTagFeature(int32(f.hits[0].from), 'f', f.pattern, state)
		s.addTagFeature(int32(f.hits[0].from), 'F', m.patterns[f.pattern].sign, state)
		s.addTagFeature(int32(f.hits[0].from), 'A', 0, state)
	}
	if sn.question {
		s.addFeature(-1, 'q', "?", "")
	}
}

// scale gives the features from start on the same value, so that their norm is
// as given: a long message weighs no more than a short one.
func (s *scratch) scale(start int, norm float64) {
	own := s.features[start:]
	v := float32(featureValue(norm, len(own)))
	for i := range own {
		own[i].value = v
	}
}

// featureValue is the value of each of n features whose L2 norm is to be norm.
func featureValue(norm float64, n int) float64 {
	if n == 0 {
		return 0
	}
	return norm / math.Sqrt(float64(n))
}

func (s *scratch) addFeature(at int32, kind byte, a, b string) {
	s.features = append(s.features, feature{id: bucketOf(kind, a, b), at: at})
}

// bucketOf gives the bucket of a feature of one kind and two words.
func bucketOf(kind byte, a, b string) uint32 { return hashSecond(hashFirst(kind, a), b) }

// hashFirst hashes the first of two words; hashSecond goes on from there with
// the second, and gives the bucket (feature hashing, FNV-1a).
func hashFirst(kind byte, a string) uint32 {
	h := hashKind(kind)
	for i := range len(a) {
		h = (h ^ uint32(a[i])) * fnvPrime
	}
	return (h ^ ' ') * fnvPrime
}

// hashSecond gives the bucket of a feature of which b is the second part, from
// the hash of the first.
func hashSecond(h uint32, b string) uint32 {
	for i := range len(b) {
		h = (h ^ uint32(b[i])) * fnvPrime
	}
	return bucket(h)
}

// bigramPrefix hashes the first half of a bigram of stems.
func bigramPrefix(stem string) uint32 { return hashFirst('b', stem) }

func (s *scratch) addNgramFeature(at int32, ngram []byte) {
	h := hashKind('c')
	for _, b := range ngram {
		h = (h ^ uint32(b)) * fnvPrime
	}
	s.features = append(s.features, feature{id: bucket(h), at: at})
}

func (s *scratch) addTagFeature(at int32, kind byte, a, b int) {
	s.features = append(s.features, feature{id: bucket(hashInt(hashInt(hashKind(kind), a), b)), at: at})
}

// hashKind begins the hash of one kind of feature.
func hashKind(kind byte) uint32 { return (fnvOffset ^ uint32(kind)) * fnvPrime }

// hashInt takes a number into a hash.
func hashInt(h uint32, n int) uint32 {
	h = (h ^ uint32(n&255)) * fnvPrime
	return (h ^ uint32(n>>8)) * fnvPrime
}

// bucket folds a hash to a bucket.
func bucket(h uint32) uint32 { return (h ^ h>>15) % buckets }

const (
	fnvOffset = 2166136261
	fnvPrime  = 16777619
)
