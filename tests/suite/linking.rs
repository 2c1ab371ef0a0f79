//! Who is who, without a database: each row of the linking table, then what a token may change.
//!
//! The token is always issued now. Whom the store knows is built by hand.

use boostgpt_sso::{
    AccountId, BotId, Identity, ProjectId, SecretVersion, SubscriberId,
    store::{
        BotSecret, ProvisionRequest, Subscriber,
        linking::{Decision, decide, is_forgotten},
    },
    time::Duration,
};

use crate::support::{HEADER, NOW, ada, at, claims, now, secret, signer, token};

const PROJECT: ProjectId = ProjectId::from_bytes([9; 16]);
const S: u8 = 1;
const T: u8 = 2;

/// A subscriber with this id, e-mail address and external id, last seen today with a token issued now.
fn known(id: u8, email: Option<&str>, external_id: Option<&str>) -> Option<Subscriber> {
    let (subscriber, account) = (SubscriberId::from_bytes([id; 16]), AccountId::from_bytes([id; 16]));
    let mut known = Subscriber::new(PROJECT, subscriber, account, NOW, now().date());
    known.email = email.map(str::to_owned);
    known.external_id = external_id.map(str::to_owned);
    Some(known)
}

/// A request with a token of this identity, issued `age` seconds before now.
fn request(identity: &Identity, age: i64) -> ProvisionRequest {
    let token = signer().sign_at(identity, at(NOW - age));
    let (bot, version) = (BotId::from_bytes([0; 16]), SecretVersion::from_bytes([1; 16]));
    let verifier = BotSecret::new(bot, PROJECT, version, secret()).verifier();
    ProvisionRequest::new(verifier.verify_at(&token, now()).unwrap(), now())
}

/// The decision on a token issued `age` seconds before now; an empty name or external id is none.
fn decide_on(
    [email, name, external_id]: [&str; 3],
    age: i64,
    by_external_id: Option<Subscriber>,
    by_email: Option<Subscriber>,
) -> Decision {
    let plain = Identity::new(email).unwrap();
    let identity = plain.with_name(name).unwrap().with_external_id(external_id).unwrap();
    decide(&request(&identity, age), by_external_id, by_email)
}

/// The decision on the token that has this e-mail address and external id, issued now.
fn row(
    email: &str,
    external_id: &str,
    by_external_id: Option<Subscriber>,
    by_email: Option<Subscriber>,
) -> Decision {
    decide_on([email, "", external_id], 0, by_external_id, by_email)
}

/// Who the visitor is, and who else holds the address.
#[track_caller]
fn assert_is(decision: &Decision, subscriber: Option<u8>, conflict: Option<u8>) {
    let id = |byte: u8| SubscriberId::from_bytes([byte; 16]);
    assert_eq!(decision.subscriber.as_ref().map(|of| of.id), subscriber.map(id), "the subscriber");
    assert_eq!(decision.conflict.map(|of| of.email_holder), conflict.map(id), "the conflict");
}

/// What is written: any of `email`, `name`, `external_id` and `visit`, in this order.
#[track_caller]
fn assert_writes(decision: &Decision, expected: &str) {
    let parts = [
        (decision.sets_email, "email"),
        (decision.sets_name, "name"),
        (decision.sets_external_id, "external_id"),
        (decision.records_visit, "visit"),
    ];
    let written: Vec<_> = parts.iter().filter(|(is_written, _)| *is_written).map(|(_, what)| *what).collect();
    assert_eq!(written.join(" "), expected);
    assert_eq!(decision.writes(), !expected.is_empty());
}

#[test]
fn unknown_address_creates() {
    let decision = row("ada@example.com", "", None, None);
    assert_is(&decision, None, None);
    assert_writes(&decision, "email visit");
}

#[test]
fn known_address_is_its_holder() {
    for external_id in [None, Some("42")] {
        let decision = row("ada@example.com", "", None, known(S, Some("ada@example.com"), external_id));
        assert_is(&decision, Some(S), None);
        assert_writes(&decision, "");
    }
}

#[test]
fn unknown_external_id_and_address_create() {
    let decision = row("ada@example.com", "42", None, None);
    assert_is(&decision, None, None);
    assert_writes(&decision, "email external_id visit");
}

#[test]
fn unknown_external_id_is_taken_by_the_holder_of_the_address() {
    let decision = row("ada@example.com", "42", None, known(S, Some("ada@example.com"), None));
    assert_is(&decision, Some(S), None);
    assert_writes(&decision, "external_id");
}

#[test]
fn unknown_external_id_with_anothers_address_creates_without_it() {
    let decision = row("ada@example.com", "42", None, known(S, Some("ada@example.com"), Some("1")));
    assert_is(&decision, None, Some(S));
    assert_writes(&decision, "external_id visit");
}

#[test]
fn known_external_id_takes_a_free_address() {
    // S held another address, or none since a conflict.
    for held in [Some("ada@old.example"), None] {
        let decision = row("ada@example.com", "42", known(S, held, Some("42")), None);
        assert_is(&decision, Some(S), None);
        assert_writes(&decision, "email");
    }
}

#[test]
fn known_external_id_and_own_address_are_the_same_subscriber() {
    let ada = known(S, Some("ada@example.com"), Some("42"));
    let decision = row("ada@example.com", "42", ada.clone(), ada);
    assert_is(&decision, Some(S), None);
    assert_writes(&decision, "");
}

#[test]
fn known_external_id_wins_over_anothers_address() {
    for (held, external_id) in [(Some("ada@old.example"), None), (None, None), (None, Some("1"))] {
        let holder = known(T, Some("ada@example.com"), external_id);
        let decision = row("ada@example.com", "42", known(S, held, Some("42")), holder);
        assert_is(&decision, Some(S), Some(T));
        assert_writes(&decision, "");
    }
}

#[test]
fn a_new_subscriber_takes_the_tokens_name() {
    let decision = decide_on(["ada@example.com", "Ada", "42"], 0, None, None);
    assert_writes(&decision, "email name external_id visit");
}

#[test]
fn a_missing_name_erases_nothing_and_another_one_replaces() {
    let mut ada = known(S, Some("ada@example.com"), None);
    ada.as_mut().unwrap().name = Some("Ada".to_owned());
    for (name, written) in [("", ""), ("Ada", ""), ("ada", "name"), ("Ada Lovelace", "name")] {
        let decision = decide_on(["ada@example.com", name, ""], 0, None, ada.clone());
        assert_writes(&decision, written);
    }
}

#[test]
fn another_spelling_of_the_address_is_written_for_display() {
    let decision = row("Ada@Example.com", "", None, known(S, Some("ada@example.com"), None));
    assert_is(&decision, Some(S), None);
    assert_writes(&decision, "email");
}

#[test]
fn returning_on_the_same_day_writes_nothing() {
    let ada = known(S, Some("ada@example.com"), Some("42"));
    assert_writes(&row("ada@example.com", "42", ada.clone(), ada), "");
}

#[test]
fn returning_on_another_day_writes_the_visit() {
    let mut ada = known(S, Some("ada@example.com"), Some("42"));
    ada.as_mut().unwrap().last_day = (now() - Duration::DAY).date();
    assert_writes(&row("ada@example.com", "42", ada.clone(), ada), "visit");
}

#[test]
fn returning_before_the_last_recorded_day_writes_nothing() {
    // Another process's clock was past midnight already, or is fast by a month.
    for days in [1, 31] {
        let mut ada = known(S, Some("ada@example.com"), Some("42"));
        ada.as_mut().unwrap().last_day = (now() + Duration::days(days)).date();
        assert_writes(&row("ada@example.com", "42", ada.clone(), ada), "");
    }
}

#[test]
fn an_older_token_changes_nothing() {
    let token = ["Ada@Example.com", "Old", "42"];
    let holder = known(S, Some("ada@example.com"), None);
    let decision = decide_on(token, 1, None, holder.clone());
    assert_is(&decision, Some(S), None);
    assert_writes(&decision, "");
    let decision = decide_on(token, 1, known(S, Some("ada@old.example"), Some("42")), None);
    assert_is(&decision, Some(S), None);
    assert_writes(&decision, "");
    // One of the same second is not older.
    assert_writes(&decide_on(token, 0, None, holder), "email name external_id");
}

#[test]
fn an_older_token_on_a_new_day_records_the_visit_only() {
    let mut ada = known(S, Some("ada@example.com"), None);
    ada.as_mut().unwrap().last_day = (now() - Duration::DAY).date();
    let decision = decide_on(["Ada@Example.com", "Old", "42"], 1, None, ada);
    assert_is(&decision, Some(S), None);
    assert_writes(&decision, "visit");
}

#[test]
fn an_older_token_still_creates() {
    // There is nobody yet whom it could be older than.
    let decision = decide_on(["ada@example.com", "Ada", "42"], 3599, None, None);
    assert_is(&decision, None, None);
    assert_writes(&decision, "email name external_id visit");
}

#[test]
fn a_token_is_forgotten_up_to_a_minute_ahead() {
    let request = request(&Identity::new("ada@example.com").unwrap(), 0);
    for (forgotten_at, expected) in [(NOW + 1, true), (NOW, true), (NOW - 60, true), (NOW - 61, false)] {
        assert_eq!(is_forgotten(&request, forgotten_at), expected, "forgotten at {forgotten_at}");
    }
    assert!(is_forgotten(&request, i64::MAX), "no overflow");
}

/// Or it would bring back who was forgotten, and overwrite what a newer token said.
#[test]
fn a_token_that_does_not_say_when_it_was_issued_is_as_old_as_it_can_be() {
    let verifier =
        BotSecret::new(BotId::from_bytes([0; 16]), PROJECT, SecretVersion::from_bytes([1; 16]), secret())
            .verifier();
    for expires_in in [1, 600, 3600, 3660] {
        let exp = NOW + expires_in;
        let undated = token(HEADER, claims(&format!(r#"{{"iat":null,"exp":{exp},"name":"New"}}"#)));
        let request = ProvisionRequest::new(verifier.verify_at(undated, now()).unwrap(), now());
        let earliest = exp - 3600;
        assert_eq!(request.issued_at(), earliest);
        assert!(is_forgotten(&request, earliest - 60) && !is_forgotten(&request, earliest - 61));
        let mut ada = known(S, Some("ada@example.com"), Some("42")).unwrap();
        ada.name = Some("Ada".to_owned());
        for (applied_at, is_applied) in [(earliest, true), (earliest + 1, false)] {
            ada.applied_at = applied_at;
            let decision = decide(&request, Some(ada.clone()), Some(ada.clone()));
            assert_eq!(decision.sets_name, is_applied, "expires in {expires_in} s");
        }
    }
    // One that says so is as old as it says.
    assert_eq!(request(&ada(), 17).issued_at(), NOW - 17);
}
