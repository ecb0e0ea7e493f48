package discord

import (
	"github.com/aftercarebot/aftercare/bot"
	"strings"
	"testing"

	"github.com/aftercarebot/aftercare/bot/discord/discordtest"
)

func TestDoctor(t *testing.T) {
	for name, c := range map[string]struct {
		options discordtest.Options
		config  Config
		prepare func(*discordtest.Server)
		want    []string // level and part of what is found
		without string
	}{
		"all well":         {want: []string{"ok: token is good", "ok: clock agrees", "ok: No privileged intent", "ok: over the gateway", "note: add the bot", "note: No commands are registered"}, without: "problem"},
		"refused token":    {config: Config{Token: "wrong"}, want: []string{"problem: refuses the token"}},
		"no token":         {config: Config{Token: " "}, want: []string{"problem: no token"}},
		"intent missing":   {config: Config{MessageContent: true}, want: []string{"problem: Message Content Intent is off"}},
		"intent there":     {options: discordtest.Options{AllowContent: true}, config: Config{MessageContent: true}, want: []string{"ok: Message Content Intent is on"}},
		"intent unneeded":  {options: discordtest.Options{AllowContent: true}, want: []string{"note: does not ask for it"}},
		"endpoint set":     {prepare: func(s *discordtest.Server) { s.UseHTTP("https://bot.example/") }, want: []string{"problem: not over the gateway"}},
		"endpoint missing": {config: Config{Interactions: ":8080"}, want: []string{"problem: no interactions endpoint URL"}},
		"starts low":       {options: discordtest.Options{Starts: 7}, want: []string{"note: Only 7 of 1000"}},
		"test server":      {config: Config{TestGuild: aGuild}, want: []string{"note: on the test server"}},
	} {
		t.Run(name, func(t *testing.T) {
			c.options.Spec = specFile
			srv, err := discordtest.New(c.options)
			if err != nil {
				t.Fatal(err)
			}
			defer srv.Close()
			if c.prepare != nil {
				c.prepare(srv)
			}
			cfg := c.config
			cfg.APIURL = srv.URL()
			if cfg.Token == "" {
				cfg.Token = discordtest.Token
			}
			findings, err := Doctor(t.Context(), cfg)
			if err != nil {
				t.Fatal(err)
			}
			all := ""
			for _, f := range findings {
				all += f.Level.String() + ": " + f.What + "\n"
				if f.Level == bot.Problem && f.Remedy == "" {
					t.Errorf("no remedy for %q", f.What)
				}
				if strings.Contains(f.What+f.Remedy, discordtest.Token) {
					t.Error("the token is in a finding")
				}
			}
		next:
			for _, want := range c.want {
				level, part, _ := strings.Cut(want, ": ")
				for _, f := range findings {
					if f.Level.String() == level && strings.Contains(f.What, part) {
						continue next
					}
				}
				t.Errorf("got\n%swant %q", all, want)
			}
			if c.without != "" && strings.Contains(all, c.without+":") {
				t.Errorf("got\n%swant no %s", all, c.without)
			}
			for _, r := range srv.Requests() {
				if r.Method != "GET" {
					t.Errorf("doctor made a %s", r.Method)
				}
			}
		})
	}
	if link := installLink("1"); !strings.Contains(link, "permissions=309237713920") || !strings.Contains(link, "scope=bot+applications.commands") {
		t.Errorf("got link %s", link)
	}
}

func TestDoctorWithoutDiscord(t *testing.T) {
	t.Parallel()
	srv, err := discordtest.New(discordtest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	url := srv.URL()
	srv.Close()
	if _, err := Doctor(t.Context(), Config{Token: "t", APIURL: url}); err == nil || strings.Contains(err.Error(), "127.0.0.1") && strings.Contains(err.Error(), "/users/") {
		t.Errorf("got %v", err)
	}
}
