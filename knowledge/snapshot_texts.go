package knowledge

import (
	"sort"
	"strings"

	"github.com/aftercarebot/aftercare/knowledge/snapshot"
)

// texts are strings, as places in a text that holds nearly all of them: that of
// all files, one behind another. Most are short, and begin not far from where
// the one before ends, so that a byte tells how long it is and one how far.
type texts struct {
	Sizes  []byte        // of each, how many bytes it has
	Long   snapshot.Ints // how many, where that is long
	Steps  []byte        // of each that the text holds, how far from the one before it begins, and stepNear more
	Far    snapshot.Ints // where it begins, where that is far, as steps
	Other  snapshot.Ints // of each that the text does not hold, its number in Others
	Others []string      // the different ones
}

const (
	sizeLong  = 254 // so many bytes or more
	sizeOther = 255 // it is one of Others
	stepNear  = 128 // so many bytes back, at most
	stepFar   = 255 // further on, or further back
)

// textsOf finds strings in a text.
func textsOf(all []string, text string) texts {
	var t texts
	var longs, fars, others []int
	number := map[string]int{}
	end := 0
	for _, s := range all {
		n, known := number[s]
		at := -1
		if s != "" {
			at = nearest(text, s, end)
		}
		if at < 0 && len(s) >= longText && !known {
			at = strings.Index(text, s)
		}
		if at < 0 && s != "" {
			if !known {
				n = len(t.Others)
				number[s], t.Others = n, append(t.Others, s)
			}
			t.Sizes, others = append(t.Sizes, sizeOther), append(others, n)
			continue
		}
		t.Sizes = append(t.Sizes, byte(min(len(s), sizeLong)))
		if len(s) >= sizeLong {
			longs = append(longs, len(s))
		}
		if s == "" {
			continue
		}
		step := at - end + stepNear
		if step < 0 || step >= stepFar {
			fars = append(fars, at)
			step = stepFar
		}
		t.Steps = append(t.Steps, byte(step))
		end = at + len(s)
	}
	t.Long, t.Far, t.Other = snapshot.Pack(longs), snapshot.PackSteps(fars), snapshot.Pack(others)
	return t
}

// A string is looked for so many bytes around the one before, and from a length
// on everywhere: to say where a short one is far away takes more than the string.
const (
	lookBack = 100
	lookOn   = 4 << 10
	longText = 12
)

// nearest gives the place of s that is nearest to end, or -1.
func nearest(text, s string, end int) int {
	from := max(0, end-lookBack)
	back := strings.LastIndex(text[from:min(len(text), end+len(s)-1)], s)
	on := strings.Index(text[end:min(len(text), end+lookOn)], s)
	switch {
	case back >= 0 && (on < 0 || end-(from+back) < on):
		return from + back
	case on >= 0:
		return end + on
	}
	return -1
}

// textReader gives texts one after another.
type textReader struct {
	texts
	content          *fileTexts
	file             string // that holds the string before
	from, to         int    // where it stands among all
	end              int    // of the string before
	size, step       int    // how many of Sizes and Steps are read
	long, far, other snapshot.Cursor
	farAt            int
}

func (t *texts) reader(content *fileTexts) textReader {
	return textReader{texts: *t, content: content, long: t.Long.Cursor(), far: t.Far.Cursor(), other: t.Other.Cursor()}
}

func (r *textReader) next() string {
	n := int(r.Sizes[r.size])
	r.size++
	if n == 0 {
		return ""
	}
	if n >= sizeLong {
		if n == sizeOther {
			return r.Others[r.other.Next()]
		}
		n = int(r.long.Next())
	}
	at := r.end - stepNear + int(r.Steps[r.step])
	if r.Steps[r.step] == stepFar {
		r.farAt += int(r.far.Step())
		at = r.farAt
	}
	r.step++
	r.end = at + n
	if at < r.from || r.end > r.to {
		r.turnTo(at)
	}
	return r.file[at-r.from : r.end-r.from]
}

// turnTo opens the file that holds a place.
func (r *textReader) turnTo(at int) {
	i := sort.SearchInts(r.content.ends, at+1)
	r.file, r.to = r.content.texts[i], r.content.ends[i]
	r.from = r.to - len(r.file)
}
