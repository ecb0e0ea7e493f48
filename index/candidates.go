package index

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/analysis"
	"github.com/blevesearch/bleve/v2/index/scorch"
	"github.com/blevesearch/bleve/v2/mapping"
	"github.com/blevesearch/bleve/v2/registry"
	"github.com/blevesearch/bleve/v2/search/query"
	bleveindex "github.com/blevesearch/bleve_index_api"

	"github.com/aftercarebot/aftercare/knowledge/language"
)

const (
	// maxTerms is how many distinct terms of a question bleve is asked for,
	// the rarest first: its cost grows with every term (facts: an 800-word
	// question costs 200 times a ten-word one where nothing caps it).
	maxTerms = 32
	// maxCandidates is how many classes bleve puts forward.
	maxCandidates = 20
	// alsoLikely is how many classes the linear model puts forward besides.
	alsoLikely = 5

	field    = "text"
	analyzer = "aftercare_english"
)

func init() {
	// Registration is global in bleve, and a second one of a name panics.
	_ = registry.RegisterAnalyzer(analyzer, func(map[string]interface{}, *registry.Cache) (analysis.Analyzer, error) {
		return english{}, nil
	})
}

// english is the analyzer of the index: words in lower case, brought to their
// stem, without the stop words of this package, which keep what tells FAQ
// entries apart.
type english struct{}

// Analyze cuts text into stems.
func (english) Analyze(text []byte) analysis.TokenStream {
	var out analysis.TokenStream
	for _, w := range language.Words(language.Normalise(string(text))) {
		if stop[w] {
			continue
		}
		out = append(out, &analysis.Token{Term: []byte(language.Stem(w)), Position: len(out) + 1, Type: analysis.AlphaNumeric})
	}
	return out
}

// candidates is the bleve index of the classes, one document each.
type candidates struct {
	engine *engine
	index  bleve.Index
}

// batchSize is how many documents are handed to bleve at once.
const batchSize = 1000

func newCandidates(e *engine) (*candidates, error) {
	m := mapping.NewIndexMapping()
	m.ScoringModel = bleveindex.BM25Scoring
	m.DefaultAnalyzer = analyzer
	doc := bleve.NewDocumentStaticMapping()
	text := bleve.NewTextFieldMapping()
	text.Analyzer = analyzer
	text.Store, text.IncludeInAll, text.IncludeTermVectors, text.DocValues = false, false, false, false
	doc.AddFieldMappingsAt(field, text)
	m.DefaultMapping = doc
	// NewUsing with no path is scorch in memory; NewMemOnly is an older,
	// slower index that ignores the scoring model.
	index, err := bleve.NewUsing("", m, scorch.Name, scorch.Name, nil)
	if err != nil {
		return nil, err
	}
	batch := index.NewBatch()
	for i, c := range e.classes {
		texts := append(slices.Clone(c.phrasings), c.texts...)
		if err := batch.Index(strconv.Itoa(i), map[string]any{field: texts}); err != nil {
			return nil, err
		}
		if batch.Size() >= batchSize || i == len(e.classes)-1 {
			if err := index.Batch(batch); err != nil {
				return nil, err
			}
			batch.Reset()
		}
	}
	return &candidates{engine: e, index: index}, nil
}

func (c *candidates) close() error { return c.index.Close() }

// search gives the classes worth scoring.
func (c *candidates) search(ctx context.Context, s *scores) ([]int32, error) {
	var classes []int32
	if terms := c.engine.rarest(&s.reading, maxTerms); len(terms) > 0 {
		queries := make([]query.Query, len(terms))
		for i, t := range terms {
			q := bleve.NewTermQuery(t)
			q.SetField(field)
			queries[i] = q
		}
		request := bleve.NewSearchRequestOptions(bleve.NewDisjunctionQuery(queries...), maxCandidates, 0, false)
		result, err := c.index.SearchInContext(ctx, request)
		if err != nil {
			return nil, fmt.Errorf("search: %w", err)
		}
		for _, hit := range result.Hits {
			i, err := strconv.Atoi(hit.ID)
			if err != nil {
				return nil, fmt.Errorf("search: document %q: %w", hit.ID, err)
			}
			classes = append(classes, int32(i))
		}
	}
	return append(classes, s.likely(alsoLikely, classes)...), nil
}

// rarest gives up to n distinct terms of a question, those that say most first.
func (e *engine) rarest(r *reading, n int) []string {
	var stems []int32
	for i, w := range r.words {
		if r.stems[i] >= 0 && !stop[w] && !slices.Contains(stems, r.stems[i]) {
			if stems = append(stems, r.stems[i]); len(stems) == 8*n {
				break
			}
		}
	}
	slices.SortStableFunc(stems, func(a, b int32) int {
		return cmp.Compare(e.terms.idf[uint64(b)+1], e.terms.idf[uint64(a)+1])
	})
	terms := make([]string, 0, n)
	for _, s := range stems[:min(len(stems), n)] {
		terms = append(terms, e.lexicon.names[s])
	}
	return terms
}

// likely gives the n classes to which the linear model gives the best
// chances, without those in have.
func (s *scores) likely(n int, have []int32) []int32 {
	var out []int32
	for range n {
		best := int32(-1)
		for c, p := range s.chance {
			if c := int32(c); (best < 0 || p > s.chance[best]) && !slices.Contains(out, c) {
				best = c
			}
		}
		if best < 0 {
			break
		}
		out = append(out, best)
	}
	return slices.DeleteFunc(out, func(c int32) bool { return slices.Contains(have, c) })
}
