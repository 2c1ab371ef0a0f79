"""Signs and verifies with PyJWT, for tests/suite/foreign.rs. One JSON request on standard input, one JSON answer out:

{"action": "sign", "users": [...]} -> {"pyjwt": [token, ...]}
{"action": "verify", "tokens": [...], "audience"?} -> {"pyjwt": [claims, ...]}
{"action": "mistakes"} -> {"pyjwt": {code of the mistake: [token, ...], ...}}

A token that is refused becomes {"refused": reason}. The secret is in BOOSTGPT_SSO_SECRET.
"""

import base64
import binascii
import datetime
import hashlib
import json
import os
import sys
import urllib.parse
import warnings

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


def mistakes():
    warnings.simplefilter("ignore")  # PyJWT warns of short keys
    now = datetime.datetime.now(datetime.timezone.utc)
    hour = datetime.timedelta(hours=1)
    ada = {"email": "ada@example.com", "name": "Ada", "external_id": "42", "iat": now, "exp": now + hour}

    def token(key=SECRET, algorithm="HS256", headers=None, without=(), **claims):
        payload = {name: value for name, value in {**ada, **claims}.items() if name not in without}
        return jwt.encode(payload, key, algorithm=algorithm, headers=headers)

    ahead = now + datetime.timedelta(minutes=3)
    zone = now + datetime.timedelta(hours=2)
    ago = now - datetime.timedelta(hours=3)
    return {
        "secret_hex_decoded": [token(bytes.fromhex(SECRET))],
        "secret_base64_decoded": [token(base64.b64decode(SECRET))],
        "secret_reencoded": [token(base64.b64encode(SECRET.encode())), token(base64.b64encode(bytes.fromhex(SECRET))),
                             token(base64.encodebytes(SECRET.encode())), token(binascii.hexlify(SECRET.encode()))],
        "secret_line_end": [token(SECRET + "\n"), token(SECRET + "\r\n")],
        "secret_quoted": [token(f'"{SECRET}"'), token(repr(SECRET)), token(str(SECRET.encode()))],
        "secret_hashed": [
            token(hashlib.sha256(SECRET.encode()).hexdigest()),
            token(hashlib.sha512(SECRET.encode()).digest()),
            token(hashlib.md5(SECRET.encode()).hexdigest()),
            token(hashlib.sha256((SECRET + "\n").encode()).hexdigest()),
        ],
        "secret_reread": [
            token(bytes.fromhex(SECRET).decode(errors="replace")),
            token(base64.b64decode(SECRET).decode("latin-1")),
        ],
        "secret_mistyped": [token(SECRET[:7] + SECRET[8:])],
        "secret_doubled": [token(SECRET * 2)],
        "secret_white_space": [token(SECRET + " "), token("\ufeff" + SECRET)],
        "secret_case": [token(SECRET.upper())],
        "secret_cut": [token(SECRET[:63]), token(SECRET[1:]), token(SECRET[:32])],
        "secret_with_name": [token("BOOSTGPT_SSO_SECRET=" + SECRET)],
        "secret_utf16": [token(SECRET.encode("utf-16-le")), token(SECRET.encode("utf-16"))],
        "secret_placeholder": [token("your-64-char-hex-secret"), token(str(None))],
        "alg_hs384_hs512": [token(algorithm="HS384"), token(algorithm="HS512")],
        "alg_none": [token(key=None, algorithm="none")],
        "typ_not_jwt": [token(headers={"typ": "at+jwt"})],
        "header_extension": [token(headers={"cty": "JWT"})],
        "exp_missing": [token(without=["exp"])],
        "exp_milliseconds": [token(exp=int((now + hour).timestamp() * 1000))],
        "exp_iso_date": [token(exp=(now + hour).isoformat()), token(exp=str(now + hour))],
        "exp_duration": [token(exp=3600), token(exp="1h")],
        "exp_text": [token(exp=str(int((now + hour).timestamp())))],
        "exp_invalid": [token(exp=None), token(exp=True)],
        "exp_misnamed": [token(without=["exp"], expires=int((now + hour).timestamp()))],
        "exp_not_after_iat": [token(exp=now), token(exp=now - hour)],
        "expired": [token(iat=ago, exp=ago + hour)],
        "lifetime_too_long": [token(exp=now + datetime.timedelta(days=30))],
        "iat_milliseconds": [token(iat=int(now.timestamp() * 1000))],
        "iat_invalid": [token(iat=now.isoformat())],
        "local_time": [token(iat=zone, exp=zone + hour)],
        "clock_ahead": [token(iat=ahead, exp=ahead + hour)],
        "not_before": [token(nbf=ahead)],
        "email_missing": [token(without=["email"])],
        "email_not_text": [token(email=None), token(email=["ada@example.com"])],
        "email_empty": [token(email="")],
        "email_white_space": [token(email=" ada@example.com"), token(email="ada@example.com\n")],
        "email_misnamed": [token(without=["email"], Email="ada@example.com")],
        "claims_nested": [token(without=["email"], user={"email": "ada@example.com"})],
        "name_too_long": [token(name="Ada" * 100)],
        "external_id_number": [token(external_id=42.5), token(external_id=float(42))],
        "external_id_invalid": [token(external_id={"id": 42})],
        "external_id_misnamed": [token(without=["external_id"], user_id=42)],
        "url_encoded": [urllib.parse.quote(json.dumps(token()))],
        "encoded_twice": [base64.urlsafe_b64encode(token().encode()).decode()],
    }


request = json.load(sys.stdin)
if request["action"] == "sign":
    answer = [sign(user) for user in request["users"]]
elif request["action"] == "mistakes":
    answer = mistakes()
else:
    answer = [verify(token, request.get("audience")) for token in request["tokens"]]
json.dump({"pyjwt": answer}, sys.stdout)
