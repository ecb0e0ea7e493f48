package discord

import "strconv"

// permissions is Discord's bit set.
type permissions uint64

const (
	administrator      permissions = 1 << 3
	manageServer       permissions = 1 << 5
	viewChannel        permissions = 1 << 10
	sendMessages       permissions = 1 << 11
	readHistory        permissions = 1 << 16
	createThreads      permissions = 1 << 35
	sendInThreads      permissions = 1 << 38
	invitedPermissions             = viewChannel | sendMessages | readHistory | createThreads | sendInThreads
)

func parsePermissions(s string) permissions {
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		return 0
	}
	return permissions(n)
}

// has reports whether all of want are there; an administrator has all.
func (p permissions) has(want permissions) bool {
	return p&administrator != 0 || p&want == want
}
