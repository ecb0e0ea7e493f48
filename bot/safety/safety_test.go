package safety

import (
	"os"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/aftercarebot/aftercare/knowledge"
	"github.com/aftercarebot/aftercare/knowledge/language"
)

// shared is made once: it never changes.
var shared = sync.OnceValues(func() (*Matcher, error) {
	return New(knowledge.Default())
})

func matcher(t testing.TB) *Matcher {
	t.Helper()
	m, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func lines(t *testing.T, file string) []string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for line := range strings.SplitSeq(string(data), "\n") {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			out = append(out, line)
		}
	}
	return out
}

func TestPositive(t *testing.T) {
	m := matcher(t)
	for _, line := range lines(t, "testdata/positive.txt") {
		card, text, _ := strings.Cut(line, ": ")
		t.Run(text, func(t *testing.T) {
			v := m.Match(language.Normalise(text))
			if v.Level == None || v.Card != card {
				t.Errorf("got %s %q, want a raised %q", v.Level, v.Card, card)
			}
			if v.Level != None && len(v.Reasons) == 0 {
				t.Error("got no reasons")
			}
		})
	}
}

func TestNegative(t *testing.T) {
	m := matcher(t)
	for _, text := range lines(t, "testdata/negative.txt") {
		t.Run(text, func(t *testing.T) {
			if v := m.Match(language.Normalise(text)); !reflect.DeepEqual(v, Verdict{}) {
				t.Errorf("got %+v, want nothing raised", v)
			}
		})
	}
}

// load makes content of one safety section; it knows nothing else of safety.
func load(t *testing.T, section string) knowledge.Safety {
	t.Helper()
	base, err := knowledge.Load(fstest.MapFS{"guide.md": {Data: []byte("## A {#a}\n\nText.\n")}, "safety.yaml": {Data: []byte(section)}})
	if err != nil {
		t.Fatal(err)
	}
	return base.Safety()
}

// tiny is a section without examples to speak of, so that only patterns decide.
const tiny = `
safety:
  complete: true
  numbers:
    default: {emergency: "your local emergency number"}
  cards:
    - id: danger
      title: T
      levels:
        - {urgency: emergency, heading: "Call {emergency}", signs: [s]}
    - id: other
      title: O
      levels:
        - {urgency: contact, heading: H, signs: [s]}
  places:
    eye: [eye, "=lid"]
  lexicons:
    swell: [swell, puff*, blown up]
  cues:
    negation: ["=no", "=not"]
    spared: [not only]
    general: [what if]
    present: [my eye]
    resolved: [gone now]
    figures: [puffed with pride]
  signs:
    - id: eyes
      card: danger
      patterns:
        - "<eye> &3 <swell> !film"
        - "can + not ~2 open"
    - id: order
      card: other
      patterns:
        - "red ~1 spread|creep"
`

func TestPatterns(t *testing.T) {
	m, err := train(load(t, tiny), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, text, card string
	}{
		{"one order", "my eye is swelling", "danger"},
		{"the other order", "swelling of the eye", "danger"},
		{"beginning of a word", "puffiness round one eye", "danger"},
		{"phrase", "my eyes have blown up", "danger"},
		{"whole word only", "the lidless swelling", ""},
		{"too far apart", "an eye that is not at all like a swelling", ""},
		{"another sentence", "I have an eye. It is a swelling.", ""},
		{"excluded", "the eye swelling in the film", ""},
		{"negated", "no swelling of my eye", ""},
		{"negated in the middle", "my eye is not swollen or swelling", ""},
		{"not only negates nothing", "it is not only my eye that is swelling", "danger"},
		{"a pattern's own not", "I can not quite open it", "danger"},
		{"behind but", "no pain but my eye is swelling", "danger"},
		{"in general", "what if an eye swells", ""},
		{"in general, yet present", "what if my eye is swelling", "danger"},
		{"over", "my eye was swelling, gone now", ""},
		{"over, next sentence", "My eye was swelling. Gone now.", ""},
		{"figure of speech", "eye, puffed with pride", ""},
		{"in order", "the red is spreading", "other"},
		{"not in order", "spreading the red", ""},
		{"typo", "my eye may swlel", "danger"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := m.Match(language.Normalise(tt.text)).Card; got != tt.card {
				t.Errorf("%q: got card %q, want %q", tt.text, got, tt.card)
			}
		})
	}
}

func TestCorrect(t *testing.T) {
	words := []string{"swollen", "tongue", "breathe", "pus", "pain", "paint", "drowning"}
	known := &analyser{known: newVocabulary(words), counts: func() []int32 { return []int32{3, 2, 5, 1, 4, 1, 2} }}
	c := newCorrector(known)
	for _, tt := range []struct{ word, want string }{
		{"swolen", "swollen"}, {"swollenn", "swollen"}, {"sowllen", "swollen"}, {"swallen", "swollen"},
		{"tonuge", "tongue"}, {"brethe", "breathe"}, {"pian", "pain"},
		{"puus", "pus"}, {"drownning", "drowning"}, {"browning", ""}, {"cat", ""}, {"hello", ""}, {"12345", ""},
	} {
		got := ""
		if id := c.correct(tt.word); id >= 0 {
			got = known.word(id)
		}
		if got != tt.want {
			t.Errorf("correct(%q): got %q, want %q", tt.word, got, tt.want)
		}
	}
}

// TestFind looks up every word of the embedded content, and some that it does not hold.
func TestFind(t *testing.T) {
	known := &matcher(t).analyser.known
	for i := range int32(len(known.ends)) {
		w := known.word(i)
		if got := known.findHash(hashWord(w)); got != i {
			t.Errorf("find(%q): got %d, want %d", w, got, i)
		}
		if got := known.findHash(hashWord("xq" + w + "jz")); got >= 0 {
			t.Errorf("find(xq%sjz): got %q, want none", w, known.word(got))
		}
	}
}

func TestNewNeedsCards(t *testing.T) {
	if _, err := train(knowledge.Safety{}, nil); err == nil {
		t.Error("got no error for content without cards")
	}
}

// TestConcurrent asks one Matcher from many goroutines; the race detector and
// the equal verdicts are the test.
func TestConcurrent(t *testing.T) {
	m := matcher(t)
	texts := append(lines(t, "testdata/positive.txt"), lines(t, "testdata/negative.txt")...)
	var want []Verdict
	for _, text := range texts {
		want = append(want, m.Match(language.Normalise(text)))
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i, text := range texts {
				if got := m.Match(language.Normalise(text)); !reflect.DeepEqual(got, want[i]) {
					t.Errorf("%q: got %+v, want %+v", text, got, want[i])
				}
			}
		})
	}
	wg.Wait()
}

// TestSameTwice makes a Matcher anew: it must agree with the one that was read.
func TestSameTwice(t *testing.T) {
	base := knowledge.Default()
	again, err := train(base.Safety(), ordinaryMessages(base))
	if err != nil {
		t.Fatal(err)
	}
	m := matcher(t)
	for _, text := range lines(t, "testdata/positive.txt") {
		a, b := m.Match(language.Normalise(text)), again.Match(language.Normalise(text))
		if !reflect.DeepEqual(a, b) {
			t.Errorf("%q: got %+v and %+v", text, a, b)
		}
	}
}

func FuzzMatch(f *testing.F) {
	for _, seed := range []string{"", " ", "my lips are swollen", "no, no, no", "?!.,;:()-", "can't", strings.Repeat("not ", 300), "a\n\nb", "ſwelling Ⅻ", strings.Repeat("eye swollen ", 400), "'''' ''"} {
		f.Add(seed)
	}
	m := matcher(f)
	f.Fuzz(func(t *testing.T, text string) {
		v := m.Match(language.Normalise(text))
		if (v.Level == None) != (v.Card == "") || (v.Level == None) != (len(v.Reasons) == 0) {
			t.Errorf("%q: got %+v, want a card and reasons exactly where something is raised", text, v)
		}
	})
}
