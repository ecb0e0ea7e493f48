//go:build race

package main

// race says that the race detector is on, which slows the program tenfold.
const race = true
