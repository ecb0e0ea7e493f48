package store

import (
	"strings"
	"testing"
)

func TestPrivacy(t *testing.T) {
	for _, tt := range []struct {
		opt        Options
		want, none []string
	}{
		{Options{Serve: true}, nil, []string{"keep"}},
		{Options{Journal: true}, []string{"its words", "90 days", "every 30 days", "/forgetme", "never kept"}, []string{"as you wrote it"}},
		{Options{Journal: true, JournalText: true, RetentionDays: 14, KeyDays: 1}, []string{"as you wrote it", "for 14 days", "every 1 day,"}, []string{"its words", "90"}},
	} {
		got := tt.opt.Privacy()
		for _, want := range tt.want {
			if !strings.Contains(got, want) {
				t.Errorf("%+v: got %q, want %q in it", tt.opt, got, want)
			}
		}
		for _, none := range tt.none {
			if strings.Contains(got, none) {
				t.Errorf("%+v: got %q, want no %q", tt.opt, got, none)
			}
		}
	}
}
