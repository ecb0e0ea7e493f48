package safety

import "slices"

// prediction is what the model makes of one stretch of the message. Without a
// card, it is that none is to be shown.
type prediction struct {
	card        string
	cardIndex   int // in model.cards
	probability float64
	where       span // of scratch.sentences
}

// predictAll yields the model's prediction for the message as a whole, where it
// is short enough to be one thought, and for each sentence and each two in a
// row, but for those in which anything is foreign.
func (m *model) predictAll(s *scratch, yield func(p prediction, whole bool)) {
	n := len(s.sentences)
	if n == 0 {
		return
	}
	m.sumSentences(s)
	foreign := func(sn sentence) bool { return sn.foreign }
	short := len(s.tokens) <= 2*maxSentence
	if short && !slices.ContainsFunc(s.sentences, foreign) {
		yield(m.predict(s, span{0, n}), true)
	}
	if n == 1 {
		return
	}
	for i := range n {
		if s.sentences[i].foreign {
			continue
		}
		yield(m.predict(s, span{i, i + 1}), false)
		if i+2 <= n && (n > 2 || !short) && !s.sentences[i+1].foreign {
			yield(m.predict(s, span{i, i + 2}), false)
		}
	}
}

// partialSums are those of one sentence: the sums of its features' weights for
// each card, and how many features there are. The sums of a stretch of
// sentences follow from theirs, so that a sentence is summed once, however many
// stretches it is part of.
type partialSums struct {
	words, ngrams, tags, findings     []int32 // in steps
	nWords, nNgrams, nTags, nFindings int
	first                             string // word; empty where it is masked
	last                              uint32 // hash of the first half of a bigram, which its last word is
	own                               span   // its tags, in scratch.tags
}

// startPrefix and maskPrefix are the first half of a bigram where no word is.
var startPrefix, maskPrefix = bigramPrefix(startMark), bigramPrefix(maskMark)

// sumSentences fills in the partial sums of all sentences: of the features that
// extractFeatures lists.
func (m *model) sumSentences(s *scratch) {
	m.sumsOnce.Do(m.sumWords)
	const kinds = 4
	n, size := len(s.sentences), kinds*len(m.bias)
	s.partials = resized(s.partials, n)
	s.partialValues = resized(s.partialValues, n*size)
	clear(s.partialValues)
	s.tags = s.tags[:0]
	for i := range s.partials {
		if !s.sentences[i].foreign {
			m.sumSentence(s, i, s.partialValues[i*size:][:size:size])
		}
	}
}

// sumSentence fills in the partial sums of sentence i, which are kept in
// values: zeros, as many as all of them take.
func (m *model) sumSentence(s *scratch, i int, values []int32) {
	k := len(m.bias)
	sn, p := &s.sentences[i], &s.partials[i]
	both := values[: 2*k : 2*k]
	*p = partialSums{words: both[:k], ngrams: both[k:], tags: values[2*k : 3*k : 3*k], findings: values[3*k:], last: startPrefix}
	if t := &s.tokens[sn.from]; !t.masked {
		p.first = t.stem
	}
	s.rows, s.ids = s.rows[:0], s.ids[:0]
	for at := sn.from; at < sn.to; at++ {
		m.addToken(p, &s.tokens[at], s, at)
	}
	m.addWeights(p.words, s.rows...)
	m.addWordSums(both, s.ids)
	if sn.question || sn.findings.from < sn.findings.to {
		s.features = s.features[:0]
		s.addFindings(m.matcher, i)
		m.addFeatureWeights(p.findings, s.features)
		p.nFindings = len(s.features)
	}
	from := len(s.tags)
	s.tags = append(s.tags, s.tagsOf(m.matcher.analyser, i, s.union[:0])...)
	p.own = span{from, len(s.tags)}
	s.union, s.rows = s.union[:0], s.rows[:0]
	for _, t := range s.tags[from:] {
		p.nTags += s.addTag(t)
	}
	m.addWeights(p.tags, s.rows...)
}

// addTag adds a tag to s.union if it is not there, lists in s.rows its
// features, alone and with every other, and gives how many these are.
func (s *scratch) addTag(t tagged) int {
	if len(s.union) == maxTags || has(s.union, t.tag) {
		return 0
	}
	s.rows = append(s.rows, bucket(hashInt(hashInt(hashKind('t'), t.tag), 0)))
	for _, other := range s.union {
		if other.tag < t.tag {
			s.rows = append(s.rows, bucket(hashInt(other.hash, t.tag)))
		} else {
			s.rows = append(s.rows, bucket(hashInt(t.hash, other.tag)))
		}
	}
	s.union = append(s.union, t)
	return len(s.union)
}

// addToken adds one word to the partial sums of its sentence, or lists what is
// yet to be added: rows for its words in s.rows, and in s.ids the word where
// the rest is precomputed.
func (m *model) addToken(p *partialSums, t *token, s *scratch, at int) {
	if t.masked {
		p.last = maskPrefix
		return
	}
	s.rows = append(s.rows, hashSecond(p.last, t.stem))
	p.last = t.bigram
	p.nWords += 2
	if t.inflected() {
		p.nWords++
	}
	p.nNgrams += ngramCount(t.form)
	if t.id >= 0 && t.negated == 0 {
		s.ids = append(s.ids, t.id)
		return
	}
	s.rows = append(s.rows, bucketOf(stemKind(t), t.stem, ""))
	if t.inflected() {
		s.rows = append(s.rows, bucketOf('w', t.form, ""))
	}
	s.features = s.features[:0]
	s.addNgrams(at)
	m.addFeatureWeights(p.ngrams, s.features)
}

// addWeights adds the weights of features. Their rows are far apart: to be
// given many at once lets the processor fetch them side by side.
func (m *model) addWeights(out []int32, rows ...uint32) {
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

// addFeatureWeights adds the weights of features.
func (m *model) addFeatureWeights(out []int32, list []feature) {
	for i := range list {
		m.addWeights(out, list[i].id)
	}
}

// subtractWeights takes those of one feature away.
func (m *model) subtractWeights(out []int32, row uint32) {
	w := m.weights[int(row)*len(out):]
	w = w[:len(out)]
	for c := range out {
		out[c] -= int32(int8(w[c]))
	}
}

// predict gives the model's prediction for a stretch whose sentences were
// summed: extractFeatures and score, from the partial sums. Where the
// probability is below negligible it is 0, and there is no card.
func (m *model) predict(s *scratch, where span) prediction {
	k := len(m.bias)
	s.sums = resized(s.sums, 3*k)
	clear(s.sums)
	words, ngrams, tags := s.sums[:k], s.sums[k:2*k], s.sums[2*k:]
	first := &s.partials[where.from]
	s.union, s.rows = append(s.union[:0], s.tags[first.own.from:first.own.to]...), s.rows[:0]
	copy(tags, first.tags)
	nWords, nNgrams, nTags := 1, 0, first.nTags
	for i := where.from; i < where.to; i++ {
		p := &s.partials[i]
		for c := range k {
			words[c] += p.words[c]
			ngrams[c] += p.ngrams[c]
			tags[c] += p.findings[c]
		}
		nWords += p.nWords
		nNgrams += p.nNgrams
		nTags += p.nFindings
		if i == where.from {
			continue
		}
		if p.first != "" { // its first word stands behind another
			m.subtractWeights(words, hashSecond(startPrefix, p.first))
			m.addWeights(words, hashSecond(s.partials[i-1].last, p.first))
		}
		for _, t := range s.tags[p.own.from:p.own.to] {
			nTags += s.addTag(t)
		}
	}
	m.addWeights(tags, s.rows...)
	m.addWeights(words, hashSecond(s.partials[where.to-1].last, endMark))

	wordValue, ngramValue, tagValue := featureValue(wordNorm, nWords), featureValue(ngramNorm, nNgrams), featureValue(tagNorm, nTags)
	scores := resized(s.scores, k+1)
	s.scores, scores[0] = scores, 0 // of none
	best := 0
	for c := range k {
		scores[c+1] = float64(m.bias[c]) + weightStep*(float64(words[c])*wordValue+float64(ngrams[c])*ngramValue+float64(tags[c])*tagValue)
		if scores[c+1] > scores[best+1] {
			best = c
		}
	}
	if -scores[best+1] > m.margin {
		return prediction{where: where}
	}
	return prediction{card: m.cards[best], cardIndex: best, probability: 1 - softmax(scores)[0], where: where}
}

// topWords gives the words that contributed most to a prediction.
func (m *model) topWords(s *scratch, p prediction) []string {
	s.extractFeatures(m.matcher, p.where)
	k := len(m.bias)
	from, to := s.sentences[p.where.from].from, s.sentences[p.where.to-1].to
	sum := make([]float32, to-from)
	for _, f := range s.features {
		if f.at >= 0 {
			row := m.weights[int(f.id)*k:]
			sum[int(f.at)-from] += f.value * float32(int8(row[p.cardIndex]))
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
