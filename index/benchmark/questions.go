package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// kind is one kind of question.
type kind struct {
	name  string
	words int
	each  []string // asked one after the other, then from the start again
}

// Kinds that the goals name.
const (
	tenWords  = "10 words"
	misspelt  = "10 words, 2 misspelt"
	repeated  = "10 words, always the same"
	mostWords = "800 words"
)

// several is how many different questions there are of a kind.
const several = 32

// kindsOf makes questions of the passages' own words, so that every engine
// has something to find. They are always the same.
func kindsOf(texts []text) []kind {
	r := rand.New(rand.NewPCG(1, 2))
	question := func(n int) string {
		var out []string
		for len(out) < n {
			all := strings.Fields(texts[r.IntN(len(texts))].body)
			from := r.IntN(len(all))
			out = append(out, all[from:min(len(all), from+7)]...)
		}
		return strings.Join(out[:n], " ")
	}
	var out []kind
	var ten []string
	for _, n := range []int{5, 10, 20, 100, 800} {
		k := kind{name: fmt.Sprintf("%d words", n), words: n}
		for range several {
			k.each = append(k.each, question(n))
		}
		if n == 10 {
			ten = k.each
		}
		out = append(out, k)
	}
	wrong := kind{name: misspelt, words: 10}
	for _, q := range ten {
		wrong.each = append(wrong.each, misspell(q))
	}
	return append(out, wrong, kind{repeated, 10, ten[:1]})
}

// misspell changes two letters round in the third and the eighth word, or in
// the next that is long enough.
func misspell(q string) string {
	list := strings.Fields(q)
	for _, from := range []int{2, 7} {
		for i := from; i < len(list); i++ {
			if w := []rune(list[i]); len(w) > 3 && w[1] != w[2] {
				w[1], w[2] = w[2], w[1]
				list[i] = string(w)
				break
			}
		}
	}
	return strings.Join(list, " ")
}

// asPeopleAsk draws questions from the labelled ones in dir, but for the files
// of messages with danger signs: a card ends the search before it has begun.
func asPeopleAsk(dir string) (kind, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.jsonl"))
	files = slices.DeleteFunc(files, func(name string) bool { return strings.HasSuffix(name, "_urgent.jsonl") })
	if err != nil || len(files) == 0 {
		return kind{}, fmt.Errorf("no questions in %s", dir)
	}
	var all []string
	for _, name := range files {
		list, err := questionsIn(name)
		if err != nil {
			return kind{}, err
		}
		all = append(all, list...)
	}
	r := rand.New(rand.NewPCG(5, 6))
	k := kind{name: "as people ask", words: 10}
	for range several {
		k.each = append(k.each, all[r.IntN(len(all))])
	}
	return k, nil
}

func questionsIn(name string) ([]string, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var out []string
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		var q struct{ Q string }
		if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		out = append(out, q.Q)
	}
	return out, lines.Err()
}
