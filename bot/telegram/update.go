package telegram

import (
	"encoding/json"
	"strings"
	"unicode/utf16"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"github.com/aftercarebot/aftercare/bot"
)

// kinds of update that are asked for, always by name: an empty list would
// leave in force whatever an earlier deployment asked for.
var wanted = []string{"message", "edited_message", "inline_query", "callback_query", "my_chat_member"}

// update holds what is used of an update, and nothing else: a field that is
// not read cannot fail to decode.
type update struct {
	ID       int                         `json:"update_id"`
	Message  *message                    `json:"message"`
	Edited   *message                    `json:"edited_message"`
	Inline   *tgbotapi.InlineQuery       `json:"inline_query"`
	Callback *callback                   `json:"callback_query"`
	Member   *tgbotapi.ChatMemberUpdated `json:"my_chat_member"`
}

// message is the library's Message where it is still true, with what it does
// not know: topics, forwards to a group, and content by its mere presence.
type message struct {
	ID              int                            `json:"message_id"`
	Thread          int                            `json:"message_thread_id"`
	InTopic         bool                           `json:"is_topic_message"`
	From            *tgbotapi.User                 `json:"from"`
	SenderChat      *tgbotapi.Chat                 `json:"sender_chat"`
	Chat            tgbotapi.Chat                  `json:"chat"`
	Date            int64                          `json:"date"`
	ReplyTo         *message                       `json:"reply_to_message"`
	ViaBot          *tgbotapi.User                 `json:"via_bot"`
	AutoForward     bool                           `json:"is_automatic_forward"`
	Album           string                         `json:"media_group_id"`
	Text            string                         `json:"text"`
	Entities        []tgbotapi.MessageEntity       `json:"entities"`
	Caption         string                         `json:"caption"`
	CaptionEntities []tgbotapi.MessageEntity       `json:"caption_entities"`
	MigrateTo       int64                          `json:"migrate_to_chat_id"`
	MigrateFrom     int64                          `json:"migrate_from_chat_id"`
	TopicCreated    json.RawMessage                `json:"forum_topic_created"`
	Markup          *tgbotapi.InlineKeyboardMarkup `json:"reply_markup"`

	Photo     json.RawMessage `json:"photo"`
	LivePhoto json.RawMessage `json:"live_photo"`
	Animation json.RawMessage `json:"animation"`
	Video     json.RawMessage `json:"video"`
	PaidMedia json.RawMessage `json:"paid_media"`
	Story     json.RawMessage `json:"story"`
	VideoNote json.RawMessage `json:"video_note"`
	Voice     json.RawMessage `json:"voice"`
	Audio     json.RawMessage `json:"audio"`
	Sticker   json.RawMessage `json:"sticker"`
	Dice      json.RawMessage `json:"dice"`
	Document  json.RawMessage `json:"document"`
	Location  json.RawMessage `json:"location"`
	Venue     json.RawMessage `json:"venue"`
	Contact   json.RawMessage `json:"contact"`
	Poll      json.RawMessage `json:"poll"`
	Checklist json.RawMessage `json:"checklist"`
	Game      json.RawMessage `json:"game"`
	RichText  json.RawMessage `json:"rich_message"`

	late bool // it waited too long for its turn, see poller.late
}

// callback is a tap on a button. Message is nil, or has date 0, where
// Telegram no longer knows it.
type callback struct {
	ID      string         `json:"id"`
	From    *tgbotapi.User `json:"from"`
	Message *message       `json:"message"`
	Data    string         `json:"data"`
}

// media says what sort of thing a message holds that cannot be read; ok is
// false for text alone and for what Telegram itself says (somebody joined, ...).
func (m *message) media() (kind bot.Media, ok bool) {
	for _, c := range []struct {
		raw  json.RawMessage
		kind bot.Media
	}{
		{m.Photo, bot.MediaPicture}, {m.LivePhoto, bot.MediaPicture}, {m.Animation, bot.MediaPicture}, {m.Video, bot.MediaPicture},
		{m.PaidMedia, bot.MediaPicture}, {m.Story, bot.MediaPicture}, {m.VideoNote, bot.MediaPicture},
		{m.Voice, bot.MediaSound}, {m.Audio, bot.MediaSound},
		{m.Sticker, bot.MediaSticker}, {m.Dice, bot.MediaSticker}, {m.Game, bot.MediaSticker},
		{m.Document, bot.MediaFile},
		{m.Location, bot.MediaOther}, {m.Venue, bot.MediaOther}, {m.Contact, bot.MediaOther}, {m.Poll, bot.MediaOther},
		{m.Checklist, bot.MediaOther}, {m.RichText, bot.MediaOther},
	} {
		if len(c.raw) > 0 && string(c.raw) != "null" {
			return c.kind, true
		}
	}
	return 0, false
}

// words gives the message's text, or its caption, with the entities that belong to it.
func (m *message) words() (string, []tgbotapi.MessageEntity) {
	if m.Text != "" {
		return m.Text, m.Entities
	}
	return m.Caption, m.CaptionEntities
}

func (m *message) private() bool { return m.Chat.Type == "private" }

func (m *message) group() bool { return m.Chat.Type == "group" || m.Chat.Type == "supergroup" }

// topic is the topic to answer in: 0 outside of a forum, and in its General
// topic, which must not be named.
func (m *message) topic() int {
	if !m.InTopic || m.Thread == 1 {
		return 0
	}
	return m.Thread
}

// cut gives the bytes of text that an entity covers. Entities count UTF-16
// code units and come from outside: ok is false if it does not lie within text.
func cut(text string, e tgbotapi.MessageEntity) (start, end int, ok bool) {
	if e.Offset < 0 || e.Length <= 0 {
		return 0, 0, false
	}
	start, end = -1, -1
	units := 0
	for i, r := range text {
		if units == e.Offset {
			start = i
		}
		if units == e.Offset+e.Length {
			end = i
		}
		units += utf16.RuneLen(r)
	}
	if units == e.Offset+e.Length {
		end = len(text)
	}
	return start, end, start >= 0 && end >= start
}

// command reads "/name@bot rest" at the start of text. Telegram's commands
// are ASCII, so a name ends where its letters end.
func command(text string) (name, bot, rest string, ok bool) {
	if !strings.HasPrefix(text, "/") {
		return "", "", "", false
	}
	name, rest = word(text[1:])
	if name == "" || len(name) > 32 {
		return "", "", "", false
	}
	if strings.HasPrefix(rest, "@") {
		bot, rest = word(rest[1:])
	}
	if strings.HasPrefix(rest, "/") { // a path, not a command
		return "", "", "", false
	}
	return strings.ToLower(name), bot, strings.TrimSpace(rest), true
}

func word(s string) (word, rest string) {
	i := 0
	for i < len(s) && (s[i] >= 'a' && s[i] <= 'z' || s[i] >= 'A' && s[i] <= 'Z' || s[i] >= '0' && s[i] <= '9' || s[i] == '_') {
		i++
	}
	return s[:i], s[i:]
}
