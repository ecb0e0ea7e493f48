package discord

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/bot/discord/discordtest"
	"github.com/aftercarebot/aftercare/knowledge"
)

// TestShow makes pictures of what people get to see, from the very payloads
// that were sent, at the width of a desktop and of a phone:
//
//	AFTERCARE_SHOW=/tmp/show go test -run TestShow ./bot/discord
//
// It needs chromium; without it there are the HTML files only. The drawing
// follows Discord's client by eye and stands for the layout, not for each pixel.
func TestShow(t *testing.T) {
	dir := os.Getenv("AFTERCARE_SHOW")
	if dir == "" {
		t.Skip("AFTERCARE_SHOW does not name a folder for the pictures")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	base := knowledge.Default()
	search := &scripted{base: base}
	b, err := bot.New(base, search, bot.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := start(t, set{answer: b.Answer, adapter: unpaced, config: func(c *Config) {
		c.Guide = b
		c.Feedback = func(context.Context, bot.Feedback) error { return nil }
		c.Settings = &shelf{}
	}})
	widths := []int{1000, 390}
	scenes := []struct {
		name string
		i    *discordtest.Interaction
	}{
		{"answer", s.Ask(inServer, "can I swim tomorrow?")},
		{"answer-unsure", s.Ask(inServer, "maybe swim")},
		{"answer-two", s.Ask(inServer, "two make-up")},
		{"suggest", s.Ask(inServer, "choose")},
		{"urgent", s.Ask(inServer, "my throat is swelling and I can't breathe")},
		{"declined", s.Ask(inServer, "decline")},
		{"unknown", s.Ask(inServer, "capital of france")},
		{"topics", s.Command(inServer, "topics", nil)},
		{"help", s.Command(inServer, "help", nil)},
		{"privacy", s.Command(inServer, "privacy", nil)},
	}
	manager := inServer
	manager.Permissions = uint64(manageServer)
	scenes = append(scenes, struct {
		name string
		i    *discordtest.Interaction
	}{"settings", s.Command(manager, "settings", map[string]string{"auto-answer": "here"})})
	for _, scene := range scenes {
		var body strings.Builder
		for n, m := range s.all(scene.i) {
			t.Logf("%s: message %d of %d units, %d components", scene.name, n+1, units(m.Text()), strings.Count(string(m.Raw), `"type"`))
			body.WriteString(drawMessage(m, n == 0))
		}
		file := filepath.Join(dir, scene.name+".html")
		if err := os.WriteFile(file, []byte(drawPage(body.String())), 0o644); err != nil {
			t.Fatal(err)
		}
		for _, width := range widths {
			photograph(t, file, width)
		}
	}
}

// scripted finds what a scene needs.
type scripted struct{ base *knowledge.Base }

func (s *scripted) Search(_ context.Context, q string) ([]knowledge.Match, error) {
	find := func(confidence float64, ids ...string) []knowledge.Match {
		var out []knowledge.Match
		for _, id := range ids {
			p, _ := s.base.Passage(id)
			out = append(out, knowledge.Match{Passage: p, Confidence: confidence})
		}
		return out
	}
	switch {
	case strings.Contains(q, "maybe"):
		return find(0.6, "guide/avoid-swimming-and-hot-baths"), nil
	case strings.Contains(q, "swim"):
		return find(0.9, "guide/avoid-swimming-and-hot-baths"), nil
	case strings.Contains(q, "two"):
		m := find(0.9, "guide/skincare-products", "faq/which-creams")
		m[1].Also, m[1].About = true, "make-up"
		return m, nil
	case strings.Contains(q, "choose"):
		return find(0.3, "faq/healing-time", "faq/healing-process", "faq/results-timeline"), nil
	case strings.Contains(q, "decline"):
		return []knowledge.Match{{Topic: &knowledge.Topic{Name: "alcohol", Kind: knowledge.NearTopic}, Confidence: 0.9}}, nil
	}
	return nil, nil
}

func photograph(t *testing.T, file string, width int) {
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Log("no chromium: " + file + " only")
		return
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	picture := strings.TrimSuffix(file, ".html") + fmt.Sprintf("-%d.png", width)
	// A window is at least 500 wide, so the phone is a frame inside of one.
	frame := filepath.Join(t.TempDir(), "frame.html")
	code := fmt.Sprintf(`<body style="margin:0;background:#000"><iframe src="file://%s" style="border:0;width:%dpx;height:1500px"></iframe>`, file, width)
	if err := os.WriteFile(frame, []byte(code), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(ctx, chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--user-data-dir="+t.TempDir(),
		"--hide-scrollbars", fmt.Sprintf("--window-size=%d,1500", max(width, 500)), "--screenshot="+picture, "file://"+frame)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

func drawPage(body string) string {
	return `<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<style>
body{margin:0;padding:16px;background:#313338;color:#dbdee1;font:16px/1.375 "gg sans","Noto Sans","DejaVu Sans",sans-serif}
.m{display:flex;gap:16px;margin-bottom:12px}.av{flex:none;width:40px;height:40px;border-radius:50%;background:#2a9d8f;text-align:center;line-height:40px}
.b{min-width:0;flex:1;max-width:600px}.who{font-weight:600;color:#f2f3f5}.app{background:#5865f2;color:#fff;font-size:10px;border-radius:3px;padding:1px 4px;margin-left:6px;vertical-align:2px}
.eph{color:#949ba4;font-size:12px;margin-top:4px}
.c{border:1px solid #3f4147;border-left:4px solid;border-radius:8px;background:#2b2d31;padding:14px 16px;margin-top:4px;overflow-wrap:anywhere}
.t{white-space:pre-wrap}h1,h2,h3{margin:8px 0 4px;color:#f2f3f5;line-height:1.3}h1{font-size:24px}h2{font-size:20px}h3{font-size:16px}.t>:first-child{margin-top:0}
.s{font-size:13px;color:#949ba4}hr{border:0;border-top:1px solid #4e5058;margin:12px 0}ul{margin:4px 0 0;padding-left:22px}li{margin:0}
.r{display:flex;flex-wrap:wrap;gap:8px;margin-top:10px}.bt{background:#4e5058;color:#fff;border-radius:8px;padding:7px 14px;font-size:14px;font-weight:500;max-width:100%;box-sizing:border-box}
.bt.p{background:#5865f2}.se{background:#1e1f22;border-radius:8px;padding:10px 12px;width:100%;max-width:400px;color:#949ba4;display:flex;justify-content:space-between}
a{color:#00a8fc;text-decoration:none}@media(max-width:500px){.m{gap:10px}.av{width:36px;height:36px;line-height:36px}body{padding:10px}}
</style>` + body
}

func drawMessage(m *discordtest.Message, first bool) string {
	var d struct {
		Content    string           `json:"content"`
		Components []map[string]any `json:"components"`
	}
	if err := json.Unmarshal(m.Raw, &d); err != nil {
		return html.EscapeString(err.Error())
	}
	out := `<div class="m"><div class="av">🌿</div><div class="b"><div class="who">Aftercare<span class="app">APP</span></div>`
	out += drawText(d.Content)
	for _, c := range d.Components {
		out += drawComponent(c)
	}
	if m.Ephemeral {
		out += `<div class="eph">👁 Only you can see this · <a>Dismiss message</a></div>`
	}
	return out + "</div></div>"
}

func drawComponent(c map[string]any) string {
	text := func(k string) string { s, _ := c[k].(string); return html.EscapeString(s) }
	below := ""
	list, _ := c["components"].([]any)
	for _, b := range list {
		below += drawComponent(b.(map[string]any))
	}
	switch c["type"].(float64) {
	case 1:
		return `<div class="r">` + below + `</div>`
	case 2:
		emoji := ""
		if e, ok := c["emoji"].(map[string]any); ok {
			emoji = fmt.Sprint(e["name"])
		}
		class := "bt"
		if c["style"].(float64) == 1 {
			class += " p"
		}
		return `<span class="` + class + `">` + emoji + text("label") + `</span>`
	case 3:
		return `<span class="se">` + text("placeholder") + `<span>⌄</span></span>`
	case 10:
		return drawText(c["content"].(string))
	case 14:
		return "<hr>"
	case 17:
		return fmt.Sprintf(`<div class="c" style="border-left-color:#%06x">%s</div>`, int(c["accent_color"].(float64)), below)
	}
	return fmt.Sprintf("[component %v]", c["type"])
}

var (
	drawnEscape = regexp.MustCompile(`\\([^0-9A-Za-z\s])`)
	drawnLink   = regexp.MustCompile(`https?://[^\s<]+`)
)

// drawText draws as much of Discord's Markdown as the bot uses.
func drawText(text string) string {
	if text == "" {
		return ""
	}
	inline := func(s string) string {
		s = html.EscapeString(drawnEscape.ReplaceAllString(s, "$1"))
		return drawnLink.ReplaceAllString(s, `<a>$0</a>`)
	}
	var b strings.Builder
	list := false
	for _, line := range strings.Split(text, "\n") {
		item, isItem := strings.CutPrefix(line, "- ")
		if list && !isItem {
			b.WriteString("</ul>")
		}
		switch rest := ""; {
		case isItem:
			if !list {
				b.WriteString("<ul>")
			}
			b.WriteString("<li>" + inline(item) + "</li>")
		case cut(line, "### ", &rest):
			b.WriteString("<h3>" + inline(rest) + "</h3>")
		case cut(line, "## ", &rest):
			b.WriteString("<h2>" + inline(rest) + "</h2>")
		case cut(line, "# ", &rest):
			b.WriteString("<h1>" + inline(rest) + "</h1>")
		case cut(line, "-# ", &rest):
			b.WriteString(`<div class="s">` + inline(rest) + "</div>")
		default:
			b.WriteString(inline(line) + "\n")
		}
		list = isItem
	}
	if list {
		b.WriteString("</ul>")
	}
	return `<div class="t">` + strings.TrimRight(b.String(), "\n") + "</div>"
}

func cut(s, prefix string, rest *string) (ok bool) {
	*rest, ok = strings.CutPrefix(s, prefix)
	return ok
}
