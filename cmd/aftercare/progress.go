package main

import (
	"fmt"
	"io"
)

// progressOn gives a function that counts along on a terminal, and wipes the
// count at the end; elsewhere it does nothing. Calls must not overlap.
func progressOn(w io.Writer) func(done, total int) {
	if !isTerminal(w) {
		return func(int, int) {}
	}
	shown := -1
	return func(done, total int) {
		switch percent := 100 * done / max(total, 1); {
		case done >= total:
			fmt.Fprint(w, "\r\x1b[K")
		case percent != shown:
			shown = percent
			fmt.Fprintf(w, "\r%d of %d", done, total)
		}
	}
}
