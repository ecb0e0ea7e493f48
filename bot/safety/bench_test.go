package safety

import (
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

func BenchmarkNew(b *testing.B) {
	base := knowledge.Default()
	content, plain := base.Safety(), ordinary(base)
	for b.Loop() {
		if _, err := learn(content, plain); err != nil {
			b.Fatal(err)
		}
	}
}
