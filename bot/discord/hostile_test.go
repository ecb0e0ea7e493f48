package discord

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"sync"
	"testing"

	"context"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/bot/discord/discordtest"
	"github.com/aftercarebot/aftercare/knowledge"
)

// fragments are what content and questions are made of by somebody who means ill.
var fragments = []string{
	"@everyone", "@here", "<@200000000000000001>", "<@!1>", "<@&300000000000000001>", "<#4>", "</ask:5>", "<id:guide>", "<t:1618953630:R>", "<:x:1>", "<a:x:1>",
	":smile:", ":+1::wave:", "**bold**", "*", "__u__", "_", "~~s~~", "||spoiler||", "|", "`code`", "```\nblock\n```", "# big", "## big", "-# small", "> quote", ">>> quotes",
	"- item", "+ item", "* item", "1. one", "12) twelve", "[click](https://evil.example/a_b)", "[a]: b", "https://example.org/a_b_c*d*?x=[1]", "https://x.example<@1>", "https://*. https://*.",
	"<https://example.org/_x_>", "http://", "https://a.example.", "(https://b.example/_)", "\\", "\\\\", "\\@everyone", "\\*", "\n", "\n\n", "\r\n", "\t", "  ", " ", "a", "Wash your hands.", "24–74 hours", "SPF 30",
	"👩🏽‍⚕️", "é", "ﷺ", "\u202e", "\u200b", "\u0000", "\xff\xfe", "𝔘𝔫𝔦", "{\"parse\":[\"everyone\"]}", "¯\\_(ツ)_/¯", "snake_case_word", "2*3*4", "C#", "a@b.example", "~", "5 > 4", "<", ">",
	strings.Repeat("x", 2100), strings.Repeat("word ", 500), strings.Repeat("_", 700), strings.Repeat("😀", 1100), strings.Repeat("\n- a", 300),
}

func hostile(r *rand.Rand, most int) string {
	var b strings.Builder
	for range 1 + r.IntN(most) {
		f := fragments[r.IntN(len(fragments))]
		if len(f) > 500 && r.IntN(4) > 0 {
			continue
		}
		b.WriteString(f)
		if r.IntN(3) == 0 {
			b.WriteByte(" \n"[r.IntN(2)])
		}
	}
	return b.String()
}

var (
	lineStart = regexp.MustCompile(`^\s*([-*+] |\d+[.)] |#{1,3} |-# |> |>>> )`)
	autoLink  = regexp.MustCompile(`^https?://[^\s<]+[^<.,:;"'\]\s]`)
	escapable = regexp.MustCompile(`^[^0-9A-Za-z\s\x80-\xff]`)
	markUp    = regexp.MustCompile("^(<[@#:/tai]|@everyone|@here|\\*|_|~~|\\|\\||`|\\[|:[A-Za-z0-9_+~-]+:)")
)

// read gives what Discord would show of escaped text, and complains of any
// mark-up that is left. It knows Discord's rules, not those of escape.
func read(text string) (shown string, active []string) {
	var b strings.Builder
	for _, line := range strings.SplitAfter(text, "\n") {
		if m := lineStart.FindString(line); m != "" {
			active = append(active, "line begins with "+m)
		}
		for i := 0; i < len(line); {
			rest := line[i:]
			// Discord's own rule for links in text.
			if m := autoLink.FindString(rest); m != "" {
				b.WriteString(m)
				i += len(m)
				continue
			}
			if rest[0] >= 'a' && rest[0] <= 'z' && rest[0] != 'h' {
				b.WriteByte(rest[0])
				i++
				continue
			}
			if rest[0] == '\\' && len(rest) > 1 && escapable.MatchString(rest[1:]) {
				b.WriteByte(rest[1])
				i += 2
				continue
			}
			if m := markUp.FindString(rest); m != "" {
				active = append(active, m)
			}
			b.WriteByte(rest[0])
			i++
		}
	}
	return b.String(), active
}

func TestEscapeShowsTextAsWritten(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 5_000 {
		text := hostile(r, 8)
		shown, active := read(escape(text))
		if shown != text {
			t.Fatalf("Discord would show %q\nfor %q\nescaped %q", short(shown), short(text), short(escape(text)))
		}
		// A lone character between a link that is none cannot pair up.
		if len(active) > 0 {
			t.Fatalf("mark-up %q is left in %q of %q", active, escape(text), text)
		}
	}
}

// TestNobodyIsPinged sends hostile content and questions through every way of
// asking. The fake validates each body against Discord's description and the
// limits; here every message sent is looked at for whom it may mention, and
// every passage must have arrived whole.
func TestNobodyIsPinged(t *testing.T) {
	rounds := 120
	if testing.Short() {
		rounds = 50
	}
	r := rand.New(rand.NewPCG(3, 4))
	b := newBook()
	b.passages = nil
	for n := range 60 {
		b.passages = append(b.passages, knowledge.Passage{ID: fmt.Sprintf("x/%d%s", n, strings.Repeat("y", r.IntN(200))), Title: hostile(r, 4), Text: hostile(r, 20) + " end",
			Source: knowledge.Source{Title: hostile(r, 2)}})
	}
	var mu sync.Mutex
	asker := r
	r = rand.New(rand.NewPCG(5, 6)) // the handler's
	replies := map[string]bot.Reply{}
	s := start(t, set{book: b, adapter: unpaced, answer: func(_ context.Context, q bot.Question) bot.Reply {
		mu.Lock()
		defer mu.Unlock()
		n, m := r.IntN(len(b.passages)), r.IntN(len(b.passages))
		two := []knowledge.Match{{Passage: b.passages[n], Confidence: r.Float64()}, {Passage: b.passages[m], Also: true, About: hostile(r, 2)}}
		reply := bot.Reply{Kind: bot.Kind(r.IntN(6)), Lead: q.Text[:min(len(q.Text), 900)], Text: hostile(r, 10), Note: hostile(r, 4), Topics: b.passages, Related: b.passages[:r.IntN(9)]}
		switch reply.Kind {
		case bot.Answer:
			reply.Matches = two[:1+r.IntN(2)]
		case bot.Suggest:
			reply.Matches = two
		case bot.Urgent:
			reply.Card = &knowledge.Card{Title: hostile(r, 2), Intro: hostile(r, 3), Close: hostile(r, 3), Levels: []knowledge.Level{{Urgency: knowledge.Emergency, Heading: hostile(r, 2), Signs: []string{hostile(r, 3), hostile(r, 3)}}}}
			reply.Matches = two[:r.IntN(2)]
		}
		replies[q.Conversation] = reply
		return reply
	}})
	seen := map[string]bool{}
	for n := range rounds {
		at := person(s, []discordtest.At{inServer, inDM, {Channel: "400000000000000060"}}[n%3])
		question := hostile(asker, 6)
		var i *discordtest.Interaction
		switch n % 5 {
		case 0:
			i = s.Ask(at, question)
		case 1:
			i = s.AnswerThis(at, someone, discordtest.Note{Content: "x " + question, Pictures: n % 2})
		case 2:
			i = s.Complete(at, question)
		case 3:
			i = s.Command(at, []string{"topics", "help", "privacy", "settings"}[n%4], nil)
		case 4:
			at.Guild, at.Channel = "", ""
			s.Say(at, discordtest.Note{Content: question})
			s.answer(discordtest.DMOf(at.User), 1)
		}
		if i != nil {
			s.all(i)
		}
	}
	s.end() // every part has been sent by now
	whole := map[string]string{}
	for _, m := range s.Messages() {
		var d struct {
			Mentions json.RawMessage `json:"allowed_mentions"`
			TTS      bool            `json:"tts"`
		}
		if err := json.Unmarshal(m.Raw, &d); err != nil {
			t.Fatal(err)
		}
		if string(d.Mentions) != `{"parse":[],"replied_user":false}` || d.TTS {
			t.Errorf("got allowed_mentions %s, want nobody", d.Mentions)
		}
		seen[m.Channel] = true
		key := m.Channel
		whole[key] += m.Text() + "\n"
	}
	if len(seen) < 3 {
		t.Errorf("got messages in %d channels only", len(seen))
	}
	// In the chats with the bot each conversation has a channel of its own.
	checked := 0
	for conversation, reply := range replies {
		_, place, _ := strings.Cut(conversation, ":") // none where “Answer this” was used
		channel, _, _ := strings.Cut(place, ":")
		if !strings.HasPrefix(channel, "7") || reply.Kind != bot.Answer {
			continue
		}
		shown, _ := read(whole[channel])
		for _, m := range reply.Matches {
			if !strings.Contains(squeeze(shown), squeeze(m.Passage.Text)) {
				t.Errorf("passage %q did not arrive whole in %q", short(m.Passage.Text), short(shown))
			}
			checked++
		}
	}
	if checked == 0 {
		t.Error("no passage was looked at")
	}
}

// squeeze leaves out white space, which is where parts are joined, and what
// JSON cannot carry.
func squeeze(s string) string {
	return strings.Join(strings.Fields(strings.ToValidUTF8(strings.ReplaceAll(s, "\ufffd", ""), "")), "")
}

// unpaced lifts the limits on how fast people may ask.
func unpaced(a *Adapter) {
	a.person, a.channel, a.server = unlimited(), unlimited(), unlimited()
	a.typing = unlimited()
}

func short(s string) string {
	return regexp.MustCompile(`(x{20})x+|(😀{5})😀+|((?:word ){4})(?:word )+|(_{20})_+|((?:\\_){20})(?:\\_)+|((?:\\n- a){5})(?:\\n- a)+`).ReplaceAllString(s, "$1$2$3$4$5$6…")
}
