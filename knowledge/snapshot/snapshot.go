// Package snapshot keeps what was worked out from one content version, so that
// a program that has this content embedded need not work it out at every start.
//
// A snapshot names the content version that it was made of. That it was made
// by the code as it is now is for a test to see to: it makes the snapshot anew
// and compares, see [Same].
package snapshot

import (
	"bytes"
	"encoding/gob"
	"fmt"
	"reflect"

	"github.com/klauspost/compress/zstd"
)

// magic begins every snapshot; the content version and a line end follow.
const magic = "aftercare snapshot of "

// Encode makes a snapshot of value, worked out from a content version, which
// is its Hash. Of value's fields the exported ones are kept, as gob keeps them.
// It must hold no map: gob writes those in any order, so that no two are [Same].
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
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(value); err != nil {
		return nil, fmt.Errorf("snapshot: %w", err)
	}
	return b.Bytes(), nil
}

// Of reports whether data is a snapshot of a content version.
func Of(data []byte, content string) bool {
	return bytes.HasPrefix(data, []byte(magic+content+"\n"))
}

// Decode fills value, a pointer, with what Encode was given. It fails where
// data is a snapshot of another content version, or of another kind of value.
func Decode(data []byte, content string, value any) error {
	if !Of(data, content) {
		return fmt.Errorf("snapshot: not of content %s", content)
	}
	plain, err := unpacked(data)
	if err != nil {
		return err
	}
	if err := gob.NewDecoder(bytes.NewReader(plain)).Decode(value); err != nil {
		return fmt.Errorf("snapshot: %w", err)
	}
	return nil
}

// Same reports whether data holds what Encode would keep of value.
func Same(data []byte, content string, value any) (bool, error) {
	if !Of(data, content) {
		return false, nil
	}
	kept := reflect.New(reflect.TypeOf(value))
	if err := Decode(data, content, kept.Interface()); err != nil {
		return false, err
	}
	// Both are written anew: gob numbers types in the order in which the
	// program first writes them, so that what is in data may differ in that.
	had, err := plain(kept.Elem().Interface())
	if err != nil {
		return false, err
	}
	has, err := plain(value)
	return bytes.Equal(had, has), err
}

func unpacked(data []byte) ([]byte, error) {
	_, packed, _ := bytes.Cut(data, []byte("\n"))
	decoder, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1))
	if err != nil {
		return nil, fmt.Errorf("snapshot: %w", err)
	}
	defer decoder.Close()
	plain, err := decoder.DecodeAll(packed, nil)
	if err != nil {
		return nil, fmt.Errorf("snapshot: %w", err)
	}
	return plain, nil
}
