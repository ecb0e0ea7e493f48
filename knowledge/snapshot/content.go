package snapshot

import "bytes"

// Content gives the content version that data is a snapshot of, and "" where
// data is no snapshot.
func Content(data []byte) string {
	rest, ok := bytes.CutPrefix(data, []byte(magic))
	if !ok {
		return ""
	}
	content, _, _ := bytes.Cut(rest, []byte("\n"))
	return string(content)
}
