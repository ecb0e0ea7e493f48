package discord

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/aftercarebot/aftercare/bot"
)

// The types below hold only what the bot needs of Discord's events and are
// decoded from the raw event: one component type or field that discordgo does
// not know would empty the whole of its own struct.

// lenient decodes a part of an event whose form may change: where it does not
// fit, the part stays zero and the rest of the event is still read.
type lenient[T any] struct{ v T }

func (l *lenient[T]) UnmarshalJSON(data []byte) error {
	var v T
	if json.Unmarshal(data, &v) == nil {
		l.v = v
	}
	return nil
}

// id is a snowflake, sent as text, and by some proxies as a number.
type id string

func (i *id) UnmarshalJSON(data []byte) error {
	s := strings.Trim(string(data), `"`)
	if s == "null" {
		s = ""
	}
	*i = ""
	if len(s) <= 20 && strings.Trim(s, "0123456789") == "" {
		*i = id(s)
	}
	return nil
}

type user struct {
	ID  id            `json:"id"`
	Bot lenient[bool] `json:"bot"`
}

type message struct {
	ID       id                  `json:"id"`
	Channel  id                  `json:"channel_id"`
	Guild    id                  `json:"guild_id"`
	Webhook  id                  `json:"webhook_id"`
	Type     int                 `json:"type"`
	Author   lenient[user]       `json:"author"`
	Mentions lenient[[]user]     `json:"mentions"`
	Replied  lenient[*repliedTo] `json:"referenced_message"`
	written
	Forwards lenient[[]struct {
		Message lenient[written] `json:"message"`
	}] `json:"message_snapshots"`
}

// written is what can be read or seen in a message.
type written struct {
	Flags       lenient[int]               `json:"flags"`
	Content     string                     `json:"content"`
	Attachments lenient[[]attachment]      `json:"attachments"`
	Stickers    lenient[[]json.RawMessage] `json:"sticker_items"`
}

// UnmarshalJSON reads a forward, which holds nothing of its own, as the
// message that was forwarded.
func (m *message) UnmarshalJSON(data []byte) error {
	type plain message // without this method
	if err := json.Unmarshal(data, (*plain)(m)); err != nil {
		return err
	}
	if m.forwarded() {
		m.written = m.Forwards.v[0].Message.v
	}
	return nil
}

// forwarded reports whether what can be read was written to somebody else.
func (m *message) forwarded() bool { return len(m.Forwards.v) > 0 }

// attachment is a file with a message.
type attachment struct {
	Type lenient[string] `json:"content_type"` // such as image/png
}

type repliedTo struct {
	ID     id   `json:"id"`
	Author user `json:"author"`
}

// Kinds of message that a person writes.
const (
	messagePlain = 0
	messageReply = 19
)

// hasMedia reports whether something comes along that the bot cannot look at.
func (m *message) hasMedia() bool {
	return len(m.Attachments.v) > 0 || len(m.Stickers.v) > 0
}

// media is what sort of thing comes along.
func (m *message) media() bot.Media {
	const voice = 1 << 13
	switch files := m.Attachments.v; {
	case m.Flags.v&voice != 0:
		return bot.MediaSound
	case len(files) == 0 && len(m.Stickers.v) > 0:
		return bot.MediaSticker
	case len(files) == 0:
		return bot.MediaOther
	default:
		kind, _, _ := strings.Cut(files[0].Type.v, "/")
		switch kind {
		case "image", "video":
			return bot.MediaPicture
		case "audio":
			return bot.MediaSound
		}
		return bot.MediaFile
	}
}

// toSomebody reports whether the message is for one person in particular.
func (m *message) toSomebody() bool {
	return m.Type == messageReply || len(m.Mentions.v) > 0
}

// decodeMessage reads MESSAGE_CREATE; ok is false if what is needed to answer
// it is not there.
func decodeMessage(data json.RawMessage) (m *message, ok bool) {
	m = &message{}
	if json.Unmarshal(data, m) != nil {
		return nil, false
	}
	return m, m.ID != "" && m.Channel != "" && m.Author.v.ID != ""
}

// Kinds of interaction.
const (
	interactionPing         = 1
	interactionCommand      = 2
	interactionComponent    = 3
	interactionAutocomplete = 4
	interactionModal        = 5
)

type interaction struct {
	ID          id                   `json:"id"`
	Application id                   `json:"application_id"`
	Kind        int                  `json:"type"`
	Token       string               `json:"token"`
	Guild       id                   `json:"guild_id"`
	ChannelID   id                   `json:"channel_id"`
	Context     lenient[*int]        `json:"context"` // 0 server, 1 chat with the bot, 2 other private chat
	Channel     lenient[channelPart] `json:"channel"`
	User        lenient[*user]       `json:"user"` // outside of servers
	Member      lenient[*struct {
		User        user            `json:"user"`
		Permissions lenient[string] `json:"permissions"`
	}] `json:"member"` // in a server
	Data    lenient[interactionData] `json:"data"`
	Message lenient[struct {
		ID    id           `json:"id"`
		Flags lenient[int] `json:"flags"`
	}] `json:"message"` // of a component
	Owners lenient[map[string]id] `json:"authorizing_integration_owners"`
}

type channelPart struct {
	ID     id  `json:"id"`
	Parent id  `json:"parent_id"` // of a thread its channel, of a channel its category
	Type   int `json:"type"`
}

// threadOf is the channel that a thread belongs to; empty for what is no thread.
func (c channelPart) threadOf() id {
	switch c.Type {
	case 10, 11, 12: // in an announcement channel, public, private
		return c.Parent
	}
	return ""
}

type interactionData struct {
	Name     string                   `json:"name"`
	Options  lenient[[]commandOption] `json:"options"`
	Target   id                       `json:"target_id"`
	Resolved lenient[struct {
		Messages map[id]json.RawMessage `json:"messages"`
	}] `json:"resolved"`
	CustomID string            `json:"custom_id"`
	Values   lenient[[]string] `json:"values"`
}

type commandOption struct {
	Name    string          `json:"name"`
	Value   json.RawMessage `json:"value"`
	Focused bool            `json:"focused"`
}

// text is the option's value if that is text, else as it was sent.
func (o commandOption) text() string {
	var s string
	if json.Unmarshal(o.Value, &s) == nil {
		return s
	}
	return string(bytes.TrimSpace(o.Value))
}

// option gives the text of a command's option; empty if it was not given.
func (d *interactionData) option(name string) string {
	for _, o := range d.Options.v {
		if o.Name == name {
			return o.text()
		}
	}
	return ""
}

// asker is the id of who did it; empty if Discord did not say.
func (i *interaction) asker() string {
	if m := i.Member.v; m != nil && m.User.ID != "" {
		return string(m.User.ID)
	}
	if u := i.User.v; u != nil {
		return string(u.ID)
	}
	return ""
}

// place is the channel.
func (i *interaction) place() string {
	if i.ChannelID != "" {
		return string(i.ChannelID)
	}
	return string(i.Channel.v.ID)
}

// channel is where what was chosen for the place is kept: the place itself,
// or the channel of a thread.
func (i *interaction) channel() string {
	return orElse(string(i.Channel.v.threadOf()), i.place())
}

// alone reports whether only the asker can see the place: the chat with the bot.
func (i *interaction) alone() bool {
	if c := i.Context.v; c != nil {
		return *c == 1
	}
	return i.Guild == ""
}

// permissions of the member in the channel, as Discord counts them; none
// outside of servers.
func (i *interaction) permissions() permissions {
	if i.Member.v == nil {
		return 0
	}
	return parsePermissions(i.Member.v.Permissions.v)
}

// decodeInteraction reads an interaction; ok is false if what is needed to
// respond to it is not there.
func decodeInteraction(data json.RawMessage) (i *interaction, ok bool) {
	i = &interaction{}
	if json.Unmarshal(data, i) != nil {
		return nil, false
	}
	return i, i.ID != "" && i.Token != "" && i.Kind != 0
}
