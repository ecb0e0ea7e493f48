package bot

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aftercarebot/aftercare/knowledge"
	"github.com/aftercarebot/aftercare/knowledge/language"
)

const (
	memoryFor   = 10 * time.Minute
	memoryLimit = 10_000 // conversations kept at most; the oldest go first
)

// memory holds, for each conversation, the ids of the passages last answered
// with, for memoryFor and no longer. It is in this process only.
type memory struct {
	now   func() time.Time
	mu    sync.Mutex
	of    map[string]remembered
	age   []aged      // oldest first; an entry of of may stand here more than once
	sweep *time.Timer // runs while there is something to forget
}

type remembered struct {
	passages []shown // those of the answer
	at       time.Time
}

// shown is a passage that was shown.
type shown struct {
	id    string
	about string // what it gives other figures for than the one before it, or empty
}

type aged struct {
	conversation string
	at           time.Time
}

func newMemory(now func() time.Time) *memory {
	return &memory{now: now, of: map[string]remembered{}}
}

func (m *memory) keep(conversation string, answer []knowledge.Match) {
	if conversation == "" {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	r := remembered{at: now}
	for _, m := range answer {
		r.passages = append(r.passages, shown{m.Passage.ID, m.About})
	}
	m.of[conversation] = r
	m.age = append(m.age, aged{conversation, now})
	m.prune(now)
	if m.sweep == nil {
		m.sweep = time.AfterFunc(memoryFor, m.forgetOld)
	}
}

// forgetOld forgets what is too old, also where nobody asks any more.
func (m *memory) forgetOld() {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	if m.prune(now); len(m.age) == 0 {
		m.sweep = nil
		return
	}
	m.sweep.Reset(max(time.Second, memoryFor-now.Sub(m.age[0].at)))
}

func (m *memory) prune(now time.Time) {
	for len(m.age) > 0 && (now.Sub(m.age[0].at) >= memoryFor || len(m.age) > memoryLimit) {
		if old := m.age[0]; m.of[old.conversation].at.Equal(old.at) {
			delete(m.of, old.conversation)
		}
		m.age = m.age[1:]
	}
}

func (m *memory) last(conversation string) (r remembered, ok bool) {
	if conversation == "" {
		return remembered{}, false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	r, ok = m.of[conversation]
	if !ok || m.now().Sub(r.at) >= memoryFor {
		return remembered{}, false
	}
	return r, true
}

func (m *memory) forget(conversation string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.of, conversation)
}

// again holds the whole messages, as words, that ask for more about the last
// passage and name nothing of their own.
var again = []string{
	"for how long", "how long", "how long for", "and for how long", "and how long", "until when", "till when", "since when", "how many days", "how many weeks",
	"how long exactly", "how long should i", "how long do i wait", "how long do i have to wait", "how long is that", "how long does that last", "for how many days",
	"why", "why not", "but why", "and why", "how come", "what for", "why is that", "why is it", "what is the reason", "how so", "what is the point",
	"when", "and when", "when can i", "when can i again", "from when", "when exactly", "how soon", "how", "how exactly", "in what way",
	"are you sure", "is that so", "really", "what do you mean", "meaning", "what does that mean", "say again", "say that again", "come again", "can you repeat that", "what was that",
	"tell me more", "more", "more please", "anything else", "what else", "go on", "and then", "what then", "and after that", "and after", "which one", "which ones",
}

// openers begin a message that leans on the one before: "and make-up?",
// "what about the sea?".
var openers = []string{"and what about", "what about", "how about", "and how about", "and", "or", "but what about", "what if it is", "also"}

// maxFollowUp is the number of words beyond which a message stands on its own.
const maxFollowUp = 7

// followUp reads text as leaning on the passage answered last. Where it asks
// for more of the same passage, again is true and meant says so in a
// sentence; where it opens with a word that leans back, meant is the question
// that it stands for; else meant is empty and text is a question of its own.
func followUp(text string, last knowledge.Passage) (meant string, asksAgain bool) {
	words := language.Words(text)
	if len(words) == 0 || len(words) > maxFollowUp {
		return "", false
	}
	whole := strings.Join(words, " ")
	if slices.Contains(again, whole) {
		return "I took this to be about “" + last.Title + "”. This is what the guide says about it:", true
	}
	for _, opener := range openers {
		rest, ok := strings.CutPrefix(whole, opener+" ")
		if !ok {
			continue
		}
		if slices.Contains(again, rest) {
			return "I took this to be about “" + last.Title + "”. This is what the guide says about it:", true
		}
		if len(strings.Fields(rest)) <= 4 {
			return "what about " + rest + "?", false
		}
	}
	return "", false
}
