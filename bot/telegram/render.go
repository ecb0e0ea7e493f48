package telegram

import (
	"strings"
	"unicode"
	"unicode/utf8"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/knowledge"
)

// textLimit is Telegram's limit for one message: 4096 Unicode code points
// after the entities are taken out (not bytes, not UTF-16 units). A part stays
// one below it. The limit for raw HTML, 32,768 bytes, cannot be reached: no
// character takes more than five.
const textLimit = 4095

// block is a stretch of text in one style. Its text is plain.
type block struct {
	style style
	text  string
}

type style int

const (
	plain style = iota
	bold
	italic
	quote
)

// outgoing is one message to send: the same text as HTML, and without any
// mark-up for when a server refuses the HTML.
type outgoing struct {
	html     string
	plain    string
	keyboard *tgbotapi.InlineKeyboardMarkup // nil: none
}

// say makes a message of the adapter's own words, which are short.
func say(text string) outgoing { return compose([]block{{plain, text}}, "")[0] }

// render lays a reply out. before is a sentence of the adapter to put first; it may be empty.
func render(r bot.Reply, before string) []outgoing {
	var bs []block
	add := func(s style, text string) {
		if text != "" {
			bs = append(bs, block{s, text})
		}
	}
	add(plain, before)
	if r.Kind == bot.Urgent && r.Card != nil {
		bs = append(bs, card(r.Card)...)
		if len(r.Matches) > 0 {
			add(plain, "— — — — —")
			add(plain, bot.SayIfNotMeant)
		}
	}
	add(plain, r.Lead)
	add(plain, r.NotCovered)
	add(italic, r.Doubt())
	if r.Kind != bot.Answer && !(r.Kind == bot.Urgent && r.Card != nil) {
		add(plain, r.Text)
	}
	if r.Kind == bot.Suggest {
		add(plain, titles(r.Matches))
	}
	if r.Kind == bot.Answer || r.Kind == bot.Urgent {
		for i, m := range r.Matches {
			if i > 0 && m.Also {
				add(plain, bot.Bridge(m))
			}
			add(bold, m.Passage.Title)
			add(plain, m.Passage.Text)
			add(italic, bot.SourceLine(m.Passage.Source))
		}
	}
	return compose(bs, r.Note)
}

// titles lists the passages to pick from where a title is too long to be read
// on a button; else it is empty.
func titles(matches []knowledge.Match) string {
	var lines []string
	long := false
	for _, m := range matches {
		lines = append(lines, "• "+m.Passage.Title)
		long = long || size(m.Passage.Title) > readable
	}
	if !long {
		return ""
	}
	return strings.Join(lines, "\n")
}

// card lays the safety card out so that it looks like nothing else, and says
// how urgent it is in words.
func card(c *knowledge.Card) []block {
	bs := []block{{bold, "⚠️ " + c.Title}}
	if c.Intro != "" {
		bs = append(bs, block{plain, c.Intro})
	}
	for _, l := range c.Levels {
		bs = append(bs, block{bold, bot.LevelHeading(l)})
		var signs strings.Builder
		for _, s := range l.Signs {
			signs.WriteString("• " + s + "\n")
		}
		if signs.Len() > 0 {
			bs = append(bs, block{plain, strings.TrimSuffix(signs.String(), "\n")})
		}
	}
	if c.Close != "" {
		bs = append(bs, block{bold, c.Close})
	}
	return bs
}

// compose lays blocks out over as few messages as it can, a blank line
// between two blocks. Every message keeps room for note, so that it goes with
// the last one; a block that does not fit is cut as bot.Split cuts, and its
// next piece starts a message. No text is lost, and there is at least one message.
func compose(blocks []block, note string) []outgoing {
	limit := textLimit
	if n := size(note); n > 0 && n <= textLimit/2 {
		limit -= n + 2
	} else if n > 0 { // no note is that long; if one were, it is a text like any other
		blocks, note = append(blocks, block{quote, note}), ""
	}
	var parts []outgoing
	var part layout
	next := func() {
		if visible(part.plain.String()) {
			parts = append(parts, part.outgoing())
		}
		part = layout{}
	}
	for _, b := range blocks {
		rest := strings.ToValidUTF8(b.text, "\uFFFD")
		if !visible(rest) {
			continue
		}
		for rest != "" {
			room := limit - part.size
			if part.size > 0 {
				room -= 2
			}
			if size(rest) <= room {
				part.add(b.style, rest)
				break
			}
			// A short end of a message is not worth starting a long text in.
			if part.size > 0 && room < 600 {
				next()
				continue
			}
			first := bot.Split(beginning(rest, room+2), func(s string) bool { return size(s) <= room })[0]
			part.add(b.style, first)
			rest = rest[len(first):]
			next()
		}
	}
	if visible(note) {
		part.add(quote, strings.ToValidUTF8(note, "\uFFFD"))
	}
	next()
	if len(parts) == 0 {
		parts = []outgoing{say(bot.SaySorry)}
	}
	return parts
}

// beginning is the first n code points of text, so that a part of a long text
// is not cut to measure by looking at all of it.
func beginning(text string, n int) string {
	for i := range text {
		if n--; n < 0 {
			return text[:i]
		}
	}
	return text
}

func size(s string) int { return utf8.RuneCountInString(s) }

// visible reports whether s holds anything to see: Telegram refuses a message
// that does not, as empty.
func visible(s string) bool {
	return strings.ContainsFunc(s, visibleRune)
}

func visibleRune(r rune) bool {
	return !unicode.IsSpace(r) && !unicode.In(r, unicode.Cc, unicode.Cf, unicode.Mn, unicode.Other_Default_Ignorable_Code_Point) && r != '\u2800'
}

// layout collects blocks into one message.
type layout struct {
	html, plain strings.Builder
	size        int // code points
}

func (l *layout) add(s style, text string) {
	if l.size > 0 {
		l.html.WriteString("\n\n")
		l.plain.WriteString("\n\n")
		l.size += 2
	}
	l.size += size(text)
	l.plain.WriteString(text)
	escaped := tgbotapi.EscapeText(tgbotapi.ModeHTML, text)
	switch s {
	case bold:
		escaped = "<b>" + escaped + "</b>"
	case italic:
		escaped = "<i>" + escaped + "</i>"
	case quote:
		escaped = "<blockquote>" + escaped + "</blockquote>"
	}
	l.html.WriteString(escaped)
}

func (l *layout) outgoing() outgoing { return outgoing{html: l.html.String(), plain: l.plain.String()} }
