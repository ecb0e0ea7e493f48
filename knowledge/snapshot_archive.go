package knowledge

import "github.com/aftercarebot/aftercare/knowledge/snapshot"

// archive keeps the long lists of content as one row of texts and one of
// numbers, in the order in which its methods go through them. The same methods
// write and read it, so what is written is what is read.
type archive struct {
	Texts   texts
	Numbers snapshot.Ints

	// How many of each there are in all, as reading makes one list of each.
	Strings  room[string]
	Ints     room[int]
	Topics   room[Topic]
	Concepts room[Concept]
	Signs    room[Sign]
	Lexicons room[Lexicon]
	Patterns room[Pattern]
	Groups   room[Group]
	Choices  room[Choice]
	Phrases  room[Phrase]
	Words    room[Word]

	reading bool
	text    textReader
	number  snapshot.Cursor

	texts   []string // written so far
	numbers []int
}

// archived writes the long lists of b.
func archived(b *Base, content string) archive {
	a := archive{}
	a.base(b)
	a.Texts, a.Numbers = textsOf(a.texts, content), snapshot.Pack(a.numbers)
	return a
}

// read gives b the lists that were written.
func (a *archive) read(b *Base, content *fileTexts) {
	a.reading, a.text, a.number = true, a.Texts.reader(content), a.Numbers.Cursor()
	a.base(b)
}

func (a *archive) base(b *Base) {
	for i := range b.passages {
		a.strings(&b.passages[i].Phrasings)
	}
	list(a, &a.Topics, &b.topics, (*archive).topic)
	list(a, &a.Concepts, &b.thesaurus, (*archive).concept)
	for i := range b.smallTalk {
		a.strings(&b.smallTalk[i].Phrasings)
	}
	list(a, &a.Signs, &b.safety.Signs, (*archive).sign)
	list(a, &a.Lexicons, &b.safety.Lexicons, (*archive).lexicon)
	for _, cue := range b.safety.Cues.all() {
		list(a, &a.Phrases, cue, (*archive).phrase)
	}
}

func (a *archive) topic(t *Topic) {
	a.string(&t.ID)
	a.string(&t.Name)
	a.string((*string)(&t.Kind))
	a.string(&t.Reply)
	a.strings(&t.Words)
	a.strings(&t.Phrasings)
	a.place(&t.File, &t.Line)
}

func (a *archive) concept(c *Concept) {
	a.string(&c.Name)
	a.strings(&c.Words)
}

func (a *archive) sign(s *Sign) {
	a.string(&s.ID)
	a.string(&s.Card)
	list(a, &a.Patterns, &s.Patterns, (*archive).pattern)
	list(a, &a.Patterns, &s.Hints, (*archive).pattern)
}

func (a *archive) pattern(p *Pattern) {
	a.string(&p.Text)
	list(a, &a.Groups, &p.Groups, (*archive).group)
	list(a, &a.Choices, &p.Not, (*archive).choice)
	a.place(&p.File, &p.Line)
}

func (a *archive) group(g *Group) {
	near := g.Near - anywhere // the least is zero
	a.int(&near)
	g.Near = near + anywhere
	list(a, &a.Choices, &g.Items, (*archive).choice)
	list(a, &a.Ints, &g.Gaps, (*archive).int)
}

func (a *archive) choice(c *Choice) {
	list(a, &a.Phrases, &c.Phrases, (*archive).phrase)
	a.strings(&c.Lexicons)
}

func (a *archive) lexicon(x *Lexicon) {
	a.string(&x.Name)
	place := 0
	if x.Place {
		place = 1
	}
	a.int(&place)
	x.Place = place == 1
	list(a, &a.Phrases, &x.Phrases, (*archive).phrase)
}

func (a *archive) phrase(p *Phrase) {
	a.string(&p.Text)
	list(a, &a.Words, &p.Words, (*archive).word)
}

func (a *archive) word(w *Word) {
	a.string(&w.Form)
	a.int((*int)(&w.Kind))
}

func (a *archive) place(file *string, line *int) {
	a.string(file)
	a.int(line)
}

func (a *archive) string(s *string) {
	if a.reading {
		*s = a.text.next()
	} else {
		a.texts = append(a.texts, *s)
	}
}

// strings is list for strings, of which there are by far the most.
func (a *archive) strings(l *[]string) {
	n := a.length(len(*l))
	if !a.reading {
		a.Strings.Size += n
		a.texts = append(a.texts, *l...)
		return
	}
	own := a.Strings.take(n)
	for i := range own {
		own[i] = a.text.next()
	}
	*l = own
}

// int keeps a number that is not below zero.
func (a *archive) int(n *int) {
	if a.reading {
		*n = int(a.number.Next())
	} else {
		a.numbers = append(a.numbers, *n)
	}
}

// length keeps how long a list is, and gives that.
func (a *archive) length(n int) int {
	a.int(&n)
	return n
}

// list keeps a list, which is part of one that has room for all of its kind.
func list[T any](a *archive, all *room[T], l *[]T, item func(*archive, *T)) {
	n := a.length(len(*l))
	if a.reading {
		*l = all.take(n)
	} else {
		all.Size += n
	}
	for i := range *l {
		item(a, &(*l)[i])
	}
}

// room is the list of which all lists of one kind are parts.
type room[T any] struct {
	Size int
	left []T
}

// take gives the next n items, and nil for none.
func (r *room[T]) take(n int) []T {
	if n == 0 {
		return nil
	}
	if r.left == nil {
		r.left = make([]T, r.Size)
	}
	out := r.left[:n:n]
	r.left = r.left[n:]
	return out
}
