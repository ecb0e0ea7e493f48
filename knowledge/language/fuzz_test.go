package language

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// FuzzNormalise holds Normalise to what it promises, and what follows it to
// what it is given.
func FuzzNormalise(f *testing.F) {
	for _, s := range []string{
		"", "May I swim?", "ｓｗｉｍ", "s\u0336w\u0337im", "\u202eswim", "ﷺﷺﷺ", "\xff\xfe", "\x00", "naïve café", "сrеаm", "😀👍🏽",
		strings.Repeat("a", 5000), strings.Repeat("ﷺ", 4000), "don't can't 's n't '", "1.2.3. 4", "so... (a - b), c?! d?\t\ne; q&a f? ", "hellooooo", "a\u0301\u0301\u0301",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Normalise(s)
		if !utf8.ValidString(got) {
			t.Fatalf("%q: got invalid UTF-8 %q", s, got)
		}
		if n := utf8.RuneCountInString(got); n > MaxRunes+1 {
			t.Errorf("got %d characters, want at most %d and the space between the halves", n, MaxRunes)
		}
		for _, r := range got {
			if r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
				t.Errorf("%q: got the control or format character %U", s, r)
			}
		}
		for _, w := range Words(got) {
			if w == "" || len(w) > 2*maxWord {
				t.Errorf("%q: got the word %q", s, w)
			}
			_ = Stem(w)
		}
		for _, p := range Sentences(got) {
			if strings.TrimSpace(p) != p || p == "" {
				t.Errorf("%q: got the sentence %q", s, p)
			}
		}
		if diff := cmp.Diff(sentencesByWords(got), scannedSentences(got)); diff != "" {
			t.Errorf("%q: a Scanner differs from Sentences and Words: %s", got, diff)
		}
		_ = ScriptOf(got)
	})
}

// read is a sentence that has words.
type read struct {
	Words []string
	Asks  bool
}

func sentencesByWords(text string) []read {
	var out []read
	for _, sentence := range Sentences(text) {
		if words := Words(sentence); len(words) > 0 {
			out = append(out, read{words, strings.HasSuffix(sentence, "?")})
		}
	}
	return out
}

func scannedSentences(text string) []read {
	var out []read
	var words []string
	scan := Scan(text)
	for more := true; more; {
		var p Pause
		if words, p, more = scan.Next(words); p != Comma && len(words) > 0 {
			out = append(out, read{words, p == Question})
			words = nil
		}
	}
	return out
}
