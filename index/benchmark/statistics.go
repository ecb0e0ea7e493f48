package main

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// quantile gives the smallest of list that at least the share q of list is
// not above; 0 of an empty one. q is from 0 to 1.
func quantile[T cmp.Ordered](list []T, q float64) T {
	if len(list) == 0 {
		var zero T
		return zero
	}
	sorted := slices.Sorted(slices.Values(list))
	at := int(q * float64(len(sorted)))
	if float64(at) == q*float64(len(sorted)) {
		at--
	}
	return sorted[min(max(at, 0), len(sorted)-1)]
}

func median[T cmp.Ordered](list []T) T { return quantile(list, 0.5) }

// ratio gives a to b; 0 where there is no b to compare with.
func ratio(a, b time.Duration) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}

// times writes a ratio.
func times(r float64) string {
	switch {
	case r >= 100:
		return fmt.Sprintf("×%.0f", r)
	case r >= 10:
		return fmt.Sprintf("×%.1f", r)
	case r >= 0.095:
		return fmt.Sprintf("×%.2f", r)
	default:
		return fmt.Sprintf("×%.2g", r)
	}
}

// brief writes a duration in at least two digits and the unit that suits it.
func brief(d time.Duration) string {
	for _, u := range []struct {
		unit time.Duration
		name string
	}{{time.Second, "s"}, {time.Millisecond, "ms"}, {time.Microsecond, "µs"}} {
		switch v := float64(d) / float64(u.unit); {
		case v >= 9.95:
			return fmt.Sprintf("%.0f %s", v, u.name)
		case v >= 0.995:
			return fmt.Sprintf("%.1f %s", v, u.name)
		}
	}
	return fmt.Sprintf("%d ns", d.Nanoseconds())
}

// amount writes a number of bytes, in thousands and millions.
func amount(bytes float64) string {
	switch {
	case bytes < 0: // less is live than before; the collector is not that exact
		return "0 MB"
	case bytes < 999.5:
		return fmt.Sprintf("%.0f B", bytes)
	case bytes < 999.5e3:
		return fmt.Sprintf("%.1f kB", bytes/1e3)
	default:
		return fmt.Sprintf("%.1f MB", bytes/1e6)
	}
}
