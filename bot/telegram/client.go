package telegram

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"
)

const (
	callTimeout   = 20 * time.Second // for every call but a long poll
	pingAfter     = 15 * time.Second // of silence on a connection, and as long for its answer
	bodyLimit     = 32 << 20         // of an answer, in bytes; 100 updates are below 2 MiB
	hiddenToken   = "[token]"
	redactAtLeast = 8 // a shorter secret would hide ordinary words
)

// client speaks to one Bot API server. The library makes the request and
// reads the answer; client gives it what it lacks: a context, limits, and
// errors in which the token does not occur. It is safe for concurrent use.
type client struct {
	token    string
	endpoint string // format of a method's address: token, method
	http     *http.Client
	hide     *strings.Replacer
}

// newClient makes a client. Its errors name the setting that is wrong, never the token.
func newClient(token, apiURL string) (*client, error) {
	switch {
	case token == "":
		return nil, errors.New("telegram: no token: set TELEGRAM_TOKEN to the one that @BotFather gave you")
	case strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r == 0x7f }):
		return nil, errors.New("telegram: the token holds white space or a line break: copy it again from @BotFather, on one line")
	}
	if apiURL == "" {
		apiURL = "https://api.telegram.org"
	}
	u, err := url.Parse(apiURL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, errors.New("telegram: TELEGRAM_API_URL is not an address such as https://api.telegram.org")
	}
	base := strings.ReplaceAll(strings.TrimRight(u.Scheme+"://"+u.Host+u.EscapedPath(), "/"), "%", "%%")
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 64
	// A line that went dead without a word is given up and not used for the next request.
	transport.HTTP2 = &http.HTTP2Config{SendPingTimeout: pingAfter, PingTimeout: pingAfter}
	return &client{
		token:    token,
		endpoint: base + "/bot%s/%s",
		http: &http.Client{
			Transport: transport,
			// A redirect would carry the token to another server, as address and as Referer.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		hide: hider(token),
	}, nil
}

// hider replaces the token, and its secret half alone, as they are and as
// they look inside an address or a quoted string.
func hider(token string) *strings.Replacer {
	var pairs []string
	add := func(s string) {
		for _, form := range []string{s, url.PathEscape(s), url.QueryEscape(s), strings.Trim(strconv.Quote(s), `"`)} {
			if len(form) >= redactAtLeast || form == token {
				pairs = append(pairs, form, hiddenToken)
			}
		}
	}
	add(token)
	if _, secret, ok := strings.Cut(token, ":"); ok && len(secret) >= redactAtLeast {
		add(secret)
	}
	return strings.NewReplacer(pairs...)
}

// failure is a Bot API server's refusal, or an answer that is none.
type failure struct {
	method      string
	code        int           // error_code, or the HTTP status where the answer was not one of the Bot API
	description string        // without the token
	retryAfter  time.Duration // for 429
	migrateTo   int64         // the chat's new id
}

func (f *failure) Error() string {
	return fmt.Sprintf("telegram %s: %d %s", f.method, f.code, f.description)
}

// says reports whether the server's description holds one of the texts.
func (f *failure) says(texts ...string) bool {
	for _, t := range texts {
		if strings.Contains(strings.ToLower(f.description), strings.ToLower(t)) {
			return true
		}
	}
	return false
}

// asFailure gives the refusal in err, or nil if err is something else, as a lost connection.
func asFailure(err error) *failure {
	var f *failure
	if errors.As(err, &f) {
		return f
	}
	return nil
}

// answer is what came back besides the result.
type answer struct {
	status int
	date   string // HTTP Date header
	body   []byte
}

// call makes one request and decodes its result, if result is not nil.
func (c *client) call(ctx context.Context, method string, params tgbotapi.Params, result any) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	_, err := c.do(ctx, method, params, result)
	return err
}

func (c *client) do(ctx context.Context, method string, params tgbotapi.Params, result any) (answer, error) {
	d := &doer{ctx: ctx, http: c.http}
	// A fresh value each time, because the library has no other way in for
	// ctx; it has no state worth keeping.
	api := &tgbotapi.BotAPI{Token: url.PathEscape(c.token), Client: d}
	api.SetAPIEndpoint(c.endpoint)
	resp, err := api.MakeRequest(method, params)
	got := answer{status: d.status, date: d.date, body: d.body}
	if err == nil {
		if result != nil {
			if err := json.Unmarshal(resp.Result, result); err != nil {
				return got, fmt.Errorf("telegram %s: decode result: %w", method, c.clean(err))
			}
		}
		return got, nil
	}
	var refusal *tgbotapi.Error
	switch {
	case errors.As(err, &refusal) && refusal.Code != 0:
		f := &failure{method: method, code: refusal.Code, description: c.hide.Replace(refusal.Message),
			retryAfter: time.Duration(refusal.RetryAfter) * time.Second, migrateTo: refusal.MigrateToChatID}
		if f.code == http.StatusTooManyRequests && f.retryAfter <= 0 {
			f.retryAfter = d.retryAfter
		}
		return got, f
	case d.status != 0 && d.readErr == nil && d.status != http.StatusOK:
		// Not the Bot API: a proxy's page, say.
		return got, &failure{method: method, code: d.status, description: http.StatusText(d.status), retryAfter: d.retryAfter}
	}
	return got, fmt.Errorf("telegram %s: %w", method, c.clean(err))
}

// clean takes the address, and with it the token, out of a transport error.
func (c *client) clean(err error) error {
	var at *url.Error
	if errors.As(err, &at) {
		err = at.Err
	}
	if text := err.Error(); c.hide.Replace(text) != text {
		return errors.New(c.hide.Replace(text))
	}
	return err
}

// doer gives the library's request a context and reads its answer whole, so
// that a connection lost on the way is an error of the request.
type doer struct {
	ctx        context.Context
	http       *http.Client
	status     int
	date       string
	retryAfter time.Duration
	body       []byte
	readErr    error
}

func (d *doer) Do(r *http.Request) (*http.Response, error) {
	resp, err := d.http.Do(r.WithContext(d.ctx))
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	d.status, d.date = resp.StatusCode, resp.Header.Get("Date")
	if s, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && s > 0 {
		d.retryAfter = time.Duration(s) * time.Second
	}
	d.body, d.readErr = io.ReadAll(io.LimitReader(resp.Body, bodyLimit))
	if d.readErr != nil {
		return nil, d.readErr
	}
	resp.Body = io.NopCloser(bytes.NewReader(d.body))
	return resp, nil
}
