package safety

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/aftercarebot/aftercare/knowledge"
	"github.com/aftercarebot/aftercare/knowledge/language"
)

func BenchmarkMatch(b *testing.B) {
	m := matcher(b)
	for name, text := range map[string]string{
		"usual":   "My cheek feels a bit tight and dry today, which cream may I use after the session?",
		"urgent":  "My lips have swollen up since the cream and my throat feels tight",
		"longest": strings.Repeat("my eye is swollen and hot and I can not open it ", 90)[:4096],
	} {
		text = language.Normalise(text)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				m.Match(text)
			}
		})
	}
}

// BenchmarkLong reads messages of 10, 100 and 800 words, put together from what people ask.
func BenchmarkLong(b *testing.B) {
	m := matcher(b)
	r := rand.New(rand.NewPCG(1, 1))
	asked := ordinaryMessages(knowledge.Default())
	for _, n := range []int{10, 100, 800} {
		var texts []string
		for range 32 {
			var words []string
			for len(words) < n {
				words = append(words, strings.Fields(asked[r.IntN(len(asked))])...)
			}
			texts = append(texts, language.Normalise(strings.Join(words[:n], " ")))
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				m.Match(texts[i%len(texts)])
			}
		})
	}
}

func BenchmarkNew(b *testing.B) {
	base := knowledge.Default()
	content, ordinary := base.Safety(), ordinaryMessages(base)
	for b.Loop() {
		if _, err := train(content, ordinary); err != nil {
			b.Fatal(err)
		}
	}
}
