package language

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const (
	// MaxRunes is the length in characters to which Normalise cuts a message:
	// as much as the longest message that Discord or Telegram lets a person send.
	MaxRunes = 4096
	// MaxWhole is that to which NormaliseWhole does: several messages in one.
	MaxWhole = 16 * MaxRunes
)

// Normalise makes a message safe and comparable without changing what it
// says: invalid UTF-8 becomes spaces; compatibility forms (fullwidth, ligatures,
// mathematical letters) become plain ones (NFKC); format and control characters
// go, and so do combining marks; letters of other scripts that stand for
// Latin ones inside a Latin word become those; typographic quotes and dashes
// become ASCII. Of a message longer than MaxRunes the first and the last half
// of MaxRunes are kept, as the question may stand at either end.
func Normalise(s string) string { return normalise(s, MaxRunes) }

// NormaliseWhole is Normalise for what must be read to the end: it cuts at
// MaxWhole.
func NormaliseWhole(s string) string { return normalise(s, MaxWhole) }

// Clip cuts a normalised message to what Normalise would leave of it.
func Clip(s string) string { return clip(s, MaxRunes) }

func normalise(s string, most int) string {
	if plainASCII(s) {
		return clipASCII(s, most)
	}
	s = clip(strings.ToValidUTF8(s, " "), most)
	b := make([]byte, 0, len(s)+len(s)/8)
	foreign := false // something beyond ASCII is left
	for len(s) > 0 {
		// What is ASCII decomposes into itself and joins nothing to its left.
		n := 0
		for n < len(s) && plain[s[n]] {
			n++
		}
		b = append(b, s[:n]...)
		if s = s[n:]; s == "" {
			break
		}
		if n = 0; s[0] < utf8.RuneSelf {
			n = 1
		}
		for n < len(s) && s[n] >= utf8.RuneSelf {
			n++
		}
		was := len(b)
		b = appendFolded(b, s[:n])
		foreign = foreign || !isASCII(b[was:])
		s = s[n:]
	}
	if !foreign {
		return clip(string(b), most)
	}
	return clip(unmask(norm.NFC.String(string(b))), most)
}

// plain holds the bytes of ASCII that stay as they are.
var plain = func() (p [256]bool) {
	for c := range utf8.RuneSelf {
		p[c] = c >= ' ' && c != 0x7f && c != '`' || c == '\n' || c == '\t'
	}
	return p
}()

func isASCII[T string | []byte](s T) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// appendFolded appends s decomposed, without marks, format and control
// characters, and with plain punctuation.
func appendFolded(b []byte, s string) []byte {
	switch s { // the commonest, of which nothing decomposes
	case "’", "‘", "“", "”", "–", "—":
		r, _ := utf8.DecodeRuneInString(s)
		return append(b, punctuation[r]...)
	}
	var it norm.Iter
	it.InitString(norm.NFKD, s)
	for !it.Done() {
		for _, r := range string(it.Next()) {
			switch {
			case unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Me, r):
			case unicode.Is(unicode.Cf, r):
			case r == '\n' || r == '\t':
				b = append(b, byte(r))
			case unicode.IsControl(r), unicode.IsSpace(r):
				b = append(b, ' ')
			default:
				if to, ok := punctuation[r]; ok {
					b = append(b, to...)
				} else {
					b = utf8.AppendRune(b, r)
				}
			}
		}
	}
	return b
}

var punctuation = map[rune]string{
	'‘': "'", '’': "'", '‚': "'", '‛': "'", '′': "'", '`': "'", '´': "'", 'ʼ': "'", '＇': "'",
	'“': `"`, '”': `"`, '„': `"`, '″': `"`, '«': `"`, '»': `"`,
	'‐': "-", '‑': "-", '‒': "-", '–': "-", '—': " - ", '―': " - ", '−': "-",
	'…': "... ", '⁄': "/",
}

// lookalikes maps letters of other scripts to the Latin ones they resemble
// (Unicode TR 39, confusables, the lower- and upper-case letters only).
var lookalikes = map[rune]rune{
	'а': 'a', 'е': 'e', 'о': 'o', 'р': 'p', 'с': 'c', 'у': 'y', 'х': 'x', 'і': 'i', 'ј': 'j', 'ѕ': 's', 'һ': 'h', 'ԁ': 'd', 'ӏ': 'l', 'ѵ': 'v', 'к': 'k', 'м': 'm', 'т': 't', 'в': 'b', 'н': 'h', 'г': 'r', 'п': 'n', 'и': 'u', 'ь': 'b',
	'А': 'A', 'В': 'B', 'Е': 'E', 'К': 'K', 'М': 'M', 'Н': 'H', 'О': 'O', 'Р': 'P', 'С': 'C', 'Т': 'T', 'Х': 'X', 'У': 'Y', 'І': 'I', 'Ј': 'J', 'Ѕ': 'S',
	'α': 'a', 'ο': 'o', 'ν': 'v', 'ρ': 'p', 'ι': 'i', 'κ': 'k', 'τ': 't', 'υ': 'u', 'ω': 'w', 'ε': 'e', 'η': 'n', 'χ': 'x', 'γ': 'y', 'σ': 'o', 'β': 'b',
	'Α': 'A', 'Β': 'B', 'Ε': 'E', 'Ζ': 'Z', 'Η': 'H', 'Ι': 'I', 'Κ': 'K', 'Μ': 'M', 'Ν': 'N', 'Ο': 'O', 'Ρ': 'P', 'Τ': 'T', 'Υ': 'Y', 'Χ': 'X',
	'ı': 'i', 'ɡ': 'g', 'ɑ': 'a', 'ʏ': 'y', 'ɪ': 'i', 'ո': 'n', 'օ': 'o', 'ս': 'u',
	// letters that NFKD leaves whole
	'ø': 'o', 'Ø': 'O', 'ł': 'l', 'Ł': 'L', 'đ': 'd', 'ß': 's', 'æ': 'e', 'œ': 'e',
}

// unmask replaces look-alike letters in words that have Latin letters too.
// Words wholly of another script are left: they are that script.
func unmask(s string) string {
	if plainASCII(s) {
		return s
	}
	b := make([]byte, 0, len(s))
	for {
		i := 0 // the next byte beyond ASCII; only its word can be mixed
		for i < len(s) && s[i] < utf8.RuneSelf {
			i++
		}
		if i == len(s) {
			return string(append(b, s...))
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		from, to := i, i+n
		if unicode.IsLetter(r) {
			for from > 0 && isASCIILetter(s[from-1]) {
				from--
			}
			for to < len(s) {
				r, n := utf8.DecodeRuneInString(s[to:])
				if !unicode.IsLetter(r) {
					break
				}
				to += n
			}
		}
		b = append(b, s[:from]...)
		if word := s[from:to]; mixed(word) {
			for _, r := range word {
				if to, ok := lookalikes[r]; ok {
					r = to
				}
				b = utf8.AppendRune(b, r)
			}
		} else {
			b = append(b, word...)
		}
		s = s[to:]
	}
}

func isASCIILetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func mixed(word string) bool {
	latin, other := false, false
	for _, r := range word {
		if unicode.Is(unicode.Latin, r) && (r < utf8.RuneSelf || lookalikes[r] == 0) {
			latin = true
		} else if lookalikes[r] != 0 {
			other = true
		}
	}
	return latin && other
}

func plainASCII(s string) bool {
	for len(s) >= 8 {
		if !surelyPlain(eight(s)) && !allPlain(s[:8]) {
			return false
		}
		s = s[8:]
	}
	return allPlain(s)
}

func allPlain(s string) bool {
	for i := range len(s) {
		if !plain[s[i]] {
			return false
		}
	}
	return true
}

// clip keeps the first and last half of most characters of a longer message.
func clip(s string, most int) string {
	if len(s) <= most {
		return s
	}
	if isASCII(s) {
		return clipASCII(s, most)
	}
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	head, tail := 0, len(s)
	for range most / 2 {
		size := 1
		if s[head] >= utf8.RuneSelf {
			_, size = utf8.DecodeRuneInString(s[head:])
		}
		head += size
		if size = 1; s[tail-1] >= utf8.RuneSelf {
			_, size = utf8.DecodeLastRuneInString(s[:tail])
		}
		tail -= size
	}
	return s[:head] + " " + s[tail:]
}

// clipASCII is clip of nothing but ASCII. What it made it leaves as it is.
func clipASCII(s string, most int) string {
	half := most / 2
	if len(s) <= most || len(s) == 2*half+1 && s[half] == ' ' {
		return s
	}
	return s[:half] + " " + s[len(s)-half:]
}

// Script says how a message is written.
type Script int

const (
	Latin  Script = iota // mostly Latin letters
	Other                // mostly letters of another script
	NoText               // no letters at all: emoji, numbers, punctuation
)

// ScriptOf tells the script of a normalised message; where both are as many it is Other. Digits count for
// nothing, so "50?" has no text.
func ScriptOf(s string) Script {
	latin, other := 0, 0
	plain := plainASCII(s) // no letters but Latin ones
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			if isASCIILetter(c) {
				// No other letter takes less than two bytes.
				if latin++; plain || latin > other+(len(s)-i)/2 {
					return Latin
				}
			}
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		i += n
		switch {
		case unicode.Is(unicode.Latin, r):
			latin++
		case unicode.IsLetter(r):
			other++
		}
	}
	switch {
	case latin == 0 && other == 0:
		return NoText
	case other >= latin:
		return Other
	}
	return Latin
}
