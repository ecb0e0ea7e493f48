package discord

import (
	"context"
	"fmt"
)

// Keys and values of the settings.
const (
	keyReplies = "replies" // of a channel
	keyAuto    = "auto"    // of a channel
	keyRegion  = "region"  // of a server

	repliesPublic = "public"
	autoHere      = "here"
	autoThread    = "thread"
)

// chosen is what holds in one channel.
type chosen struct {
	public bool   // replies to commands are seen by all
	auto   string // "", autoHere or autoThread
	region string // "" for the operator's
}

// choices reads what admins chose. It is safe for concurrent use.
type choices struct {
	store Settings // may be nil
}

// in gives what holds in a channel; what holds in a thread is chosen for the
// channel that it belongs to. On an error it gives the careful defaults.
func (c choices) in(ctx context.Context, guild, channel string) (chosen, error) {
	if c.store == nil || guild == "" {
		return chosen{}, nil
	}
	here, err := c.of(ctx, "channel:"+channel)
	if err != nil {
		return chosen{}, err
	}
	server, err := c.of(ctx, "guild:"+guild)
	if err != nil {
		return chosen{}, err
	}
	out := chosen{public: here[keyReplies] == repliesPublic, region: server[keyRegion]}
	if a := here[keyAuto]; a == autoHere || a == autoThread {
		out.auto = a
	}
	return out, nil
}

func (c choices) of(ctx context.Context, place string) (map[string]string, error) {
	values, err := c.store.Settings(ctx, place)
	if err != nil {
		return nil, fmt.Errorf("read settings: %w", err)
	}
	return values, nil
}

func (c choices) set(ctx context.Context, place, key, value string) error {
	if err := c.store.Set(ctx, place, key, value); err != nil {
		return fmt.Errorf("write setting: %w", err)
	}
	return nil
}
