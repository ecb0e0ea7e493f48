package index

import "math"

// feature is one property of a text and how much of it there is.
type feature struct {
	key   uint64 // hash of its name
	value float32
}

// Families of features, mixed into the hash so that they never meet.
const (
	wordFeature = iota + 1
	pairFeature
	conceptFeature
	conceptPairFeature
	gramFeature
)

// weights of the families in the length of a text's feature vector.
const (
	wordWeight        = 1.0
	stopWeight        = 0.5
	unknownWeight     = 0.7
	pairWeight        = 0.6
	conceptWeight     = 1.0
	conceptPairWeight = 0.5
	gramWeight        = 0.35
)

func mix(family int, a, b uint64) uint64 {
	h := uint64(family)*0x9E3779B97F4A7C15 ^ a*0xC2B2AE3D27D4EB4F
	h ^= h >> 29
	h = (h ^ b) * 0x165667B19E3779F9
	h ^= h >> 32
	return h * 0xD6E8FEB86659FD93
}

func hashString(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

// features gives the properties of a reading, its length normalised to 1.
func (x *lexicon) features(r *reading) []feature {
	out := make([]feature, 0, 16*len(r.words)+8)
	add := func(key uint64, value float32) { out = append(out, feature{key, value}) }
	const edge = 1<<63 - 1
	prev, prevC := uint64(edge), uint64(edge)
	for i := 0; i < len(r.words); i++ {
		w := r.words[i]
		var token uint64
		if r.stems[i] >= 0 {
			token = uint64(r.stems[i]) + 1
		} else {
			token = hashString(w)
		}
		weight := float32(wordWeight)
		switch {
		case r.stems[i] < 0:
			weight = unknownWeight
		case stop[w]:
			weight = stopWeight
		}
		add(mix(wordFeature, token, 0), weight)
		add(mix(pairFeature, prev, token), pairWeight)
		if !stop[w] {
			x.grams(w, add)
		}
		tokenC := token
		if c := r.concepts[i]; c >= 0 {
			tokenC = uint64(c) | 1<<40
			add(mix(conceptFeature, tokenC, 0), conceptWeight)
		}
		if tokenC != token || prevC != prev {
			add(mix(conceptPairFeature, prevC, tokenC), conceptPairWeight)
		}
		prev, prevC = token, tokenC
	}
	if len(r.words) > 0 {
		add(mix(pairFeature, prev, edge), pairWeight)
	}
	var sum float64
	for _, f := range out {
		sum += float64(f.value) * float64(f.value)
	}
	if sum > 0 {
		scale := float32(1 / math.Sqrt(sum))
		for i := range out {
			out[i].value *= scale
		}
	}
	return out
}

// gramLength is how many characters a run has: longer and shorter ones besides
// cost twice the time and mended nothing on the validation questions.
const gramLength = 4

// grams adds the runs of characters of a word with its ends marked.
func (x *lexicon) grams(w string, add func(uint64, float32)) {
	if len(w) < 3 || w[0] <= '9' {
		return
	}
	var buf [64]byte
	padded := append(buf[:0], '^')
	padded = append(padded, w...)
	padded = append(padded, '$')
	for i := 0; i+gramLength <= len(padded); i++ {
		h := uint64(14695981039346656037)
		for _, c := range padded[i : i+gramLength] {
			h = (h ^ uint64(c)) * 1099511628211
		}
		add(mix(gramFeature, h, 0), gramWeight)
	}
}
