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
	// Which colons open a shortcode; one may close another or begin a link.
	colons := map[int]bool{}
	for from := 0; from < len(line); {
		at := shortcode.FindStringIndex(line[from:])
		if at == nil {
			break
		}
		colons[from+at[0]] = true
		from += at[1] - 1
	}
	span := func(from, to int, every bool) {
		for i := from; i < to; i++ {
			switch c := line[i]; c {
			case '\\', '*', '_', '~', '`', '|', '[', ']', '<', '>', '#', '@':
				b.WriteByte('\\')
			case ':':
				if colons[i] || every {
					b.WriteByte('\\')
				}
			}
			b.WriteByte(line[i])
		}
	}
	done := 0
	for _, at := range linkRun.FindAllStringIndex(line, -1) {
		run := line[at[0]:at[1]]
		span(done, at[0], false)
		done = at[1]
		if bareLink.MatchString(run) && !strings.HasPrefix(line[done:], "<") {
			b.WriteString(run)
			continue
		}
		// A backslash behind it would make it a link, or become part of
		// one. So without its colon it is none.
		span(at[0], at[1], true)
	}
	span(done, len(line), false)
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
