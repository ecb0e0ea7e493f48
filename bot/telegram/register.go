package telegram

import (
	"context"
	"log/slog"
	"slices"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"
)

// commandWords are the commands' descriptions by language. The guide is in
// English, and they say so where it matters.
var commandWords = map[string]map[string]string{
	"": {"ask": "Ask a question", "topics": "See everything that you can ask about", "help": "How to ask me", "privacy": "What happens to what you write",
		"settings": "Settings of this group", "forgetme": "Delete what I keep about you"},
	"de": {"ask": "Eine Frage stellen (Antworten auf Englisch)", "topics": "Was ich beantworten kann", "help": "So geht es",
		"privacy": "Was mit Ihren Worten geschieht", "settings": "Einstellungen dieser Gruppe", "forgetme": "Löschen, was über Sie gespeichert ist"},
	"es": {"ask": "Hacer una pregunta (respuestas en inglés)", "topics": "Lo que puedo responder", "help": "Cómo usarme",
		"privacy": "Qué pasa con sus palabras", "settings": "Ajustes de este grupo", "forgetme": "Borrar lo que se guarda sobre usted"},
	"fr": {"ask": "Poser une question (réponses en anglais)", "topics": "Ce que je sais répondre", "help": "Comment m’utiliser",
		"privacy": "Ce que deviennent vos mots", "settings": "Réglages de ce groupe", "forgetme": "Effacer ce qui est gardé sur vous"},
}

var commandLanguages = []string{"", "de", "es", "fr"}

// commandScopes are where commands are listed. Telegram shows the narrowest
// that fits, so each lists all that work there.
var commandScopes = []struct{ scope string }{
	{"default"}, {"all_private_chats"}, {"all_group_chats"}, {"all_chat_administrators"},
}

// commandsFor lists the commands of one scope in one language.
func (a *Adapter) commandsFor(scope, language string) []tgbotapi.BotCommand {
	names := []string{"ask", "topics", "help", "privacy"}
	switch scope {
	case "all_chat_administrators":
		names = append(names, "settings")
	case "all_private_chats", "default":
		if a.forget != nil {
			names = append(names, "forgetme")
		}
	}
	var list []tgbotapi.BotCommand
	for _, n := range names {
		list = append(list, tgbotapi.BotCommand{Command: n, Description: commandWords[language][n]})
	}
	return list
}

// register makes the commands and descriptions on Telegram what they should
// be, writing only what differs. The bot serves without them, so a failure is
// logged and that is all.
func (a *Adapter) register(ctx context.Context) {
	changed := 0
	for _, s := range commandScopes {
		for _, language := range commandLanguages {
			wrote, err := a.registerCommands(ctx, s.scope, language)
			if err != nil {
				a.notRegistered(ctx, "commands", err)
				return
			}
			if wrote {
				changed++
			}
		}
	}
	for _, d := range []struct{ get, set, field, want string }{
		{"getMyDescription", "setMyDescription", "description", a.description()},
		{"getMyShortDescription", "setMyShortDescription", "short_description", a.shortDescription()},
	} {
		var have map[string]string
		err := a.try(ctx, d.get, nil, &have)
		if err == nil && have[d.field] != d.want {
			err = a.try(ctx, d.set, tgbotapi.Params{d.field: d.want}, nil)
			changed++
		}
		if err != nil {
			a.notRegistered(ctx, d.field, err)
			return
		}
	}
	if changed > 0 {
		a.log.Info("commands and descriptions written", slog.Int("changed", changed))
	}
}

func (a *Adapter) registerCommands(ctx context.Context, scope, language string) (wrote bool, err error) {
	params := tgbotapi.Params{}
	params.AddNonEmpty("language_code", language)
	if err := params.AddInterface("scope", tgbotapi.BotCommandScope{Type: scope}); err != nil {
		return false, err
	}
	var have []tgbotapi.BotCommand
	if err := a.try(ctx, "getMyCommands", params, &have); err != nil {
		return false, err
	}
	want := a.commandsFor(scope, language)
	if slices.Equal(have, want) {
		return false, nil
	}
	if err := params.AddInterface("commands", want); err != nil {
		return false, err
	}
	return true, a.try(ctx, "setMyCommands", params, nil)
}

func (a *Adapter) notRegistered(ctx context.Context, what string, err error) {
	if ctx.Err() == nil {
		a.log.Warn("not registered; serving without", slog.String("what", what), slog.Any("error", err))
	}
}

// description is shown in an empty chat with the bot: up to 512 characters.
func (a *Adapter) description() string {
	return clipWords("Ask me about "+a.about()+". I answer word for word from the guide, and say so when the guide has no answer.\n\n"+
		"I do not give medical advice and cannot look at your skin. When in doubt, ask your practitioner or doctor.\n\n"+
		"In an emergency call your local emergency number.", 512)
}

// shortDescription is shown on the bot's profile: up to 120 characters.
func (a *Adapter) shortDescription() string {
	s := "Answers about " + a.about() + ", word for word from the guide. Not medical advice."
	if size(s) > 120 {
		s = "Answers word for word from the aftercare guide. Not medical advice."
	}
	return s
}

// clipWords is for the description alone, should an operator's subject be a long one.
func clipWords(s string, limit int) string {
	if r := []rune(s); len(r) > limit {
		return string(r[:limit-1]) + "…"
	}
	return s
}
