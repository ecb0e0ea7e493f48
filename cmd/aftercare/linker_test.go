package main

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestUnusedMethodsAreLeftOut keeps the program small: where any code looks a
// method up by a name that the linker cannot know, as templates do, it has to
// keep every exported method of every library, some 6 MB of them.
func TestUnusedMethodsAreLeftOut(t *testing.T) {
	if testing.Short() {
		t.Skip("links the program")
	}
	t.Parallel()
	cmd := exec.Command("go", "build", "-ldflags=-dumpdep -s -w", "-o", filepath.Join(t.TempDir(), "aftercare"), ".")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("go build: %v\n%s", err, out[:min(len(out), 2000)])
	}
	if bytes.Count(out, []byte(" -> ")) < 10_000 {
		t.Fatalf("the linker told of %d dependencies, want many", bytes.Count(out, []byte(" -> ")))
	}
	var culprits []string
	for _, found := range regexp.MustCompile(`(\S+) (?:<UsedInIface>)?<ReflectMethod>`).FindAllSubmatch(out, -1) {
		// reflect's own are listed as soon as a Value is in an interface, and count only where they are called.
		if name := string(found[1]); !strings.HasPrefix(name, "reflect.") && !slices.Contains(culprits, name) {
			culprits = append(culprits, name)
		}
	}
	if len(culprits) > 0 {
		t.Errorf("these look methods up by name, so that no unused one can be left out: %q", culprits)
	}
}
