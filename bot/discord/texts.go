package discord

import (
	"strings"

	"github.com/aftercarebot/aftercare/bot"
)

// What the bot says of its own accord and on Discord alone; the rest is in bot.
const (
	sayBusy           = "A great many people are asking just now. Please try again in a minute. If this is an emergency, do not wait for me: call your local emergency number now."
	sayOutdated       = "I no longer know that command or button. Please try /help."
	sayNoMessage      = "I could not read that message. You can ask me with /ask instead."
	sayNotOfBots      = "I only answer messages that people write."
	sayNoWords        = "There are no words in that message for me to answer. You can ask me with /ask."
	sayNothingRelated = "There is nothing else in the guide that belongs to it."
	sayMayNotWrite    = "You cannot write in this channel, so I cannot share it here for you."
	sayNoFeedback     = "Thank you. I do not keep feedback here, so please tell the people who run this server."
	sayNotYours       = "Only the person who asked can delete this."
	sayNotAllowed     = "Only the people who run this bot can do that."
	sayServerOnly     = "My settings belong to servers. In this chat there is nothing to set."
	sayManagersOnly   = "Only people who may manage this server can change my settings."
)

// cannotRead is said to pictures, voice messages and files.
func (a *Adapter) cannotRead(m *message) string { return m.media().CannotRead(a.guide.Wording()) }

// helpText says how to ask where the command was used.
func (a *Adapter) helpText(t *turn, c chosen) string {
	w := a.guide.Wording()
	seen := "only you see the answer"
	switch {
	case t.Guild == "":
		seen = "in a server, only you see the answer, unless its admins chose otherwise"
	case c.public:
		seen = "everybody in this channel sees the answer"
	}
	lines := []string{
		bot.Introduce(w),
		"",
		"• /ask and your question: " + seen,
		"• /topics: everything that you can ask about",
	}
	if a.cfg.Interactions == "" { // over HTTP there are no messages
		lines = append(lines,
			"• mention me, or reply to one of my messages: everybody there sees the answer",
			"• write to me directly")
	}
	lines = append(lines,
		"• press and hold or right-click somebody's message, then Apps, then “"+messageCommand+"”",
		"• /privacy: what happens to what you write")
	if a.cfg.Forget != nil {
		lines = append(lines, "• /forgetme: delete what I keep about you")
	}
	return strings.Join(append(lines, "", bot.CannotDo(w)), "\n")
}

func (a *Adapter) privacyText() string {
	sees := "I see what you write only when you use one of my commands, mention me, reply to me, or write to me directly."
	switch {
	case a.cfg.Interactions != "":
		sees = "I see what you write only when you use one of my commands."
	case a.cfg.MessageContent:
		sees = "I see what you write when you use one of my commands, mention me, reply to me, or write to me directly, and in channels where the server’s admins have me answer by myself."
	}
	return bot.Privacy([]string{sees, "In a server, only you see my answers to commands, unless its admins chose otherwise."},
		a.cfg.Privacy, a.cfg.Feedback != nil, a.cfg.Forget != nil)
}
