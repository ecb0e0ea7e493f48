package knowledge

// Base is one immutable, validated version of the content. All its methods
// are safe for concurrent use; what they return must not be changed.
type Base struct {
	passages    []Passage
	unwritten   []Passage
	byID        map[string]int
	phrasedAt   func() map[string][]place // by passage, of each phrasing
	topics      []Topic
	thesaurus   []Concept
	smallTalk   []SmallTalk
	borrowsTalk bool // it says nothing of small talk
	differences []Difference
	safety      Safety
	examples    func() (raise, quiet []Example) // of safety; nil: it has them itself
	wording     Wording
	hash        string
}

// Passages lists all passages: files in order of their path, passages in order within a file.
func (b *Base) Passages() []Passage { return b.passages }

// Passage gives the passage with an id, and false if there is none.
func (b *Base) Passage(id string) (Passage, bool) {
	i, ok := b.byID[id]
	if !ok {
		return Passage{}, false
	}
	return b.passages[i], true
}

// Unwritten lists the passages that stand in the files with [ToBeWritten] in
// place of a text. They are none of Passages: nobody is shown them.
func (b *Base) Unwritten() []Passage { return b.unwritten }

// PhrasingPlace gives the file, below the content root, and the line of a
// passage's phrasing number i, from 0; "" and 0 if there is no such.
func (b *Base) PhrasingPlace(id string, i int) (file string, line int) {
	if at := b.phrasedAt()[id]; i >= 0 && i < len(at) {
		return at[i].file, at[i].line
	}
	return "", 0
}

// Topics lists what the content declines by name, and what is foreign to it.
func (b *Base) Topics() []Topic { return b.topics }

// Thesaurus lists the groups of words that mean the same to the guide.
func (b *Base) Thesaurus() []Concept { return b.thesaurus }

// SmallTalk lists the kinds of message that want a word, not a passage.
func (b *Base) SmallTalk() []SmallTalk { return b.smallTalk }

// Differences lists what the passages give different figures for.
func (b *Base) Differences() []Difference { return b.differences }

// Safety gives the cards for danger signs, and how to tell the signs.
func (b *Base) Safety() Safety {
	s := b.safety
	if b.examples != nil {
		s.Raise, s.Quiet = b.examples()
	}
	return s
}

// SafetyRules is Safety for those who need no examples: those of the embedded
// content are not read for it, and may be missing.
func (b *Base) SafetyRules() Safety { return b.safety }

// Wording gives the operator's part of the bot's sentences, with defaults
// where the content has none.
func (b *Base) Wording() Wording { return b.wording }

// Hash is the content version: 12 hexadecimal digits over the names and bytes
// of all files read. The same files give the same hash everywhere.
func (b *Base) Hash() string { return b.hash }
