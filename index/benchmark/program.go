//go:build unix

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// program is what was measured of whole processes.
type program struct {
	runs         int // of each, of which the medians are taken
	ours, linked process
	idle         memory
}

// process is a short run of a program.
type process struct {
	processor, wall time.Duration
	binary          int64 // bytes, stripped
}

// startQuestion is what the program is asked at its start.
const startQuestion = "may I swim?"

// measureProgram builds the program, and one that only links the same
// libraries, and measures both.
func measureProgram() (program, error) {
	dir, err := os.MkdirTemp("", "aftercare-benchmark-")
	if err != nil {
		return program{}, err
	}
	defer os.RemoveAll(dir)
	aftercare, linked := filepath.Join(dir, "aftercare"), filepath.Join(dir, "linked")
	p := program{runs: 31}
	if p.ours.binary, err = compile(aftercare, "../..", "./cmd/aftercare"); err != nil {
		return program{}, err
	}
	if p.linked.binary, err = compile(linked, ".", "./linked"); err != nil {
		return program{}, err
	}
	var processor, wall [2][]time.Duration
	for range p.runs {
		for i, args := range [][]string{{aftercare, "ask", startQuestion}, {linked}} {
			cmd := exec.Command(args[0], args[1:]...)
			cmd.Env = environment(dir)
			start := time.Now()
			if out, err := cmd.CombinedOutput(); err != nil {
				return program{}, fmt.Errorf("%s: %w\n%s", cmd, err, out)
			} else if i == 0 && len(bytes.TrimSpace(out)) == 0 {
				return program{}, fmt.Errorf("%s: no answer", cmd)
			}
			wall[i] = append(wall[i], time.Since(start))
			processor[i] = append(processor[i], cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime())
		}
	}
	p.ours.processor, p.ours.wall = median(processor[0]), median(wall[0])
	p.linked.processor, p.linked.wall = median(processor[1]), median(wall[1])
	p.idle, err = idle(aftercare, dir)
	return p, err
}

// environment holds no setting of whoever runs the benchmark.
func environment(home string, more ...string) []string {
	return append([]string{"HOME=" + home, "TMPDIR=" + home, "PATH=" + os.Getenv("PATH")}, more...)
}

// compile builds a program as it is released, and gives its size.
func compile(out, dir, pkg string) (int64, error) {
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", out, pkg)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "CGO_ENABLED=0")
	if output, err := cmd.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("build %s: %w\n%s", pkg, err, output)
	}
	info, err := os.Stat(out)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}
