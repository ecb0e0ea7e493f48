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
	Fingerprint      string
	Files            []string // content files, in the order of their text
	Passages         []Passage
	PassagePhrasings lists
	PhrasedFile      snapshot.Ints // of each phrasing of a passage, number in Files
	PhrasedLine      snapshot.Ints
	Topics           []Topic
	TopicWords       lists
	TopicPhrasings   lists
	ThesaurusNames   []string
	ThesaurusWords   lists
	SmallTalk        []SmallTalk
	TalkPhrasings    lists
	Differences      []Difference
	Wording          Wording

	Cards    []Card
	Signs    []Sign
	Lexicons []Lexicon
	Cues     Cues
	Raise    examples
	Quiet    examples
	Numbers  []number
	Contact  string
}

// number is a placeholder's text in one country.
type number struct{ Region, Name, Text string }

// examples are a list of Example.
type examples struct {
	Texts      texts
	Signs      []string // the different ones
	Sign, File snapshot.Ints
	Line       snapshot.Ints
}

// texts are strings, as places in a text that holds nearly all of them: that of
// all files, one behind another.
type texts struct {
	From, Length snapshot.Ints
	Others       []string // that the text does not hold; their place in it is -1
}

// lists are lists of strings.
type lists struct {
	Sizes snapshot.Ints
	Texts texts
}

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
	b := s.base(text)
	b.hash = hash
	return b
}

// store is the reverse of base.
func store(b *Base, content fileTexts) stored {
	file, phrasedAt := map[string]int32{}, b.phrasedAt()
	for i, name := range content.names {
		file[name] = int32(i)
	}
	text := strings.Join(content.texts, "")
	s := stored{Fingerprint: content.fingerprint(), Files: content.names, Differences: b.differences, Wording: b.wording, Passages: slices.Clone(b.passages), Topics: slices.Clone(b.topics), SmallTalk: slices.Clone(b.smallTalk)}
	var phrasings, words [][]string
	var inFile, atLine []int32
	for i, p := range s.Passages {
		phrasings = append(phrasings, p.Phrasings)
		s.Passages[i].Phrasings = nil
		for _, at := range phrasedAt[p.ID] {
			inFile, atLine = append(inFile, file[at.file]), append(atLine, int32(at.line))
		}
	}
	s.PassagePhrasings = listsOf(phrasings, text)
	s.PhrasedFile, s.PhrasedLine = snapshot.Pack(inFile), snapshot.PackSteps(atLine)
	phrasings = nil
	for i, t := range s.Topics {
		phrasings, words = append(phrasings, t.Phrasings), append(words, t.Words)
		s.Topics[i].Phrasings, s.Topics[i].Words = nil, nil
	}
	s.TopicPhrasings, s.TopicWords = listsOf(phrasings, text), listsOf(words, text)
	words = nil
	for _, c := range b.thesaurus {
		s.ThesaurusNames, words = append(s.ThesaurusNames, c.Name), append(words, c.Words)
	}
	s.ThesaurusWords = listsOf(words, text)
	phrasings = nil
	for i, t := range s.SmallTalk {
		phrasings = append(phrasings, t.Phrasings)
		s.SmallTalk[i].Phrasings = nil
	}
	s.TalkPhrasings = listsOf(phrasings, text)

	safety := &b.safety
	s.Cards, s.Signs, s.Lexicons, s.Cues, s.Contact = safety.Cards, safety.Signs, safety.Lexicons, safety.Cues, safety.contact
	s.Raise, s.Quiet = examplesOf(safety.Raise, text, file), examplesOf(safety.Quiet, text, file)
	for _, region := range slices.Sorted(maps.Keys(safety.regions)) {
		for _, name := range slices.Sorted(maps.Keys(safety.regions[region])) {
			s.Numbers = append(s.Numbers, number{region, name, safety.regions[region][name]})
		}
	}
	return s
}

// base gives the content that was stored, but for its version.
func (s *stored) base(text fileTexts) *Base {
	b := &Base{passages: s.Passages, byID: map[string]int{}, topics: s.Topics, smallTalk: s.SmallTalk, differences: s.Differences, wording: s.Wording}
	phrasings := s.PassagePhrasings.strings(text)
	for i := range b.passages {
		b.byID[b.passages[i].ID] = i
		b.passages[i].Phrasings = phrasings[i]
	}
	inFile, atLine, files := s.PhrasedFile.Clone(), s.PhrasedLine.Clone(), s.Files
	b.phrasedAt = sync.OnceValue(func() map[string][]place { return placesOf(b.passages, inFile, atLine, files) })
	phrasings, words := s.TopicPhrasings.strings(text), s.TopicWords.strings(text)
	for i := range b.topics {
		b.topics[i].Phrasings, b.topics[i].Words = phrasings[i], words[i]
	}
	words = s.ThesaurusWords.strings(text)
	for i, name := range s.ThesaurusNames {
		b.thesaurus = append(b.thesaurus, Concept{name, words[i]})
	}
	phrasings = s.TalkPhrasings.strings(text)
	for i := range b.smallTalk {
		b.smallTalk[i].Phrasings = phrasings[i]
	}
	b.safety = Safety{Cards: s.Cards, Signs: s.Signs, Lexicons: s.Lexicons, Cues: s.Cues, Raise: s.Raise.list(text, s.Files), Quiet: s.Quiet.list(text, s.Files),
		regions: map[string]map[string]string{}, contact: s.Contact, complete: true}
	for _, n := range s.Numbers {
		if b.safety.regions[n.Region] == nil {
			b.safety.regions[n.Region] = map[string]string{}
		}
		b.safety.regions[n.Region][n.Name] = n.Text
	}
	return b
}

// placesOf gives for each passage where its phrasings are.
func placesOf(passages []Passage, inFile, atLine snapshot.Ints, files []string) map[string][]place {
	file, line := snapshot.Unpack[int32](inFile), snapshot.UnpackSteps[int32](atLine)
	out := map[string][]place{}
	for _, p := range passages {
		at := make([]place, len(p.Phrasings))
		for i := range at {
			at[i] = place{files[file[i]], int(line[i])}
		}
		out[p.ID], file, line = at, file[len(at):], line[len(at):]
	}
	return out
}

func examplesOf(list []Example, text string, file map[string]int32) examples {
	var e examples
	var all []string
	var sign, in, line []int32
	for _, x := range list {
		at := slices.Index(e.Signs, x.Sign)
		if at < 0 {
			at = len(e.Signs)
			e.Signs = append(e.Signs, x.Sign)
		}
		all, sign, in, line = append(all, x.Text), append(sign, int32(at)), append(in, file[x.File]), append(line, int32(x.Line))
	}
	e.Texts, e.Sign, e.File, e.Line = textsOf(all, text), snapshot.Pack(sign), snapshot.Pack(in), snapshot.PackSteps(line)
	return e
}

func (e *examples) list(text fileTexts, files []string) []Example {
	all := e.Texts.strings(text)
	out := make([]Example, len(all))
	sign, file, line := snapshot.Unpack[int32](e.Sign), snapshot.Unpack[int32](e.File), snapshot.UnpackSteps[int32](e.Line)
	for i, t := range all {
		out[i] = Example{t, e.Signs[sign[i]], files[file[i]], int(line[i])}
	}
	return out
}

func listsOf(all [][]string, text string) lists {
	var sizes []int
	for _, list := range all {
		sizes = append(sizes, len(list))
	}
	return lists{snapshot.Pack(sizes), textsOf(slices.Concat(all...), text)}
}

func (l *lists) strings(text fileTexts) [][]string {
	all := l.Texts.strings(text)
	sizes := snapshot.Unpack[int32](l.Sizes)
	out := make([][]string, len(sizes))
	for i, n := range sizes {
		if n > 0 {
			out[i], all = all[:n:n], all[n:]
		}
	}
	return out
}

// textsOf finds strings in a text, each behind the one before if it is there.
func textsOf(all []string, text string) texts {
	var t texts
	var from, length []int32
	end := 0
	for _, s := range all {
		at := strings.Index(text[end:], s)
		if at >= 0 {
			at += end
		} else {
			at = strings.Index(text, s)
		}
		if at < 0 {
			t.Others = append(t.Others, s)
		} else {
			end = at + len(s)
		}
		from, length = append(from, int32(at)), append(length, int32(len(s)))
	}
	t.From, t.Length = snapshot.PackSteps(from), snapshot.Pack(length)
	return t
}

func (t *texts) strings(text fileTexts) []string {
	from, length := snapshot.UnpackSteps[int32](t.From), snapshot.Unpack[int32](t.Length)
	out := make([]string, len(from))
	others := t.Others
	for i, at := range from {
		if at < 0 {
			out[i], others = others[0], others[1:]
			continue
		}
		out[i] = text.at(int(at), int(length[i]))
	}
	return out
}
