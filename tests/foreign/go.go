// Signs and verifies with golang-jwt, for tests/suite/foreign.rs. One JSON request on standard input, one
// JSON answer out:
//   {"action": "sign", "users": [{email, name, id}, …]}  ->  {"golang-jwt": [token, …]}
//   {"action": "verify", "tokens": [token, …]}  ->  {"golang-jwt": [claims, …]}
// The secret is in BOOSTGPT_SSO_SECRET.
package main

import (
	"encoding/json"
	"os"
	"time"

	"github.com/golang-jwt/jwt"
)

type request struct {
	Action string
	Users  []map[string]interface{}
	Tokens []string
}

var secret = []byte(os.Getenv("BOOSTGPT_SSO_SECRET"))

// The documented claims of a user, signed for an hour. What the user does not have is left out.
func sign(user map[string]interface{}) string {
	now := time.Now().Unix()
	claims := jwt.MapClaims{"email": user["email"], "iat": now, "exp": now + 3600}
	for claim, member := range map[string]string{"name": "name", "external_id": "id"} {
		if value, found := user[member]; found {
			claims[claim] = value
		}
	}
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString(secret)
	if err != nil {
		panic(err)
	}
	return token
}

func verify(token string) jwt.MapClaims {
	parser := jwt.Parser{ValidMethods: []string{"HS256"}, UseJSONNumber: true}
	claims := jwt.MapClaims{}
	_, err := parser.ParseWithClaims(token, claims, func(*jwt.Token) (interface{}, error) { return secret, nil })
	if err != nil {
		panic(err)
	}
	return claims
}

func main() {
	decoder := json.NewDecoder(os.Stdin)
	decoder.UseNumber() // ids stay as they are
	var asked request
	if err := decoder.Decode(&asked); err != nil {
		panic(err)
	}
	answers := []interface{}{}
	for _, user := range asked.Users {
		answers = append(answers, sign(user))
	}
	for _, token := range asked.Tokens {
		answers = append(answers, verify(token))
	}
	if err := json.NewEncoder(os.Stdout).Encode(map[string]interface{}{"golang-jwt": answers}); err != nil {
		panic(err)
	}
}
