package knowledge

import "testing"

func TestDefault(t *testing.T) {
	for _, p := range Default().Passages() {
		t.Logf("%s:%d %s %q %d\n%s", p.File, p.Line, p.ID, p.Title, len(p.Phrasings), p.Text)
	}
}
