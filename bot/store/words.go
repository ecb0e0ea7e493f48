package store

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/aftercarebot/aftercare/knowledge/language"
)

// maxWords is how many words of a question are looked at, half from each end:
// a longer message is a story, and a story tells whose it is.
const maxWords = 48

// maxParts is how many words may stand between two spaces; a run of more is
// nobody's way to write.
const maxParts = 8

// What names a person or a place on the net goes before the text is cut into
// words. The patterns run on normalised text and take too much rather than
// too little.
var identifying = []*language.Regexp{
	language.LazyRegexp(`<[@#:a-zA-Z][^<>\n]*>`),                                            // Discord's mentions, channels, emoji
	language.LazyRegexp(`(?i)\b[a-z][a-z0-9+.-]*://\S+`),                                    // URL
	language.LazyRegexp(`\S*@\S+`),                                                          // handle, e-mail
	language.LazyRegexp(`(?i)\b[\p{L}\d_-]+(?:\.[\p{L}\d_-]+)*\.[a-z]{2,24}\b(?:[/:]\S*)?`), // domain; also "end.Start", a missing space
	language.LazyRegexp(`\S*[_#\\|]\S*`),                                                    // user_name, user#1234
}

// measure is a word of letters and digits that is a strength, a length or a
// time: spf50, 0.5mm, 24h, b5.
var measure = language.LazyRegexp(`^(?i)(?:[a-z]{1,3}\d{1,3}\+?|\d{1,3}(?:\.\d{1,2})?(?:%|[a-z]{1,5}))$`)

// keepWords gives the words of a question that may be kept, each once, in
// lower case, in alphabetical order: the known ones and the common English
// ones, without function words, from which the question could be told, and
// without numbers. A typo of a known word is kept as that. Left out are
// addresses, handles, words of letters and digits that are no measure, words
// in other than Latin script, and what looks like a name: a given name of the
// list, a word with a capital inside a sentence, what follows a title, "my
// name is" or "I live at". known words are never taken for names. No rule
// finds every name that is a common word, too; that is why [Store.Gaps] shows
// a word only if several people used it.
func keepWords(question string, known func(string) bool) []string {
	if known == nil {
		known = func(string) bool { return false }
	}
	text := language.Normalise(question)
	for _, pattern := range identifying {
		text = pattern.Get().ReplaceAllString(text, " ")
	}
	tokens := cut(text)
	caps := capitals(tokens)
	var kept []string
	for i, t := range tokens {
		words := language.Words(t.text)
		if i >= maxWords/2 && i < len(tokens)-maxWords/2 || len(words) > maxParts || !t.readable(known) {
			continue
		}
		ordinary := true // every word is a function word or one of the subject
		for _, w := range words {
			ordinary = ordinary && (functionWords.has(w) || titles.has(w) || known(w))
		}
		if !ordinary && (namedBefore(tokens[:i]) || given(words) || caps.names(tokens, i)) {
			continue
		}
		for _, w := range words {
			if w = common(w, known); w != "" {
				kept = append(kept, w)
			}
		}
	}
	slices.Sort(kept)
	return slices.Compact(kept)
}

// common gives a word that many people use for a subject as it is, the known
// word that another is a typo of, or "".
func common(w string, known func(string) bool) string {
	switch {
	case functionWords.has(w) || digits(w) > 0:
		return ""
	case known(w) || len(w) >= 3 && language.IsEnglish(w):
		return w
	case len(w) < 5:
		return ""
	}
	for i := 1; i <= len(w); i++ { // the first letter is hardly ever the wrong one
		var right []string
		for _, letter := range "abcdefghijklmnopqrstuvwxyz" {
			right = append(right, w[:i]+string(letter)+w[i:])
			if i < len(w) {
				right = append(right, w[:i]+string(letter)+w[i+1:])
			}
		}
		if i < len(w) {
			right = append(right, w[:i]+w[i+1:])
		}
		if i+1 < len(w) {
			right = append(right, w[:i]+w[i+1:i+2]+w[i:i+1]+w[i+2:])
		}
		for _, r := range right {
			if known(r) && !functionWords.has(r) {
				return r
			}
		}
	}
	return ""
}

// token is what stands between two spaces, without the punctuation around it.
type token struct {
	text   string
	starts bool // a sentence
}

func cut(text string) []token {
	var tokens []token
	for _, l := range strings.Split(text, "\n") {
		starts := true
		for _, field := range strings.Fields(l) {
			core := strings.TrimFunc(field, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '%' && r != '+' })
			if core != "" {
				tokens = append(tokens, token{core, starts})
				starts = false
			}
			if strings.ContainsAny(field[len(field)-1:], `.!?:;"')`) && strings.ContainsAny(field, ".!?:;") {
				starts = true
			}
		}
	}
	return tokens
}

// readable says whether the token is Latin and not the kind of mixture of
// which user names and post codes are made.
func (t token) readable(known func(string) bool) bool {
	letters, numbers := 0, 0
	for _, r := range t.text {
		switch {
		case unicode.IsDigit(r):
			numbers++
		case unicode.Is(unicode.Latin, r):
			letters++
		case unicode.IsLetter(r):
			return false
		}
	}
	if letters > 24 && !strings.ContainsAny(t.text, "-/'") {
		return false
	}
	return numbers == 0 || measure.Get().MatchString(t.text) || known(strings.ToLower(t.text))
}

func digits(w string) int {
	n := 0
	for i := range len(w) {
		if '0' <= w[i] && w[i] <= '9' {
			n++
		}
	}
	return n
}

// capitalised says whether a word, or one behind a hyphen, begins with a
// capital and is no short acronym such as SPF.
func (t token) capitalised() bool {
	if letters := strings.TrimFunc(t.text, func(r rune) bool { return !unicode.IsLetter(r) }); strings.ToUpper(letters) == letters && utf8.RuneCountInString(letters) <= 4 {
		return false
	}
	before := '-'
	for _, r := range t.text {
		if (before == '-' || before == '/') && unicode.IsUpper(r) {
			return true
		}
		before = r
	}
	return false
}

// casing is what capitals mean in a message.
type casing int

const (
	sentences casing = iota // a capital inside a sentence is a name
	shouted                 // they mean nothing
	titled                  // Any Word May Be A Name
)

func capitals(tokens []token) casing {
	upper, letters, capital := 0, 0, 0
	for _, t := range tokens {
		for _, r := range t.text {
			if unicode.IsLetter(r) {
				letters++
			}
			if unicode.IsUpper(r) {
				upper++
			}
		}
		if t.capitalised() {
			capital++
		}
	}
	switch {
	case letters >= 12 && upper*10 >= letters*7:
		return shouted
	case len(tokens) >= 4 && capital*10 >= len(tokens)*6:
		return titled
	}
	return sentences
}

// names says whether the capital of token i makes it a name. At the start of
// a sentence it does so only if one follows, as in "Jane Doe said".
func (c casing) names(tokens []token, i int) bool {
	t := tokens[i]
	if c == shouted || !t.capitalised() {
		return false
	}
	if c == titled || !t.starts {
		return true
	}
	return i+1 < len(tokens) && !tokens[i+1].starts && tokens[i+1].capitalised()
}

func given(words []string) bool {
	for _, w := range words {
		if givenNames.has(w) {
			return true
		}
	}
	return false
}

// namedBefore says whether what stands before makes the next word a name or an
// address: a title, with or without another name between; "name is", "email"
// and the like up to two words back, "live at" up to three.
func namedBefore(before []token) bool {
	n := len(before)
	word := func(back int) string { // "" before the beginning
		if back > n {
			return ""
		}
		return strings.ToLower(before[n-back].text)
	}
	if titles.has(word(1)) || titles.has(word(2)) && !functionWords.has(word(1)) {
		return true
	}
	for back := 1; back <= 3; back++ {
		switch word(back) {
		case "name's", "named", "surname", "username", "email", "e-mail":
			return back <= 2
		}
		switch word(back+1) + " " + word(back) {
		case "name is", "name was", "names is", "surname is", "username is", "call me":
			return back <= 2
		case "live at", "live in", "live on", "lives at", "lives in", "living in", "address is":
			return true
		}
	}
	return false
}

var titles = set("dr mr mrs ms mx prof professor doctor nurse")
