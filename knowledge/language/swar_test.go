package language

import (
	"strings"
	"testing"
)

// TestEight puts every two bytes beside each other at every place, and compares
// with what is found byte by byte.
func TestEight(t *testing.T) {
	for at := range 8 {
		for a := range 256 {
			for b := range 256 {
				text := []byte("swimming")
				text[at], text[(at+1)%8] = byte(a), byte(b)
				s := string(text)
				plainly := allPlain(s) && a != '\n' && a != '\t' && b != '\n' && b != '\t'
				if got := surelyPlain(eight(s)); got != plainly {
					t.Fatalf("surelyPlain(%q): got %v, want %v", s, got, plainly)
				}
				n := 0
				for n < len(s) && isSmall(s[n]) {
					n++
				}
				if got := small(eight(s)); got != n {
					t.Fatalf("small(%q): got %d, want %d", s, got, n)
				}
				if got, want := thrice(eight(s), n), squeeze(s[:n]) != s[:n]; got != want {
					t.Fatalf("thrice(%q, %d): got %v, want %v", s, n, got, want)
				}
				lower := strings.Map(func(r rune) rune {
					if 'A' <= r && r <= 'Z' {
						r |= 0x20
					}
					return r
				}, s)
				if got := string(AppendLower(nil, s)); got != lower && a < 0x80 && b < 0x80 {
					t.Fatalf("AppendLower(%q): got %q, want %q", s, got, lower)
				}
			}
		}
	}
	if got, want := string(AppendLower(nil, "SWÌM Éé\xff AZaz@[`{ \x00Z")), "swÌm Éé\xff azaz@[`{ \x00z"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestEndOfSmall has three letters in a row at every place of longer and longer words.
func TestEndOfSmall(t *testing.T) {
	for n := 1; n < 30; n++ {
		word := "abcdefghijklmnopqrstuvwxyzabcdef"[:n]
		for _, rest := range []string{"", " ", " and so on, for long", "\n", ".B", "é", "'s", "1st", "X"} {
			want := n
			if rest != "" && carriesOn[rest[0]] {
				want = 0
			}
			if got := endOfSmall("x "+word+rest, 2); got != want+2 && (want > 0 || got != 0) {
				t.Errorf("%q: got %d, want %d", word+rest, got, want)
			}
			for at := range max(0, n-2) {
				again := word[:at+1] + word[at:at+1] + word[at:]
				if got := endOfSmall(again+rest, 0); got != 0 {
					t.Errorf("%q: got %d, want 0", again+rest, got)
				}
			}
		}
	}
}
