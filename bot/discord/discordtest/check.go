package discordtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"sort"
	"strings"
	"sync"
	"unicode/utf16"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// spec is Discord's OpenAPI description.
type spec struct {
	root     map[string]any
	compiler *jsonschema.Compiler
	paths    []string // literal ones first

	mu      sync.Mutex
	schemas map[string]*jsonschema.Schema // by pointer
}

// specs keeps what was read, by file: to read and compile it takes longer
// than most tests.
var specs sync.Map

// readSpec reads the description; note says why there is none.
func readSpec(file string) (sp *spec, note string, err error) {
	if file == "" {
		return nil, "no description of Discord's API given", nil
	}
	if sp, ok := specs.Load(file); ok {
		return sp.(*spec), "", nil
	}
	defer func() {
		if sp != nil {
			specs.Store(file, sp)
		}
	}()
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, file + " is not there", nil
	}
	if err != nil {
		return nil, "", fmt.Errorf("read spec: %w", err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		return nil, "", fmt.Errorf("decode spec: %w", err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	if err := c.AddResource("file:///discord.json", doc); err != nil {
		return nil, "", fmt.Errorf("add spec: %w", err)
	}
	sp = &spec{root: asMap(doc), compiler: c, schemas: map[string]*jsonschema.Schema{}}
	for p := range asMap(sp.root["paths"]) {
		sp.paths = append(sp.paths, p)
	}
	slices.SortFunc(sp.paths, func(a, b string) int {
		if n := strings.Count(a, "{") - strings.Count(b, "{"); n != 0 {
			return n
		}
		return strings.Compare(a, b)
	})
	return sp, "", nil
}

// check validates a body; it gives nil for a request without one in the description.
func (sp *spec) check(method, path string, body []byte) error {
	template := sp.match(path)
	if template == "" {
		return fmt.Errorf("no such path in Discord's API: %s", path)
	}
	operation := asMap(asMap(asMap(sp.root["paths"])[template])[strings.ToLower(method)])
	if operation == nil {
		return fmt.Errorf("no %s on %s", method, template)
	}
	if operation["requestBody"] == nil {
		return nil
	}
	schema, err := sp.schema(template, method)
	if err != nil {
		return err
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("body is no JSON: %w", err)
	}
	if err := schema.Validate(v); err != nil {
		return err
	}
	raw := asMap(asMap(asMap(asMap(operation["requestBody"])["content"])["application/json"])["schema"])
	if unknown := sp.unknown(raw, v, ""); len(unknown) > 0 {
		sort.Strings(unknown)
		return fmt.Errorf("unknown fields: %s", strings.Join(unknown, ", "))
	}
	return nil
}

func (sp *spec) match(path string) string {
	have := strings.Split(path, "/")
next:
	for _, t := range sp.paths {
		want := strings.Split(t, "/")
		if len(want) != len(have) {
			continue
		}
		for i, w := range want {
			if w != have[i] && !(strings.HasPrefix(w, "{") && have[i] != "") {
				continue next
			}
		}
		return t
	}
	return ""
}

func (sp *spec) schema(template, method string) (*jsonschema.Schema, error) {
	escaped := strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D").Replace(template)
	pointer := "file:///discord.json#/paths/" + escaped + "/" + strings.ToLower(method) + "/requestBody/content/application~1json/schema"
	sp.mu.Lock()
	defer sp.mu.Unlock()
	if s := sp.schemas[pointer]; s != nil {
		return s, nil
	}
	s, err := sp.compiler.Compile(pointer)
	if err != nil {
		return nil, fmt.Errorf("compile %s: %w", template, err)
	}
	sp.schemas[pointer] = s
	return s, nil
}

// unknown lists the fields of v that no variant of the schema has. The
// description itself allows them, which would hide a slip of the pen.
func (sp *spec) unknown(schema map[string]any, v any, at string) []string {
	variants := sp.variants(schema, 0)
	var out []string
	switch v := v.(type) {
	case map[string]any:
		// Of variants told apart by their type, only the right one counts.
		variants = sp.fitting(variants, v)
		for k, field := range v {
			var below []map[string]any
			open := false
			for _, s := range variants {
				if p := asMap(asMap(s["properties"])[k]); p != nil {
					below = append(below, p)
				} else if a, ok := s["additionalProperties"].(map[string]any); ok {
					below = append(below, a)
					open = true
				}
			}
			if len(below) == 0 && !open {
				out = append(out, at+"."+k)
				continue
			}
			list := make([]any, len(below))
			for i := range below {
				list[i] = below[i]
			}
			out = append(out, sp.unknown(map[string]any{"anyOf": list}, field, at+"."+k)...)
		}
	case []any:
		var items []any
		for _, s := range variants {
			if i := asMap(s["items"]); i != nil {
				items = append(items, i)
			}
		}
		for i, e := range v {
			out = append(out, sp.unknown(map[string]any{"anyOf": items}, e, fmt.Sprintf("%s[%d]", at, i))...)
		}
	}
	return out
}

// variants resolves references and choices.
func (sp *spec) variants(schema map[string]any, depth int) []map[string]any {
	if schema == nil || depth > 12 {
		return nil
	}
	if ref, ok := schema["$ref"].(string); ok {
		return sp.variants(asMap(asMap(asMap(sp.root["components"])["schemas"])[strings.TrimPrefix(ref, "#/components/schemas/")]), depth+1)
	}
	out := []map[string]any{schema}
	for _, k := range []string{"anyOf", "oneOf", "allOf"} {
		for _, s := range asList(schema[k]) {
			out = append(out, sp.variants(asMap(s), depth+1)...)
		}
	}
	return out
}

func (sp *spec) fitting(variants []map[string]any, v map[string]any) []map[string]any {
	kind, ok := v["type"]
	if !ok {
		return variants
	}
	var out []map[string]any
	for _, s := range variants {
		p := asMap(asMap(s["properties"])["type"])
		allowed := asList(p["enum"])
		for _, one := range sp.variants(p, 0) {
			allowed = append(allowed, asList(one["enum"])...)
			if c, ok := one["const"]; ok {
				allowed = append(allowed, c)
			}
		}
		fits := len(allowed) == 0
		for _, a := range allowed {
			fits = fits || fmt.Sprint(a) == fmt.Sprint(kind)
		}
		if fits {
			out = append(out, s)
		}
	}
	return out
}

const (
	flagEphemeral = 1 << 6
	flagV2        = 1 << 15
)

func units(s string) int { return len(utf16.Encode([]rune(s))) }

// CheckMessage holds the JSON of a message that a bot would make in a channel,
// or as the response to an interaction, against Discord's limits: sizes,
// components, and that nobody is pinged.
func CheckMessage(raw []byte, channel bool) error {
	var m map[string]any
	if err := json.Unmarshal(raw, &m); err != nil {
		return fmt.Errorf("message is no JSON: %w", err)
	}
	if channel && m["nonce"] == nil {
		return errors.New("message without a nonce")
	}
	return checkMessage(m, channel, false)
}

// checkMessage holds a message against the limits that the description does
// not know. channel is true for one made in a channel, false for an interaction's.
func checkMessage(m map[string]any, channel, edit bool) error {
	var bad []string
	complain := func(format string, args ...any) { bad = append(bad, fmt.Sprintf(format, args...)) }
	am := asMap(m["allowed_mentions"])
	parse, ok := am["parse"].([]any)
	if am == nil || !ok || len(parse) != 0 {
		complain("allowed_mentions.parse is not [] but %v", m["allowed_mentions"])
	}
	if r, _ := am["replied_user"].(bool); r {
		complain("replied_user pings")
	}
	if len(asList(am["users"])) > 0 || len(asList(am["roles"])) > 0 {
		complain("allowed_mentions names somebody")
	}
	content, _ := m["content"].(string)
	if n := units(content); n > 2000 {
		complain("content of %d characters", n)
	}
	flags := number(m["flags"])
	components := asList(m["components"])
	if channel && flags&flagEphemeral != 0 {
		complain("an ephemeral message in a channel")
	}
	if nonce, _ := m["nonce"].(string); len(nonce) > 25 {
		complain("nonce of %d characters", len(nonce))
	}
	if content == "" && len(components) == 0 && len(asList(m["embeds"])) == 0 {
		complain("empty message")
	}
	if flags&flagV2 != 0 && (content != "" || len(asList(m["embeds"])) > 0) {
		complain("components v2 together with content or embeds")
	}
	w := &walk{v2: flags&flagV2 != 0, ids: map[string]bool{}}
	for _, c := range components {
		w.component(asMap(c), 0)
	}
	if w.count > 40 {
		complain("%d components", w.count)
	}
	if !w.v2 && len(components) > 5 {
		complain("%d rows", len(components))
	}
	if w.text > 4000 {
		complain("%d characters of text in components", w.text)
	}
	bad = append(bad, w.bad...)
	if len(bad) > 0 {
		return errors.New(strings.Join(bad, "; "))
	}
	return nil
}

type walk struct {
	v2    bool
	count int
	text  int
	ids   map[string]bool
	bad   []string
}

func (w *walk) complain(format string, args ...any) {
	w.bad = append(w.bad, fmt.Sprintf(format, args...))
}

func (w *walk) component(c map[string]any, within int) {
	w.count++
	kind := number(c["type"])
	if !w.v2 && kind > 8 {
		w.complain("component %d without the flag for components v2", kind)
	}
	if id, ok := c["custom_id"].(string); ok {
		if w.ids[id] {
			w.complain("custom id %q twice", id)
		}
		w.ids[id] = true
		if n := units(id); n < 1 || n > 100 {
			w.complain("custom id of %d characters", n)
		}
	}
	switch kind {
	case 1:
		if within != 0 && within != 17 {
			w.complain("row inside of component %d", within)
		}
		row := asList(c["components"])
		if len(row) < 1 || len(row) > 5 {
			w.complain("%d components in a row", len(row))
		}
		for _, b := range row {
			if number(asMap(b)["type"]) != 2 && len(row) > 1 {
				w.complain("a menu shares its row")
			}
		}
	case 2:
		label, _ := c["label"].(string)
		if within != 1 {
			w.complain("button outside of a row")
		}
		if n := units(label); n > 80 || n == 0 && c["emoji"] == nil {
			w.complain("button label of %d characters", n)
		}
	case 3:
		options := asList(c["options"])
		if within != 1 {
			w.complain("menu outside of a row")
		}
		if len(options) < 1 || len(options) > 25 {
			w.complain("%d options", len(options))
		}
		values := map[string]bool{}
		for _, o := range options {
			o := asMap(o)
			label, _ := o["label"].(string)
			value, _ := o["value"].(string)
			description, _ := o["description"].(string)
			if n := units(label); n < 1 || n > 100 {
				w.complain("option label of %d characters", n)
			}
			if n := units(value); n < 1 || n > 100 || values[value] {
				w.complain("option value %q", value)
			}
			values[value] = true
			if units(description) > 100 {
				w.complain("option description of %d characters", units(description))
			}
		}
	case 10:
		text, _ := c["content"].(string)
		w.text += units(text)
		if strings.TrimSpace(text) == "" {
			w.complain("empty text")
		}
	case 17:
		if within != 0 {
			w.complain("container inside of component %d", within)
		}
	}
	for _, below := range asList(c["components"]) {
		w.component(asMap(below), kind)
	}
}

func number(v any) int {
	switch v := v.(type) {
	case float64:
		return int(v)
	case json.Number:
		n, _ := v.Int64()
		return int(n)
	}
	return 0
}
