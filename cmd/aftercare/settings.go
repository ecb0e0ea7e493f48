package main

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/aftercarebot/aftercare/bot/store"
)

// Every setting of serve is a flag, an environment variable and a name in the
// configuration file; the first of the three that has it counts. The flag
// --admin-socket is AFTERCARE_ADMIN_SOCKET and admin-socket = ….

// variableOf gives the environment variable of a setting.
func variableOf(name string) string {
	upper := strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
	if slices.Contains(credentialNames, name) {
		return upper
	}
	return "AFTERCARE_" + upper
}

// credentialNames are settings that are no flags: everybody on a machine can
// read those of a process. Tokens themselves may not be in the configuration
// file either, only the names of the files that hold them.
var credentialNames = []string{"discord-token-file", "telegram-token-file", "discord-api-url", "telegram-api-url"}

// settings looks a variable up in the environment, and then in the
// configuration file.
type settings struct {
	environment func(string) (string, bool)
	path        string                 // of the file; empty: there is none
	file        map[string]fileSetting // by variable
}

type fileSetting struct {
	value string
	line  int
}

// lookup has the form of os.LookupEnv. A variable that names a file yields to
// the variable itself in the environment, and the other way round, so that
// the environment always outweighs the file.
func (s *settings) lookup(variable string) (string, bool) {
	if value, ok := s.environment(variable); ok {
		return value, true
	}
	if _, ok := s.environment(strings.TrimSuffix(variable, "_FILE")); ok {
		return "", false
	}
	if _, ok := s.environment(variable + "_FILE"); ok {
		return "", false
	}
	set, ok := s.file[variable]
	return set.value, ok
}

// read reads the configuration file: lines of name = value, and comments
// that begin with #.
func (s *settings) read(path string, known map[string]bool) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return usage(fmt.Errorf("configuration: %w", err), "Check --config and AFTERCARE_CONFIG.")
	}
	s.path, s.file = path, map[string]fileSetting{}
	for i, line := range strings.Split(strings.TrimPrefix(string(text), "\ufeff"), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		wrong := func(format string, args ...any) error {
			return usage(fmt.Errorf("%s:%d: %s", path, i+1, fmt.Sprintf(format, args...)), "aftercare config --help shows what a line looks like; aftercare config lists the names.")
		}
		name, value, ok := strings.Cut(line, "=")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		variable := variableOf(name)
		switch {
		case !ok: // without the line: it may be a token
			return wrong("is not of the form name = value")
		case name == "discord-token" || name == "telegram-token":
			return wrong("a token does not belong here; put it into a file of its own, and %s-file = that file here", name)
		case !known[name]:
			return wrong("there is no setting of the name %.40q", name)
		case s.file[variable].line != 0:
			return wrong("%s is set in line %d already", name, s.file[variable].line)
		}
		s.file[variable] = fileSetting{value, i + 1}
	}
	return nil
}

// where says where a variable's value comes from.
func (s *settings) where(variable string) string {
	for _, v := range []string{variable, variable + "_FILE"} {
		if _, ok := s.environment(v); ok {
			return "environment " + v
		}
	}
	for _, v := range []string{variable, variable + "_FILE"} {
		if set, ok := s.file[v]; ok {
			return fmt.Sprintf("%s:%d", s.path, set.line)
		}
	}
	return "default"
}

// apply gives a command's flags the values that the environment and the file
// have for them.
func (s *settings) apply(cmd *cobra.Command, p process) error {
	if strings.HasPrefix(cmd.Name(), "__") || cmd.Name() == "help" {
		return nil // completion must not fail for a setting
	}
	path := ""
	if f := cmd.Flag("config"); f != nil {
		path = f.Value.String()
	}
	if path == "" {
		path, _ = s.environment("AFTERCARE_CONFIG")
	}
	if path != "" {
		if err := s.read(path, settingNames()); err != nil {
			return err
		}
	}
	var failed error
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if failed != nil || f.Changed || f.Name == "config" || f.Name == "content" || !settingNames()[f.Name] {
			return
		}
		variable := variableOf(f.Name)
		value, err := s.value(f.Name, p)
		if err == nil && value != "" {
			if err = f.Value.Set(value); err != nil {
				err = usage(fmt.Errorf("%s: %q is no value for --%s", s.where(variable), shown(f.Name, value), f.Name), "aftercare serve --help says what it takes.")
			}
		}
		failed = err
	})
	return failed
}

// value gives what the environment or the file has for a setting; "" if nothing.
func (s *settings) value(name string, p process) (string, error) {
	if name == "store" { // its address may hold a password, so it may be in a file
		return p.token(variableOf(name))
	}
	value, _ := s.lookup(variableOf(name))
	return value, nil
}

// settingNames are the names of all settings.
func settingNames() map[string]bool {
	names := map[string]bool{"content": true, "store-file": true}
	for _, name := range credentialNames {
		names[name] = true
	}
	serveFlags().VisitAll(func(f *pflag.Flag) { names[f.Name] = true })
	return names
}

// serveFlags are the flags that serve has of its own.
func serveFlags() *pflag.FlagSet {
	cmd := &cobra.Command{}
	new(platformFlags).register(cmd)
	new(operationFlags).register(cmd)
	return cmd.Flags()
}

// shown hides the secret part of a value.
func shown(name, value string) string {
	if name != "store" || value == "" {
		return value
	}
	address, err := store.Shown(value)
	if err != nil {
		return "(cannot be read, hidden)"
	}
	return address
}

// shownAPI gives the address of an API server without the parts into which
// people put tokens. The usual one is shown whole.
func shownAPI(address, usual string) string {
	u, err := url.Parse(address)
	if address == usual || err != nil { // apiURL has refused one that cannot be read
		return usual
	}
	host := u.Scheme + "://"
	if u.User != nil {
		host += "(hidden)@"
	}
	host += u.Host
	if u.Path != "" {
		host += "/(hidden)"
	}
	return host
}

func configCommand(p process, source *contentSource) *cobra.Command {
	var platforms platformFlags
	var operations operationFlags
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Prints every setting of serve, its value and where that comes from",
		Long: "config prints what serve would use. A setting is a flag, an environment variable\n" +
			"(--admin-socket: AFTERCARE_ADMIN_SOCKET) or a line of the configuration file that\n" +
			"--config or AFTERCARE_CONFIG names; the first of the three counts. Lines look like\n" +
			"  # comment\n" +
			"  content = /srv/guide\n" +
			"  discord-token-file = /run/secrets/discord\n" +
			"Secrets are never printed, and tokens do not belong into the file.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return printSettings(cmd, p, source) },
	}
	platforms.register(cmd)
	operations.register(cmd)
	return cmd
}

func printSettings(cmd *cobra.Command, p process, source *contentSource) error {
	s := p.settings
	c, err := p.credentials()
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(p.out, 0, 0, 3, ' ', 0)
	row := func(name, value, where string) {
		if value == "" {
			value = "–"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", name, value, where)
	}
	flagged := func(name, value, variable string) {
		where := s.where(variable)
		if f := cmd.Flag(name); f != nil && f.Changed {
			where = "flag"
		}
		row(name, value, where)
	}
	secret := func(value string) string {
		if value == "" {
			return ""
		}
		return "(set, hidden)"
	}
	if s.path != "" {
		row("config", s.path, "")
	}
	flagged("content", source.name(), "AFTERCARE_CONTENT")
	row("discord-token", secret(c.discordToken), s.where("DISCORD_TOKEN"))
	row("telegram-token", secret(c.telegramToken), s.where("TELEGRAM_TOKEN"))
	row("discord-api-url", shownAPI(c.discordAPI, discordAPI), s.where("DISCORD_API_URL"))
	row("telegram-api-url", shownAPI(c.telegramAPI, telegramAPI), s.where("TELEGRAM_API_URL"))
	serveFlags().VisitAll(func(f *pflag.Flag) {
		value := shown(f.Name, cmd.Flag(f.Name).Value.String())
		if f.Name == "admin-socket" && value == "" {
			value, _ = p.socketPath("")
		}
		if list, err := cmd.Flags().GetStringSlice(f.Name); err == nil {
			value = strings.Join(list, ",")
		}
		flagged(f.Name, value, variableOf(f.Name))
	})
	if err := w.Flush(); err != nil && !errors.Is(err, io.ErrClosedPipe) {
		return err
	}
	return nil
}
