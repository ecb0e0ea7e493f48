package bot

import "github.com/aftercarebot/aftercare/knowledge"

// Media is a kind of content that the bot cannot read.
type Media int

const (
	MediaOther   Media = iota // a place, a poll, ...
	MediaPicture              // or a video
	MediaSound                // a voice message, music
	MediaSticker
	MediaFile
)

// CannotRead says kindly that the bot cannot read such content, and who can.
func (m Media) CannotRead(w knowledge.Wording) string {
	contact := contactOf(w)
	switch m {
	case MediaPicture:
		return "I cannot look at pictures or videos. Please show it to " + contact + ", who can."
	case MediaSound:
		return "I cannot listen to voice messages or other sound. For what you would rather say than write, please ask " + contact + "."
	case MediaSticker:
		return "That is kind, but I only understand words."
	case MediaFile:
		return "I cannot open files. Please show it to " + contact + ", who can."
	}
	return "I can only read text. For anything else, please ask " + contact + "."
}
