package knowledge

import (
	"slices"

	"github.com/aftercarebot/aftercare/knowledge/snapshot"
)

// examples are a list of Example.
type examples struct {
	Texts texts
	Signs []string // the different ones
	Sign  snapshot.Ints
	File  snapshot.Ints
	Line  snapshot.Ints
}

func examplesOf(list []Example, text string, file map[string]int32) examples {
	var e examples
	var all []string
	var sign, in, line []int32
	for _, x := range list {
		at := slices.Index(e.Signs, x.Sign)
		if at < 0 {
			at = len(e.Signs)
			e.Signs = append(e.Signs, x.Sign)
		}
		all, sign, in, line = append(all, x.Text), append(sign, int32(at)), append(in, file[x.File]), append(line, int32(x.Line))
	}
	e.Texts, e.Sign, e.File, e.Line = textsOf(all, text), snapshot.Pack(sign), snapshot.Pack(in), snapshot.PackSteps(line)
	return e
}

func (e *examples) list(content *fileTexts, files []string) []Example {
	out := make([]Example, e.Sign.Length)
	text, sign, file, step := e.Texts.reader(content), e.Sign.Cursor(), e.File.Cursor(), e.Line.Cursor()
	line := 0
	for i := range out {
		line += int(step.Step())
		out[i] = Example{text.next(), e.Signs[sign.Next()], files[file.Next()], line}
	}
	return out
}
