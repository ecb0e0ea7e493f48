package index

import (
	"io/fs"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/aftercarebot/aftercare/knowledge"
	"github.com/aftercarebot/aftercare/knowledge/language"
)

// edited is the embedded content with a passage more.
func edited(t testing.TB) *knowledge.Base {
	t.Helper()
	files := fstest.MapFS{"edited.md": {Data: []byte("## Bicycle shed {#bicycles}\n\nThe shed behind the clinic holds ten bicycles. Ask at the desk for its key.\n\n```phrasings\n" +
		"where can i leave my bike\nis there a bicycle rack outside\nwho has the key of the bike shed\ncan i lock my cycle up at the clinic\nis the cycle shed covered\n```\n")}}
	err := fs.WalkDir(knowledge.Files(), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := fs.ReadFile(knowledge.Files(), name)
		files[name] = &fstest.MapFile{Data: data}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	base, err := knowledge.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	return base
}

// TestResume trains on a changed guide from the checkpoint of the embedded one: it must
// know what is new, have forgotten nothing, and be the same every time.
func TestResume(t *testing.T) {
	if testing.Short() {
		t.Skip("learns a guide")
	}
	base := edited(t)
	var stores [2]stored
	var x *Index
	for i := range stores {
		e := newEngine(base, classesOf(base), true)
		p, err := indexClasses(e)
		if err != nil {
			t.Fatal(err)
		}
		e.bleve = p.candidates(e)
		x, stores[i] = &Index{engine: e}, store(e, p)
	}
	if !cmp.Equal(stores[0], stores[1], cmp.AllowUnexported(stored{})) {
		t.Error("the same content was learnt in two ways")
	}
	for _, q := range []string{"do you have a rack for my bicycle?", "I need the key for the shed", "can we lock our bikes at the clinic"} {
		if got, want := best(t, x, q), "passage edited/bicycles"; got != want {
			t.Errorf("%q: got %q, want %q", q, got, want)
		}
	}
	before, after := 0, 0
	all := questions(t, "testdata/questions/validation_inscope.jsonl")
	embedded := defaultIndex(t)
	for _, q := range all {
		if slices.Contains(q.IDs, passageOf(best(t, embedded, q.Q))) {
			before++
		}
		if slices.Contains(q.IDs, passageOf(best(t, x, q.Q))) {
			after++
		}
	}
	if after < before-len(all)/100 {
		t.Errorf("of %d questions got %d right, want as many as of the embedded guide, %d, or nearly", len(all), after, before)
	}
}

func best(t *testing.T, x *Index, q string) string {
	t.Helper()
	f, err := x.find(t.Context(), language.Normalise(q))
	if err != nil {
		t.Fatal(err)
	}
	defer f.release()
	if len(f.ranked) == 0 {
		return ""
	}
	return x.engine.name(f.ranked[0].class)
}

func passageOf(name string) string { return name[min(len(name), len("passage ")):] }

// A checkpoint knows the classes of the embedded content again, and takes no new
// one for one of them.
func TestCheckpoint(t *testing.T) {
	base := edited(t)
	classes := classesOf(base)
	e := &engine{base: base, classes: classes}
	p := readCheckpoint(e.names())
	if p == nil {
		t.Fatal("the snapshot cannot be read")
	}
	if got := slices.Index(p.classes, -1); got >= 0 {
		t.Errorf("got class %d of the embedded content unknown, want all to be here", got)
	}
	if slices.Contains(p.classes, int32(slices.Index(e.names(), "passage edited/bicycles"))) {
		t.Error("the new passage is taken for one that was learnt")
	}
}

func BenchmarkResume(b *testing.B) {
	base := edited(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := newIndex(newEngine(base, classesOf(base), true)); err != nil {
			b.Fatal(err)
		}
	}
}
