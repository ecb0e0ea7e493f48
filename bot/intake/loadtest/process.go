package loadtest

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"sync"
	"testing"
	"time"
)

// Process is the process under load: the test's own binary, started once more.
type Process struct {
	t   *testing.T
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Scanner
}

// Start starts the process with one more variable, NAME=value, in its
// environment. By that its TestMain must know to call Serve.
func Start(t *testing.T, variable string) *Process {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Skip("cannot find the test binary:", err)
	}
	p := &Process{t: t, cmd: exec.Command(self)}
	p.cmd.Env = append(os.Environ(), variable)
	p.cmd.Stderr = os.Stderr
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.out = bufio.NewScanner(out)
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return p
}

// Vitals asks the process how it is. The test fails if it does not say. Only
// the test's own goroutine may ask.
func (p *Process) Vitals(v any) {
	p.t.Helper()
	_, err := io.WriteString(p.in, "?\n")
	if err == nil && !p.out.Scan() {
		err = errors.New("it says nothing")
	}
	if err == nil {
		err = json.Unmarshal(p.out.Bytes(), v)
	}
	if err != nil {
		p.t.Fatalf("process under load: %v", err)
	}
}

// Stop ends the process and waits for it. The test fails if it did not end
// well. Stopping it again does nothing.
func (p *Process) Stop() {
	p.t.Helper()
	if p.cmd.ProcessState != nil {
		return
	}
	p.in.Close()
	if err := p.cmd.Wait(); err != nil {
		p.t.Errorf("process under load: %v", err)
	}
}

// processorTime is what the process has used; it must have been stopped.
func (p *Process) processorTime() time.Duration {
	return p.cmd.ProcessState.UserTime() + p.cmd.ProcessState.SystemTime()
}

// Serve is what the process under load does, on one processor: it runs, and
// says how it is whenever it reads a line. The context of run ends with the
// input. Serve gives the code to exit with.
func Serve(run func(context.Context) error, vitals func() any) int {
	runtime.GOMAXPROCS(1)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	go func() {
		defer stop()
		for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
			if json.NewEncoder(os.Stdout).Encode(vitals()) != nil {
				return
			}
		}
	}()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// Vitals is what a process under load says of itself, whatever its platform.
type Vitals struct {
	Heap             uint64 // bytes, after a collection
	Goroutines       int
	Waiting, Deepest int // in all queues now; the most there ever was in one
}

func (v Vitals) String() string {
	return fmt.Sprintf("heap %.1f MiB, %d goroutines, at most %d waiting at once", MiB(v.Heap), v.Goroutines, v.Deepest)
}

// MiB is so many bytes in MiB.
func MiB(n uint64) float64 { return float64(n) / (1 << 20) }

// Depths is the part of a bot.Meter that minds how deep queues are. Its
// methods may be called from several goroutines.
type Depths struct {
	mu      sync.Mutex
	deepest int
}

// Queued is told how deep a queue is now.
func (d *Depths) Queued(_ string, depth int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.deepest = max(d.deepest, depth)
}

// Deepest is the most that Queued was told of.
func (d *Depths) Deepest() int { d.mu.Lock(); defer d.mu.Unlock(); return d.deepest }

// Heap gives the live bytes of this process's heap, after a collection.
func Heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // what the first left to finalizers
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
