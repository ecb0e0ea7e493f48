package knowledge

import "strings"

// Safety is what the content says about danger signs: the cards to show, and
// how to tell that a message speaks of one. Package bot/safety reads messages
// with it. Nothing in Go names a sign; all of it is content.
type Safety struct {
	Cards    []Card    // as written, with placeholders; Card resolves them
	Signs    []Sign    // in order of their first mention
	Lexicons []Lexicon // words by name, for patterns and for the model
	Cues     Cues
	Raise    []Example // messages that speak of a sign
	Quiet    []Example // messages that look as if they did, and do not

	regions  map[string]map[string]string // country, or "" for everywhere else, to placeholder to text
	contact  string
	complete place // where the content says that it brings the whole section itself; zero: the built-in one is added
}

// Sign is one kind of danger sign, and the card that it raises.
type Sign struct {
	ID       string
	Card     string
	Patterns []Pattern // each raises the card by itself
	Hints    []Pattern // each is one more thing for the model to weigh
}

// Lexicon is a named group of words and short phrases, each a Phrase.
type Lexicon struct {
	Name    string
	Place   bool // names parts of the body, which a "not" before them does not deny
	Phrases []Phrase
}

// Cues are the phrases that change what the words near them mean.
type Cues struct {
	Negation []Phrase // deny what follows: no, not, never, free of
	Spared   []Phrase // hold such a word and deny nothing: not only, no idea, can't stop
	General  []Phrase // ask about something in general or beforehand: what if, is it common, signs of
	Present  []Phrase // say that it is there now, whatever else the sentence asks: I've got, my face has
	Resolved []Phrase // say that it is over, or was there long ago: gone now, last year
	Figures  []Phrase // figures of speech and product names; their words count for nothing
}

// all lists the kinds of cue.
func (c *Cues) all() []*[]Phrase {
	return []*[]Phrase{&c.Negation, &c.Spared, &c.General, &c.Present, &c.Resolved, &c.Figures}
}

// Example is a message that the model learns from.
type Example struct {
	Text string
	Sign string // the sign it speaks of; for a quiet example, why it is quiet
	File string
	Line int
}

// BuiltIn reports whether the built-in danger signs are part of it.
func (s Safety) BuiltIn() bool { return s.complete == place{} }

// Complete gives the file and line that leave the built-in danger signs out;
// "" and 0 where they are part of it.
func (s Safety) Complete() (file string, line int) { return s.complete.file, s.complete.line }

// Country gives a country's code of ISO 3166 as the content names it: in
// capital letters, and GB for UK, as many people call it. False: s is not two
// letters.
func Country(s string) (code string, ok bool) {
	code = strings.ToUpper(strings.TrimSpace(s))
	if code == "UK" {
		code = "GB"
	}
	return code, country.MatchString(code)
}

// Numbers reports whether there are numbers for a country, which is given as
// to Card.
func (s Safety) Numbers(region string) bool {
	code, ok := Country(region)
	return ok && s.regions[code] != nil
}

// Card gives the card with an id, its placeholders filled in with the numbers
// of a country, which is anything that Country takes, or, for a country that
// the content does not know and for none, in neutral words. False: no such card.
func (s Safety) Card(id, region string) (Card, bool) {
	region, _ = Country(region)
	for _, c := range s.Cards {
		if c.ID == id {
			return s.resolve(c, region), true
		}
	}
	return Card{}, false
}

func (s Safety) resolve(c Card, region string) Card {
	var pairs []string
	for name, text := range s.regions[""] {
		if own, ok := s.regions[region][name]; ok {
			text = own
		}
		pairs = append(pairs, "{"+name+"}", text)
	}
	fill := strings.NewReplacer(append(pairs, "{contact}", s.contact)...).Replace
	out := Card{ID: c.ID, Title: fill(c.Title), Intro: fill(c.Intro), Close: fill(c.Close)}
	for _, l := range c.Levels {
		level := Level{Urgency: l.Urgency, Heading: capital(fill(l.Heading))}
		for _, sign := range l.Signs {
			level.Signs = append(level.Signs, fill(sign))
		}
		out.Levels = append(out.Levels, level)
	}
	return out
}

// capital makes the first letter a capital one: a heading may begin with a placeholder.
func capital(s string) string {
	if s != "" && 'a' <= s[0] && s[0] <= 'z' {
		return strings.ToUpper(s[:1]) + s[1:]
	}
	return s
}
