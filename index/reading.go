package index

import (
	"github.com/aftercarebot/aftercare/knowledge/language"
)

// reading is a message as the index understands it.
type reading struct {
	words    []string // surface forms after joining and mending
	ids      []int32  // of the words, -1 for one that the content does not hold as it is
	stems    []int32  // of the words, -1 for one that the content does not know
	stops    []bool   // whether they are stop words
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

// maxRead bounds the words of a message that are looked at: as many of its
// beginning as of its end. The longest of people's stories is shorter.
const maxRead = 256

// guess is what the speller made of a word.
type guess struct {
	from, to string
	other    string // second word, where it was two written as one
	ok       bool
}

// desk is where a message is read: what is reused from one to the next.
type desk struct {
	raw     []string
	guesses []guess // of this message, whose parts are read again
}

func (r *reading) reset() {
	clear(r.words)
	clear(r.mended)
	r.words, r.ids, r.stems, r.stops, r.mended = r.words[:0], r.ids[:0], r.stems[:0], r.stops[:0], r.mended[:0]
	r.unknown = 0
}

// read understands a normalised message.
func (x *lexicon) read(d *desk, r *reading, text string) {
	r.reset()
	d.raw = language.AppendWords(d.raw[:0], text)
	raw := d.raw
	if len(raw) > maxRead {
		raw = append(raw[:maxRead/2:len(raw)], raw[len(raw)-maxRead/2:]...)
	}
	tries := 0
	for i := 0; i < len(raw); i++ {
		w := raw[i]
		if i+1 < len(raw) {
			if id, ok := x.joins(w, raw[i+1]); ok {
				r.add(x, id)
				i++
				continue
			}
		}
		if id, ok := x.Words.find(w); ok {
			r.add(x, id)
			continue
		}
		if stem, ok := x.Stems.find(language.Stem(w)); ok {
			r.addForeign(w, stem)
			continue
		}
		if w[0] <= '9' || len(w) < 3 || tries >= maxMended || language.IsEnglish(w) {
			r.addForeign(w, -1)
			continue
		}
		tries++
		g := x.guess(d, w)
		switch {
		case !g.ok:
			r.addForeign(w, -1)
			continue
		case g.other != "":
			r.mended = append(r.mended, mend{w, g.to + " " + g.other})
			id, _ := x.Words.find(g.to)
			r.add(x, id)
			id, _ = x.Words.find(g.other)
			r.add(x, id)
		default:
			r.mended = append(r.mended, mend{w, g.to})
			id, _ := x.Words.find(g.to)
			r.add(x, id)
		}
	}
	x.find(r)
}

// guess gives the word or the two that w was meant to be.
func (x *lexicon) guess(d *desk, w string) guess {
	for _, g := range d.guesses {
		if g.from == w {
			return g
		}
	}
	g := guess{from: w}
	to, edits, ok := x.speller().mend(w)
	if a, b, split := x.split(w); split && (!ok || edits > 1) {
		g.to, g.other, g.ok = a, b, true
	} else if ok {
		g.to, g.ok = to, true
	}
	d.guesses = append(d.guesses, g)
	return g
}

func (r *reading) add(x *lexicon, id int32) {
	known := &x.Known[id]
	r.words = append(r.words, x.Words.Words.at(id))
	r.ids = append(r.ids, id)
	r.stems = append(r.stems, known.Stem)
	r.stops = append(r.stops, known.Stop)
}

// addForeign adds a word that the content does not hold, but perhaps in another form.
func (r *reading) addForeign(w string, stem int32) {
	if stem < 0 {
		r.unknown++
	}
	r.words = append(r.words, w)
	r.ids = append(r.ids, -1)
	r.stems = append(r.stems, stem)
	r.stops = append(r.stops, stop[w])
}

// split parts a word that is two words of the content written as one.
func (x *lexicon) split(w string) (a, b string, ok bool) {
	best := int32(1)
	for i := 2; i <= len(w)-2; i++ {
		if i < 3 && !stop[w[:i]] || i > len(w)-3 && !stop[w[i:]] && w[i:] != "up" {
			continue
		}
		one, ok1 := x.Words.find(w[:i])
		two, ok2 := x.Words.find(w[i:])
		if !ok1 || !ok2 {
			continue
		}
		if n := min(x.Known[one].Count, x.Known[two].Count); n > best {
			best = n
			a, b, ok = w[:i], w[i:], true
		}
	}
	return a, b, ok
}

// find marks the concepts: at each word the longest thesaurus entry.
func (x *lexicon) find(r *reading) {
	n := len(r.stems)
	r.concepts, r.phrases, r.spans = resized(r.concepts, n), resized(r.phrases, n), resized(r.spans, n)
	for i, stem := range r.stems {
		r.concepts[i], r.phrases[i], r.spans[i] = -1, -1, 0
		if stem < 0 {
			continue
		}
		for _, p := range x.Phrases.at(stem) {
			rest := x.Rest[p.From:p.To]
			n := 1 + len(rest)
			if n > r.spans[i] && i+n <= len(r.stems) && equal(r.stems[i+1:i+n], rest) {
				r.concepts[i], r.phrases[i], r.spans[i] = p.Concept, p.ID, n
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

// resized gives a slice of n items, whatever they hold.
func resized[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, n+n/2+8)
	}
	return s[:n]
}

// kept gives a copy that outlives the desk.
func (r *reading) kept() reading {
	out := reading{unknown: r.unknown}
	out.words = append([]string(nil), r.words...)
	out.ids = append([]int32(nil), r.ids...)
	out.stems = append([]int32(nil), r.stems...)
	out.stops = append([]bool(nil), r.stops...)
	out.concepts = append([]int32(nil), r.concepts...)
	out.phrases = append([]int32(nil), r.phrases...)
	return out
}
