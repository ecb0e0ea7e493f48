package safety

import "slices"

// opinion is what the model makes of one stretch of the message.
type opinion struct {
	card   string
	number int // of the card
	chance float64
	where  span // of sheet.sentences
}

// opinions gives the model's opinion of the message as a whole, where it is
// short enough to be one thought, and of each sentence and pair of neighbours,
// but for those in which anything is foreign.
func (m *model) opinions(s *sheet, yield func(o opinion, whole bool)) {
	n := len(s.sentences)
	if n == 0 {
		return
	}
	m.listen(s)
	foreign := func(sn sentence) bool { return sn.foreign }
	short := len(s.tokens) <= 2*maxSentence
	if short && !slices.ContainsFunc(s.sentences, foreign) {
		yield(m.ask(s, span{0, n}), true)
	}
	if n == 1 {
		return
	}
	for i := range n {
		if s.sentences[i].foreign {
			continue
		}
		yield(m.ask(s, span{i, i + 1}), false)
		if i+2 <= n && (n > 2 || !short) && !s.sentences[i+1].foreign {
			yield(m.ask(s, span{i, i + 2}), false)
		}
	}
}

// voice is what one sentence says by itself: the sums of its features'
// weights for each card, and how many features there are. What a stretch of
// sentences says follows from their voices, so that a sentence is listened to
// once, however many stretches it is part of.
type voice struct {
	words, parts, tags, found     []int32 // in steps
	nWords, nParts, nTags, nFound int
	first                         string // word; empty where it is hidden
	last                          uint32 // hash of a pair of neighbours of which its last word is the first, so far
	own                           span   // its tags, in sheet.tags
}

// What a pair of neighbours begins with where there is none.
var hashOpening, hashHidden = neighbour(opening), neighbour(hidden)

// listen fills in the voices of all sentences: what describe lists, summed.
func (m *model) listen(s *sheet) {
	m.digested.Do(m.digestAll)
	const kinds = 4
	n, k := len(s.sentences), len(m.bias)
	s.voices = resized(s.voices, n)
	s.room = resized(s.room, kinds*n*k)
	clear(s.room)
	s.tags = s.tags[:0]
	room := s.room
	next := func(n int) []int32 {
		out := room[: n*k : n*k]
		room = room[n*k:]
		return out
	}
	for i := range s.voices {
		sn, v := &s.sentences[i], &s.voices[i]
		if sn.foreign {
			continue
		}
		both := next(2)
		*v = voice{words: both[:k], parts: both[k:], tags: next(1), found: next(1), last: hashOpening}
		if t := &s.tokens[sn.from]; !t.masked {
			v.first = t.stem
		}
		s.rows, s.ids = s.rows[:0], s.ids[:0]
		for at := sn.from; at < sn.to; at++ {
			m.hear(v, &s.tokens[at], s, at)
		}
		m.add(v.words, s.rows...)
		m.addWords(both, s.ids)
		if sn.question || sn.findings.from < sn.findings.to {
			s.features = s.features[:0]
			s.describeFindings(m.matcher, i)
			m.addFeatures(v.found, s.features)
			v.nFound = len(s.features)
		}
		from := len(s.tags)
		s.tags = append(s.tags, s.tagsOf(m.matcher.reader, i, s.union[:0])...)
		v.own = span{from, len(s.tags)}
		s.union, s.rows = s.union[:0], s.rows[:0]
		for _, t := range s.tags[from:] {
			v.nTags += s.join(t)
		}
		m.add(v.tags, s.rows...)
	}
}

// join adds a tag to s.union if it is not there, lists in s.rows its
// features, alone and with every other, and gives how many these are.
func (s *sheet) join(t tagged) int {
	if len(s.union) == maxTags || has(s.union, t.tag) {
		return 0
	}
	s.rows = append(s.rows, bucket(numbered(numbered(family('t'), t.tag), 0)))
	for _, other := range s.union {
		if other.tag < t.tag {
			s.rows = append(s.rows, bucket(numbered(other.hash, t.tag)))
		} else {
			s.rows = append(s.rows, bucket(numbered(t.hash, other.tag)))
		}
	}
	s.union = append(s.union, t)
	return len(s.union)
}

// hear adds what one word says to the voice of its sentence, or lists what is
// yet to be added: rows for its words in s.rows, and in s.ids the word where
// the digest has the rest.
func (m *model) hear(v *voice, t *token, s *sheet, at int) {
	if t.masked {
		v.last = hashHidden
		return
	}
	s.rows = append(s.rows, ended(v.last, t.stem))
	v.last = t.neighbour
	v.nWords += 2
	if t.inflected() {
		v.nWords++
	}
	v.nParts += partsOf(t.form)
	if t.id >= 0 && t.denied == 0 {
		s.ids = append(s.ids, t.id)
		return
	}
	s.rows = append(s.rows, bucketOf(markOf(t), t.stem, ""))
	if t.inflected() {
		s.rows = append(s.rows, bucketOf('w', t.form, ""))
	}
	s.features = s.features[:0]
	s.describePartsOf(at)
	m.addFeatures(v.parts, s.features)
}

// add adds the weights of features. Their rows are far apart: to be given many
// at once lets the processor fetch them side by side.
func (m *model) add(out []int32, rows ...uint32) {
	k := len(out)
	if k == 2 { // as is usual: the sums stay in registers
		first, second := out[0], out[1]
		for _, row := range rows {
			w := m.weights[2*int(row):][:2]
			first += int32(int8(w[0]))
			second += int32(int8(w[1]))
		}
		out[0], out[1] = first, second
		return
	}
	for _, row := range rows {
		for c, w := range m.weights[int(row)*k:][:k] {
			out[c] += int32(int8(w))
		}
	}
}

func (m *model) addFeatures(out []int32, list []feature) {
	for i := range list {
		m.add(out, list[i].id)
	}
}

// take takes them away.
func (m *model) take(out []int32, id uint32) {
	w := m.weights[int(id)*len(out):]
	w = w[:len(out)]
	for c := range out {
		out[c] -= int32(int8(w[c]))
	}
}

// ask gives the model's opinion of a stretch that was listened to: describe
// and score, from the voices. Where the chance is below nothing it is 0, and
// there is no card.
func (m *model) ask(s *sheet, where span) opinion {
	k := len(m.bias)
	s.sums = resized(s.sums, 3*k)
	clear(s.sums)
	words, parts, tags := s.sums[:k], s.sums[k:2*k], s.sums[2*k:]
	first := &s.voices[where.from]
	s.union, s.rows = append(s.union[:0], s.tags[first.own.from:first.own.to]...), s.rows[:0]
	copy(tags, first.tags)
	nWords, nParts, nTags := 1, 0, first.nTags
	for i := where.from; i < where.to; i++ {
		v := &s.voices[i]
		for c := range k {
			words[c] += v.words[c]
			parts[c] += v.parts[c]
			tags[c] += v.found[c]
		}
		nWords += v.nWords
		nParts += v.nParts
		nTags += v.nFound
		if i == where.from {
			continue
		}
		if v.first != "" { // its first word has a neighbour
			m.take(words, ended(hashOpening, v.first))
			m.add(words, ended(s.voices[i-1].last, v.first))
		}
		for _, t := range s.tags[v.own.from:v.own.to] {
			nTags += s.join(t)
		}
	}
	m.add(tags, s.rows...)
	m.add(words, ended(s.voices[where.to-1].last, closing))

	loudWords, loudParts, loudTags := loudness(wordsAs, nWords), loudness(partsAs, nParts), loudness(tagsAs, nTags)
	scores := resized(s.scores, k+1)
	s.scores, scores[0] = scores, 0 // of none
	best := 0
	for c := range k {
		scores[c+1] = float64(m.bias[c]) + step*(float64(words[c])*loudWords+float64(parts[c])*loudParts+float64(tags[c])*loudTags)
		if scores[c+1] > scores[best+1] {
			best = c
		}
	}
	if -scores[best+1] > m.apart {
		return opinion{where: where}
	}
	return opinion{card: m.cards[best], number: best, chance: 1 - softmax(scores)[0], where: where}
}

// why gives the words that spoke most for the opinion.
func (m *model) why(s *sheet, o opinion) []string {
	s.describe(m.matcher, o.where)
	k := len(m.bias)
	from, to := s.sentences[o.where.from].from, s.sentences[o.where.to-1].to
	sum := make([]float32, to-from)
	for _, f := range s.features {
		if f.at >= 0 {
			row := m.weights[int(f.id)*k:]
			sum[int(f.at)-from] += f.value * float32(int8(row[o.number]))
		}
	}
	order := make([]int, len(sum))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case sum[a] > sum[b]:
			return -1
		case sum[a] < sum[b]:
			return 1
		}
		return 0
	})
	var words []string
	for _, i := range order[:min(4, len(order))] {
		if sum[i] > 0 {
			words = append(words, `"`+s.tokens[from+i].text+`"`)
		}
	}
	return words
}
