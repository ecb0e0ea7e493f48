package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// versionText names this build and the tool chain.
func versionText() string {
	return fmt.Sprintf("%s (%s, %s/%s)", buildVersion(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// buildVersion is the stamped version, else what the go tool noted.
func buildVersion() string {
	v := version
	if info, ok := debug.ReadBuildInfo(); ok && v == "" {
		v = info.Main.Version
	}
	if v == "" || v == "(devel)" {
		v = "devel"
	}
	return v
}

func versionCommand(p process, source *contentSource) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Prints the version of the program and of the content",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			base, err := source.load()
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(p.out, "aftercare %s\ncontent %s (%s)\n", versionText(), base.Hash(), source.name())
			return err
		},
	}
}
