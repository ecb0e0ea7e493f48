package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/aftercarebot/aftercare"

// arrows says which of our packages each of them may import besides those of
// its own folder. Everything may import what knowledge/language offers.
var arrows = map[string][]string{
	"knowledge":     {},
	"index":         {"knowledge"},
	"bot":           {"knowledge"},
	"bot/intake":    {},
	"bot/safety":    {"knowledge"},
	"bot/discord":   {"bot", "bot/intake", "knowledge"},
	"bot/telegram":  {"bot", "bot/intake", "knowledge"},
	"bot/console":   {"bot", "knowledge"},
	"bot/store":     {"bot", "knowledge"},
	"cmd/aftercare": {"bot", "bot/console", "bot/discord", "bot/store", "bot/telegram", "index", "knowledge"},
}

// inner are arrows inside a folder that its children do not have.
var inner = map[string][]string{
	"bot": {"bot/safety"},
}

// homes says which packages alone may import a foreign module.
var homes = map[string]string{
	"github.com/blevesearch/bleve":           "index",
	"github.com/bwmarrin/discordgo":          "bot/discord",
	"github.com/go-telegram-bot-api/":        "bot/telegram",
	"github.com/jackc/pgx":                   "bot/store",
	"modernc.org/sqlite":                     "bot/store",
	"github.com/spf13/":                      "cmd/aftercare",
	"github.com/prometheus/":                 "cmd/aftercare",
	"github.com/yuin/goldmark":               "knowledge",
	"github.com/goccy/go-yaml":               "knowledge",
	"github.com/santhosh-tekuri/jsonschema/": "tests only",
}

// goPackage is what go list tells.
type goPackage struct {
	ImportPath, Name, Dir              string
	GoFiles                            []string
	Imports, TestImports, XTestImports []string
}

func listPackages(t *testing.T) []goPackage {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Name,Dir,GoFiles,Imports,TestImports,XTestImports", module+"/...")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, &stderr)
	}
	var all []goPackage
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p goPackage
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatalf("go list: %v", err)
		}
		all = append(all, p)
	}
}

// TestArchitecture keeps the arrows of the picture in the README.
func TestArchitecture(t *testing.T) {
	packages := listPackages(t)
	if len(packages) < len(arrows) {
		t.Fatalf("got %d packages, want at least %d", len(packages), len(arrows))
	}
	for _, p := range packages {
		path := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
		if fault := namedBadly(path, p.Name); fault != "" {
			t.Errorf("package %s: %s", path, fault)
		}
		folder := folderOf(path)
		if folder == "" {
			t.Errorf("package %s has no place in the picture: add it to arrows, or move it", path)
			continue
		}
		for _, imported := range p.Imports {
			if ours, ok := strings.CutPrefix(imported, module+"/"); ok && !allowed(path, folder, ours) {
				t.Errorf("%s imports %s, which it must not know", path, ours)
			}
			if home := homeOf(imported); home != "" && home != folder && !isTestHelp(path) {
				t.Errorf("%s imports %s, which is for %s", path, imported, home)
			}
			if ours := strings.TrimPrefix(imported, module+"/"); isTestHelp(ours) && !isTestHelp(path) {
				t.Errorf("%s imports %s, which is for tests", path, ours)
			}
		}
		// Tests may go further, but a test of the bot must not need a platform, nor the other way round.
		for _, imported := range slices.Concat(p.TestImports, p.XTestImports) {
			ours, ok := strings.CutPrefix(imported, module+"/")
			if ok && folder != "cmd/aftercare" && strings.HasPrefix(ours, "cmd/") {
				t.Errorf("a test of %s imports %s, which it must not know", path, ours)
			}
		}
	}
}

// folderOf gives the row of arrows that a package falls under, or "".
func folderOf(path string) string {
	best := ""
	for folder := range arrows {
		if (path == folder || strings.HasPrefix(path, folder+"/")) && len(folder) > len(best) {
			best = folder
		}
	}
	return best
}

func allowed(path, folder, imported string) bool {
	target := folderOf(imported)
	return target == folder || imported == "knowledge/language" || slices.Contains(arrows[folder], target) ||
		path == folder && slices.Contains(inner[folder], target)
}

func homeOf(imported string) string {
	for prefix, home := range homes {
		if strings.HasPrefix(imported, prefix) {
			return home
		}
	}
	return ""
}

// isTestHelp tells the fakes, which only tests may import.
func isTestHelp(path string) bool { return strings.HasSuffix(path, "test") }

func namedBadly(path, name string) string {
	top, _, _ := strings.Cut(path, "/")
	if !slices.Contains([]string{"cmd", "bot", "knowledge", "index"}, top) {
		return "its top folder is none of cmd, bot, knowledge and index"
	}
	for _, part := range append(strings.Split(path, "/"), name) {
		if slices.Contains([]string{"internal", "pkg", "util", "utils", "helper", "helpers", "common", "manager", "models"}, part) {
			return part + " says nothing about what is in it"
		}
	}
	return ""
}

// TestForeignTypesStayInside keeps the types of a platform's library and of
// the search engine out of the exported names of our packages.
func TestForeignTypesStayInside(t *testing.T) {
	for _, p := range listPackages(t) {
		for _, file := range p.GoFiles {
			for _, name := range foreignNames(t, filepath.Join(p.Dir, file)) {
				t.Errorf("%s: exported %s", strings.TrimPrefix(p.ImportPath, module+"/"), name)
			}
		}
	}
}

// foreignNames lists the exported declarations of a file whose signature or
// exported fields name a type of a module with a home.
func foreignNames(t *testing.T, name string) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	foreign := map[string]bool{}
	for _, spec := range file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		home := homeOf(imported)
		if home == "" || home == "cmd/aftercare" {
			continue
		}
		name := packageName(imported)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		foreign[name] = true
	}
	if len(foreign) == 0 {
		return nil
	}
	var found []string
	for _, decl := range file.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if d.Name.IsExported() && exportedReceiver(d) && mentions(d.Type, foreign) {
				found = append(found, "func "+d.Name.Name)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch s := spec.(type) {
				case *ast.TypeSpec:
					if s.Name.IsExported() && mentions(exportedPart(s.Type), foreign) {
						found = append(found, "type "+s.Name.Name)
					}
				case *ast.ValueSpec:
					for _, name := range s.Names {
						if name.IsExported() && s.Type != nil && mentions(s.Type, foreign) {
							found = append(found, name.Name)
						}
					}
				}
			}
		}
	}
	return found
}

// packageName is the name under which a package is used where its import gives none.
func packageName(imported string) string {
	if strings.HasPrefix(imported, "github.com/go-telegram-bot-api/") {
		return "tgbotapi"
	}
	dir, name := path.Split(imported)
	if major := strings.TrimLeft(name, "v"); len(major) == len(name)-1 && strings.Trim(major, "0123456789") == "" {
		return path.Base(dir)
	}
	return name
}

// exportedReceiver reports whether a function is no method of a hidden type.
func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	of := d.Recv.List[0].Type
	if star, ok := of.(*ast.StarExpr); ok {
		of = star.X
	}
	name, ok := of.(*ast.Ident)
	return !ok || name.IsExported()
}

// exportedPart leaves the hidden fields of a struct out.
func exportedPart(of ast.Expr) ast.Node {
	s, ok := of.(*ast.StructType)
	if !ok {
		return of
	}
	part := &ast.FieldList{}
	for _, field := range s.Fields.List {
		if len(field.Names) == 0 || slices.ContainsFunc(field.Names, (*ast.Ident).IsExported) {
			part.List = append(part.List, field)
		}
	}
	return part
}

func mentions(n ast.Node, foreign map[string]bool) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := sel.X.(*ast.Ident); ok && foreign[x.Name] {
				found = true
			}
		}
		return !found
	})
	return found
}

// TestForeignNamesAreFound shows that the check above can fail.
func TestForeignNamesAreFound(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.go")
	source := `package a

import (
	tg "github.com/go-telegram-bot-api/telegram-bot-api/v5"
	"github.com/blevesearch/bleve/v2"
	"github.com/bwmarrin/discordgo"
)

type Open struct{ Session *discordgo.Session }
type Closed struct{ session *discordgo.Session }
type hidden struct{}

func Find(q []bleve.Query) {}
func find(q bleve.Query)   {}
func (h hidden) Send(m tg.Message) {}
func (c *Closed) Send(m map[string]tg.Message) {}

var Default *discordgo.Session
`
	if err := os.WriteFile(file, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	want := []string{"type Open", "func Find", "func Send", "Default"}
	if got := foreignNames(t, file); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
