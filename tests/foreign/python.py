"""Signs and verifies with PyJWT, for tests/suite/foreign.rs. One JSON request on standard input, one JSON
answer out:

{"action": "sign", "users": [...]} -> {"pyjwt": [token, ...]}
{"action": "verify", "tokens": [...], "audience"?} -> {"pyjwt": [claims, ...]}
{"action": "mistakes"} -> {"pyjwt": {code of the mistake: [token, ...], ...}}

A token that is refused becomes {"refused": reason}. The secret is in BOOSTGPT_SSO_SECRET.
"""

import base64
import binascii
import datetime
import email.utils
import hashlib
import hmac
import html
import json
import math
import os
import sys
import time
import urllib.parse
import uuid
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

    claims = {"email": "ada@example.com", "iat": int(now.timestamp()), "exp": int((now + hour).timestamp())}

    def by_hand(payload):
        signed = ".".join(
            base64.urlsafe_b64encode(part.encode()).rstrip(b"=").decode()
            for part in ('{"alg":"HS256","typ":"JWT"}', payload)
        )
        signature = hmac.new(SECRET.encode(), signed.encode(), "sha256").digest()
        return f"{signed}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"

    ahead = now + datetime.timedelta(minutes=3)
    zone = now + datetime.timedelta(hours=2)
    ago = now - datetime.timedelta(hours=3)
    return {
        "secret_hex_decoded": [token(bytes.fromhex(SECRET))],
        "secret_base64_decoded": [token(base64.b64decode(SECRET))],
        "secret_reencoded": [
            token(base64.b64encode(SECRET.encode())), token(base64.b64encode(bytes.fromhex(SECRET))),
            token(base64.encodebytes(SECRET.encode())), token(binascii.hexlify(SECRET.encode())),
        ],
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
        "claims_nested": [
            token(without=["email"], user={"email": "ada@example.com"}),
            token(without=["email"], sub=json.dumps({"email": "ada@example.com", "id": 42})),
            token(without=["email"], sub=str({"email": "ada@example.com", "id": 42})),
            token(without=["email"], headers={"email": "ada@example.com"}),
        ],
        "name_too_long": [token(name="Ada" * 100)],
        "external_id_number": [token(external_id=42.5), token(external_id=float(42))],
        "external_id_invalid": [token(external_id={"id": 42})],
        "external_id_misnamed": [token(without=["external_id"], user_id=42)],
        "url_encoded": [urllib.parse.quote(json.dumps(token()))],
        "encoded_twice": [base64.urlsafe_b64encode(token().encode()).decode(), token().encode().hex()],
        "bytes_printed": [
            str(token().encode()), str(bytearray(token().encode())), str(list(token().encode())),
        ],
        "json_wrapper": [str({"token": token()}), json.dumps({"data": [{"token": token()}]})],
        "undefined": [str(None), str(object()), str(token), str({}), str(math.nan)],
        "template_placeholder": ["{{ token }}", "{% token %}", "{token}", "%(token)s"],
        "quoted": [repr(token()), json.dumps(token())],
        "date_microseconds": [token(exp=int((now + hour).timestamp() * 10**6))],
        "date_nanoseconds": [token(exp=time.time_ns() + 3600 * 10**9)],
        "date_in_days": [token(without=["iat"], exp=now.toordinal() + 1 + 0.5)],
        "not_a_number": [token(score=math.nan), token(score=-math.inf), token(exp=math.nan)],
        "half_character": [token(name="Ada \ud83d")],
        "payload_not_json": [
            by_hand(str(claims)), by_hand(urllib.parse.urlencode(claims)), by_hand(json.dumps([claims])),
        ],
        "payload_is_text": [by_hand(json.dumps(json.dumps(claims)))],
        "email_encoded": [
            token(email=html.escape("o'brien@example.com")),
            token(email=urllib.parse.quote("ada@example.com")),
        ],
        "email_decorated": [
            token(email=email.utils.formataddr(("Ada", "ada@example.com"))),
            token(email=str(["ada@example.com"])),
        ],
        "name_encoded": [token(name=html.escape("O'Brien & Co")), token(name=urllib.parse.quote("Zoë"))],
        "name_missing_value": [token(name=f"{None} {None}")],
        "external_id_absent": [token(external_id=str(None))],
        "external_id_shared": [token(external_id=str(uuid.UUID(int=0))), token(external_id="{user.id}")],
        "external_id_rounded": [token(external_id=2**60)],
        "other_value": [str(uuid.uuid4()), "ada@example.com"],
        "error_answer": [json.dumps({"detail": "Not authenticated"}), "KeyError: 'email'"],
    }


request = json.load(sys.stdin)
if request["action"] == "sign":
    answer = [sign(user) for user in request["users"]]
elif request["action"] == "mistakes":
    answer = mistakes()
else:
    answer = [verify(token, request.get("audience")) for token in request["tokens"]]
json.dump({"pyjwt": answer}, sys.stdout)
