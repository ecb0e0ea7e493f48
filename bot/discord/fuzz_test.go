package discord

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/bot/discord/discordtest"
	"github.com/aftercarebot/aftercare/knowledge"
)

// FuzzRender holds every reply to Discord's limits, with components and in
// plain text, and to what the package promises: nobody is pinged, no mark-up
// arises from what somebody wrote, and all texts arrive byte for byte.
func FuzzRender(f *testing.F) {
	for _, seed := range []struct {
		passage, title, note, question string
		kind                           uint8
	}{
		{"Do not swim for two weeks.\n\n- no pool\n- no *hot* bath\n\nhttps://example.org/a_b_c", "Stay out of the pool", aNote, "can I swim?", 0},
		{"@everyone <@1> <@&2> </ask:5> <t:1:R> :smile: # big", "> quote", "||x||", "<:a:1>", 1},
		{strings.Repeat("This is a sentence. ", 97) + strings.Repeat("\n", 30), "T", aNote, "", 2},
		{strings.Repeat("😀", 2100), strings.Repeat("title ", 900), strings.Repeat("note ", 500), strings.Repeat("_", 4000), 3},
		{strings.Repeat("a\n", 300) + strings.Repeat("\u3000", 200), "\u200b", " ", "\xff\xfe", 4 + 32},
		{strings.Repeat("https://x.example/a_b。*", 120), "https://.", "\\", "`", 64},
		{strings.Repeat("x", 1900) + strings.Repeat(" ", 100), "", "", "", 5}, // an empty page once
		{"", "", "", "", 0},
		{"0", "", "", "", 3},  // suggestions without a title
		{"0", "y", "", "", 3}, // the same suggestion twice
		{"0", " ", "", strings.Repeat(" ", 200), 5},
	} {
		f.Add(seed.passage, seed.title, seed.note, seed.question, seed.kind)
	}
	f.Fuzz(func(t *testing.T, passage, title, note, question string, kind uint8) {
		// Content and questions are UTF-8 by the time they get here; what is
		// not would change in JSON.
		for _, s := range []*string{&passage, &title, &note, &question} {
			*s = strings.ToValidUTF8(*s, "\uFFFD")
		}
		r, want := fuzzedReply(passage, title, note, question, kind)
		private := kind&32 != 0
		all := layout(r, view{private: private, share: true, thumbs: true, asker: someone})
		if !private {
			all[len(all)-1].offerDelete(someone, []string{someone, someone, someone, someone})
		}
		var texts []string
		for i, p := range all {
			for how, out := range map[string]outgoing{"components": p.render(private), "plain text": p.simple(private)} {
				if !private {
					out.Nonce, out.EnforceNonce = nonce(someone, i), true
				}
				raw, err := json.Marshal(out)
				if err != nil {
					t.Fatal(err)
				}
				if err := discordtest.CheckMessage(raw, !private); err != nil {
					t.Fatalf("page %d of %d in %s: %v\n%.3000s", i+1, len(all), how, err, raw)
				}
			}
			for _, box := range p.boxes {
				for _, text := range box {
					if !utf8.ValidString(text) {
						t.Fatalf("page %d is not UTF-8: %q", i+1, text)
					}
					texts = append(texts, unmarked(t, text))
				}
			}
		}
		for _, w := range want {
			if !holds(texts, w) {
				t.Fatalf("lost on %d pages: %q", len(all), w)
			}
		}
	})
}

// unmarked takes the layout's own mark-up off the start of a text's lines and
// gives what Discord shows of it; any other mark-up is an error.
func unmarked(t *testing.T, text string) string {
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		for _, own := range []string{"### ", "## ", sourcePrefix, "- "} {
			if rest, ok := strings.CutPrefix(l, own); ok {
				lines[i] = rest
				break
			}
		}
	}
	shown, active := read(strings.Join(lines, "\n"))
	if len(active) > 0 {
		t.Fatalf("mark-up %q is left in %q", active, text)
	}
	return shown
}

// holds reports whether want is in the texts byte for byte, as one of them or
// as several that follow on one another. White space at the end of a page, or
// that would fill most of one, is not shown.
func holds(texts []string, want string) bool {
	if strings.TrimSpace(want) == "" {
		return true
	}
	for i := range texts {
		rest := want
		for j := i; j < len(texts); j++ {
			next, ok := strings.CutPrefix(rest, texts[j])
			if lost := indent(rest) - indent(texts[j]); !ok && lost >= leastPage {
				next, ok = strings.CutPrefix(rest[lost:], texts[j])
			}
			if !ok {
				break
			}
			if rest = next; strings.TrimSpace(rest) == "" {
				return true
			}
		}
	}
	return false
}

// indent is how many bytes of white space a text begins with.
func indent(text string) int { return len(text) - len(strings.TrimLeftFunc(text, unicode.IsSpace)) }

// fuzzedReply makes a reply of every kind, and lists the texts that must be
// in it. What is drawn on one line has its white space joined.
func fuzzedReply(passage, title, note, question string, kind uint8) (bot.Reply, []string) {
	p := knowledge.Passage{ID: "guide/" + title, Title: title, Text: passage, Source: knowledge.Source{Title: title}}
	r := bot.Reply{Lead: question, Note: note, Related: []knowledge.Passage{p}}
	want := []string{question, note, passage}
	switch kind % 6 {
	case 0:
		confidence := 1.0
		if kind&64 != 0 {
			confidence = 0.6
		}
		r.Kind, r.Matches = bot.Answer, []knowledge.Match{{Passage: p, Confidence: confidence}}
		want = append(want, r.Doubt(), oneLine(title), oneLine(bot.SourceLine(p.Source)))
	case 1:
		also := knowledge.Match{Passage: knowledge.Passage{ID: "guide/y", Title: "Y", Text: question}, Also: true, About: title}
		r.Kind, r.Matches = bot.Answer, []knowledge.Match{{Passage: p, Confidence: 1}, also}
		want = append(want, oneLine(title), bot.Bridge(also))
	case 2:
		r.Kind, r.Matches = bot.Urgent, []knowledge.Match{{Passage: p, Confidence: 1}}
		r.Card = &knowledge.Card{Title: title, Intro: passage, Close: question, Levels: []knowledge.Level{{Urgency: knowledge.Emergency, Heading: title, Signs: []string{"a"}}}}
		want = append(want, oneLine(title), oneLine(bot.LevelHeading(r.Card.Levels[0])))
	case 3:
		r.Kind, r.Text = bot.Suggest, passage
		r.Matches = []knowledge.Match{{Passage: p}, {Passage: knowledge.Passage{ID: "guide/y", Title: question}}}
		if units(oneLine(title)) > 80 {
			want = append(want, oneLine(title))
		}
	case 4:
		r.Kind, r.Text = bot.Declined, passage
	default:
		r.Text, r.Topics = passage, []knowledge.Passage{p, {ID: "guide/" + question, Title: question}}
	}
	return r, want
}
