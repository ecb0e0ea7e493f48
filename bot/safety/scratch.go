package safety

import "github.com/aftercarebot/aftercare/knowledge/language"

// token is one word of the message. It takes 64 bytes, what the processor
// fetches at once.
type token struct {
	*entry        // of the form
	text   string // as written
	form   string // corrected where its spelling was unknown
	stem   string // of the form

	segment   uint16 // number of the part between commas
	negated   uint16 // 1 + index of the token that negates it; 0: not negated
	list      uint16 // of scratch.candidates, which holds the entry's
	masked    bool   // part of a figure of speech
	corrected bool
}

// inflected reports whether the form is not the stem.
func (t *token) inflected() bool { return len(t.stem) != len(t.form) || t.entry.stem != inForm }

// span is a stretch of tokens, from up to but not including to.
type span struct{ from, to int }

// hit is a span that stands for a symbol.
type hit struct {
	span
	symbol int
}

// sentence is a stretch of tokens and what was found in it.
type sentence struct {
	span
	hits     span // of scratch.hits, ordered by their first token
	findings span // of scratch.findings
	question bool
	mayMatch bool // a pattern may match
	foreign  bool // the model predicts nothing of it
	has      [cues]bool
}

// scratch is the working space for one message, and holds what was found in it.
// It is reused.
type scratch struct {
	tokens    []token
	sentences []sentence
	hits      []hit
	unknown   int // tokens that the content does not know
	buffer    []string
	letters   []byte

	ends       []int         // of the segments of the sentence being read
	candidates [][]candidate // of the words known, of a content's own, and of unknown ones

	findings []finding

	spans   [][]span // by symbol, in the selected sentence
	touched []int    // symbols that have spans
	seen    bitset   // symbols in the sentence being read

	features      []feature
	tags          []tagged
	partials      []partialSums
	scores        []float64
	sums          []int32
	union         []tagged
	partialValues []int32  // of partials
	rows          []uint32 // of model.weights, to be added
	hashes        []uint64 // of the tokens
	ids           []int32  // in the vocabulary
}

func newScratch(symbols int) *scratch {
	return &scratch{spans: make([][]span, symbols), seen: newBitset(symbols)}
}

// lowercase gives a message in ASCII lower case: at once, as a word with a
// capital costs an allocation.
func (s *scratch) lowercase(text string) string {
	s.letters = language.AppendLower(s.letters[:0], text)
	if string(s.letters) == text {
		return text
	}
	return string(s.letters)
}

func (s *scratch) masked(p span) bool {
	for i := p.from; i < p.to; i++ {
		if s.tokens[i].masked {
			return true
		}
	}
	return false
}

// resized gives a slice of n items, whatever they hold.
func resized[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, n+n/2+8)
	}
	return s[:n]
}
