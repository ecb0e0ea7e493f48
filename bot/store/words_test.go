package store

import (
	"strings"
	"testing"
)

func TestKeepWords(t *testing.T) {
	known := set("botox microneedling retinol aquaphor spf after")
	for _, tt := range []struct{ in, want string }{
		{"Can I drink beer tonight?", "beer drink"},
		{"CAN I DRINK BEER, BEER, BEER TONIGHT", "beer drink"},
		{"Is SPF50 or SPF 30 ok, 24-72 hours after 0.5mm?", "spf"},
		{"Botox and Retinol with Aquaphor?", "aquaphor botox retinol"},
		{"", ""},
		// typos of known words
		{"aquafor retinoll on my face", "face retinol"},
		{"aquaphore, aquahpor, aqaphor, aquaphar", "aquaphor"},
		{"afterr aquaphor", "aquaphor"},
		// names
		{"My name is jane doe and I want filler", "filler name"},
		{"my sister Zebedee says no", "sister"},
		{"Hi, I'm Zebedee. Can I swim?", "swim"},
		{"Dr Nguyen told me to wait", ""},
		{"dr sarah smith told me to wait", "told"},
		{"dr. smith told me to wait", ""},
		{"Zebedee Nguyen told me to wait", "told"},
		{"sarah told me jane's face peeled", "face peeled told"},
		{"Can My Friend Zebedee Drink Beer", ""},
		{"Anne-Marie-Louise", ""},
		{"beer" + strings.Repeat("-beer", maxParts), ""},
		{"this is ola nowak from leeds can i drink beer", "beer drink"},
		{"i jan kowalski can i drink", "drink"},
		{"doctor iqbal said no", "doctor"},
		{"nurse mark brown said no", "nurse"},
		{"doctor retinol", "doctor retinol"},
		{"ng or jo or x", ""},
		// handles, addresses, numbers
		{"mail jane.doe@example.com or @jane_doe or jane_doe", "mail"},
		{"email jan smith at gmail dot com", "dot email"},
		{"jane#1234 <@123456789012345678> <#99> <:sad:12345> ok", ""},
		{"see https://example.com/u/jane?x=1 and www.example.co.uk/jane and t.me/jane", ""},
		{"call 07911 123456 or +44 (0)20 7946-0958", "call"},
		{"card 4111 1111 1111 1111 or 4111111111111111", "card"},
		{"born 12/05/1990, 12.5.90 in 1990, aged 34", "aged born"},
		{"i live at SW1A 1AA or sw1a1aa", "live"},
		{"i live at 12 acacia avenue, can i swim", "live swim"},
		{"jane92 and xXx420xXx and 12345 and 999", ""},
		{"ｊａｎｅ＠ｅｘａｍｐｌｅ．ｃｏｍ beer", "beer"},
		{"j\u200bane@exa\u00admple.com beer", "beer"},
		// other scripts
		{"можно мне пиво", ""},
		{"beer 啤酒 ok", "beer"},
	} {
		if got := strings.Join(keepWords(tt.in, known.has), " "); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestKeepWordsIsBounded(t *testing.T) {
	got := strings.Join(keepWords("wine "+strings.Repeat("on ", maxWords/2)+"beer "+strings.Repeat("on ", maxWords/2)+"swim", nil), " ")
	if want := "swim wine"; got != want {
		t.Errorf("got %q, want %q from the ends", got, want)
	}
}

func FuzzKeepWords(f *testing.F) {
	for _, s := range []string{"Can I swim?", "jane@x.com", "<@1>", "\xff\x00", "1.2.3.4", "a'b'c", "İ ß ﬁ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, w := range keepWords(s, nil) {
			if digits(w) > 0 || strings.ContainsAny(w, "@/_#<> \n") || w != strings.ToLower(w) {
				t.Errorf("%q: kept %q", s, w)
			}
		}
	})
}
