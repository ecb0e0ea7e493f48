package console

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/knowledge"
)

func TestWrap(t *testing.T) {
	for _, test := range []struct {
		name, text string
		columns    int
		want       string
	}{
		{"short", "Stay out of the sun.", 40, "Stay out of the sun."},
		{"long", "Stay out of the sun for two weeks.", 16, "Stay out of the\nsun for two\nweeks."},
		{"exact", "one two", 7, "one two"},
		{"keeps lines", "one two\n\nthree", 5, "one\ntwo\n\nthree"},
		{"list item hangs", "- keep clean hands", 10, "- keep\n  clean\n  hands"},
		{"numbered item hangs", "12. keep clean", 9, "12. keep\n    clean"},
		{"long word stays whole", "see https://example.org/very/long now", 10, "see\nhttps://example.org/very/long\nnow"},
		{"long first word of an item", "- incomprehensibilities here", 10, "- incomprehensibilities\n  here"},
		{"wide characters", "日本語 日本語", 8, "日本語\n日本語"},
		{"combining marks take no room", "e\u0301e\u0301e\u0301 e\u0301", 5, "e\u0301e\u0301e\u0301 e\u0301"},
		{"narrow", "a b", 1, "a\nb"},
		{"empty", "", 10, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, Wrap(test.text, test.columns)); diff != "" {
				t.Errorf("wrapped text differs (-want +got):\n%s", diff)
			}
		})
	}
}

// FuzzWrap: wrapping changes white space only.
func FuzzWrap(f *testing.F) {
	f.Add("- Stay out of the sun\n\n  for  two weeks.", 12)
	f.Add("日本語 日本語\t", 3)
	f.Add("1. a", -1)
	f.Fuzz(func(t *testing.T, text string, columns int) {
		if len(text) > 1000 {
			t.Skip()
		}
		columns %= 200
		got := Wrap(text, columns)
		if want := strings.Fields(text); cmp.Diff(want, strings.Fields(got)) != "" {
			t.Errorf("Wrap(%q, %d): got words %q, want %q", text, columns, strings.Fields(got), want)
		}
		if utf8.ValidString(text) && !utf8.ValidString(got) {
			t.Errorf("Wrap(%q, %d): got invalid UTF-8 %q", text, columns, got)
		}
	})
}

var swimming = knowledge.Passage{
	ID: "guide/swimming", Title: "Stay out of the water",
	Text: "Do not swim for a week.\n\nOn the first day, take no bath.",
}

func TestRenderAnswer(t *testing.T) {
	reply := bot.Reply{Kind: bot.Answer, Matches: []knowledge.Match{{Passage: swimming}}, Note: "Ask your doctor."}
	got := Style{}.Render(reply, 80)
	if got != reply.Plain() {
		t.Errorf("without colour: got %q, want the plain reply %q", got, reply.Plain())
	}
	coloured := Style{Colour: true}.Render(reply, 80)
	if !strings.Contains(coloured, bold+swimming.Title+plain) {
		t.Errorf("with colour: got %q, want the title in bold", coloured)
	}
	if got := strip(coloured); got != reply.Plain() {
		t.Errorf("with colour taken off: got %q, want %q", got, reply.Plain())
	}
}

func TestRenderUrgentStandsOutWithoutColour(t *testing.T) {
	card := knowledge.Card{Title: "Get help now", Levels: []knowledge.Level{{Heading: "Call now if:", Signs: []string{"your throat is swelling, or breathing has become a struggle for you"}}}}
	reply := bot.Reply{Kind: bot.Urgent, Card: &card, Matches: []knowledge.Match{{Passage: swimming}}, Note: "Ask your doctor."}
	for _, colour := range []bool{false, true} {
		got := strip(Style{Colour: colour}.Render(reply, 40))
		head, tail, ok := strings.Cut(got, "\n\n")
		if !ok {
			t.Fatalf("colour %v: got %q, want a card and a passage behind it", colour, got)
		}
		for line := range strings.SplitSeq(head, "\n") {
			if !strings.HasPrefix(line, "!!") {
				t.Errorf("colour %v: line of the card: got %q, want it to begin with !!", colour, line)
			}
			if cells(line) > 40 {
				t.Errorf("colour %v: line of the card: got %d columns, want at most 40: %q", colour, cells(line), line)
			}
		}
		if !strings.Contains(head, "GET HELP NOW") || !strings.Contains(head, "throat") {
			t.Errorf("colour %v: card: got %q, want its title and signs", colour, head)
		}
		if strings.Contains(tail, "!!") || !strings.Contains(tail, "Do not swim for a week.") {
			t.Errorf("colour %v: behind the card: got %q, want the passage without bars", colour, tail)
		}
	}
}

func TestRenderLeavesOutControlCharacters(t *testing.T) {
	reply := bot.Reply{Text: "one\x1b]0;title\x07 two\rthree\u009b31m\tfour"}
	got := Style{}.Render(reply, 80)
	if want := "one]0;title twothree31m four"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// strip takes the colours off.
func strip(s string) string {
	for _, code := range []string{bold, dim, alert, plain} {
		s = strings.ReplaceAll(s, code, "")
	}
	return s
}
