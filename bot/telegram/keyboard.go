package telegram

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/knowledge"
)

// What a button does, as the start of its callback_data; a passage's key or a
// number follows, and behind a key "@" and the mark of the passage that the way
// back leads to. With the longest key that is 62 of the 64 bytes allowed.
const (
	doOpen       = "p:" // show the passage: in a private chat in place of the message, in a group below
	doAfter      = "n:" // show the passage below: the message is one part of several
	doTopics     = "t:" // show a page of topics under the message as it is
	doTopicsText = "T:" // show a page of topics in place of the message
	doUp         = "+:" // thumb
	doDown       = "-:"
	doSet        = "s:" // setting and value
	doNone       = "x"
)

const (
	topicsAPage = 8
	labelLimit  = 60 // code points of a button's text
	readable    = 36 // of them are seen on a phone
	relatedMost = 3
)

type row = []tgbotapi.InlineKeyboardButton

func button(label, data string) tgbotapi.InlineKeyboardButton {
	return tgbotapi.NewInlineKeyboardButtonData(shorten(label), data)
}

func link(label, address string) tgbotapi.InlineKeyboardButton {
	return tgbotapi.NewInlineKeyboardButtonURL(shorten(label), address)
}

// shorten is for labels alone: nothing that is to be read as an answer is ever cut.
func shorten(label string) string {
	label = strings.Join(strings.Fields(strings.ToValidUTF8(label, "\uFFFD")), " ")
	if r := []rune(label); len(r) > labelLimit {
		return strings.TrimRight(string(r[:labelLimit-1]), " ") + "…"
	}
	if label == "" {
		return "…"
	}
	return label
}

// keyboard gives a keyboard of the rows, or nil for none: an empty one is refused.
func keyboard(rows ...row) *tgbotapi.InlineKeyboardMarkup {
	kept := make([]row, 0, len(rows))
	for _, r := range rows {
		if len(r) > 0 {
			kept = append(kept, r)
		}
	}
	if len(kept) == 0 {
		return nil
	}
	return &tgbotapi.InlineKeyboardMarkup{InlineKeyboard: kept}
}

// replyButtons gives the buttons under a reply. from, if set, is the passage
// that the reader came from; parts is how many messages the reply takes.
func (a *Adapter) replyButtons(r bot.Reply, private bool, parts int, from *knowledge.Passage) *tgbotapi.InlineKeyboardMarkup {
	var rows []row
	open, back := doOpen, ""
	switch {
	case parts > 1:
		open = doAfter
	case private && r.Kind == bot.Answer && len(r.Matches) > 0:
		back = "@" + passageMark(r.Matches[0].Passage.ID)
	}
	passage := func(prefix string, p knowledge.Passage) {
		rows = append(rows, row{button(prefix+p.Title, open+passageKey(p.ID)+back)})
	}
	switch r.Kind {
	case bot.Urgent: // nothing may lead away from an emergency
		return nil
	case bot.Answer:
		shown := map[string]bool{}
		for _, m := range r.Matches {
			shown[m.Passage.ID] = true
		}
		if from != nil && !shown[from.ID] {
			shown[from.ID] = true
			passage(labelBack, *from)
		}
		for i, n := 0, 0; i < len(r.Related) && n < relatedMost; i++ {
			if p := r.Related[i]; !shown[p.ID] {
				shown[p.ID] = true
				passage(labelRelated, p)
				n++
			}
		}
		var last row
		if len(r.Matches) > 0 {
			key := passageKey(r.Matches[0].Passage.ID)
			if a.feedback != nil {
				last = append(last, button("👍", doUp+key), button("👎", doDown+key))
			}
			if !private {
				last = append(last, link(labelPrivate, a.deepLink(key)))
			}
		}
		rows = append(rows, last)
	case bot.Suggest:
		for _, m := range r.Matches {
			passage("", m.Passage)
		}
		if private {
			rows = append(rows, row{button(labelOther, doTopicsText+"0")})
		} else {
			rows = append(rows, row{link(labelPrivate, a.deepLink(linkAsk))})
		}
	case bot.Unknown, bot.Greeting:
		if private {
			return topicButtons(r.Topics, 0)
		}
		rows = append(rows, row{link(labelTopics, a.deepLink(linkTopics))})
	case bot.Declined:
		for i, p := range r.Related {
			if i < relatedMost {
				passage(labelRelated, p)
			}
		}
		if private {
			rows = append(rows, row{button(labelTopics, doTopics+"0")})
		} else {
			rows = append(rows, row{link(labelTopics, a.deepLink(linkTopics))})
		}
	}
	return keyboard(rows...)
}

// privateButtons gives the links that open in the private chat what a reply
// would show in the group: the passage, or each of several.
func (a *Adapter) privateButtons(r bot.Reply) *tgbotapi.InlineKeyboardMarkup {
	if len(r.Matches) == 1 && r.Kind == bot.Answer {
		return keyboard(row{link(labelRead, a.deepLink(passageKey(r.Matches[0].Passage.ID)))})
	}
	var rows []row
	for _, m := range r.Matches {
		rows = append(rows, row{link("💬 "+m.Passage.Title, a.deepLink(passageKey(m.Passage.ID)))})
	}
	return keyboard(rows...)
}

// Start parameters that are not a passage's key.
const (
	linkAsk    = "ask"
	linkTopics = "topics"
)

// deepLink opens the private chat with "/start payload".
func (a *Adapter) deepLink(payload string) string {
	return "https://t.me/" + url.PathEscape(a.self().UserName) + "?start=" + url.QueryEscape(payload)
}

// topicButtons gives one page of topics, one a row, with the way to the other pages.
func topicButtons(topics []knowledge.Passage, page int) *tgbotapi.InlineKeyboardMarkup {
	pages := (len(topics) + topicsAPage - 1) / topicsAPage
	if pages == 0 {
		return nil
	}
	page = min(max(page, 0), pages-1)
	var rows []row
	for _, p := range topics[page*topicsAPage : min(len(topics), (page+1)*topicsAPage)] {
		rows = append(rows, row{button(p.Title, doOpen+passageKey(p.ID))})
	}
	if pages > 1 {
		rows = append(rows, row{
			button("‹", doTopics+strconv.Itoa((page+pages-1)%pages)),
			button(fmt.Sprintf("%d / %d", page+1, pages), doNone),
			button("›", doTopics+strconv.Itoa((page+1)%pages)),
		})
	}
	return keyboard(rows...)
}

// withoutThumbs gives the keyboard less its thumbs, and whether there were any.
func withoutThumbs(k *tgbotapi.InlineKeyboardMarkup) (*tgbotapi.InlineKeyboardMarkup, bool) {
	if k == nil {
		return nil, false
	}
	var rows []row
	found := false
	for _, r := range k.InlineKeyboard {
		var kept row
		for _, b := range r {
			if d := b.CallbackData; d != nil && (strings.HasPrefix(*d, doUp) || strings.HasPrefix(*d, doDown)) {
				found = true
				continue
			}
			kept = append(kept, b)
		}
		rows = append(rows, kept)
	}
	return keyboard(rows...), found
}
