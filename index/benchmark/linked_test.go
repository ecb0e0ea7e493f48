package main

import (
	"bytes"
	"flag"
	"fmt"
	"go/format"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

//go:generate go test -run ^TestLinked$ -update .

var update = flag.Bool("update", false, "write linked/main.go anew")

// TestLinked holds the program that the start is compared with to the very
// libraries that the bot links, no more and no less.
func TestLinked(t *testing.T) {
	const ours, file = "github.com/aftercarebot/aftercare", "linked/main.go"
	list := func(args ...string) []string {
		out, err := exec.Command("go", append([]string{"list"}, args...)...).Output()
		if err != nil {
			t.Fatal(err)
		}
		return strings.Fields(string(out))
	}
	standard := list("std")
	packages := slices.DeleteFunc(list("-deps", ours+"/cmd/aftercare"), func(p string) bool { return !strings.HasPrefix(p, ours) })
	imports := list(append([]string{"-f", `{{join .Imports "\n"}}`}, packages...)...)
	imports = slices.DeleteFunc(imports, func(p string) bool { return strings.HasPrefix(p, ours) || slices.Contains(standard, p) })
	slices.Sort(imports)
	var b bytes.Buffer
	b.WriteString("// Command linked does nothing but link what the bot links: its time is the\n" +
		"// start that no program with these libraries can do without. go generate in\n// the folder above writes it.\npackage main\n\nimport (\n")
	for _, p := range slices.Compact(imports) {
		fmt.Fprintf(&b, "\t_ %q\n", p)
	}
	b.WriteString(")\n\nfunc main() {}\n")
	want, err := format.Source(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(file, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(file); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s does not link what the bot links: run go generate here; %v", file, err)
	}
}
