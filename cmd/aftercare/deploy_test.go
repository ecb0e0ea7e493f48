package main

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestDeploymentSettings: what the files under deploy set is what serve knows.
func TestDeploymentSettings(t *testing.T) {
	known := settingNames()
	conf, err := os.ReadFile("../../deploy/aftercare.conf")
	if err != nil {
		t.Fatal(err)
	}
	// The commented lines are meant to be switched on.
	setting := regexp.MustCompile(`(?m)^#?([a-z-]+) = (.+)$`)
	found := setting.FindAllStringSubmatch(string(conf), -1)
	if len(found) < 5 {
		t.Errorf("got %d settings in aftercare.conf, want more", len(found))
	}
	for _, m := range found {
		if !known[m[1]] {
			t.Errorf("aftercare.conf sets %s, which is no setting", m[1])
		}
	}
	variables := map[string]bool{"AFTERCARE_CONFIG": true, "DISCORD_TOKEN_FILE": true, "TELEGRAM_TOKEN_FILE": true}
	for name := range known {
		variables[variableOf(name)] = true
	}
	for _, file := range []string{"deploy/compose.yaml", "deploy/aftercare.service", "Dockerfile"} {
		text, err := os.ReadFile("../../" + file)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range regexp.MustCompile(`\b(?:AFTERCARE|DISCORD|TELEGRAM)_[A-Z_]+`).FindAllString(string(text), -1) {
			if !variables[name] {
				t.Errorf("%s sets %s, which nothing reads", file, name)
			}
		}
		for _, command := range regexp.MustCompile(`(?:bin/|/)aftercare (?:serve|reindex|healthcheck)[^\n]*`).FindAllString(string(text), -1) {
			if strings.Contains(command, "--") && !strings.Contains(command, "deploy") {
				t.Errorf("%s: %s has flags that no test looks at", file, command)
			}
		}
	}
}

// TestActionsArePinned: a tag can be moved to other code, a digest cannot.
func TestActionsArePinned(t *testing.T) {
	for _, file := range []string{"ci.yml", "release.yml"} {
		text, err := os.ReadFile("../../.github/workflows/" + file)
		if err != nil {
			t.Fatal(err)
		}
		uses := regexp.MustCompile(`(?m)uses: (.*)$`).FindAllStringSubmatch(string(text), -1)
		if len(uses) == 0 {
			t.Errorf("%s: got no actions, want some", file)
		}
		for _, m := range uses {
			if !regexp.MustCompile(`^[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`).MatchString(m[1]) {
				t.Errorf("%s: %s is not pinned by a digest, with its version behind it", file, m[1])
			}
		}
	}
}
