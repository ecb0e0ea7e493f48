package lint

import (
	"iter"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/aftercarebot/aftercare/knowledge"
	"github.com/aftercarebot/aftercare/knowledge/language"
)

// Limits of one message, in UTF-16 units, that the platforms' adapters keep to.
const (
	discordLimit  = 1950
	telegramLimit = 4095
)

func splitLines(s string) iter.Seq[string] { return strings.SplitSeq(s, "\n") }

// tooLong looks at what a reader gets: title, text, source and note.
func (c *checker) tooLong(p knowledge.Passage) {
	whole := strings.Join([]string{p.Title, p.Text, "From: " + p.Source.Title + ", reviewed 30 September 2000", c.base.Wording().Note}, "\n\n")
	size := len(utf16.Encode([]rune(whole)))
	platforms := ""
	switch {
	case size > telegramLimit:
		platforms = "Discord and Telegram"
	case size > discordLimit:
		platforms = "Discord"
	default:
		return
	}
	c.add(p.File, p.Line, "too-long", "split it into two passages, each under a heading of its own",
		"passage %q is sent in several messages on %s: %d characters with its title and note, %d fit into one", p.ID, platforms, size, discordLimit)
}

// reviews wants a date of review in every file, and one that has not passed.
func (c *checker) reviews(today time.Time) {
	seen := map[string]bool{}
	for _, p := range c.base.Passages() {
		if seen[p.File] {
			continue
		}
		seen[p.File] = true
		s := p.Source
		switch {
		case s.Reviewed.IsZero():
			c.add(p.File, 1, "review", "put it between two lines of --- at the top: reviewed: 2026-11-30", "says nowhere when it was last reviewed")
		case !today.IsZero() && s.Reviewed.After(today):
			c.add(p.File, 1, "review", "mend the date", "was reviewed on %s, which is still to come", s.Reviewed.Format(time.DateOnly))
		}
		switch {
		case s.ReviewBy.IsZero():
			c.add(p.File, 1, "review", "put it at the top, with reviewed: review_by: 2027-11-30", "says nowhere when it must be reviewed again")
		case !today.IsZero() && today.After(s.ReviewBy.AddDate(0, 0, 1)):
			c.add(p.File, 1, "review", "have it reviewed, then move both dates", "was to be reviewed by %s", s.ReviewBy.Format(time.DateOnly))
		case s.ReviewBy.Before(s.Reviewed):
			c.add(p.File, 1, "review", "mend one of them", "is to be reviewed again before it was reviewed")
		}
	}
}

// stray is something that belongs to the page that a text was taken from.
var stray = []struct {
	what    string
	pattern *language.Regexp
}{
	{"a footnote mark", language.LazyRegexp(`\[\^?(?:\d{1,3}|\*|citation needed)\]`)},
	{"a footnote mark", language.LazyRegexp(`[¹²³⁴-⁹⁰†‡]`)},
	{"a footnote mark", language.LazyRegexp(`[a-z][.,;]\d{1,2}(?:\s|$)`)},
	{"a footnote", language.LazyRegexp(`(?i)^\s*(?:\[\^?\d+\]:?|references?:?|sources?:?|bibliography:?|footnotes?:?)\s*$`)},
	{"a page number", language.LazyRegexp(`(?i)^\s*(?:page\s+)?\d{1,4}(?:\s*(?:of|/)\s*\d{1,4})?\s*$`)},
	{"part of a web page", language.LazyRegexp(`(?i)\b(?:share (?:this|on)|read (?:more|also|next|on)\b|click here|related (?:posts|articles)|leave a (?:comment|reply)|subscribe (?:to|now)|sign up (?:to|for) (?:our|the) |back to top|table of contents|skip to content|cookie (?:policy|settings)|advertisement|sponsored|affiliate link|previous post|next post|book now|add to (?:cart|basket)|follow us|all rights reserved|privacy policy)`)},
	{"a copyright line", language.LazyRegexp(`(?i)©|\(c\) \d{4}|copyright \d{4}`)},
	{"a note to yourself", language.LazyRegexp(`\b(?:TODO|FIXME|TBC|TBD|XXX)\b|(?i)\blorem ipsum\b`)},
}

func (c *checker) furniture(p knowledge.Passage) {
	lines(p, func(line int, text string) {
		for _, s := range stray {
			if found := s.pattern.Get().FindString(text); found != "" {
				c.add(p.File, line, "furniture", "remove it: the bot sends every word of a passage", "%q looks like %s", strings.TrimSpace(found), s.what)
				return
			}
		}
	})
}

var address = language.LazyRegexp(`(?i)\b(?:[a-z][a-z0-9+.-]*://|www\.)[^\s<>()\[\]"']+`)

func (c *checker) links(p knowledge.Passage) {
	lines(p, func(line int, text string) {
		for _, link := range address.Get().FindAllString(text, -1) {
			link = strings.TrimRight(link, ".,;:!?")
			if strings.HasPrefix(strings.ToLower(link), "https://") {
				continue
			}
			c.add(p.File, line, "link", "write the whole https:// address", "the link %s is not https", link)
		}
	})
}

// written is mark-up that nobody renders: passages are sent as plain text.
// Lists with "- " and "1. " read well as they are.
var written = []struct {
	what    string
	pattern *language.Regexp
}{
	{"a picture", language.LazyRegexp(`!\[[^\]]*\]\([^)]*\)`)},
	{"a link", language.LazyRegexp(`\[[^\]]+\]\([^)\s]+[^)]*\)|\[[^\]]+\]\[[^\]]*\]`)},
	{"bold or italic text", language.LazyRegexp(`\*\*[^*\s][^*]*\*\*|__[^_\s][^_]*__|(?:^|[\s(])\*[^*\s](?:[^*]*[^*\s])?\*(?:[\s.,;:!?)]|$)|(?:^|[\s(])_[^_\s](?:[^_]*[^_\s])?_(?:[\s.,;:!?)]|$)`)},
	{"struck-out text", language.LazyRegexp(`~~[^~]+~~`)},
	{"code", language.LazyRegexp("`[^`]+`|^\\s*```")},
	{"a table", language.LazyRegexp(`^\s*\|.*\|\s*$|^\s*:?-{3,}:?\s*\|`)},
	{"HTML", language.LazyRegexp(`(?i)</?(?:a|b|i|u|p|br|em|strong|span|div|table|tr|td|th|ul|ol|li|img|h[1-6]|sup|sub|hr|center|font)\b[^>]*>|<!--|&(?:nbsp|amp|lt|gt|quot|ndash|mdash|[lr][sd]quo|hellip|#\d+);`)},
	{"a quotation", language.LazyRegexp(`^\s*>\s`)},
	{"a rule", language.LazyRegexp(`^\s*(?:\*\s*\*\s*\*|-\s*-\s*-|_\s*_\s*_)[\s*_-]*$`)},
	{"a backslash", language.LazyRegexp("\\\\[\\\\`*_{}\\[\\]()#+.!|-]")},
	{"an anchor", language.LazyRegexp(`\{#[^}]*\}`)},
}

func (c *checker) markup(p knowledge.Passage) {
	lines(p, func(line int, text string) {
		for _, m := range written {
			if found := m.pattern.Get().FindString(text); found != "" {
				c.add(p.File, line, "mark-up", "say it in plain words: passages are sent as they are written", "%q is %s, and people would see just that", clip(strings.TrimSpace(found)), m.what)
				return
			}
		}
	})
}

// clip shortens what is quoted.
func clip(s string) string {
	if r := []rune(s); len(r) > 80 {
		return string(r[:79]) + "…"
	}
	return s
}
