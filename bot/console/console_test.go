package console

import (
	"bytes"
	"context"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/knowledge"
)

// guide is a bot.Guide of a few passages.
type guide []knowledge.Passage

func (g guide) Topics() []knowledge.Passage           { return g }
func (g guide) Complete(string, int) []bot.Completion { return nil }
func (g guide) Version() string                       { return "abc" }
func (g guide) Wording() knowledge.Wording {
	return knowledge.Wording{About: "skin care", Contact: "your nurse"}
}
func (g guide) Nearest(context.Context, string, int) []knowledge.Match { return nil }

var passages = guide{
	{ID: "g/sun", Title: "Sun", Text: "Stay out of it.", Phrasings: []string{"sun?", "can I sit in the sun?"}},
	{ID: "g/gym", Title: "Gym", Text: "Not this week.", Phrasings: []string{"when can I go to the gym?"}},
	{ID: "g/bed", Title: "Sleep", Text: "On your back.", Phrasings: []string{"how should I sleep tonight?"}},
	{ID: "g/sea", Title: "Sea", Text: "Next week.", Phrasings: []string{"is the sea all right?"}},
}

// asked notes what the handler is asked, and answers.
type asked struct {
	mu        sync.Mutex
	questions []bot.Question
	reply     bot.Reply
}

func (a *asked) answer(_ context.Context, q bot.Question) bot.Reply {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.questions = append(a.questions, q)
	return a.reply
}

// talk types keys and gives what is on the screen at the end.
func talk(t *testing.T, handler bot.Handler, keys string) string {
	t.Helper()
	var out bytes.Buffer
	c := New(Config{In: strings.NewReader(keys), Out: &out, Guide: passages})
	if err := c.Run(t.Context(), handler); err != nil {
		t.Fatalf("Run: got error %v, want none", err)
	}
	return out.String()
}

func TestFirstScreen(t *testing.T) {
	out := talk(t, (&asked{}).answer, "\x04")
	for _, want := range []string{"skin care", "your nurse", "can I sit in the sun?", "when can I go to the gym?", "how should I sleep tonight?", "Bye!"} {
		if !strings.Contains(out, want) {
			t.Errorf("first screen: got %q, want %q in it", out, want)
		}
	}
	if strings.Contains(out, "is the sea all right?") {
		t.Errorf("first screen: got %q, want three examples only", out)
	}
	if strings.Contains(out, "\x1b[1m") {
		t.Errorf("got colour, want none: %q", out)
	}
}

func TestLines(t *testing.T) {
	for _, test := range []struct {
		name, keys string
		want       []string
	}{
		{"one", "swim?\r\x04", []string{"swim?"}},
		{"two", "swim?\rgym?\r\x04", []string{"swim?", "gym?"}},
		{"blank lines ask nothing", "\r  \r\x04", nil},
		{"multi-byte", "Sauna für Jörg 日本 🏊?\r\x04", []string{"Sauna für Jörg 日本 🏊?"}},
		{"backspace over multi-byte", "ä\x7fsun\r\x04", []string{"sun"}},
		{"history", "swim?\r\x1b[A\r\x04", []string{"swim?", "swim?"}},
		{"control c leaves at once", "half a quest\x03", nil},
		{"input ends", "swim?\r", []string{"swim?"}},
		{"bye", "BYE \rswim?\r", nil},
		{"invalid UTF-8", "a\xff\xfeb\r\x04", []string{"ab"}},
		{"endless escape sequence", "\x1b[" + strings.Repeat("1", 5000) + "\r\x04", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			var a asked
			talk(t, a.answer, test.keys)
			var got []string
			for _, q := range a.questions {
				got = append(got, q.Text)
				if q.Conversation == "" || q.Platform != "console" {
					t.Errorf("got question %+v, want a conversation and the platform", q)
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("questions differ (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNumberOpensWhatWasOffered(t *testing.T) {
	for _, test := range []struct {
		name, keys string
		reply      bot.Reply
		want       string // passage of the last question
	}{
		{"suggestion", "water?\r2\r\x04", bot.Reply{Kind: bot.Suggest, Matches: []knowledge.Match{{Passage: passages[0]}, {Passage: passages[3]}}}, "g/sea"},
		{"related", "sun?\r1\r\x04", bot.Reply{Kind: bot.Answer, Matches: []knowledge.Match{{Passage: passages[0]}}, Related: passages[1:2]}, "g/gym"},
		{"topic", "topics\r 3 \r\x04", bot.Reply{}, "g/bed"},
		{"out of range", "topics\r9\r\x04", bot.Reply{}, ""},
		{"nothing offered", "1\r\x04", bot.Reply{}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := asked{reply: test.reply}
			talk(t, a.answer, test.keys)
			if len(a.questions) == 0 {
				t.Fatal("got no question, want one")
			}
			if got := a.questions[len(a.questions)-1].Passage; got != test.want {
				t.Errorf("got passage %q, want %q", got, test.want)
			}
		})
	}
}

func TestContextEndsRun(t *testing.T) {
	in, keys := io.Pipe()
	defer keys.Close()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- New(Config{In: in, Out: io.Discard, Guide: passages}).Run(ctx, (&asked{}).answer)
	}()
	cancel()
	select {
	case err := <-done:
		if err != nil {
			t.Errorf("got error %v, want none", err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("Run still waits for a key")
	}
}
