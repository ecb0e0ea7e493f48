package index

import (
	"slices"

	"github.com/aftercarebot/aftercare/knowledge/language"
)

// query is a message as the index understands it, or while training a phrasing.
type query struct {
	words       []string // surface forms after joining and spelling correction
	ids         []int32  // of the words, -1 for one that the content does not hold as it is
	stems       []int32  // of the words, -1 for one that the content does not know
	stops       []bool   // whether they are stop words
	concepts    []int32  // at each word the concept that begins there, or -1
	phrases     []int32  // at each word the phrase that names the concept, or -1
	spans       []int    // how many words that phrase covers
	corrections []correction
}

// correction is a word that was taken for a typo of another.
type correction struct{ from, to string }

// maxCorrections bounds the words of one message that are looked up for correction.
const maxCorrections = 12

// maxSentenceWords bounds the words of one sentence, or of a message without any, that
// are looked at: as many of its beginning as of its end.
const maxSentenceWords = 84

// suggestion is what the corrector suggests for a word.
type suggestion struct {
	from, to string
	other    string // second word, where it was two written as one
	ok       bool
}

// workspace is the scratch space in which messages are analysed.
type workspace struct {
	raw         []string
	suggestions []suggestion          // of this message
	whole       []suggestion          // of the message that this one is a clause of
	cache       map[string]suggestion // of all messages, only kept while training
}

func (q *query) reset() {
	clear(q.words)
	clear(q.corrections)
	q.words, q.ids, q.stems, q.stops, q.corrections = q.words[:0], q.ids[:0], q.stems[:0], q.stops[:0], q.corrections[:0]
}

// analyse makes a query of a normalised message.
func (x *lexicon) analyse(ws *workspace, q *query, text string) {
	q.reset()
	x.analyseNext(ws, q, text)
}

// analyseNext adds a further part of a message to a query.
func (x *lexicon) analyseNext(ws *workspace, q *query, text string) {
	ws.raw = language.AppendWords(ws.raw[:0], text)
	x.analyseWords(ws, q)
}

// analyseWords adds the words of the workspace to a query.
func (x *lexicon) analyseWords(ws *workspace, q *query) {
	from := len(q.words)
	raw := ws.raw
	if len(raw) > maxSentenceWords {
		raw = append(raw[:maxSentenceWords/2], raw[len(raw)-maxSentenceWords/2:]...)
	}
	for i := 0; i < len(raw); i++ {
		w := raw[i]
		if i+1 < len(raw) {
			if id, ok := x.joins(w, raw[i+1]); ok {
				q.add(x, id)
				i++
				continue
			}
		}
		if id, ok := x.Words.find(w); ok {
			q.add(x, id)
			continue
		}
		if stem, ok := x.Stems.find(language.Stem(w)); ok {
			q.addUnknown(w, stem)
			continue
		}
		if w[0] <= '9' || len(w) < 3 || language.IsEnglish(w) {
			q.addUnknown(w, -1)
			continue
		}
		g := x.suggest(ws, w)
		switch {
		case !g.ok:
			q.addUnknown(w, -1)
			continue
		case g.other != "":
			q.corrections = append(q.corrections, correction{w, g.to + " " + g.other})
			id, _ := x.Words.find(g.to)
			q.add(x, id)
			id, _ = x.Words.find(g.other)
			q.add(x, id)
		default:
			q.corrections = append(q.corrections, correction{w, g.to})
			id, _ := x.Words.find(g.to)
			q.add(x, id)
		}
	}
	x.findConcepts(q, from)
}

// part gives the words from the one at from up to but not including to, as a view.
func (q *query) part(from, to int) query {
	return query{
		words: q.words[from:to], ids: q.ids[from:to], stems: q.stems[from:to], stops: q.stops[from:to],
		concepts: q.concepts[from:to], phrases: q.phrases[from:to], spans: q.spans[from:to],
	}
}

// suggest gives the word or the two that w was meant to be, if any.
func (x *lexicon) suggest(ws *workspace, w string) suggestion {
	for _, g := range ws.suggestions {
		if g.from == w {
			return g
		}
	}
	g := suggestion{from: w}
	if len(ws.suggestions) == maxCorrections {
		return g
	}
	for _, g := range ws.whole {
		if g.from == w {
			ws.suggestions = append(ws.suggestions, g)
			return g
		}
	}
	if g, ok := ws.cache[w]; ok {
		ws.suggestions = append(ws.suggestions, g)
		return g
	}
	to, edits, ok := x.corrector().correct(w)
	if a, b, split := x.split(w); split && (!ok || edits > 1) {
		g.to, g.other, g.ok = a, b, true
	} else if ok {
		g.to, g.ok = to, true
	}
	ws.suggestions = append(ws.suggestions, g)
	if ws.cache != nil {
		ws.cache[w] = g
	}
	return g
}

func (q *query) add(x *lexicon, id int32) {
	known := &x.Known[id]
	q.words = append(q.words, x.Words.Words.at(id))
	q.ids = append(q.ids, id)
	q.stems = append(q.stems, known.Stem)
	q.stops = append(q.stops, known.Stop)
}

// addUnknown adds a word that the content does not hold, but perhaps in another form.
func (q *query) addUnknown(w string, stem int32) {
	q.words = append(q.words, w)
	q.ids = append(q.ids, -1)
	q.stems = append(q.stems, stem)
	q.stops = append(q.stops, stopWords[w])
}

// split parts a word that is two words of the content written as one.
func (x *lexicon) split(w string) (a, b string, ok bool) {
	best := int32(1)
	for i := 2; i <= len(w)-2; i++ {
		if i < 3 && !stopWords[w[:i]] || i > len(w)-3 && !stopWords[w[i:]] && w[i:] != "up" {
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

// findConcepts marks the concepts from the word at from on: at each the longest
// thesaurus entry.
func (x *lexicon) findConcepts(q *query, from int) {
	n := len(q.stems) - from
	q.concepts, q.phrases, q.spans = slices.Grow(q.concepts[:from], n)[:from+n], slices.Grow(q.phrases[:from], n)[:from+n], slices.Grow(q.spans[:from], n)[:from+n]
	for i := from; i < len(q.stems); i++ {
		stem := q.stems[i]
		q.concepts[i], q.phrases[i], q.spans[i] = -1, -1, 0
		if stem < 0 {
			continue
		}
		for _, p := range x.Phrases.at(stem) {
			rest := x.Rest[p.From:p.To]
			n := 1 + len(rest)
			if n > q.spans[i] && i+n <= len(q.stems) && equal(q.stems[i+1:i+n], rest) {
				q.concepts[i], q.phrases[i], q.spans[i] = p.Concept, p.ID, n
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
