package language

import _ "embed"

// common is a Bloom filter of some 40,000 common English words, made by
// package wordlist from SCOWL's small lists (Debian's wamerican-small and
// wbritish-small; their licence is in english-words.LICENSE):
//
//	go run ./wordlist -out english.bloom /usr/share/dict/american-english-small /usr/share/dict/british-english-small
//
//go:embed english.bloom
var common []byte

// IsEnglish reports whether a word in lower case is a common English one. It
// is wrong for about one made-up word in 300, which it takes for English.
func IsEnglish(word string) bool {
	if len(word) < 3 {
		return true
	}
	bits := uint64(len(common)) * 8
	a, b := BloomHash(word)
	for i := range uint64(BloomHashes) {
		if at := (a + i*b) % bits; common[at/8]&(1<<(at%8)) == 0 {
			return false
		}
	}
	return true
}

// BloomHashes is how many bits of the filter each word sets.
const BloomHashes = 8

// BloomHash gives the two numbers from which a word's bits are made (Kirsch
// and Mitzenmacher 2006: the i-th is a + i*b).
func BloomHash(word string) (a, b uint64) {
	a = 14695981039346656037
	for i := range len(word) {
		a = (a ^ uint64(word[i])) * 1099511628211
	}
	b = a ^ a>>31
	b *= 0x9E3779B97F4A7C15
	b ^= b >> 29
	return a, b | 1
}
