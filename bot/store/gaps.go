package store

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aftercarebot/aftercare/knowledge/language"
)

// GapQuery says which gaps to report.
type GapQuery struct {
	K       int       // distinct askers that a gap, and each word shown of it, must have; 0: 3
	Since   time.Time // its day, in UTC, is the first to count; zero: all that is kept
	Limit   int       // of gaps; 0: no limit
	Subject []string  // words that any question may hold, such as "microneedling"; no two questions are alike for them
}

// Gap is something that several people asked in vain.
type Gap struct {
	Words   []string // of the subject asked for, used by at least K askers, most used first
	Example string   // the most asked wording with the first of Words: its words as the journal keeps them, without those that fewer than K askers used
	Texts   []string // up to three of the newest questions as asked; only with Options.JournalText
	Count   int      // questions
	Askers  int      // distinct, at least: the most within the days of one key, as hashes do not compare beyond
	First   time.Time
	Last    time.Time      // days, midnight UTC
	Kinds   map[string]int // questions by kind of reply; "answer": it got a thumb down
	Passage string         // the nearest passage of most of the questions; may be empty
	Topic   string         // the declined topic's name, if it is one
}

// Gaps groups what was asked in vain and gives the groups with at least K
// distinct askers, most questions first, then newest first.
//
// Questions declined for one topic are one group. All others are grouped by
// the stems of their words, without the query's Subject; a
// stem one edit from a long one that three times as many people used is taken
// for a typo of it.
// Sets of stems are taken by number of askers, most first; each joins the
// earlier set that it is most like, or founds a group. It is like a set if
// their cosine is at least 0.55, or if it holds all of that set's stems and
// is no more than four times as large. A question without any such stem is
// left out. The same journal gives the same groups.
func (s *Store) Gaps(ctx context.Context, q GapQuery) ([]Gap, error) {
	if q.K == 0 {
		q.K = 3
	}
	if q.K < 0 || q.Limit < 0 {
		return nil, fmt.Errorf("gaps: K and Limit must not be negative, got %d and %d", q.K, q.Limit)
	}
	asked, err := s.asked(ctx, q.Since)
	if err != nil {
		return nil, fmt.Errorf("gaps: %w", s.explain(err))
	}
	var gaps []Gap
	for _, g := range group(asked, q.Subject) {
		if gap, ok := summarise(g, q.K, q.Subject); ok {
			gaps = append(gaps, gap)
		}
	}
	slices.SortFunc(gaps, func(a, b Gap) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), b.Last.Compare(a.Last), strings.Compare(a.Topic, b.Topic),
			slices.Compare(a.Words, b.Words), strings.Compare(a.Example, b.Example))
	})
	if q.Limit > 0 && len(gaps) > q.Limit {
		gaps = gaps[:q.Limit]
	}
	return gaps, nil
}

// asked is one line of the journal.
type asked struct {
	day, kind, passage, topic, raw string
	words                          []string
	asker, period                  string
}

func (s *Store) asked(ctx context.Context, since time.Time) ([]asked, error) {
	day := ""
	if !since.IsZero() {
		day = since.UTC().Format(dayLayout)
	}
	rows, err := s.read.QueryContext(ctx, s.q(`SELECT day, kind, words, passage, topic, asker, period, COALESCE(raw, '') FROM aftercare_journal WHERE day >= ?`), day)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []asked
	for rows.Next() {
		var a asked
		var words string
		if err := rows.Scan(&a.day, &a.kind, &words, &a.passage, &a.topic, &a.asker, &a.period, &a.raw); err != nil {
			return nil, err
		}
		a.words = strings.Fields(words)
		all = append(all, a)
	}
	return all, rows.Err()
}

// crowd counts distinct askers. Hashes of different periods do not compare,
// so it is the largest number within one period: never too high.
type crowd map[string]map[string]bool

func (c crowd) add(a asked) {
	if c[a.period] == nil {
		c[a.period] = make(map[string]bool)
	}
	c[a.period][a.asker] = true
}

func (c crowd) size() int {
	n := 0
	for _, askers := range c {
		n = max(n, len(askers))
	}
	return n
}

// stemSet is all questions with the same stems, or with the same topic.
type stemSet struct {
	topic  string
	stems  []string // sorted
	asked  []asked
	askers int
}

// group gives the groups, each as its questions.
func group(all []asked, subject []string) [][]asked {
	ignored := stemsOf(subject)
	typos := typosIn(all)
	sets := make(map[string]*stemSet)
	for _, a := range all {
		set := stemSet{topic: a.topic}
		if a.topic == "" {
			for _, w := range a.words {
				if stem, ok := meaning(w, ignored); ok {
					if right := typos[stem]; right != "" {
						stem = right
					}
					set.stems = append(set.stems, stem)
				}
			}
			slices.Sort(set.stems)
			if set.stems = slices.Compact(set.stems); len(set.stems) == 0 {
				continue
			}
		}
		key := a.topic + "\x00" + strings.Join(set.stems, " ")
		if sets[key] == nil {
			sets[key] = &set
		}
		sets[key].asked = append(sets[key].asked, a)
	}
	ordered := slices.Collect(maps.Values(sets))
	for _, set := range ordered {
		c := make(crowd)
		for _, a := range set.asked {
			c.add(a)
		}
		set.askers = c.size()
	}
	slices.SortFunc(ordered, func(a, b *stemSet) int {
		return cmp.Or(cmp.Compare(b.askers, a.askers), cmp.Compare(len(a.stems), len(b.stems)), slices.Compare(a.stems, b.stems), strings.Compare(a.topic, b.topic))
	})

	var groups [][]asked
	found := leaders{with: make(map[string][]int32)}
	for _, set := range ordered {
		if at := found.likest(set); at >= 0 {
			groups[at] = append(groups[at], set.asked...)
			continue
		}
		found.add(set)
		groups = append(groups, set.asked)
	}
	return groups
}

// leaders are the sets that found groups, in order, with an index.
type leaders struct {
	sets   []*stemSet
	with   map[string][]int32 // stem: sets that hold it
	shared []int32            // of likest, all zero outside
}

func (l *leaders) add(set *stemSet) {
	for _, stem := range set.stems {
		l.with[stem] = append(l.with[stem], int32(len(l.sets)))
	}
	l.sets = append(l.sets, set)
	l.shared = append(l.shared, 0)
}

// likest gives the leader that a set is most like, the first of equals, or -1.
func (l *leaders) likest(set *stemSet) int {
	best, bestSquare := -1, 0.0
	for _, stem := range set.stems {
		for _, at := range l.with[stem] {
			l.shared[at]++
		}
	}
	for _, stem := range set.stems {
		for _, at := range l.with[stem] {
			n := l.shared[at]
			if n == 0 { // seen
				continue
			}
			l.shared[at] = 0
			size := len(l.sets[at].stems)
			square := float64(n) * float64(n) / float64(len(set.stems)*size) // of the cosine
			holds := int(n) == size && len(set.stems) <= 4*size
			if (square >= 0.55*0.55 || holds) && (square > bestSquare || square == bestSquare && int(at) < best) {
				best, bestSquare = int(at), square
			}
		}
	}
	return best
}

// meaning gives a word's stem if the word says what a question is about.
func meaning(word string, ignored map[string]bool) (string, bool) {
	if functionWords.has(word) || len(word) < 2 || digits(word) > 0 {
		return "", false
	}
	stem := language.Stem(word)
	return stem, !ignored[stem]
}

func stemsOf(words []string) map[string]bool {
	stems := make(map[string]bool)
	for _, w := range words {
		for _, part := range language.Words(language.Normalise(w)) {
			stems[language.Stem(part)] = true
		}
	}
	return stems
}

// typosIn maps stems to the stem of at least six letters and three times as
// many askers that they most likely are a typo of.
func typosIn(all []asked) map[string]string {
	crowds := make(map[string]crowd)
	for _, a := range all {
		for _, w := range a.words {
			if stem, ok := meaning(w, nil); ok {
				if crowds[stem] == nil {
					crowds[stem] = make(crowd)
				}
				crowds[stem].add(a)
			}
		}
	}
	var common []string
	for stem, c := range crowds {
		if c.size() >= 3 && len(stem) >= 6 {
			common = append(common, stem)
		}
	}
	slices.SortFunc(common, func(a, b string) int {
		return cmp.Or(cmp.Compare(crowds[b].size(), crowds[a].size()), strings.Compare(a, b))
	})
	typos := make(map[string]string)
	for stem, c := range crowds {
		for _, right := range common {
			if crowds[right].size() < 3*c.size() {
				break
			}
			if oneEdit(stem, right) {
				typos[stem] = right
				break
			}
		}
	}
	return typos
}

// oneEdit says whether a letter put in, left out, changed, or swapped with
// its neighbour makes one word the other. The first letter must agree.
func oneEdit(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if a == "" || a[0] != b[0] || len(b)-len(a) > 1 || a == b {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) < len(b) {
		return a[i:] == b[i+1:]
	}
	if a[i+1:] == b[i+1:] {
		return true
	}
	return i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
}

// summarise makes a gap of a group, if enough people asked.
func summarise(group []asked, k int, subject []string) (Gap, bool) {
	askers, users, wordings := make(crowd), make(map[string]crowd), make(map[string]crowd)
	kinds, passages := make(map[string]int), make(map[string]int)
	first, last := group[0].day, group[0].day
	for _, a := range group {
		askers.add(a)
		for _, w := range a.words {
			if users[w] == nil {
				users[w] = make(crowd)
			}
			users[w].add(a)
		}
		wording := strings.Join(a.words, " ")
		if wordings[wording] == nil {
			wordings[wording] = make(crowd)
		}
		wordings[wording].add(a)
		kinds[a.kind]++
		if a.passage != "" {
			passages[a.passage]++
		}
		first, last = min(first, a.day), max(last, a.day)
	}
	if askers.size() < k {
		return Gap{}, false
	}
	gap := Gap{Count: len(group), Askers: askers.size(), Kinds: kinds, Passage: mostFrequent(passages), Topic: group[0].topic, Texts: newest(group, 3)}
	gap.First, _ = time.Parse(dayLayout, first)
	gap.Last, _ = time.Parse(dayLayout, last)

	ignored := stemsOf(subject)
	for w, c := range users {
		if _, ok := meaning(w, ignored); ok && c.size() >= k {
			gap.Words = append(gap.Words, w)
		}
	}
	slices.SortFunc(gap.Words, func(a, b string) int {
		return cmp.Or(cmp.Compare(users[b].size(), users[a].size()), strings.Compare(a, b))
	})
	gap.Example = example(wordings, users, gap.Words, k)
	return gap, true
}

// example gives a wording that holds the gap's first word: the one that most
// askers used, of these the one that loses fewest words by leaving out what
// fewer than k askers used, then the shortest.
func example(wordings, users map[string]crowd, first []string, k int) string {
	type candidate struct {
		text              string
		off, askers, lost int
	}
	var all []candidate
	for wording, c := range wordings {
		words := strings.Fields(wording)
		var kept []string
		for _, w := range words {
			if users[w].size() >= k {
				kept = append(kept, w)
			}
		}
		off := 0
		if len(first) > 0 && !slices.Contains(kept, first[0]) {
			off = 1
		}
		all = append(all, candidate{strings.Join(kept, " "), off, c.size(), len(words) - len(kept)})
	}
	return slices.MinFunc(all, func(a, b candidate) int { // a group has a question
		return cmp.Or(cmp.Compare(a.off, b.off), cmp.Compare(b.askers, a.askers), cmp.Compare(a.lost, b.lost), cmp.Compare(len(a.text), len(b.text)), strings.Compare(a.text, b.text))
	}).text
}

func mostFrequent(counts map[string]int) string {
	best := ""
	for _, key := range slices.Sorted(maps.Keys(counts)) {
		if best == "" || counts[key] > counts[best] {
			best = key
		}
	}
	return best
}

// newest gives up to n different texts.
func newest(group []asked, n int) []string {
	group = slices.Clone(group)
	slices.SortFunc(group, func(a, b asked) int {
		return cmp.Or(strings.Compare(b.day, a.day), strings.Compare(a.raw, b.raw))
	})
	var texts []string
	for _, a := range group {
		if a.raw != "" && len(texts) < n && !slices.Contains(texts, a.raw) {
			texts = append(texts, a.raw)
		}
	}
	return texts
}

// Thumbs are the thumbs on one passage.
type Thumbs struct {
	Passage  string
	Up, Down int // people, each with their last thumb; once more for each change of key
}

// Thumbs counts thumbs since a day (the zero time: all that are kept), most
// thumbs down first.
func (s *Store) Thumbs(ctx context.Context, since time.Time) ([]Thumbs, error) {
	day := ""
	if !since.IsZero() {
		day = since.UTC().Format(dayLayout)
	}
	rows, err := s.read.QueryContext(ctx, s.q(`SELECT passage, SUM(helpful), COUNT(*) FROM aftercare_feedback WHERE day >= ? GROUP BY passage`), day)
	if err != nil {
		return nil, fmt.Errorf("thumbs: %w", s.explain(err))
	}
	defer rows.Close()
	var all []Thumbs
	for rows.Next() {
		var t Thumbs
		var total int
		if err := rows.Scan(&t.Passage, &t.Up, &total); err != nil {
			return nil, fmt.Errorf("thumbs: %w", err)
		}
		t.Down = total - t.Up
		all = append(all, t)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("thumbs: %w", s.explain(err))
	}
	slices.SortFunc(all, func(a, b Thumbs) int {
		return cmp.Or(cmp.Compare(b.Down, a.Down), cmp.Compare(b.Up, a.Up), strings.Compare(a.Passage, b.Passage))
	})
	return all, nil
}
