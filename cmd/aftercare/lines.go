package main

import (
	"bufio"
	"io"
	"strings"
)

// maxLine is the most bytes of one line that are kept: twice what a 1 MB
// question needs. The rest of a longer line is read and dropped.
const maxLine = 2 << 20

// lineReader reads lines of any length in bounded memory.
type lineReader struct{ r *bufio.Reader }

func newLineReader(r io.Reader) lineReader { return lineReader{bufio.NewReaderSize(r, 64<<10)} }

// next gives the next line without its end, or io.EOF.
func (l lineReader) next() (string, error) {
	var b strings.Builder
	read := false
	for {
		part, err := l.r.ReadSlice('\n')
		read = read || len(part) > 0
		b.Write(part[:min(len(part), maxLine-b.Len())])
		switch {
		case err == bufio.ErrBufferFull:
			continue
		case err == io.EOF && read, err == nil:
			return strings.TrimSuffix(strings.TrimSuffix(b.String(), "\n"), "\r"), nil
		default:
			return "", err
		}
	}
}
