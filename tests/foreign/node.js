// Signs and verifies in Node, for tests/suite/foreign.rs. One JSON request on standard input, one JSON answer
// out:
//   {"action": "sign", "users": [{email, name, id}, …]}  ->  {"documented": [token, …], "jose": […]}
//   {"action": "verify", "tokens": [token, …], "audience"?}  ->  {"jsonwebtoken": [claims, …], "jose": […]}
//   {"action": "misuse", "user": {…}}  ->  {what: token, …}
//   {"action": "mistakes", "previous", "other", "bot", "otherBot"}
//     ->  {code of the mistake: [token, …], …}: mistakes.js
// A token that is refused becomes {"refused": reason}. The secret is in BOOSTGPT_SSO_SECRET.
globalThis.crypto ??= require('node:crypto').webcrypto; // Node 18
const fs = require('node:fs');
const jwt = require('jsonwebtoken');
const { createWidgetToken } = require('./documented-snippet.js');

const secret = process.env.BOOSTGPT_SSO_SECRET;
const key = new TextEncoder().encode(secret);

function payload({ email, name, id }) {
  return { email, name, external_id: id };
}

async function attempt(verify) {
  try {
    return await verify();
  } catch (error) {
    return { refused: error.message };
  }
}

async function answer({ action, users, tokens, user, audience, ...rest }) {
  const jose = await import('jose');
  switch (action) {
    case 'sign':
      return {
        documented: users.map(createWidgetToken),
        jose: await Promise.all(users.map((user) =>
          new jose.SignJWT(payload(user))
            .setProtectedHeader({ alg: 'HS256' }).setIssuedAt().setExpirationTime('1h').sign(key))),
      };
    case 'verify':
      return {
        jsonwebtoken: await Promise.all(tokens.map((token) =>
          attempt(() => jwt.verify(token, secret, { algorithms: ['HS256'], audience })))),
        jose: await Promise.all(tokens.map((token) => attempt(async () =>
          (await jose.jwtVerify(token, key, { algorithms: ['HS256'], audience })).payload))),
      };
    case 'misuse':
      return {
        hs384: jwt.sign(payload(user), secret, { expiresIn: '1h', algorithm: 'HS384' }),
        hs512: jwt.sign(payload(user), secret, { expiresIn: '1h', algorithm: 'HS512' }),
        none: jwt.sign(payload(user), null, { expiresIn: '1h', algorithm: 'none' }),
        no_expiry: jwt.sign(payload(user), secret),
        two_hours: jwt.sign(payload(user), secret, { expiresIn: '2h' }),
        hex_decoded: jwt.sign(payload(user), Buffer.from(secret, 'hex'), { expiresIn: '1h' }),
        not_before: jwt.sign(payload(user), secret, { expiresIn: '1h', notBefore: '10m' }),
        no_email: jwt.sign({ name: user.name }, secret, { expiresIn: '1h' }),
        milliseconds: jwt.sign({ ...payload(user), exp: Date.now() + 3600000 }, secret),
      };
    case 'mistakes':
      return require('./mistakes.js')(secret, rest);
  }
}

answer(JSON.parse(fs.readFileSync(0, 'utf8'))).then((result) => process.stdout.write(JSON.stringify(result)));
