package knowledge

import (
	"errors"
	"fmt"
	"path"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// maxNesting bounds the brackets and indents of a content file, which needs
// five levels at most, before a recursive parser sees it.
const maxNesting = 32

// file is what a YAML file may hold, each section in as many files as the
// operator likes.
type file struct {
	Wording     *wording        `yaml:"wording"`
	Phrasings   idPhrasingsList `yaml:"phrasings"`
	Related     idPhrasingsList `yaml:"related"`
	Declined    []topic         `yaml:"declined"`
	MoreTopics  idPhrasingsList `yaml:"declined_phrasings"`
	MoreTalk    idPhrasingsList `yaml:"smalltalk_phrasings"`
	Thesaurus   idPhrasingsList `yaml:"thesaurus"`
	SmallTalk   []smallTalk     `yaml:"smalltalk"`
	Differences []difference    `yaml:"differences"`
	Safety      *safetySection  `yaml:"safety"`
}

type wording struct {
	About   string `yaml:"about"`
	Note    string `yaml:"note"`
	Contact string `yaml:"contact"`
}

type topic struct {
	ID        key       `yaml:"id"`
	Name      string    `yaml:"name"`
	Kind      TopicKind `yaml:"kind"`
	Reply     string    `yaml:"reply"`
	Words     []string  `yaml:"words"`
	Phrasings []string  `yaml:"phrasings"`
}

type smallTalk struct {
	ID        key      `yaml:"id"`
	Reply     string   `yaml:"reply"`
	Topics    bool     `yaml:"topics"`
	Unsettled bool     `yaml:"unsettled"`
	Phrasings []string `yaml:"phrasings"`
}

type difference struct {
	About    key      `yaml:"about"`
	Words    []string `yaml:"words"`
	Passages []string `yaml:"passages"`
}

type line = int

// key is a string that knows its line.
type key struct {
	Value string
	Line  line
}

// UnmarshalYAML reads the string and notes where it stands.
func (k *key) UnmarshalYAML(node ast.Node) error {
	k.Line = node.GetToken().Position.Line
	return yaml.NodeToValue(node, &k.Value)
}

// idPhrasings is a list of strings under a name, with the file and line of the name.
type idPhrasings struct {
	place
	id    string
	lines []string
	at    []line // of each of lines; empty where the list is not written one a line
}

type idPhrasingsList []idPhrasings

// UnmarshalYAML reads a mapping from names to lists of strings, in order.
func (l *idPhrasingsList) UnmarshalYAML(node ast.Node) error {
	var values []*ast.MappingValueNode
	switch n := node.(type) {
	case *ast.MappingNode:
		values = n.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{n}
	case *ast.NullNode:
		return nil
	default:
		return at(node, "want a name, a colon, and a list under it")
	}
	for _, v := range values {
		p := idPhrasings{place: place{line: v.Key.GetToken().Position.Line}}
		if err := yaml.NodeToValue(v.Key, &p.id); err != nil {
			return err
		}
		if err := yaml.NodeToValue(v.Value, &p.lines); err != nil {
			return err
		}
		if list, ok := v.Value.(*ast.SequenceNode); ok && len(list.Values) == len(p.lines) {
			for _, item := range list.Values {
				p.at = append(p.at, item.GetToken().Position.Line)
			}
		}
		*l = append(*l, p)
	}
	return nil
}

// lineError is an error that knows the line of its YAML node.
type lineError struct {
	line int
	what string
}

func (e *lineError) Error() string { return e.what }

func at(node ast.Node, format string, args ...any) error {
	return &lineError{line: node.GetToken().Position.Line, what: fmt.Sprintf(format, args...)}
}

// decode parses YAML strictly into v: unknown and doubled keys, aliases and
// deep nesting are problems.
func (l *loader) decode(file string, data []byte, v any) (ok bool) {
	// go-yaml v1.19.2 panics on some files that are not well formed, such as
	// an unclosed quote below an unclosed bracket (found by FuzzLoad).
	defer func() {
		if recover() != nil {
			l.problems.add(file, 0, "is not well-formed YAML", "look for a quote or bracket that is never closed")
			ok = false
		}
	}()
	if line := tooDeep(string(data)); line > 0 {
		l.problems.add(file, line, "is nested too deeply", fmt.Sprintf("use at most %d levels", maxNesting))
		return false
	}
	tree, err := parser.ParseBytes(data, 0)
	if err != nil {
		l.yamlProblem(file, err, nil)
		return false
	}
	if len(tree.Docs) > 1 {
		l.problems.add(file, tree.Docs[1].GetToken().Position.Line, "holds a second YAML document", "put it in a file of its own")
		return false
	}
	for _, doc := range tree.Docs {
		if doc.Body == nil {
			continue
		}
		if n := alias(doc.Body); n != nil {
			l.problems.add(file, n.GetToken().Position.Line, "uses a YAML anchor or alias", "write the value out")
			return false
		}
		if err := yaml.NodeToValue(doc.Body, v, yaml.Strict()); err != nil {
			l.yamlProblem(file, err, reflect.TypeOf(v))
			return false
		}
	}
	return true
}

// yamlProblem turns a parser's or decoder's error into a problem with its
// line. into is what was decoded; nil: it did not come to that.
func (l *loader) yamlProblem(file string, err error, into reflect.Type) {
	var own *lineError
	if errors.As(err, &own) {
		l.problems.add(file, own.line, own.what, "")
		return
	}
	var syntax yaml.Error
	if errors.As(err, &syntax) {
		line := 0
		if t := syntax.GetToken(); t != nil {
			line = t.Position.Line
		}
		what, mend := mismatch(err, into)
		if what == "" {
			what = syntax.GetMessage()
		}
		l.problems.add(file, line, what, mend)
		return
	}
	first, _, _ := strings.Cut(err.Error(), "\n")
	l.problems.add(file, 0, first, "")
}

// alias gives the first anchor, alias or merge key below n, or nil.
func alias(n ast.Node) ast.Node {
	var found aliasFinder
	ast.Walk(&found, n)
	return found.node
}

type aliasFinder struct{ node ast.Node }

// Visit stops at the first anchor, alias or merge key.
func (f *aliasFinder) Visit(n ast.Node) ast.Visitor {
	switch n.(type) {
	case *ast.AnchorNode, *ast.AliasNode, *ast.MergeKeyNode:
		if f.node == nil {
			f.node = n
		}
	}
	if f.node != nil {
		return nil
	}
	return f
}

// maxOpen bounds the brackets that are open across lines. It is far above what
// nests in honest content, as brackets in texts count, too, and far below what
// keeps the parser busy for a minute.
const maxOpen = 1000

// tooDeep gives the first line where brackets or list dashes nest deeper than
// maxNesting, or brackets across lines deeper than maxOpen, or 0. It takes no
// account of quotes, which is good enough.
func tooDeep(s string) int {
	open := 0
	for i, line := range strings.Split(s, "\n") {
		depth := 0
		for _, r := range line {
			switch r {
			case '[', '{':
				depth++
				open++
			case ']', '}':
				depth--
				open = max(0, open-1)
			}
			if depth > maxNesting || open > maxOpen {
				return i + 1
			}
		}
		trimmed := strings.TrimLeft(line, " ")
		dashes := 0
		for strings.HasPrefix(trimmed, "- ") || strings.HasPrefix(trimmed, "? ") {
			dashes++
			trimmed = strings.TrimLeft(trimmed[2:], " ")
		}
		if dashes > maxNesting || (trimmed != "" && len(line)-len(trimmed) > 20*maxNesting) {
			return i + 1
		}
	}
	return 0
}

// yaml reads one YAML file of any sections.
func (l *loader) yaml(name string, data []byte) {
	var f file
	if !l.decode(name, data, &f) {
		return
	}
	if f.Wording != nil {
		l.addWording(name, f.Wording)
	}
	for _, p := range f.Phrasings {
		p.file = name
		l.phrasings = append(l.phrasings, p)
	}
	for _, p := range f.MoreTopics {
		p.file = name
		l.moreTopics = append(l.moreTopics, p)
	}
	for _, p := range f.MoreTalk {
		p.file = name
		l.moreTalk = append(l.moreTalk, p)
	}
	for _, p := range f.Related {
		p.file = name
		l.related = append(l.related, p)
	}
	for _, t := range f.Declined {
		l.addTopic(name, t)
	}
	for _, c := range f.Thesaurus {
		if len(c.lines) == 0 {
			l.problems.add(name, c.line, fmt.Sprintf("thesaurus entry %q has no words", c.id), "list them below it, or remove it")
		}
		l.addConcept(c)
	}
	if f.SmallTalk != nil || strings.TrimSuffix(path.Base(name), path.Ext(name)) == "smalltalk" {
		l.ownTalk = true
	}
	for _, s := range f.SmallTalk {
		l.addSmallTalk(name, s)
	}
	for _, d := range f.Differences {
		if d.About.Value == "" {
			l.problems.add(name, d.About.Line, "a difference does not say what it is about", "add about: and what the passages give different figures for")
			continue
		}
		if !l.define("difference", d.About.Value, name, d.About.Line) {
			continue
		}
		l.base.differences = append(l.base.differences, Difference{About: d.About.Value, Words: d.Words, Passages: d.Passages})
	}
	if f.Safety != nil {
		l.addSafety(name, *f.Safety)
	}
}
