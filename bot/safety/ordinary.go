package safety

import (
	"iter"

	"github.com/aftercarebot/aftercare/knowledge"
)

// ordinaryMessages lists messages that must never raise a safety card: negative
// examples, beside those of the safety section, which look like signs. Where the
// danger signs are the built-in ones, so are most of these: against the few
// phrasings of a small guide alone, nearly everything would look like a sign.
func ordinaryMessages(base *knowledge.Base) []string {
	out := messagesOf(base)
	if builtIn := knowledge.Default(); base != builtIn && base.Safety().BuiltIn() {
		out = append(out, messagesOf(builtIn)...)
	}
	return out
}

// messagesOf lists the phrasings of a content, whatever they ask for.
func messagesOf(base *knowledge.Base) []string {
	var out []string
	for list := range phrasings(base) {
		out = append(out, list...)
	}
	return out
}

// phrasings gives the phrasings of each passage, topic and kind of small talk,
// but for what tells nothing of danger signs.
func phrasings(base *knowledge.Base) iter.Seq[[]string] {
	return func(yield func([]string) bool) {
		for _, p := range base.Passages() {
			if !yield(p.Phrasings) {
				return
			}
		}
		for _, t := range base.Topics() {
			if !yield(t.Phrasings) {
				return
			}
		}
		for _, s := range base.SmallTalk() {
			if !s.Unsettled && !yield(s.Phrasings) {
				return
			}
		}
	}
}
