package knowledge

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/aftercarebot/aftercare/knowledge/language"
)

// Pattern says which words of one sentence, and how far apart, are a danger
// sign. It is a row of items with joiners between them.
//
//	blister              the word in any form (blisters, blistering), by its stem
//	=sight               exactly this word
//	blist*               any word that begins so
//	<eye>                any word or phrase of the lexicon of that name
//	shut|=closed|<eye>   one of these
//	come_up              words that follow each other at once
//	!item                the sentence must not hold this item
//
// Two items are joined by
//
//	a b                  b comes later, with at most two other words between
//	a + b                b comes right behind a
//	a ~5 b               b comes later, with at most five words between
//	a & b                both are in the sentence, in any order; binds weakest
//	a &5 b               the same, with at most five words between
//
// A phrase, in a lexicon or a cue, is a row of words, each plain, with = or
// with *, that follow each other at once.
type Pattern struct {
	Text   string // as written
	Groups []Group
	Not    []Choice // the sentence must hold none of these
	File   string
	Line   int
}

// Group is a run of items in order.
type Group struct {
	Near  int // most words between this group and the one before; -1: anywhere in the sentence
	Items []Choice
	Gaps  []int // most words between item i and item i+1
}

// Choice is one item: any of its phrases or lexicons.
type Choice struct {
	Phrases  []Phrase
	Lexicons []string
}

// Phrase is a row of words that follow each other.
type Phrase struct {
	Text  string
	Words []Word
}

// Word is one word of a phrase.
type Word struct {
	Form string // stem, whole word, or beginning, by Kind
	Kind WordKind
}

// WordKind says how a Word is compared.
type WordKind int

const (
	AnyForm WordKind = iota // by stem
	Exactly
	Beginning
)

const (
	defaultGap = 2
	maxGap     = 12
	anywhere   = -1
)

// parsePattern reads one pattern. It does not know which lexicons there are.
func parsePattern(text string) (Pattern, error) {
	p := Pattern{Text: text}
	group := Group{Near: anywhere}
	gap, pending := defaultGap, false // pending: a joiner waits for its second item
	for _, field := range strings.Fields(text) {
		switch {
		case field == "+" || field[0] == '~':
			if pending || len(group.Items) == 0 {
				return p, fmt.Errorf("%q has no item before it", field)
			}
			gap, pending = 0, true
			if field != "+" {
				n, err := distance(field)
				if err != nil {
					return p, err
				}
				gap = n
			}
		case field[0] == '&':
			if pending || len(group.Items) == 0 {
				return p, fmt.Errorf("%q has no item before it", field)
			}
			near := anywhere
			if field != "&" {
				n, err := distance(field)
				if err != nil {
					return p, err
				}
				near = n
			}
			p.Groups = append(p.Groups, group)
			group, pending = Group{Near: near}, true
			gap = defaultGap
		case field[0] == '!':
			c, err := parseChoice(field[1:])
			if err != nil {
				return p, err
			}
			p.Not = append(p.Not, c)
		default:
			c, err := parseChoice(field)
			if err != nil {
				return p, err
			}
			if len(group.Items) > 0 {
				group.Gaps = append(group.Gaps, gap)
			}
			group.Items = append(group.Items, c)
			gap, pending = defaultGap, false
		}
	}
	if pending {
		return p, fmt.Errorf("ends with a joiner; an item must follow")
	}
	if len(group.Items) == 0 {
		return p, fmt.Errorf("has no item that must be there")
	}
	p.Groups = append(p.Groups, group)
	return p, nil
}

func distance(field string) (int, error) {
	n, err := strconv.Atoi(field[1:])
	if err != nil || n < 0 || n > maxGap {
		return 0, fmt.Errorf("%q wants a number from 0 to %d behind the sign", field, maxGap)
	}
	return n, nil
}

func parseChoice(field string) (Choice, error) {
	var c Choice
	for part := range strings.SplitSeq(field, "|") {
		if name, ok := strings.CutPrefix(part, "<"); ok {
			name, ok = strings.CutSuffix(name, ">")
			if !ok || !isName(name) {
				return c, fmt.Errorf("%q: write a lexicon as <name>", part)
			}
			c.Lexicons = append(c.Lexicons, name)
			continue
		}
		phrase, err := parsePhrase(strings.ReplaceAll(part, "_", " "))
		if err != nil {
			return c, err
		}
		c.Phrases = append(c.Phrases, phrase)
	}
	return c, nil
}

// parsePhrase reads a row of words. A contraction counts as the words that
// language.Words makes of it, so "can't" is two words here, too.
func parsePhrase(text string) (Phrase, error) {
	p := Phrase{Text: text}
	for _, field := range strings.Fields(strings.ToLower(text)) {
		kind := AnyForm
		if rest, ok := strings.CutPrefix(field, "="); ok {
			field, kind = rest, Exactly
		} else if rest, ok := strings.CutSuffix(field, "*"); ok {
			field, kind = rest, Beginning
			if len(field) < 3 {
				return p, fmt.Errorf("%q: give at least three letters before *", text)
			}
		}
		if strings.ContainsAny(field, "<>&~!+*=|(){}[]") {
			return p, fmt.Errorf("%q: a sign in the wrong place", text)
		}
		words := language.Words(field)
		if len(words) == 0 {
			return p, fmt.Errorf("%q holds no word", text)
		}
		for _, w := range words {
			if kind == AnyForm {
				w = language.Stem(w)
			}
			p.Words = append(p.Words, Word{Form: w, Kind: kind})
		}
	}
	if len(p.Words) == 0 {
		return p, fmt.Errorf("an empty phrase")
	}
	return p, nil
}

func isName(s string) bool {
	for _, r := range s {
		if (r < 'a' || r > 'z') && r != '-' && (r < '0' || r > '9') {
			return false
		}
	}
	return s != ""
}
