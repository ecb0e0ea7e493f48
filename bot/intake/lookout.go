package intake

import (
	"runtime"
	"time"

	"golang.org/x/time/rate"
)

// Signs tells whether a message speaks of a danger sign. It is asked of what
// there is no room to answer, so it must take little time, in proportion to
// the length. It is safe for concurrent use. bot.Bot is one.
type Signs interface {
	Danger(text string) bool
}

// Sight is what a Lookout saw in a message.
type Sight int

const (
	Unseen Sight = iota // not looked at
	Calm                // no danger sign
	Danger              // a danger sign
)

// Lookout looks for danger signs in what an adapter would drop. How much it
// looks at in a second is bounded, so a flood of long messages cannot take the
// time that answers need. It never waits.
type Lookout struct {
	signs    Signs
	budget   *rate.Limiter // in bytes
	panicked func(any)
}

// NewLookout makes a lookout that looks at so many bytes a second, and at as
// many at once. panicked is told what signs panicked with.
func NewLookout(signs Signs, bytesPerSecond int, panicked func(any)) *Lookout {
	return &Lookout{signs: signs, budget: rate.NewLimiter(rate.Limit(bytesPerSecond), bytesPerSecond), panicked: panicked}
}

// LooksPerSecond is how many bytes an adapter may well look at in a second: of
// sentences some 8,000 for each processor, which is several times what a
// processor can answer. They take a sixteenth of its time, and two fifths if
// somebody makes them as slow as can be.
func LooksPerSecond() int { return (512 << 10) * runtime.GOMAXPROCS(0) }

// A message counts as so many bytes: a short one takes some time too, and of a
// long one no more is read than any platform lets a person send.
const leastLook, mostLook = 64, 16 << 10

// Look looks at one message. What holds no text is calm, and costs nothing.
func (l *Lookout) Look(text string) (s Sight) {
	if text == "" {
		return Calm
	}
	if !l.budget.AllowN(time.Now(), min(max(len(text), leastLook), mostLook)) {
		return Unseen
	}
	defer func() {
		if p := recover(); p != nil {
			l.panicked(p)
			s = Unseen
		}
	}()
	if l.signs.Danger(text) {
		return Danger
	}
	return Calm
}
