package knowledge

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// mismatch says in an operator's words what YAML that is well formed holds in
// place of what belongs there, and how to mend it; "" where err is about
// something else. The decoder speaks of Go's types.
func mismatch(err error, into reflect.Type) (what, mend string) {
	var unknown *yaml.UnknownFieldError
	var kind *yaml.TypeError
	var node *yaml.UnexpectedNodeTypeError
	switch {
	case errors.As(err, &unknown):
		name := strings.Trim(strings.TrimPrefix(unknown.Message, "unknown field "), `"`)
		known := slices.DeleteFunc(namesIn(into, map[reflect.Type]bool{}), func(k string) bool { return k == name })
		mend = "the README says under Writing content which names there are"
		if likely := meant(name, known...); likely != "" {
			mend = fmt.Sprintf("did you mean %q?", likely)
		}
		return unknown.Message, mend
	case errors.As(err, &kind) && kind.SrcType != nil && kind.DstType != nil:
		switch from, to := kind.SrcType.Kind(), kind.DstType.Kind(); {
		case to == reflect.String && from == reflect.Map:
			return "is a name and a value, because of the colon, where a text belongs", `put the whole text in quotes: "can I do this: yes"`
		case to == reflect.String && from == reflect.Slice:
			return "is a list where one text belongs", "remove the brackets or hyphens"
		case to == reflect.Bool:
			return "is neither true nor false", "write one of them"
		}
	case errors.As(err, &node) && node.Expected == ast.SequenceType:
		if node.Actual == ast.MappingType {
			return "is no list", "begin each entry with a hyphen"
		}
		return "is one text where a list belongs", "write it as [wine, beer], or each on a line of its own after a hyphen"
	case errors.As(err, &node) && node.Expected == ast.MappingType:
		return "has no names, where names with a colon behind them belong", "the README shows under Writing content how it is written"
	}
	return "", ""
}

// namesIn lists the names of all that can be decoded into a type.
func namesIn(t reflect.Type, seen map[reflect.Type]bool) []string {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || seen[t] {
		return nil
	}
	seen[t] = true
	var names []string
	for i := range t.NumField() {
		if name := t.Field(i).Tag.Get("yaml"); name != "" {
			names = append(append(names, name), namesIn(t.Field(i).Type, seen)...)
		}
	}
	return names
}
