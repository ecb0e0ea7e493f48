package telegram

import (
	"flag"
	"os"
	"testing"
)

// TestMain runs more tests side by side than there are processors: they wait
// for the fake server most of the time.
func TestMain(m *testing.M) {
	if os.Getenv(serveEnv) != "" {
		os.Exit(serveForKillTest())
	}
	if os.Getenv(loadEnv) != "" {
		os.Exit(serveForLoadTest())
	}
	flag.Parse()
	if flag.Lookup("test.fuzz").Value.String() == "" { // fuzzing needs the processors themselves
		_ = flag.Set("test.parallel", "48")
	}
	os.Exit(m.Run())
}
