package knowledge

import (
	"slices"
	"strings"
	"sync"
)

// CommonTalk gives small talk that fits any guide: the built-in phrasings, with
// replies in which {about} stands for a guide's subject. It is always the same.
func CommonTalk() []SmallTalk { return commonTalk() }

var commonTalk = sync.OnceValue(func() []SmallTalk {
	var all []SmallTalk
	for _, s := range Default().SmallTalk() {
		reply, ok := commonReplies[s.ID]
		if !ok {
			continue
		}
		s.Reply = reply
		s.Phrasings = slices.DeleteFunc(slices.Clone(s.Phrasings), func(p string) bool { return ownSubject[p] })
		all = append(all, s)
	}
	return all
})

// CommonTalk gives the small talk that fits any guide, with replies that name
// the content's subject, for content that says nothing of small talk itself. It
// is none of SmallTalk, for a guide of a few passages would drown in it: it is
// for messages that say just that. Content with a smalltalk section, be it
// empty, or with a file smalltalk.yaml, has none.
func (b *Base) CommonTalk() []SmallTalk {
	if !b.borrowsTalk {
		return nil
	}
	all := slices.Clone(CommonTalk())
	for i := range all {
		all[i].Reply = strings.ReplaceAll(all[i].Reply, "{about}", b.wording.About)
	}
	return all
}

// commonReplies are replies that fit any guide. Of other small talk they do
// not: who runs the bot is for its operator to say, and what people remark of
// themselves may be no small talk to another guide.
var commonReplies = map[string]string{
	"greeting":        "Hello! Ask me anything about {about} and I will look in the guide for you.",
	"thanks":          "You are welcome. Ask again whenever something else comes to mind.",
	"goodbye":         "Goodbye, and take care. I am here whenever you need the guide.",
	"compliment":      "That is kind of you. I am glad the guide is of use.",
	"laughter":        "Glad to raise a smile. I am here if you have a question about {about}.",
	"agreement":       "Understood. Ask away if there is anything else about {about}.",
	"no-or-surprise":  "I am here if you want to ask something about {about}.",
	"apology":         "Nothing to be sorry for. Ask whenever you are ready.",
	"how-are-you":     "I am well, thank you for asking. How can I help you with {about}?",
	"are-you-a-bot":   "I am an automated helper, not a person. I send the passage of the guide to {about} that fits your question.",
	"what-can-you-do": "I answer questions about {about} from the guide. Ask in your own words.",
	"anyone-there":    "I am here. What would you like to know about {about}?",
	"wishes":          "Thank you, and the same to you.",
	"verdict-wanted":  "I cannot judge that: I only know the guide, and I have seen nothing but your words. Please ask somebody who can look at it, and do not wait if it worries you.",
	"testing":         "It works. Ask me something about {about}.",
	"insults":         "I am sorry this is not going well. I only know {about}, and I am here if you want to ask again.",
	"wrong-answer":    "I am sorry that missed the mark. Please ask about {about} again in other words, or ask a person.",
}

// ownSubject are phrasings that another guide may have a passage for.
var ownSubject = func() map[string]bool {
	m := map[string]bool{}
	for _, p := range []string{
		"my skin thanks you 😂", "my skin and I adore you", "do you have skin", "have you ever been needled yourself", "wishing everyone smooth skin lol",
		"I want to ask about my skin", "do you know about skin", "I'd like to ask about my appointment", "I've a query about my face",
		"I had it done today, can you help me", "just had my treatment, who do I ask", "do you do aftercare questions",
		"what hours do you answer", "do you answer at night", "are you free to use", "hey are you open", "cancel that", "is it on", "is it working", "is this working",
		"does it work on my phone", "are you the lady from the clinic", "do you have a face", "what's in the guide", "which guide do you use",
	} {
		m[p] = true
	}
	return m
}()
