package index

import (
	"github.com/aftercarebot/aftercare/knowledge"
	"github.com/aftercarebot/aftercare/knowledge/language"
)

// class is one thing that a message can be about: a passage, a declined topic
// or a kind of small talk. They compete in one ranking.
type class struct {
	passage   int // position in the base, or -1
	topic     *knowledge.Topic
	smallTalk *knowledge.SmallTalk
	phrasings []string
	texts     []string // title and sentences of a passage, words of a topic: weaker examples
}

func classesOf(base *knowledge.Base) []class {
	var classes []class
	for i, p := range base.Passages() {
		classes = append(classes, class{passage: i, phrasings: p.Phrasings, texts: append([]string{p.Title}, language.Sentences(language.Normalise(p.Text))...)})
	}
	topics := base.Topics()
	for i := range topics {
		t := &topics[i]
		classes = append(classes, class{passage: -1, topic: t, phrasings: t.Phrasings, texts: append([]string{t.Name}, t.Words...)})
	}
	talk := base.SmallTalk()
	for i := range talk {
		classes = append(classes, class{passage: -1, smallTalk: &talk[i], phrasings: talk[i].Phrasings})
	}
	return classes
}
