package telegram

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aftercarebot/aftercare/bot/telegram/telegramtest"
)

// relay passes connections on to an address. What was opened before dead is
// called goes silent, as where a router forgets a connection: nothing arrives,
// and nothing is closed.
func relay(t *testing.T, to string) (address string, dead func()) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	var age atomic.Int32
	pass := func(born int32, from, to net.Conn) {
		defer from.Close()
		defer to.Close()
		b := make([]byte, 32<<10)
		for {
			n, err := from.Read(b)
			if err != nil {
				return
			}
			if born == age.Load() {
				_, _ = to.Write(b[:n])
			}
		}
	}
	go func() {
		for {
			from, err := l.Accept()
			if err != nil {
				return
			}
			onward, err := net.Dial("tcp", to)
			if err != nil {
				_ = from.Close()
				continue
			}
			born := age.Load()
			go pass(born, from, onward)
			go pass(born, onward, from)
		}
	}()
	return l.Addr().String(), func() { age.Add(1) }
}

// Over HTTP/2 a connection that was dropped without a word was once used until
// the kernel gave it up, a quarter of an hour later: the bot was deaf.
func TestADeadConnectionIsReplaced(t *testing.T) {
	t.Parallel()
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 2 {
			t.Errorf("got %s, want HTTP/2", r.Proto)
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"ok":true,"result":true}`)
	}))
	srv.EnableHTTP2 = true
	srv.StartTLS()
	t.Cleanup(srv.Close)
	address, dead := relay(t, srv.Listener.Addr().String())
	c, err := newClient(telegramtest.DefaultToken, "https://"+address)
	if err != nil {
		t.Fatal(err)
	}
	transport := c.http.Transport.(*http.Transport)
	t.Cleanup(transport.CloseIdleConnections)
	transport.TLSClientConfig = &tls.Config{RootCAs: srv.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs, ServerName: "example.com"}
	if transport.HTTP2 == nil || transport.HTTP2.SendPingTimeout != pingAfter || transport.HTTP2.PingTimeout != pingAfter {
		t.Fatalf("got %+v, want connections looked after", transport.HTTP2)
	}
	transport.HTTP2.SendPingTimeout, transport.HTTP2.PingTimeout = 100*time.Millisecond, 100*time.Millisecond
	through := func() {
		t.Helper()
		for late := time.Now().Add(patience); ; {
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			_, err := c.do(ctx, "getMe", nil, nil)
			cancel()
			switch {
			case err == nil:
				return
			case time.Now().After(late):
				t.Fatal(err)
			}
		}
	}
	through()
	dead()
	through()
}
