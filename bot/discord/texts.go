package discord

import (
	"fmt"
	"strings"
)

// What the bot says of its own accord.
const (
	saySlower         = "You are asking faster than I can answer. Please wait a few seconds and ask again. If this is an emergency, do not wait for me: call your local emergency number now."
	sayBusy           = "A great many people are asking just now. Please try again in a minute. If this is an emergency, do not wait for me: call your local emergency number now."
	saySorry          = "Something went wrong on my side, and I am sorry. Please try again."
	sayOutdated       = "I no longer know that command or button. Please try /help."
	sayGone           = "That passage is no longer in the guide. /topics shows what there is."
	sayNoMessage      = "I could not read that message. You can ask me with /ask instead."
	sayNotOfBots      = "I only answer messages that people write."
	sayNoWords        = "There are no words in that message for me to answer. You can ask me with /ask."
	sayNothingRelated = "There is nothing else in the guide that belongs to it."
	sayMayNotWrite    = "You cannot write in this channel, so I cannot share it here for you."
	sayNoFeedback     = "Thank you. I do not keep feedback here, so please tell the people who run this server."
	sayThanksUp       = "Thank you, I am glad it helped."
	sayThanksDown     = "Thank you for telling me. You can try other words, or look at /topics."
	sayNotYours       = "Only the person who asked can delete this."
	sayNothingKept    = "I keep nothing about you, so there is nothing to forget."
	sayForgotten      = "Done. I have deleted everything that I kept about you."
	sayNotAllowed     = "Only the people who run this bot can do that."
	sayServerOnly     = "Settings are for servers. Here I always answer you directly."
	sayManagersOnly   = "Only people who may manage this server can change its settings."
	sayNoStore        = "Nothing can be changed here: I was started without a place to keep settings. Whoever runs me can add one with --store FILE. Until then, replies to commands are private and I answer only when I am asked."
)

// cannotLook is said to pictures, voice messages and files.
func (a *Adapter) cannotLook() string {
	contact := orElse(a.guide.Wording().Contact, "your practitioner")
	return fmt.Sprintf("I cannot look at pictures, files or voice messages. Please show it to %s, who can. If you put your question into words, I can look it up in the guide.", contact)
}

func (a *Adapter) helpText() string {
	about := orElse(a.guide.Wording().About, "aftercare")
	lines := []string{
		"I answer questions about " + about + ", word for word from an approved guide. When it says nothing on a subject, I tell you so.",
		"",
		"• /ask and your question: in a server, only you see the answer",
		"• /topics: everything that you can ask about",
		"• mention me, or reply to one of my messages: everybody there sees the answer",
		"• write to me directly",
		"• press and hold or right-click somebody's message, then Apps, then “" + messageCommand + "”",
		"• /privacy: what happens to what you write",
		"",
		"I cannot look at pictures, and I cannot tell you whether your skin is all right. For that, ask " + orElse(a.guide.Wording().Contact, "your practitioner") + ".",
	}
	return strings.Join(lines, "\n")
}

func (a *Adapter) privacyText() string {
	if a.cfg.Privacy != "" {
		return a.cfg.Privacy
	}
	lines := []string{
		"• I see what you write only when you use one of my commands, mention me, reply to me, or write to me directly.",
		"• In a server, only you see my answers to commands, unless its admins chose otherwise.",
		"• Your questions are not written to any log. For ten minutes I remember which passage you read last, so that you can ask a further question about it.",
	}
	if a.cfg.MessageContent {
		lines[0] = "• I see what you write when you use one of my commands, mention me, reply to me, or write to me directly, and in channels where the server’s admins have me answer by myself."
	}
	if a.cfg.Feedback != nil {
		lines = append(lines, "• When you press 👍 or 👎, I keep which passage it was for, with a scrambled form of your user id. /forgetme deletes that.")
	} else if a.cfg.Forget == nil {
		lines = append(lines, "• I keep nothing about you.")
	}
	return strings.Join(lines, "\n")
}
