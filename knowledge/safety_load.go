package knowledge

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// safetySection is the part of a file under "safety:". Each of its parts may
// be spread over as many files as the operator likes.
type safetySection struct {
	Complete mark       `yaml:"complete"`
	Cards    []cardText `yaml:"cards"`
	Numbers  named      `yaml:"numbers"`
	Lexicons namedLists `yaml:"lexicons"`
	Places   namedLists `yaml:"places"` // lexicons of parts of the body
	Cues     cueSection `yaml:"cues"`
	Signs    []signText `yaml:"signs"`
	Raise    namedLists `yaml:"raise"`
	Quiet    namedLists `yaml:"quiet"`
}

// mark is a switch that knows its line.
type mark struct {
	set  bool
	line line
}

// UnmarshalYAML reads true or false and notes where it stands.
func (m *mark) UnmarshalYAML(node ast.Node) error {
	m.line = node.GetToken().Position.Line
	return yaml.NodeToValue(node, &m.set)
}

type cardText struct {
	ID     key         `yaml:"id"`
	Title  string      `yaml:"title"`
	Intro  string      `yaml:"intro"`
	Levels []levelText `yaml:"levels"`
	Close  string      `yaml:"close"`
}

type levelText struct {
	Urgency key      `yaml:"urgency"`
	Heading string   `yaml:"heading"`
	Signs   []string `yaml:"signs"`
}

type signText struct {
	ID       key   `yaml:"id"`
	Card     key   `yaml:"card"`
	Patterns []key `yaml:"patterns"`
	Hints    []key `yaml:"hints"`
}

type cueSection struct {
	Negation []key `yaml:"negation"`
	Spared   []key `yaml:"spared"`
	General  []key `yaml:"general"`
	Present  []key `yaml:"present"`
	Resolved []key `yaml:"resolved"`
	Figures  []key `yaml:"figures"`
}

// namedLists is a mapping from names to lists of strings, in order and with lines.
type namedLists []namedList

type namedList struct {
	name  key
	items []key
}

// UnmarshalYAML reads the mapping.
func (l *namedLists) UnmarshalYAML(node ast.Node) error {
	values, err := mapping(node)
	if err != nil {
		return err
	}
	for _, v := range values {
		var n namedList
		if err := yaml.NodeToValue(v.Key, &n.name); err != nil {
			return err
		}
		if err := yaml.NodeToValue(v.Value, &n.items); err != nil {
			return err
		}
		*l = append(*l, n)
	}
	return nil
}

// named is a mapping from names to mappings of strings, in order and with lines.
type named []namedValues

type namedValues struct {
	name   key
	values map[string]string
}

// UnmarshalYAML reads the mapping.
func (l *named) UnmarshalYAML(node ast.Node) error {
	values, err := mapping(node)
	if err != nil {
		return err
	}
	for _, v := range values {
		var n namedValues
		if err := yaml.NodeToValue(v.Key, &n.name); err != nil {
			return err
		}
		if err := yaml.NodeToValue(v.Value, &n.values); err != nil {
			return err
		}
		*l = append(*l, n)
	}
	return nil
}

func mapping(node ast.Node) ([]*ast.MappingValueNode, error) {
	switch n := node.(type) {
	case *ast.MappingNode:
		return n.Values, nil
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}, nil
	case *ast.NullNode:
		return nil, nil
	}
	return nil, at(node, "want a name, a colon, and what belongs to it")
}

// addSafety takes in one file's part. What refers to other parts is checked
// by finishSafety, when all files are read.
func (l *loader) addSafety(file string, s safetySection) {
	own := &l.base.safety
	if s.Complete.set && own.BuiltIn() {
		own.complete = place{file, s.Complete.line}
	}
	for _, c := range s.Cards {
		l.addCard(file, c)
	}
	for _, n := range s.Numbers {
		l.addNumbers(file, n)
	}
	l.addLexicons(file, s.Lexicons, false)
	l.addLexicons(file, s.Places, true)
	own.Cues.add(Cues{
		Negation: l.phrases(file, s.Cues.Negation),
		Spared:   l.phrases(file, s.Cues.Spared),
		General:  l.phrases(file, s.Cues.General),
		Present:  l.phrases(file, s.Cues.Present),
		Resolved: l.phrases(file, s.Cues.Resolved),
		Figures:  l.phrases(file, s.Cues.Figures),
	})
	for _, t := range s.Signs {
		l.addSign(file, t)
	}
	for _, n := range s.Raise {
		for _, m := range n.items {
			l.addExample(&own.Raise, file, n.name.Value, m)
		}
	}
	for _, n := range s.Quiet {
		for _, m := range n.items {
			l.addExample(&own.Quiet, file, n.name.Value, m)
		}
	}
}

func (l *loader) addCard(file string, c cardText) {
	card := Card{ID: c.ID.Value, Title: c.Title, Intro: c.Intro, Close: c.Close}
	if card.ID == "" || card.Title == "" || len(c.Levels) == 0 {
		l.problems.add(file, c.ID.Line, "a safety card needs an id, a title and levels", "")
		return
	}
	for _, t := range c.Levels {
		switch u := Urgency(t.Urgency.Value); {
		case u != Emergency && u != Soon && u != Contact:
			l.problems.add(file, t.Urgency.Line, fmt.Sprintf("card %q has the unknown urgency %q", card.ID, u), "use emergency, urgent or contact")
		case t.Heading == "" || len(t.Signs) == 0:
			l.problems.add(file, t.Urgency.Line, fmt.Sprintf("a level of card %q has no heading or no signs", card.ID), "give one action and the signs that call for it")
		default:
			card.Levels = append(card.Levels, Level{Urgency: u, Heading: t.Heading, Signs: t.Signs})
		}
	}
	if l.define("safety card", card.ID, file, c.ID.Line) {
		l.base.safety.Cards = append(l.base.safety.Cards, card)
	}
}

// everywhere is the name of the numbers for no country in particular.
const everywhere = "default"

var country = regexp.MustCompile(`^[A-Z]{2}$`)

func (l *loader) addNumbers(file string, n namedValues) {
	for _, region := range strings.Fields(n.name.Value) {
		if region != everywhere && !country.MatchString(region) {
			l.problems.add(file, n.name.Line, fmt.Sprintf("numbers for %q", region), "name countries by two capital letters (ISO 3166), several with spaces between, or default")
			continue
		}
		if code, ok := Country(region); ok {
			region = code
		}
		if !l.define("numbers for", region, file, n.name.Line) {
			continue
		}
		if region == everywhere {
			region = ""
		}
		for name, text := range n.values {
			if text == "" {
				l.problems.add(file, n.name.Line, fmt.Sprintf("numbers: %q is empty", name), "leave it out to have the neutral wording")
			}
		}
		if l.base.safety.regions == nil {
			l.base.safety.regions = map[string]map[string]string{}
		}
		l.base.safety.regions[region] = n.values
	}
}

func (l *loader) phrases(file string, items []key) []Phrase {
	var out []Phrase
	for _, item := range items {
		p, err := parsePhrase(item.Value)
		if err != nil {
			l.problems.add(file, item.Line, err.Error(), "write words, =exact words or beginnings*")
			continue
		}
		out = append(out, p)
	}
	return out
}

func (l *loader) addSign(file string, t signText) {
	if t.ID.Value == "" {
		l.problems.add(file, t.ID.Line, "a danger sign has no id", "")
		return
	}
	sign := Sign{ID: t.ID.Value, Card: t.Card.Value, Patterns: l.patterns(file, t.Patterns), Hints: l.patterns(file, t.Hints)}
	if l.define("danger sign", sign.ID, file, t.ID.Line) {
		l.base.safety.Signs = append(l.base.safety.Signs, sign)
	}
}

func (l *loader) patterns(file string, texts []key) []Pattern {
	var out []Pattern
	for _, text := range texts {
		p, err := parsePattern(text.Value)
		if err != nil {
			l.problems.add(file, text.Line, fmt.Sprintf("bad pattern %q: %v", text.Value, err), "the top of safety/signs.yaml shows how patterns are written")
			continue
		}
		p.File, p.Line = file, text.Line
		out = append(out, p)
	}
	return out
}

func (l *loader) addExample(to *[]Example, file, name string, m key) {
	if strings.TrimSpace(m.Value) == "" {
		l.problems.add(file, m.Line, "an empty example message", "remove it")
		return
	}
	*to = append(*to, Example{Text: m.Value, Sign: name, File: file, Line: m.Line})
}

func (l *loader) addLexicons(file string, lists namedLists, place bool) {
	for _, n := range lists {
		if !isName(n.name.Value) {
			l.problems.add(file, n.name.Line, fmt.Sprintf("the lexicon name %q", n.name.Value), "use small letters, digits and hyphens")
			continue
		}
		l.base.safety.addLexicon(Lexicon{Name: n.name.Value, Place: place, Phrases: l.phrases(file, n.items)})
	}
}

func (s *Safety) addLexicon(x Lexicon) {
	for i := range s.Lexicons {
		if own := &s.Lexicons[i]; own.Name == x.Name {
			own.Phrases = append(own.Phrases, x.Phrases...)
			own.Place = own.Place || x.Place
			return
		}
	}
	s.Lexicons = append(s.Lexicons, x)
}

func (c *Cues) add(more Cues) {
	c.Negation = append(c.Negation, more.Negation...)
	c.Spared = append(c.Spared, more.Spared...)
	c.General = append(c.General, more.General...)
	c.Present = append(c.Present, more.Present...)
	c.Resolved = append(c.Resolved, more.Resolved...)
	c.Figures = append(c.Figures, more.Figures...)
}

// builtInSafety is the safety section of the embedded content, its files named
// so that nobody looks for them in a folder of their own.
func builtInSafety() Safety {
	s := Default().Safety()
	s.Signs, s.Raise, s.Quiet = slices.Clone(s.Signs), slices.Clone(s.Raise), slices.Clone(s.Quiet)
	for i := range s.Signs {
		for _, list := range []*[]Pattern{&s.Signs[i].Patterns, &s.Signs[i].Hints} {
			*list = slices.Clone(*list)
			for k := range *list {
				(*list)[k].File = builtInFile((*list)[k].File)
			}
		}
	}
	for _, list := range [][]Example{s.Raise, s.Quiet} {
		last, name := "", ""
		for i := range list {
			if list[i].File != last {
				last = list[i].File
				name = builtInFile(last)
			}
			list[i].File = name
		}
	}
	return s
}

func builtInFile(name string) string { return "content/" + name }

// finishSafety adds the built-in section below the content's own, unless that
// is complete, and checks what one part says of another. So a guide without a
// safety folder still knows the danger signs.
func (l *loader) finishSafety() {
	if l.base.safety.BuiltIn() {
		l.base.safety = l.base.safety.over(builtInSafety())
	}
	s := &l.base.safety
	s.contact = l.base.wording.Contact
	for _, c := range s.Cards {
		where := l.lines["safety card "+c.ID]
		for _, name := range c.placeholders() {
			if _, ok := s.regions[""][name]; !ok && name != "contact" {
				l.problems.add(where.file, where.line, fmt.Sprintf("card %q speaks of {%s}, which numbers: default: does not give", c.ID, name), "add it there, or mend the name")
			}
		}
	}
	for region, values := range s.regions {
		for name := range values {
			if _, ok := s.regions[""][name]; !ok {
				where := l.lines["numbers for "+region]
				l.problems.add(where.file, where.line, fmt.Sprintf("numbers for %s give %q, which numbers: default: does not", region, name), "add it there, or mend the name")
			}
		}
	}
	for _, sign := range s.Signs {
		where := l.lines["danger sign "+sign.ID]
		if _, ok := s.Card(sign.Card, ""); !ok {
			l.problems.add(where.file, where.line, fmt.Sprintf("danger sign %q names the card %q, which is not there", sign.ID, sign.Card), "add the card, or mend the name")
		}
		for _, p := range slices.Concat(sign.Patterns, sign.Hints) {
			for _, name := range p.lexicons() {
				if !slices.ContainsFunc(s.Lexicons, func(x Lexicon) bool { return x.Name == name }) {
					l.problems.add(p.File, p.Line, fmt.Sprintf("the pattern %q names the lexicon <%s>, which is not there", p.Text, name), "add the lexicon, or mend the name")
				}
			}
		}
	}
	for _, e := range s.Raise {
		if !slices.ContainsFunc(s.Signs, func(sign Sign) bool { return sign.ID == e.Sign }) {
			l.problems.add(e.File, e.Line, fmt.Sprintf("raise: there is no danger sign %q", e.Sign), "add it under signs:, or mend the name")
		}
	}
	if missing := s.missing(); missing != "" && len(l.problems) == 0 {
		l.problems.add(s.complete.file, s.complete.line, "complete: true leaves out the built-in safety section, and this content has no "+missing+" of its own",
			"remove that line, so that what stands here is added to the built-in section")
	}
}

// missing names what no safety section can do without; "" if nothing of it is missing.
func (s *Safety) missing() string {
	switch {
	case len(s.Cards) == 0:
		return "cards"
	case len(s.Signs) == 0:
		return "signs"
	}
	return ""
}

// over gives s with what it lacks taken from below: cards and numbers of s
// replace those of the same name, all else is added together.
func (s Safety) over(below Safety) Safety {
	out := below
	out.complete = place{}
	out.Cards = slices.Clone(s.Cards)
	for _, c := range below.Cards {
		if !slices.ContainsFunc(s.Cards, func(own Card) bool { return own.ID == c.ID }) {
			out.Cards = append(out.Cards, c)
		}
	}
	out.regions = map[string]map[string]string{}
	for _, regions := range []map[string]map[string]string{below.regions, s.regions} {
		for region, values := range regions {
			if out.regions[region] == nil {
				out.regions[region] = map[string]string{}
			}
			maps.Copy(out.regions[region], values)
		}
	}
	out.Signs = slices.Clone(below.Signs)
	for _, sign := range s.Signs {
		if i := slices.IndexFunc(out.Signs, func(b Sign) bool { return b.ID == sign.ID }); i >= 0 {
			out.Signs[i].Card = sign.Card
			out.Signs[i].Patterns = slices.Concat(out.Signs[i].Patterns, sign.Patterns)
			out.Signs[i].Hints = slices.Concat(out.Signs[i].Hints, sign.Hints)
		} else {
			out.Signs = append(out.Signs, sign)
		}
	}
	out.Lexicons = nil
	for _, x := range slices.Concat(below.Lexicons, s.Lexicons) {
		x.Phrases = slices.Clone(x.Phrases)
		out.addLexicon(x)
	}
	out.Cues = Cues{}
	out.Cues.add(below.Cues)
	out.Cues.add(s.Cues)
	out.Raise = slices.Concat(below.Raise, s.Raise)
	out.Quiet = slices.Concat(below.Quiet, s.Quiet)
	return out
}

var placeholder = regexp.MustCompile(`\{([^{}]*)\}`)

func (c Card) placeholders() []string {
	var names []string
	texts := []string{c.Title, c.Intro, c.Close}
	for _, l := range c.Levels {
		texts = append(append(texts, l.Heading), l.Signs...)
	}
	for _, t := range texts {
		for _, m := range placeholder.FindAllStringSubmatch(t, -1) {
			names = append(names, m[1])
		}
	}
	return names
}

func (p Pattern) lexicons() []string {
	var names []string
	for _, c := range p.Not {
		names = append(names, c.Lexicons...)
	}
	for _, g := range p.Groups {
		for _, c := range g.Items {
			names = append(names, c.Lexicons...)
		}
	}
	return names
}
