package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestConfig(t *testing.T) {
	dir := t.TempDir()
	password := filepath.Join(dir, "store")
	write(t, password, "postgres://u:hushhush@db/aftercare\n")
	tests := []struct {
		name string
		file string
		env  map[string]string
		args []string
		code int
		want string // pattern
	}{
		{"defaults", "", nil, nil, exitOK, `(?m)^shards +auto +default$`},
		{"file", "# c\n\nshards = 4\n", nil, nil, exitOK, `(?m)^shards +4 +.*conf:3$`},
		{"environment over file", "shards = 4\n", map[string]string{"AFTERCARE_SHARDS": "5"}, nil, exitOK, `(?m)^shards +5 +environment AFTERCARE_SHARDS$`},
		{"flag over environment", "shards = 4\n", map[string]string{"AFTERCARE_SHARDS": "5"}, []string{"--shards", "6"}, exitOK, `(?m)^shards +6 +flag$`},
		{"content", "content = /srv/guide\n", nil, nil, exitOK, `(?m)^content +/srv/guide +.*conf:1$`},
		{"content by environment", "content = /srv/guide\n", map[string]string{"AFTERCARE_CONTENT": "/home/guide"}, nil, exitOK, `(?m)^content +/home/guide +environment AFTERCARE_CONTENT$`},
		{"token hidden", "", map[string]string{"DISCORD_TOKEN": "hushhush"}, nil, exitOK, `(?m)^discord-token +\(set, hidden\) +environment DISCORD_TOKEN$`},
		{"token file", "telegram-token-file = " + password + "\n", nil, nil, exitOK, `(?m)^telegram-token +\(set, hidden\) +.*conf:1$`},
		{"token over token file", "telegram-token-file = /nowhere\n", map[string]string{"TELEGRAM_TOKEN": "hushhush"}, nil, exitOK, `(?m)^telegram-token +\(set, hidden\) +environment TELEGRAM_TOKEN$`},
		{"password hidden", "store = postgres://u:hushhush@db/aftercare\n", nil, nil, exitOK, `(?m)^store +postgres://u@db/aftercare +.*conf:1$`},
		{"password in the query hidden", "store = postgres://db/aftercare?user=u&password=hushhush\n", nil, nil, exitOK, `(?m)^store +postgres://db/aftercare +.*conf:1$`},
		{"slash in the password", "store = postgres://u:12/hushhush@db/x\n", nil, nil, exitOK, `(?m)^store +\(cannot be read, hidden\) +.*conf:1$`},
		{"slashes left out", "store = postgres:u:hushhush@db/x\n", nil, nil, exitOK, `(?m)^store +\(cannot be read, hidden\) +.*conf:1$`},
		{"connection string", "", nil, []string{"--store", "host=db password=hushhush"}, exitOK, `(?m)^store +\(cannot be read, hidden\) +flag$`},
		{"token in the API's path", "", map[string]string{"TELEGRAM_API_URL": "https://api.telegram.org/bot123456:hushhush"}, nil, exitOK, `(?m)^telegram-api-url +https://api.telegram.org/\(hidden\) +environment TELEGRAM_API_URL$`},
		{"password of a proxy", "discord-api-url = https://u:hushhush@proxy:8080/api\n", nil, nil, exitOK, `(?m)^discord-api-url +https://\(hidden\)@proxy:8080/\(hidden\) +.*conf:1$`},
		{"usual API", "", map[string]string{"DISCORD_API_URL": "https://discord.com/api/"}, nil, exitOK, `(?m)^discord-api-url +https://discord.com/api +environment DISCORD_API_URL$`},
		{"store from a file", "", map[string]string{"AFTERCARE_STORE_FILE": password}, nil, exitOK, `(?m)^store +postgres://u@db/aftercare +environment AFTERCARE_STORE_FILE$`},
		{"list", "admins = discord:1, telegram:2\n", nil, nil, exitOK, `(?m)^admins +discord:1, ?telegram:2 `},

		{"unknown name", "shard = 4\n", nil, nil, exitUsage, `conf:1: there is no setting of the name "shard"`},
		{"no setting", "shards 4\n", nil, nil, exitUsage, `conf:1: is not of the form`},
		{"twice", "shards = 4\nshards = 5\n", nil, nil, exitUsage, `conf:2: shards is set in line 1 already`},
		{"token in the file", "discord-token = hushhush\n", nil, nil, exitUsage, `conf:1: a token does not belong here`},
		{"token alone in the file", "hushhush\n", nil, nil, exitUsage, `conf:1: is not of the form`},
		{"bad value in the file", "retention = long\n", nil, nil, exitUsage, `conf:1: "long" is no value for --retention`},
		{"bad value in the environment", "", map[string]string{"AFTERCARE_WATCH": "maybe"}, nil, exitUsage, `environment AFTERCARE_WATCH: "maybe" is no value`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			env := map[string]string{}
			if test.file != "" {
				env["AFTERCARE_CONFIG"] = filepath.Join(t.TempDir(), "aftercare.conf")
				write(t, env["AFTERCARE_CONFIG"], test.file)
			}
			for name, value := range test.env {
				env[name] = value
			}
			var out bytes.Buffer
			code := run(t.Context(), append([]string{"config"}, test.args...), process{in: strings.NewReader(""), out: &out, err: &out,
				env: func(name string) (string, bool) { value, ok := env[name]; return value, ok }})
			if code != test.code || !regexp.MustCompile(test.want).MatchString(out.String()) {
				t.Errorf("got exit code %d and\n%s\nwant %d and %s", code, out.String(), test.code, test.want)
			}
			if strings.Contains(out.String(), "hushhush") {
				t.Errorf("got a secret in the output:\n%s", out.String())
			}
		})
	}
	if code, _, errs := command(t, "config", "--config", filepath.Join(dir, "nowhere")); code != exitUsage || !strings.Contains(errs, "configuration: ") {
		t.Errorf("got exit code %d and %q, want %d", code, errs, exitUsage)
	}
}

func TestMan(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "man1")
	if code, _, errs := command(t, "man", dir); code != exitOK {
		t.Fatalf("got exit code %d and %q, want 0", code, errs)
	}
	pages, err := filepath.Glob(filepath.Join(dir, "*.1"))
	if err != nil || len(pages) < 10 {
		t.Errorf("got %d pages and error %v, want one for each command", len(pages), err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "aftercare-serve.1"))
	if err != nil || !strings.Contains(string(text), "(default 90)\n") || strings.Contains(string(text), "(default false)") {
		t.Errorf("got error %v and\n%s\nwant the defaults that are not empty", err, text)
	}
}
