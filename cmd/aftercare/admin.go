package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"
)

// noSocket is the value of --admin-socket that asks for none.
const noSocket = "off"

// socketFlag adds --admin-socket to a command.
func socketFlag(cmd *cobra.Command, path *string) {
	cmd.Flags().StringVar(path, "admin-socket", "",
		"unix socket over which reindex and rollback reach the bot, or off; default: aftercare.sock in $XDG_RUNTIME_DIR, else in a folder of this user in the temporary directory")
}

// socketPath gives the admin socket's path, and whether the operator chose it.
func (p process) socketPath(chosen string) (path string, explicit bool) {
	if chosen != "" {
		return chosen, true
	}
	if dir, _ := p.env("XDG_RUNTIME_DIR"); dir != "" {
		return filepath.Join(dir, "aftercare.sock"), false
	}
	return filepath.Join(os.TempDir(), fmt.Sprintf("aftercare-%d", os.Getuid()), "aftercare.sock"), false
}

// adminServer carries out what the operator asks for on the admin socket. It
// speaks HTTP, so curl --unix-socket can be used as well:
//
//	POST /reindex?force=true   POST /rollback   GET /status
//
// Whoever may write to the socket may do all of it; its mode is 0600.
type adminServer struct {
	path     string
	listener net.Listener
	release  func() // gives up the lock that says that this process serves here
	reloader *reloader
	log      *slog.Logger
}

// listenAdmin opens the socket. It fails at once if another process serves on
// it, and takes the place of one that is gone.
func listenAdmin(ctx context.Context, path string, r *reloader, log *slog.Logger) (*adminServer, error) {
	if err := privateFolder(filepath.Dir(path)); err != nil {
		return nil, fmt.Errorf("admin socket: %w", err)
	}
	release, err := lockFile(path + ".lock")
	if errors.Is(err, errLocked) {
		return nil, fmt.Errorf("admin socket %s: another aftercare serves on it", path)
	}
	if err != nil {
		return nil, fmt.Errorf("admin socket: %w", err)
	}
	listener, err := listenPrivately(ctx, path)
	if err != nil {
		release()
		return nil, fmt.Errorf("admin socket: %w", err)
	}
	return &adminServer{path, listener, release, r, log}, nil
}

// privateFolder makes sure of a folder. One that it has to make is for this
// user alone.
func privateFolder(dir string) error {
	if err := os.Mkdir(dir, 0o700); err == nil || !errors.Is(err, os.ErrExist) {
		return err
	}
	return checkFolder(dir)
}

// checkFolder makes sure that what lies in a folder is no stranger's: in the
// temporary directory, where anybody can make one, it must be no link, this
// user's, and nobody else may write there.
func checkFolder(dir string) error {
	shared := filepath.Dir(dir) == filepath.Clean(os.TempDir())
	stat := os.Stat
	if shared {
		stat = os.Lstat
	}
	info, err := stat(dir)
	switch {
	case err != nil:
		return err
	case !info.IsDir():
		return fmt.Errorf("%s is no folder", dir)
	case shared && !oursAlone(info):
		return fmt.Errorf("%s belongs to another user, or others may write there", dir)
	}
	return nil
}

// listenPrivately listens on a unix socket that has its mode before anybody
// can find it by its name. What a process that is gone has left there goes.
func listenPrivately(ctx context.Context, path string) (net.Listener, error) {
	if info, err := os.Lstat(path); err == nil && info.Mode()&os.ModeSocket == 0 && runtime.GOOS != "windows" {
		return nil, fmt.Errorf("%s is there and is no socket", path)
	}
	dir, err := os.MkdirTemp(filepath.Dir(path), ".s")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	hidden := filepath.Join(dir, "s")
	listener, err := new(net.ListenConfig).Listen(ctx, "unix", hidden)
	if err != nil {
		if len(hidden) > maxSocketPath {
			return nil, fmt.Errorf("the path %s is too long for a unix socket: choose a shorter one with --admin-socket", path)
		}
		return nil, err
	}
	listener.(*net.UnixListener).SetUnlinkOnClose(false) // it goes under another name
	if err := errors.Join(os.Chmod(hidden, 0o600), os.Rename(hidden, path)); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	return listener, nil
}

// maxSocketPath is the shortest of the systems' limits (macOS), in bytes.
const maxSocketPath = 103

// run serves until ctx is done. A reindexing under way has two seconds to end.
func (a *adminServer) run(ctx context.Context) error {
	defer a.release()
	defer os.Remove(a.path)
	mux := http.NewServeMux()
	mux.HandleFunc("POST /reindex", a.handler(func(r *http.Request) (any, string, error) {
		force, _ := strconv.ParseBool(r.URL.Query().Get("force"))
		c, err := a.reloader.reload(ctx, "socket", force)
		return c, c.String(), err
	}))
	mux.HandleFunc("POST /rollback", a.handler(func(*http.Request) (any, string, error) {
		c, err := a.reloader.rollback(ctx, "socket")
		return c, c.String(), err
	}))
	mux.HandleFunc("GET /status", a.handler(func(r *http.Request) (any, string, error) {
		version := a.reloader.bot.Version()
		return map[string]string{"content": version}, "content version " + version + "\n", nil
	}))
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, ErrorLog: slog.NewLogLogger(a.log.Handler(), slog.LevelWarn)}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(a.listener) }()
	select {
	case err := <-ended:
		return fmt.Errorf("admin socket: %w", err)
	case <-ctx.Done():
	}
	limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	if server.Shutdown(limit) != nil {
		_ = server.Close()
	}
	<-ended
	return nil
}

// adminReply is the body of every reply on the socket.
type adminReply struct {
	Report any    `json:"report,omitempty"` // for programs
	Text   string `json:"text,omitempty"`   // the same for people
	Error  string `json:"error,omitempty"`  // why nothing was changed
}

func (a *adminServer) handler(do func(*http.Request) (report any, text string, err error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		report, text, err := do(r)
		reply := adminReply{Report: report, Text: text}
		if err != nil {
			w.WriteHeader(http.StatusConflict)
			reply = adminReply{Error: err.Error()}
		}
		_ = writeJSON(w, reply, false) // whoever asked may be gone
	}
}

func reindexCommand(p process) *cobra.Command {
	a := adminClient{process: p}
	var force bool
	cmd := &cobra.Command{
		Use:   "reindex",
		Short: "Has the running bot read its content anew",
		Long: "reindex tells the aftercare serve on this machine to read its content folder anew.\n" +
			"The new content is validated, an index is built aside, and its " + goldenName + " is asked of\n" +
			"both versions. Only if all of that is well do content and index change, together,\n" +
			"between two answers. If not, the old version goes on serving and reindex says why.\n" +
			"A SIGHUP does the same, and serve --watch does it when a file changes.\n" +
			"Exit code 1: the content was refused. 2: no bot could be reached.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.call(cmd.Context(), "reindex", "force="+strconv.FormatBool(force))
		},
	}
	cmd.Flags().BoolVar(&force, "force", false, "serve the content even if the golden questions speak against it")
	a.register(cmd)
	return cmd
}

func rollbackCommand(p process) *cobra.Command {
	a := adminClient{process: p}
	cmd := &cobra.Command{
		Use:   "rollback",
		Short: "Has the running bot go back to the content before the last reindex",
		Long: "rollback tells the aftercare serve on this machine to serve the version that it served\n" +
			"before the last reindex. The files are not touched: mend them before the next one.\n" +
			"A second rollback undoes the first.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.call(cmd.Context(), "rollback", "") },
	}
	a.register(cmd)
	return cmd
}

// adminClient asks the bot on this machine for something.
type adminClient struct {
	process
	socket string
	json   bool
}

func (a *adminClient) register(cmd *cobra.Command) {
	socketFlag(cmd, &a.socket)
	cmd.Flags().BoolVar(&a.json, "json", false, "print the report as one JSON object")
}

func (a *adminClient) call(ctx context.Context, what, query string) error {
	path, explicit := a.socketPath(a.socket)
	if path == noSocket {
		return usage(errors.New("--admin-socket is off, so no bot can be reached"), "Give the path that serve was given.")
	}
	unreached := func(err error) error {
		return usage(fmt.Errorf("no bot can be reached on %s: %w", path, err),
			"Start one with aftercare serve, or give both the same --admin-socket (or AFTERCARE_ADMIN_SOCKET).")
	}
	if !explicit {
		if err := checkFolder(filepath.Dir(path)); err != nil {
			return unreached(err)
		}
	}
	client := http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", path)
	}}}
	defer client.CloseIdleConnections()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://aftercare/"+what+"?"+query, nil)
	if err != nil {
		return err
	}
	response, err := client.Do(request)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		var netErr *net.OpError
		if errors.As(err, &netErr) {
			err = netErr.Err
		}
		return unreached(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, 16<<20))
	if err != nil {
		return fmt.Errorf("the bot ended while it was asked to %s: %w", what, err)
	}
	var reply struct {
		Report json.RawMessage
		Text   string
		Error  string
	}
	if err := json.Unmarshal(body, &reply); err != nil {
		return fmt.Errorf("what serves on %s is no aftercare: HTTP %s", path, printable(response.Status))
	}
	reply.Text, reply.Error = printable(reply.Text), printable(reply.Error)
	switch {
	case reply.Error != "" && a.json:
		if err := writeJSON(a.out, adminReply{Error: reply.Error}, true); err != nil {
			return err
		}
		return &failure{code: exitFailure}
	case reply.Error != "":
		return &failure{code: exitFailure, err: fmt.Errorf("nothing was changed, the old content goes on serving:\n%s", reply.Error)}
	case a.json:
		var b bytes.Buffer
		if err := json.Indent(&b, reply.Report, "", "  "); err != nil {
			return err
		}
		_, err = fmt.Fprintln(a.out, printable(b.String()))
		return err
	}
	_, err = io.WriteString(a.out, reply.Text)
	return err
}

// printable takes out of a text what would act on a terminal.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, text)
}
