package safety

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/aftercarebot/aftercare/knowledge/language"
)

// TestUnknownWords reads more unknown words than the cache holds, several
// messages at a time and each word more than once: what is cached of a word
// must be what is made of it the first time.
func TestUnknownWords(t *testing.T) {
	m := matcher(t)
	const readers, words = 4, 6 << cacheSetBits
	word := func(i int) string {
		if i%8 == 0 { // one typo away from a known word, another one each time
			w := m.analyser.word(int32(i / 8 % len(m.analyser.known.ends)))
			return w[:len(w)/2] + "q" + w[len(w)/2:]
		}
		return strings.Map(func(c rune) rune { return 'g' + c - '0' }, fmt.Sprint(i*7919))
	}
	var wg sync.WaitGroup
	for n := range readers {
		wg.Go(func() {
			s := newScratch(len(m.analyser.symbols))
			for i := range words {
				w := word((i + n*words/readers) % words)
				m.analyser.tokenise(s, w+" "+w+" then "+w)
				for _, tok := range s.tokens {
					if m.analyser.known.findHash(hashWord(tok.text)) >= 0 {
						continue
					}
					form, stem := tok.text, language.Stem(tok.text)
					id := m.analyser.corrector().correct(tok.text)
					if id >= 0 {
						form = m.analyser.word(id)
						stem = m.analyser.known.stem(&m.analyser.known.entries[id], form)
					}
					if tok.form != form || tok.stem != stem || tok.id != id {
						t.Errorf("%q: got %q, %q, %d, want %q, %q, %d", tok.text, tok.form, tok.stem, tok.id, form, stem, id)
						return
					}
				}
			}
		})
	}
	wg.Wait()
}

// TestCapitals: a message in capitals is judged as one without.
func TestCapitals(t *testing.T) {
	m := matcher(t)
	for _, text := range []string{
		"my lips have swollen up since the cream and my throat feels tight",
		"can i swim tomorrow? my cheek isn't hot, and don't worry: no pus",
		"élan vital: my eye is s0re, it's b4d",
	} {
		small, large := m.Match(language.Normalise(text)), m.Match(language.Normalise(strings.ToUpper(text)))
		if got, want := fmt.Sprint(large), fmt.Sprint(small); got != want {
			t.Errorf("%q: got %s in capitals, want %s", text, got, want)
		}
	}
}
