package main

import (
	"os"

	"golang.org/x/term"
)

// isTerminal reports whether a stream of the process is a terminal.
func isTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// columns is the width of the terminal behind a stream; 80 where it is not known.
func columns(stream any) int {
	if file, ok := stream.(*os.File); ok {
		if width, _, err := term.GetSize(int(file.Fd())); err == nil && width > 0 {
			return width
		}
	}
	return 80
}

// colour reports whether to use colour on a stream: only on a terminal, and
// not where NO_COLOR or a dumb terminal asks for none (https://no-color.org).
func (p process) colour(stream any) bool {
	if no, _ := p.env("NO_COLOR"); no != "" {
		return false
	}
	if kind, _ := p.env("TERM"); kind == "dumb" {
		return false
	}
	return isTerminal(stream)
}
