package main

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
	"unicode"
)

// maxSecret is far more than any token is long.
const maxSecret = 64 << 10

// token reads the secret in the environment variable name, or in the file
// that name_FILE names. It gives "" where neither is set. White space around
// the secret is dropped; nothing else about its form is judged. No error
// holds any part of it.
func (p process) token(name string) (string, error) {
	value, set := p.env(name)
	path, fileSet := p.env(name + "_FILE")
	where := name
	switch {
	case set && fileSet:
		return "", usage(fmt.Errorf("both %s and %s_FILE are set", name, name), "Keep the one that you mean and unset the other.")
	case fileSet:
		where = "the file that " + name + "_FILE names"
		var err error
		if value, err = readSecret(path); err != nil {
			return "", usage(fmt.Errorf("cannot read %s: %w", where, err), "Check its path and its permissions.")
		}
	case !set:
		return "", nil
	}
	value = strings.TrimSpace(strings.TrimPrefix(value, "\ufeff"))
	switch {
	case value == "":
		return "", usage(fmt.Errorf("%s is empty", where), "Put the token there, or unset the variable.")
	case strings.ContainsFunc(value, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }):
		return "", usage(fmt.Errorf("%s has white space or a line break inside the token", where), "Copy the token again, in one piece.")
	}
	return value, nil
}

func readSecret(path string) (string, error) {
	if path == "" {
		return "", errors.New("the path is empty")
	}
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxSecret+1))
	switch {
	case err != nil:
		return "", err
	case len(data) > maxSecret:
		return "", fmt.Errorf("%s is over %d bytes, so it holds more than a token", path, maxSecret)
	}
	return string(data), nil
}

// apiURL reads the base address of an API server from the environment
// variable name; def where it is unset or empty. The value is never part of
// an error: people paste tokens into it.
func (p process) apiURL(name, def string) (string, error) {
	value, _ := p.env(name)
	value = strings.TrimRight(strings.TrimSpace(value), "/")
	if value == "" {
		return def, nil
	}
	hint := "Write it as " + def + ", or unset it."
	u, err := url.Parse(value)
	switch {
	case err != nil:
		return "", usage(fmt.Errorf("%s is not an address that can be read", name), hint)
	case u.Scheme != "http" && u.Scheme != "https":
		return "", usage(fmt.Errorf("%s does not begin with https:// or http://", name), hint)
	case u.Hostname() == "":
		return "", usage(fmt.Errorf("%s names no host", name), hint)
	case u.RawQuery != "" || u.Fragment != "" || u.ForceQuery:
		return "", usage(fmt.Errorf("%s has more than a path behind the host", name), hint)
	}
	return value, nil
}
