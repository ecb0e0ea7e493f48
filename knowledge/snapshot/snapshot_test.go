package snapshot

import (
	"bytes"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

type value struct {
	Name   string
	Small  Ints
	Sorted Ints
	Counts []float32
	Words  Texts
}

func TestEncode(t *testing.T) {
	v := value{"a", Pack([]int32{0, 1, 127, 128, math.MaxInt32}), PackSteps([]uint32{5, 5, math.MaxUint32, 0}), []float32{0.5}, PackTexts([]string{"a", "", "été"})}
	data, err := Encode("abc123", v)
	if err != nil {
		t.Fatal(err)
	}
	var got value
	if err := Decode(data, "abc123", &got); err != nil {
		t.Fatal(err)
	}
	if got := Content(data); got != "abc123" {
		t.Errorf("Content: got %q", got)
	}
	if got := Content([]byte("abc123")); got != "" {
		t.Errorf("Content of what is no snapshot: got %q", got)
	}
	if small := Unpack[int32](got.Small); !slices.Equal(small, []int32{0, 1, 127, 128, math.MaxInt32}) {
		t.Errorf("Unpack: got %v", small)
	}
	if sorted := UnpackSteps[uint32](got.Sorted); !slices.Equal(sorted, []uint32{5, 5, math.MaxUint32, 0}) {
		t.Errorf("UnpackSteps: got %v", sorted)
	}
	if words := got.Words.List(); !slices.Equal(words, []string{"a", "", "été"}) {
		t.Errorf("List: got %q", words)
	}
	if same, err := Same(data, "abc123", v); !same || err != nil {
		t.Errorf("Same: got %v, %v, want true", same, err)
	}
	v.Name = "b"
	if same, err := Same(data, "abc124", v); same || err != nil {
		t.Errorf("Same of another content: got %v, %v, want false", same, err)
	}
	if same, err := Same(data, "abc123", v); same || err != nil {
		t.Errorf("Same of another value: got %v, %v, want false", same, err)
	}
}

func TestDecodeRefuses(t *testing.T) {
	data, err := Encode("abc123", value{Name: "a"})
	if err != nil {
		t.Fatal(err)
	}
	flipped := bytes.Clone(data)
	flipped[len(flipped)-6] ^= 0x40
	for name, data := range map[string][]byte{
		"nothing":            nil,
		"another content":    bytes.Replace(data, []byte("abc123"), []byte("abc124"), 1),
		"the beginning only": data[:len(data)-7],
		"a flipped bit":      flipped,
		"no snapshot":        []byte("abc123\n"),
	} {
		if err := Decode(data, "abc123", &value{}); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
	if err := Decode(data, "abc123", &struct{ Name int }{}); err == nil {
		t.Error("another kind of value: got no error")
	}
}

// A walk gives what unpacking gives, and zeros behind the end.
func TestCursor(t *testing.T) {
	list := []int32{3, 0, 127, 128, 16384, math.MaxInt32}
	small, sorted := Pack(list), PackSteps(list)
	next, step, last := small.Cursor(), sorted.Cursor(), int64(0)
	for i, want := range list {
		last += step.Step()
		if got := next.Next(); got != uint64(want) || last != int64(want) {
			t.Errorf("number %d: got %d, and by steps %d, want %d", i, got, last, want)
		}
	}
	if got, by := next.Next(), step.Step(); got != 0 || by != 0 {
		t.Errorf("behind the end: got %d, and by steps %d, want 0", got, by)
	}
	if got, want := UnpackStarts[uint32](small), []uint32{0, 3, 3, 130, 258, 16642, 16642 + math.MaxInt32}; !slices.Equal(got, want) {
		t.Errorf("UnpackStarts: got %v, want %v", got, want)
	}
}

type everything struct {
	Yes    bool
	N      int
	Small  uint16
	Text   string
	Day    time.Time
	Parts  []struct{ A, B string }
	Lists  [][]int32
	Bytes  []byte
	Shares []float32
	hidden int
}

// What is kept comes back, whatever kind it is; what ends too early is an error.
func TestKinds(t *testing.T) {
	v := everything{true, -5, 65535, "é" + strings.Repeat("long ", 1000), time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC),
		[]struct{ A, B string }{{"a", ""}, {"", "b"}}, [][]int32{{-1, math.MaxInt32}, nil}, []byte{0, 1}, []float32{-0.5}, 7}
	bytes, err := plain(v)
	if err != nil {
		t.Fatal(err)
	}
	read := func(data []byte) (got everything, err error) {
		s := source{data: data}
		s.fill(reflect.ValueOf(&got).Elem())
		return got, s.err
	}
	got, err := read(bytes[4:])
	if err != nil {
		t.Fatal(err)
	}
	v.hidden = 0
	if !reflect.DeepEqual(got, v) {
		t.Errorf("got %+v, want %+v", got, v)
	}
	for n := range len(bytes) - 4 {
		if _, err := read(bytes[4 : 4+n]); err == nil {
			t.Fatalf("%d of %d bytes: got no error", n, len(bytes)-4)
		}
	}
	for _, other := range []any{map[string]int{}, struct{ A *int }{}, struct{ A any }{}} {
		if _, err := Encode("abc123", other); err == nil {
			t.Errorf("%T: got no error", other)
		}
	}
}

func FuzzFill(f *testing.F) {
	data, err := plain(everything{Text: "a", Parts: []struct{ A, B string }{{"a", "b"}}, Lists: [][]int32{{1}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data[4:])
	f.Fuzz(func(t *testing.T, data []byte) {
		var got everything
		s := source{data: data}
		s.fill(reflect.ValueOf(&got).Elem()) // an error or a value, but no panic
	})
}

// A damaged list gives zeros, and never more or fewer than it says.
func FuzzUnpack(f *testing.F) {
	f.Add([]byte{1, 0x80}, int32(3))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, int32(2))
	f.Fuzz(func(t *testing.T, packed []byte, length int32) {
		if length < 0 || length > 1000 {
			return
		}
		p := Ints{packed, length}
		if got := len(Unpack[int32](p)); got != int(length) {
			t.Errorf("Unpack: got %d, want %d", got, length)
		}
		if got := len(UnpackSteps[uint16](p)); got != int(length) {
			t.Errorf("UnpackSteps: got %d, want %d", got, length)
		}
		if got := len(UnpackStarts[uint32](p)); got != int(length)+1 {
			t.Errorf("UnpackStarts: got %d, want %d", got, length+1)
		}
		c := p.Cursor()
		for i, want := range Unpack[uint32](p) {
			if got := uint32(c.Next()); got != want {
				t.Errorf("number %d: got %d by a walk, %d unpacked", i, got, want)
			}
		}
	})
}
