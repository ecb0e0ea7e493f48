package knowledge

import (
	"strings"
	"testing"
	"testing/fstest"
)

const safetyHead = `safety:
  complete: true
  numbers:
    default: {emergency: "your local emergency number"}
    GB: {emergency: "999"}
    FR DE: {emergency: "112"}
  cards:
    - id: danger
      title: T
      levels:
        - {urgency: emergency, heading: "{emergency}: call it", signs: ["ask {contact}"]}
`

func loadSafety(section string) (Safety, error) {
	base, err := Load(fstest.MapFS{
		"guide.md":    {Data: []byte("## A {#a}\n\nText.\n")},
		"safety.yaml": {Data: []byte(section)},
	})
	if err != nil {
		return Safety{}, err
	}
	return base.Safety(), nil
}

func TestSafetyProblems(t *testing.T) {
	for _, tt := range []struct{ name, section, want string }{
		{"unknown key", "safety:\n  card: []\n", "safety.yaml:2: unknown field"},
		{"unknown urgency", "safety:\n  cards:\n    - id: x\n      title: T\n      levels:\n        - {urgency: soon, heading: H, signs: [s]}\n", `safety.yaml:6: card "x" has the unknown urgency "soon"`},
		{"card without levels", "safety:\n  cards:\n    - id: x\n      title: T\n", "safety.yaml:3: a safety card needs"},
		{"second card", safetyHead + "    - id: danger\n      title: T\n      levels:\n        - {urgency: contact, heading: H, signs: [s]}\n", `safety.yaml:12: a second safety card "danger"`},
		{"unknown placeholder", strings.Replace(safetyHead, "{contact}", "{contatc}", 1), `safety.yaml:8: card "danger" speaks of {contatc}`},
		{"country in words", strings.Replace(safetyHead, "GB", "Britain", 1), `safety.yaml:5: numbers for "Britain"`},
		{"number nobody asks for", strings.Replace(safetyHead, `GB: {emergency`, `GB: {emergancy`, 1), `safety.yaml:5: numbers for GB give "emergancy"`},
		{"missing card", safetyHead + "  signs:\n    - {id: s, card: dangre, patterns: [red]}\n", `safety.yaml:13: danger sign "s" names the card "dangre"`},
		{"unknown lexicon", safetyHead + "  signs:\n    - id: s\n      card: danger\n      patterns:\n        - red\n        - \"<eye> red\"\n", `safety.yaml:17: the pattern "<eye> red" names the lexicon <eye>`},
		{"unknown lexicon in a hint", safetyHead + "  signs:\n    - id: s\n      card: danger\n      hints:\n        - \"red !<eye>\"\n", `safety.yaml:16: the pattern "red !<eye>" names the lexicon <eye>`},
		{"pattern ends with a joiner", safetyHead + "  signs:\n    - {id: s, card: danger, patterns: [\"red &\"]}\n", `safety.yaml:13: bad pattern "red &": ends with a joiner`},
		{"pattern begins with a joiner", safetyHead + "  signs:\n    - {id: s, card: danger, patterns: [\"~3 red\"]}\n", `bad pattern "~3 red": "~3" has no item before it`},
		{"distance without a number", safetyHead + "  signs:\n    - {id: s, card: danger, patterns: [\"red ~x hot\"]}\n", "wants a number from 0 to 12"},
		{"distance too great", safetyHead + "  signs:\n    - {id: s, card: danger, patterns: [\"red ~99 hot\"]}\n", "wants a number from 0 to 12"},
		{"only exclusions", safetyHead + "  signs:\n    - {id: s, card: danger, patterns: [\"!red\"]}\n", "no item that must be there"},
		{"open bracket", safetyHead + "  signs:\n    - {id: s, card: danger, patterns: [\"<eye red\"]}\n", "write a lexicon as <name>"},
		{"short beginning", safetyHead + "  lexicons:\n    eye: [ey*]\n", `safety.yaml:13: "ey*": give at least three letters before *`},
		{"no word", safetyHead + "  lexicons:\n    eye: [\"...\"]\n", `safety.yaml:13: "..." holds no word`},
		{"bad cue", safetyHead + "  cues:\n    negation: [\"no <x>\"]\n", "safety.yaml:13: "},
		{"unknown cue", safetyHead + "  cues:\n    negations: [no]\n", "safety.yaml:13: unknown field"},
		{"lexicon name", safetyHead + "  lexicons:\n    Eye: [eye]\n", `safety.yaml:13: the lexicon name "Eye"`},
		{"example of no sign", safetyHead + "  raise:\n    eyes:\n      - \"my eye\"\n", `safety.yaml:14: raise: there is no danger sign "eyes"`},
		{"complete without signs", safetyHead, "safety.yaml:2: complete: true leaves out the built-in safety section, and this content has no signs of its own; remove that line"},
		{"complete without cards", "safety:\n  complete: true\n", "safety.yaml:2: complete: true leaves out the built-in safety section, and this content has no cards"},
		{"complete, perhaps", "safety:\n  complete: [a]\n", "safety.yaml:2: "},
		{"empty example", safetyHead + "  quiet:\n    mild:\n      - \" \"\n", "safety.yaml:14: an empty example message"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := loadSafety(tt.section)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error with %q", err, tt.want)
			}
		})
	}
}

func TestCardByRegion(t *testing.T) {
	section := safetyHead + "  signs:\n    - {id: s, card: danger, patterns: [red]}\n"
	s, err := loadSafety(section)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ region, want string }{
		{"", "Your local emergency number: call it"},
		{"GB", "999: call it"},
		{"gb", "999: call it"},
		{"UK", "999: call it"},
		{"DE", "112: call it"},
		{"ZZ", "Your local emergency number: call it"},
	} {
		card, ok := s.Card("danger", tt.region)
		if !ok {
			t.Fatal("got no card")
		}
		if got := card.Levels[0].Heading; got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.region, got, tt.want)
		}
		if got, want := card.Levels[0].Signs[0], "ask your practitioner"; got != want {
			t.Errorf("%q: got %q, want %q", tt.region, got, want)
		}
		if got, want := s.Numbers(tt.region), tt.want[0] != 'Y'; got != want {
			t.Errorf("%q: has numbers: %v, want %v", tt.region, got, want)
		}
	}
	if s, err = loadSafety(strings.Replace(section, "GB", "UK", 1)); err != nil || !s.Numbers("GB") {
		t.Errorf("numbers for UK are not those for GB: %v", err)
	}
	if _, ok := s.Card("other", "GB"); ok {
		t.Error("got a card that is not there")
	}
}

// Content without the section, or with a part of it, has the built-in one below its own.
func TestSafetyOverBuiltIn(t *testing.T) {
	none, err := loadSafety("related: {}\n")
	if err != nil {
		t.Fatal(err)
	}
	if card, ok := none.Card("self-harm", "NZ"); !ok || !strings.Contains(card.Levels[1].Heading, "1737") {
		t.Errorf("got %+v, want the built-in card with New Zealand's line", card)
	}
	own, err := loadSafety(strings.Replace(safetyHead, "  complete: true\n", "", 1) + "  lexicons:\n    swell: [zorb]\n")
	if err != nil {
		t.Fatal(err)
	}
	if card, _ := own.Card("danger", ""); card.Title != "T" {
		t.Errorf("got title %q, want the content's own", card.Title)
	}
	if got, want := len(own.Cards), len(none.Cards); got != want {
		t.Errorf("got %d cards, want %d: own and built-in", got, want)
	}
	if got, want := len(own.Raise), len(none.Raise); got != want || want == 0 {
		t.Errorf("got %d examples, want the %d built-in ones", got, want)
	}
	if again, _ := loadSafety("related: {}\n"); len(again.Lexicons) != len(none.Lexicons) {
		t.Error("the built-in section changed by being built upon")
	}
}

// The cards are fixed texts under rules: see the notes on safety.
func TestDefaultCards(t *testing.T) {
	s := Default().Safety()
	for _, region := range []string{"", "GB", "US", "CA", "EU", "AU", "NZ", "IE", "IN", "FR"} {
		for _, c := range s.Cards {
			card, _ := s.Card(c.ID, region)
			text := card.Title + "\n" + card.Intro + "\n" + card.Close
			for i, l := range card.Levels {
				text += "\n" + l.Heading + "\n" + strings.Join(l.Signs, "\n")
				if i == 0 && l.Urgency != Emergency {
					t.Errorf("%s: the first level is %q, want the most urgent first", card.ID, l.Urgency)
				}
			}
			for _, bad := range []string{"{", "}", "http", "www", "diagnos", "detect", "monitor", "triage", "score", "you are fine", "nothing to worry"} {
				if strings.Contains(strings.ToLower(text), bad) {
					t.Errorf("%s in %q holds %q:\n%s", card.ID, region, bad, text)
				}
			}
		}
	}
}
