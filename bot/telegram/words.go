package telegram

import (
	"fmt"
	"strings"

	"github.com/aftercarebot/aftercare/bot"
)

// What the bot says of its own accord and on Telegram alone; the rest is in bot.
const (
	sayGroupFast     = "There are many questions here just now, so I will be quiet for a minute. You can always ask me in a private chat. If this is an emergency, do not wait for me: call your local emergency number now."
	sayBusy          = "A great many people are asking just now, and I cannot keep up. Please try again in a minute. If this is an emergency, do not wait for me: call your local emergency number now."
	sayTapFast       = "One moment, please."
	sayTapBusy       = "Too much is waiting here just now. Please try again in a minute."
	sayOld           = "I no longer know that button. Please ask again."
	sayVoted         = "Thank you, you have told me already."
	sayNothing       = "Write your question after the command, like this:\n/ask can I go swimming tomorrow?"
	sayEmpty         = "I need some words to go on. What would you like to know?"
	sayTopics        = "This is what I can answer. Tap one to read it."
	sayNoTopics      = "The guide is empty at the moment."
	sayPrivate       = "I have something for you. Tap below to read it in a private chat."
	sayUnknown       = "I do not know that command. Please just write your question, or tap /help."
	sayAdminsOnly    = "Only administrators of this group can change my settings."
	sayNotChecked    = "I could not find out whether you are an administrator here. Please try again."
	saySetGroup      = "My settings belong to groups: send /settings there. In this chat there is nothing to set."
	saySettings      = "My settings for this group. Tap one to change it."
	sayInlineNone    = "Nothing found. Ask me in private"
	sayInlineMore    = "Ask me in private"
	sayInlineCard    = "Danger signs, and whom to call"
	sayInlinePassage = "Sends this passage, word for word"
	sayTooLong       = "This answer is too long to be sent from here. Read all of it in a private chat:"
	sayReindexing    = "Reading the guide again …"

	labelPrivate = "💬 Ask privately"
	labelRead    = "💬 Read it privately"
	labelTopics  = "📋 What I can answer"
	labelBack    = "‹ Back to: "
	labelRelated = "› "
	labelOther   = "Something else"
)

// about is the subject of the guide, for the descriptions of the account.
func (a *Adapter) about() string {
	if about := a.guide.Wording().About; about != "" {
		return about
	}
	return "aftercare"
}

func (a *Adapter) sayHelp(private bool) string {
	w := a.guide.Wording()
	lines := []string{bot.Introduce(w), ""}
	if private {
		lines = append(lines, "Just write your question. A whole sentence works best.")
	} else {
		lines = append(lines, "Here, ask with /ask and your question, or reply to one of my messages. Everybody here sees the answer.")
	}
	lines = append(lines, "", "• /topics: everything that you can ask about", "• /privacy: what happens to what you write")
	if a.forget != nil {
		lines = append(lines, "• /forgetme: delete what I keep about you")
	}
	if !private {
		lines = append(lines, "• /settings: for administrators")
	}
	if me := a.self(); private && me.SupportsInlineQueries && me.UserName != "" {
		lines = append(lines, fmt.Sprintf("• @%s and a few words, in any other chat: send a passage there", me.UserName))
	}
	return strings.Join(append(lines, "", bot.CannotDo(w)), "\n")
}

func (a *Adapter) sayStart() string {
	w := a.guide.Wording()
	return "Hello! " + bot.Introduce(w) + "\n\n" + bot.CannotDo(w) + "\n\nJust write your question, or tap a topic."
}

func (a *Adapter) sayPrivacy() string {
	return bot.Privacy([]string{
		"In a private chat I see what you write to me. In a group I see commands, replies to me and mentions of me, and nothing more unless its administrators allow it.",
		"Everybody in a group can read my replies there; tap “Ask privately” if you would rather not.",
		"For a quarter of an hour I remember a question that I answered, so that you can edit it and I can mend my answer.",
	}, a.privacy, a.feedback != nil, a.forget != nil) +
		"\n\nTelegram keeps the chat itself under its own rules: you can delete it there."
}
