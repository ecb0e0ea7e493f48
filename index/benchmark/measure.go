//go:build unix

package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
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

// settle waits until what goes on in the background, such as merging, is done.
func settle() {
	const look = 10 * time.Millisecond
	for quiet := 0; quiet < 3; {
		before := processorTime()
		time.Sleep(look)
		if processorTime()-before < look/20 {
			quiet++
		} else {
			quiet = 0
		}
	}
}

// heap gives the bytes of live objects.
func heap() int64 {
	runtime.GC()
	runtime.GC() // what finalizers let go of
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// allocations gives what one call of f allocates, as the mean of so many.
func allocations(times int, f func()) (count, bytes uint64) {
	var a, b runtime.MemStats
	runtime.ReadMemStats(&a)
	for range times {
		f()
	}
	runtime.ReadMemStats(&b)
	return (b.Mallocs - a.Mallocs) / uint64(times), (b.TotalAlloc - a.TotalAlloc) / uint64(times)
}

// machine says what the run is on, and what it is of.
func machine() string {
	host, _ := os.Hostname()
	out := fmt.Sprintf("%s, %s, %s/%s, %d cores, %s, %s", time.Now().UTC().Format(time.DateOnly), host, runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), processor(), runtime.Version())
	if revision, err := exec.Command("git", "describe", "--always", "--dirty").Output(); err == nil {
		out += ", commit " + strings.TrimSpace(string(revision))
	}
	return out + ", load at the start " + load()
}

// processor gives the processor's name, where the system tells it.
func processor() string {
	data, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(data)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown processor"
}

// load gives how many processes wanted to run, as means of 1, 5 and 15 minutes.
func load() string {
	data, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Join(strings.Fields(string(data))[:3], " ")
}
