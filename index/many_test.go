package index

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/aftercarebot/aftercare/knowledge"
	"github.com/aftercarebot/aftercare/knowledge/language"
)

// generated is a content of n passages with no phrasings, always the same:
// five sentences each, of words as often used as Zipf says.
func generated(t testing.TB, n int) *knowledge.Base {
	t.Helper()
	r := rand.New(rand.NewPCG(7, 7))
	var words []string
	for _, a := range []string{"ba", "ce", "di", "fo", "gu", "ha", "le", "mi", "no", "pu", "ra", "se", "ti", "vo", "wu", "za"} {
		for _, b := range []string{"rk", "nd", "lm", "st", "gr", "p", "t", "v"} {
			for _, c := range []string{"a", "el", "in", "or", "um", "y", "os", "ane", "ip", "ut"} {
				words = append(words, a+b+c)
			}
		}
	}
	r.Shuffle(len(words), func(i, j int) { words[i], words[j] = words[j], words[i] })
	zipf := rand.NewZipf(r, 1.1, 8, uint64(len(words)-1))
	sentence := func(n int) string {
		var b strings.Builder
		for i := range n {
			if i > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(words[zipf.Uint64()])
		}
		return b.String()
	}
	files := fstest.MapFS{}
	const perFile = 1000
	for from := 0; from < n; from += perFile {
		var b strings.Builder
		for i := from; i < min(n, from+perFile); i++ {
			fmt.Fprintf(&b, "## %s {#p%d}\n\n", sentence(5), i)
			for range 5 {
				b.WriteString(sentence(10) + ". ")
			}
			b.WriteString("\n\n")
		}
		files[fmt.Sprintf("f%04d.md", from/perFile)] = &fstest.MapFile{Data: []byte(b.String())}
	}
	base, err := knowledge.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	return base
}

// TestManyPassages asks a content that is too large for a linear model its own
// titles and sentences, and questions of words that it does not hold.
func TestManyPassages(t *testing.T) {
	base := generated(t, 3000)
	x, err := New(base)
	if err != nil {
		t.Fatal(err)
	}
	if x.engine.linear != nil {
		t.Fatalf("a linear model of %d classes, want none beyond %d", len(x.engine.classes), fewClasses)
	}
	const threshold = 0.58
	asked, right, shy, bold := 0, 0, 0, 0
	for i := 0; i < len(base.Passages()); i += 37 {
		p := base.Passages()[i]
		for _, q := range []string{p.Title, language.Sentences(p.Text)[2]} {
			asked++
			matches, err := x.Search(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			if len(matches) == 0 || matches[0].Passage.ID != p.ID {
				continue
			}
			right++
			if matches[0].Confidence < threshold {
				shy++
			}
		}
	}
	for _, q := range []string{"quarterly parking permits for lorries", "who won the derby", "lyrics of that song about umbrellas"} {
		matches, err := x.Search(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if len(matches) > 0 && matches[0].Confidence >= threshold {
			bold++
		}
	}
	if right*100 < asked*97 || shy*100 > asked*5 || bold > 0 {
		t.Errorf("of %d texts of passages: got %d right, %d of them unsure, and %d foreign questions answered; want 97%%, at most 5%% and 0", asked, right, shy, bold)
	}
}
