package main

import (
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain makes this test binary stand in for the program, so that the
// scripts run the whole of it in processes of its own.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"aftercare": main})
}

// TestScripts runs the program as its users type it: testdata/script. With the
// race detector only serve is run, with a small guide.
func TestScripts(t *testing.T) {
	pattern := "testdata/script/*.txtar"
	if race {
		pattern = "testdata/script/serve?*.txtar"
	}
	scripts, err := filepath.Glob(pattern)
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts at %s: %v", pattern, err)
	}
	testscript.Run(t, testscript.Params{
		Files:               scripts,
		RequireExplicitExec: true,
		Setup:               setup,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"bytes":     rawBytes,
			"connected": connected,
			"exits":     exits,
			"fakes":     startFakes,
			"insist":    insist,
			"jsonlines": jsonLines,
			"nofaults":  noFaults,
			"question":  question,
			"repeat":    repeat,
			"replied":   replied,
			"sigterm":   sigterm,
			"slow":      slow,
			"underway":  underway,
			"within":    within,
		},
	})
}
