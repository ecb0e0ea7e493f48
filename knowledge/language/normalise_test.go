package language

import (
	"strings"
	"testing"
)

// TestNormaliseAgain: what was normalised stays as it is, whatever its length.
func TestNormaliseAgain(t *testing.T) {
	for _, s := range []string{"", "May I swim?", strings.Repeat("may I swim ", 300), strings.Repeat("may I swim ", 3000), strings.Repeat("ｓｗｉｍ’ ", 3000), strings.Repeat("é а ", 3000)} {
		once := Normalise(s)
		if again := Normalise(once); again != once {
			t.Errorf("%.20q: got %d bytes, want the same %d", s, len(again), len(once))
		}
	}
}
