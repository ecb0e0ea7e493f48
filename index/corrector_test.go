package index

import (
	"testing"

	"github.com/aftercarebot/aftercare/knowledge/language"
)

func TestCorrects(t *testing.T) {
	x := defaultIndex(t).engine.lexicon
	for from, want := range map[string]string{
		"beter": "better", "logn": "long", "hwo": "how", "swiming": "swimming", "kann": "can", "sikn": "skin",
		"realy": "really", "tigt": "tight", "mirconeedling": "microneedling", "factro": "factor", "waht": "what",
		"whne": "when", "slef": "self", "lotoin": "lotion", "setle": "settle", "efect": "effect", "whent": "when",
	} {
		var q query
		x.analyse(&workspace{}, &q, language.Normalise(from))
		if len(q.words) != 1 || q.words[0] != want {
			t.Errorf("read %q: got %q, want %q", from, q.words, want)
		}
	}
}
