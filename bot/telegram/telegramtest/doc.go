// Package telegramtest is a Bot API server for tests, on loopback.
//
// It behaves as the real one where that matters to a bot: what an offset
// confirms, what is delivered again, when a poll is ended with 409, how long
// 429 lasts, what HTML it refuses and in which words. It is strict: every
// request, and every update that a test injects, is compared with Telegram's
// machine-readable description where the file is there, and whatever the real
// server would refuse is refused and remembered in [Server.Errors].
//
// Start one with [New]; it needs no testing.T, so that programs can use it too.
package telegramtest
