package safety

// mender brings a misspelt word to the known word one slip away from it: a
// letter left out, put in, changed, or changed places with its neighbour.
type mender struct {
	known   map[string]int      // word to how often it was seen
	deleted map[string][]string // a known word with one letter left out, to the words it came from
}

// Words shorter than this are not mended: too much is one slip away from them.
const shortestMended = 4

func newMender(count map[string]int) mender {
	m := mender{known: count, deleted: make(map[string][]string, 6*len(count))}
	for w := range count {
		if len(w) < shortestMended || w[0] <= '9' {
			continue
		}
		for i := range len(w) {
			if i > 0 && w[i] == w[i-1] {
				continue
			}
			short := w[:i] + w[i+1:]
			m.deleted[short] = append(m.deleted[short], w)
		}
	}
	return m
}

// mend gives the commonest known word one slip away; of equals the first in
// the alphabet, so that the same message always reads the same.
func (m mender) mend(w string) (string, bool) {
	if len(w) < shortestMended || len(w) > 24 || w[0] <= '9' {
		return "", false
	}
	best, most := "", 0
	consider := func(c string) {
		// A slip in the first letter is rare, and in a short word it makes another word.
		if c[0] != w[0] && (len(w) < 6 && c[0] != w[1]) {
			return
		}
		if n := m.known[c]; n > most || n == most && n > 0 && c < best {
			best, most = c, n
		}
	}
	for _, c := range m.deleted[w] { // a letter left out
		consider(c)
	}
	var buffer [32]byte
	for i := range len(w) {
		if i > 0 && w[i] == w[i-1] {
			continue
		}
		short := append(append(buffer[:0], w[:i]...), w[i+1:]...)
		if m.known[string(short)] > 0 && len(short) >= shortestMended-1 { // a letter put in
			consider(string(short))
		}
		for _, c := range m.deleted[string(short)] { // a letter changed, or two changed places
			if len(c) == len(w) && oneSlip(c, w) {
				consider(c)
			}
		}
	}
	return best, best != ""
}

// oneSlip says whether two words of one length differ in one letter or in two
// neighbours that changed places.
func oneSlip(a, b string) bool {
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if i == len(a) {
		return true
	}
	if a[i+1:] == b[i+1:] {
		return true
	}
	return i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
}
