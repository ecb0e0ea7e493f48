package telegram

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"sync"

	"github.com/aftercarebot/aftercare/bot"
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

// keys finds a passage by its key in the content served now. It is safe for
// concurrent use.
type keys struct {
	guide bot.Guide

	mu      sync.Mutex
	version string
	ids     map[string]string
}

// id gives the passage's id. A key that the content does not have (any more)
// gives an id that it does not have either, so that the bot can say so; a
// string that cannot be a key gives "".
func (k *keys) id(key string) string {
	if key == "" || len(key) > 64 {
		return ""
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if v := k.guide.Version(); k.ids == nil || v != k.version {
		k.ids, k.version = map[string]string{}, v
		for _, p := range k.guide.Topics() {
			k.ids[passageKey(p.ID)] = p.ID
		}
	}
	if id, ok := k.ids[key]; ok {
		return id
	}
	if strings.HasPrefix(key, "h-") || !strings.Contains(key, "_") {
		return ""
	}
	return strings.ReplaceAll(key, "_", "/")
}
