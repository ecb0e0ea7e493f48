package main

import (
	"bufio"
	"fmt"

	"github.com/spf13/cobra"
)

func topicsCommand(p process, source *contentSource) *cobra.Command {
	return &cobra.Command{
		Use:   "topics",
		Short: "Lists the passages that can be asked for",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			base, err := source.load()
			if err != nil {
				return err
			}
			w := bufio.NewWriter(p.out)
			for _, passage := range base.Passages() {
				fmt.Fprintf(w, "%s\t%s\n", passage.ID, passage.Title)
			}
			return w.Flush()
		},
	}
}
