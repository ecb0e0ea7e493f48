package telegram

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/bot/telegram/telegramtest"
	"github.com/aftercarebot/aftercare/knowledge"
)

// FuzzRender holds every reply to what Telegram takes and to what the package
// promises: no part too long, nothing but the layout's own tags, well nested,
// all texts there byte for byte, and the note with the last part.
func FuzzRender(f *testing.F) {
	for i, seed := range []struct{ passage, title, note, question string }{
		{"No baths for 24 hours.", "Do not swim", note, "can I swim?"},
		{"a < b & \"c\" > 'd' &lt; &amp;lt; </b><blockquote>", "<b>", "</blockquote>&", "<script>"},
		{strings.Repeat("😀", textLimit-size(note)-2), "T", note, ""},
		{strings.Repeat("<&>", 3000), strings.Repeat("title ", 900), note, strings.Repeat("?", 4095)},
		{strings.Repeat("\n", 400) + "end" + strings.Repeat(" \n", 200), "\u200b", " ", "\xff\xfe"},
		{strings.Repeat("A sentence. ", 400) + "\n\n" + strings.Repeat("x", 5000), "T", strings.Repeat("note ", 900), "q"},
		{"", "", "", ""},
	} {
		f.Add(seed.passage, seed.title, seed.note, seed.question, uint8(i))
	}
	f.Fuzz(func(t *testing.T, passage, title, note, question string, kind uint8) {
		if blank(passage) || blank(title) || blank(note) || blank(question) {
			t.Skip("TestComposeSplits looks at blank pages")
		}
		r, want := fuzzedReply(passage, title, note, question, kind)
		parts := render(r, "")
		var texts []string
		for i, part := range parts {
			text, err := strictHTML(part.html)
			if err != nil {
				t.Fatalf("part %d: %v in %q", i, err, part.html)
			}
			theirs, _, err := telegramtest.ParseHTML(part.html)
			switch {
			case err != nil:
				t.Fatalf("part %d is refused: %v", i, err)
			case text != part.plain || theirs != text:
				t.Fatalf("part %d: HTML says %q, to the server %q, and plain says %q", i, text, theirs, part.plain)
			case utf8.RuneCountInString(text) > 4096:
				t.Fatalf("part %d: %d code points", i, utf8.RuneCountInString(text))
			case len(part.html) > 32<<10:
				t.Fatalf("part %d: %d bytes of HTML", i, len(part.html))
			case !utf8.ValidString(part.html):
				t.Fatalf("part %d is not UTF-8", i)
			case !visible(text):
				t.Fatalf("part %d holds nothing to see: %q", i, text)
			}
			texts = append(texts, text)
		}
		read := &reader{parts: texts}
		shown := 0
		for _, b := range want {
			b = strings.ToValidUTF8(b, "\uFFFD")
			if !visible(b) {
				continue
			}
			shown++
			if !read.block(b) {
				t.Fatalf("lost of %d parts: %q", len(texts), b)
			}
		}
		if shown == 0 {
			return // an apology, then
		}
		if !read.atEnd() {
			t.Fatalf("%q is in part %d of %d, and nobody asked for it", read.parts[read.part][read.at:], read.part+1, len(texts))
		}
		n := strings.ToValidUTF8(note, "\uFFFD")
		if visible(n) && size(n) <= textLimit/2 && !strings.HasSuffix(parts[len(parts)-1].html, "</blockquote>") {
			t.Fatalf("the last part is without the note: %q", parts[len(parts)-1].html)
		}
	})
}

// fuzzedReply makes a reply of every kind, and lists the texts that must be
// in it, in order.
func fuzzedReply(passage, title, note, question string, kind uint8) (bot.Reply, []string) {
	confidence := 1.0
	if kind&64 != 0 {
		confidence = 0.6 // then the reply says that it is in doubt
	}
	p := knowledge.Passage{ID: "guide/x", Title: title, Text: passage}
	r := bot.Reply{Lead: question, Note: note}
	want := []string{question, title, passage, note}
	switch kind % 6 {
	case 0:
		r.Kind, r.Matches = bot.Answer, []knowledge.Match{{Passage: p, Confidence: confidence}}
	case 1:
		also := knowledge.Match{Passage: knowledge.Passage{ID: "guide/y", Title: "Y", Text: passage}, Also: true, About: title}
		r.Kind, r.Matches = bot.Answer, []knowledge.Match{{Passage: p, Confidence: confidence}, also}
		want = []string{question, title, passage, bot.Bridge(also), "Y", passage, note}
	case 2:
		r.Kind = bot.Urgent
		r.Card = &knowledge.Card{Title: title, Intro: passage, Close: passage, Levels: []knowledge.Level{{Urgency: knowledge.Emergency, Heading: title, Signs: []string{passage, "b"}}}}
		want = []string{"⚠️ " + title, passage, bot.LevelHeading(r.Card.Levels[0]), "• " + passage + "\n• b", passage, question, note}
	case 3:
		r.Kind, r.Text = bot.Suggest, passage
		r.Matches = []knowledge.Match{{Passage: p}, {Passage: p}}
		want = []string{question, passage, titles(r.Matches), note}
	case 4:
		r.Kind, r.Text = bot.Declined, passage
		want = []string{question, passage, note}
	default:
		r.Text = passage
		want = []string{question, passage, note}
	}
	if doubt := r.Doubt(); doubt != "" {
		for i, w := range want {
			if w == question {
				want = append(want[:i+1:i+1], append([]string{doubt}, want[i+1:]...)...)
				break
			}
		}
	}
	return r, want
}

// reader goes through the parts of a reply block by block. Within a part two
// blocks are a blank line apart, between two parts there is nothing.
type reader struct {
	parts    []string
	part, at int
}

func (r *reader) atEnd() bool {
	return r.part == len(r.parts)-1 && r.at == len(r.parts[r.part])
}

// block reads one block, which may go on over several parts, and reports
// whether it was there whole. Telegram has no messages without anything to
// see in them, so a stretch of that sort may be missing where a part begins.
func (r *reader) block(text string) bool {
	if r.at > 0 && r.at < len(r.parts[r.part]) {
		if !strings.HasPrefix(r.parts[r.part][r.at:], "\n\n") {
			return false
		}
		r.at += 2
	}
	for text != "" {
		if r.at == len(r.parts[r.part]) {
			if r.part == len(r.parts)-1 {
				return !visible(text)
			}
			r.part, r.at = r.part+1, 0
		}
		rest := r.parts[r.part][r.at:]
		if r.at == 0 {
			i, j := strings.IndexFunc(text, visibleRune), strings.IndexFunc(rest, visibleRune)
			if i > j && j >= 0 && text[i-j:i] == rest[:j] {
				text = text[i-j:]
			}
		}
		n := common(rest, text)
		if n < len(rest) && n < len(text) {
			return r.at == 0 && !visible(text)
		}
		text, r.at = text[n:], r.at+n
	}
	return true
}

// blank reports whether s has a stretch of nothing to see that may fill a
// message by itself.
func blank(s string) bool {
	n := 0
	for _, r := range s {
		if n++; visibleRune(r) {
			n = 0
		}
		if n == 500 {
			return true
		}
	}
	return false
}

func common(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// strictHTML gives the text of a message's HTML, and refuses all but the
// layout's own three tags, side by side and never one in another, and the
// references that a text needs.
func strictHTML(s string) (string, error) {
	var out strings.Builder
	open := ""
	for s != "" {
		switch s[0] {
		case '<':
			tag, rest, ok := strings.Cut(s[1:], ">")
			name, closing := strings.CutPrefix(tag, "/")
			switch {
			case !ok || name != "b" && name != "i" && name != "blockquote":
				return "", fmt.Errorf("tag %q", tag)
			case closing && name != open || !closing && open != "":
				return "", fmt.Errorf("tag %q inside of %q", tag, open)
			case closing:
				open = ""
			default:
				open = name
			}
			s = rest
		case '>':
			return "", fmt.Errorf("a bare >")
		case '&':
			name, rest, _ := strings.Cut(s[1:], ";")
			r, ok := map[string]string{"lt": "<", "gt": ">", "amp": "&", "quot": "\"", "#34": "\"", "#39": "'"}[name]
			if !ok {
				return "", fmt.Errorf("a bare & before %.10q", s[1:])
			}
			out.WriteString(r)
			s = rest
		default:
			n := strings.IndexAny(s, "<>&")
			if n < 0 {
				n = len(s)
			}
			out.WriteString(s[:n])
			s = s[n:]
		}
	}
	if open != "" {
		return "", fmt.Errorf("tag %q stays open", open)
	}
	return out.String(), nil
}
