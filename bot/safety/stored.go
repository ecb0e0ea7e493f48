package safety

import (
	_ "embed"
	"strings"

	"github.com/aftercarebot/aftercare/knowledge"
	"github.com/aftercarebot/aftercare/knowledge/snapshot"
)

// storedMatcher is what was learnt from the embedded content.
//
//go:generate go test -run ^TestSnapshot$ -update .
//go:embed stored.snapshot
var storedMatcher []byte

// stored is what cannot be worked out quickly from the content itself.
type stored struct {
	Words   string // one after another
	Lengths snapshot.Ints
	Stems   snapshot.Ints // of each word, how much of it is its stem; 0: the next of Others is
	Others  []string
	Counts  snapshot.Ints // how often each is used
	Cards   []string
	Bias    []float32
	Rows    snapshot.Ints // features that have a weight, as steps
	Weights []byte        // of each of them, for each class, in steps
}

// restored gives the Matcher of base from the snapshot, and nil where that is
// of another content.
func restored(base *knowledge.Base) *Matcher {
	if !snapshot.Of(storedMatcher, base.Hash()) {
		return nil
	}
	var s stored
	if err := snapshot.Decode(storedMatcher, base.Hash(), &s); err != nil {
		return nil
	}
	m, err := compiled(base.Safety())
	if err != nil {
		return nil
	}
	words := s.words()
	m.reader.know(words, s.stems(words), snapshot.Unpack[int32](s.Counts))
	m.model = s.model(m)
	return m
}

func store(m *Matcher) stored {
	known := &m.reader.known
	s := stored{Words: strings.Join(known.words, ""), Counts: snapshot.Pack(known.counts), Cards: m.model.cards, Bias: m.model.bias}
	var lengths, stems, used []int32
	for i, w := range known.words {
		lengths = append(lengths, int32(len(w)))
		stem := known.stems[i]
		if !strings.HasPrefix(w, stem) {
			s.Others = append(s.Others, stem)
			stem = ""
		}
		stems = append(stems, int32(len(stem)))
	}
	k := len(s.Bias)
	for row := range buckets {
		own := m.model.weights[row*k : (row+1)*k]
		packed := make([]byte, k)
		any := false
		for c, w := range own {
			packed[c] = byte(w)
			any = any || packed[c] != 0
		}
		if any {
			used = append(used, int32(row))
			s.Weights = append(s.Weights, packed...)
		}
	}
	s.Lengths, s.Stems, s.Rows = snapshot.Pack(lengths), snapshot.Pack(stems), snapshot.PackSteps(used)
	return s
}

func (s *stored) words() []string {
	lengths := snapshot.Unpack[int32](s.Lengths)
	out := make([]string, len(lengths))
	at := int32(0)
	for i, n := range lengths {
		out[i] = s.Words[at : at+n]
		at += n
	}
	return out
}

func (s *stored) stems(words []string) []string {
	out, others := make([]string, len(words)), s.Others
	for i, n := range snapshot.Unpack[int32](s.Stems) {
		if n == 0 {
			out[i], others = others[0], others[1:]
			continue
		}
		out[i] = words[i][:n]
	}
	return out
}

func (s *stored) model(matcher *Matcher) *model {
	k := len(s.Bias)
	m := &model{matcher: matcher, cards: s.Cards, bias: s.Bias, weights: make([]int8, buckets*k)}
	for i, row := range snapshot.UnpackSteps[int32](s.Rows) {
		for c, w := range s.Weights[i*k : (i+1)*k] {
			m.weights[int(row)*k+c] = int8(w)
		}
	}
	return m
}
