// Package snapshot keeps what was worked out from one content version, so that
// a program that has this content embedded need not work it out at every start.
//
// A snapshot names the content version that it was made of. That it was made
// by the code as it is now is for a test to see to: it makes the snapshot anew
// and compares, see [Same].
package snapshot

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"reflect"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// magic begins every snapshot; the content version and a line end follow.
const magic = "aftercare snapshot of "

// Encode makes a snapshot of value, worked out from a content version, which
// is its Hash. Of value's fields the exported ones are kept; they may be
// booleans, numbers, strings, and lists and structs of such.
func Encode(content string, value any) ([]byte, error) {
	plain, err := plain(value)
	if err != nil {
		return nil, err
	}
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBestCompression))
	if err != nil {
		return nil, fmt.Errorf("snapshot: %w", err)
	}
	return encoder.EncodeAll(plain, []byte(magic+content+"\n")), nil
}

func plain(value any) ([]byte, error) {
	v := reflect.ValueOf(value)
	sum, err := sumOf(v.Type())
	if err != nil {
		return nil, err
	}
	return appendValue(binary.LittleEndian.AppendUint32(nil, sum), v), nil
}

// Of reports whether data is a snapshot of a content version.
func Of(data []byte, content string) bool {
	return bytes.HasPrefix(data, []byte(magic+content+"\n"))
}

// Content gives the content version that data is a snapshot of; "" where it is
// no snapshot.
func Content(data []byte) string {
	head, _, ok := bytes.Cut(data[:min(len(data), 100)], []byte("\n"))
	version, is := bytes.CutPrefix(head, []byte(magic))
	if !ok || !is {
		return ""
	}
	return string(version)
}

// Decode fills value, a pointer to a zero value, with what Encode was given.
// It fails where data is a snapshot of another content version, or of another
// kind of value. Lists of bytes are parts of one large list, which stays as
// long as any of them.
func Decode(data []byte, content string, value any) error {
	if !Of(data, content) {
		return fmt.Errorf("snapshot: not of content %s", content)
	}
	plain, err := unpacked(data)
	if err != nil {
		return err
	}
	v := reflect.ValueOf(value).Elem()
	sum, err := sumOf(v.Type())
	if err != nil {
		return err
	}
	s := source{data: plain}
	if head := s.take(4); head == nil || binary.LittleEndian.Uint32(head) != sum {
		return errKind
	}
	s.fill(v)
	return s.err
}

// Same reports whether data holds what Encode would keep of value.
func Same(data []byte, content string, value any) (bool, error) {
	if !Of(data, content) {
		return false, nil
	}
	had, err := unpacked(data)
	if err != nil {
		return false, err
	}
	has, err := plain(value)
	return bytes.Equal(had, has), err
}

func unpacked(data []byte) ([]byte, error) {
	_, packed, _ := bytes.Cut(data, []byte("\n"))
	decoder := decoders.Get().(*zstd.Decoder)
	defer decoders.Put(decoder)
	plain, err := decoder.DecodeAll(packed, nil)
	if err != nil {
		return nil, fmt.Errorf("snapshot: %w", err)
	}
	return plain, nil
}

// decoders keeps decoders from one snapshot to the next: each has some hundred
// KB of buffers. One that was not given a stream has nothing to be closed.
var decoders = sync.Pool{New: func() any {
	decoder, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1))
	if err != nil {
		panic(err) // only for an option that cannot be
	}
	return decoder
}}
