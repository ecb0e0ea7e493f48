//go:build unix

package main

import (
	"strings"
	"testing"
)

func TestFiguresOfAProcess(t *testing.T) {
	status := []byte("Name:\taftercare\nVmRSS:\t   35012 kB\nRssAnon:\t   20000 kB\nThreads:\t7\n")
	if got := kilobytes(status, "VmRSS"); got != 35012<<10 {
		t.Errorf("got %d, want %d", got, 35012<<10)
	}
	if got := kilobytes(status, "RssShmem"); got != 0 {
		t.Errorf("of a missing line: got %d, want 0", got)
	}
	const metrics = "# TYPE go_memstats_heap_alloc_bytes gauge\ngo_memstats_heap_alloc_bytes_total 7\ngo_memstats_heap_alloc_bytes 1.25e+07\n"
	if got, err := metric(strings.NewReader(metrics), "go_memstats_heap_alloc_bytes"); err != nil || got != 12500000 {
		t.Errorf("got %d, %v, want 12500000", got, err)
	}
	if _, err := metric(strings.NewReader(metrics), "absent"); err == nil {
		t.Error("of a missing metric: got no error")
	}
}
