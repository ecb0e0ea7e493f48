package language

import (
	"encoding/binary"
	"math/bits"
)

// What is done to eight bytes of text at once, in one number (SIMD within a
// register, SWAR), the first of them lowest. In each of its bytes only the
// topmost bit says anything of a result, and but for surelyPlain no byte carries
// over into the next.
const (
	each = 0x0101010101010101
	tops = 0x80 * each
	lows = 0x7f * each
)

// eight gives the first eight bytes of a longer text.
func eight(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// between finds the bytes of ASCII from a to z, which need not be letters.
func between(x, a, z uint64) uint64 {
	return ((x&lows + (0x80-a)*each) &^ (x&lows + (0x7f-z)*each)) &^ x & tops
}

// surelyPlain reports whether all bytes are plain and none is a line end or a
// tab.
func surelyPlain(x uint64) bool {
	// Subtraction sets the top bit of the lowest byte that is too small, and
	// exclusive or makes nothing but the byte that is looked for too small.
	del, quote := x^0x7f*each, x^'`'*each
	return (x|(x-' '*each)|(del-each)&^del|(quote-each)&^quote)&tops == 0
}

// small counts the small letters that the eight bytes begin with.
func small(x uint64) int { return bits.TrailingZeros64(between(x, 'a', 'z')^tops) / 8 }

// thrice reports whether the first n of the eight bytes, all of them letters,
// hold one of them three times in a row.
func thrice(x uint64, n int) bool {
	differs := x ^ x>>8 // from the next
	differs |= differs >> 8
	same := ^(differs&lows + lows) & tops // as the next two
	return same<<(8*(10-n)) != 0
}

// AppendLower appends a text with the capital letters of ASCII small.
func AppendLower(b []byte, s string) []byte {
	for ; len(s) >= 8; s = s[8:] {
		x := eight(s)
		b = binary.LittleEndian.AppendUint64(b, x|between(x, 'A', 'Z')>>2) // a capital and its small letter differ by 0x20
	}
	for i := range len(s) {
		c := s[i]
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		b = append(b, c)
	}
	return b
}
