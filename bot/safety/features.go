package safety

import "math"

// feature is one property of a text, hashed, and the token that it came from.
type feature struct {
	id    uint32
	value float32
	at    int32
}

// describe lists the features of a stretch of sentences.
func (s *sheet) describe(m *Matcher, where span) {
	s.features = s.features[:0]
	previous := opening
	for i := where.from; i < where.to; i++ {
		previous = s.describeWords(i, previous)
	}
	s.feature(-1, 'b', previous, closing)
	s.scale(0, wordsAs)

	from := len(s.features)
	for i := where.from; i < where.to; i++ {
		for at := s.sentences[i].from; at < s.sentences[i].to; at++ {
			s.describePartsOf(at)
		}
	}
	s.scale(from, partsAs)

	from = len(s.features)
	tags := s.union[:0]
	for i := where.from; i < where.to; i++ {
		n := len(tags)
		tags = s.tagsOf(m.reader, i, tags)
		for _, t := range tags[n:] {
			s.tagFeature(t.at, 't', t.tag, 0)
		}
		s.describeFindings(m, i)
	}
	for i, a := range tags {
		for _, b := range tags[:i] {
			s.tagFeature(-1, 'p', min(a.tag, b.tag), max(a.tag, b.tag))
		}
	}
	s.union = tags
	s.scale(from, tagsAs)
}

// What stands for a neighbour where there is none.
const (
	opening = "^"
	closing = "$"
	hidden  = "~"
)

// describeWords lists the words of sentence i and their neighbours, and gives
// the last word. previous is the one before.
func (s *sheet) describeWords(i int, previous string) string {
	sn := &s.sentences[i]
	for at := sn.from; at < sn.to; at++ {
		t := &s.tokens[at]
		if t.masked {
			previous = hidden
			continue
		}
		s.feature(int32(at), markOf(t), t.stem, "")
		if t.inflected() {
			s.feature(int32(at), 'w', t.form, "")
		}
		s.feature(int32(at), 'b', previous, t.stem)
		previous = t.stem
	}
	return previous
}

// markOf tells denied words from others.
func markOf(t *token) byte {
	if t.denied > 0 {
		return 'n'
	}
	return 's'
}

// describePartsOf lists the parts of the word at a place.
func (s *sheet) describePartsOf(at int) {
	t := &s.tokens[at]
	if t.masked || partsOf(t.form) == 0 {
		return
	}
	var padded [64]byte
	p := append(append(append(padded[:0], '_'), t.form...), '_')
	for n := minPart; n <= maxPart; n++ {
		for j := 0; j+n <= len(p); j++ {
			s.partFeature(int32(at), p[j:j+n])
		}
	}
}

// partsOf is how many parts a word has that is not hidden: overlong ones none.
func partsOf(form string) int {
	if len(form) > 40 {
		return 0
	}
	return max(0, len(form)+2-minPart+1) + max(0, len(form)+2-maxPart+1)
}

// tagged is a lexicon or a cue, denied or not, and where it stands.
type tagged struct {
	tag  int
	at   int32
	hash uint32 // of a pair that it is the lesser tag of, so far
}

// maxTags bounds the tags of a stretch: each is seen with every other.
const maxTags = 32

// tagsOf appends those of sentence i that are not in the list.
func (s *sheet) tagsOf(r *reader, i int, list []tagged) []tagged {
	sn := &s.sentences[i]
	for _, h := range s.hits[sn.hits.from:sn.hits.to] {
		if h.symbol >= r.named || h.symbol == negation || h.symbol == spared || h.symbol != figure && s.masked(h.span) {
			continue
		}
		tag := 2 * h.symbol
		if s.tokens[h.from].denied > 0 && !r.symbols[h.symbol].place && h.symbol >= cues {
			tag++
		}
		if len(list) < maxTags && !has(list, tag) {
			list = append(list, tagged{tag, int32(h.from), numbered(family('p'), tag)})
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

// describeFindings lists the patterns found in sentence i, and whether it asks.
func (s *sheet) describeFindings(m *Matcher, i int) {
	sn := &s.sentences[i]
	for n := sn.findings.from; n < sn.findings.to; n++ {
		f := &s.findings[n]
		state := 1
		if f.softened != "" {
			state = 2
		}
		s.tagFeature(int32(f.hits[0].from), 'f', f.pattern, state)
		s.tagFeature(int32(f.hits[0].from), 'F', m.patterns[f.pattern].sign, state)
		s.tagFeature(int32(f.hits[0].from), 'A', 0, state)
	}
	if sn.question {
		s.feature(-1, 'q', "?", "")
	}
}

// scale brings the features from start on to the length weight, so that a
// long message has no louder voice than a short one.
func (s *sheet) scale(start int, weight float64) {
	own := s.features[start:]
	v := float32(loudness(weight, len(own)))
	for i := range own {
		own[i].value = v
	}
}

// loudness is the value of each of n features whose length is to be weight.
func loudness(weight float64, n int) float64 {
	if n == 0 {
		return 0
	}
	return weight / math.Sqrt(float64(n))
}

func (s *sheet) feature(at int32, kind byte, a, b string) {
	s.features = append(s.features, feature{id: bucketOf(kind, a, b), at: at})
}

func bucketOf(kind byte, a, b string) uint32 { return ended(begun(kind, a), b) }

// begun hashes the first of two words, ended goes on from there with the second.
func begun(kind byte, a string) uint32 {
	h := family(kind)
	for i := range len(a) {
		h = (h ^ uint32(a[i])) * prime
	}
	return (h ^ ' ') * prime
}

func ended(h uint32, b string) uint32 {
	for i := range len(b) {
		h = (h ^ uint32(b[i])) * prime
	}
	return bucket(h)
}

// neighbour begins the hash of a pair of neighbours.
func neighbour(stem string) uint32 { return begun('b', stem) }

func (s *sheet) partFeature(at int32, part []byte) {
	h := family('c')
	for _, b := range part {
		h = (h ^ uint32(b)) * prime
	}
	s.features = append(s.features, feature{id: bucket(h), at: at})
}

func (s *sheet) tagFeature(at int32, kind byte, a, b int) {
	s.features = append(s.features, feature{id: bucket(numbered(numbered(family(kind), a), b)), at: at})
}

// family begins the hash of one kind of feature.
func family(kind byte) uint32 { return (offset ^ uint32(kind)) * prime }

// numbered takes a number into a hash (FNV-1a).
func numbered(h uint32, n int) uint32 {
	h = (h ^ uint32(n&255)) * prime
	return (h ^ uint32(n>>8)) * prime
}

// bucket folds a hash to a bucket.
func bucket(h uint32) uint32 { return (h ^ h>>15) % buckets }

const (
	offset = 2166136261
	prime  = 16777619
)
