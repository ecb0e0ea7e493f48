package knowledge

import (
	"crypto/sha256"
	"io/fs"
	"reflect"
	"sort"
	"strings"
)

// fileTexts is the text of content files, in the order in which Load reads them.
type fileTexts struct {
	names, texts []string
	ends         []int // of each, when they stand one behind another
}

func (t *fileTexts) add(name, text string) {
	end := len(text)
	if n := len(t.ends); n > 0 {
		end += t.ends[n-1]
	}
	t.names, t.texts, t.ends = append(t.names, name), append(t.texts, text), append(t.ends, end)
}

// at gives n bytes from a place in all files, one behind another, as part of
// the file that holds them; "" where none does.
func (t *fileTexts) at(from, n int) string {
	i := sort.SearchInts(t.ends, from+1)
	if i == len(t.ends) {
		return ""
	}
	from -= t.ends[i] - len(t.texts[i])
	if from+n > len(t.texts[i]) {
		return ""
	}
	return t.texts[i][from : from+n]
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
	content := Files()
	_ = fs.WalkDir(content, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !isContent(name) || strings.HasPrefix(entry.Name(), ".") {
			return nil
		}
		text, ok := inPlace["content/"+name]
		if !ok {
			data, _ := fs.ReadFile(content, name) // embedded files can be read
			text = string(data)
		}
		all.add(name, text)
		return nil
	})
	return all
}

// embeddedInPlace gives the embedded files by name without copying them, which
// package embed has no function for: it looks at the fields of an embed.FS.
// Should a version of Go name these otherwise, it gives none.
func embeddedInPlace() map[string]string {
	files := reflect.ValueOf(embedded).FieldByName("files")
	if files.Kind() != reflect.Pointer || files.IsNil() || files.Elem().Kind() != reflect.Slice {
		return nil
	}
	out := map[string]string{}
	for i := range files.Elem().Len() {
		file := files.Elem().Index(i)
		if file.Kind() != reflect.Struct {
			return nil
		}
		name, data := file.FieldByName("name"), file.FieldByName("data")
		if name.Kind() != reflect.String || data.Kind() != reflect.String {
			return nil
		}
		out[name.String()] = data.String()
	}
	return out
}
