package safety

import "github.com/aftercarebot/aftercare/knowledge"

// ordinary lists messages that must never raise a safety card. Where the
// danger signs are the built-in ones, so are most of these: against the few
// phrasings of a small guide alone, nearly everything would look like a sign.
func ordinary(base *knowledge.Base) []string {
	out := messagesOf(base)
	if builtIn := knowledge.Default(); base != builtIn && base.Safety().BuiltIn() {
		out = append(out, messagesOf(builtIn)...)
	}
	return out
}

// messagesOf lists the phrasings of a content, whatever they ask for.
func messagesOf(base *knowledge.Base) []string {
	var out []string
	for _, p := range base.Passages() {
		out = append(out, p.Phrasings...)
	}
	for _, t := range base.Topics() {
		out = append(out, t.Phrasings...)
	}
	for _, s := range base.SmallTalk() {
		out = append(out, s.Phrasings...)
	}
	return out
}
