package store

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// child is what this test binary does when it is started as a second bot. It
// prints "open", and the number of each setting after Set has returned.
func child(mode string) int {
	s, err := Open(context.Background(), os.Getenv("AFTERCARE_STORE_URL"), Options{Serve: true, Journal: true})
	if err != nil {
		fmt.Println("error:", err)
		return 1
	}
	fmt.Println("open")
	switch mode {
	case "hold":
		time.Sleep(time.Minute)
	case "write":
		for i := 1; ; i++ {
			for range 100 {
				record(s, "1", "can i drink beer")
			}
			if err := s.Settings("discord").Set(context.Background(), "guild:1", "n", strconv.Itoa(i)); err != nil {
				fmt.Println("error:", err)
				return 1
			}
			fmt.Println(i)
		}
	case "full":
		return fillUp(s)
	}
	return 0
}

// start starts a child, and gives its output once it has opened the store.
func start(t *testing.T, mode, url string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "AFTERCARE_STORE_CHILD="+mode, "AFTERCARE_STORE_URL="+url)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	lines := bufio.NewScanner(out)
	if !lines.Scan() || lines.Text() != "open" {
		t.Fatalf("child: got %q, want open", lines.Text())
	}
	return cmd, lines
}

func TestSecondProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	cmd, _ := start(t, "hold", path)
	begin := time.Now()
	_, err := Open(t.Context(), path, Options{Serve: true})
	if want := fmt.Sprintf("another bot (process %d) is serving with it", cmd.Process.Pid); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %q", err, want)
	}
	t.Logf("refused after %v", time.Since(begin))
	cmd.Process.Kill()
	cmd.Wait()
	mustClose(t, mustOpen(t, path, Options{Serve: true})) // the lock died with its holder
}

// A process that is killed while it writes loses no setting that it had
// confirmed, and leaves a sound database.
func TestKilledWhileWriting(t *testing.T) {
	onEach(t, func(t *testing.T, url string) {
		confirmed := 0
		for round := range 4 {
			cmd, lines := start(t, "write", url)
			for range 20 + 7*round {
				if !lines.Scan() {
					t.Fatal("child ended early")
				}
			}
			cmd.Process.Kill()
			for {
				if n, err := strconv.Atoi(lines.Text()); err == nil {
					confirmed = n
				} else {
					t.Fatalf("child: %s", lines.Text())
				}
				if !lines.Scan() {
					break
				}
			}
			cmd.Wait()
			s := mustOpen(t, url, Options{Serve: true, Journal: true})
			got, err := s.Settings("discord").Settings(t.Context(), "guild:1")
			if err != nil {
				t.Fatal(err)
			}
			if n, _ := strconv.Atoi(got["n"]); n < confirmed || n > confirmed+1 {
				t.Errorf("round %d: got setting %q, want %d or the next", round, got["n"], confirmed)
			}
			if s.dialect.name == "sqlite" {
				if got := column(t, s, `PRAGMA integrity_check`); len(got) != 1 || got[0] != "ok" {
					t.Errorf("round %d: integrity: %v", round, got)
				}
			}
			record(s, "2", "works")
			mustClose(t, s)
		}
		s := mustOpen(t, url, Options{})
		if got := column(t, s, `SELECT words FROM aftercare_journal WHERE words = 'works'`); len(got) != 4 {
			t.Errorf("got %d entries written between the kills, want 4", len(got))
		}
		if got := column(t, s, `SELECT words FROM aftercare_journal WHERE words <> 'works' AND words <> 'beer drink'`); len(got) != 0 {
			t.Errorf("half-written entries: %v", got)
		}
	})
}
