package knowledge

import (
	_ "embed"
	"maps"
	"slices"
	"strings"
	"sync"

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
	Files       []string      // content files, in the order of their text
	Passages    []Passage     // without their phrasings, as are the kinds of small talk
	PhrasedFile snapshot.Ints // of each phrasing of a passage, number in Files
	PhrasedLine snapshot.Ints
	SmallTalk   []SmallTalk
	Differences []Difference
	Wording     Wording
	Cards       []Card
	Numbers     []number
	Contact     string
	Archive     archive
	Raise       examples
	Quiet       examples
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
	b.laterFrom(storedBase, text)
	return b
}

// store is the reverse of base.
func store(b *Base, content fileTexts) stored {
	file, phrasedAt := map[string]int32{}, b.phrasedAt()
	for i, name := range content.names {
		file[name] = int32(i)
	}
	text := strings.Join(content.texts, "")
	s := stored{Fingerprint: content.fingerprint(), Files: content.names, Passages: slices.Clone(b.passages), SmallTalk: slices.Clone(b.smallTalk), Differences: b.differences, Wording: b.wording}
	var inFile, atLine []int32
	for i, p := range s.Passages {
		s.Passages[i].Phrasings = nil
		for _, at := range phrasedAt[p.ID] {
			inFile, atLine = append(inFile, file[at.file]), append(atLine, int32(at.line))
		}
	}
	s.PhrasedFile, s.PhrasedLine = snapshot.Pack(inFile), snapshot.PackSteps(atLine)
	for i := range s.SmallTalk {
		s.SmallTalk[i].Phrasings = nil
	}
	safety := b.Safety()
	s.Cards, s.Contact, s.Archive = safety.Cards, safety.contact, archived(b, text)
	s.Raise, s.Quiet = examplesOf(safety.Raise, text, file), examplesOf(safety.Quiet, text, file)
	for _, region := range slices.Sorted(maps.Keys(safety.regions)) {
		for _, name := range slices.Sorted(maps.Keys(safety.regions[region])) {
			s.Numbers = append(s.Numbers, number{region, name, safety.regions[region][name]})
		}
	}
	return s
}

// base gives the content that was stored, but for its version and for what laterFrom adds.
func (s *stored) base(text *fileTexts) *Base {
	b := &Base{passages: s.Passages, byID: make(map[string]int, len(s.Passages)), smallTalk: s.SmallTalk, differences: s.Differences, wording: s.Wording}
	for i := range b.passages {
		b.byID[b.passages[i].ID] = i
	}
	b.safety = Safety{Cards: s.Cards, regions: map[string]map[string]string{}, contact: s.Contact, complete: true}
	for _, n := range s.Numbers {
		if b.safety.regions[n.Region] == nil {
			b.safety.regions[n.Region] = map[string]string{}
		}
		b.safety.regions[n.Region][n.Name] = n.Text
	}
	s.Archive.read(b, text)
	return b
}

// laterFrom gives b what few runs of the program ask for: it is read from the
// snapshot only then, and until then takes no memory.
func (b *Base) laterFrom(data []byte, text fileTexts) {
	again := func() *stored {
		var s stored
		_ = snapshot.Decode(data, b.hash, &s) // as it could be read before
		return &s
	}
	b.phrasedAt = sync.OnceValue(func() map[string][]place { return again().places(b.passages) })
	b.examples = sync.OnceValues(func() (raise, quiet []Example) {
		s := again()
		return s.Raise.list(&text, s.Files), s.Quiet.list(&text, s.Files)
	})
}

// places gives for each passage where its phrasings are.
func (s *stored) places(passages []Passage) map[string][]place {
	file, line := snapshot.Unpack[int32](s.PhrasedFile), snapshot.UnpackSteps[int32](s.PhrasedLine)
	out := make(map[string][]place, len(passages))
	for _, p := range passages {
		at := make([]place, len(p.Phrasings))
		for i := range at {
			at[i] = place{s.Files[file[i]], int(line[i])}
		}
		out[p.ID], file, line = at, file[len(at):], line[len(at):]
	}
	return out
}
