package index

import (
	_ "embed"
	"slices"
	"sync"

	"github.com/aftercarebot/aftercare/knowledge"
	"github.com/aftercarebot/aftercare/knowledge/snapshot"
)

// storedIndex is what was learnt from the embedded content. Reading it takes a
// hundredth of the time that learning takes.
//
//go:generate go test -run ^TestSnapshot$ -update .
//go:embed stored.snapshot
var storedIndex []byte

// stored is what cannot be worked out quickly from the content itself.
type stored struct {
	Words, Stems snapshot.Texts
	Findable     int           // words beyond are slips, which no question is read as
	Stem, Count  snapshot.Ints // of each word
	Concepts     []string
	PhraseStem   snapshot.Ints // of each phrase, its first
	PhraseRest   snapshot.Ints // of each phrase, how many stems follow
	PhraseNames  snapshot.Ints // of each phrase, the concept
	Rest         snapshot.Ints
	Loose        []bool

	Pairs  snapshot.Ints // keys, as steps
	Row    snapshot.Ints // of each feature, how many weights
	Class  snapshot.Ints // of each weight of a row that is not full, as steps within the row
	Weight []byte
	Bias   []float32

	Classes      []string      // names
	Lessons      snapshot.Ints // of each class
	LessonWords  packedLists   // -1 as 0, and so on
	LessonTokens packedLists   // as steps within a lesson
	LessonPairs  snapshot.Ints
	LessonLength []float32
	GramIDF      snapshot.Ints // of each run of characters, as an index into GramIDFs
	GramIDFs     []float32     // the different ones

	Uses   packedLists // of each stem, its classes as steps
	Counts snapshot.Ints
	Norms  []float64
	Length float64
}

// packedLists are rows with the sizes in place of the starts.
type packedLists struct{ Sizes, Items snapshot.Ints }

// restored gives the index of base from the snapshot, and nil where that is of
// another content.
func restored(base *knowledge.Base) *Index {
	if !snapshot.Of(storedIndex, base.Hash()) {
		return nil
	}
	var s stored
	if err := snapshot.Decode(storedIndex, base.Hash(), &s); err != nil {
		return nil
	}
	return &Index{s.engine(base)}
}

// store is the reverse of engine, for an engine with a linear model.
func store(e *engine, p *postings) stored {
	x := e.lexicon
	s := stored{Words: snapshot.PackTexts(x.Words.Words.list()), Stems: snapshot.PackTexts(x.Stems.Words.list()), Concepts: x.Concepts, Rest: snapshot.Pack(x.Rest), Loose: x.Loose}
	for _, slot := range x.Words.Slots {
		s.Findable = max(s.Findable, int(slot))
	}
	var stems, counts []int32
	for _, w := range x.Known {
		stems, counts = append(stems, w.Stem), append(counts, w.Count)
	}
	s.Stem, s.Count = snapshot.Pack(stems), snapshot.Pack(counts)
	first, rest, names := make([]int32, len(x.Loose)), make([]int32, len(x.Loose)), make([]int32, len(x.Loose))
	for stem := range int32(len(x.Phrases.Start) - 1) {
		for _, q := range x.Phrases.at(stem) {
			first[q.ID], rest[q.ID], names[q.ID] = stem, q.To-q.From, q.Concept
		}
	}
	s.PhraseStem, s.PhraseRest, s.PhraseNames = snapshot.Pack(first), snapshot.Pack(rest), snapshot.Pack(names)

	m := e.linear
	weights := rows[uint16]{Start: m.Start}
	sizes := weights.sizes()
	s.Pairs, s.Row, s.Bias = snapshot.PackSteps(m.Pairs.keys()), snapshot.Pack(sizes), m.Bias
	var class []uint16
	for row := range sizes {
		if from, to := m.Start[row], m.Start[row+1]; !m.full(from, to) {
			class = append(class, steps(m.Class[from:to])...)
		}
	}
	s.Class = snapshot.Pack(class)
	for _, w := range m.Weight {
		s.Weight = append(s.Weight, byte(w))
	}

	var lessons, words, tokens []int32
	for c := range e.classes {
		lessons = append(lessons, e.nearest.First[c+1]-e.nearest.First[c])
	}
	s.Classes, s.Lessons = e.names(), snapshot.Pack(lessons)
	for _, id := range e.nearest.Words.Items {
		words = append(words, id+1)
	}
	for i := range e.nearest.Class {
		tokens = append(tokens, steps(e.nearest.Tokens.at(int32(i)))...)
	}
	s.LessonWords = packedLists{snapshot.Pack(e.nearest.Words.sizes()), snapshot.Pack(words)}
	s.LessonTokens = packedLists{snapshot.Pack(e.nearest.Tokens.sizes()), snapshot.Pack(tokens)}
	s.LessonPairs, s.LessonLength = snapshot.Pack(e.nearest.Pairs), e.nearest.Length
	var idf []int32
	for _, v := range e.nearest.GramIDF {
		at := slices.Index(s.GramIDFs, v)
		if at < 0 {
			at = len(s.GramIDFs)
			s.GramIDFs = append(s.GramIDFs, v)
		}
		idf = append(idf, int32(at))
	}
	s.GramIDF = snapshot.Pack(idf)

	var classes []int32
	counts = nil
	for stem := range int32(len(p.Uses.Start) - 1) {
		var own []int32
		for _, u := range p.Uses.at(stem) {
			own, counts = append(own, u.Class), append(counts, u.Count)
		}
		classes = append(classes, steps(own)...)
	}
	s.Uses = packedLists{snapshot.Pack(p.Uses.sizes()), snapshot.Pack(classes)}
	s.Counts, s.Norms, s.Length = snapshot.Pack(counts), p.Norms, p.Length
	return s
}

// engine gives what was stored, with base, of which it was learnt.
func (s *stored) engine(base *knowledge.Base) *engine {
	e := &engine{base: base, classes: classesOf(base), lexicon: s.lexicon()}
	var all sync.WaitGroup
	all.Go(func() { e.linear = s.linear(len(e.classes)) })
	e.lexicon.cutGrams(int(s.GramIDF.Length))
	of := e.owners()
	l := lessons{Class: of, Pairs: snapshot.Unpack[uint16](s.LessonPairs)}
	l.Words = s.LessonWords.rows()
	for i := range l.Words.Items {
		l.Words.Items[i]--
	}
	l.Tokens = s.LessonTokens.rows()
	unstep(&l.Tokens)
	all.Go(func() { e.nearest = s.nearest(e.lexicon, l, len(e.classes)) })
	e.terms = newTerms(l.Tokens, int(e.lexicon.spaces().Grams), of, len(e.classes), true, e.isPassage)
	e.bleve = s.postings().candidates(e)
	all.Wait()
	e.refer()
	return e
}

func (s *stored) lexicon() *lexicon {
	x := &lexicon{Concepts: s.Concepts, Rest: snapshot.Unpack[int32](s.Rest), Loose: s.Loose}
	words, names := s.Words.List(), s.Stems.List()
	x.Words, x.Stems = dictionaryOf(words, s.Findable), dictionaryOf(names, len(names))
	stems, counts := snapshot.Unpack[int32](s.Stem), snapshot.Unpack[int32](s.Count)
	x.Known = make([]word, len(words))
	for i, w := range words {
		x.Known[i] = word{stems[i], counts[i], i < s.Findable && stop[w]}
	}
	first, rest, concepts := snapshot.Unpack[int32](s.PhraseStem), snapshot.Unpack[int32](s.PhraseRest), snapshot.Unpack[int32](s.PhraseNames)
	phrases := make([]pair[phrase], len(first))
	at := int32(0)
	for i := range phrases {
		phrases[i] = pair[phrase]{first[i], phrase{at, at + rest[i], concepts[i], int32(i)}}
		at += rest[i]
	}
	x.Phrases = group(x.Stems.Words.len(), phrases)
	x.ready()
	return x
}

func (s *stored) linear(classes int) *linear {
	m := &linear{Classes: classes, Pairs: numberingOf(snapshot.UnpackSteps[uint32](s.Pairs)), Bias: s.Bias}
	m.Start = rowsOf[uint16](snapshot.Unpack[int32](s.Row), nil).Start
	m.Class, m.Weight = make([]uint16, len(s.Weight)), make([]int8, len(s.Weight))
	for i, w := range s.Weight {
		m.Weight[i] = int8(w)
	}
	class := snapshot.Unpack[uint16](s.Class)
	for row := range m.Start[1:] {
		from, to := m.Start[row], m.Start[row+1]
		own := m.Class[from:to]
		if m.full(from, to) {
			for c := range own {
				own[c] = uint16(c)
			}
			continue
		}
		last := uint16(0)
		for i := range own {
			last += class[i]
			own[i] = last
		}
		class = class[len(own):]
	}
	return m
}

func (s *stored) nearest(x *lexicon, l lessons, classes int) *nearest {
	n := compareWords(x, l, classes, true)
	n.Length, n.GramIDF = s.LessonLength, make([]float32, x.GramIDs.Count)
	for i, at := range snapshot.Unpack[int32](s.GramIDF) {
		n.GramIDF[i] = s.GramIDFs[at]
	}
	return n
}

func (s *stored) postings() *postings {
	classes := s.Uses.rows()
	unstep(&classes)
	counts := snapshot.Unpack[int32](s.Counts)
	p := &postings{Norms: s.Norms, Length: s.Length, Uses: rows[occurrence]{Start: classes.Start, Items: make([]occurrence, len(counts))}}
	for i, count := range counts {
		p.Uses.Items[i] = occurrence{classes.Items[i], count}
	}
	return p
}

func (l *packedLists) rows() rows[int32] {
	return rowsOf(snapshot.Unpack[int32](l.Sizes), snapshot.Unpack[int32](l.Items))
}

// steps gives by how much each item differs from the one before.
func steps[T uint16 | int32](list []T) []T {
	out := make([]T, len(list))
	last := T(0)
	for i, v := range list {
		out[i] = v - last
		last = v
	}
	return out
}

// unstep is the reverse of steps, on every list.
func unstep(r *rows[int32]) {
	for i := range int32(len(r.Start) - 1) {
		last := int32(0)
		list := r.at(i)
		for k := range list {
			last += list[k]
			list[k] = last
		}
	}
}
