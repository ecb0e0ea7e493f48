package discord

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"
)

// proxyOf names the proxy for a request, or none.
type proxyOf func(*http.Request) (*url.URL, error)

// dialGateway connects to addr, over TLS if secure. It goes through the same
// proxy as the REST client does; only such proxies as are spoken to in plain
// HTTP are known.
func dialGateway(ctx context.Context, addr string, secure bool, proxy proxyOf) (net.Conn, error) {
	scheme := map[bool]string{true: "https", false: "http"}[secure]
	through, err := proxy(&http.Request{Method: http.MethodGet, URL: &url.URL{Scheme: scheme, Host: addr}, Header: http.Header{}})
	if err != nil {
		return nil, fmt.Errorf("proxy: %w", err)
	}
	to := addr
	if through != nil {
		if through.Scheme != "http" {
			return nil, errors.New("proxy: only http:// proxies are supported for the gateway")
		}
		to = through.Host
		if through.Port() == "" {
			to = net.JoinHostPort(through.Hostname(), "80")
		}
	}
	conn, err := (&net.Dialer{KeepAlive: 30 * time.Second}).DialContext(ctx, "tcp", to)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	if through != nil {
		if err := tunnel(conn, through, addr); err != nil {
			conn.Close()
			return nil, err
		}
	}
	if !secure {
		return conn, nil
	}
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		conn.Close()
		return nil, err
	}
	t := tls.Client(conn, &tls.Config{ServerName: host, NextProtos: []string{"http/1.1"}, MinVersion: tls.VersionTLS12})
	if err := t.HandshakeContext(ctx); err != nil {
		conn.Close()
		return nil, err
	}
	return t, nil
}

// tunnel asks the proxy for a connection to addr.
func tunnel(conn net.Conn, proxy *url.URL, addr string) error {
	req := &http.Request{Method: http.MethodConnect, URL: &url.URL{Opaque: addr}, Host: addr, Header: http.Header{}}
	if u := proxy.User; u != nil {
		password, _ := u.Password()
		req.Header.Set("Proxy-Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(u.Username()+":"+password)))
	}
	if err := req.Write(conn); err != nil {
		return fmt.Errorf("proxy: %w", err)
	}
	// Nothing comes behind the answer before something is sent, so nothing
	// is lost in the buffer.
	resp, err := http.ReadResponse(bufio.NewReader(conn), req)
	if err != nil {
		return fmt.Errorf("proxy: %w", err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("proxy says %s", resp.Status)
	}
	return nil
}
