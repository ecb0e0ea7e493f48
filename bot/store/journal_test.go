package store

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/google/go-cmp/cmp"
)

// record notes an unknown question on Discord.
func record(s *Store, asker, question string) {
	s.Record(Entry{Platform: "discord", Asker: asker, Question: question, Kind: bot.Unknown})
}

// settle waits until all that was recorded so far is written or dropped.
func settle(t testing.TB, s *Store) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := s.forgetQueued(ctx, "nobody", ""); err != nil {
		t.Fatal(err)
	}
}

func TestRecordKeepsWhatWasAskedInVain(t *testing.T) {
	onEach(t, func(t *testing.T, url string) {
		c := newClock("2026-11-02")
		s := mustOpen(t, url, Options{Serve: true, Journal: true, now: c.Now})
		for _, e := range []Entry{
			{"discord", "1", "Can I drink beer?", bot.Unknown, "guide/aftercare-overview", ""},
			{"telegram", "2", "can i swim in my pregnancy", bot.Declined, "", "pregnancy"},
			{"discord", "3", "red or blue cream", bot.Suggest, "faq/which-creams", "left out"},
			{"discord", "4", "canary answered", bot.Answer, "faq/healing-time", ""},
			{"discord", "5", "canary hello", bot.Greeting, "", ""},
			{"discord", "6", "canary I cannot breathe", bot.Urgent, "guide/avoid-infections", ""},
			{"discord", "7", "@jane 😀 12345", bot.Unknown, "", ""}, // nothing is left of it
			{"disc\x00ord", "8", "odd \xff\x00 bytes", bot.Unknown, "a\x00b", ""},
		} {
			s.Record(e)
		}
		settle(t, s)
		got := column(t, s, `SELECT day || '|' || platform || '|' || kind || '|' || words || '|' || passage || '|' || topic || '|' || period || '|' || COALESCE(raw, 'none') FROM aftercare_journal`)
		slices.Sort(got)
		want := []string{
			"2026-11-02|disc ord|unknown|bytes odd|a b||2026-11-02|none",
			"2026-11-02|discord|suggest|blue cream red|faq/which-creams||2026-11-02|none",
			"2026-11-02|discord|unknown|beer drink|guide/aftercare-overview||2026-11-02|none",
			"2026-11-02|telegram|declined|pregnancy swim||pregnancy|2026-11-02|none",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if got := s.Stats(); got.Written != 4 || got.Dropped != 0 || got.Failing {
			t.Errorf("got %+v, want 4 written", got)
		}
	})
}

func TestJournalOff(t *testing.T) {
	onEach(t, func(t *testing.T, url string) {
		s := mustOpen(t, url, Options{Serve: true})
		record(s, "1", "can i drink beer")
		if err := s.Feedback(t.Context(), bot.Feedback{Platform: "discord", Passage: "a/b", Asker: "1"}); err == nil {
			t.Error("thumb: got no error")
		}
		settle(t, s)
		for _, table := range []string{"aftercare_journal", "aftercare_feedback", "aftercare_journal_key"} {
			if got := column(t, s, `SELECT 'row' FROM `+table); len(got) > 0 {
				t.Errorf("%s: got %d rows, want none", table, len(got))
			}
		}
	})
}

func TestJournalText(t *testing.T) {
	onEach(t, func(t *testing.T, url string) {
		s := mustOpen(t, url, Options{Serve: true, Journal: true, JournalText: true})
		record(s, "1", "Can Thaddeus drink\x00 beer?")
		s.Record(Entry{Platform: "discord", Asker: "2", Question: "canary", Kind: bot.Urgent})
		record(s, "3", strings.Repeat("ü", 10_000))
		settle(t, s)
		got := column(t, s, `SELECT raw FROM aftercare_journal`)
		slices.Sort(got)
		if diff := cmp.Diff([]string{"Can Thaddeus drink  beer?", strings.Repeat("ü", 4096)}, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestFeedback(t *testing.T) {
	onEach(t, func(t *testing.T, url string) {
		s := mustOpen(t, url, Options{Serve: true, Journal: true})
		ctx := t.Context()
		thumb := func(asker, passage string, helpful bool) {
			t.Helper()
			if err := s.Feedback(ctx, bot.Feedback{Platform: "discord", Passage: passage, Helpful: helpful, Asker: asker}); err != nil {
				t.Fatal(err)
			}
		}
		s.Record(Entry{"discord", "1", "how long am i red", bot.Answer, "faq/healing-time", ""})
		s.Record(Entry{"discord", "2", "when am i healed", bot.Answer, "faq/healing-time", ""})
		thumb("1", "faq/healing-time", true)
		thumb("1", "faq/healing-time", false) // changed their mind
		thumb("1", "faq/healing-time", false) // twice
		thumb("2", "faq/healing-time", true)
		thumb("3", "faq/healing-time", true)
		thumb("3", "guide/benefits", false) // nobody recorded the question
		thumb("4", "guide/benefits", true)
		if err := s.Feedback(ctx, bot.Feedback{Platform: "discord"}); err == nil {
			t.Error("thumb on nothing: got no error")
		}
		settle(t, s)
		got, err := s.Thumbs(ctx, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]Thumbs{{"faq/healing-time", 2, 1}, {"guide/benefits", 1, 1}}, got); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{"answer|red|faq/healing-time"}, column(t, s, `SELECT kind || '|' || words || '|' || passage FROM aftercare_journal`)); diff != "" {
			t.Errorf("words of the answer judged: %s", diff)
		}
		if got, err := s.Thumbs(ctx, time.Now().AddDate(0, 0, 2)); err != nil || len(got) != 0 {
			t.Errorf("thumbs of the future: got %v, %v", got, err)
		}
	})
}

func TestAnswersAreBounded(t *testing.T) {
	a := newAnswers()
	for i := range 3 * maxAnswers {
		a.put(line{platform: "d", asker: fmt.Sprint(i), passage: "p", words: "beer"})
	}
	if len(a.lines) != maxAnswers || len(a.order) != maxAnswers {
		t.Errorf("got %d and %d, want %d", len(a.lines), len(a.order), maxAnswers)
	}
	if _, ok := a.take("d", fmt.Sprint(2*maxAnswers-1), "p"); ok {
		t.Error("one too old is still there")
	}
	for _, i := range []int{2 * maxAnswers, 3*maxAnswers - 1} {
		if _, ok := a.take("d", fmt.Sprint(i), "p"); !ok {
			t.Errorf("%d is not there", i)
		}
		if _, ok := a.take("d", fmt.Sprint(i), "p"); ok {
			t.Errorf("%d is there twice", i)
		}
	}
}

func TestRetention(t *testing.T) {
	onEach(t, func(t *testing.T, url string) {
		c := newClock("2026-01-01")
		opt := Options{Serve: true, Journal: true, RetentionDays: 10, KeyDays: 3, now: c.Now}
		s := mustOpen(t, url, opt)
		for range 15 {
			record(s, "1", "can i drink beer")
			if err := s.Feedback(t.Context(), bot.Feedback{Platform: "discord", Passage: c.Now().Format(dayLayout), Asker: "1"}); err != nil {
				t.Fatal(err)
			}
			settle(t, s)
			c.addDays(1)
		}
		check := func(s *Store, want []string) {
			t.Helper()
			if diff := cmp.Diff(want, column(t, s, `SELECT day FROM aftercare_journal ORDER BY day`)); diff != "" {
				t.Errorf("journal: %s", diff)
			}
			if diff := cmp.Diff(want, column(t, s, `SELECT day FROM aftercare_feedback ORDER BY day`)); diff != "" {
				t.Errorf("thumbs: %s", diff)
			}
		}
		if err := s.upkeep(t.Context()); err != nil { // on 16 January
			t.Fatal(err)
		}
		check(s, []string{"2026-01-07", "2026-01-08", "2026-01-09", "2026-01-10", "2026-01-11", "2026-01-12", "2026-01-13", "2026-01-14", "2026-01-15"})
		mustClose(t, s)
		c.addDays(8)
		opt.Journal = false // switched off later: what is there still goes in time
		s = mustOpen(t, url, opt)
		settle(t, s)
		check(s, []string{"2026-01-15"})
		keys := func(want ...string) {
			t.Helper()
			if diff := cmp.Diff(want, column(t, s, `SELECT since FROM aftercare_journal_key`)); diff != "" {
				t.Errorf("keys: %s", diff)
			}
		}
		keys("2026-01-13") // of the entry that is left
		c.addDays(2)
		if err := s.upkeep(t.Context()); err != nil {
			t.Fatal(err)
		}
		check(s, nil)
		keys()
	})
}

func TestKeyRotation(t *testing.T) {
	onEach(t, func(t *testing.T, url string) {
		c := newClock("2026-01-01")
		s := mustOpen(t, url, Options{Serve: true, Journal: true, KeyDays: 7, now: c.Now})
		var secrets []string
		for day := range 15 {
			record(s, "1", "can i drink beer")
			record(s, "2", "can i drink beer")
			settle(t, s)
			secrets = column(t, s, `SELECT DISTINCT secret FROM aftercare_journal_key`)
			if want := day/7 + 1; len(secrets) != want {
				t.Fatalf("day %d: got %d keys, want %d", day, len(secrets), want)
			}
			c.addDays(1)
		}
		if got := column(t, s, `SELECT period || ' ' || CAST(COUNT(DISTINCT asker) AS TEXT) || ' ' || CAST(COUNT(*) AS TEXT) FROM aftercare_journal GROUP BY period ORDER BY period`); cmp.Diff([]string{"2026-01-01 2 14", "2026-01-08 2 14", "2026-01-15 2 2"}, got) != "" {
			t.Errorf("askers by key: got %v", got)
		}
		if got := column(t, s, `SELECT DISTINCT asker FROM aftercare_journal`); len(got) != 6 {
			t.Errorf("got %d hashes for 2 people under 3 keys, want 6", len(got))
		}
		// a clock that was far ahead once
		c.addDays(-100)
		record(s, "1", "can i drink beer")
		settle(t, s)
		today := c.Now().Format(dayLayout)
		if got := column(t, s, `SELECT period FROM aftercare_journal WHERE day = ?`, today); len(got) != 1 || got[0] != today {
			t.Errorf("after the clock went back: got a key of %v, want %s", got, today)
		}
	})
}

func TestForget(t *testing.T) {
	onEach(t, func(t *testing.T, url string) {
		c := newClock("2026-01-01")
		opt := Options{Serve: true, Journal: true, KeyDays: 7, now: c.Now}
		s := mustOpen(t, url, opt)
		ctx := t.Context()
		thumb := func(asker string) {
			t.Helper()
			if err := s.Feedback(ctx, bot.Feedback{Platform: "discord", Passage: "faq/healing-time", Asker: asker}); err != nil {
				t.Fatal(err)
			}
		}
		forget := func(s *Store, platform, asker string) {
			t.Helper()
			if err := s.Forget(ctx, platform, asker); err != nil {
				t.Fatal(err)
			}
		}
		words := func(s *Store) []string {
			return column(t, s, `SELECT words FROM aftercare_journal ORDER BY words`)
		}
		forget(s, "discord", "jane") // nothing is there yet

		record(s, "jane", "wine")
		record(s, "joe", "cider of another")
		thumb("jane")
		settle(t, s)
		c.addDays(7)
		record(s, "jane", "beer")
		record(s, "joe", "gin of another")
		s.Record(Entry{Platform: "telegram", Asker: "jane", Question: "rum on telegram", Kind: bot.Unknown})
		s.Record(Entry{Platform: "discord", Asker: "jane", Question: "sherry", Kind: bot.Answer, Passage: "faq/healing-time"})
		thumb("jane")
		thumb("joe")
		s.Record(Entry{Platform: "discord", Asker: "jane", Question: "sherry again", Kind: bot.Answer, Passage: "faq/healing-time"})
		forget(s, "discord", "jane") // while most of it is in the queue
		thumb("jane")                // must find no words in memory
		settle(t, s)
		if diff := cmp.Diff([]string{"cider", "gin", "rum telegram"}, words(s)); diff != "" {
			t.Error(diff)
		}
		if got, err := s.Thumbs(ctx, time.Time{}); err != nil || len(got) != 1 || got[0].Down != 2 {
			t.Errorf("thumbs of joe and jane's new one: got %v, %v", got, err)
		}
		mustClose(t, s)

		opt.Journal = false
		s = mustOpen(t, url, opt)
		forget(s, "telegram", "jane")
		if diff := cmp.Diff([]string{"cider", "gin"}, words(s)); diff != "" {
			t.Errorf("journal off: %s", diff)
		}
		c.addDays(7)
		forget(s, "discord", "joe") // past the days of both keys
		if got := words(s); len(got) > 0 {
			t.Errorf("all forgotten: got %q", got)
		}
	})
}

// canaries must not be found in any file. Each is too long to stand there by chance.
var canaries = []string{
	"zebedee", "Zebedee", "jane.doe@example.com", "jane_doe", "example.com", "7911123456", "4111111111111111", "99887766554433221", "8877665544",
	"breathe", "swollen", "capitalised", "Can I ask",
}

func recordCanaries(t *testing.T, s *Store) {
	t.Helper()
	for i := range 300 {
		s.Record(Entry{Platform: "discord", Asker: "99887766554433221", Kind: bot.Unknown, Question: "Can I ask Zebedee or jane.doe@example.com or @jane_doe +44 7911123456 about beer? www.example.com 4111111111111111 champagne " + fmt.Sprint(i)})
		s.Record(Entry{Platform: "telegram", Asker: "8877665544", Kind: bot.Urgent, Question: "I cannot breathe, my lips are swollen"})
		s.Record(Entry{Platform: "telegram", Asker: "8877665544", Kind: bot.Answer, Passage: "faq/healing-time", Question: "capitalised"})
		if i%50 == 0 {
			if err := s.Feedback(t.Context(), bot.Feedback{Platform: "discord", Passage: "faq/healing-time", Helpful: true, Asker: "99887766554433221"}); err != nil {
				t.Fatal(err)
			}
			settle(t, s)
		}
	}
	settle(t, s)
}

// grep gives the canaries found in the files below a directory, and how many
// bytes it read.
func grep(t *testing.T, dir string, canaries []string) (found []string, size int) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return nil // a server's file may go while we look
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return nil
		}
		size += len(text)
		for _, canary := range canaries {
			if bytes.Contains(text, []byte(canary)) {
				found = append(found, filepath.Base(path)+": "+canary)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found, size
}

func TestNothingIdentifyingOnDisk(t *testing.T) {
	dir := t.TempDir()
	var l logs
	s := mustOpen(t, filepath.Join(dir, "store.db"), Options{Serve: true, Journal: true, Log: l.logger()})
	recordCanaries(t, s)
	for _, when := range []string{"open", "closed"} {
		if when == "closed" {
			mustClose(t, s)
		}
		if found, size := grep(t, dir, canaries); len(found) > 0 || size < 10_000 {
			t.Errorf("%s: found %v in %d bytes", when, found, size)
		}
		if found, _ := grep(t, dir, []string{"beer champagne"}); len(found) == 0 {
			t.Errorf("%s: the words that are kept were not found either: the search is blind", when)
		}
	}
	for _, canary := range canaries {
		if strings.Contains(l.String(), canary) {
			t.Errorf("%q in the log", canary)
		}
	}
}

// What was deleted must not be readable in the files any more.
func TestDeletedIsOverwritten(t *testing.T) {
	dir := t.TempDir()
	c := newClock("2026-01-01")
	s := mustOpen(t, filepath.Join(dir, "store.db"), Options{Serve: true, Journal: true, KeyDays: 7, RetentionDays: 7, now: c.Now})
	record(s, "1", "liquorice")
	settle(t, s)
	secret := column(t, s, `SELECT secret FROM aftercare_journal_key`)[0]
	gone := []string{secret, "liquorice"}
	if found, _ := grep(t, dir, gone); len(found) < 2 {
		t.Fatalf("before: found %v, want both", found)
	}
	if err := s.Forget(t.Context(), "discord", "1"); err != nil {
		t.Fatal(err)
	}
	c.addDays(14)
	record(s, "2", "rhubarb")
	settle(t, s)
	if err := s.upkeep(t.Context()); err != nil {
		t.Fatal(err)
	}
	w := &writer{store: s}
	w.scrub()
	for _, when := range []string{"open", "closed"} {
		if when == "closed" {
			mustClose(t, s)
		}
		if found, _ := grep(t, dir, gone); len(found) > 0 {
			t.Errorf("%s: found %v", when, found)
		}
		if found, _ := grep(t, dir, []string{"rhubarb"}); len(found) == 0 {
			t.Errorf("%s: what was to stay is gone, too", when)
		}
	}
}

// What was forgotten is soon unreadable, without waiting for the upkeep.
func TestForgottenIsOverwritten(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, filepath.Join(dir, "store.db"), Options{Serve: true, Journal: true, JournalText: true})
	record(s, "1", "liquorice")
	settle(t, s)
	if err := s.Forget(t.Context(), "discord", "1"); err != nil {
		t.Fatal(err)
	}
	settle(t, s)
	if found, _ := grep(t, dir, []string{"liquorice"}); len(found) > 0 {
		t.Errorf("got %v", found)
	}
}

// A process that is killed between deleting and overwriting leaves the
// overwriting to the next.
func TestDeletedIsOverwrittenAfterAKill(t *testing.T) {
	dir, left := t.TempDir(), t.TempDir()
	opt := Options{Serve: true, Journal: true, JournalText: true}
	s := mustOpen(t, filepath.Join(dir, "store.db"), opt)
	record(s, "1", "liquorice")
	settle(t, s)
	if _, err := s.write.ExecContext(t.Context(), `DELETE FROM aftercare_journal`); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"store.db", "store.db-wal"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(left, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	gone := []string{"liquorice"}
	if found, _ := grep(t, left, gone); len(found) == 0 {
		t.Fatal("the words are not in what the kill left: the test is blind")
	}
	settle(t, mustOpen(t, filepath.Join(left, "store.db"), opt))
	if found, _ := grep(t, left, gone); len(found) > 0 {
		t.Errorf("got %v", found)
	}
}

// percentiles gives the 50th and the 99th, and the worst.
func percentiles(d []time.Duration) (p50, p99, worst time.Duration) {
	slices.Sort(d)
	return d[len(d)/2], d[len(d)*99/100], d[len(d)-1]
}

// hammer records n questions at about 10,000 a second and says how long each
// call took.
func hammer(s *Store, n int) []time.Duration {
	took := make([]time.Duration, n)
	for i := range took {
		question := fmt.Sprintf("can i drink beer or wine at the party of my sister %d", i%900)
		start := time.Now()
		record(s, "u", question)
		took[i] = time.Since(start)
		if i%10 == 9 {
			time.Sleep(time.Millisecond)
		}
	}
	return took
}

func TestRecordDoesNotWait(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, url string) {
		s := mustOpen(t, url, Options{Serve: true, Journal: true})
		took := hammer(s, 5000)
		settle(t, s)
		p50, p99, worst := percentiles(took)
		stats := s.Stats()
		t.Logf("healthy: Record p50 %v p99 %v worst %v, %d written, %d dropped", p50, p99, worst, stats.Written, stats.Dropped)
		if stats.Written+stats.Dropped != 5000 || stats.Written == 0 {
			t.Errorf("got %+v, want 5000 in all", stats)
		}
	})
}

func TestEntriesOfADayAreBounded(t *testing.T) {
	c := newClock("2026-01-01")
	s := mustOpen(t, filepath.Join(t.TempDir(), "store.db"), Options{Serve: true, Journal: true, now: c.Now})
	for i := range maxPerDay + 300 {
		record(s, "raider", "buy my beer")
		if i%500 == 499 {
			settle(t, s)
		}
	}
	if err := s.Feedback(t.Context(), bot.Feedback{Platform: "discord", Passage: "faq/healing-time", Asker: "1"}); err != nil {
		t.Fatal(err)
	}
	settle(t, s)
	if got := s.Stats(); got.Written != maxPerDay+1 || got.Dropped != 300 || got.Failing {
		t.Errorf("got %+v, want %d and a thumb written, 300 dropped", got, maxPerDay)
	}
	c.addDays(1)
	record(s, "1", "can i drink beer")
	settle(t, s)
	if got := s.Stats(); got.Written != maxPerDay+2 {
		t.Errorf("the day after: got %+v, want one more", got)
	}
}

func TestHashKeepsPlatformAndIDApart(t *testing.T) {
	k := journalKey{secret: []byte("0123456789abcdef0123456789abcdef")}
	a, b := k.hash("discord", "1"), k.hash("discord1", "")
	if a == b || a != k.hash("discord", "1") || len(a) != 32 {
		t.Errorf("got %s and %s, want two stable hashes of 128 bits", a, b)
	}
}

// While another process keeps the file locked, entries are lost, and counted,
// and logged once; nothing waits; and afterwards all is well.
func TestLockedDatabase(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "store.db")
	var l logs
	s := mustOpen(t, path, Options{Serve: true, Journal: true, Log: l.logger()})
	record(s, "1", "beer")
	settle(t, s)

	other, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	conn, err := other.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.ExecContext(t.Context(), `BEGIN EXCLUSIVE`); err != nil {
		t.Fatal(err)
	}
	took := hammer(s, 3000)
	if got, err := s.Settings("discord").Settings(t.Context(), "guild:1"); err != nil || len(got) != 0 {
		t.Errorf("reading while it is locked: got %v, %v", got, err)
	}
	settle(t, s)
	if err := s.Settings("discord").Set(t.Context(), "guild:1", "auto", "on"); err == nil || !strings.Contains(err.Error(), "keeps it locked: end what has it open") {
		t.Errorf("Set while it is locked: got %v, want the remedy", err)
	}
	stats := s.Stats()
	p50, p99, worst := percentiles(took)
	t.Logf("locked: Record p50 %v p99 %v worst %v, %d dropped", p50, p99, worst, stats.Dropped)
	if stats.Written != 1 || stats.Dropped != 3000 || !stats.Failing {
		t.Errorf("got %+v, want 1 written and 3000 dropped", stats)
	}
	if got := strings.Count(l.String(), "journal entries lost"); got != 1 {
		t.Errorf("logged %d times, want once:\n%s", got, l.String())
	}
	if _, err := conn.ExecContext(t.Context(), `ROLLBACK`); err != nil {
		t.Fatal(err)
	}
	record(s, "1", "wine")
	settle(t, s)
	if got := s.Stats(); got.Written != 2 || got.Failing {
		t.Errorf("after the lock: got %+v, want 2 written", got)
	}
}

// A Close while the file is locked gives up in time, and says what is lost.
func TestCloseWhileLocked(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "store.db")
	s := mustOpen(t, path, Options{Serve: true, Journal: true})
	settle(t, s)
	other, err := sql.Open("sqlite", path+"?_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	tx, err := other.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	for range 1000 {
		record(s, "1", "can i drink beer")
	}
	if err := s.Close(); err == nil || !strings.Contains(err.Error(), "journal entries were lost") {
		t.Errorf("got %v, want the loss", err)
	}
	if got := s.Stats(); got.Written != 0 || got.Dropped != 1000 || got.Queued != 0 {
		t.Errorf("got %+v, want 1000 dropped", got)
	}
}
