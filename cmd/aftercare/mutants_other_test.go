//go:build !unix

package main

func systemMutants() []mutant { return nil }
