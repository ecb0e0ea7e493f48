package bot

import (
	"slices"
	"strings"

	"github.com/aftercarebot/aftercare/knowledge"
	"github.com/aftercarebot/aftercare/knowledge/language"
)

// talk knows small talk that the content does not name, by its very words. A
// message is small talk if it has the words of a phrasing, or nearly all of
// them and no word that is foreign to small talk. It is never asked by
// likeness, as a search is: for that a guide of a few passages has too little
// to set against it.
type talk struct {
	phrases []phrase
	with    map[string][]int // phrases that hold a word
}

type phrase struct {
	text  string
	words int // different ones
	means *knowledge.SmallTalk
}

const (
	likeness = 2.0 / 3 // of the words of message and phrasing together, so many must be in both
	talkMost = 10      // words of a message: who says more says something
)

// newTalk leaves out phrasings with a word of a title: a passage may be what
// they ask for. Where there is no small talk it gives nil.
func newTalk(all []knowledge.SmallTalk, passages []knowledge.Passage) *talk {
	if len(all) == 0 {
		return nil
	}
	titles := map[string]bool{}
	for _, p := range passages {
		for _, w := range language.Words(language.Normalise(p.Title)) {
			titles[language.Stem(w)] = !slight[w]
		}
	}
	titled := map[string]bool{} // words, each stemmed once
	ofTitle := func(w string) bool {
		is, ok := titled[w]
		if !ok {
			is = titles[language.Stem(w)]
			titled[w] = is
		}
		return is
	}
	t := &talk{with: map[string][]int{}}
	for i := range all {
		for _, p := range all[i].Phrasings {
			words := distinct(p)
			if len(words) == 0 || slices.ContainsFunc(words, ofTitle) {
				continue
			}
			for _, w := range words {
				t.with[w] = append(t.with[w], len(t.phrases))
			}
			t.phrases = append(t.phrases, phrase{p, len(words), &all[i]})
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

// meant finds the phrasing of small talk that a normalised message is like.
func (t *talk) meant(normalised string) (like phrase, ok bool) {
	if t == nil {
		return phrase{}, false
	}
	words := t.known(normalised)
	if len(words) == 0 {
		return phrase{}, false
	}
	shared := map[int]int{}
	for _, w := range words {
		for _, p := range t.with[w] {
			shared[p]++
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
		return phrase{}, false
	}
	return t.phrases[at], true
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
			case t.with[w] == nil:
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
