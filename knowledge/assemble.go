package knowledge

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The loader's last steps: what one file says of another, and what every
// content must have.

func (l *loader) addWording(name string, w *wording) {
	if l.wording.file != "" {
		l.problems.add(name, 0, "a second wording section", "the first is in "+l.wording.file+"; keep one")
		return
	}
	l.wording.file = name
	l.base.wording = Wording{About: w.About, Note: w.Note, Contact: w.Contact}
}

func (l *loader) addTopic(name string, t topic) {
	if t.Kind == "" {
		t.Kind = NearTopic
	}
	switch t.Kind {
	case NearTopic, Condition, Procedure, Unrelated:
	default:
		l.problems.add(name, t.ID.Line, fmt.Sprintf("declined topic %q has the unknown kind %q", t.ID.Value, t.Kind), "use topic, condition, procedure or unrelated")
		return
	}
	switch {
	case t.ID.Value == "":
		l.problems.add(name, t.ID.Line, "a declined topic has no id", "give it one, such as id: alcohol")
	case t.Name == "":
		l.problems.add(name, t.ID.Line, fmt.Sprintf("declined topic %q has no name", t.ID.Value), "give the name that completes: The guide says nothing about …")
	case len(t.Phrasings)+len(t.Words) == 0:
		l.problems.add(name, t.ID.Line, fmt.Sprintf("declined topic %q has no phrasings", t.ID.Value), "write eight or more questions that people ask about it")
	case l.define("declined topic", t.ID.Value, name, t.ID.Line):
		l.base.topics = append(l.base.topics, Topic{ID: t.ID.Value, Name: t.Name, Kind: t.Kind, Reply: t.Reply, Words: t.Words, Phrasings: t.Phrasings, File: name, Line: t.ID.Line})
	}
}

// addConcept joins words of one concept from several files.
func (l *loader) addConcept(c idPhrasings) {
	for i := range l.base.thesaurus {
		if l.base.thesaurus[i].Name == c.id {
			l.base.thesaurus[i].Words = append(l.base.thesaurus[i].Words, c.lines...)
			return
		}
	}
	l.base.thesaurus = append(l.base.thesaurus, Concept{Name: c.id, Words: c.lines})
}

func (l *loader) addSmallTalk(name string, s smallTalk) {
	switch {
	case s.ID.Value == "" || s.Reply == "" || len(s.Phrasings) == 0:
		l.problems.add(name, s.ID.Line, "small talk needs an id, a reply and phrasings", "")
	case l.define("small talk", s.ID.Value, name, s.ID.Line):
		l.base.smallTalk = append(l.base.smallTalk, SmallTalk{ID: s.ID.Value, Reply: s.Reply, Topics: s.Topics, Unsettled: s.Unsettled, Phrasings: s.Phrasings})
	}
}

// finish joins what refers to passages to them, and fills in defaults.
func (l *loader) finish() {
	b := l.base
	if len(b.passages) == 0 && len(l.problems) == 0 {
		l.problems.add("", 0, "no passages found", "add a Markdown file with headings such as: ## Avoid the sun {#avoid-the-sun}")
	}
	for _, p := range l.phrasings {
		if passage := l.named(p.place, p.id, "phrasings"); passage != nil {
			passage.Phrasings = append(passage.Phrasings, p.lines...)
			for i := range p.lines {
				at := p.place
				if i < len(p.at) {
					at.line = p.at[i]
				}
				l.phrasedAt[p.id] = append(l.phrasedAt[p.id], at)
			}
		}
	}
	for _, p := range l.moreTopics {
		if i := slices.IndexFunc(b.topics, func(t Topic) bool { return t.ID == p.id }); i >= 0 {
			b.topics[i].Phrasings = append(b.topics[i].Phrasings, p.lines...)
		} else {
			l.problems.add(p.file, p.line, fmt.Sprintf("declined_phrasings: there is no declined topic %q", p.id), "define it under declined, or mend the id")
		}
	}
	for _, p := range l.moreTalk {
		if i := slices.IndexFunc(b.smallTalk, func(s SmallTalk) bool { return s.ID == p.id }); i >= 0 {
			b.smallTalk[i].Phrasings = append(b.smallTalk[i].Phrasings, p.lines...)
		} else {
			l.problems.add(p.file, p.line, fmt.Sprintf("smalltalk_phrasings: there is no small talk %q", p.id), "define it under smalltalk, or mend the id")
		}
	}
	for _, r := range l.related {
		passage := l.named(r.place, r.id, "related")
		for _, id := range r.lines {
			if l.named(r.place, id, "related") != nil && passage != nil {
				passage.Related = append(passage.Related, id)
			}
		}
	}
	for _, d := range b.differences {
		where := l.lines["difference "+d.About]
		if len(d.Passages) < 2 || len(d.Words) == 0 {
			l.problems.add(where.file, where.line, fmt.Sprintf("difference %q needs words and at least two passages", d.About), "")
		}
		for _, id := range d.Passages {
			l.named(where, id, "differences")
		}
	}
	if b.wording.About == "" {
		b.wording.About = b.subject()
	}
	if b.wording.Note == "" {
		b.wording.Note = "This is from the guide and is general. Please ask your doctor or practitioner about your own case: what they tell you comes first."
	}
	if b.wording.Contact == "" {
		b.wording.Contact = "your practitioner"
	}
	for i := range b.smallTalk {
		b.smallTalk[i].Reply = strings.ReplaceAll(b.smallTalk[i].Reply, "{about}", b.wording.About)
	}
	b.borrowsTalk = !l.ownTalk
	l.finishSafety()
}

// named gives the passage with an id, or notes that section speaks of one that is not there.
func (l *loader) named(where place, id, section string) *Passage {
	i, ok := l.base.byID[id]
	if !ok {
		// With a broken Markdown file every reference to it would fail too; one cause is enough.
		if len(l.base.passages) > 0 || len(l.problems) == 0 {
			l.problems.add(where.file, where.line, fmt.Sprintf("%s: there is no passage %q", section, id), "check the id: file path without .md, a slash, and the heading's anchor")
		}
		return nil
	}
	return &l.base.passages[i]
}

// subject is what the guide is about where the operator does not say: its title
// if all passages have the same.
func (b *Base) subject() string {
	title := ""
	for i, p := range b.passages {
		if i > 0 && p.Source.Title != title {
			title = ""
			break
		}
		title = p.Source.Title
	}
	first, size := utf8.DecodeRuneInString(title)
	if size == 0 {
		return "aftercare"
	}
	if next, _ := utf8.DecodeRuneInString(title[size:]); unicode.IsUpper(next) { // an abbreviation
		return title
	}
	return string(unicode.ToLower(first)) + title[size:]
}
