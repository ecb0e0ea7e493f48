package language

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWords(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"Can I go swimming tomorrow?", "can i go swimming tomorrow"},
		{"I don't, can't & won't", "i do not can not will not"},
		{"my sister's make-up SPF50 0.25mm", "my sister make up spf 50 0.25 mm"},
		{"sooooo goooood", "soo good"},
		{"G&T?", "g and t"},
		{"what's up 🥴 pal", "what is up pal"},
		{"rock'n'roll o'clock", "rocknroll oclock"},
		{"can i sw1m n33dling t0night spf30 b5 48h", "can i swim needling tonight spf 30 b 5 48 h"},
		{"& a&b &c d& é&à", "a and b c d e and a"},
		{"end\tof\r\nline, l1ne5 5th '' '", "end of line line 5 5 th"},
		{strings.Repeat("ab", 20), strings.Repeat("ab", 20)}, // 40 letters are a word
		{strings.Repeat("ab", 20) + "c " + strings.Repeat("Ab", 100) + " x 123456789 12345678", "x 12345678"},
		{"", ""},
	} {
		if diff := cmp.Diff(tt.want, strings.Join(Words(Normalise(tt.in)), " ")); diff != "" {
			t.Errorf("Words(%q): %s", tt.in, diff)
		}
	}
}

func TestNormalise(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"plain", "plain"},
		{"ｃａｎ Ｉ ｓｗｉｍ", "can I swim"},
		{"𝓬𝓪𝓷 𝔦", "can i"},
		{"s\u200bw\u00adim", "swim"},
		{"swім", "swim"}, // Cyrillic і and м
		{"плавать", "плавать"},
		{"ẑ̸̧a̷l̴g̵o̶", "zalgo"},
		{"don’t – “ok”", `don't - "ok"`},
		{"a\xffb", "a b"},
		{"résumé", "resume"},
	} {
		if got := Normalise(tt.in); got != tt.want {
			t.Errorf("Normalise(%q): got %q, want %q", tt.in, got, tt.want)
		}
	}
	long := Normalise("x" + strings.Repeat("ab ", 1_000_000) + "y?")
	if n := len([]rune(long)); n > MaxRunes+1 || !strings.HasPrefix(long, "xab") || !strings.HasSuffix(long, "y?") {
		t.Errorf("got %d runes from %q to %q", n, long[:3], long[len(long)-3:])
	}
}

func TestScriptOf(t *testing.T) {
	for in, want := range map[string]Script{"swim?": Latin, "плавать": Other, "👀👀": NoText, "50?": NoText, "안녕 ok": Other, "hello мир today": Latin} {
		if got := ScriptOf(Normalise(in)); got != want {
			t.Errorf("ScriptOf(%q): got %v, want %v", in, got, want)
		}
	}
}

// All forms of a word, in either spelling, have one stem.
func TestStem(t *testing.T) {
	for _, family := range []string{
		"swimming swims swim", "pigmentation pigmented", "colour colors coloured", "discolour discolored",
		"moisturise moisturises moisturised moisturising moisturizing moisturizes",
		"sterilise sterilised sterilizes", "tumours tumor",
		"bruise bruises bruised bruising", "raise raises raised raising", "exercise exercises exercised exercising",
		"advise advises advised advising", "surprise surprises surprised", "promise promises promised",
	} {
		words := strings.Fields(family)
		for _, w := range words[1:] {
			if a, b := Stem(words[0]), Stem(w); a != b {
				t.Errorf("Stem(%q), Stem(%q): got %q, %q, want the same", words[0], w, a, b)
			}
		}
	}
}

func TestSentences(t *testing.T) {
	got := Sentences("I had it Friday. My gym reopens!! Can I go?\nSPF 0.5 thanks")
	want := []string{"I had it Friday.", "My gym reopens!!", "Can I go?", "SPF 0.5 thanks"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A Scanner's runs of words, with the pause behind each.
func TestScanner(t *testing.T) {
	var got []string
	scan := Scan("so... my lip (the upper-left one) - is it ok?\t\nReally: 0.5 mm?! yes")
	for more := true; more; {
		var words []string
		var p Pause
		words, p, more = scan.Next(nil)
		got = append(got, strings.Join(words, " ")+map[Pause]string{Comma: ",", FullStop: ".", Question: "?"}[p])
	}
	want := []string{"so.", "my lip,", "the upper left one,", ",", "is it ok?", "really,", "0.5 mm.", "yes."}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
