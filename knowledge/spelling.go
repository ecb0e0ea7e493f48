package knowledge

import "strings"

// meant gives the one of known that a word is most likely a misspelling of;
// "" if it looks like none of them.
func meant(word string, known ...string) string {
	word = strings.ToLower(word)
	best, least := "", 0
	for _, k := range known {
		edits := distanceOf(word, k)
		if edits <= max(len(k)/3, min(len(k)/2, 2)) && (best == "" || edits < least) {
			best, least = k, edits
		}
	}
	return best
}

// distanceOf is how many letters to insert, remove or replace make b of a.
func distanceOf(a, b string) int {
	row := make([]int, len(b)+1) // of the part of a read so far to each beginning of b
	for i := range row {
		row[i] = i
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0]++
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
