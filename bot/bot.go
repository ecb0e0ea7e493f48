// Package bot decides what to say: the safety card, an answer, a choice of
// passages, a refusal by name, an honest "I do not know", or a greeting. It
// knows no platform and no search engine.
//
// Make a [Bot] with [New], hand its Answer method to an adapter as a
// [Handler], and exchange content while it runs with [Bot.Swap]. A Bot is
// safe for concurrent use.
package bot

import (
	"context"

	"github.com/aftercarebot/aftercare/knowledge"
)

// Kind is what sort of reply it is. The zero Kind is Unknown, so a reply that
// somebody forgot to fill in never claims to know anything.
type Kind int

const (
	Unknown  Kind = iota // the guide has no answer, and no name for the subject
	Answer               // Matches[0] answers; the others, if any, belong beside it
	Suggest              // Matches holds two or three to pick from
	Declined             // Topic names what the guide does not cover
	Urgent               // Card must be shown, before and instead of anything else
	Greeting             // small talk
)

// String gives the stable name used in JSON, logs and metrics.
func (k Kind) String() string {
	switch k {
	case Answer:
		return "answer"
	case Suggest:
		return "suggest"
	case Declined:
		return "declined"
	case Urgent:
		return "urgent"
	case Greeting:
		return "greeting"
	}
	return "unknown"
}

// Question is one message for the bot, without the mark-up of its platform.
type Question struct {
	Text string // what the person wrote; the bot normalises and caps it
	// Passage, if set, asks for exactly this passage: a pick from a list,
	// a suggestion's button, a deep link. Text is then ignored.
	Passage string
	// Conversation identifies one person in one chat, for follow-up
	// questions. It is kept in memory for ten minutes and never logged or
	// stored. Empty: no memory.
	Conversation string
	// Asker is the platform's user id, for counting distinct people in the
	// journal, which keeps a keyed hash of it at most. Empty: not counted.
	Asker    string
	Platform string // "discord", "telegram", "console", "cli"; for figures only
	Region   string // ISO 3166 country, if known, for emergency numbers; empty: neutral wording
	// Draft marks a question that is not put to the bot, or not yet: half
	// typed, or over the limit and looked at for danger signs alone. It is
	// answered as any other, and neither counted nor kept.
	Draft bool
}

// Reply is what to say, without mark-up; the adapter renders it.
type Reply struct {
	Kind    Kind
	Matches []knowledge.Match // Answer: what answers, and what belongs beside it. Suggest: 2 or 3.
	Lead    string            // a sentence before everything else; may be empty
	Text    string            // the bot's own words for every kind but Answer and Urgent
	Note    string            // consult note; set for every kind that shows or offers passages
	Topic   string            // Declined: the subject's name; of an Answer that of the part that is not covered, if there is one
	// NotCovered says what else was asked that the content does not cover, and
	// leads on to the passages. May be empty.
	NotCovered string
	Card       *knowledge.Card // Urgent: the fixed card. Matches then holds a passage only where the sign is in doubt, to go under the card after a clear break.
	Related    []knowledge.Passage
	Topics     []knowledge.Passage // Unknown, Greeting: what can be asked, for a list or a menu
	Failed     bool                // Unknown: the search failed, so it may be known all the same
	Content    string              // version of the content that gave this reply
	Reasons    []string            // why, for explain
}

// Handler answers one question. It never panics, never blocks for long, and
// is safe for concurrent use.
type Handler func(ctx context.Context, q Question) Reply

// Searcher finds passages, best first. index.Index is one.
type Searcher interface {
	Search(ctx context.Context, question string) ([]knowledge.Match, error)
}

// Guide is what an adapter may offer beside answers: lists, completion while
// typing, and the passages nearest to a half-typed question. Bot is one.
type Guide interface {
	// Topics lists every passage that can be asked for, in the guide's order.
	Topics() []knowledge.Passage
	// Complete gives up to n titles and phrasings that fit what was typed so
	// far, best first, each with the id of its passage; with nothing typed, the
	// titles. What speaks of a danger sign is not completed and not offered: a
	// pick would get past the card.
	Complete(typed string, n int) []Completion
	// Nearest gives up to n passages for a question, best first, whatever
	// their confidence; none for a message with a danger sign.
	Nearest(ctx context.Context, question string, n int) []knowledge.Match
	// Wording gives the operator's wording: note, contact, subject.
	Wording() knowledge.Wording
	// Version is the version of the content served now.
	Version() string
}

// Completion is one line of an autocomplete list.
type Completion struct {
	Label   string // a title or a phrasing, plain text, any length
	Passage string // id of the passage it opens
}

// Feedback is a thumb on one answer.
type Feedback struct {
	Platform string
	Passage  string // id of the passage judged
	Helpful  bool
	Asker    string // platform's user id; whoever keeps feedback must hash it first
}

// Meter takes note of what happens, for figures. Its methods are quick, never
// fail and are safe for concurrent use. No method is given any text or user id.
type Meter interface {
	Answered(platform string, kind Kind, seconds float64) // one reply was composed
	Reconnected(platform string)                          // the connection was lost and made again
	SendFailed(platform, reason string)                   // a reply could not be delivered; reason is one of a few constants
	Dropped(platform, reason string)                      // an accepted message got no reply on purpose; reason as above
	Queued(platform string, depth int)                    // messages waiting now
	Panicked(platform string)                             // a handler panicked and was recovered
}

// NoMeter is a Meter that takes no notes.
type NoMeter struct{}

func (NoMeter) Answered(string, Kind, float64) {}
func (NoMeter) Reconnected(string)             {}
func (NoMeter) SendFailed(string, string)      {}
func (NoMeter) Dropped(string, string)         {}
func (NoMeter) Queued(string, int)             {}
func (NoMeter) Panicked(string)                {}
