// Signs and verifies with golang-jwt. Prints: name, a token, signed and verified a second.
package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"time"

	"github.com/golang-jwt/jwt"
)

type claims struct {
	Email      string `json:"email"`
	Name       string `json:"name"`
	ExternalID string `json:"external_id"`
	jwt.StandardClaims
}

var secret = []byte(os.Getenv("BOOSTGPT_SSO_SECRET"))

func sign() string {
	now := time.Now().Unix()
	user := claims{"ada@example.com", "Ada Lovelace", "user_0192f0c12d3e7f40",
		jwt.StandardClaims{IssuedAt: now, ExpiresAt: now + 3600}}
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, user).SignedString(secret)
	if err != nil {
		panic(err)
	}
	return token
}

var parser = jwt.Parser{ValidMethods: []string{"HS256"}}

func verify(token string) claims {
	var found claims
	_, err := parser.ParseWithClaims(token, &found, func(*jwt.Token) (interface{}, error) { return secret, nil })
	if err != nil {
		panic(err)
	}
	return found
}

func perSecond(seconds float64, work func()) float64 {
	count, begin := 0, time.Now()
	for time.Since(begin).Seconds() < seconds {
		for i := 0; i < 50; i++ {
			work()
		}
		count += 50
	}
	return float64(count) / time.Since(begin).Seconds()
}

func main() {
	runtime.GOMAXPROCS(1)
	seconds, err := strconv.ParseFloat(os.Args[1], 64)
	if err != nil {
		panic(err)
	}
	token := sign()
	if found := verify(token); found.Email != "ada@example.com" || found.Name != "Ada Lovelace" {
		panic("golang-jwt does not verify its own token")
	}
	signed := perSecond(seconds, func() { sign() })
	verified := perSecond(seconds, func() { verify(token) })
	fmt.Printf("golang-jwt (%s)\t%s\t%f\t%f\n", runtime.Version(), token, signed, verified)
}
