package discord

import "fmt"

// Close codes of the gateway that decide how to go on.
// https://docs.discord.com/developers/topics/opcodes-and-status-codes
const (
	closeBadToken          = 4004
	closeInvalidSequence   = 4007
	closeSessionTimedOut   = 4009
	closeInvalidShard      = 4010
	closeShardingRequired  = 4011
	closeInvalidVersion    = 4012
	closeInvalidIntents    = 4013
	closeDisallowedIntents = 4014
)

// endsSession reports whether a session cannot be resumed after the code.
func endsSession(code int) bool {
	return code == closeInvalidSequence || code == closeSessionTimedOut
}

// Fatal is an error that no further try can mend. Its text says what the
// operator can do.
type Fatal struct {
	Code   int    // gateway's close code or HTTP status
	Remedy string // what happened and what to do, in one or two sentences
}

func (f *Fatal) Error() string {
	return fmt.Sprintf("discord: %s (code %d)", f.Remedy, f.Code)
}

const portal = "https://discord.com/developers/applications"

const badToken = "the bot token was refused: in the developer portal (" + portal + "), open your application, choose Bot, press Reset Token, and set DISCORD_TOKEN to the new token"

// fatal gives the error for a close code after which no connection can
// succeed, or nil.
func fatal(code int) error {
	remedy := ""
	switch code {
	case closeBadToken:
		remedy = badToken
	case closeInvalidShard:
		remedy = "the shard number was refused: --shard i/n needs i below n, and the same n in every process"
	case closeShardingRequired:
		remedy = "this bot is in too many servers for one connection: start it with --shards auto"
	case closeInvalidVersion:
		remedy = "this version of the gateway is no longer served: update aftercare"
	case closeInvalidIntents:
		remedy = "the intents were refused as invalid: update aftercare"
	case closeDisallowedIntents:
		remedy = "an intent was refused that the application may not use: in the developer portal (" + portal + "), open your application, choose Bot, and switch on Message Content Intent, or start without --discord-message-content"
	default:
		return nil
	}
	return &Fatal{Code: code, Remedy: remedy}
}
