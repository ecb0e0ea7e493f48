package safety

import (
	"bufio"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aftercarebot/aftercare/knowledge/language"
)

// labelled is one line of a question file.
type labelled struct {
	Q      string `json:"q"`
	Urgent bool   `json:"urgent"`
	Why    string `json:"why"`
	Kind   string `json:"kind"`
}

func readLabelled(t *testing.T, path string) []labelled {
	t.Helper()
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) && strings.HasPrefix(path, "../../../shared/") {
		t.Skipf("%s is not here: it is no part of the repository", path)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []labelled
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if len(lines.Bytes()) == 0 {
			continue
		}
		var l labelled
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		out = append(out, l)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestEvaluation keeps a floor under the recall and a ceiling over the rate of
// false positives, on question files that other people wrote.
func TestEvaluation(t *testing.T) {
	m := matcher(t)
	for _, tt := range []struct {
		file           string
		recall         float64 // least share of urgent messages raised
		falsePositives float64 // greatest share of the others
	}{
		{"../../../shared/questions/dev_urgent.jsonl", 0.98, 0.05},
		{"../../../shared/questions/dev_inscope.jsonl", 0, 0.03},
		{"../../../shared/questions/dev_oos.jsonl", 0, 0.05},
		{"../../index/testdata/questions/validation_urgent.jsonl", 0.92, 0.11},
		{"../../index/testdata/questions/validation_inscope.jsonl", 0, 0.04},
		{"../../index/testdata/questions/validation_oos.jsonl", 0, 0.04},
		{"../../index/testdata/questions/second_urgent.jsonl", 0.85, 0.11},
		{"../../index/testdata/questions/second_inscope.jsonl", 0, 0.05},
		{"../../index/testdata/questions/second_oos.jsonl", 0, 0.05},
	} {
		t.Run(filepath.Base(tt.file), func(t *testing.T) {
			var urgent, caught, harmless, raised int
			for _, l := range readLabelled(t, tt.file) {
				v := m.Match(language.Normalise(l.Q))
				if l.Urgent {
					urgent++
					if v.Level != None {
						caught++
					} else {
						t.Logf("missed (%s): %q", l.Why, l.Q)
					}
					continue
				}
				harmless++
				if v.Level != None {
					raised++
					t.Logf("raised for nothing (%s%s): %q %s %s", l.Why, l.Kind, l.Q, v.Level, v.Reasons)
				}
			}
			if urgent > 0 {
				t.Logf("caught %d of %d", caught, urgent)
				if got := float64(caught) / float64(urgent); got < tt.recall {
					t.Errorf("recall: got %.3f, want %.3f", got, tt.recall)
				}
			}
			t.Logf("raised for nothing %d of %d", raised, harmless)
			if got := float64(raised) / float64(harmless); got > tt.falsePositives {
				t.Errorf("false positives: got %.3f, want at most %.3f", got, tt.falsePositives)
			}
		})
	}
}
