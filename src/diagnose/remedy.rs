//! Of each mistake: why a token with it is refused (or what is lost), and the fix.

use super::mistake::Mistake;

/// Two lines for each mistake; the compiler sees to it that none is left out.
macro_rules! remedies {
    ($($mistake:ident: $why:literal $fix:literal)*) => {
        impl Mistake {
            /// Returns why a token with it is refused, or what is lost if it is accepted.
            #[must_use]
            pub const fn why(self) -> &'static str {
                match self { $(Self::$mistake => $why,)* }
            }

            /// Returns what to do about it.
            #[must_use]
            pub const fn fix(self) -> &'static str {
                match self { $(Self::$mistake => $fix,)* }
            }
        }
    };
}

remedies! {
    ClockOutOfRange: "the time it was checked at is before 1970 or after 9999, so no token is valid"
        "set the clock of this machine (NTP)"
    TooLong: "nothing longer than 8192 bytes is looked at"
        "sign e-mail, name and external id only: no pictures, roles or profiles"
    NotText: "a token is plain ASCII text"
        "pass the text that the signing library returns, not compressed or encrypted bytes"
    Empty: "without a token the visitor is anonymous"
        "look where the page gets the token from: the variable is empty, or the visitor is not logged in"
    Undefined: "the program wrote a missing value, an object, a function or a call that was not finished as \
    text"
        "wait for the function that signs (`await`, `.Result`, `.get()`), and use the name under which it \
         returns the token"
    TemplatePlaceholder: "the page was sent without being rendered, so the browser sees the placeholder \
    itself"
        "render the page on the server, or fetch the token from a route of your back end"
    Placeholder: "the text of an example was copied together with the example"
        "put the token that your back end signs for the visitor in its place"
    SecretPasted: "tokens are signed with the secret, and anyone who sees it can sign tokens for every user"
        "sign a token on the server and pass that. If the secret was ever in a page, regenerate it in the \
         dashboard"
    HtmlPage: "the request for the token was answered with a page: it was redirected to the login, the \
    route does not exist, or the server failed"
        "call the route of your back end that returns the token, with the visitor's session cookie, and \
         check `response.ok` and the content type before using the answer"
    ErrorAnswer: "the request for the token failed, and the message of the failure was passed on as if it \
    were the token"
        "look for the cause in your back end's log, and check `response.ok` before using the answer"
    IdentityHash: "other chat widgets take a hash of the user's id or address; a widget token is a signed \
    text with three segments and two dots"
        "sign a token with HS256 on the server and pass that. If the digits are an SSO secret, take it out \
         of the page and regenerate it"
    OtherToken: "BoostGPT reads widget tokens only: signed with HS256 and the bot's SSO secret, with three \
    segments that have a dot between them"
        "sign a token of your own for the visitor, and pass that instead of the login's or the framework's"
    OtherValue: "the widget token is a signed text with three segments and two dots; a plain value says \
    nothing that BoostGPT could trust"
        "your server must sign a widget token for the visitor: pass that"
    TokenDecoded: "what is passed is what a library shows of a token: the signature and the encoding are \
    missing"
        "pass the text that the library signs: `new JwtSecurityTokenHandler().WriteToken(token)`, not \
         `token.ToString()`; `encode` or `sign`, not `decode`"
    BearerPrefix: "the prefix belongs to the HTTP header, not to the token"
        "pass the token alone, from its first `eyJ` on"
    Quoted: "the quotation marks are no part of the token"
        "pass the value itself: decode JSON before using it, and put no quotation marks into the variable"
    JsonWrapper: "the whole answer of a token endpoint was passed, not the token in it"
        "take the member with the token out of the answer: `(await response.json()).token`"
    JwsJson: "the widget takes the compact form alone: `header.payload.signature`"
        "let the library serialise compactly, for example `CompactSign` or `SignJWT` in jose"
    ClaimsUnsigned: "without a signature anyone could have written them"
        "sign them on the server with the bot's SSO secret, and pass the token that comes out"
    UrlEncoded: "the token was encoded for a URL or a page and not decoded again"
        "decode it, or encode it only where it is put into a URL (a token in a URL leaks, so avoid that)"
    WhiteSpaceAround: "a token is compared byte by byte, and nothing is trimmed"
        "trim it where it is read, often from a file or from the output of a command"
    WhiteSpaceInside: "a token is one word; something wrapped the line, often base64 at 64 or 76 characters, \
    or a terminal"
        "remove every line break and space, and encode without line breaks"
    SurroundingText: "the token is passed together with what was around it"
        "pass the token alone, from its first `eyJ` to the last character of its signature"
    TokenTwice: "texts were joined: a header or a cookie that was sent twice, or a variable that was \
    appended to"
        "pass one token; look where the others come from"
    Elided: "the text was copied from where it had been shortened or masked for display"
        "copy it from the page's source or from the response itself"
    EncodedTwice: "the finished token was encoded once more, as base64, hexadecimal digits or escapes"
        "pass what the signing library returns as it is: it is safe in HTML and JSON already"
    BytesPrinted: "the bytes of the token were printed, not turned into text"
        "make text of the bytes: `.decode()` in Python, `.toString()` of a Buffer in Node, `string(b)` in \
         Go, `new String(b, UTF_8)` in Java, `Encoding.UTF8.GetString(b)` in .NET"
    Utf16: "a token is ASCII text, one byte for each character"
        "write it as UTF-8 or ASCII: in PowerShell `Out-File -Encoding ascii`, in .NET `Encoding.UTF8`"
    CaseChanged: "upper and lower case are different characters of base64url"
        "pass the token unchanged: look for a column, a header or a function that changes the case of letters"
    Encrypted: "five segments are an encrypted token (JWE), and BoostGPT reads signed ones (JWS) only"
        "use the library's function for signing, with HS256"
    SegmentsSwapped: "a token is `header.payload.signature`"
        "let the library put the token together, or use that order"
    StandardBase64: "the characters `+` and `/` are not in the alphabet of base64url, which has `-` and `_` \
    instead"
        "encode as base64url without padding: `base64url` in Node, `urlsafe_b64encode` in Python"
    Padding: "base64url in a token has no `=` at its end"
        "remove the `=` before signing: what is signed is the text without it"
    SegmentCount: "a signed token has three segments with a dot between them: `header.payload.signature`"
        "pass the whole text that the signing library returns"
    Truncated: "a part of the token is missing, often because a column, cookie or header has a limit"
        "make the column or variable larger (`text` instead of `varchar(255)`), and do not keep tokens in \
         cookies"
    NotBase64Url: "every segment is base64url: A to Z, a to z, 0 to 9, `-` and `_`, in the one spelling an \
    encoder gives"
        "pass the token unchanged, as the signing library returns it"
    HeaderNotJson: "the first segment has to be one JSON object in base64url"
        r#"let the library write the header: `{"alg":"HS256","typ":"JWT"}`"#
    HeaderMemberTwice: "two readers could each take another one"
        "send only `{\"alg\":\"HS256\",\"typ\":\"JWT\"}`"
    AlgMissing: "the header has to say HS256"
        r#"use a library for JSON Web Tokens, or the header `{"alg":"HS256","typ":"JWT"}`"#
    AlgNone: "a token without a signature could be written by anyone"
        "sign with HS256 and the bot's SSO secret; check that the secret was not empty when the token was \
         made"
    AlgCase: "the name is compared letter by letter"
        "write `HS256`: in .NET `SecurityAlgorithms.HmacSha256`, not `HmacSha256Signature`"
    AlgLongerHmac: "HS256 is the only algorithm of widget tokens, whatever the secret"
        "set the algorithm to HS256; some libraries choose by the key's length unless told"
    AlgAsymmetric: "BoostGPT has no public key of yours: widget tokens are signed with HS256 and the bot's \
    SSO secret"
        "set the algorithm to HS256. If this is the token of your login (Auth0, Cognito, Firebase, …), do \
         not pass that on: sign one of your own"
    AlgUnknown: "HS256 is the only algorithm of widget tokens"
        "set the algorithm to HS256"
    TypNotJwt: "`typ` is `JWT` or absent; another value marks a token for another purpose"
        "set `typ` to `JWT` or leave it out, also if the library writes another one by itself, and do not \
         pass on access tokens"
    HeaderExtension: "`crit`, `b64`, `cty`, `enc` and `zip` change how a token is read, and widget tokens \
    have none of them"
        "send only `alg` and `typ`: no compression, no nested token, no unencoded payload"
    SecretHexDecoded: "the key is the secret's text, its 64 characters, not the bytes that they encode"
        "pass the text itself to the library: no `Buffer.from(secret, 'hex')`, `bytes.fromhex`, `hex2bin` or \
         `hex.DecodeString`"
    SecretBase64Decoded: "the key is the secret's text; some libraries take a string for base64 (older \
    versions of jjwt, for example)"
        "give the library the bytes of the text: `secret.getBytes(UTF_8)`, `new TextEncoder().encode(secret)`"
    SecretReencoded: "the key is the secret's text as the dashboard shows it"
        "pass that text without encoding it as base64, hexadecimal digits or numbers, and tell the library \
         that the key is not base64"
    SecretQuoted: "they became part of the key, often out of an `.env` file that Docker reads as it is"
        "remove them where the secret is stored"
    SecretLineEnd: "the line end became part of the key, often out of a file or of `echo` instead of `printf`"
        "remove it where the secret is stored, or trim the text where it is read"
    SecretWhiteSpace: "blanks, line ends, separators such as hyphens or colons, invisible characters, or the \
    `+` or `%20` that a form makes of a space became part of the key"
        "remove them where the secret is stored; an editor that shows invisible characters helps"
    SecretCase: "upper and lower case are different keys"
        "use the secret exactly as the dashboard shows it, and never change its case"
    SecretCut: "the key is all 64 characters of the secret, not a part of them or of their hash"
        "copy all of it from where you keep it; make the column or variable that holds it larger"
    SecretWithName: "the key is the 64 characters alone"
        "store the 64 characters alone: no name of a variable, no `=`, no `0x`, no `;`"
    SecretUtf16: "the key is the text in ASCII, one byte for each character"
        "use `Encoding.UTF8.GetBytes(secret)`, not `Encoding.Unicode`; save the file with the secret as UTF-8"
    SecretHashed: "the key is the secret's text itself, and no key is derived from it"
        "pass the secret's text to the library without hashing it"
    SecretFingerprint: "the fingerprint is shown to tell secrets apart and signs nothing"
        "use the secret itself. It is shown once, when it is generated; only if it is lost, generate another"
    SecretBotId: "everyone knows the bot's id, so it is no key"
        "use the bot's SSO secret from its Deploy page: 64 hexadecimal characters"
    SecretEmpty: "the variable with the secret was empty when the token was signed"
        "set `BOOSTGPT_SSO_SECRET` where the back end runs, and let it refuse to start without"
    SecretPlaceholder: "everyone knows that text, so it is no key; a variable that is not expanded leaves \
    its name"
        "put the bot's own SSO secret in its place, and check that the variable is read and expanded where \
         it is used"
    PreviousSecret: "regenerating the secret ended all tokens of the one before, at once"
        "give the back end the current secret, and restart it where it reads the secret once"
    OtherBotsSecret: "each bot has a secret of its own"
        "use the secret of the bot whose id is in the page, or the id of the bot whose secret this is"
    SignatureMissing: "without a signature anyone could have written it"
        "pass the whole token, and let the library sign it with HS256"
    SignatureHex: "the signature is the 32 bytes of the HMAC as base64url, 43 characters"
        "take the raw bytes: `digest()` instead of `hexdigest()`, `true` as the last argument of PHP's \
         `hash_hmac`"
    SignatureOfOtherText: "what is signed is the first two segments with the dot between them, just as they \
    are in the token"
        "sign `base64url(header) + '.' + base64url(payload)`, or let a library do it"
    SecretMistyped: "the key is all 64 characters in their order; in this one a character is missing, two \
    are exchanged, or a letter is in the place of a digit that looks like it"
        "copy the secret from where you keep it, instead of typing it"
    SecretDoubled: "the key is the secret once"
        "store the secret once; look at what pastes or joins it twice"
    SecretReread: "the key is the secret's text; bytes that are no text change when they are read as text"
        "pass the secret's text itself to the library: decode nothing, and convert nothing"
    SignatureReencoded: "the signature is the 32 bytes of the HMAC as base64url, encoded once"
        "encode the raw bytes of the HMAC as base64url, and that text no further: `digest('base64url')` in \
         Node"
    SignatureShortHash: "HS256 is HMAC with SHA-256"
        "take SHA-256: `createHmac('sha256', secret)`, `hash_hmac('sha256', …)`, or let a library sign with \
         HS256"
    SignaturePlainHash: "HS256 is an HMAC, which is another function than a hash of the secret and the text"
        "use HMAC-SHA256 with the secret as the key, or let a library sign with HS256"
    KeyAndTextExchanged: "the secret is the key of the HMAC, and the first two segments are its text"
        "exchange the two arguments of the HMAC function, or let a library sign with HS256"
    UnknownSecret: "the signature does not fit this secret, and no guess at a mistake with it explains it"
        "compare the fingerprints of the secrets on both sides, and change nothing in the token after signing"
    SecretExposed: "anyone who has the token can read it, and with the secret sign tokens for every user"
        "take it out of the token. If this secret is still in use, regenerate it in the dashboard"
    PayloadEmpty: "the JSON of the claims was empty: the function that writes it failed, often at a text \
    that is not UTF-8"
        "check what the function returns: PHP's `json_encode` gives `false` for a name that is not UTF-8 \
         (`JSON_THROW_ON_ERROR`)"
    PayloadNotUtf8: "JSON is UTF-8; some text was put in as Latin-1 or as raw bytes"
        "convert names to UTF-8 before signing"
    PayloadIsText: "the payload is a text that holds the claims, not the claims"
        "give the object itself to the library, without `JSON.stringify`, `json.dumps` or base64"
    PayloadNotJson: "the payload has to be one JSON object with nothing before or after it"
        "let the library serialise the claims, and look at what was given to it"
    NotANumber: "JSON has no `NaN` and no `Infinity`, and a strict reader refuses them anywhere in the \
    payload"
        "write a number, or leave the member out (but not `exp`, which is required); in Python \
         `json.dumps(…, allow_nan=False)` finds it"
    HalfCharacter: "a text was cut in the middle of a character, and its first half alone is no text"
        "shorten texts by characters, not by UTF-16 units or bytes: `Array.from(name).slice(0, 50).join('')` \
         in JavaScript"
    ClaimTwice: "two readers could each take another one"
        "give each claim once; look at what merges the claims"
    ClaimsNested: "claims are read at the top of the payload, not in an object, a text or the header"
        "put them at the top: `{\"email\":…,\"name\":…,\"external_id\":…}`"
    ExpMissing: "a token without an end would be valid for ever, so `exp` is required"
        "give the lifetime to the library: `{ expiresIn: '55m' }` for jsonwebtoken, \
         `setExpirationTime('55m')` for jose"
    ExpMisnamed: "the claim is called `exp`, in lower case, and holds seconds since 1970"
        "name it `exp`: the time of signing plus 55 minutes, in seconds"
    ExpMilliseconds: "dates are in seconds since 1970; this one lies tens of thousands of years ahead"
        "divide by 1000: `Math.floor(Date.now() / 1000) + 55 * 60`"
    ExpIsoDate: "dates are JSON numbers, seconds since 1970"
        "convert it: `Math.floor(date.getTime() / 1000)`, `int(date.timestamp())`, `$date->getTimestamp()`"
    ExpDuration: "`exp` is the moment at which the token ends, not how long it lives"
        "write the time of signing plus the duration: `Math.floor(Date.now() / 1000) + 55 * 60`"
    ExpText: "dates are JSON numbers, without quotation marks"
        "convert it to a whole number before signing: `Number(exp)`, `int(exp)`, `(int) $exp`"
    ExpInvalid: "`exp` is a JSON number of seconds since 1970, after the time of signing and up to \
    253402300799"
        "write the time of signing in seconds plus 55 minutes: `Math.floor(Date.now() / 1000) + 55 * 60`"
    ExpNotAfterIat: "a token that ends when it begins, or before, is never valid"
        "write `exp` as `iat` plus 55 minutes. Look for a duration of zero or less, for local time taken for \
         UTC in one of the two, and for `expiresIn: '900'`, which jsonwebtoken takes for milliseconds"
    Expired: "a token ends at `exp`, without leeway"
        "sign a fresh token for every page load. If this one has just been signed, set the signing server's \
         clock (NTP), or take the time in UTC, not local time: `Date.now()`, `time.time()`, \
         `DateTimeOffset.UtcNow`"
    LifetimeTooLong: "a token lives for 3600 s at most"
        "sign for 55 minutes when the page is loaded, and read the clock once for `iat` and `exp`. If 55 \
         minutes were meant, look for local time taken for UTC, and for milliseconds given as seconds"
    IatMilliseconds: "dates are in seconds since 1970"
        "divide by 1000, or leave `iat` to the library"
    IatInvalid: "`iat` is the time at which the token was signed, a JSON number of seconds since 1970 up to \
    253402300799"
        "leave `iat` to the library, or leave it out"
    DateMicroseconds: "dates are in seconds since 1970"
        "divide by 1000000 and drop the fraction; let the token live for 55 minutes (3300 s)"
    DateNanoseconds: "dates are in seconds since 1970"
        "divide by 1000000000 and drop the fraction: in Go `time.Now().Unix()`, not `UnixNano()`; let the \
         token live for 55 minutes (3300 s)"
    DateTicks: "dates are in seconds since 1970; ticks are 10000000 to the second, and are counted from the \
    year 1 in .NET, from 1601 in Windows and from 1970 elsewhere"
        "in .NET use `DateTimeOffset.UtcNow.ToUnixTimeSeconds()`. By hand, divide by 10000000, then subtract \
         62135596800 (ticks of .NET), 11644473600 (file times of Windows) or nothing (if they are counted \
         from 1970). Let the token live for 55 minutes (3300 s)"
    DateInDays: "dates are in seconds since 1970"
        "convert it: a day has 86400 seconds, an hour 3600, a minute 60. First subtract 25569 from a \
         spreadsheet's serial number (24107 if it counts from 1904), 719163 from days since the year 1, \
         2440587.5 from a Julian day. Let the token live for 55 minutes (3300 s)"
    DateDividedTwice: "dates are in seconds since 1970; these are thousands of seconds"
        "divide milliseconds by 1000 once, and seconds not at all: `Math.floor(Date.now() / 1000) + 55 * \
         60`; PHP's `time()` and Python's `time.time()` are in seconds already"
    DateOtherEpoch: "dates are seconds since 1 January 1970 UTC, and this one is counted from another time"
        "use Unix time: `timeIntervalSince1970` in Swift (not `timeIntervalSinceReferenceDate`), \
         `ToUnixTimeSeconds()` in .NET; let the token live for 55 minutes (3300 s)"
    LifetimeShort: "the token ends before a slow page has used it, and it is refused from then on"
        "sign for 55 minutes: `expiresIn: '55m'` or `expiresIn: 3300`. Without a unit, jsonwebtoken takes \
         text for milliseconds: `'3600'` is 3.6 s"
    LifetimeAtLimit: "one hour is the most: if `iat` and `exp` are rounded, or read from the clock one after \
    the other, a token lives for 3601 s now and then, and is refused"
        "sign for 55 minutes, or read the clock once for both"
    LocalTime: "`iat` is ahead by about a whole number of quarter hours, as it is if local time is taken for \
    UTC"
        "take the time in UTC: `Date.now()`, `time.time()`, `datetime.now(timezone.utc)`, not \
         `utcnow().timestamp()`"
    ClockAhead: "`iat` may be ahead by the allowed clock skew and no more"
        "set the clock of the server that signs (NTP)"
    NotBefore: "`nbf` may be ahead by the allowed clock skew and no more"
        "leave `nbf` out. If it is the time of signing, set the clock of the server that signs (NTP), or \
         take the time in UTC, not local time"
    NbfInvalid: "`nbf` is a JSON number of seconds since 1970, from 0 to 253402300799"
        "leave `nbf` out"
    AudUnexpected: "a token with `aud` is for the bot that it names, and no bot was given to check it for"
        "check it for that bot, or leave `aud` out"
    AudOtherBot: "a token with `aud` is for the bots that it names and for no other"
        "sign for the id of the bot that is in the page, or leave `aud` out"
    AudNotABot: "`aud`, if there is one, is the bot's id"
        "leave `aud` out, or set it to the bot's id from its Deploy page"
    AudInvalid: "`aud` is a string or an array of strings"
        "leave `aud` out, or set it to the bot's id"
    EmailMissing: "`email` is the one claim about the visitor that is required"
        "put the visitor's address into the claim `email`; sign no token for users without one"
    EmailMisnamed: "the address is read from the claim `email` at the top of the payload, in lower case"
        "name it `email`, and give it one address as a string"
    EmailInSub: "`sub` is ignored; the address is read from `email`"
        "put the address into the claim `email`"
    EmailEmpty: "an address without a value belongs to no user"
        "sign only for users who have an address, and check for it first; look why it is empty"
    EmailNotText: "`email` is a JSON string with one address"
        "pass the address itself: not `null`, a list or an object; sign no token for users without one"
    EmailWhiteSpace: "two addresses that look alike would be two people"
        "remove the white space where the address is stored"
    EmailInvisible: "two addresses that look alike would be two people"
        "remove the character where the address is stored; it often comes from copy and paste"
    EmailEncoded: "an encoded address is another address, and most encoded ones are not valid"
        "unescape it before signing: `html.unescape` in Python, `html_entity_decode` and `rawurldecode` in \
         PHP, `CGI.unescapeHTML` in Ruby; escape a text only where it is put into a page"
    EmailDecorated: "`email` is the plain address alone"
        "pass `ada@example.com`, without a display name, brackets, quotation marks, `mailto:`, JSON, a comma \
         or semicolon, or a second address"
    EmailLength: "an address has 3 to 254 bytes, at most 64 of them before the `@`"
        "pass the visitor's one plain address"
    EmailShape: "an address is 1 to 64 plain characters, one `@`, and a domain"
        "pass the visitor's e-mail address itself, not their user name, id or phone number"
    NameTooLong: "a name has at most 256 characters"
        "shorten it, or leave it out"
    NameInvalid: "`name` is a JSON string without NUL, or absent"
        "pass the display name as one string, or leave it out"
    NameMisnamed: "the visitor's name is read from the claim `name` alone"
        "name it `name`; of a first and a last name, put both into it"
    NameEncoded: "the name is shown as it is written: `O&#39;Brien`, `JosÃ©`"
        "unescape it before signing; escape a text only where it is put into a page. A name with `Ã` is \
         UTF-8 that was read as Latin-1: read it as UTF-8, and set the encoding of the database connection"
    NameMissing: "the visitor is greeted by that text"
        "leave `name` out if there is none"
    ExternalIdNumber: "an id that passed through a float may be another one; a number has to be whole and of \
    at most 64 bits"
        "pass the id as a string"
    ExternalIdTooLong: "an external id has at most 255 bytes"
        "pass the user's stable id alone"
    ExternalIdInvalid: "`external_id` is a string without NUL or a whole number"
        "pass the id itself as a string, in a way that fails if it is missing: `user._id.toString()`, \
         `user.id.toString()`"
    ExternalIdMisnamed: "your id of the visitor is read from `external_id` alone: without it, a new e-mail \
    address makes them someone new"
        "name it `external_id`"
    ExternalIdAbsent: "the id counts as absent (rule C11): as an id it would make one subscriber of all \
    users without one"
        "pass the user's own id, and stop with an error if there is none: `user.id.toString()` fails for a \
         missing id, where putting it into a text does not"
    ExternalIdShared: "all users with the same id are one subscriber who shares one history"
        "pass the user's own id, and stop with an error if there is none"
    ExternalIdRounded: "JavaScript keeps whole numbers apart up to 9007199254740991 (2^53 − 1) only; beyond, \
    two ids become one, and two users one subscriber"
        "pass the id as a string, from the database on: `BigInt` or text, never a JavaScript number"
    ExternalIdWhiteSpace: "an id with white space is another id than the one without"
        "trim the id before signing"
}
