// Package language reads English messages the way people write them in a
// chat: it cleans them ([Normalise]), cuts them into sentences and words
// ([Sentences], [Words], both at once with [Scan]), brings words to their stem ([Stem]), and tells which
// are common English ([IsEnglish]) and what script a message is in ([ScriptOf]).
//
// It knows nothing of any subject: what it knows of one it is given. All
// functions are safe for concurrent use.
package language
