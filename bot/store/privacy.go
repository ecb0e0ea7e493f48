package store

import "fmt"

// Privacy says to users, in a few plain sentences, what a store with these
// options keeps of them, for /privacy. It is empty if that is nothing.
func (o Options) Privacy() string {
	if !o.Journal {
		return ""
	}
	keep := "its words, without what looks like a name, an address or a long number"
	if o.JournalText {
		keep = "it as you wrote it"
	}
	return fmt.Sprintf("If I cannot answer a question, or you give an answer a thumbs down, I keep %s, for %s, so that the guide can be mended. "+
		"Your account is not kept with it, only a code in its place. The key to the codes is thrown away every %s, and then nobody can tell which were yours. "+
		"Thumbs are kept in the same way. Until the key goes, /forgetme deletes what is yours. A question with a danger sign is never kept.",
		keep, days(o.RetentionDays, defaultRetention), days(o.KeyDays, defaultKeyDays))
}

func days(n, otherwise int) string {
	if n == 0 {
		n = otherwise
	}
	if n == 1 {
		return "1 day"
	}
	return fmt.Sprintf("%d days", n)
}
