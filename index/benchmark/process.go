package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// processorTime is the time that this process has had of all processors.
func processorTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// processor gives the processor's name, where the system tells it.
func processor() string {
	data, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.SplitSeq(string(data), "\n") {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown processor"
}

// processes measures whole programs: start to first answer beside a program
// that only links the same libraries, the binary's size, and idle memory.
func processes(w io.Writer) error {
	dir, remove, err := temporary()
	if err != nil {
		return err
	}
	defer remove()
	aftercare, linked := filepath.Join(dir, "aftercare"), filepath.Join(dir, "linked")
	if err := build(aftercare, "../..", "./cmd/aftercare"); err != nil {
		return err
	}
	if err := build(linked, ".", "./linked"); err != nil {
		return err
	}
	const rounds = 11
	var ours, theirs []time.Duration
	for range rounds {
		for _, c := range []struct {
			into *[]time.Duration
			cmd  *exec.Cmd
		}{{&theirs, exec.Command(linked)}, {&ours, exec.Command(aftercare, "ask", "may I swim?")}} {
			if err := c.cmd.Run(); err != nil {
				return fmt.Errorf("%s: %w", c.cmd.Path, err)
			}
			*c.into = append(*c.into, c.cmd.ProcessState.UserTime()+c.cmd.ProcessState.SystemTime())
		}
	}
	slices.Sort(ours)
	slices.Sort(theirs)
	info, err := os.Stat(aftercare)
	if err != nil {
		return err
	}
	idle, err := idleMemory(aftercare)
	if err != nil {
		return err
	}
	a, b := ours[rounds/2], theirs[rounds/2]
	fmt.Fprintf(w, "\n## The program\n\n| | |\n|---|---:|\n")
	fmt.Fprintf(w, "| start to first answer, processor time | %.0f ms |\n| a program that only links the same libraries | %.0f ms |\n| ratio | ×%.1f |\n", a.Seconds()*1000, b.Seconds()*1000, a.Seconds()/b.Seconds())
	fmt.Fprintf(w, "| binary, stripped | %.1f MB |\n| memory when idle after an answer (RSS) | %s |\n", float64(info.Size())/1e6, idle)
	return nil
}

func build(out, dir, pkg string) error {
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", out, pkg)
	cmd.Dir = dir
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w\n%s", pkg, err, output)
	}
	return nil
}

// idleMemory asks one question over standard input, waits, and reads what the
// process holds (Linux only).
func idleMemory(path string) (string, error) {
	cmd := exec.Command(path, "ask")
	in, err := cmd.StdinPipe()
	if err != nil {
		return "", err
	}
	answered := make(chan struct{}, 1)
	cmd.Stdout = firstWrite(answered)
	if err := cmd.Start(); err != nil {
		return "", err
	}
	defer func() {
		_ = in.Close()
		_ = cmd.Wait()
	}()
	if _, err := io.WriteString(in, "may I swim?\n"); err != nil {
		return "", err
	}
	<-answered
	time.Sleep(3 * time.Second)
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", cmd.Process.Pid))
	if err != nil {
		return "unknown", nil
	}
	for line := range bytes.SplitSeq(status, []byte("\n")) {
		if value, ok := bytes.CutPrefix(line, []byte("VmRSS:")); ok {
			return strings.TrimSpace(string(value)), nil
		}
	}
	return "unknown", nil
}

// firstWrite is told of the first byte that is written.
type firstWrite chan struct{}

func (f firstWrite) Write(p []byte) (int, error) {
	select {
	case f <- struct{}{}:
	default:
	}
	return len(p), nil
}
