package bot

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/aftercarebot/aftercare/knowledge"
)

// found is a Searcher that finds the same for every question.
type found struct {
	matches []knowledge.Match
	err     error
	asked   []string
}

func (f *found) Search(_ context.Context, question string) ([]knowledge.Match, error) {
	f.asked = append(f.asked, question)
	return f.matches, f.err
}

func smallBase(t *testing.T) *knowledge.Base {
	t.Helper()
	base, err := knowledge.Load(fstest.MapFS{
		"g.md": {Data: []byte("---\ntitle: The guide\nreviewed: 2026-02-03\n---\n## Sun {#sun}\n\nKeep out of it.\n\n```phrasings\nCan I go in the sun?\n```\n\n## Pool {#pool}\n\nStay dry for a week.\n\n## Bath {#bath}\n\nNo bath on day one.\n")},
		"x.yaml": {Data: []byte("wording: {about: skin care, contact: the clinic, note: Ask your doctor.}\nrelated:\n  g/sun: [g/pool, g/bath]\n" +
			"declined:\n  - {id: wine, name: wine, words: [wine]}\n  - {id: moon, name: the moon, kind: unrelated, words: [moon]}\n  - {id: french, name: French, kind: unrelated, reply: Only English., words: [bonjour]}\n" +
			"smalltalk:\n  - {id: hi, reply: Hello., topics: true, phrasings: [hi]}\n  - {id: bye, reply: Goodbye., phrasings: [bye]}\n")},
	})
	if err != nil {
		t.Fatal(err)
	}
	return base
}

func newBot(t *testing.T, base *knowledge.Base, f *found, now func() time.Time) *Bot {
	t.Helper()
	b, err := New(base, f, Options{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestAnswerJudges(t *testing.T) {
	base := smallBase(t)
	passage := func(id string, confidence float64) knowledge.Match {
		p, ok := base.Passage(id)
		if !ok {
			t.Fatalf("no passage %s", id)
		}
		return knowledge.Match{Passage: p, Confidence: confidence}
	}
	topic := func(i int, confidence float64) knowledge.Match {
		return knowledge.Match{Topic: &base.Topics()[i], Confidence: confidence}
	}
	talk := func(i int, confidence float64) knowledge.Match {
		return knowledge.Match{SmallTalk: &base.SmallTalk()[i], Confidence: confidence}
	}
	also := passage("g/bath", 0.9)
	also.Also, also.About = true, "bathing"
	otherPart := passage("g/sun", 0.8)
	otherPart.Also = true
	alsoTopic := topic(0, 0.8)
	alsoTopic.Also = true
	search := &found{}
	b := newBot(t, base, search, nil)
	for name, tt := range map[string]struct {
		matches []knowledge.Match
		kind    Kind
		shown   int
		says    string
	}{
		"sure":                   {[]knowledge.Match{passage("g/sun", 0.9), passage("g/pool", 0.05)}, Answer, 1, "Keep out of it."},
		"two figures":            {[]knowledge.Match{passage("g/pool", 0.9), also}, Answer, 2, "about bathing, and the times differ"},
		"two parts, two figures": {[]knowledge.Match{passage("g/pool", 0.9), also, otherPart, passage("g/pool", 0.1)}, Answer, 3, "On the other part of your question:"},
		"not sure":               {[]knowledge.Match{passage("g/sun", 0.4), passage("g/pool", 0.3), topic(0, 0.2), passage("g/bath", 0.1)}, Suggest, 3, "Which one"},
		"not sure, no choice":    {[]knowledge.Match{passage("g/sun", 0.4), topic(0, 0.3)}, Unknown, 0, "I do not know"},
		"no idea":                {[]knowledge.Match{passage("g/sun", 0.1), passage("g/pool", 0.1)}, Unknown, 0, "Please ask the clinic"},
		"nothing":                {nil, Unknown, 0, "- Sun"},
		"declined":               {[]knowledge.Match{topic(0, 0.9)}, Declined, 0, "The guide says nothing about wine. Please ask the clinic."},
		"declined, and a part":   {[]knowledge.Match{topic(0, 0.9), otherPart}, Answer, 1, "The guide says nothing about wine. Please ask the clinic. On the other part of your question:\n\nSun"},
		"a part, and declined":   {[]knowledge.Match{passage("g/pool", 0.9), also, alsoTopic}, Answer, 2, "The guide says nothing about wine. Please ask the clinic. On the other part of your question:"},
		"declined twice":         {[]knowledge.Match{topic(0, 0.9), alsoTopic}, Declined, 0, "Please ask the clinic. The guide says nothing about wine."},
		"foreign":                {[]knowledge.Match{topic(1, 0.9)}, Unknown, 0, "I do not know"},
		"another language":       {[]knowledge.Match{topic(2, 0.9)}, Unknown, 0, "Only English."},
		"small talk":             {[]knowledge.Match{talk(0, 0.9)}, Greeting, 0, "Hello.\n\nYou can ask me about:"},
		"small talk, no topics":  {[]knowledge.Match{talk(1, 0.9)}, Greeting, 0, "Goodbye."},
		"hardly small talk":      {[]knowledge.Match{talk(1, 0.1)}, Unknown, 0, "I do not know"},
	} {
		t.Run(name, func(t *testing.T) {
			search.matches = tt.matches
			r := b.Answer(t.Context(), Question{Text: "a question about skin"})
			if r.Kind != tt.kind || len(r.Matches) != tt.shown {
				t.Errorf("got %v with %d passages, want %v with %d", r.Kind, len(r.Matches), tt.kind, tt.shown)
			}
			if plain := r.Plain(); !strings.Contains(plain, tt.says) {
				t.Errorf("got %q, want %q in it", plain, tt.says)
			}
			if offers := r.Kind == Answer || r.Kind == Suggest; offers != (r.Note == "Ask your doctor.") {
				t.Errorf("a reply of kind %v has the note %q", r.Kind, r.Note)
			}
			if r.Content != base.Hash() {
				t.Errorf("got content %q, want %q", r.Content, base.Hash())
			}
		})
	}
}

func TestAnswerNamesItsSource(t *testing.T) {
	base := smallBase(t)
	b := newBot(t, base, &found{}, nil)
	r := b.Answer(t.Context(), Question{Passage: "g/sun"})
	want := "Sun\n\nKeep out of it.\n\nFrom: The guide, reviewed 3 February 2026\n\nAsk your doctor."
	if got := r.Plain(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if len(r.Related) != 2 || r.Related[0].ID != "g/pool" {
		t.Errorf("got related %v, want g/pool and g/bath", r.Related)
	}
	if r := b.Answer(t.Context(), Question{Passage: "g/gone"}); r.Kind != Unknown || !strings.Contains(r.Text, "no longer in the guide") {
		t.Errorf("a passage that is gone: got %v %q", r.Kind, r.Text)
	}
}

func TestAnswerWithoutWords(t *testing.T) {
	search := &found{}
	b := newBot(t, smallBase(t), search, nil)
	for text, want := range map[string]string{
		"":                             "write your question in words",
		"   \n\t":                      "write your question in words",
		"👀👀👀":                          "write your question in words",
		"плавать можно?":               "only know this guide in English",
		"수영해도 되나요":                     "only know this guide in English",
		"\xff\xfe":                     "write your question in words",
		strings.Repeat("\u200b", 5000): "write your question in words",
	} {
		if r := b.Answer(t.Context(), Question{Text: text}); r.Kind != Unknown || !strings.Contains(r.Text, want) {
			t.Errorf("Answer(%q): got %v %q, want %q in it", text, r.Kind, r.Text, want)
		}
	}
	if len(search.asked) > 0 {
		t.Errorf("searched for %q", search.asked)
	}
}

// A link shared with a question takes nothing away from it, and is none itself.
func TestLinksAreNotSearchedFor(t *testing.T) {
	search := &found{}
	b := newBot(t, smallBase(t), search, nil)
	for text, want := range map[string]string{
		"can I swim? https://www.youtube.com/watch?v=dQw4w9WgXcQ":     "can I swim?",
		"see (https://example.org/a_b) can I swim\nwww.example.org/x": "see can I swim",
		"is 10:30 ok, and and/or both ://":                            "is 10:30 ok, and and/or both ://",
	} {
		search.asked = nil
		b.Answer(t.Context(), Question{Text: text})
		b.Nearest(t.Context(), text, 1)
		if !slices.Equal(search.asked, []string{want, want}) {
			t.Errorf("%q: searched for %q, want %q twice", text, search.asked, want)
		}
	}
	if r := b.Answer(t.Context(), Question{Text: "https://example.org/can-i-swim"}); !strings.Contains(r.Text, "question in words") {
		t.Errorf("a link alone: got %v %q", r.Kind, r.Text)
	}
}

func TestDangerComesBeforeSearch(t *testing.T) {
	search := &found{}
	b := newBot(t, knowledge.Default(), search, nil)
	r := b.Answer(t.Context(), Question{Text: "my face is oozing green pus, can I wear make-up?", Region: "GB"})
	if r.Kind != Urgent || r.Card == nil || len(r.Matches) != 0 || len(search.asked) != 0 {
		t.Fatalf("got %v with %d passages after searching for %q, want the card alone", r.Kind, len(r.Matches), search.asked)
	}
	if plain := r.Plain(); !strings.Contains(plain, "999") {
		t.Errorf("the card for GB does not name 999: %q", plain)
	}
}

func TestSearchFails(t *testing.T) {
	b := newBot(t, smallBase(t), &found{err: errors.New("disk on fire")}, nil)
	r := b.Answer(t.Context(), Question{Text: "can I swim"})
	if r.Kind != Unknown || !strings.Contains(r.Text, "Something went wrong") || strings.Contains(r.Plain(), "fire") {
		t.Errorf("got %v %q", r.Kind, r.Plain())
	}
}

// The sign may be in doubt; that there is a card for it is not.
func TestSearchFailsBesideADangerSign(t *testing.T) {
	const doubtful = "I'm not sure but my face is hot and swollen and spreading"
	found := &found{err: errors.New("disk on fire")}
	b := newBot(t, knowledge.Default(), found, nil)
	r := b.Answer(t.Context(), Question{Text: doubtful})
	if len(found.asked) != 1 {
		t.Fatalf("searched for %q: the sign is not in doubt", found.asked)
	}
	if r.Kind != Urgent || r.Card == nil {
		t.Errorf("got %v %q, want the card", r.Kind, r.Text)
	}
	if r := b.Answer(t.Context(), Question{Text: "can I swim"}); !r.Failed {
		t.Error("a failed search is not marked as such")
	}
}

// Under a card, too, it is said what the content does not cover; in front of it
// stands nothing.
func TestWhatIsNotCoveredUnderACard(t *testing.T) {
	base := knowledge.Default()
	baths, _ := base.Passage("guide/avoid-swimming-and-hot-baths")
	alcohol := knowledge.Match{Topic: &knowledge.Topic{Name: "alcohol", Kind: knowledge.NearTopic}, Confidence: 0.9}
	b := newBot(t, base, &found{matches: []knowledge.Match{alcohol, {Passage: baths, Confidence: 0.9, Also: true}}}, nil)
	plain := b.Answer(t.Context(), Question{Text: "I'm not sure but my face is hot and swollen and spreading"}).Plain()
	card, under, _ := strings.Cut(plain, SayIfNotMeant)
	if strings.Contains(card, "alcohol") || !strings.Contains(under, "nothing about alcohol") || !strings.Contains(under, baths.Text) {
		t.Errorf("got\n%s\nwant the alcohol and the passage under the card", plain)
	}
}

// What stands in the middle of several messages joined to one, or of a message
// that grows when it is normalised, is read for danger signs like the rest.
func TestDangerInTheMiddle(t *testing.T) {
	b := newBot(t, knowledge.Default(), &found{}, nil)
	const sign = " My lips are swollen and I can't breathe. "
	chat := strings.Repeat("We went to the market and bought some bread. ", 87)
	for name, text := range map[string]string{
		"joined":  chat + chat + sign + chat,
		"dashes":  strings.Repeat("We went to the market — and bought bread. ", 48) + sign + strings.Repeat("We went home — it was late. ", 72),
		"longest": strings.Repeat(chat, 7) + sign + strings.Repeat(chat, 8),
	} {
		if r := b.Answer(t.Context(), Question{Text: text}); r.Kind != Urgent || !b.Danger(text) {
			t.Errorf("%s, %d characters: got %v, want the card", name, len(text), r.Kind)
		}
	}
}

// A pick from a list shows what the same words typed would: both figures.
func TestPickShowsBothFigures(t *testing.T) {
	b := newBot(t, knowledge.Default(), &found{}, nil)
	r := b.Answer(t.Context(), Question{Passage: "guide/avoid-swimming-and-hot-baths"})
	if len(r.Matches) != 2 || r.Matches[1].Passage.ID != "faq/healing-process" || r.Matches[1].About == "" {
		t.Errorf("got %+v, want the passage that gives another figure, too", r.Matches)
	}
	if r := b.Answer(t.Context(), Question{Passage: "guide/avoid-exercise"}); len(r.Matches) != 1 {
		t.Errorf("got %d passages where no figures differ, want 1", len(r.Matches))
	}
}

func TestAnswerInAnotherLanguage(t *testing.T) {
	b := newBot(t, smallBase(t), &found{}, nil)
	for text, want := range map[string]bool{
		"je ne peux plus respirer":                              true,
		"Ich kann nicht atmen und mein Gesicht ist geschwollen": true,
		"Wie lange darf ich nicht schwimmen gehen":              true,
		"which elephant crossed my road":                        false,
		"botulinum?":                                            false,
		"thx m8":                                                false,
	} {
		r := b.Answer(t.Context(), Question{Text: text})
		if got := strings.Contains(r.Text, "only know this guide in English") && strings.Contains(r.Text, "local emergency number"); got != want {
			t.Errorf("%q: got %q", text, r.Text)
		}
	}
}

func TestFollowUps(t *testing.T) {
	base := smallBase(t)
	sun, _ := base.Passage("g/sun")
	search := &found{matches: []knowledge.Match{{Passage: sun, Confidence: 0.9}}}
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	b := newBot(t, base, search, func() time.Time { return now })
	ask := func(conversation, text string) Reply {
		return b.Answer(t.Context(), Question{Text: text, Conversation: conversation})
	}
	ask("ann", "Can I go in the sun?")
	if r := ask("ann", "for how long?"); r.Kind != Answer || !strings.Contains(r.Lead, "“Sun”") || len(search.asked) != 1 {
		t.Errorf("for how long: got %v %q after %q", r.Kind, r.Lead, search.asked)
	}
	if r := ask("ann", "and the pool?"); !strings.Contains(r.Lead, "what about the pool?") {
		t.Errorf("and the pool: got %q", r.Lead)
	}
	if r := ask("ann", "Why should I not drink wine after having had this treatment?"); r.Lead != "" {
		t.Errorf("a full question leans on the last: %q", r.Lead)
	}
	if r := ask("bob", "why?"); r.Lead != "" {
		t.Errorf("another person's conversation was used: %q", r.Lead)
	}
	ask("ann", "Can I go in the sun?")
	now = now.Add(memoryFor + time.Second)
	if r := ask("ann", "why?"); r.Lead != "" {
		t.Errorf("remembered after %v: %q", memoryFor, r.Lead)
	}
	if r := ask("", "Can I go in the sun?"); r.Kind != Answer {
		t.Errorf("without a conversation: got %v", r.Kind)
	}
	if r := ask("", "why?"); r.Lead != "" {
		t.Errorf("without a conversation it remembers: %q", r.Lead)
	}
}

// A follow-up that showed one of two figures would hide the other.
func TestFollowUpRepeatsBothFigures(t *testing.T) {
	base := smallBase(t)
	pool, _ := base.Passage("g/pool")
	bath, _ := base.Passage("g/bath")
	sun, _ := base.Passage("g/sun")
	b := newBot(t, base, &found{matches: []knowledge.Match{{Passage: pool, Confidence: 0.9}, {Passage: bath, Also: true, About: "bathing"}, {Passage: sun, Also: true}}}, nil)
	b.Answer(t.Context(), Question{Text: "Can I swim?", Conversation: "ann"})
	r := b.Answer(t.Context(), Question{Text: "for how long?", Conversation: "ann"})
	if len(r.Matches) != 3 || r.Matches[1].Passage.ID != "g/bath" || r.Matches[1].About != "bathing" || r.Matches[2].Passage.ID != "g/sun" || !r.Matches[2].Also {
		t.Errorf("got %+v, want the pool, the bath and the sun", r.Matches)
	}
}

func TestMemoryIsBounded(t *testing.T) {
	m := newMemory(time.Now)
	for i := range 3 * memoryLimit {
		m.keep(strings.Repeat("x", i%7)+time.Duration(i).String(), []knowledge.Match{{}})
	}
	if len(m.of) > memoryLimit || len(m.age) > memoryLimit {
		t.Errorf("got %d conversations and %d ages, want at most %d", len(m.of), len(m.age), memoryLimit)
	}
}

func TestMemoryForgetsThoughNobodyAsks(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	m := newMemory(func() time.Time { return now })
	m.keep("ann", []knowledge.Match{{}})
	now = now.Add(memoryFor / 2)
	m.keep("bob", []knowledge.Match{{}})
	now = now.Add(memoryFor / 2)
	if m.forgetOld(); len(m.of) != 1 || m.sweep == nil {
		t.Errorf("got %d conversations, want bob's alone and another sweep", len(m.of))
	}
	now = now.Add(memoryFor / 2)
	if m.forgetOld(); len(m.of) != 0 || m.sweep != nil {
		t.Errorf("got %d conversations, want none and no sweep", len(m.of))
	}
}

func TestSwapExchangesTextAndSearchTogether(t *testing.T) {
	base := smallBase(t)
	b := newBot(t, base, &found{}, nil)
	if got := len(b.Topics()); got != 3 {
		t.Fatalf("got %d topics, want 3", got)
	}
	if err := b.Swap(knowledge.Default(), &found{}); err != nil {
		t.Fatal(err)
	}
	if b.Version() != knowledge.Default().Hash() || len(b.Topics()) != len(knowledge.Default().Passages()) {
		t.Errorf("got version %s with %d topics", b.Version(), len(b.Topics()))
	}
}

func TestComplete(t *testing.T) {
	b := newBot(t, knowledge.Default(), &found{}, nil)
	if got := b.Complete("", 25); len(got) != len(knowledge.Default().Passages()) {
		t.Errorf("nothing typed: got %d, want every title", len(got))
	}
	got := b.Complete("can i sw", 25)
	if len(got) == 0 || len(got) > 25 {
		t.Fatalf("got %d completions", len(got))
	}
	swims := false
	for _, c := range got {
		swims = swims || c.Passage == "guide/avoid-swimming-and-hot-baths"
		if _, ok := knowledge.Default().Passage(c.Passage); !ok {
			t.Errorf("completion %q opens %q, which is no passage", c.Label, c.Passage)
		}
	}
	if !swims {
		t.Errorf("no completion of “can i sw” is about swimming: %v", got)
	}
	if got := b.Complete("zzzz qqq", 25); len(got) != 0 {
		t.Errorf("got %v, want none", got)
	}
}

// A pick is answered with its passage at once: what would raise the card if it
// were sent must not be on the list.
func TestCompleteHidesBehindDanger(t *testing.T) {
	b := newBot(t, knowledge.Default(), &found{}, nil)
	if got := b.Complete("my lips are swollen and hot", 25); len(got) != 0 {
		t.Errorf("a danger sign is completed to %v", got)
	}
	for _, typed := range []string{"my face", "will my", "is", "redness", "how long", "swell"} {
		for _, c := range b.Complete(typed, 25) {
			if p, _ := knowledge.Default().Passage(c.Passage); p.Title != c.Label && b.Danger(c.Label) {
				t.Errorf("%q is completed to %q, which raises the card", typed, c.Label)
			}
		}
	}
}

func TestNearestHidesBehindDanger(t *testing.T) {
	base := knowledge.Default()
	p := base.Passages()[0]
	b := newBot(t, base, &found{matches: []knowledge.Match{{Passage: p}, {Topic: &base.Topics()[0]}}}, nil)
	if got := b.Nearest(t.Context(), "which cream", 10); len(got) != 1 {
		t.Errorf("got %d, want the one passage", len(got))
	}
	if got := b.Nearest(t.Context(), "I cannot breathe", 10); got != nil {
		t.Errorf("a list for a danger sign: %v", got)
	}
}

// What it costs to look for danger signs alone; see intake.LooksPerSecond.
func BenchmarkDanger(b *testing.B) {
	bot, err := New(knowledge.Default(), &found{}, Options{})
	if err != nil {
		b.Fatal(err)
	}
	for name, text := range map[string]string{
		"question": "can I go swimming on holiday next week or is it too early?",
		"danger":   "my face is swollen and I can't breathe",
		"dense":    "face swollen cant breathe not throat lips tongue blue pus fever",
		"long":     strings.Repeat("I went to the pool with my sister and then we sat in the sun. ", 64),
		"longest":  strings.Repeat("not face swollen no cant breathe never lips blue if was were my friend ", 58),
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(max(len(text), 64)))
			for b.Loop() {
				bot.Danger(text)
			}
		})
	}
}

// Danger says what Answer would do, and searches for nothing.
func TestDangerIsWhatAnswerIsUrgentFor(t *testing.T) {
	base, f := knowledge.Default(), &found{}
	b := newBot(t, base, f, nil)
	texts := []string{"", "?", "👋", "не могу дышать", "I cannot breathe", "ｍｙ ｔｈｒｏａｔ ｉｓ ｃｌｏｓｉｎｇ", strings.Repeat("may I swim? ", 400) + "my lips are blue"}
	for _, e := range base.Safety().Raise[:300] {
		texts = append(texts, e.Text)
	}
	for _, e := range base.Safety().Quiet[:300] {
		texts = append(texts, e.Text)
	}
	for _, p := range base.Passages() {
		texts = append(texts, p.Phrasings[:10]...)
	}
	urgent := 0
	for _, text := range texts {
		f.asked = nil
		got := b.Danger(text)
		if len(f.asked) > 0 {
			t.Fatalf("%q: searched", text)
		}
		want := b.Answer(t.Context(), Question{Text: text, Draft: true}).Kind == Urgent
		if got != want {
			t.Errorf("%q: got %v, and the answer is urgent: %v", text, got, want)
		}
		if got {
			urgent++
		}
	}
	if urgent < 250 || urgent > len(texts)-250 {
		t.Errorf("%d of %d are dangerous: too few or too many to say anything", urgent, len(texts))
	}
}
