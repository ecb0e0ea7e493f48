package store

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/aftercarebot/aftercare/knowledge/language"
)

// maxWords is how many words of a question are kept, half from each end: a
// longer message is a story, and a story tells whose it is.
const maxWords = 32

// What names a person or a place on the net goes before the text is cut into
// words. The patterns run on normalised text and take too much rather than
// too little.
var identifying = []*language.Expression{
	language.Expressed(`<[@#:a-zA-Z][^<>\n]*>`),                                            // Discord's mentions, channels, emoji
	language.Expressed(`(?i)\b[a-z][a-z0-9+.-]*://\S+`),                                    // URL
	language.Expressed(`\S*@\S+`),                                                          // handle, e-mail
	language.Expressed(`(?i)\b[\p{L}\d_-]+(?:\.[\p{L}\d_-]+)*\.[a-z]{2,24}\b(?:[/:]\S*)?`), // domain; also "end.Start", a missing space
	language.Expressed(`\b(?i)[a-z]{1,2}\d{1,2}[a-z]? \d[a-z]{2}\b`),                       // British post code
	language.Expressed(`\b\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\b`),                              // date
	language.Expressed(`\S*[_#\\|]\S*`),                                                    // user_name, user#1234
}

// telephone finds numbers in groups; those of seven digits and more in all are
// telephone or card numbers, the others may be "24 - 72".
var telephone = language.Expressed(`\+?\(?\d[\d().\-/ ]{5,}\d`)

// measure is a word of letters and digits that is a strength, a length or a
// time: spf50, 0.5mm, 24h, b5.
var measure = language.Expressed(`^(?i)(?:[a-z]{1,3}\d{1,3}\+?|\d{1,3}(?:\.\d{1,2})?(?:%|[a-z]{1,5}))$`)

// keepWords gives the words of a question that may be kept, in order, in
// lower case. Left out are addresses, handles, numbers of more than three
// digits, words of letters and digits that are no measure, words in other
// than Latin script, and what looks like a name: a given name of the list, a
// word with a capital inside a sentence, what follows a title or "my name
// is". known words are never taken for names. No rule finds every name; that
// is why [Store.Gaps] shows a word only if several people used it.
func keepWords(question string, known func(string) bool) []string {
	if known == nil {
		known = func(string) bool { return false }
	}
	text := language.Normalise(question)
	for _, pattern := range identifying {
		text = pattern.Get().ReplaceAllString(text, " ")
	}
	text = telephone.Get().ReplaceAllStringFunc(text, func(number string) string {
		if digits(number) >= 7 {
			return " "
		}
		return number
	})
	tokens := cut(text)
	caps := capitals(tokens)
	var kept []string
	for i, t := range tokens {
		words := language.Words(t.text)
		if len(words) == 0 || !t.readable(known) {
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
			if digits(w) <= 3 {
				kept = append(kept, w)
			}
		}
	}
	if len(kept) > maxWords {
		kept = append(kept[:maxWords/2:maxWords/2], kept[len(kept)-maxWords/2:]...)
	}
	return kept
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
	return letters == 0 || numbers == 0 || measure.Get().MatchString(t.text) || known(strings.ToLower(t.text))
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

// namedBefore says whether what stands before makes the next word a name: a
// title, with or without a given name between; "name is", "call me" and the
// like, up to two words back.
func namedBefore(before []token) bool {
	n := len(before)
	word := func(back int) string { // "" before the beginning
		if back > n {
			return ""
		}
		return strings.ToLower(before[n-back].text)
	}
	if titles.has(word(1)) || titles.has(word(2)) && givenNames.has(word(1)) {
		return true
	}
	for back := 1; back <= 2; back++ {
		switch word(back) {
		case "name's", "named", "surname", "username":
			return true
		}
		switch word(back+1) + " " + word(back) {
		case "name is", "name was", "names is", "surname is", "username is", "call me":
			return true
		}
	}
	return false
}

var titles = set("dr mr mrs ms mx prof professor")
