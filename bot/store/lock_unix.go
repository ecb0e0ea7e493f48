//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// lockFile takes the lock of this name, or says who has it. The system gives
// it up when the process ends, however it ends. The file stays, as a process
// that waits to lock it would otherwise lock one that nobody else sees.
func lockFile(name string) (unlock func(), err error) {
	file, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, explainFile(filepath.Dir(name), err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		defer file.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			pid := make([]byte, 20)
			n, _ := file.ReadAt(pid, 0)
			return nil, errInUse(string(pid[:n]))
		}
		return nil, fmt.Errorf("lock %s: %w", name, err)
	}
	// The number is only for the message above; a full disk may refuse it.
	if err := file.Truncate(0); err == nil {
		file.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	}
	return func() { file.Close() }, nil
}

func isReadOnly(err error) bool { return errors.Is(err, syscall.EROFS) }

func isFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}
