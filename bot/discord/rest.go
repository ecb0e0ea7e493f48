package discord

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/aftercarebot/aftercare/bot/intake"
)

// rest speaks to Discord's REST API. Of discordgo it uses the types only:
// that library keeps a bucket for every interaction token for ever, lets one
// slow edit hold up all others, and sleeps on a 429 without looking at the
// context.
//
// Every call ends when its context does. Rate limits are obeyed, faults of
// the server and of the network are tried again, all within the context.
type rest struct {
	base   string // with the version, without a slash at the end
	token  string
	client *http.Client
	limits *limits
	pause  func(attempt int) time.Duration // before trying again after a fault
	// patience is how long after its first fault a call is tried again. To
	// wait out a rate limit is bounded by the context alone.
	patience time.Duration
}

// maxBody is far above anything that Discord sends for the calls made here.
const maxBody = 8 << 20

// faultPatience outlasts most of Discord's troubles. Nobody is waiting any
// more after that.
const faultPatience = 2 * time.Minute

func newREST(apiURL, token string, client *http.Client) *rest {
	return &rest{base: apiURL + "/v10", token: token, client: client, limits: newLimits(), pause: faultPause, patience: faultPatience}
}

// faultPause is 0.25 s, doubled each time, less up to half by chance.
func faultPause(attempt int) time.Duration {
	d := 250 * time.Millisecond << min(attempt, 5)
	return d - rand.N(d/2)
}

// call is one request.
type call struct {
	method, path string
	query        url.Values
	body         any
	// tokened calls carry an interaction token in the path: they need no
	// authorisation and are outside the global rate limit.
	tokened bool
	by      time.Time // after a fault it is not tried again later than this; zero: see patience
}

// apiError is an answer of Discord's that is not success.
type apiError struct {
	Status  int
	Code    int    // Discord's own code, 0 if none came
	Message string // for operators; holds no text of ours
	Tries   int    // how often the call had been made by then
}

func (e *apiError) Error() string {
	return fmt.Sprintf("discord says %d (code %d): %s", e.Status, e.Code, e.Message)
}

// Discord's codes that a caller branches on.
const (
	codeUnknownMessage     = 10008
	codeUnknownWebhook     = 10015
	codeUnknownInteraction = 10062
	codeInvalidToken       = 50027 // of an interaction: after 15 minutes
	codeAlreadyAnswered    = 40060
	codeCannotMessageUser  = 50007
	codeNoHistory          = 160002 // a reply needs "Read Message History"
	codeThreadExists       = 160004
)

// isCode reports whether err is Discord's error with one of the codes.
func isCode(err error, codes ...int) bool {
	var e *apiError
	if !errors.As(err, &e) {
		return false
	}
	for _, c := range codes {
		if e.Code == c {
			return true
		}
	}
	return false
}

func isStatus(err error, status int) bool {
	var e *apiError
	return errors.As(err, &e) && e.Status == status
}

// errLimited marks a call that rate limits held up until the context's end,
// errOutage one whose connections were lost until then, or until patience was
// at an end.
var (
	errLimited = errors.New("discord's rate limits last too long")
	errOutage  = errors.New("discord could not be reached in time")
)

// unclear reports whether a call that failed may have been served all the
// same: no answer came, or a fault did.
func unclear(err error) bool {
	var e *apiError
	return errors.Is(err, errOutage) || errors.As(err, &e) && e.Status >= 500
}

// do makes the call and decodes what comes into out, unless that is nil.
func (r *rest) do(ctx context.Context, c call, out any) error {
	var body []byte
	if c.body != nil {
		var err error
		if body, err = json.Marshal(c.body); err != nil {
			return fmt.Errorf("encode request: %w", err)
		}
	}
	var fault error // the last one
	for faults, tries := 0, 1; ; tries++ {
		if err := r.limits.wait(ctx, c); err != nil {
			if fault == nil {
				return fmt.Errorf("%w: %w", errLimited, err)
			}
			return fault
		}
		status, header, data, err := r.try(ctx, c, body)
		switch {
		case err != nil:
			fault = fmt.Errorf("%w: %w", errOutage, err)
		case status == http.StatusTooManyRequests:
			r.limits.refused(c, header, data)
			continue
		case status >= 500:
			fault = &apiError{Status: status, Message: "the server had a fault", Tries: tries}
		case status < 200 || status > 299:
			r.limits.invalid(status)
			return newAPIError(status, data, tries)
		default:
			r.limits.served(c, header)
			if out == nil || len(data) == 0 {
				return nil
			}
			if err := json.Unmarshal(data, out); err != nil {
				return fmt.Errorf("decode %s %s: %w", c.method, c.route(), err)
			}
			return nil
		}
		if faults++; faults == 1 && c.by.IsZero() {
			c.by = time.Now().Add(r.patience)
		}
		pause := r.pause(faults - 1)
		if time.Now().Add(pause).After(c.by) || intake.Sleep(ctx, pause) != nil {
			return fault
		}
	}
}

func (r *rest) try(ctx context.Context, c call, body []byte) (int, http.Header, []byte, error) {
	target := r.base + c.path
	if len(c.query) > 0 {
		target += "?" + c.query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, c.method, target, bytes.NewReader(body))
	if err != nil {
		return 0, nil, nil, fmt.Errorf("make request: %w", bare(err))
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if !c.tokened {
		req.Header.Set("Authorization", "Bot "+r.token)
	}
	req.Header.Set("User-Agent", "DiscordBot (https://github.com/aftercarebot/aftercare, 1)")
	resp, err := r.client.Do(req)
	if err != nil {
		return 0, nil, nil, bare(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	if err != nil {
		return 0, nil, nil, bare(err)
	}
	return resp.StatusCode, resp.Header, data, nil
}

// bare takes the URL out of a client's error: it may hold an interaction token.
func bare(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

func newAPIError(status int, data []byte, tries int) *apiError {
	var m struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	}
	if json.Unmarshal(data, &m) != nil || m.Message == "" {
		m.Message = http.StatusText(status)
	}
	return &apiError{Status: status, Code: m.Code, Message: m.Message, Tries: tries}
}

// route is the path with the parts left out that must not be logged or that
// do not share a rate limit.
func (c call) route() string {
	if !c.tokened {
		return c.path
	}
	parts := strings.Split(c.path, "/")
	if len(parts) > 3 {
		parts[3] = "token"
	}
	return strings.Join(parts, "/")
}

// retryAfter reads how long a 429 asks to wait, and whether everything waits.
func retryAfter(header http.Header, data []byte) (wait time.Duration, global bool) {
	var m struct {
		RetryAfter *float64 `json:"retry_after"`
		Global     bool     `json:"global"`
	}
	if json.Unmarshal(data, &m) != nil {
		// Not JSON: Cloudflare speaks, not Discord, and blocks the address.
		wait = 2 * time.Minute
		global = true
	}
	global = global || m.Global || header.Get("X-RateLimit-Global") == "true"
	seconds := func(v float64) time.Duration {
		return time.Duration(min(max(v, 0), 3600) * float64(time.Second))
	}
	if m.RetryAfter != nil {
		return seconds(*m.RetryAfter), global
	}
	if v, err := strconv.ParseFloat(header.Get("Retry-After"), 64); err == nil {
		return seconds(v), global
	}
	if wait == 0 {
		wait = time.Second
	}
	return wait, global
}
