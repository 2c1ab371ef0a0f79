"""Signs and verifies with PyJWT. Prints: name, a token, signed and verified a second."""

import os
import sys
import time

import jwt

secret = os.environ["BOOSTGPT_SSO_SECRET"]
seconds = float(sys.argv[1])
claims = {"email": "ada@example.com", "name": "Ada Lovelace", "external_id": "user_0192f0c12d3e7f40"}


def sign():
    now = int(time.time())
    return jwt.encode({**claims, "iat": now, "exp": now + 3600}, secret, algorithm="HS256")


def per_second(work):
    count, begin = 0, time.perf_counter()
    while time.perf_counter() - begin < seconds:
        for _ in range(50):
            work()
        count += 50
    return count / (time.perf_counter() - begin)


token = sign()
found = jwt.decode(token, secret, algorithms=["HS256"])
assert all(found[name] == value for name, value in claims.items()), "PyJWT does not verify its own token"
rates = per_second(sign), per_second(lambda: jwt.decode(token, secret, algorithms=["HS256"]))
print(f"PyJWT {jwt.__version__} (Python)", token, *rates, sep="\t")
