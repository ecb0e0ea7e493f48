package telegram

import (
	"testing"
	"time"
)

func TestLedger(t *testing.T) {
	now := time.Now()
	l := newLedger(func() bool { return false })
	l.now = func() time.Time { return now }
	step := func(what string, do func(), want int) {
		t.Helper()
		do()
		if got := l.offset(); got != want {
			t.Errorf("%s: got offset %d, want %d", what, got, want)
		}
	}
	idle := func() bool {
		select {
		case <-l.quiet():
			return true
		default:
			return false
		}
	}
	step("nothing taken", func() {}, 0)
	step("two taken", func() { l.take(10); l.take(11) }, 10)
	step("the second is done first", func() { l.finish(11) }, 10)
	if idle() {
		t.Error("idle with one in work")
	}
	step("the first too", func() { l.finish(10) }, 12)
	if !idle() {
		t.Error("not idle with none in work")
	}
	step("done twice", func() { l.finish(10) }, 12)
	step("numbers with a gap", func() { l.take(20); l.take(30); l.finish(20) }, 30)
	step("a new sequence, lower, with one of the old in work", func() { l.take(3) }, 3)
	step("the new one is done", func() { l.finish(3) }, 4)
	step("the old one is done", func() { l.finish(30) }, 4)
	step("one that takes too long", func() { l.take(4); l.take(5); now = now.Add(holdMost / 2); l.take(6); l.finish(5) }, 4)
	step("is confirmed in the end", func() { now = now.Add(holdMost/2 + time.Second) }, 6)
	step("and finished later", func() { l.finish(4); l.finish(6) }, 7)
	step("one in work for a little", func() { l.take(7); now = now.Add(holdCrowded / 2); l.take(8); l.letGo() }, 7)
	step("is let go where it is in the way", func() { now = now.Add(holdCrowded / 2); l.letGo() }, 8)
	step("all done", func() { l.finish(7); l.finish(8) }, 9)
	many := func(do func(int)) {
		for i := range pollLimit/2 + 1 {
			do(9 + i)
		}
	}
	step("many are not", func() { many(l.take); now = now.Add(holdCrowded); l.letGo() }, 9)
	step("few of them are left", func() { l.finish(9 + pollLimit/2); l.letGo() }, 9+pollLimit/2+1)
}
