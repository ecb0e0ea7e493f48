package discord

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/knowledge"
	"github.com/bwmarrin/discordgo"
)

// page is one message to send: texts in a box, then rows of components. Its
// texts together stay within messageLimit.
type page struct {
	colour  int
	boxes   [][]string                   // texts, with a line drawn between boxes
	rows    []discordgo.MessageComponent // inside, before the last box if there are several
	buttons []discordgo.MessageComponent // the row of an answer's own buttons
}

// The bar at the side of a message. It only repeats what the words say.
const (
	colourAnswer = 0x2a9d8f
	colourAsk    = 0x5b7db1
	colourPlain  = 0x8d99ae
	colourUrgent = 0xc1121f
)

// view is what the rendering of a reply depends on besides the reply.
type view struct {
	private bool // only the asker sees it
	share   bool // it may be shown to the channel
	thumbs  bool // feedback is kept
	asker   string
}

// block is a piece of text with its mark-up.
type block struct {
	prefix string // of every line
	text   string // without mark-up
	keep   bool   // text is mark-up already, short, and never split
}

func (b block) String() string { return b.render(b.text) }

func (b block) render(text string) string {
	if b.keep {
		return text
	}
	text = escape(text)
	if b.prefix == "" {
		return text
	}
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		if strings.TrimSpace(l) != "" {
			lines[i] = b.prefix + l
		}
	}
	return strings.Join(lines, "\n")
}

func plain(text string) block    { return block{text: text} }
func small(text string) block    { return block{prefix: sourcePrefix, text: oneLine(text)} }
func heading(text string) block  { return block{prefix: "### ", text: oneLine(text)} }
func headline(text string) block { return block{prefix: "## ", text: oneLine(text)} }
func item(text string) block     { return block{prefix: "- ", text: oneLine(text)} }

// sourcePrefix makes small print.
const sourcePrefix = "-# "

// rule is a line drawn across.
var rule = block{keep: true}

// leastPage is the room on a page below which a text that must be split begins
// on the next.
const leastPage = 400

// pages lays blocks out over as many messages as they need. No text is lost:
// what does not fit is split where it reads best. The foot stays together on
// the last page as far as it fits.
func pages(colour int, body, foot []block) []*page {
	reserve := 0
	for _, b := range foot {
		reserve += units(b.String()) + 2
	}
	if reserve > messageLimit/2 {
		reserve = 0
	}
	body, foot = compact(body...), compact(foot...)
	blocks := append(slices.Clip(body), foot...)
	p := &page{colour: colour, boxes: [][]string{nil}}
	all, used := []*page{p}, 0
	add := func(text string) {
		if strings.TrimSpace(text) == "" {
			return
		}
		p.boxes[len(p.boxes)-1] = append(p.boxes[len(p.boxes)-1], text)
		used += units(text) + 2
	}
	turn := func() {
		if used > 0 {
			p, used = &page{colour: colour, boxes: [][]string{nil}}, 0
			all = append(all, p)
		}
	}
	for i, b := range blocks {
		if b == rule {
			if len(p.boxes[len(p.boxes)-1]) > 0 {
				p.boxes = append(p.boxes, nil)
			}
			continue
		}
		limit := messageLimit
		if i < len(body) {
			limit -= reserve
		}
		rest := b.text
		for rest != "" {
			room := limit - used - 2
			if units(b.render(rest)) <= room {
				add(b.render(rest))
				break
			}
			// A short rest of a page is left empty, and a heading goes
			// where its text goes.
			if used > 0 && (room < leastPage || b.keep || b.prefix != "") {
				turn()
				continue
			}
			part := bot.Split(beginning(rest, room+2), func(s string) bool { return units(b.render(s)) <= room })[0]
			add(b.render(part))
			rest = rest[len(part):]
			turn()
		}
	}
	if len(all) > 1 && used == 0 { // what was left over was white space
		all = all[:len(all)-1]
	}
	return all
}

// beginning is the first n characters of text, so that a page of a long text
// is not cut to measure by looking at all of it.
func beginning(text string, n int) string {
	for i := range text {
		if n--; n < 0 {
			return text[:i]
		}
	}
	return text
}

// layout renders a reply as one message or, where it is too long for one, several.
func layout(r bot.Reply, v view) []*page {
	var out []*page
	switch r.Kind {
	case bot.Answer:
		body, foot := answerBlocks(r)
		out = pages(colourAnswer, body, foot)
		last(out).buttons = answerButtons(r, v)
	case bot.Suggest:
		out = layoutSuggest(r)
	case bot.Urgent:
		out = layoutUrgent(r)
	case bot.Declined:
		out = pages(colourPlain, []block{plain(r.Lead), plain(r.Text)}, []block{rule, plain(r.Note)})
	default:
		out = pages(colourPlain, []block{plain(r.Lead), plain(r.Text)}, []block{rule, plain(r.Note)})
		if menu := topicMenu(r.Topics); menu != nil {
			last(out).rows = append(last(out).rows, menu)
		}
	}
	if !out[0].hasText() {
		return notice("", bot.SaySorry)
	}
	return out
}

// hasText reports whether there is anything to read.
func (p *page) hasText() bool {
	for _, b := range p.boxes {
		if len(b) > 0 {
			return true
		}
	}
	return false
}

func last(p []*page) *page { return p[len(p)-1] }

// compact leaves empty blocks out, and a rule with nothing behind it.
func compact(blocks ...block) []block {
	var out []block
	for _, b := range blocks {
		if b == rule || strings.TrimSpace(b.text) != "" {
			out = append(out, b)
		}
	}
	for len(out) > 0 && out[len(out)-1] == rule {
		out = out[:len(out)-1]
	}
	return out
}

func answerBlocks(r bot.Reply) (body, foot []block) {
	body = append(body, plain(r.Lead), plain(r.NotCovered))
	if doubt := r.Doubt(); doubt != "" {
		body = append(body, small(doubt))
	}
	body = compact(append(body, passageBlocks(r.Matches)...)...)
	foot = []block{rule, plain(r.Note)}
	if n := len(body); n > 1 && body[n-1].prefix == sourcePrefix {
		body, foot = body[:n-1], append([]block{body[n-1]}, foot...)
	}
	return body, foot
}

// passageBlocks shows passages word for word, each with its source.
func passageBlocks(matches []knowledge.Match) []block {
	var blocks []block
	for i, m := range matches {
		if i > 0 {
			blocks = append(blocks, rule)
			if m.Also {
				blocks = append(blocks, plain(bot.Bridge(m)))
			}
		}
		blocks = append(blocks, compact(heading(m.Passage.Title), plain(m.Passage.Text), small(bot.SourceLine(m.Passage.Source)))...)
	}
	return blocks
}

func answerButtons(r bot.Reply, v view) []discordgo.MessageComponent {
	if len(r.Matches) == 0 {
		return nil
	}
	key := passageKey(r.Matches[0].Passage.ID)
	// On a phone four to a line is what fits; the longest label comes last.
	var row []discordgo.MessageComponent
	if v.thumbs {
		row = append(row,
			button(discordgo.SecondaryButton, "", "👍", customID(actUp, key)),
			button(discordgo.SecondaryButton, "", "👎", customID(actDown, key)))
	}
	if len(r.Related) > 0 {
		row = append(row, button(discordgo.SecondaryButton, "Related", "", customID(actRelated, key)))
	}
	if v.private && v.share {
		row = append(row, button(discordgo.SecondaryButton, "Share in channel", "", customID(actShare, answerKey(r.Matches))))
	}
	return row
}

func button(style discordgo.ButtonStyle, label, emoji, id string) discordgo.Button {
	b := discordgo.Button{Style: style, Label: shorten(label, labelLimit), CustomID: id}
	if emoji != "" {
		b.Emoji = &discordgo.ComponentEmoji{Name: emoji}
	}
	return b
}

func layoutSuggest(r bot.Reply) []*page {
	blocks := compact(plain(r.Lead), plain(r.NotCovered), plain(r.Text))
	var passages []knowledge.Passage
	for _, m := range r.Matches {
		passages = append(passages, m.Passage)
	}
	return offer(colourAsk, blocks, passages, r.Note)
}

// offer shows blocks, and under them a button for each passage.
func offer(colour int, blocks []block, passages []knowledge.Passage, note string) []*page {
	var rows []discordgo.MessageComponent
	seen := map[string]bool{}
	for _, p := range passages {
		key := passageKey(p.ID)
		if len(rows) == rowLimit || seen[key] { // Discord refuses a message that holds one twice
			continue
		}
		seen[key] = true
		if units(oneLine(p.Title)) > labelLimit { // so the whole goes above
			blocks = append(blocks, item(p.Title))
		}
		style := discordgo.SecondaryButton
		if len(rows) == 0 {
			style = discordgo.PrimaryButton
		}
		// One to a row: side by side they wrap unevenly on a phone.
		rows = append(rows, discordgo.ActionsRow{Components: []discordgo.MessageComponent{
			button(style, nameOf(p), "", customID(actPassage, key))}})
	}
	out := pages(colour, blocks, []block{rule, plain(note)})
	last(out).rows = rows
	return out
}

func layoutUrgent(r bot.Reply) []*page {
	if r.Card == nil { // must not be, but then the words that there are go out
		return pages(colourUrgent, []block{plain(r.Lead), plain(r.Text)}, []block{plain(r.Note)})
	}
	c := r.Card
	blocks := compact(headline(c.Title), plain(r.Lead), plain(c.Intro))
	for _, level := range c.Levels {
		blocks = append(blocks, rule, heading(bot.LevelHeading(level)))
		var list []string
		for _, sign := range level.Signs {
			list = append(list, item(sign).String())
		}
		blocks = append(blocks, markup(list)...)
	}
	out := pages(colourUrgent, append(blocks, rule, plain(c.Close)), nil)
	if len(r.Matches) == 0 {
		return out
	}
	// The passage goes into a message of its own: the break is clear, and
	// the card is not pushed out of sight.
	body, foot := answerBlocks(bot.Reply{Kind: r.Kind, Matches: r.Matches, NotCovered: r.NotCovered, Note: r.Note})
	return append(out, pages(colourAnswer, append([]block{plain(bot.SayIfNotMeant), rule}, body...), foot)...)
}

// markup joins ready lines into blocks that each fit a message.
func markup(lines []string) []block {
	var out []block
	text := ""
	for _, l := range lines {
		if text != "" && units(text)+units(l) > messageLimit/2 {
			out = append(out, block{text: text, keep: true})
			text = ""
		}
		if text != "" {
			text += "\n"
		}
		text += l
	}
	if text != "" {
		out = append(out, block{text: text, keep: true})
	}
	return out
}

const (
	rowLimit   = 5  // rows of buttons or menus in a message
	labelLimit = 80 // UTF-16 units on a button
	menuLimit  = 25 // options in a menu
)

// nameOf is what a button or a menu calls a passage: its title. Discord refuses
// a label of white space, so a passage without a title goes by its id.
func nameOf(p knowledge.Passage) string { return orElse(p.Title, p.ID) }

// topicMenu lists passages to pick from; nil for none. It holds the first 25.
func topicMenu(topics []knowledge.Passage) discordgo.MessageComponent {
	return menu(topics, 0)
}

func menu(topics []knowledge.Passage, from int) discordgo.MessageComponent {
	var options []discordgo.SelectMenuOption
	seen := map[string]bool{}
	for _, p := range topics {
		key := passageKey(p.ID)
		if len(options) == menuLimit || seen[key] {
			continue
		}
		seen[key] = true
		options = append(options, discordgo.SelectMenuOption{
			Label: shorten(nameOf(p), 100), Value: key, Description: shorten(p.Source.Title, 100)})
	}
	if len(options) == 0 {
		return nil
	}
	return discordgo.ActionsRow{Components: []discordgo.MessageComponent{discordgo.SelectMenu{
		MenuType: discordgo.StringSelectMenu, CustomID: customID(actPassage, fmt.Sprintf("menu%d", from)),
		Placeholder: "What would you like to read?", Options: options}}}
}

// layoutTopics shows everything that can be asked, in as many menus as it takes.
func layoutTopics(topics []knowledge.Passage, w knowledge.Wording) []*page {
	text := "Pick one, or ask in your own words with /ask."
	if w.About != "" {
		text = fmt.Sprintf("This is what I can tell you about %s. %s", w.About, text)
	}
	out := pages(colourAsk, []block{heading("What you can ask"), plain(text)}, nil)
	for from := 0; from < len(topics); from += menuLimit {
		if m := menu(topics[from:], from); m != nil {
			if len(last(out).rows) == rowLimit {
				out = append(out, pages(colourAsk, []block{heading("More of what you can ask")}, nil)...)
			}
			last(out).rows = append(last(out).rows, m)
		}
	}
	return out
}

// notice is a page of the bot's own words; lines that begin with "• " are
// drawn as a list.
func notice(title, text string) []*page {
	blocks := []block{heading(title)}
	var lines, list []string
	flush := func() {
		if text := strings.Trim(strings.Join(lines, "\n"), "\n"); text != "" && len(blocks) > 1 {
			blocks = append(blocks, plain("\n"+text)) // a line free behind a list
		} else {
			blocks = append(blocks, plain(text))
		}
		blocks = append(blocks, markup(list)...)
		lines, list = nil, nil
	}
	for _, line := range strings.Split(text, "\n") {
		point, ok := strings.CutPrefix(line, "• ")
		if ok != (len(list) > 0) {
			flush()
		}
		if ok {
			list = append(list, item(point).String())
		} else {
			lines = append(lines, line)
		}
	}
	flush()
	return pages(colourPlain, blocks, nil)
}

func orElse(s, other string) string {
	if strings.TrimSpace(s) == "" {
		return other
	}
	return s
}
