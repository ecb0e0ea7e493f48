package bot

import "strings"

// Split cuts text into parts that each satisfy fits, and loses nothing:
// joined again, the parts are text, byte for byte. It cuts behind a paragraph
// where it can, else behind a line, a sentence, a word, and only where even
// one word is too long, between two characters. fits must hold for a part
// whenever it holds for a longer one, as a length limit does, and for any
// single character; white space at the cut stays at the end of its part.
func Split(text string, fits func(part string) bool) []string {
	var parts []string
	for text != "" && !fits(text) {
		n := longest(text, fits)
		cut := lastCut(text[:n], text[n:])
		if strings.TrimSpace(text[:cut]) == "" { // a part that shows nothing
			cut = n
		}
		parts = append(parts, text[:cut])
		text = text[cut:]
	}
	if text != "" {
		parts = append(parts, text)
	}
	return parts
}

// longest gives the length of the longest prefix, in whole characters, that
// fits; at least one character.
func longest(text string, fits func(string) bool) int {
	starts := make([]int, 0, len(text))
	for i := range text {
		starts = append(starts, i)
	}
	starts = append(starts, len(text))
	lo, hi := 1, len(starts)-1 // starts[lo] is taken to fit, starts[hi] does not
	for hi-lo > 1 {
		mid := (lo + hi) / 2
		if fits(text[:starts[mid]]) {
			lo = mid
		} else {
			hi = mid
		}
	}
	return starts[lo]
}

// lastCut gives where to cut head, the longest prefix that fits, so that the
// part ends as naturally as it can. A paragraph or line end counts only in
// the second half of head, so that parts stay of a useful size.
func lastCut(head, rest string) int {
	half := len(head) / 2
	if i := strings.LastIndex(head, "\n\n"); i >= half {
		return i + 2
	}
	if strings.HasPrefix(rest, "\n") {
		return len(head)
	}
	if i := strings.LastIndexByte(head, '\n'); i >= half {
		return i + 1
	}
	sentence := 0
	for _, end := range []string{". ", "! ", "? ", ".\n", "!\n", "?\n", "。"} {
		if i := strings.LastIndex(head, end); i >= 0 {
			sentence = max(sentence, i+len(end))
		}
	}
	if sentence > half/2 {
		return sentence
	}
	if i := strings.LastIndexAny(head, " \n\t"); i >= 0 {
		return i + 1
	}
	return len(head)
}
