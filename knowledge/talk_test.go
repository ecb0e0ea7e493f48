package knowledge

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func TestCommonTalk(t *testing.T) {
	for name, tt := range map[string]struct {
		file, text string
		want       bool
	}{
		"a guide alone":          {"", "", true},
		"other sections":         {"x.yaml", "thesaurus:\n  pool: [baths]\n", true},
		"an empty section":       {"x.yaml", "smalltalk: []\n", false},
		"an empty file":          {"sub/smalltalk.yaml", "", false},
		"a file with a comment":  {"smalltalk.yml", "# none\n", false},
		"small talk of its own":  {"x.yaml", "smalltalk:\n  - {id: hi, reply: Hello., phrasings: [hi]}\n", false},
		"the built-in one's own": {"smalltalk.yaml", "smalltalk:\n  - {id: thanks, reply: Bye., phrasings: [ta]}\n", false},
	} {
		t.Run(name, func(t *testing.T) {
			files := fstest.MapFS{
				"guide.md":     {Data: []byte("## Stay dry {#dry}\n\nFor a week.\n")},
				"wording.yaml": {Data: []byte("wording: {about: plants}\n")},
			}
			if tt.file != "" {
				files[tt.file] = &fstest.MapFile{Data: []byte(tt.text)}
			}
			base, err := Load(files)
			if err != nil {
				t.Fatal(err)
			}
			talk := base.CommonTalk()
			if got := len(talk) > 0; got != tt.want {
				t.Fatalf("got %v, want %v", got, tt.want)
			}
			for _, s := range talk {
				for _, word := range []string{"{", "clinic", "needl", " skin"} {
					if strings.Contains(s.Reply, word) {
						t.Errorf("the reply to %s does not fit any guide: %q", s.ID, s.Reply)
					}
				}
			}
		})
	}
	if got := Default().CommonTalk(); got != nil {
		t.Errorf("the built-in guide borrows %d kinds of small talk", len(got))
	}
}

// What is said of the built-in small talk must be true of it.
func TestCommonTalkNamesWhatIsThere(t *testing.T) {
	left := len(commonReplies) + len(ownSubject)
	for _, s := range Default().SmallTalk() {
		if _, ok := commonReplies[s.ID]; ok {
			left--
		}
		for p := range ownSubject {
			if slices.Contains(s.Phrasings, p) {
				left--
			}
		}
	}
	if left != 0 {
		t.Errorf("%d names or phrasings are not there, or twice", left)
	}
}
