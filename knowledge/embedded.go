package knowledge

import (
	"crypto/sha256"
	"io/fs"
	"reflect"
	"strings"
)

// fileTexts is the text of content files, in the order in which Load reads them.
type fileTexts struct {
	names, texts []string
	ends         []int  // of each, when they stand one behind another
	sums         []byte // the compiler's hashes of them; nil: not known
}

func (t *fileTexts) add(name, text string) {
	end := len(text)
	if n := len(t.ends); n > 0 {
		end += t.ends[n-1]
	}
	t.names, t.texts, t.ends = append(t.names, name), append(t.texts, text), append(t.ends, end)
}

// fingerprint tells apart what the compiler embedded, without reading it; ""
// where that cannot be told. Another version of Go may give another one.
func (t *fileTexts) fingerprint() string {
	if t.sums == nil {
		return ""
	}
	sum := sha256.New()
	for i, name := range t.names {
		noteName(sum, name, len(t.texts[i]))
	}
	sum.Write(t.sums)
	return versionOf(sum)
}

// version is what Load would give as the version of these files.
func (t *fileTexts) version() string {
	sum := sha256.New()
	var buffer [16 << 10]byte
	for i, text := range t.texts {
		noteName(sum, t.names[i], len(text))
		for len(text) > 0 {
			n := copy(buffer[:], text)
			sum.Write(buffer[:n])
			text = text[n:]
		}
	}
	return versionOf(sum)
}

// embeddedText gives the text of all embedded content files. It is where the
// program holds it, and takes no memory besides.
func embeddedText() fileTexts {
	inPlace := embeddedInPlace()
	var all fileTexts
	var sums []byte
	content := Files()
	_ = fs.WalkDir(content, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !isContent(name) || strings.HasPrefix(entry.Name(), ".") {
			return nil
		}
		file, ok := inPlace["content/"+name]
		if !ok {
			data, _ := fs.ReadFile(content, name) // embedded files can be read
			file.text = string(data)
		}
		all.add(name, file.text)
		sums = append(sums, file.sum[:]...)
		return nil
	})
	if len(inPlace) > 0 {
		all.sums = sums
	}
	return all
}

// embeddedFile is a file as the compiler embedded it.
type embeddedFile struct {
	text string
	sum  [16]byte
}

// embeddedInPlace gives the embedded files by name without copying them, which
// package embed has no function for: it looks at the fields of an embed.FS.
// Should a version of Go name these otherwise, it gives none.
func embeddedInPlace() map[string]embeddedFile {
	files := reflect.ValueOf(embedded).FieldByName("files")
	if files.Kind() != reflect.Pointer || files.IsNil() || files.Elem().Kind() != reflect.Slice {
		return nil
	}
	out := map[string]embeddedFile{}
	for i := range files.Elem().Len() {
		file := files.Elem().Index(i)
		if file.Kind() != reflect.Struct {
			return nil
		}
		name, data, sum := file.FieldByName("name"), file.FieldByName("data"), file.FieldByName("hash")
		if name.Kind() != reflect.String || data.Kind() != reflect.String || !sum.IsValid() || sum.Type() != reflect.TypeFor[[16]byte]() {
			return nil
		}
		own := embeddedFile{text: data.String()}
		for k := range own.sum {
			own.sum[k] = byte(sum.Index(k).Uint())
		}
		out[name.String()] = own
	}
	return out
}
