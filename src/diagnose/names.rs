//! What the name of a claim means: an address, a name, an id, an expiry. Names are compared without case,
//! punctuation and prefixes, in the languages people use, and with one slip of the finger.

use super::vocabulary;
pub(super) use super::vocabulary::{Meaning, normalized_name};

/// The most bytes of a name that is looked at.
const MAX_NAME: usize = 200;

/// SAML attributes that are named by number.
const NUMBERS: &[(&str, Meaning)] = &[
    ("urn:oid:0.9.2342.19200300.100.1.3", Meaning::Email),
    ("urn:oid:1.2.840.113549.1.9.1", Meaning::Email),
    ("urn:oid:0.9.2342.19200300.100.1.1", Meaning::Id(2)),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.6", Meaning::Person),
    ("urn:oid:2.16.840.1.113730.3.1.241", Meaning::Name),
    ("urn:oid:2.16.840.1.113730.3.1.3", Meaning::Id(2)),
    ("urn:oid:2.5.4.3", Meaning::Name),
    ("urn:oid:2.5.4.4", Meaning::Name),
    ("urn:oid:2.5.4.42", Meaning::Name),
];

/// Returns what a claim of this name is for, or `None` if the name says nothing.
pub(super) fn claim_meaning(name: &str) -> Option<Meaning> {
    if let Some((_, meaning)) = NUMBERS.iter().find(|(number, _)| name.eq_ignore_ascii_case(number)) {
        return Some(*meaning);
    }
    // No name of a claim is that long.
    let plain = if name.len() <= MAX_NAME { normalized_name(name) } else { return None };
    let ends_in_id = ["_id", "-id", " id", "Id", "ID", "_ID"].iter().any(|end| name.ends_with(end));
    let name = plain.as_str();
    let is_slip = |words: &[&str]| words.iter().any(|word| is_slip_of(name, word));
    if name == "externalid" || is_slip(&["externalid"]) {
        Some(Meaning::Id(0))
    } else if let Some(meaning) = vocabulary::word_meaning(name) {
        Some(meaning)
    } else if name.contains("mail") || is_slip(&["email"]) {
        Some(Meaning::Email)
    } else if is_owned_id(name) {
        Some(Meaning::Id(1))
    } else if is_slip(&["name", "fullname"]) {
        Some(Meaning::Name)
    } else if is_expiry(name) || is_slip(&["exp", "expires", "expiry"]) {
        Some(Meaning::Expiry)
    } else if is_slip(&["userid", "customerid"]) {
        Some(Meaning::Id(1))
    } else if ends_in_id && is_any_id(name) {
        Some(Meaning::Id(4))
    } else {
        slip_meaning(name)
    }
}

/// Returns what a name means that is a long word with one slip. That is never another's claim, the expiry or
/// an id: `employee` is not `employer`, `senddate` is not `enddate`, `teamid` is not `steamid`.
fn slip_meaning(name: &str) -> Option<Meaning> {
    let is_sure = |meaning: Meaning| !matches!(meaning, Meaning::Other | Meaning::Expiry);
    let mut words = vocabulary::words().filter(|(_, meaning)| is_sure(*meaning) && !name.ends_with("id"));
    words.find(|(word, _)| is_slip_of_a_long_word(name, word)).map(|(_, meaning)| meaning)
}

/// `telegram_id`, `staff_id`: an id of something that may be the user.
fn is_any_id(name: &str) -> bool {
    const OTHERS: &str = "        session s tenant org organization organisation company team group request \
    trace span client device         order cart product bot agent app application token jwt role plan locale \
    project workspace store shop         site page correlation transaction invoice ticket chat channel \
    campaign visit version lang language         country region parent manager category course class lesson \
    item event message thread conversation         room payment subscription license widget key access \
    refresh service provider idp server node instance         job task batch process owner creator author \
    referrer affiliate partner account accounts school         department branch location address city state \
    zone timezone network ip cluster sso flow nonce         reference ref installation policy resource scope \
    environment env deployment build release vendor supplier merchant stream table quest";
    name.strip_suffix("id").is_some_and(|of| {
        of.chars().count() > 2 && of.chars().all(char::is_alphabetic) && !vocabulary::has(OTHERS, of)
    })
}

/// Returns whether a name is `email` in another spelling, or with one slip.
pub(super) fn is_email(name: &str) -> bool {
    let plain = normalized_name(name);
    plain == "email" || is_slip_of(&plain, "email")
}

/// `expiresOn`, `token_exp`
fn is_expiry(name: &str) -> bool {
    let owners = ["accesstoken", "idtoken", "token", "jwt", "session", "sso", "claim", "auth"];
    let own = owners.iter().find_map(|owner| name.strip_prefix(owner)).unwrap_or(name);
    own.starts_with("expir")
        || (own.len() < name.len() && vocabulary::word_meaning(own) == Some(Meaning::Expiry))
}

/// `userId`, `customer_number`, `externalRef`.
fn is_owned_id(name: &str) -> bool {
    let after = |owner: &str| {
        name.strip_prefix(owner).is_some_and(|rest| vocabulary::has(vocabulary::NUMBERED, rest))
    };
    let before = |owner: &str| name.strip_prefix("id").is_some_and(|rest| rest == owner && rest.len() > 3);
    // `crm_contact_id`: the id of the user somewhere else.
    let elsewhere = || {
        let owned = name.strip_suffix("id").unwrap_or_default();
        ["user", "customer", "contact", "member", "subscriber", "person", "player", "student", "patient"]
            .iter()
            .any(|owner| owned.ends_with(owner))
    };
    vocabulary::OWNERS.split_ascii_whitespace().any(|owner| after(owner) || before(owner)) || elsewhere()
}

/// Returns whether a name in ASCII is a word of seven letters or more with one letter missing, too many,
/// wrong or exchanged with its neighbour.
fn is_slip_of_a_long_word(name: &str, word: &str) -> bool {
    /// One letter away from a word of ours, and words of their own.
    const WORDS: &str = "contract subscribe subscribed headline identify identified employee realmname";
    let (a, b) = (name.as_bytes(), word.as_bytes());
    let is_plural = name.strip_suffix('s') == Some(word) || word.strip_suffix('s') == Some(name);
    if !name.is_ascii()
        || b.len() < 7
        || a.len().abs_diff(b.len()) > 1
        || is_plural
        || vocabulary::has(WORDS, name)
    {
        return false;
    }
    let start = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let end = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    let same = start.saturating_add(end);
    let is_swapped = || {
        let pair = |text: &[u8]| Some([*text.get(start)?, *text.get(start.saturating_add(1))?]);
        let reversed = pair(a).map(|[one, other]| [other, one]);
        a.len() == b.len() && same.saturating_add(2) == a.len() && reversed == pair(b)
    };
    same.saturating_add(1) >= a.len().max(b.len()) || is_swapped()
}

/// Returns whether a name is this word with one slip: a letter left out, doubled, or changed places with its
/// neighbour. In words of five letters and more one other letter may be wrong or too many as well, unless
/// another word comes out.
fn is_slip_of(name: &str, word: &str) -> bool {
    /// One letter away from a word of ours, and words of their own.
    const WORDS: &[&str] = &[
        "game", "same", "fame", "lame", "tame", "dame", "came", "named", "names", "userip", "expo", "emails",
    ];
    if name.len() > word.len().saturating_add(3) || name.len().saturating_add(1) < word.len() {
        return false;
    }
    let [a, b] = [name, word].map(|text| text.chars().collect::<Vec<_>>());
    if name == word || WORDS.contains(&name) || a.len().abs_diff(b.len()) > 1 {
        return false;
    }
    let same = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let rest = |letters: &[char], skip: usize| {
        letters.get(same.saturating_add(skip)..).map(<[char]>::to_vec).unwrap_or_default()
    };
    let at = |letters: &[char], ahead: usize| letters.get(same.saturating_add(ahead)).copied();
    let swapped = at(&a, 0) == at(&b, 1) && at(&a, 1) == at(&b, 0) && rest(&a, 2) == rest(&b, 2);
    let missing = rest(&a, 0) == rest(&b, 1) && a.len() < b.len() && a.len() > 2;
    let added = rest(&a, 1) == rest(&b, 0) && a.len() > b.len();
    let doubled = added && same > 0 && at(&a, 0) == a.get(same.saturating_sub(1)).copied();
    let changed = rest(&a, 1) == rest(&b, 1) && a.len() == b.len();
    (swapped && a.len() == b.len()) || missing || doubled || (word.len() >= 5 && (added || changed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slip_and_no_more() {
        for name in ["emial", "eamil", "meail", "emai", "mail", "eemail", "emaill", "emall", "enail", "emaio"]
        {
            assert!(is_slip_of(name, "email"), "{name}");
        }
        for name in ["email", "detail", "small", "emals", "liame", "e", "", "emaiiil", "emailaddress"] {
            assert!(!is_slip_of(name, "email"), "{name}");
        }
        for name in ["nmae", "naem", "anme", "nam", "nme", "ame", "nname", "namme", "namee"] {
            assert!(is_slip_of(name, "name"), "{name}");
        }
        for name in ["game", "nome", "nane", "names", "am", "frame"] {
            assert!(!is_slip_of(name, "name"), "{name}");
        }
    }

    #[test]
    fn one_slip_in_a_long_word() {
        for (name, meaning) in [
            ("prefered_username", Meaning::Person),
            ("identifer", Meaning::Person),
            ("custommer", Meaning::Person),
            ("usrename", Meaning::Person),
            ("displaynam", Meaning::Name),
            ("fulname", Meaning::Name),
            // One slip away from `username` and from `surname`.
            ("usrname", Meaning::Person),
            ("sername", Meaning::Person),
        ] {
            assert_eq!(claim_meaning(name), Some(meaning), "{name}");
        }
        for name in ["contract", "headline", "subscribed", "hostname", "filename", "quantity", "revision"] {
            assert_eq!(claim_meaning(name), None, "{name}");
        }
    }

    /// One letter away from a word of ours that would say much of a claim.
    #[test]
    fn a_word_of_its_own_is_no_slip() {
        for name in [
            "team_id",
            "teamId",
            "teamid",
            "table_id",
            "tableid",
            "stream_id",
            "streamid",
            "quest_id",
            "questid",
            "contractid",
            "employee",
            "employed",
            "referer",
            "managed",
            "invited",
            "approved",
            "reviewed",
            "realmname",
            "identified",
            "senddate",
            "sendtime",
            "readline",
            "validate",
        ] {
            assert_eq!(claim_meaning(name), None, "{name}");
        }
    }

    #[test]
    fn prefixes_case_and_punctuation_do_not_count() {
        for (name, expected) in [
            ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress", "emailaddress"),
            ("https://example.com/claims#E-Mail", "email"),
            ("https://example.com/email/", "email"),
            ("custom:user_id", "userid"),
            ("user[email]", "email"),
            ("user.eMail", "email"),
            ("Prénom", "prénom"),
            ("", ""),
            ("//", ""),
        ] {
            assert_eq!(normalized_name(name), expected, "{name}");
        }
    }
}
