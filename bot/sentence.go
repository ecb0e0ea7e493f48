package bot

import (
	"fmt"
	"strings"

	"github.com/aftercarebot/aftercare/knowledge"
)

// What adapters say of their own accord, in the same words on every platform.
const (
	SayTooFast     = "That is more than I can answer at once. Please wait a few seconds and ask again. " + inEmergency
	SaySorry       = "Sorry, something went wrong on my side. Please try again."
	SayGone        = "That passage is no longer in the guide. /topics shows what there is."
	SayThanksUp    = "Thank you, I am glad that it helped."
	SayThanksDown  = "Thank you for telling me. You can try other words, or look at /topics."
	SayForgotten   = "Done. I have deleted everything that I kept about you."
	SayNothingKept = "I keep nothing about you, so there is nothing to forget."
	SayNotKept     = "I could not keep that. Please try again later."
	SayNoStore     = "Nothing can be changed here: I was started without a place to keep settings. Whoever runs me can add one with --store FILE."

	// SayIfNotMeant stands between a safety card and the passage under it.
	SayIfNotMeant = "If you meant none of this, here is what the guide says:"
	// SayInWords goes behind [Media.CannotRead] where there were no words at all.
	SayInWords = "If you put your question into words, I can look it up in the guide. " + inEmergency

	// sayOtherPart leads from one part of a reply to the next.
	sayOtherPart = "On the other part of your question:"

	// inEmergency goes with whatever was not looked at for danger signs.
	inEmergency = "If this is an emergency, do not wait for me: call your local emergency number now."
)

// SureAt is the confidence from which an answer needs no word of doubt.
const SureAt = 0.75

// Doubt is the sentence before passages that may not be those that were
// asked for; empty if they most likely are.
func (r Reply) Doubt() string {
	if r.Kind != Answer && r.Kind != Urgent || len(r.Matches) == 0 || r.Matches[0].Confidence <= 0 || r.Matches[0].Confidence >= SureAt {
		return ""
	}
	return "I am not certain that this is what you asked about."
}

// LevelHeading is the heading of one level of a safety card. It says how
// urgent the level is by a sign and, unless its own words do already, in
// words, so that colour is not needed.
func LevelHeading(l knowledge.Level) string {
	u := map[knowledge.Urgency]struct{ sign, words string }{
		knowledge.Emergency: {"🆘", "Emergency"},
		knowledge.Soon:      {"⚠️", "Urgent"},
		knowledge.Contact:   {"☎️", "Not an emergency"},
	}[l.Urgency]
	if strings.HasPrefix(l.Heading, u.words) {
		return u.sign + " " + l.Heading
	}
	return u.sign + " " + u.words + ". " + l.Heading
}

// Introduce says what the bot does, for help and greetings.
func Introduce(w knowledge.Wording) string {
	about := w.About
	if about == "" {
		about = "aftercare"
	}
	return fmt.Sprintf("I answer questions about %s, word for word from the guide. When the guide says nothing on a subject, I tell you so.", about)
}

// CannotDo says what the bot cannot do, and who can.
func CannotDo(w knowledge.Wording) string {
	return "I cannot look at your skin and I do not give medical advice. For that, please ask " + contactOf(w) + "."
}

func contactOf(w knowledge.Wording) string {
	if w.Contact == "" {
		return "your practitioner or doctor"
	}
	return w.Contact
}

// Privacy puts together what /privacy says, one point a line: what the bot
// sees on a platform, what it remembers, and kept, the operator's account of
// what is stored. Without that account it is told from whether thumbs are
// kept and whether /forgetme works.
func Privacy(sees []string, kept string, thumbs, forget bool) string {
	points := append(sees[:len(sees):len(sees)],
		"What you write is in no log, and neither is your name or number. For ten minutes I remember which passage you read last, so that you can ask a further question about it.")
	switch {
	case kept != "":
		return list(points) + "\n" + kept
	case thumbs:
		points = append(points, "When you press 👍 or 👎, I keep which passage it was for, with a scrambled form of your user id. /forgetme deletes that.")
	case forget:
		points = append(points, "I keep nothing about you now. If I once did, /forgetme deletes it.")
	default:
		points = append(points, "I keep nothing about you.")
	}
	return list(points)
}

func list(points []string) string { return "• " + strings.Join(points, "\n• ") }
