package telegram

import (
	"crypto/sha256"
	"encoding/base64"
	"path"
	"strings"
	"sync"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/knowledge"
)

// A passage goes by a key in deep links (64 of A-Za-z0-9_-) and in buttons
// (64 bytes with the action before it): its id with "/" as "_" where that is
// short and can be read back, else "h-" and a hash of the id.
const keyLimit = 48

func passageKey(id string) string {
	plain := len(id) <= keyLimit && !strings.HasPrefix(id, "h-") && strings.Contains(id, "/")
	for i := 0; plain && i < len(id); i++ {
		c := id[i]
		plain = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '/'
	}
	if plain {
		return strings.ReplaceAll(id, "/", "_")
	}
	sum := sha256.Sum256([]byte(id))
	return "h-" + base64.RawURLEncoding.EncodeToString(sum[:24])
}

// passageMark is shorter than a key can be, for a button that has one already.
func passageMark(id string) string {
	sum := sha256.Sum256([]byte(id))
	return base64.RawURLEncoding.EncodeToString(sum[:8])
}

// keys finds a passage by its key in the content served now. It is safe for
// concurrent use.
type keys struct {
	guide bot.Guide

	mu      sync.Mutex
	version string
	ids     map[string]string
	marks   map[string]knowledge.Passage
	files   map[string]bool // keys less the last part: those of the passages' files
}

// id gives the passage's id, and whether the content has it. A key that looks
// like one of a passage that is gone, since others of its file are there, gives
// the id that it had, so that the bot can say so; any other string gives "".
func (k *keys) id(key string) (id string, has bool) {
	if key == "" || len(key) > 64 {
		return "", false
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.renew()
	if id, ok := k.ids[key]; ok {
		return id, true
	}
	if i := strings.LastIndexByte(key, '_'); i > 0 && k.files[key[:i]] {
		return strings.ReplaceAll(key, "_", "/"), false
	}
	return "", false
}

// marked gives the passage with a mark; nil if the content has none.
func (k *keys) marked(mark string) *knowledge.Passage {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.renew()
	if p, ok := k.marks[mark]; ok {
		return &p
	}
	return nil
}

// renew learns the content where it has changed. mu is held.
func (k *keys) renew() {
	v := k.guide.Version()
	if k.ids != nil && v == k.version {
		return
	}
	k.ids, k.marks, k.files, k.version = map[string]string{}, map[string]knowledge.Passage{}, map[string]bool{}, v
	for _, p := range k.guide.Topics() {
		k.ids[passageKey(p.ID)] = p.ID
		k.marks[passageMark(p.ID)] = p
		k.files[strings.ReplaceAll(path.Dir(p.ID), "/", "_")] = true
	}
}
