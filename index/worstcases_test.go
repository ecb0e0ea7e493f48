//go:build unix

package index

import (
	"cmp"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aftercarebot/aftercare/knowledge"
	"github.com/aftercarebot/aftercare/knowledge/language"
)

// worstCases are messages made to cost much, whatever the content.
func worstCases() map[string]string {
	return map[string]string{
		"short word repeated":   strings.Repeat("ab ", 1333),
		"plus and star":         strings.Repeat("+a* ", 900),
		"star":                  "*",
		"field":                 "_id:* text:/.*/ AND (NOT x)~2^9",
		"one huge word":         strings.Repeat("a", 1<<20),
		"huge word, two halves": strings.Repeat("swim", 1<<18),
		"typos":                 strings.Repeat("swiming bakrta necxt lotoin ", 150),
		"distinct typos":        typos(700),
		"zalgo":                 strings.Repeat("s\u0336\u0353\u0310w\u0337i\u0338m\u0339 ", 400),
		"fullwidth":             strings.Repeat("ｓｗｉｍ ", 800),
		"ligature that grows":   strings.Repeat("ﷺ", 4000),
		"marks alone":           strings.Repeat("\u0301", 100000),
		"right to left":         strings.Repeat("\u202eswim\u202c ", 500),
		"invalid bytes":         strings.Repeat("\xff\xfe", 50000),
		"NUL":                   strings.Repeat("\x00", 4096),
		"sentences":             strings.Repeat("May I? ", 580),
		"clauses":               strings.Repeat("a b and c d or ", 270),
		"apostrophes":           strings.Repeat("'s n't ", 580),
		"digits":                strings.Repeat("1.2.3.", 700),
		"joined words":          strings.Repeat("sun screen ", 370),
		"every common word":     strings.Repeat("how long after before when not face skin day week ", 80),
		"megabyte of words":     strings.Repeat("can i go swimming after ", 44000),
		"empty":                 "",
	}
}

// typos gives n unknown words that look like known ones.
func typos(n int) string {
	r := rand.New(rand.NewPCG(1, 1))
	var b strings.Builder
	for range n {
		for range 5 {
			b.WriteByte("aeinorstlm"[r.IntN(10)])
		}
		b.WriteByte(' ')
	}
	return b.String()
}

// longest is how many characters the longest message of a platform has.
const longest = 4000

// fill repeats list with sep between until a message is as long as can be.
func fill(list []string, sep string) string {
	var b strings.Builder
	for i := 0; b.Len() < longest; i++ {
		b.WriteString(list[i%len(list)])
		b.WriteString(sep)
	}
	return b.String()[:longest]
}

// map2 makes a word of each word and the one that follows it.
func map2(list []string, f func(a, b string) string) []string {
	var out []string
	for i, w := range list {
		out = append(out, f(w, list[(i+1)%len(list)]))
	}
	return out
}

// mostUsed gives the words of a content that most passages hold, those first
// that more of them hold. Of a large content the beginning is counted.
func mostUsed(base *knowledge.Base) []string {
	counts := map[string]int{}
	for _, p := range base.Passages()[:min(len(base.Passages()), 5000)] {
		words := language.Words(language.Normalise(p.Title + "\n" + p.Text))
		slices.Sort(words)
		for _, w := range slices.Compact(words) {
			if len(w) >= 4 && !stopWords[w] && strings.Trim(w, "abcdefghijklmnopqrstuvwxyz") == "" {
				counts[w]++
			}
		}
	}
	return slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
}

// worstCasesOf are messages of a content's own words: they meet its longest
// posting lists. Every one of them finds something.
func worstCasesOf(base *knowledge.Base) map[string]string {
	words := mostUsed(base)
	most := words[:30]
	swapped := func(w, _ string) string { return w[:1] + w[2:3] + w[1:2] + w[3:] }
	doubled := func(w, _ string) string { return w[:3] + w[2:] }
	var titles []string
	for _, p := range base.Passages()[:min(len(base.Passages()), 100)] {
		titles = append(titles, p.Title)
	}
	p := base.Passages()[0]
	return map[string]string{
		"frequent words, distinct":        fill(words, " "),
		"frequent words, rarest first":    fill(reversed(words), " "),
		"frequent words, repeated":        fill(most, " "),
		"most frequent word alone":        fill(words[:1], " "),
		"thirty-two frequent words":       strings.Join(words[:32], " "),
		"frequent words, misspelt":        fill(map2(words, swapped), " "),
		"frequent words, misspelt, again": fill(map2(most, doubled), " "),
		"frequent words, half misspelt":   fill(map2(words, func(a, b string) string { return a + " " + swapped(b, "") }), " "),
		"frequent words, joined by twos":  fill(map2(words, func(a, b string) string { return a + b }), " "),
		"frequent words, all joined":      words[0] + " " + fill(words, ""),
		"frequent words, torn":            fill(map2(words, func(a, _ string) string { return a[:2] + " " + a[2:] }), " "),
		"frequent words as questions":     fill(words, "? "),
		"frequent words as sentences":     fill(map2(words, func(a, b string) string { return "Can i " + a + " " + b }), "? "),
		"frequent words as clauses":       fill(words, " and "),
		"frequent words with commas":      fill(words, ", "),
		"frequent words with hyphens":     fill(words, "-"),
		"frequent words, negated":         fill(words, " not "),
		"frequent words, in capitals":     strings.ToUpper(fill(words, " ")),
		"titles":                          fill(titles, "? "),
		"a passage, again and again":      fill([]string{p.Title, p.Text}, " "),
		"a megabyte of frequent words":    strings.Repeat(fill(words, " "), 1<<20/longest),
	}
}

func reversed(list []string) []string {
	out := slices.Clone(list)
	slices.Reverse(out)
	return out
}

// TestWorstCases asks every worst case of the embedded guide and of 1,000 passages,
// and with AFTERCARE_SOAK=1 of 100,000, with a memory limit that a small server
// has: no panic, and no more memory than allowed. In the soak, processor time
// is bounded, too.
func TestWorstCases(t *testing.T) {
	made := func(n int) func(t *testing.T) *Index {
		return func(t *testing.T) *Index {
			x, err := New(generated(t, n))
			if err != nil {
				t.Fatal(err)
			}
			return x
		}
	}
	soak := os.Getenv("AFTERCARE_SOAK") == "1"
	tries := 1
	if soak {
		tries = 5 // others share the machine: the fastest counts
	}
	for _, c := range []struct {
		name  string
		index func(t *testing.T) *Index
		limit time.Duration // for one message
		soak  bool          // only then
	}{
		{"guide", func(t *testing.T) *Index { return defaultIndex(t) }, 50 * time.Millisecond, false},
		{"1000", made(1000), 50 * time.Millisecond, false},
		{"100000", made(100000), 500 * time.Millisecond, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.soak && !soak {
				t.Skip("takes a minute; AFTERCARE_SOAK=1 runs it")
			}
			if testing.Short() && raceDetector && c.name == "guide" {
				t.Skip("learning the guide takes minutes under the race detector")
			}
			x := c.index(t)
			defer debug.SetMemoryLimit(debug.SetMemoryLimit(256 << 20))
			ask := func(q string) int {
				matches, err := x.Search(t.Context(), q)
				if err != nil {
					t.Error(err)
				}
				return len(matches)
			}
			ask("hello")
			own := worstCasesOf(x.engine.base)
			all := worstCases()
			maps.Copy(all, own)
			before := heap()
			for _, name := range slices.Sorted(maps.Keys(all)) {
				best, least, found := time.Hour, uint64(math.MaxUint64), 0
				for range tries {
					bytes, start := allocated(), processorTime(t)
					found = ask(all[name])
					best = min(best, processorTime(t)-start)
					least = min(least, allocated()-bytes)
				}
				t.Logf("%7.2f ms %8.1f kB %2d found: %s", best.Seconds()*1000, float64(least)/1000, found, name)
				if soak && !raceDetector && best > c.limit {
					t.Errorf("%s: got %v, want at most %v", name, best, c.limit)
				}
				if least > mostMemory {
					t.Errorf("%s: got %d bytes allocated, want at most %d", name, least, mostMemory)
				}
				if _, ok := own[name]; ok && found == 0 {
					t.Errorf("%s: found nothing, so it meets no posting list", name)
				}
			}
			if grown := heap() - before; grown > mostMemory {
				t.Errorf("got %d bytes more in use, want at most %d", grown, mostMemory)
			}
			runtime.KeepAlive(x)
		})
	}
}

// mostMemory is how many bytes a message may cost, while it is answered and after.
const mostMemory = 20 << 20

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// allocated gives all bytes that were ever allocated.
func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

func processorTime(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func FuzzSearch(f *testing.F) {
	base := generated(f, 700)
	for _, list := range []map[string]string{worstCases(), worstCasesOf(base)} {
		for _, q := range list {
			if len(q) < 6000 {
				f.Add(q)
			}
		}
	}
	f.Add("can I go swimming tomorrow?")
	f.Add("is factor 50 or 30 beter, and when may I were mascara")
	x, err := New(base)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, q string) {
		matches, err := x.Search(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if len(matches) > maxMatches+1 {
			t.Errorf("got %d matches, want at most %d", len(matches), maxMatches+1)
		}
		for _, m := range matches {
			if !(m.Confidence >= 0 && m.Confidence <= 1) {
				t.Errorf("got confidence %v, want 0 to 1", m.Confidence)
			}
		}
	})
}
