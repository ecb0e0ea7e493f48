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
	actShare   = "s" // s:PASSAGE[:PASSAGE] shows it to the channel
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
	return passageHash(id)
}

func passageHash(id string) string {
	sum := sha256.Sum256([]byte(id))
	return "#" + hex.EncodeToString(sum[:16])
}

// answerKey names an answer's passages in a custom id: the first and, if there
// are more, the one that answers another part of the question, or else the
// second; by their hashes, which hold no colon and leave room for each other.
// What gives other figures than these two is looked for again; there is no room
// for a third part.
func answerKey(matches []knowledge.Match) string {
	if len(matches) == 1 {
		return passageKey(matches[0].Passage.ID)
	}
	beside := matches[1]
	for _, m := range matches[1:] {
		if m.About == "" {
			beside = m
			break
		}
	}
	return passageHash(matches[0].Passage.ID) + ":" + passageHash(beside.Passage.ID)
}

// parseAnswerKey gives the keys of the passages; beside is empty for one.
func parseAnswerKey(s string) (first, beside string) {
	if strings.HasPrefix(s, "#") {
		first, beside, _ = strings.Cut(s, ":")
		return first, beside
	}
	return s, ""
}

// findPassage gives the passage that a key names, if it is still served.
func findPassage(guide bot.Guide, key string) (knowledge.Passage, bool) {
	name := passageKey
	if strings.HasPrefix(key, "#") {
		name = passageHash
	}
	for _, p := range guide.Topics() {
		if name(p.ID) == key {
			return p, true
		}
	}
	return knowledge.Passage{}, false
}

// A picked autocomplete choice comes back as the text of the question. The
// prefix tells it from something typed.
const pickPrefix = "passage:"

func pickValue(id string) string { return pickPrefix + passageKey(id) }
