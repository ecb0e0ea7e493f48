package index

import (
	"testing"
	"testing/fstest"

	"github.com/aftercarebot/aftercare/knowledge"
)

// A topic is named only where the message holds a word of it: one that is the
// only topic of a new guide would take every question otherwise.
func TestTopicIsNotNamedWithoutAWord(t *testing.T) {
	base, err := knowledge.Load(fstest.MapFS{
		"g.md":   {Data: []byte("## Opening hours {#hours}\n\nThe studio is open from nine to five.\n\n## Car park {#car-park}\n\nThere is a car park behind the house.\n\n## Rooms {#rooms}\n\nWe have two quiet rooms.\n")},
		"x.yaml": {Data: []byte("declined:\n  - {id: wine, name: wine, words: [wine, beer], phrasings: [may I have a glass of wine, is beer allowed, how long without wine]}\n")},
	})
	if err != nil {
		t.Fatal(err)
	}
	x, err := New(base)
	if err != nil {
		t.Fatal(err)
	}
	for question, named := range map[string]bool{
		"is it painful": false, "do you have a dentist for my rabbit": false, "how long does it take": false,
		"may I drink wine": true, "beer?": true,
	} {
		matches, err := x.Search(t.Context(), question)
		if err != nil {
			t.Fatal(err)
		}
		const naming = 0.2 // bot.DeclineAt
		if got := len(matches) > 0 && matches[0].Topic != nil && matches[0].Confidence >= naming; got != named {
			t.Errorf("%q: named %v, want %v: %+v", question, got, named, matches[0])
		}
	}
}
