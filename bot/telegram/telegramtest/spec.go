package telegramtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// Spec is Telegram's description of methods and types.
type Spec struct {
	Version string                 `json:"version"`
	Methods map[string]*definition `json:"methods"`
	Types   map[string]*definition `json:"types"`
}

type definition struct {
	Name     string   `json:"name"`
	Fields   []field  `json:"fields"`
	Subtypes []string `json:"subtypes"`
}

type field struct {
	Name     string   `json:"name"`
	Types    []string `json:"types"`
	Required bool     `json:"required"`
	About    string   `json:"description"`
}

// LoadSpec reads the description. The error is fs.ErrNotExist where there is none.
func LoadSpec(path string) (*Spec, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	s := &Spec{}
	if err := json.Unmarshal(data, s); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(s.Methods) == 0 || len(s.Types) == 0 {
		return nil, fmt.Errorf("%s: not a description of the Bot API", path)
	}
	return s, nil
}

// Request compares a request's parameters, as they were sent in a form, with
// the description of its method.
func (s *Spec) Request(method string, params map[string]string) error {
	m := s.Methods[method]
	if m == nil {
		return fmt.Errorf("no method %s", method)
	}
	var errs []error
	for _, f := range m.Fields {
		raw, ok := params[f.Name]
		if !ok {
			if f.Required {
				errs = append(errs, fmt.Errorf("%s: %s is missing", method, f.Name))
			}
			continue
		}
		if err := s.formValue(raw, f); err != nil {
			errs = append(errs, fmt.Errorf("%s: %s: %w", method, f.Name, err))
		}
	}
	for name := range params {
		if !slices.ContainsFunc(m.Fields, func(f field) bool { return f.Name == name }) {
			errs = append(errs, fmt.Errorf("%s: no parameter %s", method, name))
		}
	}
	sortErrors(errs)
	return errors.Join(errs...)
}

func sortErrors(errs []error) {
	sort.Slice(errs, func(i, j int) bool { return errs[i].Error() < errs[j].Error() })
}

// formValue judges a parameter: a string is sent bare, all else as JSON.
func (s *Spec) formValue(raw string, f field) error {
	var v any
	isJSON := json.Unmarshal([]byte(raw), &v) == nil
	var errs []error
	for _, t := range f.Types {
		switch {
		case t == "String":
			return nil
		case !isJSON:
			errs = append(errs, fmt.Errorf("%q is no %s", short(raw), t))
		default:
			err := s.value(v, t, f.Name)
			if err == nil {
				return nil
			}
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// Value compares a JSON value with a type's description, down to the last
// field: unknown ones, missing ones, wrong types, null.
func (s *Spec) Value(data []byte, typ string) error {
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		return err
	}
	return s.value(v, typ, typ)
}

func (s *Spec) value(v any, typ, at string) error {
	if inner, ok := strings.CutPrefix(typ, "Array of "); ok {
		list, ok := v.([]any)
		if !ok {
			return fmt.Errorf("%s: %s is no array", at, kind(v))
		}
		for i, e := range list {
			if err := s.value(e, inner, at+"["+strconv.Itoa(i)+"]"); err != nil {
				return err
			}
		}
		return nil
	}
	switch typ {
	case "Integer":
		if n, ok := v.(float64); !ok || n != math.Trunc(n) {
			return fmt.Errorf("%s: %s is no integer", at, kind(v))
		}
		return nil
	case "Float":
		if _, ok := v.(float64); !ok {
			return fmt.Errorf("%s: %s is no number", at, kind(v))
		}
		return nil
	case "String":
		if _, ok := v.(string); !ok {
			return fmt.Errorf("%s: %s is no string", at, kind(v))
		}
		return nil
	case "Boolean":
		if _, ok := v.(bool); !ok {
			return fmt.Errorf("%s: %s is no boolean", at, kind(v))
		}
		return nil
	}
	d := s.Types[typ]
	if d == nil {
		return fmt.Errorf("%s: unknown type %s", at, typ)
	}
	if len(d.Subtypes) > 0 {
		var errs []error
		for _, sub := range d.Subtypes {
			err := s.value(v, sub, at)
			if err == nil {
				return nil
			}
			errs = append(errs, fmt.Errorf("as %s: %w", sub, err))
		}
		return errors.Join(errs...)
	}
	object, ok := v.(map[string]any)
	if !ok {
		return fmt.Errorf("%s: %s is no %s", at, kind(v), typ)
	}
	for _, f := range d.Fields {
		e, ok := object[f.Name]
		if !ok {
			if f.Required {
				return fmt.Errorf("%s: %s is missing", at, f.Name)
			}
			continue
		}
		if err := s.oneOf(e, f, at+"."+f.Name); err != nil {
			return err
		}
	}
	for name := range object {
		if !slices.ContainsFunc(d.Fields, func(f field) bool { return f.Name == name }) {
			return fmt.Errorf("%s: %s has no field %s", at, typ, name)
		}
	}
	return nil
}

func (s *Spec) oneOf(v any, f field, at string) error {
	var errs []error
	for _, t := range f.Types {
		err := s.value(v, t, at)
		if err == nil {
			return constant(v, f, at)
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// constant holds a discriminator to the one value that its description names,
// as in: Type of the result, must be article.
func constant(v any, f field, at string) error {
	got, isString := v.(string)
	for _, lead := range []string{"must be ", "always “", `always "`} {
		_, rest, ok := strings.Cut(f.About, lead)
		if !ok || !isString || f.Name != "type" && f.Name != "status" && f.Name != "source" {
			continue
		}
		want := strings.FieldsFunc(rest, func(r rune) bool { return !(r == '_' || r >= 'a' && r <= 'z') })
		if len(want) > 0 && got != want[0] {
			return fmt.Errorf("%s: got %q, want %q", at, got, want[0])
		}
	}
	return nil
}

func kind(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case string:
		return fmt.Sprintf("%q", short(v))
	case []any:
		return "an array"
	case map[string]any:
		return "an object"
	}
	return fmt.Sprint(v)
}

func short(s string) string {
	if len(s) > 40 {
		return s[:40] + "…"
	}
	return s
}
