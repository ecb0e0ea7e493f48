package discord

import (
	"encoding/json"
	"testing"
)

// FuzzEvents wants no event whatever to panic, and what is decoded to hold
// what is needed.
func FuzzEvents(f *testing.F) {
	for _, seed := range []string{
		`{}`, `null`, `[]`, `{"id":"1","channel_id":"2","author":{"id":"3","bot":"yes"},"mentions":{},"referenced_message":[],"content":"x"}`,
		`{"id":1,"type":2,"token":"t","member":{"user":null},"data":{"name":"ask","options":[{"name":"question","value":{"a":1}}]},"channel":{"id":7,"parent_id":null}}`,
		`{"id":"1","type":3,"token":"t","context":"0","data":{"custom_id":"p:","values":[1]},"message":7}`,
		`{"id":"1","type":2,"token":"t","data":{"target_id":"9","resolved":{"messages":{"9":"text"}}}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if m, ok := decodeMessage(data); ok {
			if m.ID == "" || m.Channel == "" || m.Author.v.ID == "" {
				t.Errorf("got %+v", m)
			}
			m.hasMedia()
			(&Adapter{}).addressed(m, &identity{User: "1"})
		}
		if i, ok := decodeInteraction(data); ok {
			if i.ID == "" || i.Token == "" {
				t.Errorf("got %+v", i)
			}
			i.asker()
			i.place()
			i.alone()
			i.permissions()
			i.Data.v.option("question")
		}
	})
}

func TestPassageKeysFitAndDiffer(t *testing.T) {
	long := string(make([]byte, 500))
	keys := map[string]string{}
	for _, id := range []string{"a", "guide/avoid-the-sun", "#a", long + "a", long + "b"} {
		k := passageKey(id)
		if len(customID(actPassage, k)) > maxCustomID || len(pickValue(id)) > maxCustomID {
			t.Errorf("key of %.20q is too long: %d", id, len(k))
		}
		if other, ok := keys[k]; ok {
			t.Errorf("%.20q and %.20q have one key", id, other)
		}
		keys[k] = id
	}
	if raw, err := json.Marshal(outgoing{AllowedMentions: nobody}); err != nil || string(raw) != `{"allowed_mentions":{"parse":[],"replied_user":false}}` {
		t.Errorf("got %s, %v", raw, err)
	}
}
