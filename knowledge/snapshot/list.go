package snapshot

import "encoding/binary"

// Ints is a list of whole numbers packed into few bytes: small ones take one,
// and so do neighbours that differ little where they were packed as steps.
type Ints struct {
	Packed []byte
	Length int32
}

// number is what can be packed; it must fit into 63 bits.
type number interface {
	~int | ~int32 | ~uint16 | ~uint32
}

// Pack packs numbers, best small ones and none below zero.
func Pack[T number](list []T) Ints {
	out := Ints{Length: int32(len(list))}
	for _, v := range list {
		out.Packed = binary.AppendUvarint(out.Packed, uint64(v))
	}
	return out
}

// PackSteps packs numbers by how much each differs from the one before.
func PackSteps[T number](list []T) Ints {
	out := Ints{Length: int32(len(list))}
	last := int64(0)
	for _, v := range list {
		out.Packed = binary.AppendVarint(out.Packed, int64(v)-last)
		last = int64(v)
	}
	return out
}

// Unpack gives what Pack was given. What is missing in a damaged list is zero.
func Unpack[T number](p Ints) []T {
	out := make([]T, p.Length)
	at := 0
	for i := range out {
		if single(p.Packed, at) {
			out[i] = T(p.Packed[at])
			at++
			continue
		}
		v, next := uvarint(p.Packed, at)
		out[i], at = T(v), next
	}
	return out
}

// UnpackSteps gives what PackSteps was given. What is missing in a damaged list is zero.
func UnpackSteps[T number](p Ints) []T {
	out := make([]T, p.Length)
	at, last := 0, int64(0)
	for i := range out {
		if single(p.Packed, at) {
			last += signed(uint64(p.Packed[at]))
			out[i] = T(last)
			at++
			continue
		}
		v, next := uvarint(p.Packed, at)
		if next == at {
			break
		}
		last += signed(v)
		out[i], at = T(last), next
	}
	return out
}

// UnpackStarts gives for sizes that Pack was given where each begins when they
// stand one behind the other, and at the end where the last one ends.
func UnpackStarts[T number](p Ints) []T {
	out := make([]T, p.Length+1)
	at, end := 0, T(0)
	for i := range out[1:] {
		if single(p.Packed, at) {
			end += T(p.Packed[at])
			out[i+1] = end
			at++
			continue
		}
		v, next := uvarint(p.Packed, at)
		end += T(v)
		out[i+1], at = end, next
	}
	return out
}

// Cursor walks a list without unpacking it whole. It moves a number along an
// unchanging slice: to move the slice itself would write a pointer each time,
// of which the garbage collector wants to know.
type Cursor struct {
	packed []byte
	at     int
}

// Cursor begins a walk.
func (p Ints) Cursor() Cursor { return Cursor{packed: p.Packed} }

// Next gives the next number of a list that Pack was given; behind the last
// one, zero.
func (c *Cursor) Next() uint64 {
	v, next := uvarint(c.packed, c.at)
	c.at = next
	return v
}

// Step gives by how much the next number of a list that PackSteps was given
// differs from the one before; behind the last one, zero.
func (c *Cursor) Step() int64 { return signed(c.Next()) }
