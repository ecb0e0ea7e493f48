package lint

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/aftercarebot/aftercare/knowledge"
)

// notAsked finds passages that no golden question is about.
func (c *checker) notAsked(golden []Question) {
	about := map[string]bool{}
	for _, q := range golden {
		for _, id := range q.Passages {
			about[id] = true
		}
	}
	for _, p := range c.base.Passages() {
		if !about[p.ID] {
			c.add(p.File, p.Line, "not-asked", `write one: {"q": "…", "ids": ["`+p.ID+`"]}`, "no golden question is about passage %q, so nothing notices when it is no longer found", p.ID)
		}
	}
}

// job is a question to search for, and where its first match goes.
type job struct {
	text  string
	first *knowledge.Match
}

// searched runs the rules that need the search: every phrasing and every
// golden question is searched for once.
func (c *checker) searched(ctx context.Context, o Options) error {
	var jobs []job
	wins := map[string][]knowledge.Match{} // by passage, of each phrasing
	for _, p := range c.base.Passages() {
		first := make([]knowledge.Match, len(p.Phrasings))
		wins[p.ID] = first
		for i, text := range p.Phrasings {
			jobs = append(jobs, job{text, &first[i]})
		}
	}
	asked := make([]knowledge.Match, len(o.Golden))
	for i, q := range o.Golden {
		jobs = append(jobs, job{q.Text, &asked[i]})
	}
	if err := searchAll(ctx, o, jobs); err != nil {
		return err
	}
	for _, p := range c.base.Passages() {
		c.lostPhrasings(p, wins[p.ID])
	}
	if o.Golden != nil {
		c.notReached(o.Golden, asked)
	}
	return nil
}

// searchAll searches for every job, on all processors.
func searchAll(ctx context.Context, o Options, jobs []job) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	var mu sync.Mutex
	done := 0
	for chunk := range slices.Chunk(jobs, 50) {
		group.Go(func() error {
			for _, j := range chunk {
				if err := ctx.Err(); err != nil {
					return err
				}
				matches, err := o.Search.Search(ctx, j.text)
				if err != nil {
					return err
				}
				if len(matches) > 0 {
					*j.first = matches[0]
				}
			}
			mu.Lock()
			defer mu.Unlock()
			done += len(chunk)
			if o.Progress != nil {
				o.Progress(done, len(jobs))
			}
			return nil
		})
	}
	return group.Wait()
}

// lostPhrasings finds a passage's phrasings that find something else first.
func (c *checker) lostPhrasings(p knowledge.Passage, first []knowledge.Match) {
	for i, m := range first {
		winner := ""
		switch {
		case m.Topic != nil:
			winner = fmt.Sprintf("declined topic %q", m.Topic.ID)
		case m.SmallTalk != nil:
			winner = fmt.Sprintf("small talk %q", m.SmallTalk.ID)
		case m.Passage.ID == "" && wordsOf(p.Phrasings[i]) == 0:
			winner = "nothing, for it holds no word,"
		case m.Passage.ID != p.ID && m.Passage.ID != "":
			winner = fmt.Sprintf("passage %q", m.Passage.ID)
		default:
			continue
		}
		file, line := c.base.PhrasingPlace(p.ID, i)
		c.add(file, line, "lost-phrasing", "move it there, or reword it so that it says what only its own passage answers",
			"%q of passage %q finds %s first", clip(p.Phrasings[i]), p.ID, winner)
	}
}

// notReached finds passages whose golden questions all find something else.
func (c *checker) notReached(golden []Question, first []knowledge.Match) {
	about, reached := map[string][]string{}, map[string]bool{}
	for i, q := range golden {
		for _, id := range q.Passages {
			about[id] = append(about[id], fmt.Sprintf("%q", q.Text))
		}
		if first[i].Topic == nil && first[i].SmallTalk == nil {
			reached[first[i].Passage.ID] = true
		}
	}
	for _, p := range c.base.Passages() {
		if len(about[p.ID]) > 0 && !reached[p.ID] {
			c.add(p.File, p.Line, "not-asked", "give it phrasings in the words of these questions",
				"no golden question finds passage %q first; it was asked for with %s", p.ID, clip(strings.Join(about[p.ID], ", ")))
		}
	}
}
