// Package safety tells whether a message speaks of a danger sign, so that the
// bot shows a safety card before anything else.
//
// Make a [Matcher] with [New] from the content and ask
// it with [Matcher.Match]. It knows no sign of its own: patterns, words and
// example messages are content. Two things can raise a card. A pattern raises
// it where its words stand together and nothing near them says that the sign
// is absent, over, or only asked about. A small linear model, trained on the
// examples when the Matcher is made, raises it for what no pattern foresaw.
// Both give the words that did it as reasons. The text is matched, not
// understood, and nothing is concluded about the person.
package safety

import (
	"errors"
	"fmt"
	"math/bits"
	"strings"
	"sync"

	"github.com/aftercarebot/aftercare/knowledge"
)

// Level says how sure it is that a message speaks of a danger sign.
type Level int

const (
	None  Level = iota // nothing speaks for a sign
	Doubt              // something does: show the card, and a passage under it if there is one
	Sure               // show the card alone
)

// String gives the level's name for explain and tests.
func (l Level) String() string {
	switch l {
	case Doubt:
		return "doubt"
	case Sure:
		return "sure"
	}
	return "none"
}

// Verdict is what Match found.
type Verdict struct {
	Level   Level
	Card    string   // id of the card to show; empty where Level is None
	Reasons []string // which words and patterns, for explain; empty where Level is None
}

// Matcher reads messages. It is safe for concurrent use, and its verdicts never
// change. Of what it reads it remembers single words that it does not know, some
// thousands at most, so as not to work them out again.
type Matcher struct {
	reader   *reader
	patterns []pattern
	bySymbol [][]int // symbol to the patterns that need it most
	leading  set     // the symbols that some pattern needs most
	needs    []set   // of each pattern, the symbols of its groups; side by side
	model    *model
	scratch  sync.Pool // *sheet
}

// Doubt begins at these probabilities of the model, Sure at the last one. A
// sentence by itself must pass a higher bar than the message as a whole, for
// what softens it may stand in the next one; where a pattern says the same, the
// model need not be so certain. Fixed on a validation set of other people's
// messages: TestFigures and TestHeldOut show what moving one does.
const (
	doubtWhole    = 0.35
	doubtSentence = 0.85
	doubtSeconded = 0.2 // where a pattern stands undenied
	sureFrom      = 0.9
)

// New makes a Matcher of the content's safety section. The content's own
// phrasings are examples of what raises nothing. For the embedded content it
// reads what was learnt before; the verdicts are the same. So it does for
// content with the same signs, unless one of its phrasings would raise a card:
// then there is something to learn.
func New(base *knowledge.Base) (*Matcher, error) {
	if m := restored(base); m != nil {
		return m, nil
	}
	return learn(base.Safety(), ordinary(base))
}

// learn makes a Matcher of a safety section and of messages that raise nothing.
func learn(content knowledge.Safety, ordinary []string) (*Matcher, error) {
	m, err := compiled(content)
	if err != nil {
		return nil, err
	}
	words, counts := wordsOf(content, ordinary)
	m.reader.know(words, counts)
	m.model = m.train(content, ordinary)
	return m, nil
}

// compiled makes a Matcher that knows the patterns, and as yet no words and no examples.
func compiled(content knowledge.Safety) (*Matcher, error) {
	if len(content.Cards) == 0 || len(content.Signs) == 0 {
		return nil, errors.New("safety: the content has no safety cards or no signs")
	}
	d, patterns := newDraft(content), 0
	for _, sign := range content.Signs {
		patterns += len(sign.Patterns) + len(sign.Hints)
	}
	m := &Matcher{patterns: make([]pattern, 0, patterns)}
	for i, sign := range content.Signs {
		for n, list := range [][]knowledge.Pattern{sign.Patterns, sign.Hints} {
			for j := range list {
				c, err := d.compile(&list[j])
				if err != nil {
					return nil, fmt.Errorf("safety: %s:%d: %w", list[j].File, list[j].Line, err)
				}
				c.sign, c.id, c.card, c.hint = i, sign.ID, sign.Card, n == 1
				m.patterns = append(m.patterns, c)
			}
		}
	}
	m.reader = &reader{phrasebook: newPhrasebook(d)}
	m.bySymbol, m.leading = make([][]int, len(m.reader.symbols)), newSet(len(m.reader.symbols))
	m.needs = make([]set, len(m.patterns))
	room := newSet(64 * len(m.leading) * len(m.patterns))
	for i := range m.patterns {
		p := &m.patterns[i]
		m.needs[i], room = room[:len(m.leading)], room[len(m.leading):]
		rarest := p.groups[0].items[0]
		for _, g := range p.groups {
			for _, s := range g.items {
				m.needs[i].add(s)
				if m.reader.symbols[s].phrases < m.reader.symbols[rarest].phrases {
					rarest = s
				}
			}
		}
		m.bySymbol[rarest] = append(m.bySymbol[rarest], i)
		m.leading.add(rarest)
	}
	m.scratch.New = func() any { return newSheet(len(m.reader.symbols)) }
	return m, nil
}

// Match judges one message, normalised as language.Normalise and NormaliseWhole
// do. Its time is linear in the length, which these bound.
func (m *Matcher) Match(normalised string) Verdict {
	sheet := m.scratch.Get().(*sheet)
	defer m.scratch.Put(sheet)
	m.study(sheet, normalised)

	var v Verdict
	for _, f := range sheet.findings {
		if p := &m.patterns[f.pattern]; !p.hint && f.softened == "" {
			v.raise(Sure, p.card, fmt.Sprintf("%s: %q (%s:%d)", p.id, sheet.words(f.spans()), p.file, p.line))
		}
	}
	m.judge(sheet, &v)
	if v.Level == None {
		return Verdict{}
	}
	for _, f := range sheet.findings {
		if p := &m.patterns[f.pattern]; f.softened != "" {
			v.Reasons = append(v.Reasons, fmt.Sprintf("%s: %q, but %s", p.id, sheet.words(f.spans()), f.softened))
		}
	}
	return v
}

// study reads a message and finds the patterns in it.
func (m *Matcher) study(sheet *sheet, normalised string) {
	m.reader.read(sheet, normalised)
	for i := range sheet.sentences {
		sn := &sheet.sentences[i]
		m.reader.find(sheet, sn, false)
		if sn.close = m.mayMatch(sheet.seen); sn.close {
			sheet.hits = sheet.hits[:sn.hits.from]
			m.reader.find(sheet, sn, true)
		}
		sheet.settle(sn)
	}
	for i := range sheet.sentences {
		sn := &sheet.sentences[i]
		sn.findings.from = len(sheet.findings)
		if sn.close {
			m.match(sheet, i)
		}
		sn.findings.to = len(sheet.findings)
	}
}

// mayMatch reports whether all symbols that some pattern needs were seen in a
// sentence. In most they were not, and it is not looked at more closely.
func (m *Matcher) mayMatch(seen set) bool {
	for i, some := range seen {
		for some &= m.leading[i]; some != 0; some &= some - 1 {
			for _, p := range m.bySymbol[64*i+bits.TrailingZeros64(some)] {
				if seen.holds(m.needs[p]) {
					return true
				}
			}
		}
	}
	return false
}

// match finds the patterns in a sentence.
func (m *Matcher) match(sheet *sheet, i int) {
	sheet.mark(i)
	for _, symbol := range sheet.touched {
		for _, n := range m.bySymbol[symbol] {
			if spans, ok := m.patterns[n].match(sheet); ok {
				f := finding{pattern: n, sentence: i, softened: sheet.softened(m.reader, i, spans)}
				f.count = copy(f.hits[:], spans)
				sheet.findings = append(sheet.findings, f)
			}
		}
	}
}

// raise keeps the more certain card; between equals the first stays.
func (v *Verdict) raise(level Level, card, reason string) {
	if level > v.Level {
		v.Level, v.Card = level, card
	}
	v.Reasons = append(v.Reasons, reason)
}

// judge asks the model about the message as a whole and in parts.
func (m *Matcher) judge(sheet *sheet, v *Verdict) {
	if m.model == nil || sheet.foreign() && !sheet.tellForeign() {
		return
	}
	best := opinion{}
	m.model.opinions(sheet, func(o opinion, whole bool) {
		bar := doubtSentence
		switch {
		case sheet.seconded(o.where):
			bar = doubtSeconded
		case whole:
			bar = doubtWhole
		}
		if o.chance >= bar && o.chance > best.chance {
			best = o
		}
	})
	if best.card == "" {
		return
	}
	level := Doubt
	if best.chance >= sureFrom {
		level = Sure
	}
	reason := fmt.Sprintf("model: %.2f for %s, by %s", best.chance, best.card, strings.Join(m.model.why(sheet, best), ", "))
	// The model's card for a sure sign of another kind (self-harm beside a
	// swollen lip) is not lost: a pattern's card stays, its reason is added.
	v.raise(level, best.card, reason)
}
