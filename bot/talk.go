package bot

import (
	"slices"
	"strings"
	"sync"

	"github.com/aftercarebot/aftercare/knowledge"
	"github.com/aftercarebot/aftercare/knowledge/language"
)

// talk knows small talk that the content does not name, by its very words. A
// message is small talk if it has the words of a phrasing, or nearly all of
// them and no word that is foreign to small talk. It is never asked by
// likeness, as a search is: for that a guide of a few passages has too little
// to set against it.
type talk struct {
	*sayings
	kinds []knowledge.SmallTalk // as the guide replies to them
	out   []bool                // of each phrase: it has a word of a title, so a passage may be what they ask for
}

// sayings are the phrasings of small talk that fits any guide.
type sayings struct {
	phrases []phrase
	with    map[string][]int // phrases that hold a word
	stems   map[string][]int // phrases that hold a word of this stem
}

type phrase struct {
	text  string
	words int // different ones
	kind  int
}

const (
	likeness = 2.0 / 3 // of the words of message and phrasing together, so many must be in both
	talkMost = 10      // words of a message: who says more says something
)

// common is made once, for all guides.
var common = sync.OnceValue(func() *sayings {
	s := &sayings{with: map[string][]int{}, stems: map[string][]int{}}
	for kind, k := range knowledge.CommonTalk() {
		for _, p := range k.Phrasings {
			words := distinct(p)
			if len(words) == 0 {
				continue
			}
			for _, w := range words {
				s.with[w] = append(s.with[w], len(s.phrases))
			}
			s.phrases = append(s.phrases, phrase{p, len(words), kind})
		}
	}
	for w, phrases := range s.with {
		stem := language.Stem(w)
		s.stems[stem] = append(s.stems[stem], phrases...)
	}
	return s
})

// newTalk gives nil where the content borrows no small talk.
func newTalk(base *knowledge.Base) *talk {
	kinds := base.CommonTalk()
	if len(kinds) == 0 {
		return nil
	}
	t := &talk{common(), kinds, nil}
	t.out = make([]bool, len(t.phrases))
	for _, p := range base.Passages() {
		for _, w := range language.Words(language.Normalise(p.Title)) {
			if slight[w] {
				continue
			}
			for _, i := range t.stems[language.Stem(w)] {
				t.out[i] = true
			}
		}
	}
	return t
}

// slight are the words of titles that say nothing of what a passage is about.
var slight = func() map[string]bool {
	m := map[string]bool{}
	for _, w := range []string{"a", "am", "an", "and", "are", "at", "be", "can", "do", "does", "for", "from", "have", "how", "i", "if", "in", "is",
		"it", "me", "my", "not", "of", "on", "or", "s", "should", "that", "the", "this", "to", "we", "what", "when", "where", "which", "who", "why", "will", "with", "you", "your"} {
		m[w] = true
	}
	return m
}()

// meant finds the small talk that a normalised message is like, and the
// phrasing that tells.
func (t *talk) meant(normalised string) (kind *knowledge.SmallTalk, phrasing string, ok bool) {
	if t == nil {
		return nil, "", false
	}
	words := t.known(normalised)
	if len(words) == 0 {
		return nil, "", false
	}
	shared := map[int]int{}
	for _, w := range words {
		for _, p := range t.with[w] {
			if !t.out[p] {
				shared[p]++
			}
		}
	}
	best, at := 0.0, -1
	for p, n := range shared {
		both := float64(n) / float64(len(words)+t.phrases[p].words-n)
		if both > best || both == best && p < at {
			best, at = both, p
		}
	}
	if best < likeness {
		return nil, "", false
	}
	like := &t.phrases[at]
	return &t.kinds[like.kind], like.text, true
}

// knows reports whether a phrasing has the word.
func (t *talk) knows(w string) bool {
	return slices.ContainsFunc(t.with[w], func(p int) bool { return !t.out[p] })
}

// known gives the different words of a message that is made of the words of
// phrasings alone. Of any other, and of one that says too much, it gives none,
// and reads no further than it must to see that.
func (t *talk) known(text string) []string {
	var words, some []string
	for run := range strings.SplitSeq(text, " ") { // no word goes on behind a space
		some = language.AppendWords(some[:0], run)
		for _, w := range some {
			switch {
			case !t.knows(w):
				return nil
			case slices.Contains(words, w):
			case len(words) == talkMost:
				return nil
			default:
				words = append(words, w)
			}
		}
	}
	return words
}

func distinct(text string) []string {
	words := language.Words(language.Normalise(text))
	slices.Sort(words)
	return slices.Compact(words)
}
