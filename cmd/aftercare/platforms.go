package main

import (
	"fmt"
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/bot/discord"
	"github.com/aftercarebot/aftercare/bot/telegram"
	"github.com/aftercarebot/aftercare/knowledge"
)

const (
	discordAPI  = "https://discord.com/api"
	telegramAPI = "https://api.telegram.org"
)

// platformFlags are the flags that say how to be on Discord and Telegram.
type platformFlags struct {
	region         string
	shards         string
	testGuild      string
	messageContent bool
	interactions   string
	webhook        string
	listen         string
}

func (o *platformFlags) register(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&o.region, "region", "", "country whose emergency numbers are shown, by its two letters, such as GB; default: neutral wording")
	f.StringVar(&o.shards, "shards", "auto", "Discord gateway connections: auto, a number, or i/n for one of several processes")
	f.StringVar(&o.testGuild, "discord-test-guild", "", "id of the one Discord server to register the commands in, where they show at once")
	f.BoolVar(&o.messageContent, "discord-message-content", false, "ask for the privileged message content intent, which auto-answer needs")
	f.StringVar(&o.interactions, "discord-interactions", "", "address to listen on for Discord's interactions over HTTP, instead of the gateway")
	f.StringVar(&o.webhook, "telegram-webhook", "", "public https address that Telegram calls, instead of polling")
	f.StringVar(&o.listen, "listen", "", "address to listen on for the Telegram webhook, such as :8080")
}

// check finds settings that cannot be meant.
func (o *platformFlags) check() error {
	if o.region == "" {
		return nil
	}
	code, ok := knowledge.Country(o.region)
	if !ok {
		return usage(fmt.Errorf("--region %q is no country", o.region), "Give its two letters (ISO 3166), such as GB or IE, or leave --region out for neutral wording.")
	}
	o.region = code
	return nil
}

// numbers says whether the content has the emergency numbers that --region asks
// for; asked: it is given.
func (o *platformFlags) numbers(base *knowledge.Base) (f bot.Finding, asked bool) {
	if base.SafetyRules().Numbers(o.region) {
		return bot.Finding{Level: bot.Fine, What: "It has emergency numbers for " + o.region + "."}, true
	}
	return bot.Finding{Level: bot.Notice, What: "The content has no emergency numbers for " + o.region + ", so safety cards show the neutral wording.",
		Remedy: "Add them under safety: numbers: in the content, or mend --region."}, o.region != ""
}

// credentials are what the environment says of the platforms. An empty token
// means that the platform is not wanted.
type credentials struct {
	discordToken, discordAPI   string
	telegramToken, telegramAPI string
}

func (p process) credentials() (c credentials, err error) {
	read := func(into *string, from func() (string, error)) {
		if err == nil {
			*into, err = from()
		}
	}
	read(&c.discordToken, func() (string, error) { return p.token("DISCORD_TOKEN") })
	read(&c.telegramToken, func() (string, error) { return p.token("TELEGRAM_TOKEN") })
	read(&c.discordAPI, func() (string, error) { return p.apiURL("DISCORD_API_URL", discordAPI) })
	read(&c.telegramAPI, func() (string, error) { return p.apiURL("TELEGRAM_API_URL", telegramAPI) })
	return c, err
}

// parts are what an adapter is given of the rest of the program.
type parts struct {
	log        *slog.Logger
	guide      *bot.Bot
	operations *operations // nil: there is nothing beside the platforms
}

func (o platformFlags) discord(c credentials, p parts) discord.Config {
	config := discord.Config{
		Token: c.discordToken, APIURL: c.discordAPI, Log: p.log, Guide: p.guide,
		Shards: o.shards, MessageContent: o.messageContent, TestGuild: o.testGuild,
		Interactions: o.interactions, Region: o.region,
	}
	p.operations.equipDiscord(&config)
	return config
}

func (o platformFlags) telegram(c credentials, p parts) telegram.Config {
	config := telegram.Config{
		Token: c.telegramToken, APIURL: c.telegramAPI, Log: p.log, Guide: p.guide,
		Region: o.region, Webhook: o.webhook, Listen: o.listen,
	}
	p.operations.equipTelegram(&config)
	return config
}
