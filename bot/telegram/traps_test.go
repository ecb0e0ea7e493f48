package telegram

import (
	"context"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aftercarebot/aftercare/bot/telegram/telegramtest"
)

// traps are the library's names that must not be used, with the reason. The
// numbers are those of the list of its known holes.
var traps = map[string]string{
	"GetUpdatesChan": "2, 3, 4, 6: confirms first, cannot be stopped, prints the token", "GetUpdates": "7, 12: no context, null for a list",
	"StopReceivingUpdates": "6: panics when called twice", "NewBotAPI": "8: no time limit", "NewBotAPIWithAPIEndpoint": "8", "NewBotAPIWithClient": "8",
	"Send": "10: an error for methods that return true", "ListenForWebhook": "11: checks no secret", "ListenForWebhookRespReqFormat": "11", "HandleUpdate": "11",
	"SetLogger": "14: global, unsynchronised", "Debug": "13: logs what people write", "ModeMarkdownV2": "15: escaping loses text", "ModeMarkdown": "15",
	"Command": "16: cuts inside UTF-8", "CommandArguments": "16", "CommandWithAt": "16", "IsMessageToMe": "17: a mere substring",
	"FromChat": "18: panics without a message", "SentFrom": "18", "UploadFiles": "9: loses the error code", "GetFileDirectURL": "1: a link with the token", "Link": "1",
	"Chattable": "19: own types are silently ignored", "NewMessage": "20: knows no topics", "NewWebhook": "11, 20: no secret",
}

// Holes 1 to 20: none of the library's traps is stepped into, and none of its
// types is in an exported signature.
func TestTheLibrarysTrapsAreNotUsed(t *testing.T) {
	files := token.NewFileSet()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var parsed []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(files, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		parsed = append(parsed, file)
	}
	found := 0
	foreign := func(n ast.Node) (hit bool) {
		ast.Inspect(n, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := s.X.(*ast.Ident); ok && x.Name == "tgbotapi" {
					hit = true
				}
			}
			return true
		})
		return hit
	}
	for _, file := range parsed {
		ast.Inspect(file, func(n ast.Node) bool {
			s, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			x, ok := s.X.(*ast.Ident)
			// Through the package, through the one value of BotAPI, or through a message.
			if ok && (x.Name == "tgbotapi" || x.Name == "api" || x.Name == "m") {
				found++
				if why := traps[s.Sel.Name]; why != "" {
					t.Errorf("%s: %s.%s: %s", files.Position(s.Pos()), x.Name, s.Sel.Name, why)
				}
			}
			return true
		})
		for _, d := range file.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Name.IsExported() && foreign(d.Type) {
					t.Errorf("%s: %s has a type of the library in its signature", files.Position(d.Pos()), d.Name.Name)
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					if ty, ok := spec.(*ast.TypeSpec); ok && ty.Name.IsExported() {
						if st, ok := ty.Type.(*ast.StructType); ok {
							for _, f := range st.Fields.List {
								for _, n := range f.Names {
									if n.IsExported() && foreign(f.Type) {
										t.Errorf("%s: %s.%s is of a type of the library", files.Position(f.Pos()), ty.Name.Name, n.Name)
									}
								}
							}
						} else if foreign(ty.Type) {
							t.Errorf("%s: %s is made of a type of the library", files.Position(ty.Pos()), ty.Name.Name)
						}
					}
				}
			}
		}
	}
	if found < 20 {
		t.Errorf("got %d uses of the library, want the check to see them", found)
	}
}

// Hole 9: a refusal keeps its code, retry_after and migrate_to_chat_id,
// whether or not the answer is one of the Bot API.
func TestRefusalsKeepWhatMatters(t *testing.T) {
	t.Parallel()
	srv := fake(t, telegramtest.Options{})
	srv.Private(1)
	a := build(t, srv, nil).a
	for _, c := range []struct {
		name  string
		fault telegramtest.Fault
		want  failure
	}{
		{"429", telegramtest.Fault{Status: 429, Text: "Too Many Requests: retry after 7", Retry: 7}, failure{code: 429, retryAfter: 7 * time.Second}},
		{"429 page", telegramtest.Fault{Status: 429, Page: "<html>", Retry: 8}, failure{code: 429, retryAfter: 8 * time.Second}},
		{"502 page", telegramtest.Fault{Status: 502, Page: "<html>"}, failure{code: 502}},
		{"403", telegramtest.Fault{Status: 403, Text: "Forbidden: bot was blocked by the user"}, failure{code: 403}},
		{"migrated", telegramtest.Fault{Status: 400, Text: "Bad Request: group chat was upgraded to a supergroup chat", MigrateTo: -1009}, failure{code: 400, migrateTo: -1009}},
	} {
		srv.Fail(func(string, map[string]string) telegramtest.Fault { return c.fault })
		f := asFailure(a.api.call(context.Background(), "getMe", nil, nil))
		if f == nil || f.code != c.want.code || f.retryAfter != c.want.retryAfter || f.migrateTo != c.want.migrateTo {
			t.Errorf("%s: got %+v, want %+v", c.name, f, c.want)
		}
	}
	srv.Fail(nil)
	// Hole 10: a method that returns true is a success.
	if err := a.api.call(context.Background(), "deleteWebhook", nil, nil); err != nil {
		t.Errorf("deleteWebhook: got %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := a.api.call(ctx, "getMe", nil, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v, want context.Canceled to be seen in it", err)
	}
}

func TestARevokedTokenEndsTheWebhookToo(t *testing.T) {
	t.Parallel()
	srv := fake(t, telegramtest.Options{})
	r := startWebhook(t, srv)
	srv.Fail(func(string, map[string]string) telegramtest.Fault {
		return telegramtest.Fault{Status: 401, Text: "Unauthorized"}
	})
	srv.Say(srv.Private(501), 501, "/ask swim")
	if _, err := srv.Deliver(context.Background(), *r.a.boundTo.Load()); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-r.done:
		r.ended = true
		if err == nil || !strings.Contains(err.Error(), "@BotFather") {
			t.Errorf("got %v, want a sentence that names @BotFather", err)
		}
	case <-time.After(patience):
		t.Fatal("Run went on")
	}
}
