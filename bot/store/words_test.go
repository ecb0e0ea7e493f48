package store

import (
	"strings"
	"testing"
)

func TestKeepWords(t *testing.T) {
	known := set("botox microneedling retinol aquaphor")
	for _, tt := range []struct{ in, want string }{
		{"Can I drink beer tonight?", "can i drink beer tonight"},
		{"CAN I DRINK BEER TONIGHT", "can i drink beer tonight"},
		{"Is SPF50 or SPF 30 ok, 24-72 hours after 0.5mm?", "is spf 50 or spf 30 ok 24 72 hours after 0.5 mm"},
		{"is 24 - 72 hours right", "is 24 - 72 hours right"},
		{"Botox and Retinol with Aquaphor?", "botox and retinol with aquaphor"},
		{"", ""},
		// names
		{"My name is jane doe and I want filler", "my name is and i want filler"},
		{"my sister Zebedee says no", "my sister says no"},
		{"Hi, I'm Zebedee. Can I swim?", "hi i can i swim"},
		{"Dr Nguyen told me to wait", "dr told me to wait"},
		{"dr sarah nguyen told me to wait", "dr told me to wait"},
		{"dr. nguyen told me to wait", "dr told me to wait"},
		{"Zebedee Nguyen told me to wait", "told me to wait"},
		{"sarah told me jane's face peeled", "told me face peeled"},
		{"Can My Friend Zebedee Drink Beer", "can my"},
		{"Anne-Marie-Louise", ""},
		// handles, addresses, numbers
		{"mail jane.doe@example.com or @jane_doe or jane_doe", "mail or or"},
		{"jane#1234 <@123456789012345678> <#99> <:sad:12345> ok", "ok"},
		{"see https://example.com/u/jane?x=1 and www.example.co.uk/jane and t.me/jane", "see and and"},
		{"call 07911 123456 or +44 (0)20 7946-0958", "call or"},
		{"card 4111 1111 1111 1111 or 4111111111111111", "card or"},
		{"born 12/05/1990, 12.5.90 in 1990", "born in"},
		{"i live at SW1A 1AA or sw1a1aa", "i live at or"},
		{"jane92 and xXx420xXx and 12345 and 999", "and and and 999"},
		{"ｊａｎｅ＠ｅｘａｍｐｌｅ．ｃｏｍ beer", "beer"},
		{"j\u200bane@exa\u00admple.com beer", "beer"},
		// other scripts
		{"можно мне пиво", ""},
		{"beer 啤酒 ok", "beer ok"},
	} {
		// a lone dash is no word
		want := strings.ReplaceAll(tt.want, " - ", " ")
		if got := strings.Join(keepWords(tt.in, known.has), " "); got != want {
			t.Errorf("%q: got %q, want %q", tt.in, got, want)
		}
	}
}

func TestKeepWordsIsBounded(t *testing.T) {
	got := keepWords("first "+strings.Repeat("beer ", 5000)+"last", nil)
	if len(got) != maxWords || got[0] != "first" || got[maxWords-1] != "last" {
		t.Errorf("got %d words from %q to %q", len(got), got[0], got[len(got)-1])
	}
}

func FuzzKeepWords(f *testing.F) {
	for _, s := range []string{"Can I swim?", "jane@x.com", "<@1>", "\xff\x00", "1.2.3.4", "a'b'c", "İ ß ﬁ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, w := range keepWords(s, nil) {
			if digits(w) > 3 || strings.ContainsAny(w, "@/_#<> \n") || w != strings.ToLower(w) {
				t.Errorf("%q: kept %q", s, w)
			}
		}
	})
}
