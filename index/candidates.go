package index

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strconv"

	"github.com/blevesearch/bleve/v2/document"
	"github.com/blevesearch/bleve/v2/index/scorch"
	bleveindex "github.com/blevesearch/bleve_index_api"
)

const (
	// maxTerms is how many distinct terms of a question candidates are looked
	// for by, the rarest first: cost grows with every term (facts: an 800-word
	// question costs 200 times a ten-word one where nothing caps it).
	maxTerms = 32
	// maxCandidates is how many classes the index puts forward.
	maxCandidates = 20
	// alsoLikely is how many classes the linear model puts forward besides.
	alsoLikely = 5
)

// candidates are the posting lists of a bleve index that holds one document
// for each class, read out of it once: for each stem the classes that hold it
// and what that adds to their score. A search walks them without bleve's
// collector, which is most of what a search in bleve costs.
type candidates struct {
	Impacts rows[impact] // of each stem
	engine  *engine
}

// impact is what a stem adds to the score of a class that holds it.
type impact struct {
	Class int32
	Score float32
}

// batchSize is how many documents are handed to bleve at once.
const batchSize = 10000

func newCandidates(e *engine) (*candidates, error) {
	p, err := indexClasses(e)
	if err != nil {
		return nil, err
	}
	return p.candidates(e), nil
}

// postings are what a bleve index says of the stems: how often each class
// holds each of them.
type postings struct {
	Uses   rows[int32] // of each stem, the classes that hold it, in their order
	Counts []int32     // how often each of them does
	Norms  []float64   // of each class, as bleve rounds it
	Length float64     // mean of the classes, as bleve rounds it
}

// indexClasses indexes the classes with bleve: with its index, scorch, in memory, and
// without the layers above it, for queries and mappings, of which nothing is
// needed here and which are 3 MB of the program.
func indexClasses(e *engine) (*postings, error) {
	queue := bleveindex.NewAnalysisQueue(runtime.GOMAXPROCS(0))
	defer queue.Close()
	index, err := scorch.NewScorch(scorch.Name, map[string]any{"path": "", "fieldTFRCacheThreshold": 1}, queue) // readPostings reads one stem at a time, always with the same reader
	if err != nil {
		return nil, err
	}
	if err := index.Open(); err != nil {
		return nil, err
	}
	defer index.Close()
	batch := bleveindex.NewBatch()
	counter, first := newCounter(e.lexicon, e.corpus), 0
	for i, c := range e.classes {
		doc := document.NewDocument(strconv.Itoa(i))
		n := len(c.phrasings) + len(c.texts)
		doc.AddField(counter.bag(e.corpus, first, n))
		first += n
		batch.Update(doc)
		if len(batch.IndexOps) >= batchSize || i == len(e.classes)-1 {
			if err := index.Batch(batch); err != nil {
				return nil, err
			}
			batch.Reset()
		}
	}
	reader, err := index.Reader()
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	return readPostings(e, reader)
}

// readPostings copies the posting lists of an index.
func readPostings(e *engine, reader bleveindex.IndexReader) (*postings, error) {
	class, err := documentClasses(reader)
	if err != nil {
		return nil, err
	}
	stats, ok := reader.(bleveindex.BM25Reader)
	if !ok {
		return nil, fmt.Errorf("bleve's %T knows no lengths of fields", reader)
	}
	cardinality, err := stats.FieldCardinality(field)
	if err != nil {
		return nil, err
	}
	p := &postings{Norms: make([]float64, len(e.classes)), Length: math.Ceil(float64(cardinality) / float64(max(len(class), 1)))}
	type occurrence struct{ class, count int32 }
	var list []occurrence
	for stem := range int32(e.lexicon.Stems.Words.len()) {
		list = list[:0]
		postings, err := reader.TermFieldReader(context.Background(), []byte(e.lexicon.Stems.Words.at(stem)), field, true, true, false)
		if err != nil {
			return nil, err
		}
		var one bleveindex.TermFieldDoc
		for {
			doc, err := postings.Next(&one)
			if err != nil {
				return nil, err
			}
			if doc == nil {
				break
			}
			c := class[string(doc.ID)]
			list = append(list, occurrence{c, int32(doc.Freq)})
			p.Norms[c] = doc.Norm
			one.Reset()
		}
		if err := postings.Close(); err != nil {
			return nil, err
		}
		slices.SortFunc(list, func(a, b occurrence) int { return cmp.Compare(a.class, b.class) })
		for _, o := range list {
			p.Uses.Items, p.Counts = append(p.Uses.Items, o.class), append(p.Counts, o.count)
		}
		p.Uses.add()
	}
	return p, nil
}

// documentClasses gives the class of each document, by bleve's number of it.
func documentClasses(reader bleveindex.IndexReader) (map[string]int32, error) {
	class := map[string]int32{}
	ids, err := reader.DocIDReaderAll()
	if err != nil {
		return nil, err
	}
	defer ids.Close()
	for {
		id, err := ids.Next()
		if err != nil {
			return nil, err
		}
		if id == nil {
			return class, nil
		}
		name, err := reader.ExternalID(id)
		if err != nil {
			return nil, err
		}
		n, err := strconv.Atoi(name)
		if err != nil {
			return nil, fmt.Errorf("document %q: %w", name, err)
		}
		class[string(id)] = int32(n)
	}
}

// candidates works out what each stem adds to the score of each class.
func (p *postings) candidates(e *engine) *candidates {
	b := bm25{classes: float64(len(e.classes)), length: p.Length}
	c := &candidates{engine: e, Impacts: rows[impact]{Start: p.Uses.Start, Items: make([]impact, len(p.Uses.Items))}}
	for stem := range int32(len(p.Uses.Start) - 1) {
		from, to := p.Uses.Start[stem], p.Uses.Start[stem+1]
		idf := b.idf(float64(to - from))
		for i := from; i < to; i++ {
			class := p.Uses.Items[i]
			c.Impacts.Items[i] = impact{class, float32(b.score(idf, float64(p.Counts[i]), p.Norms[class]))}
		}
	}
	return c
}

// bm25 is bleve's score of a term in a document, with its parameters, but for
// what is the same for all documents of one question (search/scorer of bleve).
type bm25 struct{ classes, length float64 }

func (b bm25) idf(holding float64) float64 {
	return math.Log(1 + (b.classes-holding+0.5)/(holding+0.5))
}

func (b bm25) score(idf, count, norm float64) float64 {
	const k, share = 1.2, 0.75
	count = math.Sqrt(count)
	return idf * idf * count * k / (count + k*(1-share+share/(norm*norm)/b.length))
}

// candidateScratch is the scratch space of a search for candidates, reused from
// one question to the next. Between two the lists are zero.
type candidateScratch struct {
	score   []float32 // of each class
	count   []uint8   // of each class, the terms that it holds
	touched []int32
	stems   []int32
	classes []int32
}

// gather finds the classes that hold most of what a question says.
func (c *candidates) gather(g *candidateScratch, q *query) {
	c.engine.rarest(g, q, maxTerms)
	g.touched = g.touched[:0]
	for _, stem := range g.stems {
		for _, p := range c.Impacts.at(stem) {
			if g.count[p.Class] == 0 {
				g.touched = append(g.touched, p.Class)
			}
			g.count[p.Class]++
			g.score[p.Class] += p.Score
		}
	}
	g.classes = g.classes[:0]
	for _, class := range g.touched {
		score := g.score[class] * float32(g.count[class])
		g.score[class] = score
		if n := len(g.classes); n == maxCandidates && score <= g.score[g.classes[n-1]] {
			continue
		}
		at, _ := slices.BinarySearchFunc(g.classes, score, func(c int32, score float32) int { return cmp.Compare(score, g.score[c]) })
		for at < len(g.classes) && g.score[g.classes[at]] == score && g.classes[at] < class {
			at++
		}
		g.classes = slices.Insert(g.classes, at, class)
		if len(g.classes) > maxCandidates {
			g.classes = g.classes[:maxCandidates]
		}
	}
	for _, class := range g.touched {
		g.score[class], g.count[class] = 0, 0
	}
}

// rarest gathers up to n distinct stems of a question, those that say most first.
func (e *engine) rarest(g *candidateScratch, q *query, n int) {
	g.stems = g.stems[:0]
	for i, stem := range q.stems {
		if stem >= 0 && !q.stops[i] && !slices.Contains(g.stems, stem) {
			if g.stems = append(g.stems, stem); len(g.stems) == 8*n {
				break
			}
		}
	}
	slices.SortStableFunc(g.stems, func(a, b int32) int { return cmp.Compare(e.terms.IDF[b], e.terms.IDF[a]) })
	g.stems = g.stems[:min(len(g.stems), n)]
}

// likely appends to have the alsoLikely classes to which the linear model gives
// the highest probabilities, but for those that are there.
func (s *scores) likely(have []int32) []int32 {
	var best [alsoLikely]int32
	found := 0
	for c, p := range s.probability {
		if found == alsoLikely && p <= s.probability[best[alsoLikely-1]] {
			continue
		}
		at := found
		for at > 0 && p > s.probability[best[at-1]] {
			at--
		}
		if found < alsoLikely {
			found++
		}
		copy(best[at+1:found], best[at:found-1])
		best[at] = int32(c)
	}
	gathered := have
	for _, c := range best[:found] {
		if !slices.Contains(gathered, c) {
			have = append(have, c)
		}
	}
	return have
}
