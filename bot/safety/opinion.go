package safety

import (
	"slices"
	"sync"
)

// opinion is what the model makes of one stretch of the message.
type opinion struct {
	card   string
	class  int
	chance float64
	where  span // of sheet.sentences
}

// opinions gives the model's opinion of the message as a whole, where it is
// short enough to be one thought, and of each sentence and pair of neighbours.
func (m *model) opinions(s *sheet, yield func(o opinion, whole bool)) {
	n := len(s.sentences)
	if n == 0 {
		return
	}
	m.listen(s)
	short := len(s.tokens) <= 2*maxSentence
	if short {
		yield(m.ask(s, span{0, n}), true)
	}
	if n == 1 {
		return
	}
	for i := range n {
		yield(m.ask(s, span{i, i + 1}), false)
		if i+2 <= n && (n > 2 || !short) {
			yield(m.ask(s, span{i, i + 2}), false)
		}
	}
}

// voice is what one sentence says by itself: the sums of its features'
// weights for each class, and how many features there are. What a stretch of
// sentences says follows from their voices, so that a sentence is listened to
// once, however many stretches it is part of.
type voice struct {
	words, parts   []float64
	nWords, nParts int
	first, last    string // words; first is empty where the first is hidden
}

// listen fills in the voices of all sentences: what describeWords and
// describeParts list, summed.
func (m *model) listen(s *sheet) {
	m.digest.once.Do(m.digestWords)
	n, k := len(s.sentences), len(m.bias)
	s.voices = resized(s.voices, n)
	s.room = resized(s.room, 2*n*k)
	clear(s.room)
	for i := range s.voices {
		sn, v := &s.sentences[i], &s.voices[i]
		*v = voice{words: s.room[2*i*k : (2*i+1)*k], parts: s.room[(2*i+1)*k : (2*i+2)*k], last: opening}
		if t := &s.tokens[sn.from]; !t.masked {
			v.first = t.stem
		}
		for at := sn.from; at < sn.to; at++ {
			m.hear(v, &s.tokens[at], s, at)
		}
	}
}

// hear adds what one word says to the voice of its sentence.
func (m *model) hear(v *voice, t *token, s *sheet, at int) {
	if t.masked {
		v.last = hidden
		return
	}
	m.add(v.words, bucketOf('b', v.last, t.stem), 1)
	v.last = t.stem
	v.nWords += 2
	if t.form != t.stem {
		v.nWords++
	}
	if t.id >= 0 && t.denied == 0 {
		k := len(m.bias)
		own := m.digest.sums[2*k*int(t.id):]
		for c := range k {
			v.words[c] += float64(own[c])
			v.parts[c] += float64(own[k+c])
		}
		v.nParts += int(m.digest.parts[t.id])
		return
	}
	m.add(v.words, bucketOf(markOf(t), t.stem, ""), 1)
	if t.form != t.stem {
		m.add(v.words, bucketOf('w', t.form, ""), 1)
	}
	s.features = s.features[:0]
	s.describePartsOf(at)
	for i := range s.features {
		m.add(v.parts, s.features[i].id, 1)
	}
	v.nParts += len(s.features)
}

// digest holds, for every word of the vocabulary, the sums of the weights of
// what it says by itself: of its stem and its form, and of its parts.
type digest struct {
	once  sync.Once // made when the first message is judged
	sums  []float32 // words times two times classes
	parts []uint8   // of each word, how many parts it has
}

func (m *model) digestWords() {
	known := &m.matcher.reader.known
	k := len(m.bias)
	m.digest.sums, m.digest.parts = make([]float32, 2*k*len(known.words)), make([]uint8, len(known.words))
	s := &sheet{tokens: make([]token, 1)}
	sums := make([]float64, 2*k)
	for id, w := range known.words {
		t := token{form: w, stem: known.stems[id]}
		s.tokens[0] = t
		clear(sums)
		m.add(sums[:k], bucketOf(markOf(&t), t.stem, ""), 1)
		if t.form != t.stem {
			m.add(sums[:k], bucketOf('w', t.form, ""), 1)
		}
		s.features = s.features[:0]
		s.describePartsOf(0)
		for i := range s.features {
			m.add(sums[k:], s.features[i].id, 1)
		}
		m.digest.parts[id] = uint8(len(s.features))
		for c, v := range sums {
			m.digest.sums[2*k*id+c] = float32(v)
		}
	}
}

// sum writes the sums of the features' weights to out, and gives their number.
func (m *model) sum(out []float64, features []feature) int {
	clear(out)
	for i := range features {
		m.add(out, features[i].id, 1)
	}
	return len(features)
}

// add adds the weights of one feature, times as often.
func (m *model) add(out []float64, id uint32, times float64) {
	k := len(out)
	for c, w := range m.weights[int(id)*k : int(id)*k+k] {
		out[c] += times * float64(w)
	}
}

// ask gives the model's opinion of a stretch that was listened to: describe
// and score, from the voices.
func (m *model) ask(s *sheet, where span) opinion {
	var room [3 * 8]float64
	k := len(m.bias)
	sums := append(room[:0], make([]float64, 3*k)...)
	words, parts, tags := sums[:k], sums[k:2*k], sums[2*k:]
	var nWords, nParts int
	for i := where.from; i < where.to; i++ {
		v := &s.voices[i]
		for c := range k {
			words[c] += v.words[c]
			parts[c] += v.parts[c]
		}
		nWords += v.nWords
		nParts += v.nParts
		if i > where.from && v.first != "" { // its first word has a neighbour
			m.add(words, bucketOf('b', opening, v.first), -1)
			m.add(words, bucketOf('b', s.voices[i-1].last, v.first), 1)
		}
	}
	m.add(words, bucketOf('b', s.voices[where.to-1].last, closing), 1)
	nTags := m.askTags(s, where, tags)

	scores := resized(s.scores, k)
	s.scores = scores
	for c := range scores {
		scores[c] = float64(m.bias[c]) + words[c]*loudness(wordsAs, nWords+1) + parts[c]*loudness(partsAs, nParts) + tags[c]*loudness(tagsAs, nTags)
	}
	class, chance := 1, 0.0
	all := softmax(scores)
	raised := 1 - all[0]
	for c := 1; c < len(all); c++ {
		if all[c] > chance {
			class, chance = c, all[c]
		}
	}
	return opinion{card: m.cards[class-1], class: class, chance: raised, where: where}
}

// askTags adds the weights of the tags of a stretch, of which of them stand
// together, and of the patterns found. It gives how many features that are.
func (m *model) askTags(s *sheet, where span, out []float64) int {
	tags := s.tags[:0]
	s.features = s.features[:0]
	for i := where.from; i < where.to; i++ {
		tags = s.tagsOf(m.matcher.reader, i, tags)
		s.describeFindings(m.matcher, i)
	}
	s.tags = tags
	n := m.sum(out, s.features)
	slices.SortFunc(tags, func(a, b tagged) int { return a.tag - b.tag })
	for i, a := range tags {
		m.add(out, bucket(numbered(numbered(family('t'), a.tag), 0)), 1)
		h := numbered(family('p'), a.tag)
		for _, b := range tags[i+1:] {
			m.add(out, bucket(numbered(h, b.tag)), 1)
		}
	}
	return n + len(tags) + len(tags)*(len(tags)-1)/2
}

// score writes a score for each class to out, which it returns.
func (m *model) score(out []float64, features []feature) []float64 {
	k := len(m.bias)
	for c := range k {
		out[c] = float64(m.bias[c])
	}
	for _, f := range features {
		w := m.weights[int(f.id)*k : int(f.id)*k+k]
		for c := range k {
			out[c] += float64(w[c] * f.value)
		}
	}
	return out
}

// why gives the words that spoke most for the opinion.
func (m *model) why(s *sheet, o opinion) []string {
	s.describe(m.matcher, o.where)
	k := len(m.bias)
	from, to := s.sentences[o.where.from].from, s.sentences[o.where.to-1].to
	sum := make([]float32, to-from)
	for _, f := range s.features {
		if f.at >= 0 {
			sum[int(f.at)-from] += f.value * (m.weights[int(f.id)*k+o.class] - m.weights[int(f.id)*k])
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
