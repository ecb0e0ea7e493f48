package telegram

import (
	"context"
	"log/slog"
	"slices"
	"strconv"
	"strings"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"github.com/aftercarebot/aftercare/bot"
)

// What a group's administrators can set, with the default first.
const (
	setAnswers = "answers" // here, private: whether answers are shown in the group, or by a link to the private chat
	setReplies = "replies" // on, off: whether a reply to the bot is a question
)

var settingsOffered = []struct {
	key    string
	title  string
	values []string
	labels []string
}{
	{setAnswers, "Answers", []string{"here", "private"}, []string{"in this group", "in a private chat"}},
	{setReplies, "Replies to me", []string{"on", "off"}, []string{"are questions", "are ignored"}},
}

// place is the name under which a chat's settings are kept.
func place(chat int64) string { return "chat:" + strconv.FormatInt(chat, 10) }

// groupSettings gives what is set for a group; what cannot be read has its default.
func (a *Adapter) groupSettings(ctx context.Context, chat int64, private bool) map[string]string {
	if a.settings == nil || private {
		return nil
	}
	set, err := a.settings.Settings(ctx, place(a.chats.now(chat)))
	if err != nil {
		a.log.Error("settings not read, using defaults", slog.String("error", a.api.hide.Replace(err.Error())))
		return nil
	}
	return set
}

// settingsFor gives the message that answers /settings.
func (a *Adapter) settingsFor(ctx context.Context, m *message, q question) outgoing {
	switch {
	case q.private:
		return say(saySetGroup)
	case a.settings == nil:
		return say(bot.SayNoStore)
	}
	// An administrator who stays anonymous writes in the name of the group.
	if m.SenderChat == nil || m.SenderChat.ID != q.chat {
		if m.SenderChat != nil {
			return say(sayAdminsOnly)
		}
		switch ok, err := a.administers(ctx, q.chat, q.user); {
		case err != nil:
			return say(sayNotChecked)
		case !ok:
			return say(sayAdminsOnly)
		}
	}
	return a.settingsMessage(ctx, q.chat)
}

func (a *Adapter) settingsMessage(ctx context.Context, chat int64) outgoing {
	set := a.groupSettings(ctx, chat, false)
	var rows []row
	for _, s := range settingsOffered {
		for i, v := range s.values {
			label := s.title + " " + s.labels[i]
			if set[s.key] == v || i == 0 && !slices.Contains(s.values, set[s.key]) {
				label = "✅ " + label
			}
			rows = append(rows, row{button(label, doSet+s.key+":"+v)})
		}
	}
	m := say(saySettings)
	m.keyboard = keyboard(rows...)
	return m
}

// administers asks Telegram whether a user is an administrator of a chat.
func (a *Adapter) administers(ctx context.Context, chat, user int64) (bool, error) {
	var member tgbotapi.ChatMember
	err := a.try(ctx, "getChatMember", tgbotapi.Params{
		"chat_id": strconv.FormatInt(a.chats.now(chat), 10), "user_id": strconv.FormatInt(user, 10)}, &member)
	if err != nil {
		if ctx.Err() == nil {
			a.log.Warn("administrator not checked", slog.Any("error", err))
		}
		return false, err
	}
	return member.IsCreator() || member.IsAdministrator(), nil
}

// changeSetting carries a tap on /settings out, after checking who tapped:
// everybody in the group sees the buttons. It reports whether anything changed;
// if not, the tap was answered.
func (a *Adapter) changeSetting(ctx context.Context, c *callback, arg string, answer func(string)) bool {
	key, value, _ := strings.Cut(arg, ":")
	valid := false
	for _, s := range settingsOffered {
		valid = valid || s.key == key && slices.Contains(s.values, value)
	}
	if !valid || c.Message == nil || a.settings == nil {
		answer(sayOld)
		return false
	}
	chat := c.Message.Chat.ID
	switch ok, err := a.administers(ctx, chat, c.From.ID); {
	case err != nil:
		answer(sayNotChecked)
		return false
	case !ok:
		answer(sayAdminsOnly)
		return false
	}
	if err := a.settings.Set(ctx, place(a.chats.now(chat)), key, value); err != nil {
		a.log.Error("setting not kept", slog.String("error", a.api.hide.Replace(err.Error())))
		answer(bot.SayNotKept)
		return false
	}
	return true
}
