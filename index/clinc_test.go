package index

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/aftercarebot/aftercare/knowledge"
	"github.com/aftercarebot/aftercare/knowledge/language"
)

const clincFile = "../../shared/benchmarks/clinc150.json"

// clinc is CLINC150 (Larson et al., EMNLP 2019, CC BY 3.0): pairs of a query
// and its intent, "oos" where no intent fits.
type clinc struct {
	Train, Val, Test [][2]string
	OOSTrain         [][2]string `json:"oos_train"`
	OOSVal           [][2]string `json:"oos_val"`
	OOSTest          [][2]string `json:"oos_test"`
}

// content turns the training part into a content folder: each intent a
// passage, its queries the phrasings, and the queries of no intent a declined topic.
func (c *clinc) content() fstest.MapFS {
	of := map[string][]string{}
	var order []string
	for _, pair := range c.Train {
		if of[pair[1]] == nil {
			order = append(order, pair[1])
		}
		of[pair[1]] = append(of[pair[1]], pair[0])
	}
	var b strings.Builder
	for _, intent := range order {
		anchor := strings.Trim(strings.ReplaceAll(intent, "_", "-"), "-")
		fmt.Fprintf(&b, "## %s {#%s}\n\n%s\n\n```phrasings\n%s\n```\n\n", strings.ReplaceAll(intent, "_", " "), anchor, strings.ReplaceAll(intent, "_", " "), strings.Join(of[intent], "\n"))
	}
	y := "declined:\n  - id: other\n    name: that\n    kind: unrelated\n    phrasings:\n"
	for _, pair := range c.OOSTrain {
		y += fmt.Sprintf("      - %q\n", pair[0])
	}
	return fstest.MapFS{"i.md": {Data: []byte(b.String())}, "other.yaml": {Data: []byte(y)}}
}

// TestClinc reports how the engine does on a benchmark that has nothing to
// do with the guide: in-scope accuracy and out-of-scope recall at the threshold
// that is best on the validation part, as in the paper.
func TestClinc(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds")
	}
	data, err := os.ReadFile(clincFile)
	if err != nil {
		t.Skipf("no benchmark here: %v", err)
	}
	var c clinc
	if err := json.Unmarshal(data, &c); err != nil {
		t.Fatal(err)
	}
	base, err := knowledge.Load(c.content())
	if err != nil {
		t.Fatal(err)
	}
	x, err := New(base)
	if err != nil {
		t.Fatal(err)
	}
	type guess struct {
		right      bool
		confidence float64 // 0: the bot says that it does not know
	}
	ask := func(pairs [][2]string) []guess {
		out := make([]guess, len(pairs))
		for i, pair := range pairs {
			f, err := x.find(t.Context(), language.Normalise(pair[0]))
			if err != nil {
				t.Fatal(err)
			}
			if len(f.ranked) == 0 || x.engine.classes[f.ranked[0].class].passage < 0 {
				continue
			}
			id := x.engine.name(f.ranked[0].class)
			out[i] = guess{id == "passage i/"+strings.Trim(strings.ReplaceAll(pair[1], "_", "-"), "-"), f.confidence}
		}
		return out
	}
	figures := func(in, out []guess, at float64) (accuracy, recall float64) {
		for _, g := range in {
			accuracy += indicator(g.right && g.confidence >= at)
		}
		for _, g := range out {
			recall += indicator(g.confidence < at)
		}
		return 100 * accuracy / float64(len(in)), 100 * recall / float64(len(out))
	}
	val, oosVal, test, oosTest := ask(c.Val), ask(c.OOSVal), ask(c.Test), ask(c.OOSTest)
	best, at := 0.0, 0.0
	for th := 0.0; th < 1; th += 0.005 {
		a, r := figures(val, oosVal, th)
		// Accuracy over the validation queries, in and out of scope alike.
		if sum := a*float64(len(val)) + r*float64(len(oosVal)); sum > best {
			best, at = sum, th
		}
	}
	accuracy, recall := figures(test, oosTest, at)
	t.Logf("CLINC150: in-scope accuracy %.1f%%, out-of-scope recall %.1f%% at %.3f, the best on the validation part", accuracy, recall, at)
	for _, th := range []float64{0, .1, .2, .3, .4, .5, .6} {
		a, r := figures(test, oosTest, th)
		t.Logf("at %.1f: %.1f%% / %.1f%%", th, a, r)
	}
	if accuracy < 91 || recall < 55 {
		t.Errorf("got %.1f%% / %.1f%%, want at least 91%% / 55%%", accuracy, recall)
	}
}
