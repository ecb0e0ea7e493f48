package main

// wanted is how many results every engine is asked for.
const wanted = 10

// engine is one way to search, ready for questions. It is not safe for
// concurrent use.
type engine struct {
	search func(q string) (int, error) // gives how many results it found
	beyond func() (int64, error)       // bytes held outside the Go heap; nil: none
	close  func() error
}

// builder makes an engine of a content. dir is empty and its own.
type builder struct {
	name  string
	build func(c content, dir string) (engine, error)
	// store leaves on disk what open opens; nil: build does so. open is nil
	// where there is nothing to open.
	store func(c content, dir string) error
	open  func(dir string) (engine, error)
}

const (
	nameAnswer = "our whole answer"
	nameSearch = "our index.Search"
	nameBare   = "bare bleve"
	nameReadme = "bleve, README"
	nameFTS5   = "SQLite FTS5"
	nameBluge  = "bluge"
	nameHand   = "BM25 by hand"
)

func builders() []builder {
	return []builder{
		{nameBare, buildBare, storeBare, openBleve},
		{nameAnswer, buildAnswer, storeContent, openAnswer},
		{nameSearch, buildSearch, nil, nil},
		{nameReadme, buildReadme, nil, openReadme},
		{nameFTS5, buildFTS5, storeFTS5, openFTS5},
		{nameBluge, buildBluge, storeBluge, openBluge},
		{nameHand, buildByHand, nil, nil},
	}
}

func closeAll(list ...func() error) error {
	var first error
	for _, c := range list {
		if err := c(); first == nil {
			first = err
		}
	}
	return first
}
