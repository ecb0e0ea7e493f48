package main

import (
	"encoding/json"
	"errors"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/bot/store"
)

// The names are a promise to dashboards and alert rules.
func TestMetrics(t *testing.T) {
	r := serving(t, guideOf(t, map[string]string{"fern.md": fern}))
	m := newMeter(r.now.base)
	m.Answered("discord", bot.Urgent, 0.001)
	m.Reconnected("telegram")
	m.SendFailed("discord", "forbidden")
	m.Dropped("telegram", "too fast")
	m.Queued("discord", 7)
	m.Panicked("discord")
	m.reloaded(reloaded{base: r.now.base, err: errors.New("x"), took: time.Second})
	w := httptest.NewRecorder()
	m.handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	for _, want := range []string{
		`aftercare_questions_total{kind="urgent",platform="discord"} 1`,
		`aftercare_answer_seconds_count{platform="discord"} 1`,
		`aftercare_content_info{hash="` + r.bot.Version() + `"} 1`,
		`aftercare_content_last_reload_successful 0`,
		`aftercare_content_last_reload_timestamp_seconds 1.`,
		`aftercare_content_reloads_total{result="failure"} 1`,
		`aftercare_reconnects_total{platform="telegram"} 1`,
		`aftercare_send_errors_total{platform="discord",reason="forbidden"} 1`,
		`aftercare_dropped_total{platform="telegram",reason="too fast"} 1`,
		`aftercare_queue_depth{platform="discord"} 7`,
		`aftercare_panics_total{platform="discord"} 1`,
		`aftercare_build_info{goversion="go`,
		`process_start_time_seconds `,
		`go_goroutines `,
	} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("got no %s in\n%s", want, w.Body)
		}
	}
	m.reloaded(reloaded{base: r.now.base, took: time.Second})
	w = httptest.NewRecorder()
	m.handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	if n := strings.Count(w.Body.String(), "\naftercare_content_info{"); n != 1 {
		t.Errorf("got %d versions that serve, want 1", n)
	}
	if !strings.Contains(w.Body.String(), "aftercare_content_last_reload_successful 1") {
		t.Error("got no success after one")
	}
}

var metricName = regexp.MustCompile(`\baftercare_[a-z_]+`)

// TestDeploymentNamesWhatExists: a rule on a figure that is not there never fires.
func TestDeploymentNamesWhatExists(t *testing.T) {
	r := serving(t, guideOf(t, map[string]string{"fern.md": fern}))
	s, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "s.db"), store.Options{Serve: true, Journal: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	m := newMeter(r.now.base)
	m.journal(s)
	m.Answered("discord", bot.Answer, 0.001)
	m.Reconnected("telegram")
	m.SendFailed("discord", "forbidden")
	m.Dropped("telegram", "too fast")
	m.Queued("discord", 7)
	m.Panicked("discord")
	m.reloaded(reloaded{base: r.now.base})
	w := httptest.NewRecorder()
	m.handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	there := map[string]bool{}
	for _, name := range metricName.FindAllString(w.Body.String(), -1) {
		there[name] = true
	}
	for _, file := range []string{"../../deploy/prometheus/alerts.yaml", "../../deploy/grafana/aftercare.json"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		names := metricName.FindAllString(string(text), -1)
		if len(names) < 5 {
			t.Errorf("%s: got %d figures, want more", file, len(names))
		}
		for _, name := range names {
			if !there[name] {
				t.Errorf("%s speaks of %s, which is not there", file, name)
			}
		}
		if strings.HasSuffix(file, ".json") && !json.Valid(text) {
			t.Errorf("%s is no JSON", file)
		}
	}
}
