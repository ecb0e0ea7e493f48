package telegram

import (
	"fmt"
	"strings"
)

// What the adapter itself says, in one place. Whatever is about the guide
// comes from bot; these sentences are about Telegram.
const (
	sayTooFast       = "That is a lot at once. Give me a moment, then ask again."
	sayGroupFast     = "There are many questions here just now. I will be quiet for a minute; you can always ask me in a private chat."
	sayTapFast       = "One moment, please."
	sayBroken        = "Sorry, something went wrong on my side, and I have no answer for you. Please ask again."
	sayOld           = "That button is too old for me. Please ask again."
	sayGone          = "That passage is no longer in the guide."
	sayThanks        = "Thank you. It helps to make the guide better."
	sayVoted         = "Thank you, you have told me already."
	sayNothing       = "Write your question after the command, like this:\n/ask can I go swimming tomorrow?"
	sayEmpty         = "I need some words to go on. What would you like to know?"
	sayTopics        = "This is what I can answer. Tap one to read it."
	sayNoTopics      = "The guide is empty at the moment."
	sayPrivate       = "I have something for you. Tap below to read it in a private chat."
	sayUnknown       = "I do not know that command. Just write your question, or tap /help."
	sayAdminsOnly    = "Only administrators of this group can change my settings."
	sayNotChecked    = "I could not find out whether you are an administrator here. Please try again."
	saySetGroup      = "My settings belong to groups: send /settings there. In this chat there is nothing to set."
	sayNoStore       = "Settings cannot be kept: this bot runs without a store. Whoever runs it can give it one with --store."
	saySetFailed     = "That could not be saved. Please try again later."
	saySettings      = "My settings for this group. Tap one to change it."
	sayForgotten     = "Done. Nothing is kept that leads back to you."
	sayNoForget      = "There is nothing to forget: this bot keeps nothing about you."
	sayNotForgot     = "That did not work just now. Please try again later."
	sayInlineNone    = "Nothing found. Ask me in private"
	sayInlineMore    = "Ask me in private"
	sayInlineCard    = "Danger signs, and whom to call"
	sayInlinePassage = "Sends this passage, word for word"
	sayTooLong       = "This answer is too long to be sent from here. Read all of it in a private chat:"
	sayReindexing    = "Reading the guide again …"

	sayDoubt = "If you meant none of this, here is what the guide says:"

	labelPrivate = "💬 Ask privately"
	labelRead    = "💬 Read it privately"
	labelTopics  = "📋 What I can answer"
	labelBack    = "‹ Back to: "
	labelRelated = "› "
	labelOther   = "Something else"
)

// unreadable is the kind sentence for what the bot cannot look at.
func unreadable(kind, contact string) string {
	whom := "your practitioner or doctor"
	if contact != "" {
		whom = contact
	}
	ask := " If you can put it into words, write me your question."
	switch kind {
	case "picture":
		return "I cannot look at pictures or videos. Please show it to " + whom + ", who can." + ask
	case "voice":
		return "I cannot listen to voice messages or sound. " + capital(whom) + " can hear you out." + ask
	case "sticker":
		return "That is kind, but I only understand words." + ask
	case "file":
		return "I cannot open files. Please show it to " + whom + ", who can." + ask
	}
	return "I can only read text. For anything else, please ask " + whom + "." + ask
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

func (a *Adapter) about() string {
	if about := a.guide.Wording().About; about != "" {
		return about
	}
	return "aftercare"
}

func (a *Adapter) sayHelp(private bool) string {
	var b strings.Builder
	fmt.Fprintf(&b, "I answer questions about %s, word for word from the guide.\n\n", a.about())
	if private {
		b.WriteString("Just write your question. A whole sentence works best.\n\n")
	} else {
		b.WriteString("Here, ask with /ask and your question, or reply to one of my messages. I see nothing else that is said here.\n\n")
	}
	b.WriteString("/ask – a question\n/topics – what I can answer\n/privacy – what happens to your words\n")
	if private {
		if a.forget != nil {
			b.WriteString("/forgetme – remove what is kept about you\n")
		}
		b.WriteString("/help – this message\n")
		if a.self().SupportsInlineQueries && a.self().UserName != "" {
			fmt.Fprintf(&b, "\nIn any other chat, type @%s and a few words to send a passage there.\n", a.self().UserName)
		}
	} else {
		b.WriteString("/settings – for administrators\n")
	}
	return strings.TrimRight(b.String(), "\n")
}

func (a *Adapter) sayStart() string {
	return fmt.Sprintf("Hello! I answer questions about %s, word for word from the guide. I cannot look at your skin and I do not give medical advice.\n\n"+
		"Just write your question, or tap a topic.", a.about())
}

func (a *Adapter) sayPrivacy() string {
	s := "I read a message that is meant for me, look for the passage that answers it, and reply. " +
		"Your name, your number and what you wrote are in no log. " +
		"For ten minutes I remember what you asked last, so that you can ask a follow-up question; after that it is gone.\n\n" +
		"In a group I see commands, replies to me and mentions of me, and nothing more unless its administrators allow it. " +
		"Everybody in a group can read my replies there; tap “Ask privately” if you would rather not."
	switch {
	case a.privacy != "":
		s += "\n\n" + a.privacy
	case a.feedback != nil:
		s += "\n\nIf you tap 👍 or 👎, the passage and your vote are kept, with your number scrambled so that it cannot be read back."
	default:
		s += "\n\nNothing of it is written to a disk."
	}
	if a.forget != nil && !strings.Contains(s, "/forgetme") {
		s += " Send me /forgetme and I remove what is kept about you."
	}
	return s + "\n\nTelegram keeps the chat itself under its own rules: you can delete it there."
}
