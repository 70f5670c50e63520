// What a Go program sees with Go's own resolver.
package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"sort"
	"strings"
)

func main() {
	resolver := &net.Resolver{PreferGo: true}
	for _, name := range os.Args[1:] {
		addresses, err := resolver.LookupHost(context.Background(), name)
		var missing *net.DNSError
		switch {
		case errors.As(err, &missing) && missing.IsNotFound:
			fmt.Println(name, "no such host")
		case err != nil:
			fmt.Println(name, err)
		case len(addresses) > 10:
			fmt.Println(name, len(addresses), "addresses")
		default:
			sort.Strings(addresses)
			fmt.Println(name, strings.Join(addresses, " "))
		}
	}
}
