package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aftercarebot/aftercare/bot"
)

// soak scales a test: short by default, as long as the issue wants it with AFTERCARE_SOAK.
func soak(short, long int) int {
	if os.Getenv("AFTERCARE_SOAK") != "" {
		return long
	}
	return short
}

// sound is the content that mutants are made of. Every passage carries the
// number of the version, so that an answer tells where it comes from.
func sound(n int) map[string]string {
	numbered := strings.NewReplacer("every second day", fmt.Sprintf("every second day, says version %d", n),
		"in the shade", fmt.Sprintf("in the shade, says version %d", n)).Replace(fern)
	return map[string]string{
		"fern.md": "---\ntitle: Fern\nreviewed: 2026-01-01\nreview_by: 2027-01-01\n---\n" + numbered,
		"more.yaml": "phrasings:\n  fern/watering:\n    - how thirsty is it\n    - is a litre too much\n  fern/light:\n    - is my windowsill too bright\n" +
			"related:\n  fern/light: [fern/watering]\n" +
			"thesaurus:\n  sunny: [sun, bright, light]\n" +
			"declined:\n  - id: price\n    name: prices\n    phrasings: [what does it cost, how expensive is a fern]\n" +
			"smalltalk:\n  - id: hello\n    reply: Hello!\n    phrasings: [hello, hi there]\n",
		"safety.yaml": fernSafety,
		"golden.jsonl": "{\"tolerance\": 30}\n{\"q\": \"how often should I water the fern?\", \"ids\": [\"fern/watering\"]}\n" +
			"{\"q\": \"does the fern like sun?\", \"ids\": [\"fern/light\"]}\n{\"q\": \"somebody has collapsed\", \"urgent\": true}\n",
	}
}

// mutant is one way to spoil a content folder.
type mutant struct {
	name string
	file string // that the error must name
	make func(dir string, r *rand.Rand) error
	// ok: it may turn out to be sound, as a file cut between two lines can be.
	ok bool
}

func edit(name string, f func(string, *rand.Rand) string) func(string, *rand.Rand) error {
	return func(dir string, r *rand.Rand) error {
		path := filepath.Join(dir, name)
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(path, []byte(f(string(text), r)), 0o600)
	}
}

func put(name, text string) func(string, *rand.Rand) error {
	return func(dir string, _ *rand.Rand) error {
		return os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600)
	}
}

func replace(name, old, new string) func(string, *rand.Rand) error {
	return edit(name, func(s string, _ *rand.Rand) string { return strings.Replace(s, old, new, 1) })
}

func mutants() []mutant {
	truncated := func(s string, r *rand.Rand) string { return s[:1+r.IntN(len(s)-1)] }
	flipped := func(s string, r *rand.Rand) string {
		b := []byte(s)
		for range 1 + r.IntN(8) {
			b[r.IntN(len(b))] ^= 1 << r.IntN(8)
		}
		return string(b)
	}
	binary := func(_ string, r *rand.Rand) string {
		b := make([]byte, 1000)
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		return string(b) + "\xff"
	}
	huge := func(dir string, _ *rand.Rand) error { return os.Truncate(filepath.Join(dir, "fern.md"), 1<<30) }
	all := []mutant{
		{"Markdown truncated", "fern.md", edit("fern.md", truncated), true},
		{"YAML truncated", "more.yaml", edit("more.yaml", truncated), true},
		{"golden questions truncated", "golden.jsonl", edit("golden.jsonl", truncated), true},
		{"bits flipped in Markdown", "fern.md", edit("fern.md", flipped), true},
		{"bits flipped in YAML", "more.yaml", edit("more.yaml", flipped), true},
		{"bits flipped in golden questions", "golden.jsonl", edit("golden.jsonl", flipped), true},
		{"bits flipped in safety", "safety.yaml", edit("safety.yaml", flipped), true},
		{"bad YAML", "more.yaml", replace("more.yaml", "related:", "\trelated: ]["), false},
		{"YAML anchor and alias", "more.yaml", replace("more.yaml", "[sun, bright, light]", "&a [sun]\n  more: *a"), false},
		{"YAML merge key", "bomb.yaml", put("bomb.yaml", "a: &a [x,x]\nb: &b [*a,*a,*a]\nc: &c [*b,*b,*b]\nphrasings:\n  fern/light: *c\n"), false},
		{"doubled YAML key", "more.yaml", replace("more.yaml", "thesaurus:", "related: {}\nthesaurus:"), false},
		{"second YAML document", "more.yaml", edit("more.yaml", func(s string, _ *rand.Rand) string { return s + "---\nphrasings: {}\n" }), false},
		{"unknown key", "extra.yaml", put("extra.yaml", "phrasing:\n  fern/light: [x]\n"), false},
		{"text where a list belongs", "extra.yaml", put("extra.yaml", "phrasings: none\n"), false},
		{"unknown passage", "extra.yaml", put("extra.yaml", "phrasings:\n  fern/lihgt: [where to]\n"), false},
		{"duplicate id", "fern.md", edit("fern.md", func(s string, _ *rand.Rand) string { return s + "\n## Again {#light}\n\nText.\n" }), false},
		{"duplicate topic", "extra.yaml|more.yaml", put("extra.yaml", "declined:\n  - id: price\n    name: x\n    phrasings: [y]\n"), false},
		{"heading without anchor", "fern.md", replace("fern.md", " {#light}", ""), false},
		{"bad anchor", "fern.md", replace("fern.md", "{#light}", "{#The Light}"), false},
		{"empty passage", "fern.md", edit("fern.md", func(s string, _ *rand.Rand) string { return s + "\n## Nothing {#nothing}\n" }), false},
		{"text before the first heading", "fern.md", replace("fern.md", "# Fern", "Hello.\n\n# Fern"), false},
		{"front matter without end", "fern.md", replace("fern.md", "2027-01-01\n---", "2027-01-01\n--"), false},
		{"bad date", "fern.md", replace("fern.md", "2027-01-01", "soon"), false},
		{"empty file", "extra.md", put("extra.md", ""), false},
		{"emptied guide", "fern.md", put("fern.md", ""), false},
		{"not UTF-8", "fern.md", edit("fern.md", func(s string, _ *rand.Rand) string { return s + "\nna\xefve\n" }), false},
		{"UTF-16", "fern.md", edit("fern.md", func(s string, _ *rand.Rand) string { return "\xff\xfe" + strings.Join(strings.Split(s, ""), "\x00") }), false},
		{"NUL", "more.yaml", edit("more.yaml", func(s string, _ *rand.Rand) string { return s + "# \x00\n" }), false},
		{"binary", "fern.md", edit("fern.md", binary), false},
		{"binary YAML", "more.yaml", edit("more.yaml", binary), false},
		{"deep brackets", "extra.yaml", put("extra.yaml", "phrasings: "+strings.Repeat("[", 100_000)+strings.Repeat("]", 100_000)+"\n"), false},
		{"deep braces", "extra.yaml", put("extra.yaml", "phrasings: "+strings.Repeat("{a: ", 50_000)+"\n"), false},
		{"deep dashes", "extra.yaml", put("extra.yaml", "phrasings: \n"+strings.Repeat("- ", 100_000)+"x\n"), false},
		{"deep indents", "extra.yaml", put("extra.yaml", staircase(2000)), false},
		{"deep quotation", "deep.md", put("deep.md", strings.Repeat("> ", 100_000)+"x\n"), false},
		{"endless links", "links.md", put("links.md", strings.Repeat("[a](", 200_000)), false},
		{"endless heading", "links.md", put("links.md", "## "+strings.Repeat("[a](", 200_000)+" {#a}\n\nText.\n"), false},
		{"1 GB", "fern.md", huge, false},
		{"1 GB of golden questions", "golden.jsonl", func(dir string, r *rand.Rand) error {
			return errors.Join(os.Truncate(filepath.Join(dir, "golden.jsonl"), 1<<30), replace("fern.md", "Water", "Do water")(dir, r))
		}, false},
		{"link out of the folder", "out.md", func(dir string, _ *rand.Rand) error { return os.Symlink("/etc/passwd", filepath.Join(dir, "out.md")) }, false},
		{"link up and out", "out.yaml", func(dir string, _ *rand.Rand) error {
			return os.Symlink("../../../../../../etc/hostname", filepath.Join(dir, "out.yaml"))
		}, false},
		{"link to itself", "loop.md", func(dir string, _ *rand.Rand) error { return os.Symlink("loop.md", filepath.Join(dir, "loop.md")) }, false},
		{"link to nothing", "gone.md", func(dir string, _ *rand.Rand) error { return os.Symlink("nowhere.md", filepath.Join(dir, "gone.md")) }, false},
		{"golden question of no passage", "golden.jsonl", edit("golden.jsonl", func(s string, _ *rand.Rand) string { return s + `{"q": "x", "ids": ["fern/nothing"]}` + "\n" }), true},
		{"golden file emptied", "golden.jsonl", func(dir string, r *rand.Rand) error {
			return errors.Join(put("golden.jsonl", "")(dir, r), replace("fern.md", "Water", "Do water")(dir, r))
		}, false},
		{"golden file gone", "golden.jsonl", func(dir string, r *rand.Rand) error {
			return errors.Join(os.Remove(filepath.Join(dir, "golden.jsonl")), replace("fern.md", "Water", "Do water")(dir, r))
		}, false},
		{"answers exchanged", "golden.jsonl", edit("fern.md", func(s string, _ *rand.Rand) string { return swapTexts(s) }), false},
		{"danger sign gone", "golden.jsonl", replace("safety.yaml", "patterns: [collapsed]", "patterns: [zebra]"), false},
		{"safety card gone", "safety.yaml", replace("safety.yaml", "card: danger, ", "card: dangre, "), false},
		{"bad pattern", "safety.yaml", replace("safety.yaml", "[collapsed]", "[\"collapsed &\"]"), false},
		{"guide gone", "fern.md|more.yaml|golden.jsonl|no passages", func(dir string, _ *rand.Rand) error { return os.Remove(filepath.Join(dir, "fern.md")) }, false},
		{"folder gone", "content", os2(os.RemoveAll), false},
		{"new text", "fern.md", replace("fern.md", "Water", "Do water"), true},
		{"new passage", "ivy.md", put("ivy.md", "# Ivy\n\n## Climbing {#climbing}\n\nGive it a wall.\n\n```phrasings\nhow does ivy climb\n```\n"), true},
		{"Windows line ends", "fern.md", edit("fern.md", func(s string, _ *rand.Rand) string { return "\ufeff" + strings.ReplaceAll(s, "\n", "\r\n") }), true},
	}
	return append(all, systemMutants()...)
}

func os2(f func(string) error) func(string, *rand.Rand) error {
	return func(dir string, _ *rand.Rand) error { return f(dir) }
}

// staircase is YAML that goes one level deeper with each line.
func staircase(n int) string {
	var b strings.Builder
	b.WriteString("phrasings:\n")
	for i := range n {
		fmt.Fprintf(&b, "%sa:\n", strings.Repeat(" ", i+1))
	}
	return b.String()
}

// load asks the bot a fixed number of questions a second until it is told to
// stop, and notes every answer that is not as it must be.
type load struct {
	t       *testing.T
	bot     *bot.Bot
	stop    chan struct{}
	workers sync.WaitGroup

	mu       sync.Mutex
	versions map[string]int // content hash: number in the text; absent: not known
	failed   []string
	asked    int
	took     []time.Duration // of answers while an exchange was under way
	busy     bool            // one is
}

var (
	says      = regexp.MustCompile(`says version (\d+)`)
	questions = []string{"how often should I water the fern?", "does the fern like sun?", "when does it need water", "where should I put it"}
)

func startLoad(t *testing.T, b *bot.Bot, perSecond int) *load {
	const workers = 10
	l := &load{t: t, bot: b, stop: make(chan struct{}), versions: map[string]int{}}
	for w := range workers {
		l.workers.Go(func() {
			tick := time.NewTicker(time.Second * workers / time.Duration(perSecond))
			defer tick.Stop()
			for i := w; ; i++ {
				select {
				case <-l.stop:
					return
				case <-tick.C:
					l.ask(questions[i%len(questions)])
				}
			}
		})
	}
	return l
}

func (l *load) ask(question string) {
	before, began := l.bot.Version(), time.Now()
	r := l.bot.Answer(context.Background(), bot.Question{Text: question, Platform: "test"})
	took, after := time.Since(began), l.bot.Version()
	fault := ""
	number := says.FindStringSubmatch(r.Plain())
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked++
	if l.busy {
		l.took = append(l.took, took)
	}
	want, known := l.versions[r.Content]
	switch {
	case r.Kind != bot.Answer:
		fault = "kind " + r.Kind.String()
	case before == after && r.Content != before:
		fault = fmt.Sprintf("version %s while %s served", r.Content, before)
	case len(number) == 0:
		fault = "no version in the text"
	case known && number[1] != fmt.Sprint(want):
		fault = fmt.Sprintf("text of version %s under the name of version %d", number[1], want)
	}
	if fault != "" {
		l.failed = append(l.failed, fmt.Sprintf("%q: %s: %s", question, fault, r.Plain()))
	}
}

// exchange runs do and measures the answers meanwhile.
func (l *load) exchange(do func()) {
	l.mu.Lock()
	l.busy = true
	l.mu.Unlock()
	do()
	l.mu.Lock()
	l.busy = false
	l.mu.Unlock()
}

// end stops the load and reports.
func (l *load) end() {
	close(l.stop)
	l.workers.Wait()
	for _, f := range l.failed[:min(len(l.failed), 5)] {
		l.t.Error(f)
	}
	slices.Sort(l.took)
	p := func(part float64) time.Duration {
		if len(l.took) == 0 {
			return 0
		}
		return l.took[int(part*float64(len(l.took)-1))]
	}
	l.t.Logf("%d questions, %d failed; of %d during an exchange: p50 %v, p99 %v, slowest %v", l.asked, len(l.failed), len(l.took), p(.5), p(.99), p(1))
	if len(l.failed) > 0 {
		l.t.Errorf("got %d failed questions of %d, want none", len(l.failed), l.asked)
	}
}

// Whatever happens to the files of a bot that serves, every question gets an
// answer, of one version or the other, and every rejection names its file.
func TestMutantsUnderLoad(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "content")
	fill := func(n int) {
		t.Helper()
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
		for name, text := range sound(n) {
			write(t, filepath.Join(dir, name), text)
		}
	}
	fill(0)
	r := serving(t, dir)
	l := startLoad(t, r.bot, 1000)
	defer l.end()
	kinds := mutants()
	rejected, served := 0, 0
	var slowest time.Duration
	random := rand.New(rand.NewPCG(1, 2))
	for i := range soak(len(kinds), max(200, 2*len(kinds))) {
		m := kinds[i%len(kinds)]
		fill(i + 1)
		if err := m.make(dir, random); err != nil {
			t.Fatalf("%s: %v", m.name, err)
		}
		old, began := r.bot.Version(), time.Now()
		var report change
		var err error
		l.exchange(func() { report, err = r.reload(t.Context(), "test", false) })
		took := time.Since(began)
		l.exchange(func() { time.Sleep(time.Duration(soak(10, 100)) * time.Millisecond) })
		if took > time.Second {
			t.Logf("%s: took %v", m.name, took)
		}
		slowest = max(slowest, took)
		switch {
		case err == nil && !m.ok:
			t.Errorf("%s: was served: %v", m.name, report)
		case err == nil && r.bot.Version() != report.New:
			t.Errorf("%s: got version %s, want %s", m.name, r.bot.Version(), report.New)
		case err != nil && r.bot.Version() != old:
			t.Errorf("%s: got version %s after a rejection, want %s", m.name, r.bot.Version(), old)
		case err != nil && m.ok && strings.Contains(err.Error(), goldenName): // sound, but worse
		case err != nil && !slices.ContainsFunc(strings.Split(m.file, "|"), func(name string) bool { return strings.Contains(err.Error(), name) }):
			t.Errorf("%s: got error %q, want one that names %s", m.name, err, m.file)
		}
		if err == nil {
			served++
		} else {
			rejected++
		}
		if err := os.Chmod(dir, 0o700); err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
	}
	t.Logf("%d mutants rejected, %d served; slowest %v", rejected, served, slowest)
}

// Swaps under load: no answer fails or mixes two versions.
func TestSwapsUnderLoad(t *testing.T) {
	dir := guideOf(t, sound(0))
	r := serving(t, dir)
	l := startLoad(t, r.bot, 1000)
	defer l.end()
	swaps := soak(20, 300)
	began := time.Now()
	for n := range swaps {
		write(t, filepath.Join(dir, "fern.md"), sound(n + 1)["fern.md"])
		base, err := r.source.read()
		if err != nil {
			t.Fatal(err)
		}
		l.mu.Lock()
		l.versions[base.Hash()] = n + 1
		l.mu.Unlock()
		l.exchange(func() {
			_, err = r.reload(t.Context(), "test", false)
			time.Sleep(20 * time.Millisecond) // some questions, however quick the swap
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d swaps in %v", swaps, time.Since(began).Round(time.Millisecond))
}

// generated is a guide of n passages with three phrasings each.
func generated(n int) map[string]string {
	nouns := []string{"fern", "ivy", "moss", "rose", "tulip", "daisy", "cactus", "lily", "orchid", "palm", "basil", "mint", "sage", "thyme", "clover", "poppy"}
	verbs := []string{"water", "cut", "plant", "move", "feed", "cover", "dry", "repot", "sow", "pick", "store", "wash"}
	files := map[string]string{}
	var b strings.Builder
	for i := range n {
		if i%500 == 0 {
			if i > 0 {
				files[fmt.Sprintf("guide%d.md", i)] = b.String()
			}
			b.Reset()
			b.WriteString("# Guide\n")
		}
		noun, verb := nouns[i%len(nouns)], verbs[i/len(nouns)%len(verbs)]
		place := fmt.Sprintf("garden %s%d", string(rune('a'+i%26)), i/(len(nouns)*len(verbs)))
		fmt.Fprintf(&b, "\n## How to %s the %s in %s {#p%d}\n\nTo %s the %s in %s, wait until evening. Then do it slowly, twice.\n\n```phrasings\nhow do I %s the %s in %s?\nwhen to %s a %s in %s\n%s %s %s\n```\n",
			verb, noun, place, i, verb, noun, place, verb, noun, place, verb, noun, place, verb, noun, place)
	}
	files["guide.md"] = b.String()
	return files
}

// BenchmarkReindex is the whole of a reindexing by number of passages; 14 is
// the embedded guide with all its phrasings.
func BenchmarkReindex(b *testing.B) {
	for _, n := range []int{14, 1000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			files := generated(n)
			if n == 14 {
				files = embeddedFiles(b)
			} else if testing.Short() {
				b.Skip("takes minutes")
			}
			dir := guideOf(b, files)
			r := serving(b, dir)
			i := 0
			for b.Loop() {
				i++
				write(b, filepath.Join(dir, "extra.md"), fmt.Sprintf("# Extra\n\n## Extra {#extra}\n\nText %d.\n", i))
				if _, err := r.reload(b.Context(), "test", true); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
