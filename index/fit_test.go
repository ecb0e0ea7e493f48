package index

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/aftercarebot/aftercare/knowledge"
	"github.com/aftercarebot/aftercare/knowledge/language"
	"github.com/aftercarebot/aftercare/knowledge/snapshot/snapshottest"
)

// question is a labelled one, as in the files of testdata/questions.
type question struct {
	Q    string
	IDs  []string `json:"ids"`
	Kind string
}

func questions(t testing.TB, pattern string) []question {
	t.Helper()
	names, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	if len(names) == 0 {
		t.Fatalf("no questions at %s", pattern)
	}
	var out []question
	for _, name := range names {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		s := bufio.NewScanner(f)
		s.Buffer(nil, 1<<20)
		for s.Scan() {
			var q question
			if err := json.Unmarshal(s.Bytes(), &q); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			out = append(out, q)
		}
		f.Close()
	}
	return out
}

// rankExample is a training example of the ranking: a question with the signals
// of its candidates.
type rankExample struct {
	question
	scores     scores
	candidates []int32
	signals    [][]float64
	right      []bool // of each candidate
	weight     float64
	engine     *engine
}

func rankExamples(t testing.TB, x *Index, of []question) []rankExample {
	t.Helper()
	out := make([]rankExample, 0, len(of))
	for _, q := range of {
		tr := rankExample{question: q, weight: 1, engine: x.engine, scores: x.engine.score(language.Normalise(q.Q))}
		if len(tr.scores.query.words) == 0 {
			continue
		}
		tr.candidates = tr.scores.candidates.classes
		for _, c := range tr.candidates {
			tr.signals = append(tr.signals, x.engine.signals(nil, &tr.scores, c))
			tr.right = append(tr.right, x.engine.isRight(c, q.IDs))
		}
		out = append(out, tr)
	}
	return out
}

// isRight reports whether class c is a right outcome for a question with
// these ids: one of the passages, or none where there are no ids.
func (e *engine) isRight(c int32, ids []string) bool {
	p := e.classes[c].passage
	if p < 0 {
		return len(ids) == 0
	}
	return slices.Contains(ids, e.base.Passages()[p].ID)
}

// fitRank fits the ranking's weights: gradient ascent on the log-likelihood
// that the chosen candidate is a right one, with a small pull towards zero.
func fitRank(of []rankExample) []float64 {
	w := make([]float64, len(signalNames))
	copy(w, []float64{1, .6, .3, .3, .3, .3, .3})
	p := make([]float64, 64)
	a := newAdam(len(w))
	for range 600 {
		g := make([]float64, len(w))
		for i := range of {
			t := &of[i]
			p = p[:0]
			top := math.Inf(-1)
			for k, x := range t.signals {
				p = append(p, dotProduct(w, x)-t.engine.veto(&t.scores, t.candidates[k]))
				top = max(top, p[len(p)-1])
			}
			sum, right := 0.0, 0.0
			for c := range p {
				p[c] = math.Exp(p[c] - top)
				sum += p[c]
				if t.right[c] {
					right += p[c]
				}
			}
			if right == 0 {
				continue // none of the candidates is right: no gradient
			}
			for c := range p {
				d := -p[c] / sum
				if t.right[c] {
					d += p[c] / right
				}
				for k, v := range t.signals[c] {
					g[k] += t.weight * d * v
				}
			}
		}
		a.step(w, g, float64(len(of)), 0.0003)
	}
	return w
}

// adam climbs a gradient with a step of its own for each weight (Kingma and
// Ba 2015), so that signals that are seldom there are learnt too.
type adam struct {
	mean, square []float64
	steps        int
}

func newAdam(n int) *adam { return &adam{mean: make([]float64, n), square: make([]float64, n)} }

// step moves w along gradient/count, pulled towards zero by decay.
func (a *adam) step(w, gradient []float64, count, decay float64) {
	const rate, keepMean, keepSquare = 0.02, 0.9, 0.999
	a.steps++
	for k := range w {
		g := gradient[k]/count - decay*w[k]
		a.mean[k] = keepMean*a.mean[k] + (1-keepMean)*g
		a.square[k] = keepSquare*a.square[k] + (1-keepSquare)*g*g
		mean := a.mean[k] / (1 - math.Pow(keepMean, float64(a.steps)))
		square := a.square[k] / (1 - math.Pow(keepSquare, float64(a.steps)))
		w[k] += rate * mean / (math.Sqrt(square) + 1e-9)
	}
}

// gateExample is a training example of the gate: a ranking whose best is a passage.
type gateExample struct {
	values []float64
	right  bool
	of     int // position of its rankExample
	name   string
	weight float64
}

func gateExamples(of []rankExample, rankWeights []float64) []gateExample {
	var out []gateExample
	for i := range of {
		t := &of[i]
		e := t.engine
		list := make([]ranked, 0, len(t.candidates))
		for k, c := range t.candidates {
			list = append(list, ranked{c, dotProduct(rankWeights, t.signals[k]) - e.veto(&t.scores, c)})
		}
		softmaxSorted(list)
		if e.classes[list[0].class].passage < 0 {
			continue
		}
		out = append(out, gateExample{e.gateSignals(&t.scores, list), e.isRight(list[0].class, t.IDs), i, e.name(list[0].class), t.weight})
	}
	return out
}

// fitGate fits the gate's weights by logistic regression.
func fitGate(of []gateExample) []float64 {
	w := make([]float64, len(gateNames))
	a := newAdam(len(w))
	for range 1500 {
		g := make([]float64, len(w))
		for _, v := range of {
			d := v.weight * (indicator(v.right) - logistic(dotProduct(w, v.values)))
			for k, x := range v.values {
				g[k] += d * x
			}
		}
		a.step(w, g, float64(len(of)), 0.0003)
	}
	return w
}

// heldOut gives examples of an engine that has not seen them: in each of
// several rounds it is trained on all but some phrasings of the passages and some
// whole topics, and is asked those. The topics stand for what nobody thought of.
func heldOut(t testing.TB, base *knowledge.Base) []rankExample {
	t.Helper()
	const rounds, every = 3, 12
	var out []rankExample
	for round := range rounds {
		var kept []class
		var asked []question
		n := 0
		for i, c := range classesOf(base) {
			if c.passage < 0 && c.topic != nil && i%every == 4*round {
				for k, q := range c.phrasings {
					if k%3 == 0 {
						asked = append(asked, question{Q: q})
					}
				}
				continue
			}
			if c.passage >= 0 {
				id := base.Passages()[c.passage].ID
				var rest []string
				for _, q := range c.phrasings {
					if n++; n%every == 4*round {
						asked = append(asked, question{Q: q, IDs: []string{id}})
					} else {
						rest = append(rest, q)
					}
				}
				c.phrasings = rest
			}
			kept = append(kept, c)
		}
		x, err := newIndex(newEngine(base, kept, false))
		if err != nil {
			t.Fatal(err)
		}
		for _, tr := range rankExamples(t, x, asked) {
			tr.weight = heldOutWeight
			out = append(out, tr)
		}
	}
	return out
}

// heldOutWeight is what a held-out phrasing counts beside a question of somebody
// else: its author wrote others like it.
const heldOutWeight = 0.3

// TestFit fits the weights on the validation questions, and with -update
// writes gate.json. It reports, by five-fold cross-validation, what other
// thresholds than bot.AnswerAt would give.
func TestFit(t *testing.T) {
	if !snapshottest.Update() && !testing.Verbose() {
		t.Skip("fits weights only with -update or -v")
	}
	x, err := newIndex(engineOf(knowledge.Default())) // the snapshot may be of older code
	if err != nil {
		t.Fatal(err)
	}
	var of []rankExample
	for _, set := range []string{"validation", "second", "fourth", "fifth"} {
		of = append(of, rankExamples(t, x, append(questions(t, "testdata/questions/"+set+"_inscope.jsonl"), questions(t, "testdata/questions/"+set+"_oos.jsonl")...))...)
	}
	more := heldOut(t, knowledge.Default())
	t.Logf("%d questions, %d held-out phrasings", len(of), len(more))
	const folds = 5
	covered, foreign := 0, 0
	for _, tr := range of {
		if len(tr.IDs) > 0 {
			covered++
		} else {
			foreign++
		}
	}
	type held struct {
		gateExample
		score float64
	}
	var all []held
	lost := 0
	for fold := range folds {
		var train, rest []rankExample
		for i, tr := range of {
			if i%folds == fold {
				rest = append(rest, tr)
			} else {
				train = append(train, tr)
			}
		}
		train = append(train, more...)
		rank := fitRank(train)
		gate := fitGate(gateExamples(train, rank))
		answered := map[int]bool{}
		for _, v := range gateExamples(rest, rank) {
			answered[v.of] = true
			s := logistic(dotProduct(gate, v.values))
			at := rest[v.of]
			v.right = v.right && len(at.IDs) > 0
			v.of = -len(at.IDs)
			if s >= 0.5 && !v.right {
				t.Logf("wrong at %.2f: %s, want %v: %q", s, v.name, at.IDs, at.Q)
			} else if s < 0.5 && v.right {
				t.Logf("unsure at %.2f: %s: %q", s, v.name, at.Q)
			}
			all = append(all, held{v, s})
		}
		for i, tr := range rest {
			if len(tr.IDs) > 0 && !answered[i] {
				t.Logf("lost to a topic, want %v: %q", tr.IDs, tr.Q)
				lost++
			}
		}
	}
	t.Logf("%d covered, %d not; %d covered ones lost to a topic", covered, foreign, lost)
	for at := 0.2; at < 0.9; at += 0.05 {
		right, wrong, answered := 0, 0, 0
		for _, h := range all {
			switch {
			case h.score < at:
			case h.of == 0:
				answered++
			case h.right:
				right++
			default:
				wrong++
			}
		}
		t.Logf("at %.2f: right %4.1f%%, wrong %4.1f%%, uncovered answered %4.1f%%", at,
			100*float64(right)/float64(covered), 100*float64(wrong)/float64(covered), 100*float64(answered)/float64(foreign))
	}
	of = append(of, more...)
	rank := fitRank(of)
	gate := fitGate(gateExamples(of, rank))
	var b []byte
	b = append(b, "{\n  \"rank\": {\n"...)
	b = appendWeights(b, signalNames, rank)
	b = append(b, "  },\n  \"gate\": {\n"...)
	b = appendWeights(b, gateNames, gate)
	b = append(b, "  }\n}\n"...)
	t.Logf("%s", b)
	if snapshottest.Update() {
		if err := os.WriteFile("gate.json", b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func appendWeights(b []byte, names []string, w []float64) []byte {
	for i, n := range names {
		b = fmt.Appendf(b, "    %q: %.3f", n, w[i])
		if i < len(names)-1 {
			b = append(b, ',')
		}
		b = append(b, '\n')
	}
	return b
}

func defaultIndex(t testing.TB) *Index {
	t.Helper()
	x, err := New(knowledge.Default())
	if err != nil {
		t.Fatal(err)
	}
	return x
}
