package discordtest

import (
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestStrict wants the fake to refuse what Discord refuses.
func TestStrict(t *testing.T) {
	s, err := New(Options{Spec: filepath.Join("..", "..", "..", "..", "shared", "specs", "discord-openapi.json")})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if s.Note() != "" {
		t.Log("bodies are not validated: " + s.Note())
	}
	const mentions = `"allowed_mentions":{"parse":[],"replied_user":false}`
	const nonce = `"nonce":"1-0","enforce_nonce":true`
	v2 := func(components string) string {
		return `{"flags":32768,` + mentions + `,` + nonce + `,"components":[` + components + `]}`
	}
	for name, c := range map[string]struct {
		method, path, body, want string
		spec                     bool // only the description knows
	}{
		"good":                  {"POST", "/channels/5/messages", `{"content":"x",` + mentions + `,` + nonce + `}`, "", false},
		"good components":       {"POST", "/channels/5/messages", v2(`{"type":17,"components":[{"type":10,"content":"x"}]}`), "", false},
		"no mentions":           {"POST", "/channels/5/messages", `{"content":"x",` + nonce + `}`, "allowed_mentions", false},
		"null parse":            {"POST", "/channels/5/messages", `{"content":"x",` + nonce + `,"allowed_mentions":{"parse":null}}`, "allowed_mentions", false},
		"everyone":              {"POST", "/channels/5/messages", `{"content":"x",` + nonce + `,"allowed_mentions":{"parse":["everyone"]}}`, "allowed_mentions", false},
		"users":                 {"POST", "/channels/5/messages", `{"content":"x",` + nonce + `,"allowed_mentions":{"parse":[],"users":["1"]}}`, "names somebody", false},
		"too long":              {"POST", "/channels/5/messages", `{"content":"` + strings.Repeat("x", 2001) + `",` + mentions + `,` + nonce + `}`, "2001 characters", false},
		"long nonce":            {"POST", "/channels/5/messages", `{"content":"x",` + mentions + `,"nonce":"12345678901234567890123456","enforce_nonce":true}`, "nonce", false},
		"nonce not enforced":    {"POST", "/channels/5/messages", `{"content":"x",` + mentions + `,"nonce":"1"}`, "nonce", false},
		"empty":                 {"POST", "/channels/5/messages", `{` + mentions + `,` + nonce + `}`, "empty message", false},
		"ephemeral in channel":  {"POST", "/channels/5/messages", `{"content":"x","flags":64,` + mentions + `,` + nonce + `}`, "ephemeral", false},
		"unknown field":         {"POST", "/channels/5/messages", `{"content":"x","colour":1,` + mentions + `,` + nonce + `}`, "unknown fields: .colour", true},
		"unknown field below":   {"POST", "/channels/5/messages", v2(`{"type":17,"components":[{"type":10,"content":"x","bold":true}]}`), ".bold", true},
		"wrong type":            {"POST", "/channels/5/messages", `{"content":7,` + mentions + `,` + nonce + `}`, "content", true},
		"v2 and content":        {"POST", "/channels/5/messages", `{"content":"x","flags":32768,` + mentions + `,` + nonce + `,"components":[{"type":10,"content":"x"}]}`, "together with content", false},
		"v2 without its flag":   {"POST", "/channels/5/messages", `{` + mentions + `,` + nonce + `,"components":[{"type":10,"content":"x"}]}`, "without the flag", false},
		"custom id twice":       {"POST", "/channels/5/messages", v2(`{"type":1,"components":[{"type":2,"style":2,"label":"a","custom_id":"a"},{"type":2,"style":2,"label":"b","custom_id":"a"}]}`), "twice", false},
		"six buttons":           {"POST", "/channels/5/messages", v2(`{"type":1,"components":[` + strings.Repeat(`{"type":2,"style":2,"label":"a","custom_id":"a"},`, 5) + `{"type":2,"style":2,"label":"b","custom_id":"z"}]}`), "got 6", true},
		"no such path":          {"POST", "/channels/5/messages/tomorrow/6/7", `{}`, "", false},
		"unknown interaction":   {"POST", "/interactions/1/2/callback", `{"type":5}`, "never was", false},
		"too many choices":      {"POST", "/interactions/1/2/callback", `{"type":8,"data":{"choices":null}}`, "choices", false},
		"commands with a slash": {"PUT", "/applications/" + ApplicationID + "/commands", `[{"type":1,"name":"` + strings.Repeat("a", 33) + `","description":"x"}]`, "maxLength", true},
	} {
		t.Run(name, func(t *testing.T) {
			if c.spec && s.Note() != "" {
				t.Skip(s.Note())
			}
			before := len(s.Problems())
			req, err := http.NewRequest(c.method, s.URL()+"/v10"+c.path, strings.NewReader(c.body))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Authorization", "Bot "+Token)
			req.Header.Set("User-Agent", "DiscordBot (x, 1)")
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
			problems := strings.Join(s.Problems()[before:], "\n")
			bad := c.want != "" || name == "no such path"
			if bad != (problems != "") || bad != (resp.StatusCode >= 400) || !strings.Contains(problems, c.want) {
				t.Errorf("got status %d and problems %q, want %q", resp.StatusCode, problems, c.want)
			}
		})
	}
}

func TestTokensExpire(t *testing.T) {
	s, err := New(Options{Ack: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	i := s.Ask(At{User: "1"}, "x")
	time.Sleep(5 * time.Millisecond)
	req, err := http.NewRequest("POST", s.URL()+"/v10/interactions/"+i.ID+"/"+i.token+"/callback", strings.NewReader(`{"type":5}`))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != 404 || !i.Late {
		t.Errorf("got status %d after the limit, want 404", resp.StatusCode)
	}
}
