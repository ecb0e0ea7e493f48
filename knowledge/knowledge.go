// Package knowledge is what the bot knows: the approved passages of a guide,
// the many ways in which people ask for them, the topics that the guide does
// not cover, the thesaurus, the small talk and the safety cards.
//
// Start with [Default] for the embedded micro-needling guide, or with
// [LoadDir] for an operator's own folder. A [Base] is one validated version
// of all of it. It never changes after loading, so it is safe for concurrent
// use, and nobody may write to the slices it hands out.
//
// The package imports no other package of the project but those below it,
// knowledge/language and knowledge/snapshot, and the words of the domain
// (Passage, Match, Topic, Card) are defined here so that everybody else can
// share them.
package knowledge

import (
	"slices"
	"time"
)

// Passage is one approved piece of the guide. The bot sends Text word for
// word and never a part of it.
type Passage struct {
	ID        string   // file path below the content root without ".md", a slash, and the heading's anchor
	Title     string   // the heading
	Text      string   // Markdown source of the section, byte for byte, outer blank lines removed
	Phrasings []string // questions that this passage answers, in the words of many people
	Related   []string // ids of passages worth offering next, in order
	Source    Source   // where the text comes from and when it was last reviewed
	File      string   // path below the content root, for messages to the operator
	Line      int      // line of the heading in File, from 1
	TextLine  int      // line of File where Text begins
}

// Source says where a Markdown file's text comes from.
type Source struct {
	Title    string    // title of the guide, as shown under an answer
	Origin   string    // what it was written from
	Reviewed time.Time // day of the last review, midnight UTC
	ReviewBy time.Time // day by which it must be reviewed again; zero: not set
}

// TopicKind says how a declined topic competes with the passages.
type TopicKind string

const (
	// NearTopic is a subject close to the guide that it does not cover, such as alcohol.
	NearTopic TopicKind = "topic"
	// Condition is a body condition (diabetes, pregnancy); naming one outweighs the name of the treatment.
	Condition TopicKind = "condition"
	// Procedure is another treatment (laser, filler); naming one vetoes an answer that is otherwise on topic.
	Procedure TopicKind = "procedure"
	// Unrelated is another world altogether; a match means that the bot does not know, and no name is shown.
	Unrelated TopicKind = "unrelated"
)

// Topic is a subject that the guide does not cover, known by name so that the
// bot can say so.
type Topic struct {
	ID        string
	Name      string // completes "The guide says nothing about ..."
	Kind      TopicKind
	Reply     string   // what to say instead of "The guide says nothing about ..."; mostly empty
	Words     []string // words and short phrases that name the topic by themselves
	Phrasings []string
	File      string
	Line      int
}

// SmallTalk is a kind of message that wants a word, not a passage.
type SmallTalk struct {
	ID        string
	Reply     string
	Topics    bool // the reply goes on with a list of what can be asked
	Unsettled bool // "is this normal?" goes with a danger sign as well as with none: the signs are not taught that it goes with none
	Phrasings []string
}

// Concept is a thesaurus entry: words that mean the same thing to the guide.
type Concept struct {
	Name  string
	Words []string
}

// Difference names something for which passages give different figures, so
// that an answer about it shows both.
type Difference struct {
	About    string   // shown to the reader: "make-up"
	Words    []string // a question is about it if it holds one of these, or a word of the thesaurus entry that one of these names
	Passages []string // ids; the first other than the answer's is shown beside it
}

// Beside gives the id of the passage that is shown beside one of Passages: the
// first that is another. False where id is none of them.
func (d Difference) Beside(id string) (other string, ok bool) {
	if !slices.Contains(d.Passages, id) {
		return "", false
	}
	for _, other := range d.Passages {
		if other != id {
			return other, true
		}
	}
	return "", false
}

// Wording is the operator's part of the bot's own sentences.
type Wording struct {
	About   string // what the guide is about: "micro-needling aftercare"
	Note    string // the consult note on every answer
	Contact string // whom to ask: "your practitioner"
}

// Match is one result of a search, best first: a passage, a declined topic or
// small talk.
type Match struct {
	Passage    Passage    // zero if Topic or SmallTalk is set
	Topic      *Topic     // set if a declined topic matched instead of a passage
	SmallTalk  *SmallTalk // set if the message is small talk
	Confidence float64    // 0..1, the chance that this is right; compares across questions
	Matched    []string   // words of the question that this match accounts for
	Missing    []string   // words of the question that it does not
	Also       bool       // belongs beside the first match: another part of the question, covered or not, or a differing figure
	About      string     // with Also: what it gives a different figure for than one before it; empty for another part of the question
	Reasons    []string   // readable signals behind Confidence, for explain
}
