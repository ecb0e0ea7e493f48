// Command wordlist makes the filter of English words for package language
// out of lists with one word a line.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"strings"

	"github.com/aftercarebot/aftercare/knowledge/language"
)

func main() {
	out := flag.String("out", "english.bloom", "file to write")
	flag.Parse()
	if err := run(*out, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "wordlist:", err)
		os.Exit(1)
	}
}

// bitsPerWord makes about one false positive in 300 with BloomHashes bits set.
const bitsPerWord = 12

func run(out string, lists []string) error {
	words := map[string]bool{}
	for _, name := range lists {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		s := bufio.NewScanner(f)
		for s.Scan() {
			w := strings.TrimSuffix(s.Text(), "'s")
			if len(w) >= 3 && strings.Trim(w, "abcdefghijklmnopqrstuvwxyz") == "" { // names are no common words
				words[w] = true
			}
		}
		if err := s.Err(); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	bits := uint64(len(words)*bitsPerWord/8+1) * 8
	filter := make([]byte, bits/8)
	for w := range words {
		a, b := language.BloomHash(w)
		for i := range uint64(language.BloomHashes) {
			at := (a + i*b) % bits
			filter[at/8] |= 1 << (at % 8)
		}
	}
	fmt.Printf("%d words, %d bytes\n", len(words), len(filter))
	return os.WriteFile(out, filter, 0o644)
}
