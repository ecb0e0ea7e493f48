package main

import (
	"testing"
	"time"
)

func TestQuantile(t *testing.T) {
	hundred := make([]int, 100)
	for i := range hundred {
		hundred[i] = 100 - i
	}
	for _, c := range []struct {
		list []int
		q    float64
		want int
	}{
		{nil, 0.5, 0},
		{[]int{7}, 0.5, 7},
		{[]int{7}, 0.99, 7},
		{[]int{3, 1, 2}, 0.5, 2},
		{[]int{4, 1, 3, 2}, 0.5, 2},
		{[]int{1, 9}, 0.99, 9},
		{hundred, 0, 1},
		{hundred, 0.5, 50},
		{hundred, 0.99, 99},
		{hundred, 1, 100},
	} {
		if got := quantile(c.list, c.q); got != c.want {
			t.Errorf("quantile %v of %v: got %d, want %d", c.q, c.list, got, c.want)
		}
	}
	if hundred[0] != 100 {
		t.Error("the list was sorted in place")
	}
}

func TestRatio(t *testing.T) {
	if got := ratio(3*time.Second, 2*time.Second); got != 1.5 {
		t.Errorf("got %v, want 1.5", got)
	}
	if got := ratio(time.Second, 0); got != 0 {
		t.Errorf("to nothing: got %v, want 0", got)
	}
}

func TestWriting(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{times(0.00067), "×0.00067"}, {times(0.064), "×0.064"}, {times(0.1), "×0.10"}, {times(1.5), "×1.50"}, {times(12.34), "×12.3"}, {times(199.6), "×200"},
		{brief(870), "870 ns"}, {brief(1440), "1.4 µs"}, {brief(143 * time.Microsecond), "143 µs"},
		{brief(5600 * time.Microsecond), "5.6 ms"}, {brief(999600 * time.Microsecond), "1.0 s"}, {brief(72 * time.Second), "72 s"},
		{amount(-3), "0 MB"}, {amount(12), "12 B"}, {amount(26400), "26.4 kB"}, {amount(34.6e6), "34.6 MB"},
		{grouped(14), "14"}, {grouped(1000), "1,000"}, {grouped(1234567), "1,234,567"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}
