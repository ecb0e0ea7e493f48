package telegram

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/bot/telegram/telegramtest"
	"github.com/aftercarebot/aftercare/knowledge"
)

// hostile is what texts are put together from: mark-up, half mark-up,
// references, controls, what directs writing, what joins, surrogate pairs.
var hostile = []string{
	"<", ">", "&", "\"", "'", "<b>", "</b>", "<a href=\"x\">", "</blockquote>", "<script>alert(1)</script>", "<!-- -->", "<b", "</",
	"&lt;", "&lt", "&amp;lt;", "&#60;", "&#x3c", "&#0;", "&nbsp;", "&unknown;", "AT&T", "&&&",
	"*bold*", "_u_", "`code`", "```", "[x](http://y)", "||s||", "\\", "\\_", "@everyone", "@aftercare_test_bot", "#tag", "/start", "https://example.org/?a=1&b=<2>",
	"\n", "\n\n", "\n\n\n\n", "\t", " ", "   ", "\r\n", "\u00a0", "\u200b", "\u200d", "\u202e", "\u2066", "\ufeff", "\u0301", "\u2028", "\x00", "\x07",
	"😀", "👩‍👩‍👧‍👦", "🇬🇧", "𝔘𝔫𝔦", "é", "ß", "ﷺ", "漢字。", "مرحبا", "नमस्ते", "ไม่", "Z͑ͫ̓a̴l̸g̶o",
	"Do not swim for 24 hours.", "Is it safe? ", "Yes! ", "word", "24–74", "SPF 30", strings.Repeat("x", 500), strings.Repeat("sentence ends. ", 60), strings.Repeat("😀", 300),
}

func hostileText(r *rand.Rand, pieces int) string {
	var b strings.Builder
	for range r.IntN(pieces) + 1 {
		b.WriteString(hostile[r.IntN(len(hostile))])
	}
	return b.String()
}

// What the server makes of a reply is what was meant: the passage byte for
// byte, and no entity but those of the layout, in 5,000 hostile cases.
func TestRenderGivesPassagesBackByteForByte(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5000))
	splits := 0
	for i := range 5000 {
		size := 12
		if i%10 == 0 {
			size = 200
		}
		p := knowledge.Passage{ID: "guide/x", Title: "T" + hostileText(r, 5), Text: "P" + hostileText(r, size) + "E"}
		question := hostileText(r, 8)
		n := "N" + hostileText(r, 4) + "."
		reply := bot.Reply{Kind: bot.Answer, Matches: []knowledge.Match{{Passage: p}}, Lead: "I took this to mean: “" + question + "”", Note: n}
		parts := render(reply, "")
		var whole strings.Builder
		var kinds []string
		for j, part := range parts {
			plain, entities, err := telegramtest.ParseHTML(part.html)
			if err != nil {
				t.Fatalf("case %d part %d: refused: %v\n%q", i, j, err, part.html)
			}
			if plain != part.plain {
				t.Fatalf("case %d part %d: HTML says %q, plain says %q", i, j, plain, part.plain)
			}
			if c := utf8.RuneCountInString(plain); c > 4095 {
				t.Fatalf("case %d part %d: %d code points", i, j, c)
			}
			if len(part.html) > 32768 {
				t.Fatalf("case %d part %d: %d bytes of HTML", i, j, len(part.html))
			}
			for _, e := range entities {
				kinds = append(kinds, e.Type)
			}
			whole.WriteString(plain)
		}
		last, _, _ := telegramtest.ParseHTML(parts[len(parts)-1].html)
		if !strings.HasSuffix(last, n) {
			t.Fatalf("case %d: the last part ends with %q, want the note %q", i, last[max(0, len(last)-80):], n)
		}
		if len(parts) > 1 {
			splits++
			// The pieces of a passage are joined without anything between them.
			if !strings.Contains(whole.String(), p.Text) && !strings.Contains(strings.ReplaceAll(whole.String(), "\n", ""), strings.ReplaceAll(p.Text, "\n", "")) {
				t.Fatalf("case %d: the passage is not in its %d parts", i, len(parts))
			}
		} else if want := reply.Lead + "\n\n" + p.Title + "\n\n" + p.Text + "\n\n" + n; whole.String() != want {
			t.Fatalf("case %d: got %q, want %q", i, whole.String(), want)
		}
		kinds = slices.DeleteFunc(kinds, func(k string) bool { return k == "bold" || k == "blockquote" })
		if len(kinds) > 0 {
			t.Fatalf("case %d: entities %v that the content does not have", i, kinds)
		}
	}
	if splits < 100 {
		t.Errorf("got %d cases that were split, want more", splits)
	}
}

// A passage that fills many messages is in them whole, cut at white space.
func TestComposeSplits(t *testing.T) {
	paragraph := strings.Repeat("This is a sentence of some length. ", 40)
	for _, c := range []struct {
		name string
		text string
		want int
	}{
		{"one code point below the limit", strings.Repeat("😀", textLimit-size(note)-2), 1},
		{"at the limit", strings.Repeat("😀", textLimit-size(note)-1), 2},
		{"paragraphs", strings.TrimSpace(strings.Repeat(paragraph+"\n\n", 12)), 6},
		{"one word", strings.Repeat("x", 9000), 3},
		{"only escapes", strings.Repeat("<&>", 3000), 3},
		{"blank lines", strings.Repeat("\n", 9000) + "end", 1},
	} {
		parts := compose([]block{{plain, c.text}}, note)
		if len(parts) != c.want {
			t.Errorf("%s: got %d parts, want %d", c.name, len(parts), c.want)
		}
		var all strings.Builder
		for i, p := range parts {
			text := p.plain
			if i == len(parts)-1 {
				text = strings.TrimSuffix(strings.TrimSuffix(text, note), "\n\n")
			}
			all.WriteString(text)
		}
		if got := all.String(); strings.TrimSpace(got) != strings.TrimSpace(c.text) {
			t.Errorf("%s: text was lost: got %d bytes, want %d", c.name, len(got), len(c.text))
		}
	}
	if got := compose(nil, ""); len(got) != 1 || got[0].plain == "" {
		t.Errorf("nothing to say: got %v, want an apology rather than silence", got)
	}
	if got := compose([]block{{plain, " \n\u200b"}}, " "); len(got) != 1 || !visible(got[0].plain) {
		t.Errorf("nothing visible: got %v", got)
	}
	long := compose([]block{{bold, strings.Repeat("title ", 2000)}, {plain, "text"}}, strings.Repeat("note ", 900))
	for i, p := range long {
		if size(p.plain) > 4096 {
			t.Errorf("part %d of an endless title and note: %d code points", i, size(p.plain))
		}
	}
}

func TestPassageKeys(t *testing.T) {
	ids := []string{"guide/avoid-the-sun", "faq/a", "a/b/c", "under_score/x", "h-ash/x", "noslash", "ümlaut/ß", strings.Repeat("long/", 40), "a/b_c", "a_b/c", ""}
	g := &guide{}
	for i := range 500 {
		ids = append(ids, fmt.Sprintf("guide/%s-%d", strings.Repeat("x", i%70), i))
	}
	for _, id := range ids {
		g.passages = append(g.passages, knowledge.Passage{ID: id})
	}
	k := &keys{guide: g}
	seen := map[string]string{}
	for _, id := range ids {
		key := passageKey(id)
		if len(key) > 62 || strings.ContainsFunc(key, func(r rune) bool {
			return !(r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z')
		}) {
			t.Errorf("%q: key %q cannot be in a deep link", id, key)
		}
		if other, ok := seen[key]; ok {
			t.Errorf("%q and %q have the same key", id, other)
		}
		seen[key] = id
		if got, has := k.id(key); got != id || !has {
			t.Errorf("%q: key leads to %q", id, got)
		}
	}
	for key, want := range map[string]string{"guide_gone-by-now": "guide/gone-by-now", "a_b_gone": "a/b/gone"} {
		if got, has := k.id(key); got != want || has {
			t.Errorf("got %q, %v for a passage that is gone, want its id, so that the bot can say so", got, has)
		}
	}
	for _, key := range []string{"", "topics", "h-abc", "clinic_berlin", strings.Repeat("a_", 50)} {
		if got, has := k.id(key); got != "" || has {
			t.Errorf("%q: got %q, want none", key, got)
		}
	}
}

// Holes 15 to 17 of the library's, where we read and write ourselves.
func TestReadingCommandsAndMentions(t *testing.T) {
	for _, c := range []struct {
		text, name, bot, rest string
		ok                    bool
	}{
		{"/ask can I swim", "ask", "", "can I swim", true},
		{"/ASK@My_Bot  x ", "ask", "My_Bot", "x", true},
		{"/askпривет", "ask", "", "привет", true},
		{"/ask\ncan I", "ask", "", "can I", true},
		{"/", "", "", "", false},
		{"/usr/bin", "", "", "", false},
		{"ask", "", "", "", false},
		{" /ask", "", "", "", false},
		{"/" + strings.Repeat("a", 40), "", "", "", false},
	} {
		name, to, rest, ok := command(c.text)
		if name != c.name || to != c.bot || rest != c.rest || ok != c.ok {
			t.Errorf("%q: got %q %q %q %v", c.text, name, to, rest, ok)
		}
	}
}

func TestCutStaysWithinTheText(t *testing.T) {
	text := "😀@bot é"
	for offset := -2; offset < 14; offset++ {
		for length := -1; length < 14; length++ {
			e := entity(offset, length)
			start, end, ok := cut(text, e)
			if ok && (start < 0 || end > len(text) || start > end) {
				t.Errorf("entity %d+%d: got %d..%d", offset, length, start, end)
			}
		}
	}
	if start, end, ok := cut(text, entity(2, 4)); !ok || text[start:end] != "@bot" {
		t.Errorf("got %d..%d %v, want @bot: offsets count UTF-16 units", start, end, ok)
	}
}
