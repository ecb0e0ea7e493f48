package main

import (
	"strings"
	"sync/atomic"

	"github.com/aftercarebot/aftercare/knowledge"
	"github.com/aftercarebot/aftercare/knowledge/language"
)

// vocabulary is the words of the content that serves now. The journal keeps
// them though they are no common English words, or have a capital. Safe for
// concurrent use.
type vocabulary struct {
	words atomic.Pointer[map[string]bool]
}

func newVocabulary(base *knowledge.Base) *vocabulary {
	v := &vocabulary{}
	v.learn(base)
	return v
}

// knows reports whether a word, in lower case, is the content's.
func (v *vocabulary) knows(word string) bool { return (*v.words.Load())[word] }

// learn exchanges the words for those of another version. Phrasings do not
// count: they are people's own words, and some of them are names.
func (v *vocabulary) learn(base *knowledge.Base) {
	words := map[string]bool{}
	add := func(texts ...string) {
		for _, text := range texts {
			for _, w := range language.Words(language.Normalise(text)) {
				words[strings.ToLower(w)] = true
			}
		}
	}
	for _, p := range base.Passages() {
		add(p.Title, p.Text)
	}
	for _, t := range base.Topics() {
		add(t.Name)
		add(t.Words...)
	}
	for _, c := range base.Thesaurus() {
		add(c.Words...)
	}
	add(base.Wording().About)
	v.words.Store(&words)
}
