package bot

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aftercarebot/aftercare/knowledge"
)

// What a confidence is good for, fixed on the committed validation questions
// (index/testdata/questions) together with index/gate.json.
const (
	// AnswerAt is the least confidence at which a passage is sent as the answer.
	AnswerAt = 0.45
	// SuggestAt is the least at which passages are offered to pick from.
	SuggestAt = 0.3
	// DeclineAt is the least at which a topic is named as not covered.
	DeclineAt = 0.2
	// TalkAt is the least at which a message is met with a word instead of "I do not know".
	TalkAt = 0.3
)

// maxSuggestions is how many passages are offered to pick from.
const maxSuggestions = 3

// judge turns a ranking into a reply.
func (c *content) judge(matches []knowledge.Match) Reply {
	if len(matches) == 0 {
		return c.unknown()
	}
	top := matches[0]
	passages, topics := together(matches)
	switch {
	case len(passages) > 0 && (top.Topic != nil && top.Confidence >= DeclineAt || top.Topic == nil && top.Confidence >= AnswerAt):
		reply := c.answered(passages)
		reply.Reasons = top.Reasons
		c.nameTopics(&reply, topics)
		return reply
	case top.SmallTalk != nil:
		if top.Confidence < TalkAt {
			reply := c.unknown()
			reply.Reasons = top.Reasons
			return reply
		}
		return c.greeted(top.SmallTalk, top.Reasons)
	case top.Topic != nil:
		if top.Topic.Kind == knowledge.Unrelated || top.Confidence < DeclineAt {
			reply := c.unknown()
			reply.Reasons = top.Reasons
			if top.Topic.Reply != "" && top.Confidence >= DeclineAt {
				reply.Text = top.Topic.Reply
			}
			return reply
		}
		return Reply{Kind: Declined, Topic: top.Topic.Name, Text: c.notCovered(topics), Reasons: top.Reasons}
	case top.Confidence >= SuggestAt:
		if reply, ok := c.suggested(matches); ok {
			c.nameTopics(&reply, topics)
			return reply
		}
	}
	reply := c.unknown()
	reply.Reasons = top.Reasons
	return reply
}

// together parts the first match and those that belong beside it into passages
// and topics that are to be named as not covered.
func together(matches []knowledge.Match) (passages []knowledge.Match, topics []*knowledge.Topic) {
	for i, m := range matches {
		switch {
		case i > 0 && !m.Also:
			return passages, topics
		case m.SmallTalk != nil:
		case m.Topic == nil:
			passages = append(passages, m)
		case m.Topic.Kind != knowledge.Unrelated && m.Confidence >= DeclineAt:
			topics = append(topics, m.Topic)
		}
	}
	return passages, topics
}

func (c *content) greeted(talk *knowledge.SmallTalk, reasons []string) Reply {
	reply := Reply{Kind: Greeting, Text: talk.Reply, Reasons: reasons}
	if talk.Topics {
		reply.Topics = c.topics
	}
	return reply
}

func (c *content) answered(matches []knowledge.Match) Reply {
	reply := Reply{Kind: Answer, Matches: matches, Note: c.base.Wording().Note, Reasons: matches[0].Reasons}
	for _, id := range matches[0].Passage.Related {
		if slices.ContainsFunc(matches, func(m knowledge.Match) bool { return m.Passage.ID == id }) {
			continue
		}
		if p, ok := c.base.Passage(id); ok {
			reply.Related = append(reply.Related, p)
		}
	}
	return reply
}

// suggested offers the best passages; false if there is only one and no choice to give.
func (c *content) suggested(matches []knowledge.Match) (Reply, bool) {
	reply := Reply{Kind: Suggest, Note: c.base.Wording().Note, Reasons: matches[0].Reasons,
		Text: "I am not sure which of these you mean. Which one would you like to read?"}
	for _, m := range matches {
		if m.Topic == nil && m.SmallTalk == nil && len(reply.Matches) < maxSuggestions {
			reply.Matches = append(reply.Matches, m)
		}
	}
	return reply, len(reply.Matches) > 1
}

// nameTopics has a reply with passages say what the content does not cover.
func (c *content) nameTopics(r *Reply, topics []*knowledge.Topic) {
	if len(topics) == 0 {
		return
	}
	r.Topic, r.NotCovered = topics[0].Name, c.notCovered(topics)+" "+sayOtherPart
}

// notCovered says that the content has nothing on some topics.
func (c *content) notCovered(topics []*knowledge.Topic) string {
	var says []string
	for _, t := range topics {
		if t.Reply != "" {
			says = append(says, t.Reply)
		} else {
			says = append(says, fmt.Sprintf("The guide says nothing about %s. Please ask %s.", t.Name, c.base.Wording().Contact))
		}
	}
	return strings.Join(says, " ")
}

func (c *content) unknown() Reply {
	w := c.base.Wording()
	return Reply{
		Kind: Unknown, Topics: c.topics,
		Text: fmt.Sprintf("I do not know that: I can only answer from the guide on %s, and I found nothing in it that fits. Please ask %s, or try other words.", w.About, w.Contact),
	}
}

// failed is for a search that gave an error.
func (c *content) failed() Reply {
	reply := c.unknown()
	reply.Failed = true
	reply.Text = "Something went wrong on my side and I could not look that up. Please try again in a moment."
	return reply
}
