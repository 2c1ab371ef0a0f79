//! Of each mistake: why a token with it is refused (or what is lost), and the fix.

use super::mistake::Mistake;

impl Mistake {
    /// Why a token with it is refused, or what is lost where it is accepted.
    #[must_use]
    pub const fn why(self) -> &'static str {
        of(self).0
    }

    /// What to do about it.
    #[must_use]
    pub const fn fix(self) -> &'static str {
        of(self).1
    }
}

/// Why, and the fix. No entry is left out: the compiler sees to it.
#[expect(clippy::too_many_lines, reason = "a table")]
const fn of(mistake: Mistake) -> (&'static str, &'static str) {
    use Mistake as M;
    match mistake {
        M::ClockOutOfRange => (
            "the time it was checked at is before 1970 or after 9999, so no token is valid",
            "set the clock of this machine (NTP)",
        ),
        M::TooLong => (
            "nothing longer than 8192 bytes is looked at",
            "sign e-mail, name and external id only: no pictures, roles or profiles",
        ),
        M::NotText => (
            "a token is plain ASCII text",
            "pass the text that the signing library returns, not compressed or encrypted bytes",
        ),
        M::Empty => (
            "without a token the visitor is anonymous",
            "look at where the page gets the token from: the variable is empty, or the visitor is not logged in",
        ),
        M::Undefined => (
            "the program put the name of a missing value, or of an object, into the page instead of the token",
            "await the function that signs, and use the name under which it returns the token",
        ),
        M::TemplatePlaceholder => (
            "the page was sent without being rendered, so the browser sees the placeholder itself",
            "render the page on the server, or fetch the token from a route of your back end",
        ),
        M::Placeholder => (
            "the text of an example was copied together with the example",
            "put the token that your back end signs for the visitor in its place",
        ),
        M::SecretPasted => (
            "a secret is what tokens are signed with; whoever sees it can sign tokens for everybody",
            "sign a token on the server and pass that. If the secret was ever in a page, regenerate it in the dashboard",
        ),
        M::BearerPrefix => (
            "the prefix belongs to the HTTP header, not to the token",
            "pass the token alone, from its first eyJ on",
        ),
        M::Quoted => (
            "the quotation marks are no part of the token",
            "pass the value itself: decode JSON before using it, and put no quotation marks into the variable",
        ),
        M::JsonWrapper => (
            "the whole answer of a token endpoint was passed, not the token in it",
            "take the member with the token out of the answer: (await response.json()).token",
        ),
        M::JwsJson => (
            "the widget takes the compact form alone: header.payload.signature",
            "let the library serialise compactly, for example CompactSign or SignJWT in jose",
        ),
        M::ClaimsUnsigned => (
            "without a signature anybody could have written them",
            "sign them on the server with the bot's SSO secret, and pass the token that comes out",
        ),
        M::UrlEncoded => (
            "the token was encoded for a URL and not decoded again",
            "decode it, or encode it for a URL only where it is put into one (a token in a URL leaks, so avoid that)",
        ),
        M::WhiteSpaceAround => (
            "a token is compared byte by byte, and nothing is trimmed",
            "trim it where it is read, often from a file or from the output of a command",
        ),
        M::WhiteSpaceInside => (
            "a token is one word; something wrapped the line, often base64 at 64 or 76 characters, or a terminal",
            "remove every line break and space, and encode without line breaks",
        ),
        M::SurroundingText => (
            "the token is passed together with what stood around it",
            "pass the token alone, from its first eyJ to the last character of its signature",
        ),
        M::Elided => (
            "the text was copied from where it had been shortened for display",
            "copy it from the page's source or from the response itself",
        ),
        M::EncodedTwice => (
            "the finished token was encoded as base64 once more",
            "pass what the signing library returns as it is: it is safe in HTML and JSON already",
        ),
        M::Encrypted => (
            "five segments are an encrypted token (JWE), and BoostGPT reads signed ones (JWS) only",
            "use the library's function for signing, with HS256",
        ),
        M::SegmentsSwapped => (
            "a token is header.payload.signature",
            "let the library put the token together, or use that order",
        ),
        M::StandardBase64 => (
            "the characters + and / are not in the alphabet of base64url, which has - and _ instead",
            "encode as base64url without padding: base64url in Node, urlsafe_b64encode in Python",
        ),
        M::Padding => (
            "base64url in a token has no = at its end",
            "remove the = before signing: what is signed is the text without it",
        ),
        M::SegmentCount => (
            "a signed token has three segments with a dot between them: header.payload.signature",
            "pass the whole text that the signing library returns",
        ),
        M::Truncated => (
            "the end of the token is missing, as where a column, cookie or header has a limit",
            "make the column or variable larger (text instead of varchar(255)), and do not keep tokens in cookies",
        ),
        M::NotBase64Url => (
            "every segment is base64url: A to Z, a to z, 0 to 9, - and _, in the one spelling an encoder gives",
            "pass the token unchanged, as the signing library returns it",
        ),
        M::HeaderNotJson => (
            "the first segment has to be one JSON object in base64url",
            r#"let the library write the header: {"alg":"HS256","typ":"JWT"}"#,
        ),
        M::HeaderMemberTwice => {
            ("two readers could each take another one", r#"send only {"alg":"HS256","typ":"JWT"}"#)
        }
        M::AlgMissing => (
            "the header has to say HS256",
            r#"use a library for JSON Web Tokens, or the header {"alg":"HS256","typ":"JWT"}"#,
        ),
        M::AlgNone => (
            "a token without a signature could be written by anybody",
            "sign with HS256 and the bot's SSO secret; look whether the secret was empty when the token was made",
        ),
        M::AlgCase => {
            ("the name is compared letter by letter", "write HS256, in capitals and without a hyphen")
        }
        M::AlgLongerHmac => (
            "HS256 is the only algorithm of widget tokens, whatever the secret",
            "set the algorithm to HS256; some libraries choose by the key's length unless told",
        ),
        M::AlgAsymmetric => (
            "BoostGPT has no public key of yours: widget tokens are signed with HS256 and the bot's SSO secret",
            "do not pass on the token of your login (Auth0, Cognito, Firebase, …): sign one of your own with HS256",
        ),
        M::AlgUnknown => ("HS256 is the only algorithm of widget tokens", "set the algorithm to HS256"),
        M::TypNotJwt => (
            "typ is JWT or absent; another value marks a token for another purpose",
            "leave typ to the library, and do not pass on access tokens",
        ),
        M::HeaderExtension => (
            "crit, b64, cty, enc and zip change how a token is read, and widget tokens have none of them",
            "send only alg and typ: no compression, no nested token, no unencoded payload",
        ),
        M::SecretHexDecoded => (
            "the key is the secret's text, its 64 characters, not the bytes that they stand for",
            "pass the text itself to the library: no Buffer.from(secret, 'hex'), bytes.fromhex, hex2bin or hex.DecodeString",
        ),
        M::SecretBase64Decoded => (
            "the key is the secret's text; some libraries take a string for base64 (older versions of jjwt, for example)",
            "give the library the bytes of the text: secret.getBytes(UTF_8), TextEncoder().encode(secret)",
        ),
        M::SecretReencoded => (
            "the key is the secret's text as the dashboard shows it",
            "pass that text without encoding it, and tell the library that the key is not base64",
        ),
        M::SecretQuoted => (
            "the quotation marks became part of the key, often out of an .env file that Docker reads as it is",
            "remove the quotation marks where the secret is stored",
        ),
        M::SecretLineEnd => (
            "the line end became part of the key, often out of a file or of echo instead of printf",
            "remove it where the secret is stored, or trim the text where it is read",
        ),
        M::SecretWhiteSpace => (
            "a space, tab, byte order mark or NUL became part of the key",
            "copy the secret again, and look at where it is stored",
        ),
        M::SecretCase => (
            "upper and lower case are different keys",
            "use the secret exactly as the dashboard shows it, and never change its case",
        ),
        M::SecretCut => (
            "the key is all 64 characters",
            "copy the whole secret again; make the column or variable that holds it larger",
        ),
        M::SecretWithName => (
            "the key is the 64 characters alone",
            "store the secret without the name of its variable, without = and without 0x",
        ),
        M::SecretUtf16 => (
            "the key is the text in ASCII, one byte for each character",
            "use Encoding.UTF8.GetBytes(secret), not Encoding.Unicode",
        ),
        M::SecretHashed => (
            "the key is the secret itself, and no key is derived from it",
            "pass the secret's text to the library without hashing it",
        ),
        M::SecretFingerprint => (
            "the fingerprint is shown to tell secrets apart and signs nothing",
            "use the secret, which is shown once when it is generated; regenerate it if nobody has kept it",
        ),
        M::SecretBotId => (
            "everybody knows the bot's id, so it is no key",
            "use the bot's SSO secret from its Deploy page: 64 hexadecimal characters",
        ),
        M::SecretEmpty => (
            "the variable with the secret was empty when the token was signed",
            "set BOOSTGPT_SSO_SECRET where the back end runs, and let it refuse to start without",
        ),
        M::SecretPlaceholder => (
            "everybody knows that text, so it is no key",
            "put the bot's own SSO secret in its place, from its Deploy page, and check that the variable is read",
        ),
        M::PreviousSecret => (
            "regenerating the secret ended all tokens of the one before, at once",
            "give the back end the current secret, and restart it where it reads the secret once",
        ),
        M::OtherBotsSecret => (
            "each bot has a secret of its own",
            "use the secret of the bot whose id is in the page, or the id of the bot whose secret this is",
        ),
        M::SignatureMissing => (
            "without a signature anybody could have written it",
            "pass the whole token, and let the library sign it with HS256",
        ),
        M::SignatureHex => (
            "the signature is the 32 bytes of the HMAC as base64url, 43 characters",
            "take the raw bytes: digest() instead of hexdigest(), true as the last argument of PHP's hash_hmac",
        ),
        M::SignatureOfOtherText => (
            "what is signed is the first two segments with the dot between them, as they stand in the token",
            "sign base64url(header) + '.' + base64url(payload), or let a library do it",
        ),
        M::UnknownSecret => (
            "the signature fits neither this secret nor any of the usual mistakes with it",
            "compare the fingerprints of the secrets on both sides, and change nothing in the token after signing",
        ),
        M::SecretExposed => (
            "anybody who has the token can read it, and with the secret sign tokens for everybody",
            "take it out of the claims, and regenerate the secret in the dashboard",
        ),
        M::PayloadNotUtf8 => (
            "JSON is UTF-8; some text was put in as Latin-1 or as raw bytes",
            "convert names to UTF-8 before signing",
        ),
        M::PayloadIsText => (
            "the payload is a JSON string that holds the claims, not the claims",
            "pass the object itself to the library, without JSON.stringify or json.dumps",
        ),
        M::PayloadNotJson => (
            "the payload has to be one JSON object with nothing before or after it",
            "let the library serialise the claims, and look at what was given to it",
        ),
        M::ClaimTwice => (
            "two readers could each take another one",
            "give each claim once; look at what merges the claims",
        ),
        M::ClaimsNested => (
            "claims are read at the top of the payload alone",
            r#"put them at the top: {"email":…,"name":…,"external_id":…}"#,
        ),
        M::ExpMissing => (
            "a token without an end would be valid for ever, so exp is required",
            "give the lifetime to the library: { expiresIn: '1h' } for jsonwebtoken, setExpirationTime('1h') for jose",
        ),
        M::ExpMisnamed => (
            "the claim is called exp, in lower case, and holds seconds since 1970",
            "name it exp: iat plus at most 3600",
        ),
        M::ExpMilliseconds => (
            "dates are in seconds since 1970; this one lies tens of thousands of years ahead",
            "divide by 1000: Math.floor(Date.now() / 1000) + 3600",
        ),
        M::ExpIsoDate => (
            "dates are JSON numbers, seconds since 1970",
            "convert it: Math.floor(date.getTime() / 1000), int(date.timestamp())",
        ),
        M::ExpDuration => (
            "exp is the moment at which the token ends, not how long it lives",
            "write the time of signing plus the duration: Math.floor(Date.now() / 1000) + 3600",
        ),
        M::ExpText => {
            ("dates are JSON numbers, without quotation marks", "convert it to a number before signing")
        }
        M::ExpInvalid => (
            "exp is a JSON number of seconds since 1970, from 0 to 253402300799",
            "write the time of signing in seconds plus at most 3600",
        ),
        M::ExpNotAfterIat => (
            "a token that ends when it begins, or before, is never valid",
            "write exp as iat plus the lifetime; look for a negative or zero duration",
        ),
        M::Expired => (
            "a token ends at exp, without leeway",
            "sign a fresh token for every page load. If this one has just been signed, set the signing server's clock (NTP)",
        ),
        M::LifetimeTooLong => (
            "a token lives for 3600 s at most",
            "sign for one hour or less, when the page is loaded; take iat from the same clock at the same moment",
        ),
        M::IatMilliseconds => {
            ("dates are in seconds since 1970", "divide by 1000, or leave iat to the library")
        }
        M::IatInvalid => (
            "iat is a JSON number of seconds since 1970, from 0 to 253402300799",
            "leave iat to the library, or leave it out",
        ),
        M::LocalTime => (
            "iat is ahead by a whole number of half hours, as where local time is taken for UTC",
            "take the time in UTC: Date.now(), time.time(), datetime.now(timezone.utc), not utcnow().timestamp()",
        ),
        M::ClockAhead => (
            "iat may be ahead by the allowed clock skew and no more",
            "set the clock of the server that signs (NTP)",
        ),
        M::NotBefore => (
            "nbf may be ahead by the allowed clock skew and no more",
            "leave nbf out, or set the clock of the server that signs (NTP)",
        ),
        M::NbfInvalid => {
            ("nbf is a JSON number of seconds since 1970, from 0 to 253402300799", "leave nbf out")
        }
        M::AudUnexpected => (
            "a token with aud is for the bot that it names, and none was given to check it for",
            "check it for that bot, or leave aud out",
        ),
        M::AudOtherBot => (
            "a token with aud is for the bots that it names and for no other",
            "sign for the id of the bot that is in the page, or leave aud out",
        ),
        M::AudNotABot => (
            "aud, where there is one, is the bot's id",
            "leave aud out, or set it to the bot's id from its Deploy page",
        ),
        M::AudInvalid => {
            ("aud is a string or an array of strings", "leave aud out, or set it to the bot's id")
        }
        M::EmailMissing => (
            "email is the one claim about the visitor that is required",
            "put the visitor's address into the claim email; sign no token for users without one",
        ),
        M::EmailMisnamed => ("the claim is called email, in lower case", "name it email"),
        M::EmailInSub => {
            ("sub is ignored; the address is read from email", "put the address into the claim email")
        }
        M::EmailEmpty => (
            "an empty address names nobody",
            "sign only for users who have an address; look at why it is empty",
        ),
        M::EmailNotText => (
            "email is a JSON string with one address",
            "pass the address itself: not null, a list or an object; sign no token for users without one",
        ),
        M::EmailWhiteSpace => {
            ("two addresses that look alike would be two people", "trim the address where it is stored")
        }
        M::EmailInvisible => (
            "two addresses that look alike would be two people",
            "remove the character where the address is stored; it often comes from copy and paste",
        ),
        M::EmailDecorated => (
            "email is the plain address alone",
            "pass ada@example.com, without a display name, angle brackets, mailto: or a second address",
        ),
        M::EmailLength => (
            "an address has 3 to 254 bytes, at most 64 of them before the @",
            "pass the visitor's one plain address",
        ),
        M::EmailShape => (
            "an address is something, one @, and something",
            "pass the visitor's e-mail address, not their user name",
        ),
        M::NameTooLong => ("a name has at most 256 characters", "shorten it, or leave it out"),
        M::NameInvalid => (
            "name is a JSON string without NUL, or absent",
            "pass the display name as one string, or leave it out",
        ),
        M::NameMisnamed => {
            ("the token is accepted, but the visitor has no name: the claim is called name", "name it name")
        }
        M::ExternalIdNumber => (
            "an id that passed through a float may be another one; a number has to be whole and of at most 64 bits",
            "pass the id as a string",
        ),
        M::ExternalIdTooLong => ("an external id has at most 255 bytes", "pass the user's stable id alone"),
        M::ExternalIdInvalid => (
            "external_id is a string without NUL or a whole number",
            "pass the id itself as a string: user.id, String(user._id)",
        ),
        M::ExternalIdMisnamed => (
            "the token is accepted, but without your id: with a new e-mail address the visitor would be somebody new",
            "name it external_id",
        ),
    }
}
