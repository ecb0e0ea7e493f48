package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing/fstest"

	"github.com/aftercarebot/aftercare/knowledge"
)

// text is what every engine is given of a passage.
type text struct{ id, body string }

// vocabulary is a language of its own: 20,000 made-up words, used as often as
// Zipf's law says words are.
type vocabulary struct {
	words []string
	zipf  *rand.Zipf
	rand  *rand.Rand
}

func newVocabulary() *vocabulary {
	r := rand.New(rand.NewPCG(2026, 11))
	v := &vocabulary{rand: r}
	seen := map[string]bool{}
	for len(v.words) < 20000 {
		var b strings.Builder
		for range 2 + r.IntN(2) {
			b.WriteByte("bcdfghklmnprstvw"[r.IntN(16)])
			b.WriteByte("aeiou"[r.IntN(5)])
			if r.IntN(3) == 0 {
				b.WriteByte("lnrst"[r.IntN(5)])
			}
		}
		if w := b.String(); !seen[w] {
			seen[w] = true
			v.words = append(v.words, w)
		}
	}
	v.zipf = rand.NewZipf(r, 1.07, 10, uint64(len(v.words)-1))
	return v
}

func (v *vocabulary) sentence(n int) string {
	words := make([]string, n)
	for i := range words {
		words[i] = v.words[v.zipf.Uint64()]
	}
	return strings.Join(words, " ")
}

// generated is a content of n passages of about 60 words, always the same.
func generated(n int) fstest.MapFS {
	v := newVocabulary()
	files := fstest.MapFS{}
	const perFile = 1000
	for from := 0; from < n; from += perFile {
		var b strings.Builder
		for i := from; i < min(n, from+perFile); i++ {
			fmt.Fprintf(&b, "## %s {#p%d}\n\n", v.sentence(5), i)
			for range 5 {
				b.WriteString(v.sentence(8+v.rand.IntN(7)) + ". ")
			}
			b.WriteString("\n\n")
		}
		files[fmt.Sprintf("f%04d.md", from/perFile)] = &fstest.MapFile{Data: []byte(b.String())}
	}
	return files
}

// textsOf gives what base says to a reader and what people ask: everything
// that our own index learns of passages, topics and small talk.
func textsOf(base *knowledge.Base) []text {
	var out []text
	add := func(parts ...string) {
		out = append(out, text{fmt.Sprint(len(out)), strings.Join(parts, "\n")})
	}
	for _, p := range base.Passages() {
		add(append([]string{p.Title, p.Text}, p.Phrasings...)...)
	}
	for _, t := range base.Topics() {
		add(append(append([]string{t.Name}, t.Words...), t.Phrasings...)...)
	}
	for _, s := range base.SmallTalk() {
		add(s.Phrasings...)
	}
	return out
}
