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
	LessonSizes  snapshot.Ints // of each lesson, how many bytes
	LessonWords  []byte
	LessonTokens packedLists // as steps within a lesson
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
	return &Index{engine: s.engine(base)}
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
	s.Pairs, s.Row, s.Bias = snapshot.PackSteps(m.Pairs.Keys), snapshot.Pack(sizes), m.Bias
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

	var lessons, tokens []int32
	for c := range e.classes {
		lessons = append(lessons, e.nearest.First[c+1]-e.nearest.First[c])
	}
	s.Classes, s.Lessons = e.names(), snapshot.Pack(lessons)
	lessonTokens := invert(e.nearest.Postings, len(e.nearest.Class))
	for i := range e.nearest.Class {
		tokens = append(tokens, steps(lessonTokens.at(int32(i)))...)
	}
	s.LessonSizes, s.LessonWords = snapshot.Pack(e.nearest.Words.sizes()), e.nearest.Words.Items
	s.LessonTokens = packedLists{snapshot.Pack(lessonTokens.sizes()), snapshot.Pack(tokens)}
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
	l.Words = s.lessonWords()
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
	words, stems := textsIn(&s.Words), textsIn(&s.Stems)
	x.Words, x.Stems = dictionaryOf(words, s.Findable), dictionaryOf(stems, stems.len())
	stem, count := s.Stem.Cursor(), s.Count.Cursor()
	x.Known = make([]word, words.len())
	for i := range x.Known {
		x.Known[i] = word{int32(stem.Next()), int32(count.Next()), i < s.Findable && stop[words.at(int32(i))]}
	}
	first, rest, concept := s.PhraseStem.Cursor(), s.PhraseRest.Cursor(), s.PhraseNames.Cursor()
	phrases := make([]pair[phrase], s.PhraseStem.Length)
	at := int32(0)
	for i := range phrases {
		to := at + int32(rest.Next())
		phrases[i] = pair[phrase]{int32(first.Next()), phrase{at, to, int32(concept.Next()), int32(i)}}
		at = to
	}
	x.Phrases = group(stems.len(), phrases)
	x.ready()
	return x
}

func textsIn(t *snapshot.Texts) texts { return texts{t.Text, t.Ends()} }

func (s *stored) linear(classes int) *linear {
	m := &linear{Classes: classes, Pairs: rankingOf(snapshot.UnpackSteps[uint32](s.Pairs)), Bias: s.Bias, Start: snapshot.UnpackStarts[int32](s.Row)}
	m.Class, m.Weight = make([]uint16, len(s.Weight)), make([]int8, len(s.Weight))
	for i, w := range s.Weight {
		m.Weight[i] = int8(w)
	}
	step := s.Class.Cursor()
	for row := range s.Row.Length {
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
			last += uint16(step.Next())
			own[i] = last
		}
	}
	return m
}

func (s *stored) nearest(x *lexicon, l lessons, classes int) *nearest {
	n := compareWords(x, l, classes, true)
	n.Length, n.GramIDF = s.LessonLength, make([]float32, x.GramIDs.Count)
	at := s.GramIDF.Cursor()
	for i := range n.GramIDF {
		n.GramIDF[i] = s.GramIDFs[at.Next()]
	}
	return n
}

func (s *stored) postings() *postings {
	p := &postings{Norms: s.Norms, Length: s.Length, Uses: rows[occurrence]{Start: snapshot.UnpackStarts[int32](s.Uses.Sizes), Items: make([]occurrence, s.Counts.Length)}}
	step, count := s.Uses.Items.Cursor(), s.Counts.Cursor()
	for stem := range s.Uses.Sizes.Length {
		class := int32(0)
		for i := p.Uses.Start[stem]; i < p.Uses.Start[stem+1]; i++ {
			class += int32(step.Next())
			p.Uses.Items[i] = occurrence{class, int32(count.Next())}
		}
	}
	return p
}

func (s *stored) lessonWords() packed {
	return packed{rows[byte]{Start: snapshot.UnpackStarts[int32](s.LessonSizes), Items: slices.Clone(s.LessonWords)}}
}

func (l *packedLists) rows() rows[int32] {
	return rows[int32]{Start: snapshot.UnpackStarts[int32](l.Sizes), Items: snapshot.Unpack[int32](l.Items)}
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
