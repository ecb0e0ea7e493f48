package bot

// Level says how grave a finding is.
type Level int

const (
	Fine    Level = iota // as it should be
	Notice               // works, and may not be what you want
	Problem              // does not work, or not wholly
)

// String gives the word that doctor prints in front of a finding.
func (l Level) String() string {
	switch l {
	case Fine:
		return "ok"
	case Notice:
		return "note"
	}
	return "problem"
}

// Finding is one thing that an adapter's Doctor looked at.
type Finding struct {
	Level  Level
	What   string // what was found, one sentence
	Remedy string // what to do about it, or a link to open; empty if nothing
}
