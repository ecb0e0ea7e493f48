package knowledge

// Card is a fixed safety text. It is the same for everybody who raises it: it
// gives no score, no cause and no verdict, and asks nothing.
type Card struct {
	ID     string
	Title  string
	Intro  string  // one or two sentences before the levels; may be empty
	Levels []Level // most urgent first
	Close  string  // last sentence; may be empty
}

// Level is one care card after the NHS pattern: one action in the heading,
// and the exact signs that call for it.
type Level struct {
	Urgency Urgency
	Heading string // one action: "Call 999 now if:"
	Signs   []string
}

// Urgency is said in words on every platform, never by colour alone.
type Urgency string

const (
	Emergency Urgency = "emergency" // now
	Soon      Urgency = "urgent"    // today
	Contact   Urgency = "contact"   // the practitioner, not urgent
)
