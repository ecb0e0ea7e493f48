package telegram

import (
	"context"
	"log/slog"
	"strconv"
	"strings"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/knowledge"
)

const (
	inlineMost  = 10
	inlineCache = 10 // seconds that Telegram may repeat a list, also right after the guide was changed
)

// article is the library's InlineQueryResultArticle with link previews as they are set today.
type article struct {
	Type        string                         `json:"type"`
	ID          string                         `json:"id"`
	Title       string                         `json:"title"`
	Description string                         `json:"description,omitempty"`
	Content     articleText                    `json:"input_message_content"`
	Markup      *tgbotapi.InlineKeyboardMarkup `json:"reply_markup,omitempty"`
}

type articleText struct {
	Text      string          `json:"message_text"`
	ParseMode string          `json:"parse_mode"`
	Preview   map[string]bool `json:"link_preview_options"`
}

// inline answers "@bot words" in any chat with passages to send from there.
func (a *Adapter) inline(ctx context.Context, in *tgbotapi.InlineQuery) bool {
	results := []article{}
	if in.Offset == "" { // there is one page only
		results = a.articles(ctx, strings.TrimSpace(in.Query))
	}
	params := tgbotapi.Params{
		"inline_query_id": in.ID,
		"cache_time":      strconv.Itoa(inlineCache),
		"is_personal":     "false",
	}
	more := sayInlineMore
	if len(results) == 0 {
		more = sayInlineNone
	}
	err := params.AddInterface("results", results)
	if err == nil {
		err = params.AddInterface("button", map[string]string{"text": more, "start_parameter": linkAsk})
	}
	if err == nil {
		err = a.try(ctx, "answerInlineQuery", params, nil)
	}
	if f := asFailure(err); f != nil && f.says("query is too old") {
		a.meter.SendFailed(platform, failLate) // somebody typed on
		return true
	}
	if err == nil {
		a.log.Debug("inline query answered", slog.Int("results", len(results)))
	}
	return a.failed(ctx, 0, err)
}

func (a *Adapter) articles(ctx context.Context, query string) []article {
	results := []article{}
	if query == "" {
		for i, p := range a.guide.Topics() {
			if i < inlineMost {
				results = append(results, a.article(p))
			}
		}
		return results
	}
	for _, m := range a.guide.Nearest(ctx, query, inlineMost) {
		results = append(results, a.article(m.Passage))
	}
	if len(results) > 0 {
		return results
	}
	// No passages: because of a danger sign, perhaps. Then its card is what there is to send.
	r := a.handle(ctx, 0, 0, bot.Question{Text: query, Draft: true})
	if r.Kind != bot.Urgent || r.Card == nil {
		return results
	}
	r.Matches = nil
	if parts := render(r, ""); len(parts) == 1 {
		results = append(results, article{Type: "article", ID: "card", Title: "⚠️ " + shorten(r.Card.Title),
			Description: sayInlineCard, Content: content(parts[0])})
	}
	return results
}

// article offers one passage with the note. One that is too long for a
// message is not cut: the link to it is sent instead.
func (a *Adapter) article(p knowledge.Passage) article {
	key := passageKey(p.ID)
	r := bot.Reply{Kind: bot.Answer, Matches: []knowledge.Match{{Passage: p}}, Note: a.guide.Wording().Note}
	parts := render(r, "")
	if len(parts) > 1 {
		parts = compose([]block{{bold, shorten(p.Title)}, {plain, sayTooLong + "\n" + a.deepLink(key)}}, r.Note)
	}
	return article{Type: "article", ID: key, Title: shorten(p.Title), Description: shorten(described(p)), Content: content(parts[0]),
		Markup: keyboard(row{link(labelPrivate, a.deepLink(key))})}
}

// described says what would be sent. It is not the passage's beginning: advice
// cut in the middle can say the opposite.
func described(p knowledge.Passage) string {
	if from := bot.SourceLine(p.Source); from != "" {
		return from
	}
	return sayInlinePassage
}

func content(m outgoing) articleText {
	return articleText{Text: m.html, ParseMode: tgbotapi.ModeHTML, Preview: map[string]bool{"is_disabled": true}}
}
