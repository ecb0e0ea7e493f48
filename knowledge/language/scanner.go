package language

// Scanner reads a normalised message once, from its beginning to its end: the
// words of [Words], and the pauses between them. Make one with [Scan].
type Scanner struct {
	text string
	at   int
	from int // where the sentence begins
}

// Scan makes a Scanner for a message.
func Scan(text string) Scanner { return Scanner{text: text} }

// Pause is what ends a run of words.
type Pause int

const (
	Comma    Pause = iota // one of ,;:() or a dash between spaces
	FullStop              // the end of a sentence, as Sentences finds it
	Question              // the same, and the sentence ends in a question mark
)

// Next appends the words up to the next pause, of which there may be none. At
// the end of the message, which ends a sentence, more is false.
func (s *Scanner) Next(words []string) (_ []string, p Pause, more bool) {
	text, i := s.text, s.at
	for i < len(text) {
		switch kinds[text[i]] {
		case letter:
			words, i = appendLetters(words, text, i)
		case digit:
			words, i = appendDigits(words, text, i)
		case ampersand:
			if i > 0 && i+1 < len(text) && isLetter(text[i-1]) && isLetter(text[i+1]) {
				words = append(words, "and")
			}
			i++
		case separator:
			if i++; text[i-1] != '-' || i > 1 && i < len(text) && text[i-2] == ' ' && text[i] == ' ' {
				s.at = i
				return words, Comma, true
			}
		case ending:
			if i++; endsSentence(text, i-1) {
				p = s.pause(i)
				s.at, s.from = i, i
				return words, p, true
			}
		default:
			i++
		}
	}
	s.at = i
	return words, s.pause(i), false
}

// pause tells how the sentence ends that ends before i.
func (s *Scanner) pause(i int) Pause {
	for i > s.from && (s.text[i-1] == ' ' || s.text[i-1] == '\n' || s.text[i-1] == '\t') {
		i--
	}
	if i > s.from && s.text[i-1] == '?' {
		return Question
	}
	return FullStop
}

// Kinds of bytes, by what a Scanner does at them.
const (
	_ = iota
	letter
	digit
	ampersand
	separator
	ending // of a sentence, it may be
)

var kinds = func() (k [256]uint8) {
	for c := range k {
		switch {
		case isLetter(byte(c)):
			k[c] = letter
		case '0' <= c && c <= '9':
			k[c] = digit
		}
	}
	for _, c := range ",;:()-" {
		k[c] = separator
	}
	for _, c := range "\n.!?" {
		k[c] = ending
	}
	k['&'] = ampersand
	return k
}()

// appendLetters appends the words of the run of letters at i, and gives where
// that ends.
func appendLetters(words []string, s string, i int) ([]string, int) {
	if isSmall(s[i]) {
		if j := endOfSmall(s, i); j > 0 {
			return appendSmall(words, s[i:j]), j
		}
	}
	j := i + 1
	for j < len(s) && (isLetter(s[j]) || s[j] == '\'' && j+1 < len(s) && isLetter(s[j+1]) || standsIn(s, j)) {
		j++
	}
	return appendWord(words, s[i:j]), j
}

// appendDigits appends the number at i, and gives where it ends. An overlong
// one is no word.
func appendDigits(words []string, s string, i int) ([]string, int) {
	j := i + 1
	for j < len(s) && ('0' <= s[j] && s[j] <= '9' || s[j] == '.' && j+1 < len(s) && '0' <= s[j+1] && s[j+1] <= '9') {
		j++
	}
	if j-i <= 8 {
		words = append(words, s[i:j])
	}
	return words, j
}
