package store_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/bot/store"
)

func Example() {
	dir, err := os.MkdirTemp("", "aftercare")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	address, ctx := filepath.Join(dir, "store.db"), context.Background()

	// In the bot:
	s, err := store.Open(ctx, address, store.Options{Serve: true, Journal: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := s.Settings("discord").Set(ctx, "guild:42", "auto", "on"); err != nil {
		fmt.Println(err)
	}
	for _, asker := range []string{"anna", "ben", "cleo"} {
		s.Record(store.Entry{Platform: "discord", Asker: asker, Question: "Can I drink beer tonight?", Kind: bot.Unknown})
	}
	if err := s.Close(); err != nil {
		fmt.Println(err)
	}

	// In a report, which may run beside the bot:
	s, err = store.Open(ctx, address, store.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer s.Close()
	gaps, err := s.Gaps(ctx, store.GapQuery{K: 3})
	if err != nil {
		fmt.Println(err)
	}
	for _, gap := range gaps {
		fmt.Println(gap.Askers, "people:", gap.Words)
	}
	// Output: 3 people: [beer drink]
}
