//go:build race

package index

// raceDetector says that the race detector is on, which slows a search tenfold.
const raceDetector = true
