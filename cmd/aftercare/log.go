package main

import (
	"io"
	"log/slog"
)

// newLogger logs text for a person at a terminal, and one JSON object a line
// for everything else.
func newLogger(w io.Writer, terminal bool) *slog.Logger {
	if terminal {
		return slog.New(slog.NewTextHandler(w, nil))
	}
	return slog.New(slog.NewJSONHandler(w, nil))
}
