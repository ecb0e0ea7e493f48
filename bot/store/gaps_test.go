package store

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/google/go-cmp/cmp"
)

// theme is something that people of the simulated week ask in vain.
type theme struct {
	name     string
	people   int // askers, each once or twice
	kind     bot.Kind
	passage  string
	topic    string
	wordings []string
	days     [2]int // of the week, first and last
}

var week = []theme{
	{"beer", 24, bot.Unknown, "guide/aftercare-overview", "", []string{
		"Can I drink beer tonight?", "is beer ok after microneedling", "how long until i can have a beer", "beer??", "Would one beer hurt",
		"my friends are having beers on saturday, can i have one beer", "beeer allowed?", "When can I drink beer again", "is a bear ok... I mean beer lol",
	}, [2]int{0, 6}},
	{"vaseline", 15, bot.Suggest, "guide/skincare-products", "", []string{
		"can i put vaseline on it", "Is vaseline good for the dry patches", "vaseline on my face at night?", "vasline ok?", "can I use vaseline instead of the cream",
	}, [2]int{1, 5}},
	{"pillow", 9, bot.Unknown, "", "", []string{
		"pillowcase", "should I change my pillow case every night", "pillowcase?", "how often do i wash the pillowcase",
	}, [2]int{2, 6}},
	{"pregnancy", 7, bot.Declined, "", "pregnancy", []string{
		"im pregnant is that ok", "can i have it while pregnant", "12 weeks pregnant", "trying for a baby",
	}, [2]int{0, 3}},
	{"hair dye", 4, bot.Unknown, "", "", []string{
		"can i dye my hair", "hair dye this week?", "is it ok to dye hair tomorrow",
	}, [2]int{3, 4}},
	{"snorkel", 2, bot.Unknown, "", "", []string{"can i go snorkelling in malta", "snorkelling ok?"}, [2]int{0, 6}},
}

// strays are asked once each, by different people.
var strays = []string{
	"does my insurance pay", "is the clinic open on sunday", "what needle length did they use", "can i fly to spain", "my cat licked my cheek", "is retinal the same as retinol",
	"can i play trumpet", "is sleeping on my stomach bad", "which laundry powder", "do i look like a tomato forever",
}

func simulate(t *testing.T, s *Store, c *clock) {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	days := make([][]Entry, 7)
	for _, th := range week {
		for p := range th.people {
			for n := range 1 + p%2 {
				day := th.days[0] + (p*3+n)%(th.days[1]-th.days[0]+1)
				wording := th.wordings[(p+5*n)%len(th.wordings)]
				days[day] = append(days[day], Entry{
					Platform: []string{"discord", "telegram"}[p%2], Asker: fmt.Sprint(th.name, p), Question: wording,
					Kind: th.kind, Passage: th.passage, Topic: th.topic,
				})
			}
		}
	}
	for i, q := range strays {
		days[i%7] = append(days[i%7], Entry{Platform: "discord", Asker: fmt.Sprint("stray", i), Question: q, Kind: bot.Unknown})
	}
	for range 40 { // one person who asks again and again is no crowd
		days[5] = append(days[5], Entry{Platform: "discord", Asker: "nag", Question: "can i eat liquorice", Kind: bot.Unknown})
	}
	for _, day := range days {
		random.Shuffle(len(day), func(i, j int) { day[i], day[j] = day[j], day[i] })
		for _, e := range day {
			s.Record(e)
		}
		settle(t, s)
		c.addDays(1)
	}
	if got := s.Stats(); got.Dropped != 0 {
		t.Fatalf("got %+v, want none dropped", got)
	}
}

var subject = []string{"micro-needling", "microneedling", "skin", "face"}

func TestGapsOfAWeek(t *testing.T) {
	onEach(t, func(t *testing.T, url string) {
		c := newClock("2026-11-02")
		s := mustOpen(t, url, Options{Serve: true, Journal: true, Known: set("vaseline microneedling").has, now: c.Now})
		simulate(t, s, c)
		gaps, err := s.Gaps(t.Context(), GapQuery{K: 3, Subject: subject})
		if err != nil {
			t.Fatal(err)
		}
		var report []string
		for _, g := range gaps {
			report = append(report, fmt.Sprintf("%d questions, %d askers, %s to %s: %s; %q; passage %q, topic %q",
				g.Count, g.Askers, g.First.Format("Mon"), g.Last.Format("Mon"), strings.Join(g.Words, " "), g.Example, g.Passage, g.Topic))
			if g.Texts != nil {
				t.Errorf("texts without JournalText: %q", g.Texts)
			}
		}
		t.Log("\n" + strings.Join(report, "\n"))
		want := []string{
			`36 questions, 24 askers, Mon to Sun: beer drink bear beers friends hurt; "beer"; passage "guide/aftercare-overview", topic ""`,
			`22 questions, 15 askers, Tue to Sat: vaseline cream dry patches; "vaseline"; passage "guide/skincare-products", topic ""`,
			`11 questions, 9 askers, Wed to Sun: pillowcase; "pillowcase"; passage "", topic ""`,
			`10 questions, 7 askers, Mon to Thu: pregnant; "pregnant"; passage "", topic "pregnancy"`,
			`6 questions, 4 askers, Thu to Fri: dye hair; "dye hair"; passage "", topic ""`,
		}
		if diff := cmp.Diff(want, report); diff != "" {
			t.Error(diff)
		}

		again, err := s.Gaps(t.Context(), GapQuery{K: 3, Subject: subject})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(gaps, again); diff != "" {
			t.Errorf("a second time: %s", diff)
		}
		two, err := s.Gaps(t.Context(), GapQuery{K: 3, Subject: subject, Limit: 2})
		if err != nil || cmp.Diff(gaps[:2], two) != "" {
			t.Errorf("Limit 2: got %v, %v", two, err)
		}
		day, _ := time.Parse(dayLayout, "2026-11-06") // Friday
		late, err := s.Gaps(t.Context(), GapQuery{K: 3, Subject: subject, Since: day})
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range late {
			if g.First.Before(day) || g.Topic == "pregnancy" {
				t.Errorf("since Friday: got %+v", g)
			}
		}
		all, err := s.Gaps(t.Context(), GapQuery{K: 1})
		if err != nil {
			t.Fatal(err)
		}
		seen := false
		for _, g := range all {
			seen = seen || cmp.Equal(g.Words, []string{"eat", "liquorice"}) && g.Count == 40 && g.Askers == 1
		}
		if !seen {
			t.Error("K 1: the one who asks again and again is missing")
		}
	})
}

// A word that only one person used is shown to nobody, even where the
// question is like many others.
func TestGapsShowNoLonelyWords(t *testing.T) {
	onEach(t, func(t *testing.T, url string) {
		s := mustOpen(t, url, Options{Serve: true, Journal: true})
		for i := range 5 {
			record(s, fmt.Sprint(i), fmt.Sprintf("can i drink beer with %s at the wedding", []string{"grandma", "uncles", "cousins", "neighbours", "grandma"}[i]))
		}
		settle(t, s)
		gaps, err := s.Gaps(t.Context(), GapQuery{})
		if err != nil || len(gaps) != 1 {
			t.Fatalf("got %v, %v, want one gap", gaps, err)
		}
		if diff := cmp.Diff([]string{"beer", "drink", "wedding"}, gaps[0].Words); diff != "" {
			t.Error(diff)
		}
		if got, want := gaps[0].Example, "beer drink wedding"; got != want {
			t.Errorf("example: got %q, want %q", got, want)
		}
	})
}

// The same person after a change of the key must not count as a second one.
func TestGapsCountPeopleOnce(t *testing.T) {
	onEach(t, func(t *testing.T, url string) {
		c := newClock("2026-01-01")
		s := mustOpen(t, url, Options{Serve: true, Journal: true, KeyDays: 2, now: c.Now})
		for range 20 {
			record(s, "1", "can i drink beer")
			record(s, "2", "can i drink beer")
			settle(t, s)
			c.addDays(1)
		}
		gaps, err := s.Gaps(t.Context(), GapQuery{K: 3})
		if err != nil || len(gaps) != 0 {
			t.Errorf("K 3: got %v, %v, want none", gaps, err)
		}
		gaps, err = s.Gaps(t.Context(), GapQuery{K: 2})
		if err != nil || len(gaps) != 1 || gaps[0].Askers != 2 || gaps[0].Count != 40 {
			t.Errorf("K 2: got %v, %v, want 40 questions of 2", gaps, err)
		}
	})
}

func TestGapsWithTexts(t *testing.T) {
	onEach(t, func(t *testing.T, url string) {
		c := newClock("2026-01-01")
		s := mustOpen(t, url, Options{Serve: true, Journal: true, JournalText: true, now: c.Now})
		for i := range 5 {
			record(s, fmt.Sprint(i), fmt.Sprintf("Beer on day %d?", i/2))
			settle(t, s)
			c.addDays(1)
		}
		gaps, err := s.Gaps(t.Context(), GapQuery{})
		if err != nil || len(gaps) != 1 {
			t.Fatalf("got %v, %v, want one gap", gaps, err)
		}
		if diff := cmp.Diff([]string{"Beer on day 2?", "Beer on day 1?", "Beer on day 0?"}, gaps[0].Texts); diff != "" {
			t.Error(diff)
		}
	})
}

func TestGapsRefused(t *testing.T) {
	onEach(t, func(t *testing.T, url string) {
		s := mustOpen(t, url, Options{Serve: true})
		if _, err := s.Gaps(t.Context(), GapQuery{K: -1}); err == nil {
			t.Error("K -1: got no error")
		}
		if got, err := s.Gaps(t.Context(), GapQuery{}); err != nil || len(got) != 0 {
			t.Errorf("empty journal: got %v, %v", got, err)
		}
	})
}

func TestOneEdit(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"vaselin", "vaslin", true}, {"vaselin", "vasellin", true}, {"vaselin", "vasilin", true}, {"vaselin", "vaesliin", false}, {"vaselin", "vaesiln", false},
		{"vaselin", "vaeslin", true}, {"vaselin", "vaselin", false}, {"vaselin", "baselin", false}, {"vaselin", "vaselines", false}, {"", "a", false},
		{"vaselin", "vaselni", true}, {"ab", "ac", true},
	} {
		if got := oneEdit(tt.a, tt.b); got != tt.want {
			t.Errorf("oneEdit(%q, %q): got %v, want %v", tt.a, tt.b, got, tt.want)
		}
		if got := oneEdit(tt.b, tt.a); got != tt.want {
			t.Errorf("oneEdit(%q, %q): got %v, want %v", tt.b, tt.a, got, tt.want)
		}
	}
}
