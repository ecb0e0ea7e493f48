package main

import (
	"encoding/json"
	"io"
	"math"

	"github.com/aftercarebot/aftercare/bot"
)

// answer is one line of ask --json. Its fields, their names and their order
// are a promise to scripts: add none, remove none.
type answer struct {
	Question string          `json:"question"`
	Kind     string          `json:"kind"`
	Passages []answerPassage `json:"passages"`
	Note     string          `json:"note"`
	Text     string          `json:"text"`
	Content  string          `json:"content"`
	Reasons  []string        `json:"reasons"`
}

type answerPassage struct {
	ID         string  `json:"id"`
	Title      string  `json:"title"`
	Text       string  `json:"text"`
	Confidence float64 `json:"confidence"` // 0..1, four decimals
}

func answerOf(question string, r bot.Reply) answer {
	a := answer{
		Question: question, Kind: r.Kind.String(), Passages: []answerPassage{},
		Note: r.Note, Text: r.Plain(), Content: r.Content, Reasons: r.Reasons,
	}
	if a.Reasons == nil {
		a.Reasons = []string{}
	}
	for _, m := range r.Matches {
		a.Passages = append(a.Passages, answerPassage{
			ID: m.Passage.ID, Title: m.Passage.Title, Text: m.Passage.Text,
			Confidence: math.Round(m.Confidence*1e4) / 1e4,
		})
	}
	return a
}

// writeJSON writes v as one line, or indented for people who read along.
// Signs such as < stay as they are.
func writeJSON(w io.Writer, v any, indent bool) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	if indent {
		encoder.SetIndent("", "  ")
	}
	return encoder.Encode(v)
}
