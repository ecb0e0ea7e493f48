package index

import "github.com/aftercarebot/aftercare/knowledge/language"

// corpus is the phrasings and texts of all classes, cut into words once:
// training comes back to them several times.
type corpus struct {
	Forms  []string    // the different words, in the order in which they come up
	Counts []int32     // of each, how often it comes up
	Texts  rows[int32] // of each text, its words

	ids map[string]int32 // of the words
}

func corpusOf(texts []string) *corpus {
	letters := 0
	for _, t := range texts {
		letters += len(t)
	}
	c := &corpus{Texts: rowsFor[int32](len(texts), letters/5), ids: make(map[string]int32, len(texts)/2)} // a word and a space; there may be more
	var words []string
	for _, t := range texts {
		words = language.AppendWords(words[:0], language.Normalise(t))
		for _, w := range words {
			id, ok := c.ids[w]
			if !ok {
				id = int32(len(c.Forms))
				c.ids[w] = id
				c.Forms = append(c.Forms, w)
				c.Counts = append(c.Counts, 0)
			}
			c.Counts[id]++
			c.Texts.Items = append(c.Texts.Items, id)
		}
		c.Texts.Start = append(c.Texts.Start, int32(len(c.Texts.Items)))
	}
	return c
}

// appendText appends the words of text i.
func (c *corpus) appendText(words []string, i int) []string {
	for _, id := range c.Texts.at(int32(i)) {
		words = append(words, c.Forms[id])
	}
	return words
}
