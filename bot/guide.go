package bot

import (
	"context"
	"strings"

	"github.com/aftercarebot/aftercare/knowledge"
	"github.com/aftercarebot/aftercare/knowledge/language"
)

// entry is a title or phrasing to complete to, with its words for matching.
type entry struct {
	Completion
	words []string
	title bool
}

func entriesOf(base *knowledge.Base) []entry {
	var entries []entry
	add := func(label, id string, title bool) {
		entries = append(entries, entry{Completion{label, id}, language.Words(language.Normalise(label)), title})
	}
	for _, p := range base.Passages() {
		add(p.Title, p.ID, true)
	}
	for _, p := range base.Passages() {
		for _, q := range p.Phrasings {
			add(q, p.ID, false)
		}
	}
	return entries
}

// Topics lists every passage that can be asked for.
func (b *Bot) Topics() []knowledge.Passage { return b.serves.Load().topics }

// Wording gives the operator's wording.
func (b *Bot) Wording() knowledge.Wording { return b.serves.Load().base.Wording() }

// Version is the hash of the content served now.
func (b *Bot) Version() string { return b.serves.Load().base.Hash() }

// maxCompleteLabel is the longest phrasing, in bytes, offered as a
// completion: a longer one is a story, and Discord shows 100 characters.
const maxCompleteLabel = 90

// Complete gives up to n titles and phrasings that hold every word typed, the
// last one as the beginning of a word; titles come first, then phrasings that
// begin with what was typed, then the shorter ones. At most three are of one
// passage, so that a list shows the choice there is. What speaks of a danger
// sign is neither completed nor offered.
func (b *Bot) Complete(typed string, n int) []Completion {
	c := b.serves.Load()
	if c.dangerous(typed) {
		return nil
	}
	words := language.Words(language.Normalise(typed))
	var tiers [4][]entry
	for _, e := range c.entries() {
		tier := 3
		switch {
		case len(words) == 0 && !e.title, len(e.Label) > maxCompleteLabel, !holds(e.words, words):
			continue
		case e.title:
			tier = 0
		case begins(e.words, words):
			tier = 1
		case len(e.words) <= 8:
			tier = 2
		}
		tiers[tier] = append(tiers[tier], e)
	}
	var out []Completion
	of := map[string]int{}
	for _, tier := range tiers {
		for _, e := range tier {
			if len(out) == n {
				return out
			}
			if of[e.Passage] < 3 && (e.title || !c.dangerous(e.Label)) {
				of[e.Passage]++
				out = append(out, e.Completion)
			}
		}
	}
	return out
}

// holds reports whether have has each of want, the last of want as a prefix.
func holds(have, want []string) bool {
	for i, w := range want {
		found := false
		for _, h := range have {
			if h == w || i == len(want)-1 && strings.HasPrefix(h, w) {
				found = true
				break
			}
		}
		if !found {
			return false
		}
	}
	return true
}

func begins(have, want []string) bool {
	return len(want) > 0 && len(have) >= len(want) && holds(have[:len(want)], want)
}

// Nearest gives up to n passages, best first, for lists such as Telegram's
// inline results; none where the message speaks of a danger sign, so that no
// list buries the card.
func (b *Bot) Nearest(ctx context.Context, question string, n int) []knowledge.Match {
	c := b.serves.Load()
	if c.dangerous(question) {
		return nil
	}
	matches, err := c.search.Search(ctx, withoutLinks(language.Normalise(question)))
	if err != nil {
		return nil
	}
	var out []knowledge.Match
	for _, m := range matches {
		if m.Topic == nil && m.SmallTalk == nil && len(out) < n {
			out = append(out, m)
		}
	}
	return out
}
