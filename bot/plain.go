package bot

import (
	"fmt"
	"strings"

	"github.com/aftercarebot/aftercare/knowledge"
)

// Plain gives the reply as a person would read it in a terminal: every
// passage word for word, without mark-up.
func (r Reply) Plain() string {
	var parts []string
	add := func(s string) {
		if s != "" {
			parts = append(parts, s)
		}
	}
	add(r.Lead)
	if r.Card != nil {
		add(plainCard(*r.Card))
	}
	switch r.Kind {
	case Answer:
		add(r.NotCovered)
		add(r.plainPassages())
	case Urgent:
		if len(r.Matches) > 0 {
			add("———")
			add(SayIfNotMeant)
			add(r.NotCovered)
			add(r.plainPassages())
		}
	case Suggest:
		add(r.NotCovered)
		add(r.Text)
		var lines []string
		for i, m := range r.Matches {
			lines = append(lines, fmt.Sprintf("%d. %s", i+1, m.Passage.Title))
		}
		add(strings.Join(lines, "\n"))
	default:
		add(r.Text)
		if len(r.Topics) > 0 {
			add("You can ask me about:\n" + titles(r.Topics))
		}
	}
	add(r.Note)
	return strings.Join(parts, "\n\n")
}

func (r Reply) plainPassages() string {
	var parts []string
	for i, m := range r.Matches {
		if i > 0 && m.Also {
			parts = append(parts, Bridge(m))
		}
		parts = append(parts, m.Passage.Title, m.Passage.Text, SourceLine(m.Passage.Source))
	}
	return strings.Join(parts, "\n\n")
}

// Bridge is the sentence between an answer and the passage beside it.
func Bridge(m knowledge.Match) string {
	if m.About != "" {
		return fmt.Sprintf("The guide also says this about %s, and the times differ. Please ask which of them is right for you:", m.About)
	}
	return sayOtherPart
}

// SourceLine names where a passage comes from and when it was reviewed; empty
// if the content does not say.
func SourceLine(s knowledge.Source) string {
	switch {
	case s.Title == "":
		return ""
	case s.Reviewed.IsZero():
		return "From: " + s.Title
	}
	return fmt.Sprintf("From: %s, reviewed %s", s.Title, s.Reviewed.Format("2 January 2006"))
}

func plainCard(c knowledge.Card) string {
	parts := []string{strings.ToUpper(c.Title)}
	if c.Intro != "" {
		parts = append(parts, c.Intro)
	}
	for _, level := range c.Levels {
		lines := []string{level.Heading}
		for _, sign := range level.Signs {
			lines = append(lines, "- "+sign)
		}
		parts = append(parts, strings.Join(lines, "\n"))
	}
	if c.Close != "" {
		parts = append(parts, c.Close)
	}
	return strings.Join(parts, "\n\n")
}

func titles(passages []knowledge.Passage) string {
	lines := make([]string, len(passages))
	for i, p := range passages {
		lines[i] = "- " + p.Title
	}
	return strings.Join(lines, "\n")
}
