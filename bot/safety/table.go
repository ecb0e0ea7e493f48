package safety

// table is a hash table from hashes to ids.
type table struct {
	slots []slot
	shift uint
}

// slot holds one hash and its id.
type slot struct {
	hash uint32 // its lower half
	id   int32  // 1 + id; 0: free
}

// newTable has room for n ids.
func newTable(n int) table {
	t := table{shift: shiftFor(n)}
	t.slots = make([]slot, 1<<(64-t.shift))
	return t
}

// slotIndex maps a hash to one of 2^(64-shift) slots.
func slotIndex(h uint64, shift uint) uint64 { return h * 0xD6E8FEB86659FD93 >> shift }

// shiftFor leaves at least half of the slots free for n entries.
func shiftFor(n int) uint {
	shift := uint(60)
	for 1<<(64-shift) < 2*n {
		shift--
	}
	return shift
}

// insert adds an id. Of two with the same hash the first stays in front.
func (t *table) insert(h uint64, id int32) {
	mask := uint64(len(t.slots) - 1)
	at := slotIndex(h, t.shift)
	for t.slots[at].id != 0 {
		at = (at + 1) & mask
	}
	t.slots[at] = slot{uint32(h), id + 1}
}

// findHash gives the id with this hash, or -1. It trusts the hash: of ten
// billion words that the content does not hold, a few would be taken for one
// that it does.
func (t *table) findHash(h uint64) int32 {
	mask := uint64(len(t.slots) - 1)
	for at := slotIndex(h, t.shift); t.slots[at].id != 0; at = (at + 1) & mask {
		if t.slots[at].hash == uint32(h) {
			return t.slots[at].id - 1
		}
	}
	return -1
}

// find gives the id with this hash that is the one, or -1.
func (t *table) find(h uint64, is func(id int32) bool) int32 {
	mask := uint64(len(t.slots) - 1)
	for at := slotIndex(h, t.shift); t.slots[at].id != 0; at = (at + 1) & mask {
		if s := t.slots[at]; s.hash == uint32(h) && is(s.id-1) {
			return s.id - 1
		}
	}
	return -1
}
