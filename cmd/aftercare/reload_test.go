package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/knowledge"
)

const fern = `# Fern

## Watering {#watering}

Water it every second day.

` + "```phrasings" + `
how often should I water the fern?
when does it need water
how much water does a fern want
` + "```" + `

## Light {#light}

Keep it in the shade.

` + "```phrasings" + `
does the fern like sun?
where should I put it
how much light does a fern want
` + "```" + `
`

const fernGolden = `{"q": "when should I water the fern", "ids": ["fern/watering"]}
{"q": "how much sun does the fern like", "ids": ["fern/light"]}
{"q": "which football team won the cup", "ids": []}
{"q": "she has collapsed and is not breathing", "urgent": true}
`

// fernSafety is a danger sign of the fern guide's own, so that tests need not
// learn the built-in ones.
const fernSafety = `safety:
  complete: true
  cards:
    - id: danger
      title: Danger
      levels:
        - {urgency: emergency, heading: "Call for help", signs: [somebody has collapsed]}
  signs:
    - {id: collapse, card: danger, patterns: [collapsed]}
`

// guideOf writes a content folder. It has fernSafety if files have no safety.yaml.
func guideOf(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	if _, own := files["safety/cards.yaml"]; !own {
		write(t, filepath.Join(dir, "safety.yaml"), fernSafety)
	}
	for name, text := range files {
		write(t, filepath.Join(dir, name), text)
	}
	return dir
}

func write(t testing.TB, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// serving gives a reloader whose bot serves the content of dir.
func serving(t testing.TB, dir string) *reloader {
	t.Helper()
	source := &contentSource{dir: dir, env: noEnv}
	e, err := source.start(bot.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return newReloader(source, e, quiet)
}

func noEnv(string) (string, bool) { return "", false }

func ask(r *reloader, question string) string {
	return r.bot.Answer(context.Background(), bot.Question{Text: question}).Plain()
}

func TestReloadServesWhatIsSound(t *testing.T) {
	water := strings.Replace(fern, "every second day", "on Mondays", 1)
	tests := []struct {
		name  string
		file  string
		text  string
		force bool
		fails string // in the error; empty: it is served
		says  string // in the report
	}{
		{name: "text changed", file: "fern.md", text: water, says: "~ fern/watering"},
		{name: "passage added", file: "ivy.md", text: "# Ivy\n\n## Climbing {#climbing}\n\nGive it a wall.\n", says: "+ ivy/climbing"},
		{name: "nothing changed", file: "notes.txt", text: "x", says: "nothing changed"},
		{name: "heading without anchor", file: "fern.md", text: water + "\n## Pests\n\nNone.\n", fails: "fern.md:23: heading"},
		{name: "bad YAML", file: "more.yaml", text: "phrasings:\n  - [", fails: "more.yaml:"},
		{name: "unknown key", file: "more.yaml", text: "phrasing: {}\n", fails: "more.yaml:1:"},
		{name: "passage of a golden question gone", file: "fern.md", text: strings.Replace(water, "{#light}", "{#sun}", 1), fails: `golden.jsonl:2: there is no passage "fern/light"`},
		{name: "bad golden question, content the same", file: "golden.jsonl", text: fernGolden + "{\n", fails: "golden.jsonl:5"},
		{name: "one more golden question, content the same", file: "golden.jsonl", text: fernGolden + `{"q": "when should I water the fern", "ids": ["fern/light"]}` + "\n",
			says: "golden questions answered as they should be: 4 of 5\naftercare eval --content /"},
		{name: "golden questions answered worse", file: "fern.md", text: swapTexts(fern), fails: `golden.jsonl:1: "when should I water the fern" was right`},
		{name: "the same by force", file: "fern.md", text: swapTexts(fern), force: true, says: "served by force"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := guideOf(t, map[string]string{"fern.md": fern, "golden.jsonl": fernGolden})
			r := serving(t, dir)
			old := r.bot.Version()
			write(t, filepath.Join(dir, test.file), test.text)
			report, err := r.reload(t.Context(), "test", test.force)
			if test.fails != "" {
				if err == nil || !strings.Contains(err.Error(), test.fails) {
					t.Fatalf("got report %v and error %v, want an error with %q", report, err, test.fails)
				}
				if r.bot.Version() != old {
					t.Errorf("got version %s, want the old one, %s", r.bot.Version(), old)
				}
				return
			}
			if err != nil {
				t.Fatalf("got error %v, want none", err)
			}
			if !strings.Contains(report.String(), test.says) {
				t.Errorf("got report %q, want %q in it", report, test.says)
			}
			if r.bot.Version() != report.New {
				t.Errorf("got version %s, want %s", r.bot.Version(), report.New)
			}
		})
	}
}

// Content that the golden questions speak against, or whose golden questions
// cannot be read, is served at a start, but not without a word.
func TestStartAsksTheGoldenQuestions(t *testing.T) {
	for _, test := range []struct {
		name, golden string
		want         []string
	}{
		{"all well", fernGolden, nil},
		{"one is wrong", `{"q": "when should I water the fern", "ids": ["fern/light"]}`, []string{"level=WARN", "asked=1 good=0", "eval --content ", "golden.jsonl"}},
		{"a danger sign is missed", fernGolden + `{"q": "she turned blue", "urgent": true}`, []string{"level=ERROR", "where=golden.jsonl:5"}},
		{"it is broken", fernGolden + "{\n", []string{"level=ERROR", "golden.jsonl:5: is not one JSON object"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := serving(t, guideOf(t, map[string]string{"fern.md": fern, "golden.jsonl": test.golden}))
			var log bytes.Buffer
			r.log = slog.New(slog.NewTextHandler(&log, nil))
			if err := r.inspect(t.Context()); err != nil {
				t.Fatal(err)
			}
			if test.want == nil && log.Len() > 0 {
				t.Errorf("got %s, want nothing", &log)
			}
			for _, want := range test.want {
				if !strings.Contains(log.String(), want) {
					t.Errorf("got %s, want %q", &log, want)
				}
			}
		})
	}
}

// swapTexts puts each passage under the other's anchor.
func swapTexts(s string) string {
	return strings.NewReplacer("{#watering}", "{#light}", "{#light}", "{#watering}").Replace(s)
}

func TestRollback(t *testing.T) {
	dir := guideOf(t, map[string]string{"fern.md": fern})
	r := serving(t, dir)
	if _, err := r.rollback(t.Context(), "test"); err == nil || !strings.Contains(err.Error(), "no earlier version") {
		t.Errorf("got error %v, want that there is no earlier version", err)
	}
	first := r.bot.Version()
	write(t, filepath.Join(dir, "fern.md"), strings.Replace(fern, "every second day", "on Mondays", 1))
	if _, err := r.reload(t.Context(), "test", false); err != nil {
		t.Fatal(err)
	}
	second := r.bot.Version()
	if got := ask(r, "how often should I water the fern?"); !strings.Contains(got, "on Mondays") {
		t.Errorf("got %q after the reload, want the new text", got)
	}
	for _, want := range []string{first, second, first} {
		report, err := r.rollback(t.Context(), "test")
		if err != nil {
			t.Fatal(err)
		}
		if said := strings.Contains(report.String(), "The files hold another version"); said != (want == first) {
			t.Errorf("got report %q of a rollback to %s, and the files hold %s", report, want, second)
		}
		if got := r.bot.Version(); got != want {
			t.Errorf("got version %s after a rollback, want %s", got, want)
		}
	}
	if got := ask(r, "how often should I water the fern?"); !strings.Contains(got, "every second day") {
		t.Errorf("got %q after a rollback, want the old text", got)
	}
}

func TestGoldenQuestionsCannotVanish(t *testing.T) {
	dir := guideOf(t, map[string]string{"fern.md": fern})
	r := serving(t, dir)
	says := func(want string) {
		t.Helper()
		report, err := r.reload(t.Context(), "test", false)
		if err != nil || !strings.Contains(report.String(), want) {
			t.Errorf("got report %q and error %v, want %q", report, err, want)
		}
	}
	write(t, filepath.Join(dir, "golden.jsonl"), fernGolden) // after the start, and alone
	says("golden questions answered as they should be: 4 of 4")
	if err := os.Remove(filepath.Join(dir, "golden.jsonl")); err != nil {
		t.Fatal(err)
	}
	says("golden.jsonl is gone: the next change of the content will be refused")
	write(t, filepath.Join(dir, "fern.md"), fern+"\n## Pests {#pests}\n\nNone.\n")
	if _, err := r.reload(t.Context(), "test", false); err == nil || !strings.Contains(err.Error(), "golden.jsonl: is gone") || strings.Contains(err.Error(), "each of them") {
		t.Errorf("got error %v, want that golden.jsonl is gone", err)
	}
	report, err := r.reload(t.Context(), "test", true)
	if said := report.String(); err != nil || !strings.Contains(said, "served by force: golden.jsonl is gone\n") || strings.Contains(said, "0 of 0") {
		t.Errorf("by force: got report %q and error %v, want that it is gone", said, err)
	}
}

// A danger sign that is caught now is never given up for a tolerance.
func TestNoToleranceForDangerSigns(t *testing.T) {
	g := &golden{tolerance: 100, questions: []labelled{{class: danger, text: "a", where: "golden.jsonl:1"}, {class: uncovered, text: "b", where: "golden.jsonl:2"}}}
	before := trial{outcomes: []outcome{caught, refused}, got: []string{"urgent", "unknown"}, good: 2}
	if j := g.compare(before, trial{outcomes: []outcome{caught, answered}, got: []string{"urgent", "answer a/b"}, good: 1}); j.refused != "" {
		t.Errorf("got refusal %q within the tolerance, want none", j.refused)
	}
	if j := g.compare(before, trial{outcomes: []outcome{missed, refused}, got: []string{"unknown", "unknown"}, good: 1}); !strings.Contains(j.refused, "danger sign") {
		t.Errorf("got refusal %q for a danger sign that is missed, want one that says so", j.refused)
	}
}

func TestTolerance(t *testing.T) {
	tests := []struct {
		line      string
		tolerance float64
		fails     string
	}{
		{`{"tolerance": 7.5}`, 7.5, ""},
		{``, defaultTolerance, ""},
		{`{"tolerance": -1}`, 0, "golden.jsonl:1"},
		{`{"tolerance": 5, "q": "x", "ids": []}`, 0, "golden.jsonl:1"},
	}
	dir := guideOf(t, map[string]string{"fern.md": fern})
	source := &contentSource{dir: dir, env: noEnv}
	base, err := source.read()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range tests {
		write(t, filepath.Join(dir, goldenName), test.line+"\n"+fernGolden)
		g, err := readGolden(os.DirFS(dir), base)
		switch {
		case test.fails == "" && (err != nil || g.tolerance != test.tolerance):
			t.Errorf("%s: got %+v and error %v, want tolerance %v", test.line, g, err, test.tolerance)
		case test.fails != "" && (err == nil || !strings.Contains(err.Error(), test.fails)):
			t.Errorf("%s: got error %v, want %q in it", test.line, err, test.fails)
		}
	}
}

// shortFolder is a folder whose path leaves room for a socket's name.
func shortFolder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "ac")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// command runs a command line as its user does.
func command(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = run(t.Context(), args, process{in: strings.NewReader(""), out: &stdout, err: &stderr, env: noEnv})
	return code, stdout.String(), stderr.String()
}

func TestAdminSocket(t *testing.T) {
	dir := guideOf(t, map[string]string{"fern.md": fern, "golden.jsonl": fernGolden})
	r := serving(t, dir)
	path := filepath.Join(shortFolder(t), "sub", "admin.sock")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	admin, err := listenAdmin(ctx, path, r, quiet)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- admin.run(ctx) }()

	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got mode %v and error %v, want 0600", info.Mode(), err)
	}
	if _, err := listenAdmin(ctx, path, r, quiet); err == nil || !strings.Contains(err.Error(), "another aftercare serves on it") {
		t.Errorf("got error %v for a second server, want that another serves there", err)
	}
	want := func(wantCode int, wantText string, args ...string) {
		t.Helper()
		code, out, errs := command(t, append(args, "--admin-socket", path)...)
		if code != wantCode || !strings.Contains(out+errs, wantText) {
			t.Errorf("%v: got exit code %d and %q %q, want %d and %q", args, code, out, errs, wantCode, wantText)
		}
	}
	want(exitOK, "nothing changed", "reindex")
	want(exitFailure, "no earlier version", "rollback")
	write(t, filepath.Join(dir, "fern.md"), swapTexts(fern))
	want(exitFailure, "golden.jsonl:1", "reindex")
	want(exitFailure, `"error": "golden.jsonl`, "reindex", "--json")
	want(exitOK, "served by force", "reindex", "--force")
	want(exitOK, `"old": "`, "rollback", "--json")

	cancel()
	if err := <-ended; err != nil {
		t.Errorf("got error %v from the server, want none", err)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got error %v, want that the socket is gone", err)
	}
	want(exitUsage, "no bot can be reached", "reindex")
}

// In the terminal the content can be read anew as on the platforms.
func TestReindexDuringATalk(t *testing.T) {
	dir := guideOf(t, map[string]string{"fern.md": fern})
	path := filepath.Join(shortFolder(t), "admin.sock")
	var said bytes.Buffer
	s := server{process: process{err: &said, env: noEnv}, source: &contentSource{dir: dir, env: noEnv}}
	s.socket, s.ops = path, "nowhere"
	e, err := s.source.start(bot.Options{})
	if err != nil {
		t.Fatal(err)
	}
	stop, err := s.beside(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "fern.md"), strings.Replace(fern, "every second day", "on Mondays", 1))
	if code, out, errs := command(t, "reindex", "--admin-socket", path); code != exitOK || !strings.Contains(out, "1 changed") {
		t.Errorf("got exit code %d and %q %q, want a change", code, out, errs)
	}
	if r := e.bot.Answer(t.Context(), bot.Question{Text: "how often should I water the fern?"}); !strings.Contains(r.Plain(), "on Mondays") {
		t.Errorf("got %q, want the new text", r.Plain())
	}
	write(t, filepath.Join(dir, "fern.md"), "## Fern\n\nText.\n")
	if code, _, _ := command(t, "reindex", "--admin-socket", path); code != exitFailure {
		t.Errorf("got exit code %d, want %d", code, exitFailure)
	}
	stop()
	if got := said.String(); !strings.HasPrefix(got, "\r\nThe content is not read anew: ") || !strings.Contains(got, "fern.md:1: ") {
		t.Errorf("got %q on the terminal, want what is wrong", got)
	}
	if code, _, _ := command(t, "reindex", "--admin-socket", path); code != exitUsage {
		t.Errorf("got exit code %d after the talk, want %d", code, exitUsage)
	}
}

// In the temporary directory anybody can make the folder of the usual socket
// first, and serve there what they like.
func TestAStrangersSocket(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the temporary directory is the user's own")
	}
	tmp := shortFolder(t)
	t.Setenv("TMPDIR", tmp)
	path, _ := process{env: noEnv}.socketPath("")
	dir := filepath.Dir(path)
	own := filepath.Join(tmp, "own")
	if err := os.Mkdir(own, 0o700); err != nil {
		t.Fatal(err)
	}
	listener, err := new(net.ListenConfig).Listen(t.Context(), "unix", filepath.Join(own, filepath.Base(path)))
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, `{"text": "\u001b[31mred\u009b1m\n", "report": {"a": "`+"\u009b"+`"}}`)
	}))
	server.Listener.Close()
	server.Listener = listener
	server.Start()
	defer server.Close()

	reached := func() (string, bool) {
		code, out, errs := command(t, "reindex")
		return out + errs, code == exitOK
	}
	if err := os.Symlink(own, dir); err != nil {
		t.Fatal(err)
	}
	if said, ok := reached(); ok || !strings.Contains(said, "is no folder") {
		t.Errorf("through a link: got %q", said)
	}
	if err := privateFolder(dir); err == nil {
		t.Error("serving through a link: got no error")
	}
	if err := errors.Join(os.Remove(dir), os.Rename(own, dir), os.Chmod(dir, 0o777)); err != nil {
		t.Fatal(err)
	}
	if said, ok := reached(); ok || !strings.Contains(said, "others may write there") {
		t.Errorf("where all may write: got %q", said)
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if os.Getuid() == 0 {
		if err := os.Chown(dir, 65534, -1); err != nil {
			t.Fatal(err)
		}
		if said, ok := reached(); ok || !strings.Contains(said, "belongs to another user") {
			t.Errorf("another user's: got %q", said)
		}
		if err := os.Chown(dir, 0, -1); err != nil {
			t.Fatal(err)
		}
	}
	if said, ok := reached(); !ok || said != "[31mred1m\n" {
		t.Errorf("one's own: got %q, want no control characters", said)
	}
	if code, out, _ := command(t, "reindex", "--json"); code != exitOK || strings.Contains(out, "\u009b") {
		t.Errorf("--json: got exit code %d and %q", code, out)
	}
}

// A process that was killed leaves its socket behind.
func TestStaleSocketIsTakenOver(t *testing.T) {
	path := filepath.Join(shortFolder(t), "admin.sock")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	listener.(*net.UnixListener).SetUnlinkOnClose(false)
	listener.Close()
	admin, err := listenAdmin(t.Context(), path, nil, quiet)
	if err != nil {
		t.Fatalf("got error %v, want the socket taken over", err)
	}
	stop([]service{admin.run})

	write(t, path, "precious")
	if _, err := listenAdmin(t.Context(), path, nil, quiet); err == nil || !strings.Contains(err.Error(), "no socket") {
		t.Errorf("got error %v for a file in the way, want that it is no socket", err)
	}
	if text, _ := os.ReadFile(path); string(text) != "precious" {
		t.Errorf("got %q in the file, want it untouched", text)
	}
}

// embeddedFiles are the files of the embedded content.
func embeddedFiles(t testing.TB) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := fs.WalkDir(knowledge.Files(), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(knowledge.Files(), name)
		files[name] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
