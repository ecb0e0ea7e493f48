package bot

import "strings"

// WholeQuestion reports whether somebody asks something in a whole sentence,
// so that nothing more needs to be waited for.
func WholeQuestion(text string) bool {
	words := strings.Fields(strings.ToLower(text))
	if len(words) < 4 {
		return false
	}
	if strings.ContainsAny(text, "?？") {
		return true
	}
	switch strings.Trim(words[0], "'’,") {
	case "how", "what", "when", "which", "why", "where", "who", "can", "could", "may", "should", "is", "are", "do", "does", "will", "would", "am", "whats", "what's", "what’s", "hows", "how's", "how’s":
		return true
	}
	return false
}
