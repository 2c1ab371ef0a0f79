// Tokens with mistakes in them, as people make them with jsonwebtoken, jose and what Node has: by the code of
// the mistake in the catalogue of `diagnose`.
const crypto = require('node:crypto');
const jwt = require('jsonwebtoken');

const encode = (value) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const seconds = () => Math.floor(Date.now() / 1000);

// Not by a library: segments put together by hand.
function byHand(header, payload, key, { encoding = 'base64url', hash = 'sha256', signed } = {}) {
  const text = `${encode(header)}.${encode(payload)}`;
  const signature = crypto.createHmac(hash, key).update(signed ?? text).digest(encoding);
  return `${text}.${signature}`;
}

module.exports = async function mistakes(secret, { previous, other, bot, otherBot }) {
  const jose = await import('jose');
  const ada = { email: 'ada@example.com', name: 'Ada', external_id: '42' };
  const header = { alg: 'HS256', typ: 'JWT' };
  const sign = (claims, key = secret, options = {}) => jwt.sign(claims, key, { expiresIn: '1h', ...options });
  const token = sign(ada);
  const claims = { ...ada, iat: seconds(), exp: seconds() + 3600 };
  const [h, p, s] = token.split('.');
  const without = ({ [0]: name, ...more }) => {
    const { [name]: _, ...rest } = { ...ada, ...more };
    return rest;
  };
  const withoutEmail = (more) => without({ 0: 'email', ...more });
  // jose takes dates as they are; jsonwebtoken refuses other types.
  const key = new TextEncoder().encode(secret);
  const joseSign = (payload, alg = 'HS256', with_ = key) =>
    new jose.SignJWT(payload).setProtectedHeader({ alg }).sign(with_);
  const asymmetric = async (alg) => joseSign(claims, alg, (await jose.generateKeyPair(alg)).privateKey);
  const hmac = (with_, text) => crypto.createHmac('sha256', with_).update(text).digest();
  const compact = new jose.FlattenedSign(new TextEncoder().encode(JSON.stringify(claims)));
  // A token whose MAC begins with a byte between these, which is printed as a number.
  const asNumber = (from, to, print) => {
    for (let n = 0; ; n += 1) {
      const text = `${h}.${encode({ ...claims, n })}`;
      const mac = hmac(secret, text);
      if (mac[0] >= from && mac[0] <= to) return `${text}.${print(BigInt(`0x${mac.toString('hex')}`))}`;
    }
  };
  const fingerprint = hash('boostgpt-sso secret fingerprint' + secret, 'hex').slice(0, 16);

  return {
    secret_hex_decoded: [
      sign(ada, Buffer.from(secret, 'hex')),
      await joseSign(claims, 'HS256', Buffer.from(secret, 'hex')),
    ],
    // As `atob` and `toString()` make text of bytes.
    secret_reread: [
      sign(ada, Buffer.from(secret, 'hex').toString()),
      sign(ada, Buffer.from(secret, 'hex').toString('latin1')),
      sign(ada, Buffer.from(secret, 'base64').toString('binary')),
      sign(ada, Buffer.from(`\ufeff${secret}`).toString('latin1')),
    ],
    secret_base64_decoded: [
      sign(ada, Buffer.from(secret, 'base64')), sign(ada, Buffer.from(secret, 'base64url')),
    ],
    secret_reencoded: [
      sign(ada, Buffer.from(secret).toString('base64')),
      sign(ada, Buffer.from(secret, 'hex').toString('base64')),
      sign(ada, Buffer.from(secret, 'hex').toString('base64url')),
      sign(ada, Buffer.from(secret).toString('hex')),
      sign(ada, Buffer.from(`${secret}\n`).toString('base64')),
      sign(ada, Buffer.from(secret.slice(0, 32)).toString('base64')),
    ],
    secret_quoted: [
      sign(ada, `"${secret}"`), sign(ada, `'${secret}'`), sign(ada, JSON.stringify(secret)),
      sign(ada, JSON.stringify(`${secret}`.toUpperCase())),
    ],
    secret_line_end: [
      sign(ada, `${secret}\n`), sign(ada, `${secret}\r\n`), sign(ada, `"${secret}"\n`),
      sign(ada, `SSO_SECRET=${secret}\n`),
    ],
    secret_white_space: [
      sign(ada, ` ${secret}`), sign(ada, `${secret}\u00a0`), sign(ada, `${secret}\0`),
      sign(ada, secret.replace(/.{8}(?=.)/g, '$& ')),
      sign(ada, `${secret.slice(0, 41)}\n${secret.slice(41)}`),
    ],
    secret_case: [sign(ada, secret.toUpperCase())],
    secret_cut: [
      sign(ada, secret.slice(0, -1)), sign(ada, secret.slice(1)), sign(ada, secret.slice(0, 32)),
      sign(ada, secret.slice(-32)),
    ],
    secret_mistyped: [
      sign(ada, secret.slice(0, 20) + secret.slice(21)),
      sign(ada, secret.replace(/^(.{30})(.)(.)/, '$1$3$2')),
    ],
    secret_doubled: [sign(ada, secret + secret), sign(ada, `${secret}\n${secret}`)],
    secret_with_name: [
      sign(ada, `SSO_SECRET=${secret}`), sign(ada, `0x${secret}`),
      sign(ada, `export BOOSTGPT_SSO_SECRET=${secret}`),
      sign(ada, `BOOSTGPT_SSO_SECRET="${secret}"`), sign(ada, `${secret};`),
    ],
    secret_utf16: [
      sign(ada, Buffer.from(secret, 'utf16le')), sign(ada, Buffer.from(secret, 'utf16le').swap16()),
      sign(ada, Buffer.from(`\ufeff${secret}\r\n`, 'utf16le')),
    ],
    secret_hashed: [
      sign(ada, hash(secret, 'hex')), sign(ada, hash(secret)), sign(ada, hash(Buffer.from(secret, 'hex'))),
      ...['sha512', 'sha1', 'md5']
        .map((name) => sign(ada, crypto.createHash(name).update(secret).digest('hex'))),
    ],
    secret_fingerprint: [sign(ada, fingerprint)],
    secret_bot_id: [sign(ada, bot)],
    secret_empty: [byHand(header, claims, '')],
    secret_placeholder: [
      sign(ada, 'your-64-char-hex-secret'),
      sign(ada, String(process.env.NOT_SET)),
      sign(ada, 'process.env.BOOSTGPT_SSO_SECRET'),
      sign(ada, 'your-256-bit-secret'),
      sign(ada, '$SSO_SECRET'), sign(ada, '${BOOSTGPT_SSO_SECRET}'), sign(ada, '"${SSO_SECRET}"'),
    ],
    previous_secret: [sign(ada, previous)],
    other_bots_secret: [sign(ada, other)],
    unknown_secret: [
      sign(ada, crypto.randomBytes(32).toString('hex')), `${h}.${encode({ ...claims, name: 'Eve' })}.${s}`,
    ],
    signature_missing: [`${h}.${p}.`, `${h}.${p}`],
    signature_hex: [
      byHand(header, claims, secret, { encoding: 'hex' }),
      `${h}.${p}.${encode(hmac(secret, `${h}.${p}`).toString('hex'))}`,
      // As .NET's BitConverter and Java's BigInteger print bytes.
      `${h}.${p}.${hmac(secret, `${h}.${p}`).toString('hex').toUpperCase().replace(/..(?=.)/g, '$&-')}`,
      asNumber(0x00, 0x0f, (number) => number.toString(16)),
      asNumber(0x80, 0xff, (number) => BigInt.asIntN(256, number).toString(16)),
    ],
    signature_reencoded: [
      `${h}.${p}.${encode(hmac(secret, `${h}.${p}`).toString('base64'))}`,
      `${h}.${p}.${encode(hmac(secret, `${h}.${p}`).toString('latin1'))}`,
      `${h}.${p}.${encode(hmac(secret, `${h}.${p}`).toString())}`,
    ],
    signature_sha1_md5: [
      byHand(header, claims, secret, { hash: 'sha1' }), byHand(header, claims, secret, { hash: 'md5' }),
    ],
    signature_plain_hash: [
      `${h}.${p}.${hash(secret + `${h}.${p}`, 'base64url')}`,
      `${h}.${p}.${hash(`${h}.${p}` + secret, 'base64url')}`,
      `${h}.${p}.${hash(`${h}.${p}.${secret}`, 'base64url')}`, `${h}.${p}.${hash(`${h}.${p}`, 'base64url')}`,
    ],
    key_and_text_exchanged: [`${h}.${p}.${hmac(`${h}.${p}`, secret).toString('base64url')}`],
    signature_of_other_text: [
      byHand(header, claims, secret, { signed: encode(claims) }),
      byHand(header, claims, secret, { signed: JSON.stringify(claims) }),
      byHand(header, claims, secret, { signed: `${JSON.stringify(header)}.${JSON.stringify(claims)}` }),
      byHand(header, claims, secret, { signed: `${encode(header)}.${encode(claims)}\n` }), // echo, without -n
    ],

    alg_none: [jwt.sign(claims, null, { algorithm: 'none' }), new jose.UnsecuredJWT(claims).encode()],
    alg_hs384_hs512: [
      sign(ada, secret, { algorithm: 'HS384' }),
      sign(ada, secret, { algorithm: 'HS512' }),
      await joseSign(claims, 'HS512'),
      byHand(header, claims, secret, { hash: 'sha512' }),
    ],
    alg_asymmetric: await Promise.all(['RS256', 'ES256', 'PS256', 'EdDSA', 'ES512'].map(asymmetric)),
    alg_case: [
      byHand({ ...header, alg: 'hs256' }, claims, secret),
      byHand({ ...header, alg: 'HS-256' }, claims, secret),
    ],
    alg_missing: [byHand({ typ: 'JWT' }, claims, secret)],
    alg_unknown: [
      byHand({ ...header, alg: 'HMAC' }, claims, secret), byHand({ ...header, alg: 256 }, claims, secret),
    ],
    typ_not_jwt: [sign(ada, secret, { header: { typ: 'at+jwt' } })],
    header_extension: [
      sign(ada, secret, { header: { zip: 'DEF' } }),
      await new jose.CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
        .setProtectedHeader({ alg: 'HS256', crit: ['b64'], b64: true }).sign(key),
    ],
    header_not_json: [
      byHand('{alg:"HS256"}', claims, secret), byHand(JSON.stringify(JSON.stringify(header)), claims, secret),
      `.${p}.${s}`,
    ],
    header_member_twice: [
      byHand('{"alg":"none","alg":"HS256"}', claims, secret),
      byHand('{"alg":"HS256","kid":1,"kid":2}', claims, secret),
    ],

    exp_missing: [jwt.sign(ada, secret), await joseSign(ada)],
    exp_misnamed: [
      jwt.sign({ ...ada, expiresIn: '1h' }, secret), jwt.sign({ ...ada, EXP: seconds() + 3600 }, secret),
    ],
    exp_milliseconds: [jwt.sign({ ...ada, exp: Date.now() + 3600000 }, secret)],
    exp_iso_date: [
      await joseSign({ ...ada, exp: new Date(Date.now() + 3600000) }),
      await joseSign({ ...ada, exp: new Date(Date.now() + 3600000).toString() }),
    ],
    exp_text: [await joseSign({ ...ada, exp: String(seconds() + 3600) })],
    exp_duration: [jwt.sign({ ...ada, exp: 3600 }, secret), await joseSign({ ...ada, exp: '1h' })],
    exp_invalid: [await joseSign({ ...ada, exp: null }), jwt.sign({ ...ada, exp: -1 }, secret)],
    exp_not_after_iat: [sign(ada, secret, { expiresIn: 0 }), sign(ada, secret, { expiresIn: '-1h' })],
    expired: [
      sign({ ...ada, iat: seconds() - 86400 }),
      jwt.sign({ ...ada, exp: seconds() - 5 }, secret, { noTimestamp: true }),
      sign({ ...ada, iat: seconds() - 7200 }), // a clock that is two hours behind
    ],
    lifetime_too_long: [
      sign(ada, secret, { expiresIn: '2h' }),
      sign(ada, secret, { expiresIn: '7d' }),
      sign(ada, secret, { expiresIn: '3600000' + 's' }), // milliseconds taken for seconds
      sign(ada, secret, { expiresIn: '30d', noTimestamp: true }),
    ],
    date_microseconds: [Date.now() * 1000 + 3600e6].map((exp) => jwt.sign({ ...ada, exp }, secret)),
    date_nanoseconds: [`${Date.now()}000000`].map((exp) =>
      byHand(header, JSON.stringify(claims).replace(/"exp":\d+/, `"exp":${exp}`), secret)),
    date_ticks: [
      // DateTime.UtcNow.Ticks, and ToFileTimeUtc()
      jwt.sign({ ...ada, exp: (Date.now() + 62135596800000 + 3600000) * 10000 }, secret),
      jwt.sign({ ...ada, exp: (Date.now() + 11644473600000 + 3600000) * 10000 }, secret),
    ],
    date_in_days: [
      // ToOADate(), and julianday()
      jwt.sign({ ...ada, exp: Date.now() / 86400000 + 25569.04 }, secret, { noTimestamp: true }),
      jwt.sign({ ...ada, exp: Date.now() / 86400000 + 2440587.54 }, secret, { noTimestamp: true }),
      jwt.sign({ ...ada, exp: Math.floor(Date.now() / 60000) * 1 + 61 + 1 }, secret, { noTimestamp: true }),
    ],
    date_divided_twice: [
      jwt.sign({ ...ada, iat: Math.floor(seconds() / 1000), exp: Math.floor(seconds() / 1000) + 3 }, secret),
      jwt.sign({ ...ada, exp: seconds() / 1000 + 3.6 }, secret),
    ],
    date_other_epoch: [
      // timeIntervalSinceReferenceDate
      jwt.sign({ ...ada, iat: seconds() - 978307200, exp: seconds() - 978307200 + 3600 }, secret),
      jwt.sign({ ...ada, exp: seconds() + 11644473600 }, secret),
      jwt.sign({ ...ada, iat: seconds() + 62135596800, exp: seconds() + 62135600400 }, secret),
    ],
    lifetime_short: [
      sign(ada, secret, { expiresIn: '3600' }), // milliseconds
      sign({ ...ada, iat: seconds() - 60 }, secret, { expiresIn: '3600' }),
      sign(ada, secret, { expiresIn: '7200' }),
    ],
    lifetime_at_limit: [
      jwt.sign({ exp: seconds() + 3600, iat: seconds(), ...ada }, secret),
      jwt.sign({ ...ada, exp: seconds() + 3620 }, secret, { noTimestamp: true }),
    ],
    iat_milliseconds: [jwt.sign({ ...ada, iat: Date.now(), exp: seconds() + 3600 }, secret)],
    iat_invalid: [await joseSign({ ...claims, iat: new Date() })],
    local_time: [sign({ ...ada, iat: seconds() + 3600 }), sign({ ...ada, iat: seconds() + 19800 })],
    clock_ahead: [sign({ ...ada, iat: seconds() + 240 })],
    not_before: [sign(ada, secret, { notBefore: '10m' })],
    nbf_invalid: [await joseSign({ ...claims, nbf: Date.now() }), await joseSign({ ...claims, nbf: 'now' })],

    email_missing: [sign(withoutEmail()), sign(withoutEmail({ sub: '42' }))],
    email_empty: [sign({ ...ada, email: '' }), sign({ ...ada, email: ' ' })],
    email_not_text: [
      sign({ ...ada, email: null }), sign({ ...ada, email: { value: 'ada@example.com' } }),
      sign({ ...ada, email: [] }),
    ],
    email_misnamed: ['Email', 'e-mail', 'user.email', 'mail', 'EMAIL', 'emailAddress', 'upn',
      'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress',
    ].map((name) => sign(withoutEmail({ [name]: 'ada@example.com' }))),
    email_in_sub: [sign(withoutEmail(), secret, { subject: 'ada@example.com' })],
    email_white_space: [
      ' ada@example.com', 'ada@example.com\n', 'ada @example.com',
    ].map((email) => sign({ ...ada, email })),
    email_invisible: [
      'ada\u200b@example.com', '\ufeffada@example.com',
    ].map((email) => sign({ ...ada, email })),
    email_encoded: [
      'o&#39;brien@example.com', 'ada%40example.com', 'ada&commat;example.com', 'ada&amp;co@example.com',
    ].map((email) => sign({ ...ada, email })),
    email_decorated: [
      sign({ ...ada, email: 'Ada <ada@example.com>' }),
      sign({ ...ada, email: 'a@example.com,b@example.com' }),
    ],
    email_length: [sign({ ...ada, email: `${'a'.repeat(250)}@example.com` }), sign({ ...ada, email: 'a@' })],
    email_shape: [sign({ ...ada, email: 'ada' }), sign({ ...ada, email: 'ada.example.com' })],
    claims_nested: [
      sign({ sub: JSON.stringify({ email: ada.email, id: 42 }) }),
      sign({ a: { b: [{ c: { email: ada.email } }] } }), sign({ user: ada }), sign({ data: ada }),
      jwt.sign({ data: claims }, secret),
    ],
    name_too_long: [sign({ ...ada, name: 'Ada'.repeat(100) })],
    name_invalid: [sign({ ...ada, name: { first: 'Ada' } }), sign({ ...ada, name: 'Ada\0' })],
    name_encoded: [
      'O&#39;Brien', 'Ada &amp; Co', 'Ada%20Lovelace', 'Zo&euml;',
    ].map((name) => sign({ ...ada, name })),
    name_missing_value: [
      `${undefined} ${undefined}`, 'null', '{{user.name}}',
    ].map((name) => sign({ ...ada, name })),
    name_misnamed: [sign(without({ 0: 'name', displayName: 'Ada' }))],
    external_id_number: [sign({ ...ada, external_id: 42.5 }), sign({ ...ada, external_id: 2 ** 80 })],
    external_id_invalid: [
      sign({ ...ada, external_id: { $oid: '65f0' } }), sign({ ...ada, external_id: true }),
    ],
    external_id_too_long: [sign({ ...ada, external_id: 'x'.repeat(300) })],
    external_id_absent: [
      `${undefined}`, String(null), String(NaN), String({}),
    ].map((external_id) => sign({ ...ada, external_id })),
    external_id_shared: [
      'NULL', '0', '00000000-0000-0000-0000-000000000000', '{{user.id}}', 'guest',
    ].map((external_id) => sign({ ...ada, external_id })),
    external_id_rounded: [
      1234567890123456789, 2 ** 53, -(2 ** 53),
    ].map((external_id) => sign({ ...ada, external_id })),
    external_id_white_space: [sign({ ...ada, external_id: ' 42' }), sign({ ...ada, external_id: '42\n' })],
    external_id_misnamed: [
      'id', 'userId', 'externalId', 'user_id', 'sub', 'uid', 'guid', 'customer-number', 'extenal_id',
    ].map((name) => sign(without({ 0: 'external_id', [name]: 42 }))),
    aud_other_bot: [sign(ada, secret, { audience: otherBot }), sign(ada, secret, { audience: [otherBot] })],
    aud_not_a_bot: [sign(ada, secret, { audience: 'boostgpt' })],
    aud_invalid: [await joseSign({ ...claims, aud: 42 })],
    payload_is_text: [
      byHand(header, JSON.stringify(JSON.stringify(claims)), secret), byHand(header, encode(claims), secret),
    ],
    payload_empty: [byHand(header, '', secret)],
    not_a_number: [byHand(header, JSON.stringify(claims).replace('}', ',"score":NaN}'), secret)],
    half_character: [
      sign({ ...ada, name: 'Ada 😀'.slice(0, 5) }), sign({ ...ada, external_id: '😀'.slice(0, 1) }),
      sign({ ...ada, ['😀'.slice(0, 1)]: 1 }),
    ],
    payload_not_json: [
      jwt.sign('ada@example.com', secret), byHand(header, "{'email': 'ada@example.com'}", secret),
    ],
    payload_not_utf8: [
      [h, Buffer.from(JSON.stringify({ ...claims, name: 'Zoë' }), 'latin1').toString('base64url')].join('.'),
    ]
      .map((text) => `${text}.${hmac(secret, text).toString('base64url')}`),
    claim_twice: [byHand(header, JSON.stringify(claims).replace('{', '{"email":"eve@example.com",'), secret)],
    secret_exposed: [sign({ ...ada, secret })],

    empty: ['', ' \n'],
    undefined: [
      String(undefined), String(null), String(Promise.resolve(token)), String({ token }), '(null)',
      String(async () => token), '{}',
      'System.Threading.Tasks.Task`1[System.String]',
      'java.util.concurrent.CompletableFuture@1b2c[Not completed]', '<coroutine object sign at 0x7f>',
      JSON.stringify({ token: null }), `Bearer ${undefined}`,
    ],
    template_placeholder: [
      '<%= widgetToken %>', '{{token}}', '{{ token }}', '${token}', '{% token %}', '<?= $token ?>',
      '{!! $token !!}',
    ],
    placeholder: ['USER_TOKEN', 'THE_TOKEN', 'your-jwt-token'],
    html_page: [
      '<!DOCTYPE html><html><head><title>Log in</title></head><body></body></html>',
      '\n<html lang="en"><body>Sign in</body></html>',
      `<!doctype html>${'<p>Sign in</p>'.repeat(9000)}`,
    ],
    error_answer: [
      JSON.stringify({ error: 'Unauthorized' }), JSON.stringify({ statusCode: 401, message: 'Unauthorized' }),
      'Not Found', '401 Unauthorized',
      String(new TypeError("Cannot read properties of undefined (reading 'id')")),
      '<br />\n<b>Warning</b>: Undefined variable $token',
    ],
    identity_hash: [
      hmac(secret, ada.email).toString('hex'), crypto.createHash('md5').update(ada.email).digest('hex'),
    ],
    other_token: [
      'v4.local.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', 's:abcdefghijklmnopqrstuvwxyz.0123456789',
      Buffer.from(JSON.stringify({
        iv: 'a'.repeat(24), value: 'b'.repeat(64), mac: 'c'.repeat(64), tag: '',
      })).toString('base64'),
      `${encode({ user_id: 1 })}.ZxYabc.${'s'.repeat(27)}`,
    ],
    other_value: ['ada@example.com', '42', bot, 'https://example.com/', 'hello there'],
    token_decoded: [
      `${JSON.stringify(header)}.${JSON.stringify(claims)}`,
      JSON.stringify(jwt.decode(token, { complete: true })),
    ],
    secret_in_place_of_token: [secret],
    bearer_prefix: [`Bearer ${token}`, `bearer ${token}`, `Authorization: Bearer ${token}`, `JWT ${token}`],
    quoted: [`"${token}"`, `'${token}'`, `&quot;${token}&quot;`, JSON.stringify(token), `${token}"`],
    json_wrapper: [
      JSON.stringify({ data: [{ token }] }), JSON.stringify([{ token }]),
      JSON.stringify({ body: JSON.stringify({ token }) }), `{'token': '${token}'}`,
      JSON.stringify({ token }), JSON.stringify({ token }, null, 2),
      JSON.stringify({ data: { accessToken: token } }), JSON.stringify([token]),
    ],
    jws_json: [JSON.stringify(await compact.setProtectedHeader(header).sign(key))],
    claims_unsigned: [JSON.stringify(claims), JSON.stringify(ada)],
    url_encoded: [
      encodeURIComponent(JSON.stringify(token)), token.replaceAll('.', '%2E'), token.replaceAll('.', '%252E'),
    ],
    white_space_around: [`${token}\n`, ` ${token}`, `\ufeff${token}`],
    white_space_inside: [
      token.replace(/.{76}/g, '$&\r\n'), token.replaceAll('.', ' . '), token.replace(/.{64}/g, '$&\n'),
    ],
    surrounding_text: [
      `https://example.com/?userToken=${token}&x=1`, `token=${token}`, `userToken: "${token}",`, `${token};`,
      `<script src="widget.js" data-user-token="${token}"></script>`,
    ],
    elided: [`${token.slice(0, 20)}…${token.slice(-10)}`, `${token.slice(0, 30)}...`],
    encoded_twice: [
      Buffer.from(token).toString('hex'), Buffer.from(token).toString('base64'),
      Buffer.from(token).toString('base64url'),
    ],
    token_twice: [
      `${token}${token}`, `${token}, ${token}`, `${token}.${token}`, `a=${token}; b=${token}`.slice(2),
    ],
    bytes_printed: [
      `b'${token}'`, `b"${token}"`, JSON.stringify(Buffer.from(token)),
      String(new Uint8Array(Buffer.from(token))),
      JSON.stringify(new Uint8Array(Buffer.from(token))),
      Buffer.from(token).toString('hex').match(/../g).join('-').toUpperCase(),
    ],
    utf16: [`${token}\0`.split('').join('\0').slice(0, -1), `\0${token.split('').join('\0')}`],
    case_changed: [token.toLowerCase(), token.toUpperCase()],
    encrypted: [
      await new jose.EncryptJWT(claims)
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' }).encrypt(Buffer.from(secret, 'hex')),
    ],
    segments_swapped: [`${p}.${h}.${s}`, `${s}.${h}.${p}`, `${h}.${s}.${p}`],
    standard_base64: [withAlphabet(ada, secret)],
    padding: [padded(header, { ...claims, name: 'Ad' }, secret)],
    segment_count: [`${token}.${s}`, s, `${p}.${s}`, `${h}${p}${s}`, `${h}:${p}:${s}`],
    truncated: [
      sign({ ...ada, name: 'Ada Lovelace'.repeat(15) }).slice(0, 255), token.slice(0, -1),
      token.slice(0, -40),
      sign({ ...ada, role: 'x'.repeat(4000) }).slice(0, 4096), token.slice(0, h.length + 30), h,
    ],
    not_base64url: [`${h}.${p.slice(0, 10)}!${p.slice(11)}.${s}`],
    too_long: [sign({ ...ada, picture: 'x'.repeat(9000) })],
  };
};

function hash(text, encoding) {
  return crypto.createHash('sha256').update(text).digest(encoding);
}

const base64 = (value) => Buffer.from(JSON.stringify(value)).toString('base64');
const mac = (text, secret) => crypto.createHmac('sha256', secret).update(text).digest('base64');

// Segments in standard base64, as `toString('base64')` gives them, padding taken off: with a name for which
// + or / occur.
function withAlphabet(ada, secret) {
  const bare = (text) => text.replaceAll('=', '');
  for (let n = 0; ; n += 1) {
    const claims = { ...ada, name: `Ada ÿ?>${n}`, iat: seconds(), exp: seconds() + 3600 };
    const [h, p] = [{ alg: 'HS256', typ: 'JWT' }, claims].map((part) => bare(base64(part)));
    const token = `${h}.${p}.${bare(mac(`${h}.${p}`, secret))}`;
    if (/[+/]/.test(token)) return token;
  }
}

function padded(header, claims, secret) {
  const urlSafe = (text) => text.replaceAll('+', '-').replaceAll('/', '_');
  const [h, p] = [header, claims].map((part) => urlSafe(base64(part)));
  return `${h}.${p}.${urlSafe(mac(`${h}.${p}`, secret))}`;
}
