package intake

import "sync"

// Seen remembers the last keys it was shown, so that a message that a
// platform delivers twice is answered once.
type Seen struct {
	mu   sync.Mutex
	keys map[string]int // position in ring
	ring []string       // grows to size
	size int
	next int
}

// NewSeen makes a memory of size keys; the oldest is forgotten first. It takes
// room as it fills.
func NewSeen(size int) *Seen {
	return &Seen{keys: map[string]int{}, size: size}
}

// First reports whether key is new, and remembers it.
func (s *Seen) First(key string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.keys[key]; ok {
		return false
	}
	if s.next == len(s.ring) {
		s.ring = append(s.ring, "")
	}
	if old := s.ring[s.next]; old != "" {
		delete(s.keys, old)
	}
	s.ring[s.next] = key
	s.keys[key] = s.next
	s.next = (s.next + 1) % s.size
	return true
}

// Forget makes key new again, for a message that was refused and may come back.
func (s *Seen) Forget(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i, ok := s.keys[key]; ok {
		delete(s.keys, key)
		s.ring[i] = ""
	}
}
