package discord

import (
	"regexp"
	"strings"
	"unicode/utf16"
)

// messageLimit is what the bot puts into one message, in UTF-16 units, all
// texts together. Discord allows 2000 characters of content.
const messageLimit = 1950

// units is the length of s as the strictest way of counting has it.
func units(s string) int {
	n := 0
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}

var (
	// A bare link as Discord finds it, and all that it would take it to
	// reach for: a backslash put in there would show.
	bareLink = regexp.MustCompile(`https?://[^\s<]+[^<.,:;"'\]\s]`)
	linkRun  = regexp.MustCompile(`https?://[^\s<]+`)
	// :smile: would turn into a picture.
	shortcode = regexp.MustCompile(`:[A-Za-z0-9_+\-~]+:`)
	// What makes a list at the start of a line: "- ", "+ ", "1. ".
	bullet   = regexp.MustCompile(`^(\s*)([-+])(\s|$|#)`)
	numbered = regexp.MustCompile(`^(\s*\d+)([.)])`)
)

// escape writes text so that Discord shows it as it is: no bold, lists,
// headings, quotes, links with another text, mentions, dates or emoji arise
// from it. Bare links stay links.
func escape(text string) string {
	var b strings.Builder
	b.Grow(len(text) + len(text)/16)
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			b.WriteByte('\n')
		}
		escapeLine(&b, line)
	}
	return b.String()
}

func escapeLine(b *strings.Builder, line string) {
	if m := bullet.FindStringSubmatchIndex(line); m != nil {
		b.WriteString(line[:m[3]])
		b.WriteByte('\\')
		b.WriteString(line[m[4]:m[5]])
		line = line[m[5]:]
	} else if m := numbered.FindStringSubmatchIndex(line); m != nil {
		b.WriteString(line[:m[3]])
		b.WriteByte('\\')
		b.WriteString(line[m[4]:m[5]])
		line = line[m[5]:]
	}
	for line != "" {
		at := linkRun.FindStringIndex(line)
		if at == nil {
			escapeSpan(b, line)
			return
		}
		run, rest := line[at[0]:at[1]], line[at[1]:]
		escapeSpan(b, line[:at[0]])
		switch {
		case strings.HasPrefix(rest, "<"):
			// The backslash before < would become part of the link, so it
			// must not be one.
			scheme, after, _ := strings.Cut(run, ":")
			b.WriteString(scheme + `\:`)
			escapeSpan(b, after)
		case !bareLink.MatchString(run):
			escapeSpan(b, run)
		default:
			b.WriteString(run)
		}
		line = rest
	}
}

func escapeSpan(b *strings.Builder, s string) {
	colons := map[int]bool{}
	for from := 0; from < len(s); {
		at := shortcode.FindStringIndex(s[from:])
		if at == nil {
			break
		}
		colons[from+at[0]] = true
		// The closing colon may open the next one.
		from += at[1] - 1
	}
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '\\', '*', '_', '~', '`', '|', '[', ']', '<', '>', '#', '@':
			b.WriteByte('\\')
		case ':':
			if colons[i] {
				b.WriteByte('\\')
			}
		}
		b.WriteByte(s[i])
	}
}

// oneLine is text for a heading, a button or a list entry.
func oneLine(text string) string {
	return strings.Join(strings.Fields(text), " ")
}

// shorten cuts a label, never a passage, to n UTF-16 units.
func shorten(text string, n int) string {
	text = oneLine(text)
	if units(text) <= n {
		return text
	}
	cut, size := 0, 0
	for i, r := range text {
		if size += utf16.RuneLen(r); size > n-1 {
			break
		}
		cut = i + len(string(r))
	}
	return strings.TrimRight(text[:cut], " ") + "…"
}
