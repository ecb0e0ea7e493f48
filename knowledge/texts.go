package knowledge

import (
	"sort"
	"strings"

	"github.com/aftercarebot/aftercare/knowledge/snapshot"
)

// texts are strings, as places in a text that holds nearly all of them: that of
// all files, one behind another.
type texts struct {
	Sizes  snapshot.Ints // of each, one more than its bytes; 0: it is one of Others
	Steps  snapshot.Ints // of each that the text holds, as steps: where it begins, less the sizes of those before
	Other  snapshot.Ints // of each that the text does not hold, its number in Others
	Others []string      // the different ones
}

// textsOf finds strings in a text.
func textsOf(all []string, text string) texts {
	var t texts
	var sizes, steps, other []int
	number := map[string]int{}
	end, before := 0, 0
	for _, s := range all {
		n, known := number[s]
		at := -1
		if s != "" {
			at = near(text, s, end)
		}
		if at < 0 && len(s) >= longText && !known {
			at = strings.Index(text, s)
		}
		switch {
		case s == "":
			sizes = append(sizes, 1)
		case at >= 0:
			sizes, steps = append(sizes, len(s)+1), append(steps, at-before)
			end, before = at+len(s), before+len(s)
		default:
			if !known {
				n = len(t.Others)
				number[s], t.Others = n, append(t.Others, s)
			}
			sizes, other = append(sizes, 0), append(other, n)
		}
	}
	t.Sizes, t.Steps, t.Other = snapshot.Pack(sizes), snapshot.PackSteps(steps), snapshot.Pack(other)
	return t
}

// A string is looked for near the one before, and a long one everywhere: the
// place of a short one far away takes more bytes than the string.
const (
	nearBehind, nearBefore = 4 << 10, 100
	longText               = 12
)

// near gives the place of s that is nearest to end, or -1.
func near(text, s string, end int) int {
	from := max(0, end-nearBefore)
	before := strings.LastIndex(text[from:min(len(text), end+len(s)-1)], s)
	behind := strings.Index(text[end:min(len(text), end+nearBehind)], s)
	switch {
	case before >= 0 && (behind < 0 || end-(from+before) < behind):
		return from + before
	case behind >= 0:
		return end + behind
	}
	return -1
}

// textReader gives texts one after another.
type textReader struct {
	content            *fileTexts
	file               string // that holds the string before
	from, to           int    // where it stands among all
	at                 int    // where the string before ends
	sizes, step, other snapshot.Cursor
	others             []string
}

func (t *texts) reader(content *fileTexts) textReader {
	return textReader{content: content, sizes: t.Sizes.Cursor(), step: t.Steps.Cursor(), other: t.Other.Cursor(), others: t.Others}
}

func (r *textReader) next() string {
	n := int(r.sizes.Next()) - 1
	switch {
	case n < 0:
		return r.others[r.other.Next()]
	case n == 0:
		return ""
	}
	at := r.at + int(r.step.Step())
	r.at = at + n
	if at < r.from || r.at > r.to {
		r.turnTo(at)
	}
	return r.file[at-r.from : r.at-r.from]
}

// turnTo opens the file that holds a place.
func (r *textReader) turnTo(at int) {
	i := sort.SearchInts(r.content.ends, at+1)
	r.file, r.to = r.content.texts[i], r.content.ends[i]
	r.from = r.to - len(r.file)
}
