"""Signs and verifies with PyJWT, for tests/suite/foreign.rs. One JSON request on standard input, one JSON answer out:

{"action": "sign", "users": [...]} -> {"pyjwt": [token, ...]}
{"action": "verify", "tokens": [...], "audience"?} -> {"pyjwt": [claims, ...]}

A token that is refused becomes {"refused": reason}. The secret is in BOOSTGPT_SSO_SECRET.
"""

import datetime
import json
import os
import sys

import jwt

SECRET = os.environ["BOOSTGPT_SSO_SECRET"]


def sign(user):
    now = datetime.datetime.now(datetime.timezone.utc)
    claims = {"email": user["email"], "iat": now, "exp": now + datetime.timedelta(hours=1)}
    if "name" in user:
        claims["name"] = user["name"]
    if "id" in user:
        claims["external_id"] = user["id"]
    return jwt.encode(claims, SECRET, algorithm="HS256")


def verify(token, audience):
    try:
        return jwt.decode(token, SECRET, algorithms=["HS256"], audience=audience)
    except jwt.InvalidTokenError as error:
        return {"refused": str(error)}


request = json.load(sys.stdin)
if request["action"] == "sign":
    answer = [sign(user) for user in request["users"]]
else:
    answer = [verify(token, request.get("audience")) for token in request["tokens"]]
json.dump({"pyjwt": answer}, sys.stdout)
