package snapshot

import "encoding/binary"

// uvarint reads the number that begins at a place in data, and gives the place
// behind it. Where there is none it gives zero and the same place.
func uvarint(data []byte, at int) (v uint64, next int) {
	if single(data, at) {
		return uint64(data[at]), at + 1
	}
	if at+1 < len(data) && data[at+1] < 0x80 {
		return uint64(data[at]&0x7f) | uint64(data[at+1])<<7, at + 2
	}
	v, n := binary.Uvarint(data[at:])
	if n <= 0 {
		return 0, at
	}
	return v, at + n
}

// single reports whether the number there takes one byte, as most do. A loop
// over many numbers asks first, which halves its time: uvarint is too large to
// be inlined.
func single(data []byte, at int) bool { return at < len(data) && data[at] < 0x80 }

// signed gives the number that encoding/binary keeps with its sign as the last bit.
func signed(v uint64) int64 { return int64(v>>1) ^ -int64(v&1) }
