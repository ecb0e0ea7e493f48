package language

import "strings"

// Seeker goes through a text from one to the next of a few bytes of ASCII,
// and passes over what lies between them many bytes at a time.
type Seeker struct {
	text, bytes string
	next        [mostSought]int // of each of bytes, where it stands next; len(text): nowhere
}

const mostSought = 6

// Seek makes a Seeker for at most six bytes.
func Seek(text, bytes string) Seeker {
	k := Seeker{text: text, bytes: bytes}
	for i := range len(bytes) {
		k.find(i, 0)
	}
	return k
}

// Next gives where the first of the bytes stands that is not before from, or
// the length of the text. from must not become less from call to call.
func (k *Seeker) Next(from int) int {
	first := len(k.text)
	for i := range len(k.bytes) {
		if k.next[i] < from {
			k.find(i, from)
		}
		first = min(first, k.next[i])
	}
	return first
}

func (k *Seeker) find(i, from int) {
	if at := strings.IndexByte(k.text[from:], k.bytes[i]); at >= 0 {
		k.next[i] = from + at
	} else {
		k.next[i] = len(k.text)
	}
}
