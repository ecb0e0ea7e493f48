package snapshot

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"reflect"
	"strings"
	"time"
)

// Values are written field by field, without names: numbers as varints, floats
// as their bits, strings and lists behind their lengths. A sum of the type's
// shape in front keeps one kind of value from being read as another.

var (
	errDamaged = errors.New("snapshot: it ends too early")
	errKind    = errors.New("snapshot: of another kind of value")
)

// shape describes what is kept of a type, so that two types with the same
// shape are read alike. It fails for what cannot be kept.
func shape(b []byte, t reflect.Type) ([]byte, error) {
	if t == timeType {
		return append(b, "time"...), nil
	}
	switch t.Kind() {
	case reflect.Bool, reflect.Int, reflect.Int32, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Float32, reflect.Float64, reflect.String:
		return append(b, t.Kind().String()...), nil
	case reflect.Slice:
		return shape(append(b, "[]"...), t.Elem())
	case reflect.Struct:
		b = append(b, '{')
		var err error
		for i := range t.NumField() {
			if !t.Field(i).IsExported() {
				continue
			}
			if b, err = shape(append(append(b, t.Field(i).Name...), ' '), t.Field(i).Type); err != nil {
				return nil, fmt.Errorf("%s: %w", t.Field(i).Name, err)
			}
			b = append(b, ';')
		}
		return append(b, '}'), nil
	}
	return nil, fmt.Errorf("snapshot: a %s cannot be kept", t)
}

var timeType = reflect.TypeFor[time.Time]()

func sumOf(t reflect.Type) (uint32, error) {
	b, err := shape(nil, t)
	return crc32.ChecksumIEEE(b), err
}

func appendValue(b []byte, v reflect.Value) []byte {
	switch v.Kind() {
	case reflect.Bool:
		if v.Bool() {
			return append(b, 1)
		}
		return append(b, 0)
	case reflect.Int, reflect.Int32:
		return binary.AppendVarint(b, v.Int())
	case reflect.Uint8:
		return append(b, byte(v.Uint()))
	case reflect.Uint16, reflect.Uint32:
		return binary.AppendUvarint(b, v.Uint())
	case reflect.Float32:
		return binary.LittleEndian.AppendUint32(b, math.Float32bits(float32(v.Float())))
	case reflect.Float64:
		return binary.LittleEndian.AppendUint64(b, math.Float64bits(v.Float()))
	case reflect.String:
		b = binary.AppendUvarint(b, uint64(v.Len()))
		return append(b, v.String()...)
	case reflect.Slice:
		b = binary.AppendUvarint(b, uint64(v.Len()))
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return append(b, v.Bytes()...)
		}
		for i := range v.Len() {
			b = appendValue(b, v.Index(i))
		}
		return b
	default: // a struct, as shape has found
		if v.Type() == timeType {
			t, _ := v.Interface().(time.Time).MarshalBinary() // fails only for odd zones
			return append(append(b, byte(len(t))), t...)
		}
		for i := range v.NumField() {
			if v.Field(i).CanInterface() {
				b = appendValue(b, v.Field(i))
			}
		}
		return b
	}
}

// source is what is read, up to a place. It ends at the first fault.
type source struct {
	data  []byte
	at    int
	err   error
	texts strings.Builder // with room for more
}

// text gives the next n bytes as a string. Short ones stand one behind another
// in a larger one, which is cheaper to make than each by itself.
func (s *source) text(n uint64) string {
	const room = 16 << 10
	b := s.take(n)
	if len(b) > room/16 {
		return string(b)
	}
	if s.texts.Cap()-s.texts.Len() < len(b) {
		s.texts = strings.Builder{}
		s.texts.Grow(room)
	}
	from := s.texts.Len()
	s.texts.Write(b)
	return s.texts.String()[from:]
}

// take gives the next n bytes, in place.
func (s *source) take(n uint64) []byte {
	if n > uint64(s.left()) {
		s.fail(errDamaged)
		return nil
	}
	from := s.at
	s.at += int(n)
	return s.data[from:s.at:s.at]
}

func (s *source) left() int { return len(s.data) - s.at }

func (s *source) fail(err error) { s.at, s.err = len(s.data), err }

func (s *source) uvarint() uint64 {
	v, next := uvarint(s.data, s.at)
	if next == s.at {
		s.fail(errDamaged)
		return 0
	}
	s.at = next
	return v
}

// fill reads what appendValue wrote. Lists of bytes stay where they are in the
// source; all else is copied.
func (s *source) fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Bool:
		if one := s.take(1); one != nil {
			v.SetBool(one[0] != 0)
		}
	case reflect.Int, reflect.Int32:
		v.SetInt(signed(s.uvarint()))
	case reflect.Uint8:
		if one := s.take(1); one != nil {
			v.SetUint(uint64(one[0]))
		}
	case reflect.Uint16, reflect.Uint32:
		v.SetUint(s.uvarint())
	case reflect.Float32:
		if bits := s.take(4); bits != nil {
			v.SetFloat(float64(math.Float32frombits(binary.LittleEndian.Uint32(bits))))
		}
	case reflect.Float64:
		if bits := s.take(8); bits != nil {
			v.SetFloat(math.Float64frombits(binary.LittleEndian.Uint64(bits)))
		}
	case reflect.String:
		v.SetString(s.text(s.uvarint()))
	case reflect.Slice:
		s.fillList(v)
	default:
		if v.Type() == timeType {
			if err := v.Addr().Interface().(*time.Time).UnmarshalBinary(s.take(s.uvarint())); err != nil && s.err == nil {
				s.err = fmt.Errorf("snapshot: %w", err)
			}
			return
		}
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				s.fill(v.Field(i))
			}
		}
	}
}

func (s *source) fillList(v reflect.Value) {
	n := s.uvarint()
	if n > uint64(s.left()) { // every element takes a byte at least
		s.fail(errDamaged)
		return
	}
	if n == 0 {
		return // as it was: gone through, an empty list is no other than none
	}
	switch list := v.Addr().Interface().(type) {
	case *[]byte:
		*list = s.take(n)
	case *[]float32: // by the ten thousand
		bits := s.take(4 * n)
		*list = make([]float32, len(bits)/4)
		for i := range *list {
			(*list)[i] = math.Float32frombits(binary.LittleEndian.Uint32(bits[4*i:]))
		}
	case *[]string:
		*list = make([]string, n)
		for i := range *list {
			(*list)[i] = s.text(s.uvarint())
		}
	default:
		v.Set(reflect.MakeSlice(v.Type(), int(n), int(n)))
		for i := range int(n) {
			s.fill(v.Index(i))
		}
	}
}
