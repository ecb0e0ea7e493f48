//go:build !race

package index

// raceDetector says that the race detector is off.
const raceDetector = false
