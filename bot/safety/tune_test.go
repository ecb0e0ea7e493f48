package safety

import (
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/aftercarebot/aftercare/knowledge"
	"github.com/aftercarebot/aftercare/knowledge/language"
)

func chanceOf(m *Matcher, text string) float64 {
	sheet := newSheet(len(m.reader.symbols))
	m.study(sheet, language.Normalise(text))
	top := 0.0
	m.model.opinions(sheet, func(o opinion, whole bool) {
		if !whole {
			o.chance *= doubtWhole / doubtSentence
		}
		top = max(top, o.chance)
	})
	return top
}

func recallAt(urgent, quiet []float64, share float64) (float64, float64) {
	slices.Sort(quiet)
	slices.Reverse(quiet)
	bar := quiet[int(share*float64(len(quiet)))]
	n := 0
	for _, u := range urgent {
		if u > bar {
			n++
		}
	}
	return float64(n) / float64(len(urgent)), bar
}

func TestTune(t *testing.T) {
	if os.Getenv("TUNE") == "" {
		t.Skip()
	}
	base := knowledge.Default()
	whole, plain := base.Safety(), ordinary(base)
	run := func(name string) {
		var urgent, quiet []float64
		for _, file := range []string{"01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12", "13", "14"} {
			part := whole
			held := func(e knowledge.Example) bool { return e.File[16:18] == file }
			n := 0
			for _, e := range whole.Raise {
				if held(e) {
					n++
				}
			}
			if n == 0 {
				continue
			}
			part.Raise = slices.DeleteFunc(slices.Clone(whole.Raise), held)
			part.Quiet = slices.DeleteFunc(slices.Clone(whole.Quiet), held)
			m, err := New(part, plain)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range whole.Raise {
				if held(e) {
					urgent = append(urgent, chanceOf(m, e.Text))
				}
			}
			for _, e := range whole.Quiet {
				if held(e) {
					quiet = append(quiet, chanceOf(m, e.Text))
				}
			}
		}
		a, b := recallAt(urgent, quiet, 0.05)
		a2, _ := recallAt(urgent, quiet, 0.10)
		m, _ := New(whole, plain)
		var vu, vq, vo []float64
		for _, l := range readLabelled(t, "../../../frozen/validation_urgent.jsonl") {
			if l.Urgent {
				vu = append(vu, chanceOf(m, l.Q))
			} else {
				vq = append(vq, chanceOf(m, l.Q))
			}
		}
		for _, f := range []string{"frozen/validation_inscope.jsonl", "frozen/validation_oos.jsonl"} {
			for _, l := range readLabelled(t, "../../../"+f) {
				vo = append(vo, chanceOf(m, l.Q))
			}
		}
		v, vb := recallAt(vu, vq, 0.05)
		o, ob := recallAt(vu, vo, 0.006)
		t.Logf("%-22s cv@5%% %.3f (%.2f) cv@10%% %.3f | val@5%% %.3f (%.2f) val@ord.6%% %.3f (%.2f)", name, a, b, a2, v, vb, o, ob)
	}
	run("base")
	try := func(name string, v *float32, values ...float32) {
		old := *v
		for _, x := range values {
			*v = x
			run(name + " " + string(append([]byte(nil), []byte(fmtF(x))...)))
		}
		*v = old
	}
	switch os.Getenv("TUNE") {
	case "2":
		try("noSkip", &noSkip, 1)
		try("noPairs", &noPairs, 1)
		try("minPart", &minPart, 4)
		try("maxPart", &maxPart, 4, 6)
		try("damp", &damp, 0.3, 1)
		try("enough", &enough, 0.9, 0.8)
		try("tagsAs", &tagsAs, 2)
		try("partsAs", &partsAs, 0.2)
	case "1":
		try("ordinaryAs", &ordinaryAs, 0.15, 0.3, 1)
		try("raiseAs", &raiseAs, 0.5, 2)
		try("wordsAs", &wordsAs, 0.5, 1.5)
		try("partsAs", &partsAs, 0.3, 1.2)
		try("tagsAs", &tagsAs, 0.5, 1.5)
		try("rate", &rate, 0.15, 0.7)
		try("epochs", &epochs, 5, 20)
	}
}

func fmtF(x float32) string { return fmt.Sprint(x) }
