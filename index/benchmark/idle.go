//go:build unix

package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/aftercarebot/aftercare/bot/telegram/telegramtest"
)

// memory is what a process holds, in bytes; 0: the system does not tell.
type memory struct {
	resident  int64
	anonymous int64 // of resident, what no file backs
	heap      int64 // live objects on the Go heap
}

// idleFor is how long the program does nothing before it is looked at.
const idleFor = 10 * time.Second

var idleQuestions = []string{"may I swim?", "when can i wear mascara", "how long will my face be red", "factor 50 or 30?", "can i go to the gym tomorow"}

// idle serves on a Telegram server on loopback, has some questions answered,
// and looks at the process when it has been idle for a while.
func idle(aftercare, home string) (memory, error) {
	server, err := telegramtest.New(telegramtest.Options{})
	if err != nil {
		return memory{}, err
	}
	defer server.Close()
	const person = 4711
	chat := server.Private(person)
	ops, err := freeAddress()
	if err != nil {
		return memory{}, err
	}
	cmd := exec.Command(aftercare, "serve", "--admin-socket", "off", "--ops", ops)
	cmd.Env = environment(home, "TELEGRAM_TOKEN="+server.Token(), "TELEGRAM_API_URL="+server.URL())
	var log bytes.Buffer
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		return memory{}, err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	m, err := afterAnswers(server, chat, person, cmd.Process.Pid, ops)
	_ = cmd.Process.Signal(syscall.SIGTERM) // it may have ended by itself
	select {
	case e := <-ended:
		err = errors.Join(err, e)
	case <-time.After(20 * time.Second):
		_ = cmd.Process.Kill()
		err = errors.Join(err, errors.New("serve does not stop"), <-ended)
	}
	if err != nil {
		return memory{}, fmt.Errorf("serve: %w\n%s", err, log.String())
	}
	return m, nil
}

func afterAnswers(server *telegramtest.Server, chat, person int64, pid int, ops string) (memory, error) {
	for i, q := range idleQuestions {
		server.Say(chat, person, q)
		if !server.Wait(time.Minute, func() bool { return len(server.Sent(chat)) > i }) {
			return memory{}, fmt.Errorf("no answer to question %d", i+1)
		}
	}
	time.Sleep(idleFor)
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		status = nil // only Linux has it
	}
	response, err := http.Get("http://" + ops + "/metrics")
	if err != nil {
		return memory{}, err
	}
	defer response.Body.Close()
	heap, err := metric(response.Body, "go_memstats_heap_alloc_bytes")
	return memory{kilobytes(status, "VmRSS"), kilobytes(status, "RssAnon"), heap}, err
}

// kilobytes reads a line such as "VmRSS:   1234 kB", and gives it in bytes.
func kilobytes(status []byte, name string) int64 {
	for line := range bytes.Lines(status) {
		if value, ok := bytes.CutPrefix(line, []byte(name+":")); ok {
			n, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(string(value)), " kB"), 10, 64)
			if err == nil {
				return n << 10
			}
		}
	}
	return 0
}

// metric reads one figure of Prometheus' text format.
func metric(r io.Reader, name string) (int64, error) {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		if value, ok := strings.CutPrefix(lines.Text(), name+" "); ok {
			v, err := strconv.ParseFloat(value, 64)
			return int64(v), err
		}
	}
	return 0, errors.Join(fmt.Errorf("no metric %s", name), lines.Err())
}

// freeAddress gives a port of the loopback interface that was free just now.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}
