package index

import (
	"slices"
	"strings"

	"github.com/aftercarebot/aftercare/knowledge"
	"github.com/aftercarebot/aftercare/knowledge/language"
)

// engine holds everything that is learnt from one content version.
type engine struct {
	base    *knowledge.Base
	classes []class
	lexicon *lexicon
	linear  *linear
	nearest *nearest
	terms   *terms
	texts   []string  // of the readings, for explain
	differs [][]int32 // of each difference, the concepts that mean it
	topicOf []int32   // of each concept, the class of the declined topic that it names, or -1
}

// textWeight is how much a sentence of a passage counts as an example beside
// a phrasing, which says what people ask.
const textWeight = 0.5

func newEngine(base *knowledge.Base) *engine { return learn(base, classesOf(base)) }

// learn builds an engine of these classes of base.
func learn(base *knowledge.Base, classes []class) *engine {
	e := &engine{base: base, classes: classes}
	var texts []string
	for _, c := range e.classes {
		texts = append(texts, c.phrasings...)
		texts = append(texts, c.texts...)
	}
	e.lexicon = newLexicon(base, texts)
	var examples []example
	var readings []reading
	var of []int32
	for i, c := range e.classes {
		study := func(texts []string, weight float32) {
			for _, t := range texts {
				r := e.lexicon.read(language.Normalise(t))
				examples = append(examples, example{e.lexicon.features(&r), i, weight})
				readings = append(readings, r)
				of = append(of, int32(i))
				e.texts = append(e.texts, t)
			}
		}
		study(c.phrasings, 1)
		study(c.texts, textWeight)
	}
	e.lexicon.loosen(readings, func(i int) bool { return e.classes[of[i]].passage >= 0 })
	e.linear = train(examples, len(e.classes))
	e.nearest = newNearest(e.lexicon, readings, of)
	e.terms = newTerms(readings, of, len(e.classes), func(c int32) bool { return e.classes[c].passage >= 0 })
	for _, d := range base.Differences() {
		var concepts []int32
		for i, name := range e.lexicon.concepts {
			if name == differenceConcept+d.About || slices.Contains(d.Words, name) {
				concepts = append(concepts, int32(i))
			}
		}
		e.differs = append(e.differs, concepts)
	}
	byID := map[string]int32{}
	for i, c := range e.classes {
		if c.topic != nil {
			byID[topicConcept+c.topic.ID] = int32(i)
		}
	}
	for _, name := range e.lexicon.concepts {
		if i, ok := byID[name]; ok {
			e.topicOf = append(e.topicOf, i)
		} else {
			e.topicOf = append(e.topicOf, -1)
		}
	}
	return e
}

// part is a piece of a message and its weight in the whole.
type part struct {
	text   string
	weight float32
}

// parts cuts a long message into sentences, as its question is often only in
// one of them; the whole is always the first part. Weights sum to 1.
func parts(text string) []part {
	whole := part{text, 1}
	sentences := language.Sentences(text)
	if len(sentences) < 2 || strings.Count(text, " ") < 12 {
		return []part{whole}
	}
	const most = 12 // sentences looked at: the first and the last of them
	if len(sentences) > most {
		sentences = append(sentences[:most/2:most/2], sentences[len(sentences)-most/2:]...)
	}
	out := []part{whole}
	sum := whole.weight
	for i, s := range sentences {
		w := float32(0.3)
		if asks(s) {
			w = 2
		}
		if i == len(sentences)-1 {
			w += 0.3
		}
		out = append(out, part{s, w})
		sum += w
	}
	for i := range out {
		out[i].weight /= sum
	}
	return out
}

// asks reports whether a sentence looks like a question.
func asks(s string) bool {
	if strings.HasSuffix(s, "?") {
		return true
	}
	first, _, _ := strings.Cut(strings.ToLower(s), " ")
	switch first {
	case "can", "could", "may", "should", "shall", "will", "would", "is", "are", "am", "do", "does", "did", "how", "what", "when", "why", "which", "who", "where", "has", "have", "must", "what's", "how's", "any", "anyone":
		return true
	}
	return false
}

// scores is what the signals say of every class for one message.
type scores struct {
	chance  []float32 // of the linear model
	like    []likeness
	reading reading // of the whole message
	asked   reading // of the part that weighs most
	content int     // words of the message that are no stop words
	account account
	// How foreign to the passages the words of the part that weighs most are.
	strangest, strange float32
	kinds              map[knowledge.TopicKind]bool
	named              []bool
}

func (e *engine) score(text string) scores {
	var s scores
	s.chance = make([]float32, len(e.classes))
	heaviest := float32(-1)
	for i, p := range parts(text) {
		r := e.lexicon.read(p.text)
		if i == 0 {
			s.reading = r
		}
		if p.weight > heaviest {
			heaviest, s.asked = p.weight, r
		}
		f := e.lexicon.features(&r)
		axpy(s.chance, e.linear.chances(f), p.weight)
		like := e.nearest.compare(e.lexicon, &r, len(e.classes))
		if i == 0 {
			s.like = like
			for c := range like {
				like[c].scale(p.weight)
			}
			continue
		}
		for c := range like {
			s.like[c].add(like[c], p.weight)
		}
	}
	for _, w := range s.reading.words {
		if !stop[w] {
			s.content++
		}
	}
	s.account = e.terms.account(&s.reading, len(e.classes))
	s.strangest, s.strange = e.terms.strangeness(&s.asked)
	s.kinds, s.named = e.named(&s.reading)
	return s
}

func (l *likeness) scale(w float32) {
	l.words *= w
	l.grams *= w
	l.pairs *= w
	l.several *= w
}

func (l *likeness) add(m likeness, w float32) {
	l.words += w * m.words
	l.grams += w * m.grams
	l.pairs += w * m.pairs
	l.several += w * m.several
	if l.phrasing < 0 {
		l.phrasing = m.phrasing
	}
}

// phrasing gives the text of a reading.
func (e *engine) phrasing(i int32) string { return e.texts[i] }
