// Signs and verifies with the libraries of Node. Prints for each: name, a token, signed and verified a second.
import { createSecretKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { createSigner, createVerifier } from "fast-jwt";
import * as jose from "jose";
import jsonwebtoken from "jsonwebtoken";

const secret = process.env.BOOSTGPT_SSO_SECRET;
const seconds = Number(process.argv[2]);
const claims = { email: "ada@example.com", name: "Ada Lovelace", external_id: "user_0192f0c12d3e7f40" };

async function perSecond(work) {
  let count = 0;
  const end = performance.now() + seconds * 1000;
  const begin = performance.now();
  while (performance.now() < end) {
    for (let i = 0; i < 50; i++) await work();
    count += 50;
  }
  return (count / (performance.now() - begin)) * 1000;
}

async function measure(name, sign, verify, how = "") {
  const token = await sign();
  const found = await verify(token);
  for (const claim of Object.keys(claims)) {
    if (found[claim] !== claims[claim]) throw new Error(`${name} does not verify its own token`);
  }
  const { version } = JSON.parse(readFileSync(new URL(`./node_modules/${name}/package.json`, import.meta.url)));
  const rates = [await perSecond(sign), await perSecond(() => verify(token))];
  console.log([`${name} ${version}${how} (Node)`, token, ...rates].join("\t"));
}

const { sign, verify } = jsonwebtoken;
await measure(
  "jsonwebtoken",
  () => sign(claims, secret, { expiresIn: "1h" }),
  (token) => verify(token, secret, { algorithms: ["HS256"] }),
);
// It tries whether a text is a private or public key first, which takes most of the time.
const keyObject = createSecretKey(Buffer.from(secret));
await measure(
  "jsonwebtoken",
  () => sign(claims, keyObject, { expiresIn: "1h" }),
  (token) => verify(token, keyObject, { algorithms: ["HS256"] }),
  ", KeyObject",
);
const key = new TextEncoder().encode(secret);
await measure(
  "jose",
  () =>
    new jose.SignJWT(claims).setProtectedHeader({ alg: "HS256", typ: "JWT" }).setIssuedAt().setExpirationTime("1h").sign(key),
  async (token) => (await jose.jwtVerify(token, key, { algorithms: ["HS256"] })).payload,
);
// Without its cache, which remembers verified tokens.
const fastSign = createSigner({ key: secret, algorithm: "HS256", expiresIn: 3600_000 });
const fastVerify = createVerifier({ key: secret, algorithms: ["HS256"], cache: false });
await measure("fast-jwt", () => fastSign(claims), fastVerify);
