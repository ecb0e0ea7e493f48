package knowledge

import (
	"sync"

	"github.com/aftercarebot/aftercare/knowledge/snapshot"
)

// later is what few runs of the program ask for. It is a snapshot of its own,
// which is read only then.
type later struct {
	Files       []string      // content files, in the order of their text
	PhrasedFile snapshot.Ints // of each phrasing of a passage, number in Files
	PhrasedLine snapshot.Ints
	Raise       examples
	Quiet       examples
}

func laterOf(b *Base, files []string, text string) later {
	file, phrasedAt := map[string]int32{}, b.phrasedAt()
	for i, name := range files {
		file[name] = int32(i)
	}
	var inFile, atLine []int32
	for _, p := range b.passages {
		for _, at := range phrasedAt[p.ID] {
			inFile, atLine = append(inFile, file[at.file]), append(atLine, int32(at.line))
		}
	}
	safety := b.Safety()
	return later{files, snapshot.Pack(inFile), snapshot.PackSteps(atLine), examplesOf(safety.Raise, text, file), examplesOf(safety.Quiet, text, file)}
}

// add gives b what its snapshot has for later. That is part of another one
// that could be read, so it can be, too.
func (b *Base) add(data []byte, content *fileTexts) {
	read := func() *later {
		var l later
		if err := snapshot.Decode(data, b.hash, &l); err != nil {
			panic(err)
		}
		return &l
	}
	b.phrasedAt = sync.OnceValue(func() map[string][]place { return read().places(b.passages) })
	b.examples = sync.OnceValues(func() (raise, quiet []Example) {
		l := read()
		return l.Raise.list(content, l.Files), l.Quiet.list(content, l.Files)
	})
}

// places gives for each passage where its phrasings are.
func (l *later) places(passages []Passage) map[string][]place {
	file, line := snapshot.Unpack[int32](l.PhrasedFile), snapshot.UnpackSteps[int32](l.PhrasedLine)
	out := make(map[string][]place, len(passages))
	for _, p := range passages {
		at := make([]place, len(p.Phrasings))
		for i := range at {
			at[i] = place{l.Files[file[i]], int(line[i])}
		}
		out[p.ID], file, line = at, file[len(at):], line[len(at):]
	}
	return out
}
