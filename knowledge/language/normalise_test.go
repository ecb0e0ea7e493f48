package language

import (
	"strings"
	"testing"
)

// TestSurelyPlain puts every two bytes beside each other at every place.
func TestSurelyPlain(t *testing.T) {
	for at := range 8 {
		for a := range 256 {
			for b := range 256 {
				s := []byte("swimming")
				s[at], s[(at+1)%8] = byte(a), byte(b)
				want := allPlain(string(s)) && a != '\n' && a != '\t' && b != '\n' && b != '\t'
				if got := surelyPlain(string(s)); got != want {
					t.Fatalf("%q: got %v, want %v", s, got, want)
				}
			}
		}
	}
}

// TestNormaliseAgain: what was normalised stays as it is, whatever its length.
func TestNormaliseAgain(t *testing.T) {
	for _, s := range []string{"", "May I swim?", strings.Repeat("may I swim ", 300), strings.Repeat("may I swim ", 3000), strings.Repeat("ｓｗｉｍ’ ", 3000), strings.Repeat("é а ", 3000)} {
		once := Normalise(s)
		if again := Normalise(once); again != once {
			t.Errorf("%.20q: got %d bytes, want the same %d", s, len(again), len(once))
		}
	}
}
