package snapshot

import (
	"bytes"
	"encoding/binary"
)

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

// Clone gives the same list, which keeps nothing but itself.
func (p Ints) Clone() Ints { return Ints{bytes.Clone(p.Packed), p.Length} }

// Unpack gives what Pack was given. What is missing in a damaged list is zero.
func Unpack[T number](p Ints) []T {
	out := make([]T, p.Length)
	c := p.Cursor()
	for i := range out {
		out[i] = T(c.Next())
	}
	return out
}

// UnpackSteps gives what PackSteps was given. What is missing in a damaged list is zero.
func UnpackSteps[T number](p Ints) []T {
	out := make([]T, p.Length)
	data, last := p.Packed, int64(0)
	for i := range out {
		v, n := binary.Varint(data)
		if n <= 0 {
			break
		}
		last += v
		out[i], data = T(last), data[n:]
	}
	return out
}

// UnpackStarts gives for sizes that Pack was given where each begins when they
// stand one behind the other, and at the end where the last one ends.
func UnpackStarts[T number](p Ints) []T {
	out := make([]T, p.Length+1)
	c := p.Cursor()
	for i := range p.Length {
		out[i+1] = out[i] + T(c.Next())
	}
	return out
}

// Cursor walks a list that Pack was given, without unpacking it whole.
type Cursor struct{ rest []byte }

// Cursor begins a walk.
func (p Ints) Cursor() Cursor { return Cursor{p.Packed} }

// Next gives the next number; behind the last one, zero.
func (c *Cursor) Next() uint64 {
	if len(c.rest) > 0 && c.rest[0] < 0x80 {
		v := c.rest[0]
		c.rest = c.rest[1:]
		return uint64(v)
	}
	v, n := binary.Uvarint(c.rest)
	if n <= 0 {
		return 0
	}
	c.rest = c.rest[n:]
	return v
}
