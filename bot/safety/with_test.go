package safety

import (
	"fmt"
	"slices"
	"testing"

	"github.com/aftercarebot/aftercare/knowledge"
	"github.com/aftercarebot/aftercare/knowledge/language"
)

// TestWith lays the words of a few messages, and of so many that the tables
// grow, over the built-in Matcher: all must be as if they had been there from
// the first, and the built-in one as before.
func TestWith(t *testing.T) {
	base := knowledge.Default()
	shared := builtIn()
	if shared == nil {
		t.Fatal("the snapshot is of another content: run go generate ./...")
	}
	var beginning string // of words that begin a phrase
	for _, p := range shared.analyser.phrases {
		if w := p.words[0]; w.Kind == knowledge.Beginning {
			beginning = w.Form
		}
	}
	for _, n := range []int{0, 3, 3000} {
		var messages []string
		for i := range n {
			messages = append(messages, fmt.Sprintf("where is the quill%[1]sworth for my swollen lip and %[2]s%[1]sworth", letters(i), beginning))
		}
		m := shared.with(base.Safety().Signs, messages)

		anew, err := compile(base.Safety())
		if err != nil {
			t.Fatal(err)
		}
		c := newWordCounts(&shared.analyser.known)
		for _, message := range messages {
			c.add(message, 1)
		}
		if got, want := len(c.words), 2*n; got != want {
			t.Fatalf("got %d new words, want %d", got, want)
		}
		var words []string
		for i := range shared.analyser.known.ends {
			words = append(words, shared.analyser.word(int32(i)))
		}
		words = append(words, c.words...)
		anew.analyser.setVocabulary(words, c.addTo(shared.analyser.counts()))
		anew.model = newModel(anew, shared.model.cards, shared.model.bias, shared.model.weights)

		if n > 0 && len(m.analyser.own.candidates) == 0 {
			t.Errorf("%d messages: no word of theirs begins a phrase", n)
		}
		for _, w := range words {
			if got, want := m.analyser.findHash(hashWord(w)), anew.analyser.known.find(w); got != want {
				t.Fatalf("%d messages: %q: got id %d, want %d", n, w, got, want)
			}
			typo := w[:len(w)/2] + "x" + w[len(w)/2:]
			if got, want := m.analyser.corrector().correct(typo), anew.analyser.corrector().correct(typo); got != want {
				t.Fatalf("%d messages: %q: got corrected to %d, want %d", n, typo, got, want)
			}
		}
		for _, text := range slices.Concat(messages[:min(n, 20)], lines(t, "testdata/positive.txt")) {
			text = language.Normalise(text)
			if got, want := fmt.Sprint(m.Match(text)), fmt.Sprint(anew.Match(text)); got != want {
				t.Errorf("%d messages: %q: got %s, want %s", n, text, got, want)
			}
		}
		if !slices.Equal(slices.Concat(m.model.wordSums, m.model.ownSums), anew.model.wordSums) {
			t.Errorf("%d messages: the precomputed sums differ", n)
		}
	}
	if shared.analyser.findHash(hashWord("quillaaaworth")) >= 0 || !slices.Equal(shared.analyser.counts(), readBuiltIn().analyser.counts()) {
		t.Error("the built-in Matcher has changed")
	}
}

// letters spells a number.
func letters(n int) string {
	return string([]byte{byte('a' + n/676%26), byte('a' + n/26%26), byte('a' + n%26)})
}
