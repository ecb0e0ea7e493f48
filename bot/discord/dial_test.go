package discord

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"
)

func TestDialThroughProxy(t *testing.T) {
	echo, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer echo.Close()
	go func() {
		for {
			c, err := echo.Accept()
			if err != nil {
				return
			}
			go func() { io.Copy(c, c); c.Close() }()
		}
	}()
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect || r.Host != echo.Addr().String() || r.Header.Get("Proxy-Authorization") != "Basic bWU6c2VjcmV0" {
			http.Error(w, "no", http.StatusProxyAuthRequired)
			return
		}
		in, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		out, err := net.Dial("tcp", r.Host)
		if err != nil {
			t.Error(err)
			return
		}
		io.WriteString(in, "HTTP/1.1 200 OK\r\n\r\n")
		go func() { io.Copy(out, in); out.Close() }()
		io.Copy(in, out)
		in.Close()
	}))
	defer proxy.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for user, ok := range map[string]bool{"me:secret@": true, "": false} {
		via, err := url.Parse("http://" + user + proxy.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		conn, err := dialGateway(ctx, echo.Addr().String(), false, func(*http.Request) (*url.URL, error) { return via, nil })
		if (err == nil) != ok {
			t.Fatalf("proxy with %q: got %v", user, err)
		}
		if err != nil {
			continue
		}
		io.WriteString(conn, "hello")
		buf := make([]byte, 5)
		if _, err := io.ReadFull(conn, buf); err != nil || string(buf) != "hello" {
			t.Errorf("got %q, %v", buf, err)
		}
		conn.Close()
	}
}
