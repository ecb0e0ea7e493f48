package main

import (
	"path/filepath"
	"regexp"
	"testing"
)

func TestEvalCompare(t *testing.T) {
	here := guideOf(t, map[string]string{"fern.md": fern})
	there := guideOf(t, map[string]string{"fern.md": swapTexts(fern)})
	golden := filepath.Join(t.TempDir(), "q.jsonl")
	write(t, golden, fernGolden)
	tests := []struct {
		content, compare string
		code             int
		want             string
	}{
		{here, there, exitOK, `: 2 better, 0 worse, 2 the same\nbetter: .*q.jsonl:1: "when should I water the fern": right \(answer fern/watering\), there wrong \(answer fern/light\)`},
		{there, here, exitOK, `: 0 better, 2 worse, 2 the same\nworse: .*q.jsonl:1`},
		{here, here, exitOK, `: 0 better, 0 worse, 4 the same`},
		{here, filepath.Join(here, "nowhere"), exitUsage, `no such folder`},
	}
	for _, test := range tests {
		code, out, errs := command(t, "eval", "--content", test.content, "--compare", test.compare, golden)
		if code != test.code || !regexp.MustCompile(test.want).MatchString(out+errs) {
			t.Errorf("got exit code %d and\n%s%s\nwant %d and %s", code, out, errs, test.code, test.want)
		}
	}
}
