package discord

import (
	"slices"
	"strings"

	"github.com/bwmarrin/discordgo"
)

// Message flags.
const (
	flagSuppressEmbeds = 1 << 2
	flagEphemeral      = 1 << 6
	flagComponentsV2   = 1 << 15
)

// mentions allows nobody to be pinged: every message that is sent carries it.
type mentions struct {
	Parse       []string `json:"parse"`
	RepliedUser bool     `json:"replied_user"`
}

var nobody = mentions{Parse: []string{}}

// outgoing is a message as Discord takes it.
type outgoing struct {
	Content         string                       `json:"content,omitempty"`
	Components      []discordgo.MessageComponent `json:"components,omitempty"`
	AllowedMentions mentions                     `json:"allowed_mentions"`
	Flags           int                          `json:"flags,omitempty"`
	Nonce           string                       `json:"nonce,omitempty"`
	EnforceNonce    bool                         `json:"enforce_nonce,omitempty"`
	Reference       *reference                   `json:"message_reference,omitempty"`
}

// reference makes a message a reply, even if the other one is gone by then.
type reference struct {
	Message         string `json:"message_id"`
	Channel         string `json:"channel_id,omitempty"`
	FailIfNotExists bool   `json:"fail_if_not_exists"`
}

// render makes the message of a page. Components v2 are used throughout:
// they need no permission to embed links, show no link previews, and are seen
// by people who have embeds switched off.
func (p *page) render(private bool) outgoing {
	boxes := slices.DeleteFunc(slices.Clone(p.boxes), func(texts []string) bool { return len(texts) == 0 })
	var inside []discordgo.MessageComponent
	for i, texts := range boxes {
		if i > 0 {
			if i == len(boxes)-1 {
				inside = append(inside, p.rows...)
			}
			inside = append(inside, discordgo.Separator{})
		}
		inside = append(inside, discordgo.TextDisplay{Content: strings.Join(texts, "\n")})
	}
	if len(boxes) < 2 {
		inside = append(inside, p.rows...)
	}
	colour := p.colour
	m := outgoing{AllowedMentions: nobody, Flags: flagComponentsV2}
	if len(inside) > 0 {
		m.Components = append(m.Components, discordgo.Container{AccentColor: &colour, Components: inside})
	}
	if len(p.buttons) > 0 {
		m.Components = append(m.Components, discordgo.ActionsRow{Components: p.buttons})
	}
	if private {
		m.Flags |= flagEphemeral
	}
	return m
}

// simple is the same text without components, for the case that Discord
// refuses them: a plain answer is better than none.
func (p *page) simple(private bool) outgoing {
	var boxes []string
	for _, texts := range p.boxes {
		if len(texts) > 0 {
			boxes = append(boxes, strings.Join(texts, "\n"))
		}
	}
	m := outgoing{Content: strings.Join(boxes, "\n\n"), AllowedMentions: nobody, Flags: flagSuppressEmbeds}
	if private {
		m.Flags |= flagEphemeral
	}
	return m
}
