package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/aftercarebot/aftercare/bot"
)

// opsFlag adds --ops to a command.
func opsFlag(cmd *cobra.Command, address *string) {
	cmd.Flags().StringVar(address, "ops", "", "address to serve /healthz, /readyz and /metrics on, such as 127.0.0.1:9090; default: nowhere")
}

// opsServer tells monitoring how the bot does. It tells nothing of anybody
// who asks, and nothing can be changed over it.
type opsServer struct {
	listener  net.Listener
	bot       *bot.Bot
	platforms []platform
	figures   http.Handler
	log       *slog.Logger
	patience  time.Duration // with an answer, before the bot counts as stuck
}

// listenOps opens the address.
func listenOps(ctx context.Context, address string, b *bot.Bot, platforms []platform, figures http.Handler, log *slog.Logger) (*opsServer, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("serve figures: %w", err)
	}
	return &opsServer{listener, b, platforms, figures, log, aliveWithin}, nil
}

// run serves until ctx is done.
func (o *opsServer) run(ctx context.Context) error {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", o.healthz)
	mux.HandleFunc("GET /readyz", o.readyz)
	mux.Handle("GET /metrics", o.figures)
	server := &http.Server{
		Handler: mux, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10, ErrorLog: slog.NewLogLogger(o.log.Handler(), slog.LevelWarn),
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(o.listener) }()
	select {
	case err := <-ended:
		return fmt.Errorf("serve figures: %w", err)
	case <-ctx.Done():
	}
	_ = server.Close()
	<-ended
	return nil
}

// aliveWithin is the patience with an answer.
const aliveWithin = 5 * time.Second

// healthz is well as long as questions are answered at all. What they ask is
// a draft: it is in no figure.
func (o *opsServer) healthz(w http.ResponseWriter, r *http.Request) {
	answered := make(chan struct{})
	go func() {
		o.bot.Answer(context.WithoutCancel(r.Context()), bot.Question{Text: "are you there?", Platform: "ops", Draft: true})
		close(answered)
	}()
	select {
	case <-answered:
		reply(w, http.StatusOK, "ok\n")
	case <-time.After(o.patience):
		reply(w, http.StatusServiceUnavailable, "no answer within "+o.patience.String()+"\n")
	}
}

// readyz is well if the content is loaded and questions come in from at least
// one platform. Its body says which.
func (o *opsServer) readyz(w http.ResponseWriter, _ *http.Request) {
	var b strings.Builder
	fmt.Fprintf(&b, "content %s\n", o.bot.Version())
	status := http.StatusServiceUnavailable
	for _, p := range o.platforms {
		state := "down"
		if p.ready() {
			state, status = "up", http.StatusOK
		}
		fmt.Fprintf(&b, "%s %s\n", p.name, state)
	}
	reply(w, status, b.String())
}

func reply(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text) // whoever asked may be gone
}

func healthcheckCommand(p process) *cobra.Command {
	var address string
	var ready bool
	cmd := &cobra.Command{
		Use:   "healthcheck",
		Short: "Asks the bot on this machine whether it is well, for containers",
		Long: "healthcheck asks the aftercare serve that was given the same --ops whether it still\n" +
			"answers, or with --ready whether questions come in as well. It is for the HEALTHCHECK\n" +
			"of an image that holds nothing else. Exit code 1: it is not well. 2: nobody is there.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			path := "/healthz"
			if ready {
				path = "/readyz"
			}
			return healthcheck(cmd.Context(), p, address, path)
		},
	}
	opsFlag(cmd, &address)
	cmd.Flags().BoolVar(&ready, "ready", false, "be well only if questions come in from a platform")
	return cmd
}

func healthcheck(ctx context.Context, p process, address, path string) error {
	if address == "" {
		return usage(errors.New("--ops is not given, so there is nobody to ask"), "Give the --ops that serve was given, or AFTERCARE_OPS.")
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return usage(fmt.Errorf("--ops %q is no address", address), "Write it as 127.0.0.1:9090 or :9090.")
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	ctx, cancel := context.WithTimeout(ctx, 2*aliveWithin)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+path, nil)
	if err != nil {
		return err
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}} // no proxy
	response, err := client.Do(request)
	if err != nil {
		return usage(fmt.Errorf("nobody answers on %s", address), "Is aftercare serve running with this --ops?")
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, 64<<10))
	if err != nil {
		return err
	}
	if _, err := p.out.Write(body); err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return &failure{code: exitFailure}
	}
	return nil
}
