package main

import (
	"bytes"
	"os"
	"runtime"
	"syscall"
)

const (
	ahead    = 16 << 20 // most of what one answer from the embedded guide takes
	hugePage = 2 << 20
)

// makeRoom takes memory for the heap from the system at once, in huge pages.
// Page by page, as it is come to, that would be a fifth of the time that one
// answer takes. Where the system gives huge pages to nobody, or to everybody
// unasked, there is nothing to gain.
func makeRoom() {
	mode, err := os.ReadFile("/sys/kernel/mm/transparent_hugepage/enabled")
	if err != nil || !bytes.Contains(mode, []byte("[madvise]")) {
		return
	}
	room := make([]byte, ahead)
	if syscall.Madvise(room, syscall.MADV_HUGEPAGE) != nil {
		return
	}
	for i := 0; i < len(room); i += hugePage {
		room[i] = 1 // the whole page comes with its first byte
	}
	runtime.KeepAlive(room)
	runtime.GC() // the room is free now, and the heap's next
}
