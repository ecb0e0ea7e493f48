package discord

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/knowledge"
)

// A component's custom id says all that a click needs, so that buttons work
// after a restart, on every replica, and without anything being kept:
// an action, a colon, and its arguments.
const (
	actPassage = "p" // p:PASSAGE shows it; as a menu's id, the passage is the value
	actRelated = "r" // r:PASSAGE offers what belongs to it
	actShare   = "s" // s:PASSAGE shows it to the channel
	actUp      = "u" // u:PASSAGE was helpful
	actDown    = "d" // d:PASSAGE was not
	actDelete  = "x" // x:ASKER[:MESSAGE...] takes the message and those before it away
)

// maxCustomID is Discord's limit for a custom id, a menu's value, and the
// value of an autocomplete choice.
const maxCustomID = 100

func customID(action string, args ...string) string {
	return action + ":" + strings.Join(args, ":")
}

func parseCustomID(s string) (action, rest string) {
	action, rest, _ = strings.Cut(s, ":")
	return action, rest
}

// passageKey names a passage in a custom id: by its id, or if that is too
// long, by a hash of it.
func passageKey(id string) string {
	if len(id) <= maxCustomID-len(pickPrefix) && !strings.HasPrefix(id, "#") {
		return id
	}
	sum := sha256.Sum256([]byte(id))
	return "#" + hex.EncodeToString(sum[:16])
}

// findPassage gives the passage that a key names, if it is still served.
func findPassage(guide bot.Guide, key string) (knowledge.Passage, bool) {
	for _, p := range guide.Topics() {
		if passageKey(p.ID) == key {
			return p, true
		}
	}
	return knowledge.Passage{}, false
}

// A picked autocomplete choice comes back as the text of the question. The
// prefix tells it from something typed.
const pickPrefix = "passage:"

func pickValue(id string) string { return pickPrefix + passageKey(id) }
