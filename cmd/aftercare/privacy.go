package main

import "fmt"

// privacy is what /privacy says of the journal, on every platform, or "" if
// there is none and the adapter's own words are true.
func (o *operationFlags) privacy() string {
	if !o.journal {
		return ""
	}
	kept := "those of its words that are common English ones or the guide's own, in alphabetical order, without numbers and what looks like a name or an address; a name that is a common word, too, may be among them"
	if o.journalText {
		kept = "its text as you wrote it"
	}
	return fmt.Sprintf("• When I have no answer for you, when I offer you passages to pick from, or when you press 👎, I keep a note so that the people who write the guide can see what is missing in it: "+
		"your question (%s), the kind of my reply, the passage, the day, and a scrambled form of your user id. It is scrambled in another way every 30 days, and the key to that is deleted after the notes made with it.\n"+
		"• I never keep a message that may speak of a danger sign.\n"+
		"• Notes are deleted after %s. /forgetme deletes all of yours at once.", kept, count(o.retention, "day"))
}
