package index

import (
	"github.com/aftercarebot/aftercare/knowledge/language"
)

// reading is a message as the index understands it.
type reading struct {
	words    []string // surface forms after joining and mending
	stems    []int32  // of the words, -1 for one that the content does not know
	concepts []int32  // at each word the concept that begins there, or -1
	phrases  []int32  // at each word the phrase that names the concept, or -1
	spans    []int    // how many words that phrase covers
	unknown  int      // words that the content does not know and no word of it resembles
	mended   []mend
}

// mend is a word that was taken for another.
type mend struct{ from, to string }

// maxMended bounds the words of one message whose spelling is looked at.
const maxMended = 12

// read understands a normalised message.
func (x *lexicon) read(text string) reading {
	raw := language.Words(text)
	r := reading{words: make([]string, 0, len(raw)), stems: make([]int32, 0, len(raw))}
	tries := 0
	for i := 0; i < len(raw); i++ {
		w := raw[i]
		if i+1 < len(raw) {
			if joint, ok := x.joins(w, raw[i+1]); ok {
				r.add(joint, x.words[joint].stem)
				i++
				continue
			}
		}
		if known, ok := x.words[w]; ok {
			r.add(w, known.stem)
			continue
		}
		if id, ok := x.stems[language.Stem(w)]; ok {
			r.add(w, id)
			continue
		}
		if w[0] <= '9' || len(w) < 3 || tries >= maxMended || language.IsEnglish(w) {
			r.addUnknown(w)
			continue
		}
		tries++
		to, edits, ok := x.speller.mend(w)
		if a, b, split := x.split(w); split && (!ok || edits > 1) {
			r.mended = append(r.mended, mend{w, a + " " + b})
			r.add(a, x.words[a].stem)
			r.add(b, x.words[b].stem)
			continue
		}
		if ok {
			r.mended = append(r.mended, mend{w, to})
			r.add(to, x.words[to].stem)
			continue
		}
		r.addUnknown(w)
	}
	x.find(&r)
	return r
}

func (r *reading) add(w string, stem int32) {
	r.words = append(r.words, w)
	r.stems = append(r.stems, stem)
}

func (r *reading) addUnknown(w string) {
	r.add(w, -1)
	r.unknown++
}

// split parts a word that is two words of the content written as one.
func (x *lexicon) split(w string) (a, b string, ok bool) {
	best := int32(1)
	for i := 2; i <= len(w)-2; i++ {
		if i < 3 && !stop[w[:i]] || i > len(w)-3 && !stop[w[i:]] && w[i:] != "up" {
			continue
		}
		one, ok1 := x.words[w[:i]]
		two, ok2 := x.words[w[i:]]
		if ok1 && ok2 && min(one.count, two.count) > best {
			best = min(one.count, two.count)
			a, b, ok = w[:i], w[i:], true
		}
	}
	return a, b, ok
}

// find marks the concepts: at each word the longest thesaurus entry.
func (x *lexicon) find(r *reading) {
	r.concepts = make([]int32, len(r.stems))
	r.phrases = make([]int32, len(r.stems))
	r.spans = make([]int, len(r.stems))
	for i, stem := range r.stems {
		r.concepts[i], r.phrases[i] = -1, -1
		if stem < 0 {
			continue
		}
		for _, p := range x.phrases[stem] {
			n := 1 + len(p.rest)
			if n > r.spans[i] && i+n <= len(r.stems) && equal(r.stems[i+1:i+n], p.rest) {
				r.concepts[i], r.phrases[i], r.spans[i] = p.concept, p.id, n
			}
		}
	}
}

func equal(a, b []int32) bool {
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}
