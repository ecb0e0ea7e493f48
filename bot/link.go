package bot

import "strings"

// withoutLinks gives a text without the addresses of web pages in it: their
// words are none that anybody asks with.
func withoutLinks(text string) string {
	if !strings.Contains(text, "://") && !strings.Contains(text, "www.") {
		return text
	}
	words := strings.Fields(text)
	kept := words[:0]
	for _, w := range words {
		if !isLink(w) {
			kept = append(kept, w)
		}
	}
	return strings.Join(kept, " ")
}

// isLink also finds one in brackets, or with no space in front.
func isLink(word string) bool {
	lower := strings.ToLower(word)
	return strings.Contains(lower, "http://") || strings.Contains(lower, "https://") || strings.HasPrefix(strings.TrimLeft(lower, "(<["), "www.")
}
