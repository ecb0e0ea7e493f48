package index

import (
	_ "embed"
	"sync"
	"sync/atomic"

	"github.com/aftercarebot/aftercare/knowledge"
	"github.com/aftercarebot/aftercare/knowledge/snapshot"
)

// storedIndex is what was learnt from the embedded content. Reading it takes a
// hundredth of the time that training takes.
//
//go:generate go test -run ^TestSnapshot$ -update .
//go:embed stored.snapshot
var storedIndex []byte

// storedBulk holds the larger part of it, which is used where it is unpacked.
//
//go:embed bulk.snapshot
var storedBulk []byte

// bulk is what takes the most room, as the engine has it.
type bulk struct {
	Step, Weight []byte // of the linear model
	TextWords    []byte
}

// stored is what cannot be worked out quickly from the content itself, and
// what must be worked out from it.
type stored struct {
	Words, Stems snapshot.Texts
	Findable     int           // words beyond are typos, which no question is read as
	Stem, Count  snapshot.Ints // of each word
	Concepts     []string
	PhraseStem   snapshot.Ints // of each phrase, its first
	PhraseRest   snapshot.Ints // of each phrase, how many stems follow
	PhraseNames  snapshot.Ints // of each phrase, the concept
	Rest         snapshot.Ints
	Ambiguous    []bool

	Bigrams snapshot.Ints // keys, as steps
	Row     snapshot.Ints // of each feature, how many weights
	Bias    []float32

	Classes     []string      // names
	ClassSizes  snapshot.Ints // of each class, how many phrasings and texts
	TextSizes   snapshot.Ints // of each phrasing and text, how many bytes
	Postings    packedLists   // of each token, the texts that hold it, as steps
	TextBigrams snapshot.Ints
	NgramNorm   []float32
	NgramIDF    snapshot.Ints // of each character n-gram, as an index into NgramIDFs
	NgramIDFs   []float32     // the different ones

	Uses   packedLists // of each stem, its classes as steps
	Counts snapshot.Ints
	Norms  []float64
	Length float64

	bulk bulk // kept by itself
}

// packedLists are rows with the sizes in place of the starts.
type packedLists struct{ Sizes, Items snapshot.Ints }

// restore gives the index of base from the snapshots, and nil where they are
// of another content.
func restore(base *knowledge.Base) *Index {
	if !snapshot.Of(storedIndex, base.Hash()) {
		return nil
	}
	s := readStored()
	if s == nil {
		return nil
	}
	return &Index{engine: s.engine(base)}
}

// prefetched is where Prepare leaves what it reads.
var prefetched atomic.Pointer[chan *stored]

// Prepare begins to read what was learnt of the embedded content, while the
// caller does something else. The next New waits for it, and has less to do,
// unless its content is quite another one.
func Prepare() {
	read := make(chan *stored, 1)
	go func() { read <- unpackStored() }()
	prefetched.Store(&read)
}

// readStored gives what the snapshots hold, and nil where they cannot be read.
func readStored() *stored {
	if read := prefetched.Swap(nil); read != nil {
		return <-*read
	}
	return unpackStored()
}

func unpackStored() *stored {
	s, content := &stored{}, snapshot.Content(storedIndex)
	var wrong error
	var beside sync.WaitGroup
	beside.Go(func() { wrong = snapshot.Decode(storedBulk, content, &s.bulk) })
	err := snapshot.Decode(storedIndex, content, s)
	beside.Wait()
	if err != nil || wrong != nil {
		return nil
	}
	return s
}

// engine gives what was stored, with base, of which it was learnt. It is the
// reverse of store in store_test.go: only go generate writes snapshots.
func (s *stored) engine(base *knowledge.Base) *engine {
	e := &engine{base: base, classes: classesOf(base)}
	of, held := e.labels(), s.Postings.lists()
	var beside sync.WaitGroup
	beside.Go(func() {
		e.linear = s.linear(len(e.classes))
		e.bleve = s.postings().candidates(e)
		e.terms = newTerms(held, of, len(e.classes), true, e.isPassage)
	})
	e.lexicon = s.lexicon()
	e.lexicon.numberNgrams(int(s.NgramIDF.Length))
	e.nearest = s.nearest(held, of, len(e.classes))
	beside.Wait()
	e.resolveConcepts()
	return e
}

func (s *stored) lexicon() *lexicon {
	x := &lexicon{Concepts: s.Concepts, Rest: snapshot.Unpack[int32](s.Rest), Ambiguous: s.Ambiguous}
	words, stems := stringTableIn(&s.Words), stringTableIn(&s.Stems)
	x.Words, x.Stems = dictionaryOf(words, s.Findable), dictionaryOf(stems, stems.len())
	stem, count := s.Stem.Cursor(), s.Count.Cursor()
	x.Known = make([]word, words.len())
	for i := range x.Known {
		x.Known[i] = word{Stem: int32(stem.Next()), Count: int32(count.Next())}
	}
	for w := range stopWords {
		if id, ok := x.Words.find(w); ok {
			x.Known[id].Stop = true
		}
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
	x.derive()
	return x
}

func stringTableIn(t *snapshot.Texts) stringTable { return stringTable{t.Text, t.Ends()} }

func (s *stored) linear(classes int) *linear {
	return &linear{Classes: classes, Bigrams: sortedKeysOf(snapshot.UnpackSteps[uint32](s.Bigrams)), Bias: s.Bias,
		Start: snapshot.UnpackStarts[int32](s.Row), Step: s.bulk.Step, Weight: s.bulk.Weight}
}

func (s *stored) nearest(postings rows[int32], of []int32, classes int) *nearest {
	n := nearestByWords(labelledTexts{Class: of, Words: s.textWords(), Bigrams: snapshot.Unpack[uint16](s.TextBigrams)}, postings, classes)
	n.Postings = postings
	n.NgramNorm, n.NgramIDF = s.NgramNorm, make([]float32, s.NgramIDF.Length)
	at := s.NgramIDF.Cursor()
	for i := range n.NgramIDF {
		n.NgramIDF[i] = s.NgramIDFs[at.Next()]
	}
	return n
}

func (s *stored) postings() *postings {
	return &postings{Uses: s.Uses.lists(), Counts: snapshot.Unpack[int32](s.Counts), Norms: s.Norms, Length: s.Length}
}

func (s *stored) textWords() packed {
	return packed{rows[byte]{Start: snapshot.UnpackStarts[int32](s.TextSizes), Items: s.bulk.TextWords}}
}

// lists unpacks lists that were packed as steps.
func (l *packedLists) lists() rows[int32] {
	r := rows[int32]{Start: snapshot.UnpackStarts[int32](l.Sizes), Items: snapshot.Unpack[int32](l.Items)}
	for i := range int32(len(r.Start) - 1) {
		last := int32(0)
		list := r.at(i)
		for k := range list {
			last += list[k]
			list[k] = last
		}
	}
	return r
}
