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
// change. Of what it reads it caches single words that it does not know, some
// 16,000 at most, so as not to work them out again.
type Matcher struct {
	analyser *analyser
	patterns []pattern
	byRarest [][]int  // symbol to the patterns of which it is the rarest
	rarest   bitset   // the symbols that are the rarest of some pattern
	required []bitset // of each pattern, the symbols of its groups; side by side
	model    *model
	pool     sync.Pool // *scratch
}

// Doubt begins at these probabilities of the model, Sure at the last one. A
// sentence by itself must pass a higher threshold than the message as a whole,
// for what speaks against it may stand in the next one; where a pattern says the
// same, the model need not be so certain. Chosen on a validation set of other
// people's messages: TestEvaluation and TestHeldOut show what moving one does.
const (
	doubtWhole       = 0.35
	doubtSentence    = 0.85
	doubtWithPattern = 0.2 // where a pattern was found that nothing suppresses
	sureFrom         = 0.9
)

// New makes a Matcher of the content's safety section. The content's own
// phrasings are negative examples. For the embedded content it reads what was
// trained before; the verdicts are the same. So it does for content with the
// same signs, unless one of its phrasings would raise a card: then it trains.
func New(base *knowledge.Base) (*Matcher, error) {
	if m := restore(base); m != nil {
		return m, nil
	}
	return train(base.Safety(), ordinaryMessages(base))
}

// train makes a Matcher of a safety section and of ordinary messages, which are
// negative examples.
func train(content knowledge.Safety, ordinary []string) (*Matcher, error) {
	m, err := compile(content)
	if err != nil {
		return nil, err
	}
	words, counts := wordsOf(content, ordinary)
	m.analyser.setVocabulary(words, counts)
	m.model = m.trainModel(content, ordinary)
	return m, nil
}

// compile makes a Matcher that knows the patterns, and as yet no words and no examples.
func compile(content knowledge.Safety) (*Matcher, error) {
	if len(content.Cards) == 0 || len(content.Signs) == 0 {
		return nil, errors.New("safety: the content has no safety cards or no signs")
	}
	b, patterns := newBuilder(content), 0
	for _, sign := range content.Signs {
		patterns += len(sign.Patterns) + len(sign.Hints)
	}
	m := &Matcher{patterns: make([]pattern, 0, patterns)}
	for i, sign := range content.Signs {
		for n, list := range [][]knowledge.Pattern{sign.Patterns, sign.Hints} {
			for j := range list {
				c, err := b.compile(&list[j])
				if err != nil {
					return nil, fmt.Errorf("safety: %s:%d: %w", list[j].File, list[j].Line, err)
				}
				c.sign, c.id, c.card, c.hint = i, sign.ID, sign.Card, n == 1
				m.patterns = append(m.patterns, c)
			}
		}
	}
	m.analyser = &analyser{phrasebook: b.build()}
	m.indexPatterns()
	m.pool.New = func() any { return newScratch(len(m.analyser.symbols)) }
	return m, nil
}

// indexPatterns notes what symbols each pattern requires, and finds the patterns
// by the rarest of these: the one of fewest phrases.
func (m *Matcher) indexPatterns() {
	m.byRarest, m.rarest = make([][]int, len(m.analyser.symbols)), newBitset(len(m.analyser.symbols))
	m.required = make([]bitset, len(m.patterns))
	room := newBitset(64 * len(m.rarest) * len(m.patterns))
	for i := range m.patterns {
		p := &m.patterns[i]
		m.required[i], room = room[:len(m.rarest)], room[len(m.rarest):]
		rarest := p.groups[0].items[0]
		for _, g := range p.groups {
			for _, s := range g.items {
				m.required[i].add(s)
				if m.analyser.symbols[s].phrases < m.analyser.symbols[rarest].phrases {
					rarest = s
				}
			}
		}
		m.byRarest[rarest] = append(m.byRarest[rarest], i)
		m.rarest.add(rarest)
	}
}

// Match judges one message, normalised as language.Normalise and NormaliseWhole
// do. Its time is linear in the length, which these bound.
func (m *Matcher) Match(normalised string) Verdict {
	s := m.pool.Get().(*scratch)
	defer m.pool.Put(s)
	m.analyse(s, normalised)

	var v Verdict
	for _, f := range s.findings {
		if p := &m.patterns[f.pattern]; !p.hint && f.suppressed == "" {
			v.raise(Sure, p.card, fmt.Sprintf("%s: %q (%s:%d)", p.id, s.words(f.spans()), p.file, p.line))
		}
	}
	m.applyModel(s, &v)
	if v.Level == None {
		return Verdict{}
	}
	for _, f := range s.findings {
		if p := &m.patterns[f.pattern]; f.suppressed != "" {
			v.Reasons = append(v.Reasons, fmt.Sprintf("%s: %q, but %s", p.id, s.words(f.spans()), f.suppressed))
		}
	}
	return v
}

// analyse splits a message into tokens, and finds the patterns in it.
func (m *Matcher) analyse(s *scratch, normalised string) {
	m.analyser.tokenise(s, normalised)
	for i := range s.sentences {
		sn := &s.sentences[i]
		m.analyser.findPhrases(s, sn, false)
		if sn.mayMatch = m.mayMatch(s.seen); sn.mayMatch {
			s.hits = s.hits[:sn.hits.from]
			m.analyser.findPhrases(s, sn, true)
		}
		s.applyCues(sn)
	}
	for i := range s.sentences {
		sn := &s.sentences[i]
		sn.findings.from = len(s.findings)
		if sn.mayMatch {
			m.matchPatterns(s, i)
		}
		sn.findings.to = len(s.findings)
	}
}

// mayMatch reports whether all symbols that some pattern requires were seen in
// a sentence. In most they were not, and it is not looked at more closely.
func (m *Matcher) mayMatch(seen bitset) bool {
	for i, some := range seen {
		for some &= m.rarest[i]; some != 0; some &= some - 1 {
			for _, p := range m.byRarest[64*i+bits.TrailingZeros64(some)] {
				if seen.containsAll(m.required[p]) {
					return true
				}
			}
		}
	}
	return false
}

// matchPatterns finds the patterns in a sentence.
func (m *Matcher) matchPatterns(s *scratch, i int) {
	s.selectSentence(i)
	for _, symbol := range s.touched {
		for _, n := range m.byRarest[symbol] {
			if spans, ok := m.patterns[n].match(s); ok {
				f := finding{pattern: n, sentence: i, suppressed: s.suppression(m.analyser, i, spans)}
				f.count = copy(f.hits[:], spans)
				s.findings = append(s.findings, f)
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

// applyModel raises what the model predicts of the message as a whole or in parts.
func (m *Matcher) applyModel(s *scratch, v *Verdict) {
	if m.model == nil || s.foreign() && !s.markForeign() {
		return
	}
	best := prediction{}
	m.model.predictAll(s, func(p prediction, whole bool) {
		threshold := doubtSentence
		switch {
		case s.hasPattern(p.where):
			threshold = doubtWithPattern
		case whole:
			threshold = doubtWhole
		}
		if p.probability >= threshold && p.probability > best.probability {
			best = p
		}
	})
	if best.card == "" {
		return
	}
	level := Doubt
	if best.probability >= sureFrom {
		level = Sure
	}
	reason := fmt.Sprintf("model: %.2f for %s, by %s", best.probability, best.card, strings.Join(m.model.topWords(s, best), ", "))
	// The model's card for a sure sign of another kind (self-harm beside a
	// swollen lip) is not lost: a pattern's card stays, its reason is added.
	v.raise(level, best.card, reason)
}
