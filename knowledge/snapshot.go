package knowledge

import (
	"bytes"
	_ "embed"
	"maps"
	"slices"
	"strings"

	"github.com/aftercarebot/aftercare/knowledge/snapshot"
)

// storedBase is the embedded content as loading leaves it. Reading it takes a
// fiftieth of the time that loading takes.
//
//go:generate go test -run ^TestSnapshot$ -update .
//go:embed stored.snapshot
var storedBase []byte

// stored is a Base in a form that is quick to read. The many strings are
// places in the text of the content, which the program holds anyway.
type stored struct {
	Fingerprint string
	Passages    []Passage // without their phrasings, as are the kinds of small talk
	SmallTalk   []SmallTalk
	Differences []Difference
	Wording     Wording
	Cards       []Card
	Numbers     []number
	Contact     string
	Complete    string // file that says that the safety section is
	CompleteAt  int    // its line
	Archive     archive
	Later       []byte // the snapshot of a later
}

// number is a placeholder's text in one country.
type number struct{ Region, Name, Text string }

// restored gives the embedded content from its snapshot, and nil where the
// snapshot was made of another version of it. The content is read to tell that
// only where its fingerprint does not.
func restored() *Base {
	hash := snapshot.Content(storedBase)
	var s stored
	if err := snapshot.Decode(storedBase, hash, &s); err != nil {
		return nil
	}
	text := embeddedText()
	if print := text.fingerprint(); (print == "" || print != s.Fingerprint) && text.version() != hash {
		return nil
	}
	b := s.base(&text)
	b.hash = hash
	b.add(bytes.Clone(s.Later), &text)
	return b
}

// store is the reverse of base.
func store(b *Base, content fileTexts) (stored, error) {
	text := strings.Join(content.texts, "")
	s := stored{Fingerprint: content.fingerprint(), Passages: slices.Clone(b.passages), SmallTalk: slices.Clone(b.smallTalk), Differences: b.differences, Wording: b.wording}
	for i := range s.Passages {
		s.Passages[i].Phrasings = nil
	}
	for i := range s.SmallTalk {
		s.SmallTalk[i].Phrasings = nil
	}
	safety := &b.safety
	s.Cards, s.Contact, s.Archive = safety.Cards, safety.contact, archived(b, text)
	s.Complete, s.CompleteAt = safety.Complete()
	for _, region := range slices.Sorted(maps.Keys(safety.regions)) {
		for _, name := range slices.Sorted(maps.Keys(safety.regions[region])) {
			s.Numbers = append(s.Numbers, number{region, name, safety.regions[region][name]})
		}
	}
	var err error
	s.Later, err = snapshot.Encode(content.version(), laterOf(b, content.names, text))
	return s, err
}

// base gives the content that was stored, but for its version and what comes later.
func (s *stored) base(text *fileTexts) *Base {
	b := &Base{passages: s.Passages, byID: make(map[string]int, len(s.Passages)), smallTalk: s.SmallTalk, differences: s.Differences, wording: s.Wording}
	for i := range b.passages {
		b.byID[b.passages[i].ID] = i
	}
	b.safety = Safety{Cards: s.Cards, regions: map[string]map[string]string{}, contact: s.Contact, complete: place{s.Complete, s.CompleteAt}}
	for _, n := range s.Numbers {
		if b.safety.regions[n.Region] == nil {
			b.safety.regions[n.Region] = map[string]string{}
		}
		b.safety.regions[n.Region][n.Name] = n.Text
	}
	s.Archive.read(b, text)
	return b
}
