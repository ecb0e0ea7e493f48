package discord

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strings"
)

const messageCommand = "Answer this"

// Kinds of command and option, contexts and ways of installing.
const (
	chatCommand       = 1
	onMessageCommand  = 3
	entryPointCommand = 4

	textOption    = 3
	channelOption = 7
)

var (
	everywhere   = []int{0, 1, 2} // servers, the chat with the bot, other private chats
	withoutUsers = []int{0, 1}
	serversOnly  = []int{0}
	byAll        = []int{0, 1} // added to a server or to one's own account
	byServers    = []int{0}
)

// command is an application command as it is registered. discordgo's own
// struct writes nulls that Discord reads as changes.
type command struct {
	Kind             int               `json:"type"`
	Name             string            `json:"name"`
	Names            map[string]string `json:"name_localizations,omitempty"`
	Description      string            `json:"description,omitempty"`
	Descriptions     map[string]string `json:"description_localizations,omitempty"`
	Options          []option          `json:"options,omitempty"`
	Permissions      *permissionNumber `json:"default_member_permissions,omitempty"`
	Contexts         []int             `json:"contexts,omitempty"`
	IntegrationTypes []int             `json:"integration_types,omitempty"`

	// Kept for an entry point command that Discord made by itself.
	ID      string `json:"id,omitempty"`
	Handler int    `json:"handler,omitempty"`
}

type option struct {
	Kind         int               `json:"type"`
	Name         string            `json:"name"`
	Names        map[string]string `json:"name_localizations,omitempty"`
	Description  string            `json:"description"`
	Descriptions map[string]string `json:"description_localizations,omitempty"`
	Required     bool              `json:"required,omitempty"`
	Autocomplete bool              `json:"autocomplete,omitempty"`
	MinLength    int               `json:"min_length,omitempty"`
	MaxLength    int               `json:"max_length,omitempty"`
	ChannelTypes []int             `json:"channel_types,omitempty"`
	Choices      []optionChoice    `json:"choices,omitempty"`
}

type optionChoice struct {
	Name  string            `json:"name"`
	Names map[string]string `json:"name_localizations,omitempty"`
	Value string            `json:"value"`
}

// permissionNumber is sent as a number and comes back as text.
type permissionNumber permissions

func (n *permissionNumber) UnmarshalJSON(data []byte) error {
	*n = permissionNumber(parsePermissions(strings.Trim(string(data), `"`)))
	return nil
}

func needs(p permissions) *permissionNumber {
	n := permissionNumber(p)
	return &n
}

// commands is what the bot offers. Contexts and ways of installing exist for
// commands of everybody only, not for those of one test server.
//
// What the application cannot be installed for may not be asked for either.
func (a *Adapter) commands(app application) []command {
	all := []command{
		{Kind: chatCommand, Name: "ask",
			Names:        map[string]string{"de": "fragen", "fr": "demander", "es-ES": "preguntar", "nl": "vragen"},
			Description:  "Ask about aftercare; in a server, only you see the answer, unless its admins chose otherwise",
			Descriptions: map[string]string{"de": "Stell eine Frage zur Nachsorge (Antworten auf Englisch)", "fr": "Poser une question sur les soins après la séance (réponses en anglais)", "es-ES": "Haz una pregunta sobre los cuidados posteriores (respuestas en inglés)", "nl": "Stel een vraag over de nazorg (antwoorden in het Engels)"},
			Options: []option{{Kind: textOption, Name: "question", Required: true, Autocomplete: true, MaxLength: 1000,
				Names:        map[string]string{"de": "frage", "fr": "question", "es-ES": "pregunta", "nl": "vraag"},
				Description:  "Your question, in your own words, or pick one as you type",
				Descriptions: map[string]string{"de": "Deine Frage in eigenen Worten, oder wähle eine aus der Liste", "fr": "Votre question, avec vos mots, ou choisissez-en une dans la liste", "es-ES": "Tu pregunta, con tus palabras, o elige una de la lista", "nl": "Je vraag in je eigen woorden, of kies er een uit de lijst"},
			}}},
		{Kind: onMessageCommand, Name: messageCommand,
			Names: map[string]string{"de": "Darauf antworten", "fr": "Répondre à ceci", "es-ES": "Responder a esto", "nl": "Dit beantwoorden"}},
		{Kind: chatCommand, Name: "topics", Description: "See everything that you can ask about",
			Names:        map[string]string{"de": "themen", "fr": "sujets", "es-ES": "temas", "nl": "onderwerpen"},
			Descriptions: map[string]string{"de": "Zeigt alles, wonach du fragen kannst", "fr": "Voir tout ce que vous pouvez demander", "es-ES": "Mira todo lo que puedes preguntar", "nl": "Bekijk alles wat je kunt vragen"}},
		{Kind: chatCommand, Name: "help", Description: "How to ask me",
			Names:        map[string]string{"de": "hilfe", "fr": "aide", "es-ES": "ayuda", "nl": "hulp"},
			Descriptions: map[string]string{"de": "Wie man mich fragt", "fr": "Comment me poser une question", "es-ES": "Cómo preguntarme", "nl": "Hoe je mij iets vraagt"}},
		{Kind: chatCommand, Name: "privacy", Description: "What happens to what you write",
			Names:        map[string]string{"de": "datenschutz", "fr": "confidentialité", "es-ES": "privacidad", "nl": "privacy"},
			Descriptions: map[string]string{"de": "Was mit dem geschieht, was du schreibst", "fr": "Ce que devient ce que vous écrivez", "es-ES": "Qué pasa con lo que escribes", "nl": "Wat er gebeurt met wat je schrijft"}},
		{Kind: chatCommand, Name: "forgetme", Description: "Delete what I keep about you",
			Descriptions: map[string]string{"de": "Löscht, was ich über dich aufbewahre", "fr": "Effacer ce que je garde sur vous", "es-ES": "Borra lo que guardo sobre ti", "nl": "Verwijder wat ik over je bewaar"}},
		{Kind: chatCommand, Name: "settings", Description: "See or change how I behave in a channel",
			Permissions: needs(manageServer), Contexts: serversOnly, IntegrationTypes: byServers,
			Options: []option{
				{Kind: textOption, Name: "replies", Description: "Who sees my replies to commands here", Choices: []optionChoice{
					{Name: "only the person who asked", Value: "private"}, {Name: "everybody", Value: repliesPublic}}},
				{Kind: textOption, Name: "auto-answer", Description: "Answer questions that I am sure of without being called", Choices: []optionChoice{
					{Name: "off", Value: "off"}, {Name: "on, in the channel", Value: autoHere}, {Name: "on, in a thread", Value: autoThread}}},
				{Kind: textOption, Name: "region", Description: "Country of the emergency numbers, such as GB, for the whole server; or none", MinLength: 2, MaxLength: 4},
				{Kind: channelOption, Name: "channel", Description: "Which channel; without it, this one", ChannelTypes: []int{0, 5, 15}},
			}},
	}
	if a.cfg.Reindex != nil && len(a.cfg.Admins) > 0 {
		all = append(all, command{Kind: chatCommand, Name: "reindex", Description: "Read the content anew", Permissions: needs(0)})
	}
	for i := range all {
		switch {
		case a.cfg.TestGuild != "":
			all[i].Contexts, all[i].IntegrationTypes = nil, nil
		case all[i].Contexts == nil:
			all[i].Contexts, all[i].IntegrationTypes = everywhere, byAll
			if !app.userInstall() {
				all[i].Contexts, all[i].IntegrationTypes = withoutUsers, byServers
			}
		}
	}
	return all
}

// registerCommands puts the commands in place if they are not there already,
// and says whether it changed anything. Discord counts every change.
func (a *Adapter) registerCommands(ctx context.Context, id string) (changed bool, err error) {
	there, err := a.registered(ctx, id)
	if err != nil {
		return false, err
	}
	var app application
	if err := a.rest.do(ctx, call{method: "GET", path: "/applications/@me"}, &app); err != nil {
		a.log.Warn("ways of installing not known", "error", err)
	}
	want := a.commands(app)
	if sameCommands(there, want) {
		return false, nil
	}
	for _, c := range there {
		if c.Kind == entryPointCommand { // to leave it out is refused
			want = append(want, c)
		}
	}
	if err := a.rest.do(ctx, call{method: "PUT", path: a.commandsPath(id), body: want}, nil); err != nil {
		return false, fmt.Errorf("put commands: %w", err)
	}
	return true, nil
}

func (a *Adapter) registered(ctx context.Context, application string) ([]command, error) {
	var raw []json.RawMessage
	c := call{method: "GET", path: a.commandsPath(application), query: url.Values{"with_localizations": {"true"}}}
	if err := a.rest.do(ctx, c, &raw); err != nil {
		return nil, fmt.Errorf("get commands: %w", err)
	}
	out := make([]command, 0, len(raw))
	for _, r := range raw {
		var c command
		if err := json.Unmarshal(r, &c); err != nil {
			c.Name = "unreadable" // differs from every one of ours
		}
		out = append(out, c)
	}
	return out, nil
}

func (a *Adapter) commandsPath(application string) string {
	if a.cfg.TestGuild != "" {
		return "/applications/" + application + "/guilds/" + a.cfg.TestGuild + "/commands"
	}
	return "/applications/" + application + "/commands"
}

// sameCommands reports whether there is what is wanted, in any order. What
// Discord adds by itself does not count.
func sameCommands(there, want []command) bool {
	key := func(c command) string { return fmt.Sprint(c.Kind, c.Name) }
	found := map[string]command{}
	for _, c := range there {
		if c.Kind != entryPointCommand {
			found[key(c)] = c
		}
	}
	if len(found) != len(want) {
		return false
	}
	for _, w := range want {
		f, ok := found[key(w)]
		if !ok {
			return false
		}
		f.ID, f.Handler = "", 0
		if len(w.Contexts) == 0 { // those of one server have none
			f.Contexts, f.IntegrationTypes = nil, nil
		}
		if !reflect.DeepEqual(canonical(f), canonical(w)) {
			return false
		}
	}
	return true
}

// canonical makes nothing of empty, and sorts what has no order.
func canonical(c command) command {
	c.Contexts, c.IntegrationTypes = sorted(c.Contexts), sorted(c.IntegrationTypes)
	c.Names, c.Descriptions = someMap(c.Names), someMap(c.Descriptions)
	c.Options = slices.Clone(c.Options)
	for i := range c.Options {
		o := &c.Options[i]
		o.Names, o.Descriptions = someMap(o.Names), someMap(o.Descriptions)
		o.ChannelTypes = sorted(o.ChannelTypes)
		o.Choices = slices.Clone(o.Choices)
		for j := range o.Choices {
			o.Choices[j].Names = someMap(o.Choices[j].Names)
		}
		if len(o.Choices) == 0 {
			o.Choices = nil
		}
	}
	if len(c.Options) == 0 {
		c.Options = nil
	}
	return c
}

func sorted(s []int) []int {
	if len(s) == 0 {
		return nil
	}
	s = slices.Clone(s)
	slices.Sort(s)
	return s
}

func someMap(m map[string]string) map[string]string {
	if len(m) == 0 {
		return nil
	}
	return m
}
