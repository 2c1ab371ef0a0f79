//! The catalogue of mistakes: a stable code for each, its title, and the reasons with which the verifier
//! refuses a token that has it. Why it fails and the fix are in `remedy`; `docs/troubleshooting.md` is made
//! from both.

use std::fmt;

use serde::{Serialize, Serializer};

macro_rules! catalogue {
    ($($group:ident: $about:literal {
        $($mistake:ident $code:literal [$($reason:literal)*] $title:literal;)*
    })*) => {
        /// A mistake that integrators make, one entry of the catalogue.
        ///
        /// ```
        /// use boostgpt_sso::diagnose::Mistake;
        ///
        /// assert_eq!(Mistake::SecretHexDecoded.code(), "secret_hex_decoded");
        /// assert_eq!(Mistake::SecretHexDecoded.reasons(), ["bad_signature"]);
        /// ```
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Mistake {
            $($(#[doc = concat!("`", $code, "`: ", $title, ".")] $mistake,)*)*
        }

        impl Mistake {
            /// The whole catalogue, in the order in which a token is examined.
            pub const ALL: &[Self] = &[$($(Self::$mistake,)*)*];

            /// Returns its code: `snake_case`, never changed or reused.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $($(Self::$mistake => $code,)*)* }
            }

            /// Returns what it is, in a few words without a full stop.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $($(Self::$mistake => $title,)*)* }
            }

            /// Returns the [codes](crate::VerifyError::code) with which a verifier refuses a token for this;
            /// none if it never does. Some mistakes that have a code are also advice for a token that is
            /// accepted: see [`Finding::severity`](super::Finding::severity).
            #[must_use]
            pub const fn reasons(self) -> &'static [&'static str] {
                match self { $($(Self::$mistake => &[$($reason),*],)*)* }
            }

            /// Returns what the mistake is about.
            #[must_use]
            pub const fn group(self) -> Group {
                match self { $($(Self::$mistake => Group::$group,)*)* }
            }
        }

        /// What a [`Mistake`] is about, in the order in which a token is examined.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Group {
            $(#[doc = concat!($about, ".")] $group,)*
        }

        impl Group {
            /// Returns its heading.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$group => $about,)* }
            }
        }
    };
}

catalogue! {
    Clock: "This machine's clock" {
        ClockOutOfRange "clock_out_of_range" ["clock_out_of_range"] "the clock of this machine is not set";
    }
    Transport: "On the way to BoostGPT" {
        TooLong "too_long" ["too_long"] "longer than 8192 bytes";
        NotText "not_text" ["malformed"] "bytes that are no text";
        Empty "empty" ["malformed"] "no token at all";
        Undefined "undefined" ["malformed" "bad_signature"]
            "a missing value or an object in the token's place";
        TemplatePlaceholder "template_placeholder" ["malformed"]
            "a template or an expression that was not evaluated";
        Placeholder "placeholder" ["malformed"] "an example's placeholder in the token's place";
        SecretPasted "secret_in_place_of_token" ["malformed"] "an SSO secret in the token's place";
        HtmlPage "html_page" ["malformed" "too_long"] "an HTML page in the token's place";
        ErrorAnswer "error_answer" ["malformed" "too_long"] "an error message in the token's place";
        IdentityHash "identity_hash" ["malformed"] "a hash in the token's place";
        OtherToken "other_token" ["malformed" "too_long" "unsupported_algorithm"]
            "a token, cookie or key of another kind in the token's place";
        OtherValue "other_value" ["malformed" "too_long"] "something else in the token's place";
        TokenDecoded "token_decoded" ["malformed" "too_long"] "the token in its decoded form";
        BearerPrefix "bearer_prefix" ["malformed"] "the prefix of an Authorization header before the token";
        Quoted "quoted" ["malformed"] "quotation marks around the token";
        JsonWrapper "json_wrapper" ["malformed" "too_long"] "JSON or a printed object around the token";
        JwsJson "jws_json" ["malformed" "too_long"] "the token in JSON form instead of its compact form";
        ClaimsUnsigned "claims_unsigned" ["malformed" "too_long"] "the claims as JSON, not signed";
        UrlEncoded "url_encoded" ["malformed" "too_long"] "encoded for a URL or for HTML";
        WhiteSpaceAround "white_space_around" ["malformed"] "white space or a line end around the token";
        WhiteSpaceInside "white_space_inside" ["malformed"] "white space or a line break inside the token";
        SurroundingText "surrounding_text" ["malformed" "too_long" "bad_signature"]
            "other text around the token";
        TokenTwice "token_twice" ["malformed" "too_long"] "more than one token";
        Elided "elided" ["malformed"] "a token that was shortened or masked for display";
        EncodedTwice "encoded_twice" ["malformed" "too_long"] "the whole token encoded once more";
        BytesPrinted "bytes_printed" ["malformed" "too_long"] "the token printed as bytes";
        Utf16 "utf16" ["malformed" "too_long"] "the token in UTF-16 or UTF-32";
        CaseChanged "case_changed" ["malformed"] "the token in upper or lower case";
        Encrypted "encrypted" ["malformed"] "encrypted instead of signed";
        SegmentsSwapped "segments_swapped" ["malformed" "unsupported_algorithm" "bad_signature"]
            "the segments in another order";
        StandardBase64 "standard_base64" ["malformed"] "standard base64 instead of base64url";
        Padding "padding" ["malformed"] "base64 padding in the token";
        SegmentCount "segment_count" ["malformed"] "not three segments";
        Truncated "truncated" ["malformed" "bad_signature"] "cut off";
        NotBase64Url "not_base64url" ["malformed"] "characters that are not base64url";
    }
    Header: "Header and algorithm" {
        HeaderNotJson "header_not_json" ["malformed"] "a header that is not one JSON object";
        HeaderMemberTwice "header_member_twice" ["malformed" "unsupported_algorithm"]
            "a member of the header given twice";
        AlgMissing "alg_missing" ["unsupported_algorithm"] "no algorithm in the header";
        AlgNone "alg_none" ["unsupported_algorithm"] "the algorithm none, which is no signature";
        AlgCase "alg_case" ["unsupported_algorithm"] "HS256 in another spelling";
        AlgLongerHmac "alg_hs384_hs512" ["unsupported_algorithm" "bad_signature"]
            "HS384 or HS512 instead of HS256";
        AlgAsymmetric "alg_asymmetric" ["unsupported_algorithm"] "an algorithm of private keys in the header";
        AlgUnknown "alg_unknown" ["unsupported_algorithm"] "an algorithm other than HS256 in the header";
        TypNotJwt "typ_not_jwt" ["unsupported_header"] "a type other than JWT in the header";
        HeaderExtension "header_extension" ["unsupported_header"] "an extension in the header";
    }
    Secret: "Secret and signature" {
        SecretHexDecoded "secret_hex_decoded" ["bad_signature"]
            "signed with the bytes that the secret decodes to";
        SecretBase64Decoded "secret_base64_decoded" ["bad_signature"]
            "signed with the secret decoded as base64";
        SecretReencoded "secret_reencoded" ["bad_signature"] "signed with the secret in another encoding";
        SecretQuoted "secret_quoted" ["bad_signature"]
            "signed with the secret in quotation marks or brackets";
        SecretLineEnd "secret_line_end" ["bad_signature"] "signed with a line end before or after the secret";
        SecretWhiteSpace "secret_white_space" ["bad_signature"]
            "signed with blanks, separators or invisible characters in or around the secret";
        SecretCase "secret_case" ["bad_signature"] "signed with the secret in upper or lower case";
        SecretCut "secret_cut" ["bad_signature"] "signed with a part of the secret, or of a hash of it";
        SecretWithName "secret_with_name" ["bad_signature"]
            "signed with a name or other text around the secret";
        SecretUtf16 "secret_utf16" ["bad_signature"] "signed with the secret as UTF-16 or UTF-32";
        SecretHashed "secret_hashed" ["bad_signature"] "signed with a hash of the secret";
        SecretFingerprint "secret_fingerprint" ["bad_signature"] "signed with the secret's fingerprint";
        SecretBotId "secret_bot_id" ["bad_signature"] "signed with the bot's id";
        SecretEmpty "secret_empty" ["bad_signature"] "signed with an empty secret";
        SecretPlaceholder "secret_placeholder" ["bad_signature"] "signed with a placeholder";
        PreviousSecret "previous_secret" ["bad_signature"] "signed with the previous secret";
        OtherBotsSecret "other_bots_secret" ["bad_signature"] "signed with another bot's secret";
        SignatureMissing "signature_missing" ["bad_signature" "malformed"] "no signature";
        SignatureHex "signature_hex" ["bad_signature" "malformed"] "the signature in hexadecimal digits";
        SignatureOfOtherText "signature_of_other_text" ["bad_signature"] "the signature of another text";
        SecretMistyped "secret_mistyped" ["bad_signature"]
            "signed with the secret mistyped: a character missing, wrong or in another place";
        SecretDoubled "secret_doubled" ["bad_signature"] "signed with the secret twice over";
        SecretReread "secret_reread" ["bad_signature"]
            "signed with bytes of the secret that were read as text";
        SignatureReencoded "signature_reencoded" ["bad_signature" "malformed"]
            "the signature encoded once more";
        SignatureShortHash "signature_sha1_md5" ["bad_signature" "malformed"]
            "signed with the HMAC of SHA-1 or MD5";
        SignaturePlainHash "signature_plain_hash" ["bad_signature" "malformed"]
            "a plain hash instead of an HMAC";
        KeyAndTextExchanged "key_and_text_exchanged" ["bad_signature"]
            "the secret and the text exchanged in the HMAC";
        UnknownSecret "unknown_secret" ["bad_signature"]
            "signed with another secret, or changed after signing";
        SecretExposed "secret_exposed" ["bad_signature"] "the SSO secret in the token, or beside it";
    }
    Payload: "Payload" {
        PayloadEmpty "payload_empty" ["malformed"] "an empty payload";
        PayloadNotUtf8 "payload_not_utf8" ["invalid_payload"] "a payload that is not UTF-8";
        PayloadIsText "payload_is_text" ["invalid_payload"] "a payload encoded twice";
        PayloadNotJson "payload_not_json" ["invalid_payload"] "a payload that is not one JSON object";
        NotANumber "not_a_number" ["invalid_payload"] "NaN or Infinity in the payload";
        HalfCharacter "half_character" ["invalid_payload" "invalid_claim"] "half a character";
        ClaimTwice "claim_twice" ["invalid_payload"] "a claim given twice";
        ClaimsNested "claims_nested" ["missing_claim"] "the claims not at the top of the payload";
    }
    Dates: "Dates" {
        ExpMissing "exp_missing" ["missing_claim"] "no expiry";
        ExpMisnamed "exp_misnamed" ["missing_claim"] "the expiry under another name";
        ExpMilliseconds "exp_milliseconds" ["invalid_claim"] "the expiry in milliseconds";
        ExpIsoDate "exp_iso_date" ["invalid_claim" "expired" "lifetime_too_long"]
            "the expiry as a calendar date";
        ExpDuration "exp_duration" ["expired" "invalid_claim"] "a duration in the expiry's place";
        ExpText "exp_text" ["invalid_claim"] "the expiry as a string";
        ExpInvalid "exp_invalid" ["invalid_claim" "expired"] "an expiry that is no date";
        ExpNotAfterIat "exp_not_after_iat" ["expired" "lifetime_too_long"]
            "an expiry that is not after the time of issue";
        Expired "expired" ["expired"] "expired, or signed by a clock that is behind";
        LifetimeTooLong "lifetime_too_long" ["lifetime_too_long"] "a lifetime of more than one hour";
        IatMilliseconds "iat_milliseconds" ["invalid_claim"] "the time of issue in milliseconds";
        IatInvalid "iat_invalid" ["invalid_claim" "lifetime_too_long"] "a time of issue that is no date";
        DateMicroseconds "date_microseconds" ["invalid_claim"] "a date in microseconds";
        DateNanoseconds "date_nanoseconds" ["invalid_claim"] "a date in nanoseconds";
        DateTicks "date_ticks" ["invalid_claim"] "a date in ticks of 100 nanoseconds";
        DateInDays "date_in_days" ["expired" "lifetime_too_long"] "a date in days, hours or minutes";
        DateDividedTwice "date_divided_twice" ["expired" "lifetime_too_long"] "a date divided by 1000 twice";
        DateOtherEpoch "date_other_epoch"
            ["invalid_claim" "expired" "issued_in_future" "not_yet_valid" "lifetime_too_long"]
            "a date not counted from 1970";
        LifetimeShort "lifetime_short" ["expired"] "a lifetime of 90 seconds or less";
        LifetimeAtLimit "lifetime_at_limit" [] "a lifetime at the limit of one hour";
        LocalTime "local_time" ["issued_in_future"] "local time taken for UTC";
        ClockAhead "clock_ahead" ["issued_in_future"] "signed by a clock that is ahead";
        NotBefore "not_before" ["not_yet_valid"] "not valid yet";
        NbfInvalid "nbf_invalid" ["invalid_claim"] "a not-before time that is no date";
    }
    Claims: "Claims" {
        AudUnexpected "aud_unexpected" ["wrong_audience"] "meant for a bot, and checked without one";
        AudOtherBot "aud_other_bot" ["wrong_audience"] "meant for another bot";
        AudNotABot "aud_not_a_bot" ["wrong_audience"] "an audience that is no bot's id";
        AudInvalid "aud_invalid" ["invalid_claim"] "an audience that is no string";
        EmailMissing "email_missing" ["missing_claim"] "no e-mail address";
        EmailMisnamed "email_misnamed" ["missing_claim"] "the e-mail address under another name";
        EmailInSub "email_in_sub" ["missing_claim"] "the e-mail address in sub";
        EmailEmpty "email_empty" ["invalid_claim"] "an empty or missing e-mail address";
        EmailNotText "email_not_text" ["invalid_claim"] "an e-mail address that is no string";
        EmailWhiteSpace "email_white_space" ["invalid_claim"] "white space in the e-mail address";
        EmailInvisible "email_invisible" ["invalid_claim"] "an invisible character in the e-mail address";
        EmailEncoded "email_encoded" ["invalid_claim"] "an e-mail address encoded for HTML or a URL";
        EmailDecorated "email_decorated" ["invalid_claim"] "more than the plain e-mail address";
        EmailLength "email_length" ["invalid_claim"] "an e-mail address that is too long or too short";
        EmailShape "email_shape" ["invalid_claim"] "no valid e-mail address";
        NameTooLong "name_too_long" ["invalid_claim"] "a name of more than 256 characters";
        NameInvalid "name_invalid" ["invalid_claim"] "a name that is no plain string";
        NameMisnamed "name_misnamed" [] "the name under another name";
        NameEncoded "name_encoded" [] "a name encoded for HTML or a URL, or read in another encoding";
        NameMissing "name_missing_value" [] "a missing value or a template as the name";
        ExternalIdNumber "external_id_number" ["invalid_claim"]
            "an external id that is no whole number of 64 bits";
        ExternalIdTooLong "external_id_too_long" ["invalid_claim"] "an external id of more than 255 bytes";
        ExternalIdInvalid "external_id_invalid" ["invalid_claim"]
            "an external id that is neither text nor a number";
        ExternalIdMisnamed "external_id_misnamed" [] "the external id under another name";
        ExternalIdAbsent "external_id_absent" [] "the text of a missing value as the external id";
        ExternalIdShared "external_id_shared" [] "an external id that several users may have";
        ExternalIdRounded "external_id_rounded" [] "an external id that JavaScript may have rounded";
        ExternalIdWhiteSpace "external_id_white_space" [] "white space around the external id";
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Mistake {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}
