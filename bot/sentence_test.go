package bot

import (
	"strings"
	"testing"

	"github.com/aftercarebot/aftercare/knowledge"
)

func TestWholeQuestion(t *testing.T) {
	for text, want := range map[string]bool{
		"how long should I stay out of the sun":   true,
		"I had it done today, can I go swimming?": true,
		"can I?":              false,
		"sun?":                false,
		"I love the sun":      false,
		"":                    false,
		"ok see you tomorrow": false,
	} {
		if got := WholeQuestion(text); got != want {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	}
}

func TestDoubtIsForUnsureAnswersAlone(t *testing.T) {
	for _, c := range []struct {
		kind       Kind
		confidence float64
		want       bool
	}{
		{Answer, 0.6, true}, {Answer, SureAt, false}, {Answer, 1, false}, {Answer, 0, false}, {Suggest, 0.4, false},
	} {
		r := Reply{Kind: c.kind, Matches: []knowledge.Match{{Confidence: c.confidence}}}
		if got := r.Doubt() != ""; got != c.want {
			t.Errorf("%v at %v: got doubt %v, want %v", c.kind, c.confidence, got, c.want)
		}
	}
	if got := (Reply{Kind: Answer}).Doubt(); got != "" {
		t.Errorf("got %q for no passage, want none", got)
	}
}

func TestLevelHeadingSaysHowUrgentOnce(t *testing.T) {
	for heading, want := range map[string]string{
		"Urgent. See a doctor today if:": "⚠️ Urgent. See a doctor today if:",
		"See a doctor today if:":         "⚠️ Urgent. See a doctor today if:",
	} {
		if got := LevelHeading(knowledge.Level{Urgency: knowledge.Soon, Heading: heading}); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestPrivacySaysWhatIsKept(t *testing.T) {
	sees := []string{"I see this.", "I see that."}
	for _, c := range []struct {
		name           string
		kept           string
		thumbs, forget bool
		want           string
	}{
		{"nothing", "", false, false, "• I keep nothing about you."},
		{"nothing any more", "", false, true, "/forgetme deletes it"},
		{"thumbs", "", true, true, "• When you press"},
		{"the operator's account", "• I keep this.", true, true, "question about it.\n• I keep this."},
	} {
		got := Privacy(sees, c.kept, c.thumbs, c.forget)
		if !strings.HasPrefix(got, "• I see this.\n• I see that.\n• ") || !strings.Contains(got, c.want) {
			t.Errorf("%s: got %q, want it to hold %q", c.name, got, c.want)
		}
	}
	if sees[1] != "I see that." || len(sees) != 2 {
		t.Errorf("the caller's points were changed: %q", sees)
	}
}
