package index

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// stringTable is a list of short strings, kept as one: nothing for the garbage
// collector to walk, and quick to write out and read back.
type stringTable struct {
	Text string
	Ends []uint32 // of each in Text
}

func (t *stringTable) len() int { return len(t.Ends) }

// at gives string i.
func (t *stringTable) at(i int32) string {
	from := uint32(0)
	if i > 0 {
		from = t.Ends[i-1]
	}
	return t.Text[from:t.Ends[i]]
}

// list gives all strings.
func (t *stringTable) list() []string {
	out := make([]string, t.len())
	for i := range out {
		out[i] = t.at(int32(i))
	}
	return out
}

func stringTableOf(list []string) stringTable {
	n := 0
	for _, s := range list {
		n += len(s)
	}
	b := make([]byte, 0, n)
	t := stringTable{Ends: make([]uint32, len(list))}
	for i, s := range list {
		b = append(b, s...)
		t.Ends[i] = uint32(len(b))
	}
	t.Text = string(b)
	return t
}

// dictionary numbers words from 0 in the order of a list.
type dictionary struct {
	Words stringTable
	Slots []int32 // 1 + number of the word whose hash leads here; 0: free
}

// dictionaryOf numbers words; those from number findable on have a number, but
// are not found by it.
func dictionaryOf(words stringTable, findable int) dictionary {
	d := dictionary{Words: words, Slots: make([]int32, slotsFor(findable))}
	mask := uint64(len(d.Slots) - 1)
	for i := range int32(findable) {
		at := spread(hashString(words.at(i))) & mask
		for d.Slots[at] != 0 {
			at = (at + 1) & mask
		}
		d.Slots[at] = i + 1
	}
	return d
}

// find gives the number of a word.
func (d *dictionary) find(w string) (int32, bool) {
	mask := uint64(len(d.Slots) - 1)
	for at := spread(hashString(w)) & mask; d.Slots[at] != 0; at = (at + 1) & mask {
		if i := d.Slots[at] - 1; d.Words.at(i) == w {
			return i, true
		}
	}
	return -1, false
}

// findJoint gives the number of the word that two make when written as one.
func (d *dictionary) findJoint(a, b string) (int32, bool) {
	mask := uint64(len(d.Slots) - 1)
	for at := spread(hashAppend(hashString(a), b)) & mask; d.Slots[at] != 0; at = (at + 1) & mask {
		i := d.Slots[at] - 1
		if w := d.Words.at(i); len(w) == len(a)+len(b) && w[:len(a)] == a && w[len(a):] == b {
			return i, true
		}
	}
	return -1, false
}

// slotsFor is a power of two that leaves at least a quarter of the slots free.
func slotsFor(n int) int {
	size := 8
	for 3*size < 4*n {
		size *= 2
	}
	return size
}

// spread brings the upper bits of a hash to its lower ones.
func spread(h uint64) uint64 { return h ^ h>>29 ^ h>>47 }

// numbering gives hashes of features numbers from 0. Hashes are told apart by
// their upper 32 bits: of a hundred thousand, one or two share theirs with
// another, and are then the same feature.
type numbering struct {
	Slots []slot
	Count int32
}

// slot is a key and 1 + its number; 0: the slot is free.
type slot struct {
	key uint32
	id  int32
}

// shortened is what a hash is told apart by.
func shortened(key uint64) uint32 { return uint32(key >> 32) }

func (n *numbering) find(key uint64) int32 {
	if len(n.Slots) == 0 {
		return -1
	}
	short := shortened(key)
	mask := uint32(len(n.Slots) - 1)
	for at := short & mask; n.Slots[at].id != 0; at = (at + 1) & mask {
		if n.Slots[at].key == short {
			return n.Slots[at].id - 1
		}
	}
	return -1
}

// numberingOf numbers distinct shortened keys by their place in the list.
func numberingOf(keys []uint32) numbering {
	n := roomFor(len(keys))
	for _, key := range keys {
		n.add(key)
	}
	return n
}

// roomFor gives an empty numbering to which so many keys can be added; they
// fill at most five sixths of it, as its keys are spread evenly.
func roomFor(keys int) numbering {
	size := 8
	for 5*size < 6*keys {
		size *= 2
	}
	return numbering{Slots: make([]slot, size)}
}

// add gives a key its number: the next one, if it has none.
func (n *numbering) add(key uint32) int32 {
	mask := uint32(len(n.Slots) - 1)
	at := key & mask
	for ; n.Slots[at].id != 0; at = (at + 1) & mask {
		if n.Slots[at].key == key {
			return n.Slots[at].id - 1
		}
	}
	n.Count++
	n.Slots[at] = slot{key, n.Count}
	return n.Count - 1
}

// keys lists the keys in the order of their numbers.
func (n *numbering) keys() []uint32 {
	out := make([]uint32, n.Count)
	for _, s := range n.Slots {
		if s.id > 0 {
			out[s.id-1] = s.key
		}
	}
	return out
}

// sortedKeys numbers hashes of features, told apart as in a numbering, by their
// order. Hashes are spread evenly, so that few share their upper bits.
type sortedKeys struct {
	Keys  []uint32
	First []int32 // of the keys that share their upper bits, the number of the first; one more at the end
	shift uint
}

// sortedKeysOf numbers distinct shortened keys, which are in their order.
func sortedKeysOf(keys []uint32) sortedKeys {
	upper := uint(max(1, bits.Len(uint(len(keys)/3))))
	r := sortedKeys{Keys: keys, First: make([]int32, 1<<upper+1), shift: 32 - upper}
	for _, key := range keys {
		r.First[key>>r.shift+1]++
	}
	for i := range len(r.First) - 1 {
		r.First[i+1] += r.First[i]
	}
	return r
}

func (r *sortedKeys) find(key uint64) int32 {
	short := shortened(key)
	of := short >> r.shift
	for i := r.First[of]; i < r.First[of+1]; i++ {
		if r.Keys[i] == short {
			return i
		}
	}
	return -1
}

// rows is a list of lists, kept as one, as in compressed sparse rows (CSR).
type rows[T any] struct {
	Start []int32 // of each in Items; one more at the end
	Items []T
}

func (r *rows[T]) at(i int32) []T { return r.Items[r.Start[i]:r.Start[i+1]] }

// add appends a list.
func (r *rows[T]) add(items ...T) {
	if len(r.Start) == 0 {
		r.Start = append(r.Start, 0)
	}
	r.Items = append(r.Items, items...)
	r.Start = append(r.Start, int32(len(r.Items)))
}

// rowsFor has room for n lists and so many items.
func rowsFor[T any](n, items int) rows[T] {
	return rows[T]{Start: make([]int32, 1, n+1), Items: make([]T, 0, items)}
}

// pair is an item of list number of.
type pair[T any] struct {
	of   int32
	item T
}

// group brings pairs in any order into n lists, each in the order of the pairs.
func group[T any](n int, pairs []pair[T]) rows[T] {
	r := rows[T]{Start: make([]int32, n+1), Items: make([]T, len(pairs))}
	for _, p := range pairs {
		r.Start[p.of+1]++
	}
	for i := range n {
		r.Start[i+1] += r.Start[i]
	}
	next := slices.Clone(r.Start[:n])
	for _, p := range pairs {
		r.Items[next[p.of]] = p.item
		next[p.of]++
	}
	return r
}

// invert gives for each of n items the numbers of the lists that hold it.
func invert(lists rows[int32], n int) rows[int32] {
	out := rows[int32]{Start: make([]int32, n+1), Items: make([]int32, len(lists.Items))}
	for _, item := range lists.Items {
		out.Start[item+1]++
	}
	for i := range n {
		out.Start[i+1] += out.Start[i]
	}
	next := slices.Clone(out.Start[:n])
	for i := range int32(len(lists.Start) - 1) {
		for _, item := range lists.at(i) {
			out.Items[next[item]] = i
			next[item]++
		}
	}
	return out
}

// packed is a list of lists of numbers from -1 on, kept in few bytes: small
// ones take one.
type packed struct{ rows[byte] }

func (p *packed) add(list []int32) {
	if len(p.Start) == 0 {
		p.Start = append(p.Start, 0)
	}
	for _, v := range list {
		p.Items = binary.AppendUvarint(p.Items, uint64(v+1))
	}
	p.Start = append(p.Start, int32(len(p.Items)))
}

// appendTo appends list i to out.
func (p *packed) appendTo(out []int32, i int32) []int32 {
	for rest := p.at(i); len(rest) > 0; {
		if rest[0] < 0x80 {
			out, rest = append(out, int32(rest[0])-1), rest[1:]
			continue
		}
		v, n := binary.Uvarint(rest)
		out, rest = append(out, int32(v)-1), rest[max(n, 1):]
	}
	return out
}
