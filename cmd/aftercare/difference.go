package main

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/aftercarebot/aftercare/knowledge"
)

// difference says what a new version of the content changes.
type difference struct {
	Added   []string `json:"added"` // ids of passages
	Changed []string `json:"changed"`
	Removed []string `json:"removed"`
	Other   []string `json:"other"` // sections besides the passages: "thesaurus", "safety cards"
}

// differenceOf compares two versions.
func differenceOf(old, new *knowledge.Base) difference {
	d := difference{Added: []string{}, Changed: []string{}, Removed: []string{}, Other: []string{}}
	for _, p := range new.Passages() {
		was, ok := old.Passage(p.ID)
		switch {
		case !ok:
			d.Added = append(d.Added, p.ID)
		case !samePassage(was, p):
			d.Changed = append(d.Changed, p.ID)
		}
	}
	for _, p := range old.Passages() {
		if _, ok := new.Passage(p.ID); !ok {
			d.Removed = append(d.Removed, p.ID)
		}
	}
	for _, section := range []struct {
		name     string
		old, new any
	}{
		{"declined topics", topicsOf(old), topicsOf(new)},
		{"thesaurus", old.Thesaurus(), new.Thesaurus()},
		{"small talk", old.SmallTalk(), new.SmallTalk()},
		{"differences", old.Differences(), new.Differences()},
		{"safety", old.Safety(), new.Safety()},
		{"wording", old.Wording(), new.Wording()},
	} {
		if !reflect.DeepEqual(section.old, section.new) {
			d.Other = append(d.Other, section.name)
		}
	}
	return d
}

// samePassage compares all but the place in the file.
func samePassage(a, b knowledge.Passage) bool {
	return a.Title == b.Title && a.Text == b.Text && a.Source == b.Source &&
		slices.Equal(a.Phrasings, b.Phrasings) && slices.Equal(a.Related, b.Related)
}

// topicsOf gives the declined topics without their places in the files.
func topicsOf(b *knowledge.Base) []knowledge.Topic {
	topics := slices.Clone(b.Topics())
	for i := range topics {
		topics[i].File, topics[i].Line = "", 0
	}
	return topics
}

// String gives lines for people.
func (d difference) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "passages: %d added, %d changed, %d removed\n", len(d.Added), len(d.Changed), len(d.Removed))
	for _, list := range []struct {
		sign string
		ids  []string
	}{{"+", d.Added}, {"~", d.Changed}, {"-", d.Removed}} {
		for i, id := range list.ids {
			if i == maxListed {
				fmt.Fprintf(&b, "  %s and %d more\n", list.sign, len(list.ids)-i)
				break
			}
			fmt.Fprintf(&b, "  %s %s\n", list.sign, id)
		}
	}
	if len(d.Other) > 0 {
		fmt.Fprintf(&b, "also changed: %s\n", strings.Join(d.Other, ", "))
	}
	return b.String()
}

// maxListed is how many of a kind a report for people lists one by one.
const maxListed = 20
