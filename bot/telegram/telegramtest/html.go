package telegramtest

//lint:file-ignore ST1005 the errors are in the words of the real server, which begin with capitals

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Entity is a stretch of formatted text. Offset and Length count UTF-16 code
// units, as Telegram's do.
type Entity struct {
	Type   string `json:"type"`
	Offset int    `json:"offset"`
	Length int    `json:"length"`
	URL    string `json:"url,omitempty"`
}

var entityOfTag = map[string]string{
	"b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
	"s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "span": "spoiler", "tg-spoiler": "spoiler",
	"tg-emoji": "custom_emoji", "tg-time": "date_time", "a": "text_link", "code": "code", "pre": "pre", "blockquote": "blockquote",
}

// ParseHTML reads text as the server does with parse_mode HTML: only its own
// tags are known, every "<" begins one, and only &lt; &gt; &amp; &quot; and
// numeric references are decoded, with or without their semicolon. The error
// is the description's tail, after "can't parse entities: ".
func ParseHTML(text string) (string, []Entity, error) {
	var out strings.Builder
	var done []Entity
	type open struct {
		tag, url  string
		at, start int // byte offset in text, UTF-16 offset in out
	}
	var stack []open
	units := 0
	put := func(r rune) {
		out.WriteRune(r)
		units += utf16.RuneLen(r)
	}
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c == '&':
			if r, n := reference(text[i:]); n > 0 {
				put(r)
				i += n
				continue
			}
			put('&')
			i++
		case c != '<':
			r, n := utf8.DecodeRuneInString(text[i:])
			put(r)
			i += n
		case strings.HasPrefix(text[i:], "</"):
			begin := i
			i += 2
			nameStart := i
			for i < len(text) && !isSpace(text[i]) && text[i] != '>' {
				i++
			}
			name := strings.ToLower(text[nameStart:i])
			for i < len(text) && isSpace(text[i]) {
				i++
			}
			if i >= len(text) || text[i] != '>' {
				return "", nil, fmt.Errorf("Unclosed end tag at byte offset %d", begin)
			}
			i++
			if len(stack) == 0 {
				return "", nil, fmt.Errorf("Unexpected end tag at byte offset %d", begin)
			}
			top := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			if name != "" && name != top.tag {
				return "", nil, fmt.Errorf("Unmatched end tag at byte offset %d, expected \"</%s>\", found \"</%s>\"", begin, top.tag, name)
			}
			if units > top.start {
				done = append(done, Entity{Type: entityOfTag[top.tag], Offset: top.start, Length: units - top.start, URL: top.url})
			}
		default:
			begin := i
			i++
			nameStart := i
			for i < len(text) && !isSpace(text[i]) && text[i] != '>' {
				i++
			}
			if i >= len(text) {
				return "", nil, fmt.Errorf("Unclosed start tag at byte offset %d", begin)
			}
			name := strings.ToLower(text[nameStart:i])
			if entityOfTag[name] == "" {
				return "", nil, fmt.Errorf("Unsupported start tag \"%s\" at byte offset %d", name, begin)
			}
			end := strings.IndexByte(text[i:], '>')
			if end < 0 {
				return "", nil, fmt.Errorf("Unclosed start tag at byte offset %d", begin)
			}
			attributes := text[i : i+end]
			i += end + 1
			if name == "span" && !strings.Contains(attributes, "tg-spoiler") {
				return "", nil, fmt.Errorf("Tag \"span\" must have class \"tg-spoiler\" at byte offset %d", begin)
			}
			o := open{tag: name, at: begin, start: units}
			if name == "a" {
				_, href, _ := strings.Cut(attributes, "href=")
				o.url = strings.Trim(href, `"' `)
			}
			stack = append(stack, o)
		}
	}
	if len(stack) > 0 {
		top := stack[len(stack)-1]
		return "", nil, fmt.Errorf("Can't find end tag corresponding to start tag \"%s\"", top.tag)
	}
	return out.String(), done, nil
}

// reference decodes a character reference at the start of s, and gives its length; 0 if it is none.
func reference(s string) (rune, int) {
	digits := func(i, base int) (rune, int) {
		n := 0
		start := i
		for ; i < len(s); i++ {
			d := strings.IndexByte("0123456789abcdef", lower(s[i]))
			if d < 0 || d >= base {
				break
			}
			n = n*base + d
			if n > unicode.MaxRune {
				return 0, 0
			}
		}
		if i == start || n == 0 || i >= 10 || n >= 0x10ffff || n >= 0xd800 && n < 0xe000 {
			return 0, 0
		}
		return rune(n), i
	}
	var r rune
	var n int
	switch {
	case strings.HasPrefix(s, "&#x"):
		r, n = digits(3, 16)
	case strings.HasPrefix(s, "&#"):
		r, n = digits(2, 10)
	default:
		n = 1
		for n < len(s) && lower(s[n]) >= 'a' && lower(s[n]) <= 'z' {
			n++
		}
		switch s[1:n] {
		case "lt":
			r = '<'
		case "gt":
			r = '>'
		case "amp":
			r = '&'
		case "quot":
			r = '"'
		default:
			return 0, 0
		}
	}
	if n == 0 {
		return 0, 0
	}
	if n < len(s) && s[n] == ';' {
		n++
	}
	return r, n
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// clean does to a text what the server does before it stores it: carriage
// returns and some invisible characters go, control characters become spaces,
// and the ends are trimmed.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\r' || r >= 0x2028 && r <= 0x202e:
			return -1
		case r < 0x20 && r != '\n' && r != '\t':
			return ' '
		}
		return r
	}, s)
	return strings.TrimFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || r >= 0x200b && r <= 0x200f || r == 0x2060 || r == 0xfeff
	})
}
