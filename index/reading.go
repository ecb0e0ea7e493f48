package index

import (
	"slices"

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
	mended   []mend
}

// mend is a word that was taken for another.
type mend struct{ from, to string }

// maxMended bounds the words of one message whose spelling is looked at.
const maxMended = 12

// maxRead bounds the words of one sentence, or of a message without any, that
// are looked at: as many of its beginning as of its end.
const maxRead = 84

// guess is what the speller made of a word.
type guess struct {
	from, to string
	other    string // second word, where it was two written as one
	ok       bool
}

// desk is where a message is read: what is reused from one to the next.
type desk struct {
	raw     []string
	guesses []guess          // of this message
	before  map[string]guess // of all messages, only kept while learning
}

func (r *reading) reset() {
	clear(r.words)
	clear(r.mended)
	r.words, r.ids, r.stems, r.stops, r.mended = r.words[:0], r.ids[:0], r.stems[:0], r.stops[:0], r.mended[:0]
}

// read understands a normalised message.
func (x *lexicon) read(d *desk, r *reading, text string) {
	r.reset()
	x.readOn(d, r, text)
}

// readOn understands a further part of a message.
func (x *lexicon) readOn(d *desk, r *reading, text string) {
	d.raw = language.AppendWords(d.raw[:0], text)
	x.understand(d, r)
}

// understand reads the words that lie on the desk.
func (x *lexicon) understand(d *desk, r *reading) {
	from := len(r.words)
	raw := d.raw
	if len(raw) > maxRead {
		raw = append(raw[:maxRead/2], raw[len(raw)-maxRead/2:]...)
	}
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
		if w[0] <= '9' || len(w) < 3 || language.IsEnglish(w) {
			r.addForeign(w, -1)
			continue
		}
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
	x.find(r, from)
}

// part gives the words from number from up to but not including to, as a view.
func (r *reading) part(from, to int) reading {
	return reading{
		words: r.words[from:to], ids: r.ids[from:to], stems: r.stems[from:to], stops: r.stops[from:to],
		concepts: r.concepts[from:to], phrases: r.phrases[from:to], spans: r.spans[from:to],
	}
}

// guess gives the word or the two that w was meant to be.
func (x *lexicon) guess(d *desk, w string) guess {
	for _, g := range d.guesses {
		if g.from == w {
			return g
		}
	}
	g := guess{from: w}
	if len(d.guesses) == maxMended {
		return g
	}
	if g, ok := d.before[w]; ok {
		d.guesses = append(d.guesses, g)
		return g
	}
	to, edits, ok := x.speller().mend(w)
	if a, b, split := x.split(w); split && (!ok || edits > 1) {
		g.to, g.other, g.ok = a, b, true
	} else if ok {
		g.to, g.ok = to, true
	}
	d.guesses = append(d.guesses, g)
	if d.before != nil {
		d.before[w] = g
	}
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

// find marks the concepts from word number from on: at each the longest
// thesaurus entry.
func (x *lexicon) find(r *reading, from int) {
	n := len(r.stems) - from
	r.concepts, r.phrases, r.spans = slices.Grow(r.concepts[:from], n)[:from+n], slices.Grow(r.phrases[:from], n)[:from+n], slices.Grow(r.spans[:from], n)[:from+n]
	for i := from; i < len(r.stems); i++ {
		stem := r.stems[i]
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
