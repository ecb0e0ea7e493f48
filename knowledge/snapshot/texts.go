package snapshot

import "strings"

// Texts is a list of strings, kept as one with their lengths.
type Texts struct {
	Text    string
	Lengths Ints
}

// PackTexts packs strings.
func PackTexts(list []string) Texts {
	lengths := make([]int, len(list))
	for i, s := range list {
		lengths[i] = len(s)
	}
	return Texts{strings.Join(list, ""), Pack(lengths)}
}

// Ends gives for each string where in Text it ends.
func (t *Texts) Ends() []uint32 { return UnpackStarts[uint32](t.Lengths)[1:] }

// List gives what PackTexts was given, as parts of one string.
func (t *Texts) List() []string {
	out := make([]string, t.Lengths.Length)
	lengths, at := t.Lengths.Cursor(), 0
	for i := range out {
		end := at + int(lengths.Next())
		out[i], at = t.Text[at:end], end
	}
	return out
}
