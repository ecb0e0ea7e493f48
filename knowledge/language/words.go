package language

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/english"
)

// maxWord is the length in bytes beyond which a run of letters is no word.
const maxWord = 40

// Words cuts a normalised message into words in lower case: runs of letters,
// and runs of digits with an inner point; a digit between letters stands for
// one ("sw1m"). A contraction gives its parts
// ("don't": do, not), a possessive its noun, a hyphen separates, and letters
// repeated three times or more are repeated twice ("sooooo": soo).
func Words(s string) []string {
	return AppendWords(make([]string, 0, len(s)/5+1), s)
}

// AppendWords is Words into a slice of the caller's.
func AppendWords(words []string, s string) []string {
	scan := Scan(s)
	for more := true; more; {
		words, _, more = scan.Next(words)
	}
	return words
}

// endOfSmall gives where the word that begins at i ends, if it is of small
// letters of ASCII alone, none of them three times in a row, as most words
// are; else 0.
func endOfSmall(s string, i int) int {
	j := i
	for len(s)-j >= 8 {
		x := eight(s[j:])
		n := small(x)
		if thrice(x, n) {
			return 0
		}
		if n < 8 {
			return endedAt(s, j+n)
		}
		j += 6 // the last two may be the first of three
	}
	last, twice := byte(0), false
	for ; j < len(s) && isSmall(s[j]); j++ {
		if s[j] != last {
			last, twice = s[j], false
			continue
		}
		if twice {
			return 0
		}
		twice = true
	}
	return endedAt(s, j)
}

// endedAt gives j, or 0 where what stands there may belong to the word before it.
func endedAt(s string, j int) int {
	if j < len(s) && carriesOn[s[j]] {
		return 0
	}
	return j
}

// carriesOn holds the bytes besides small letters that may belong to the word before them.
var carriesOn = func() (b [256]bool) {
	for c := range b {
		b[c] = isLetter(byte(c)) || c == '\'' || leet(byte(c)) != 0
	}
	return b
}()

func isSmall(c byte) bool { return 'a' <= c && c <= 'z' }

// leet gives the letter for which a digit between letters stands ("sw1m"), or 0.
func leet(c byte) byte {
	switch c {
	case '0':
		return 'o'
	case '1':
		return 'i'
	case '3':
		return 'e'
	case '4':
		return 'a'
	case '5':
		return 's'
	}
	return 0
}

// standsIn reports whether the digit at j, in a word, stands for a letter: one
// digit or the same twice, and letters behind.
func standsIn(s string, j int) bool {
	if leet(s[j]) == 0 {
		return false
	}
	if s[j-1] == s[j] || j+1 < len(s) && s[j+1] == s[j] {
		if s[j-1] != s[j] {
			j++
		}
	}
	return j+1 < len(s) && isLetter(s[j+1])
}

// isLetter takes every byte of a non-ASCII letter for one, too; a Scanner
// is only given normalised text, where what is not ASCII is a letter of
// another script or a symbol.
func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' || c >= utf8.RuneSelf }

// What a run of letters holds besides small letters of ASCII.
const (
	hasCapital = 1 << iota
	hasDigit
	hasApostrophe
	hasForeign // a byte beyond ASCII
	hasRun     // a letter three times in a row, large or small
)

// signs holds the bit of every byte.
var signs = func() (s [256]uint8) {
	for c := range s {
		switch {
		case c >= utf8.RuneSelf:
			s[c] = hasForeign
		case 'A' <= c && c <= 'Z':
			s[c] = hasCapital
		case '0' <= c && c <= '9':
			s[c] = hasDigit
		case c == '\'':
			s[c] = hasApostrophe
		}
	}
	return s
}()

const alphabet = "abcdefghijklmnopqrstuvwxyz"

func appendWord(words []string, w string) []string {
	if len(w) > 4*maxWord {
		return words
	}
	var has uint8
	for i := range len(w) {
		has |= signs[w[i]]
		if i > 1 && w[i]|0x20 == w[i-1]|0x20 && w[i]|0x20 == w[i-2]|0x20 {
			has |= hasRun
		}
	}
	if has&(hasCapital|hasForeign) != 0 {
		if len(w) == 1 && has == hasCapital { // "I" is the commonest capital
			w = alphabet[w[0]-'A' : w[0]-'A'+1]
		} else {
			w = strings.ToLower(w)
		}
	}
	if has&hasDigit != 0 {
		b := []byte(w)
		for i, c := range b {
			if l := leet(c); l != 0 {
				b[i] = l
			}
		}
		w = string(b)
	}
	switch {
	case has&hasForeign != 0:
		// Emoji and other symbols are not words, and part words.
		for _, part := range strings.FieldsFunc(w, func(r rune) bool { return r != '\'' && !unicode.IsLetter(r) }) {
			words = appendPlain(words, part)
		}
		return words
	case has&^hasCapital == 0:
		return appendSmall(words, w)
	}
	return appendPlain(words, w)
}

// appendSmall appends a word of small letters without a long run of one, or
// what it is short for.
func appendSmall(words []string, w string) []string {
	switch {
	case mayContract(w):
		return appendPlain(words, w)
	case len(w) > maxWord:
		return words
	}
	return append(words, w)
}

func appendPlain(words []string, w string) []string {
	if mayContract(w) {
		if whole, ok := contractions[w]; ok {
			return append(words, whole...)
		}
	}
	if strings.IndexByte(w, '\'') >= 0 {
		if stem, ok := strings.CutSuffix(w, "n't"); ok && stem != "" {
			return append(words, squeeze(stem), "not")
		}
		if i := strings.LastIndexByte(w, '\''); i > 0 && suffixes[w[i+1:]] {
			w = w[:i]
		}
		w = strings.ReplaceAll(w, "'", "")
	}
	if w == "" || len(w) > maxWord {
		return words
	}
	return append(words, squeeze(w))
}

// mayContract tells most words apart from contractions by how they begin and
// end and how long they are.
func mayContract(w string) bool {
	return len(w) < 16 && w != "" && contracted.first[w[0]]&contracted.last[w[len(w)-1]]&(1<<len(w)) != 0
}

// contracted holds, for each first and each last letter, the lengths of contractions.
var contracted = func() (c struct{ first, last [256]uint16 }) {
	for w := range contractions {
		c.first[w[0]] |= 1 << len(w)
		c.last[w[len(w)-1]] |= 1 << len(w)
	}
	return c
}()

var suffixes = map[string]bool{"s": true, "m": true, "re": true, "ve": true, "ll": true, "d": true}

var contractions = map[string][]string{
	"can't": {"can", "not"}, "cant": {"can", "not"}, "cannot": {"can", "not"}, "won't": {"will", "not"}, "wont": {"will", "not"},
	"shan't": {"shall", "not"}, "ain't": {"is", "not"}, "aint": {"is", "not"},
	"dont": {"do", "not"}, "doesnt": {"does", "not"}, "didnt": {"did", "not"}, "isnt": {"is", "not"}, "wasnt": {"was", "not"},
	"arent": {"are", "not"}, "havent": {"have", "not"}, "hasnt": {"has", "not"}, "shouldnt": {"should", "not"},
	"couldnt": {"could", "not"}, "wouldnt": {"would", "not"}, "mustnt": {"must", "not"}, "neednt": {"need", "not"},
	"im": {"i"}, "ive": {"i", "have"}, "whats": {"what", "is"}, "hows": {"how", "is"}, "whens": {"when", "is"}, "thats": {"that", "is"},
	"gonna": {"going", "to"}, "wanna": {"want", "to"}, "gotta": {"got", "to"}, "dunno": {"do", "not", "know"},
	"what's": {"what", "is"}, "how's": {"how", "is"}, "when's": {"when", "is"}, "where's": {"where", "is"}, "it's": {"it", "is"},
	"u": {"you"}, "ur": {"your"}, "r": {"are"}, "pls": {"please"}, "plz": {"please"}, "b4": {"before"}, "2day": {"today"}, "2moro": {"tomorrow"},
	"tmrw": {"tomorrow"}, "tmr": {"tomorrow"}, "tonite": {"tonight"}, "cos": {"because"}, "cuz": {"because"}, "bc": {"because"},
	"thx": {"thanks"}, "ty": {"thanks"}, "wot": {"what"}, "wat": {"what"}, "da": {"the"}, "dis": {"this"}, "wif": {"with"}, "wiv": {"with"}, "woz": {"was"},
}

// squeeze cuts runs of three or more of one letter to two.
func squeeze(w string) string {
	run := 1
	for i := 1; i < len(w); i++ {
		if w[i] != w[i-1] {
			run = 1
			continue
		}
		if run++; run == 3 {
			return squeezeFrom(w, i)
		}
	}
	return w
}

func squeezeFrom(w string, i int) string {
	b := []byte(w[:i])
	for ; i < len(w); i++ {
		if n := len(b); w[i] != b[n-1] || w[i] != b[n-2] {
			b = append(b, w[i])
		}
	}
	return string(b)
}

// Stem brings an English word in lower case to its stem by the Snowball
// (Porter 2) algorithm, with British spellings brought to American first.
func Stem(word string) string {
	if len(word) < 3 || word[0] <= '9' {
		return word
	}
	env := snowballstem.NewEnv(american(word))
	english.Stem(env)
	return env.Current()
}

// american gives the American spelling of the commonest British endings, so
// that all forms of a word give one stem in both.
func american(w string) string {
	if i := strings.LastIndex(w, "is"); i >= 3 {
		switch w[i:] {
		case "ise", "ises", "ised", "ising", "iser", "isers", "isation", "isations":
			if alwaysS[w[:i]] || strings.IndexByte("aeioucvw", w[i-1]) >= 0 {
				return w // bruise, exercise, advise, likewise
			}
			return w[:i] + "iz" + w[i+2:]
		}
	}
	if !strings.Contains(w, "our") {
		return w
	}
	for _, british := range [...]string{"colour", "discolour", "odour", "flavour", "favour", "tumour"} {
		if rest, ok := strings.CutPrefix(w, british); ok {
			return british[:len(british)-2] + "r" + rest
		}
	}
	return w
}

// alwaysS are the words in -ise that no spelling has with a z, without it.
var alwaysS = map[string]bool{
	"compr": true, "comprom": true, "dem": true, "desp": true, "enterpr": true, "expert": true, "franch": true, "merchand": true,
	"parad": true, "prem": true, "prom": true, "sunr": true, "surpr": true, "treat": true,
}

// Sentences cuts a normalised message where a sentence ends: behind a full
// stop, a question or an exclamation mark that white space follows, and at
// line ends. White space around a sentence is removed; empty ones are left out.
func Sentences(s string) []string { return AppendSentences(nil, s) }

// AppendSentences is Sentences into a slice of the caller's.
func AppendSentences(out []string, s string) []string {
	start := 0
	for i := range len(s) {
		if i+1 < len(s) && (kinds[s[i]] != ending || !endsSentence(s, i)) {
			continue
		}
		if t := strings.TrimSpace(s[start : i+1]); t != "" {
			out = append(out, t)
		}
		start = i + 1
	}
	return out
}

// endsSentence reports whether the mark at i, which may end a sentence, does.
func endsSentence(s string, i int) bool {
	return s[i] == '\n' || i+1 == len(s) || s[i+1] == ' ' || s[i+1] == '\n'
}
