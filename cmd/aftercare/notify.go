package main

import (
	"net"
	"strings"
)

// notify tells systemd how a service of Type=notify does, such as "READY=1".
// Elsewhere, and if systemd does not listen, it does nothing: see sd_notify(3).
func (p process) notify(state string) {
	address, _ := p.env("NOTIFY_SOCKET")
	if address == "" {
		return
	}
	if name, abstract := strings.CutPrefix(address, "@"); abstract {
		address = "\x00" + name
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: address, Net: "unixgram"})
	if err != nil {
		return
	}
	defer conn.Close()
	_, _ = conn.Write([]byte(state))
}
