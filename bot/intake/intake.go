// Package intake takes messages in for an adapter: each once, in order within
// a chat, no more at a time than can be handled, and no faster from one
// person than is fair to the others; and looks for danger signs in the rest.
//
// [Queue], [Seen], [Limiter] and [Lookout] are independent of one another and of any
// platform. All are safe for concurrent use.
package intake
