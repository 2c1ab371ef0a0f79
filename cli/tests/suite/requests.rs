//! Requests to BoostGPT's support: they begin with a bot id or an e-mail address, and need no key.

use boostgpt_sso::{BotId, Identity, SsoSecret};
use serde_json::json;

use super::{
    stores::{bot_of, migrated, project},
    subscribers::visit,
    *,
};
use crate::database::Database;

/// A call without any key, as support makes it.
pub fn ask(store: &str, arguments: &[&str]) -> Call {
    call(arguments).at(store).without("BOOSTGPT_SSO_MASTER_KEY")
}

fn person(email: &str, external_id: Option<&str>) -> Identity {
    let identity = Identity::new(email).unwrap();
    external_id.map_or(identity.clone(), |id| identity.with_external_id(id).unwrap())
}

/// Two projects that one person visited, and a second bot in the first of them.
pub struct TwoProjects {
    pub store: String,
    pub projects: [String; 2],
    pub bots: [(BotId, SsoSecret); 2],
}

pub fn two_projects(database: &Database) -> TwoProjects {
    let store = migrated(database);
    let projects = [(); 2].map(|()| project(&store));
    let bots = projects.each_ref().map(|project| bot_of(project, &store));
    for (bot, secret) in &bots {
        visit(
            database,
            *bot,
            secret,
            vec![person("Ada@example.com", Some("-42")), person("eve@example.com", None)],
            0,
        );
    }
    TwoProjects { store, projects, bots }
}

#[test]
fn projects_and_bots_are_listed_and_shown() {
    for database in Database::each() {
        let TwoProjects { store, projects: [older, newer], bots: [(bot, _), _] } = two_projects(&database);
        let second = bot_of(&older, &store).0.to_string();
        let bot = bot.to_string();

        let listed = ask(&store, &["project", "list", "--json"]).answer();
        let listed: Vec<_> = listed.lines().map(json).collect();
        assert_eq!(listed, [&newer, &older].map(|id| json!({ "id": id, "free_tier": 100 })));
        let page = ask(&store, &["project", "list", "--limit", "1"]).run();
        assert_eq!(page.err, format!("more: --after {newer}\n"));
        let page = ask(&store, &["project", "list", "--after", &newer]).answer();
        assert!(page.lines().count() == 2 && page.contains(&older) && page.starts_with("project"), "{page}");
        let shown = ask(&store, &["project", "show", &older, "--json"]).json();
        assert_eq!(shown, json!({ "id": older, "free_tier": 100, "subscribers": 2 }));
        let shown = ask(&store, &["project", "show", &older]).answer();
        assert_eq!(shown, format!("project      {older}\nfree tier    100\nsubscribers  2"));

        for scope in [["--project", &*older], ["--bot", &*bot], ["--bot", &*second]] {
            let listed = ask(&store, &["bot", "list", scope[0], scope[1], "--json"]).answer();
            let listed: Vec<_> = listed.lines().map(json).collect();
            let expected =
                [&second, &bot].map(|id| json!({ "id": id, "project": older, "has_secret": true }));
            assert_eq!(listed, expected, "newest first");
        }
        let shown = ask(&store, &["bot", "show", &bot]).answer();
        assert_eq!(shown, format!("bot      {bot}\nproject  {older}\nsecret   yes"));

        for unknown in [
            &["project", "show", BOT][..],
            &["bot", "list", "--project", BOT],
            &["stats", "--project", BOT],
            &["subscriber", "list", "--project", BOT],
        ] {
            ask(&store, unknown).fails(1, "there is no such project");
        }
        for unknown in [
            &["bot", "show", BOT][..],
            &["bot", "list", "--bot", BOT],
            &["bot", "remove-secret", BOT, "--yes"],
            &["stats", "--bot", BOT],
            &["subscriber", "find", "--bot", BOT],
            &["subscriber", "show", "--bot", BOT, "--email", "ada@example.com"],
        ] {
            ask(&store, unknown).fails(1, "there is no such bot");
        }
    }
}

#[test]
fn a_secret_is_removed() {
    for database in Database::each() {
        let TwoProjects { store, bots: [(bot, _), _], projects: [project, _] } = two_projects(&database);
        let bot = bot.to_string();
        ask(&store, &["bot", "remove-secret", &bot]).fails(2, "add --yes");
        let removed = ask(&store, &["bot", "remove-secret", &bot, "--yes"]).answer();
        assert_eq!(removed, format!("secret removed: {bot}"));
        let shown = ask(&store, &["bot", "show", &bot, "--json"]).json();
        assert_eq!(shown, json!({ "id": bot, "project": project, "has_secret": false }));
        let shown = ask(&store, &["bot", "show", &bot]).answer();
        assert!(shown.ends_with("secret   none: its visitors are anonymous"), "{shown}");
        // It can be given one again, which needs the key.
        let create = ["bot", "create", "--project", &project, "--id", &bot];
        ask(&store, &create).fails(2, "BOOSTGPT_SSO_MASTER_KEY is not set");
        assert_eq!(call(&create).at(&store).run().status, 0);
    }
}

#[test]
fn a_person_is_found_by_what_a_customer_knows() {
    for database in Database::each() {
        let TwoProjects { store, projects, bots } = two_projects(&database);
        let bot = bots[0].0.to_string();
        let find = |keyed: bool, more: &[&str]| {
            let arguments = [&["subscriber", "find", "--json"], more].concat();
            let call = if keyed { call(&arguments).at(&store) } else { ask(&store, &arguments) };
            let answer = call.answer();
            let found = answer.lines().map(json);
            found.map(|one| (one["project"].clone(), one["email"].clone())).collect::<Vec<_>>()
        };
        // PostgreSQL finds names by keyed hashes, or without the key by the names themselves.
        for keyed in [false, true] {
            let mut everywhere = find(keyed, &["--email", "aDA@example.com"]);
            everywhere.sort_by_key(|(project, _)| project.to_string());
            assert_eq!(everywhere, projects.each_ref().map(|id| (json!(id), json!("Ada@example.com"))));
            let here = [(json!(projects[0]), json!("Ada@example.com"))];
            assert_eq!(find(keyed, &["--email", "ada@example.com", "--bot", &bot]), here);
            assert_eq!(find(keyed, &["--external-id", "-42", "--bot", &bot]), here);
        }
        assert_eq!(find(false, &["--bot", &bot]).len(), 2);
        let page = ask(&store, &["subscriber", "find", "--bot", &bot, "--limit", "1"]).run();
        assert!(page.status == 0 && page.err.starts_with("more: --after "), "{page:?}");
        let table = ask(&store, &["subscriber", "find", "--email", "ada@example.com"]).answer();
        assert!(table.lines().count() == 3 && table.starts_with("subscriber "), "{table}");
        assert!(projects.iter().all(|project| table.contains(project.as_str())), "{table}");

        // Newest first, and no more than were asked for.
        let both = ask(&store, &["subscriber", "find", "--email", "ada@example.com", "--json"]).answer();
        let ids: Vec<_> = both.lines().map(|one| json(one)["id"].to_string()).collect();
        assert!(ids.len() == 2 && ids[0] > ids[1], "{both}");
        let one = ["subscriber", "find", "--email", "ada@example.com", "--json", "--limit", "1"];
        let one = ask(&store, &one).run();
        assert_eq!((one.status, one.out.trim_end()), (0, both.lines().next().unwrap()), "{one:?}");
        assert!(one.err.starts_with("more: 2 in all"), "{one:?}");

        let unvisited = bot_of(&project(&store), &store).0.to_string();
        ask(&store, &["subscriber", "find", "--bot", &unvisited]).fails(1, "there is no such subscriber");
        for unknown in [&["--email", "bob@example.com"][..], &["--bot", &bot, "--email", "bob@example.com"]] {
            let find = [&["subscriber", "find"], unknown].concat();
            ask(&store, &find).fails(1, "there is no ");
        }
        let unknown = ["subscriber", "find", "--bot", &bot, "--external-id", "43"];
        ask(&store, &unknown).fails(1, "there is no such subscriber in this project");
        for wrong in [
            &[][..],
            &["--external-id", "-42"],
            &["--bot", &bot, "--external-id", "-42", "--email", "ada@example.com"],
            &["--email", "ada"],
            &["--bot", "my-bot"],
        ] {
            assert_eq!(ask(&store, &[&["subscriber", "find"], wrong].concat()).run().status, 2);
        }
    }
}

#[test]
fn what_looks_odd_of_a_subscriber_is_explained() {
    for database in Database::each() {
        let store = migrated(&database);
        let project = project(&store);
        let (bot, secret) = bot_of(&project, &store);
        visit(&database, bot, &secret, vec![person("ada@example.com", Some("1"))], 1);
        visit(&database, bot, &secret, vec![person("ada@example.com", Some("2"))], 0);
        let id = bot.to_string();
        let show = |by: &[&str]| ask(&store, &[&["subscriber", "show", "--bot", &id], by].concat()).run();

        // A recycled mailbox: the second holder of the address is kept apart, without it.
        let second = show(&["--external-id", "2"]);
        assert!(second.status == 0 && !second.out.contains("e-mail"), "{second:?}");
        assert!(
            second.err.starts_with("There is no e-mail address, because another subscriber"),
            "{second:?}"
        );
        let first = show(&["--external-id", "1"]);
        assert!(first.out.contains("\ne-mail       ada@example.com\n") && first.err.is_empty(), "{first:?}");

        // Several people share an id: its address changes back and forth.
        for (email, says) in
            [("bob", "has given up 1 e-mail address for"), ("eve", "has given up 3 e-mail addresses for")]
        {
            visit(&database, bot, &secret, vec![person(&format!("{email}@example.com"), Some("3"))], 0);
            visit(&database, bot, &secret, vec![person("carol@example.com", Some("3"))], 0);
            let shared = show(&["--external-id", "3"]);
            assert!(shared.err.contains(says) && shared.err.contains("several people share"), "{shared:?}");
        }

        // What an earlier version let in.
        database.execute("UPDATE sso_subscribers SET external_id = 'undefined' WHERE external_id = '2'");
        let list = ask(&store, &["subscriber", "list", "--project", &project]).answer();
        let joined = list.lines().find(|line| line.contains("undefined")).unwrap().split(' ').next().unwrap();
        let joined = show(&[joined]);
        assert!(joined.err.contains("they all share this subscriber and its history"), "{joined:?}");
        database.execute("UPDATE sso_subscribers SET email = '<ada@example.com>' WHERE external_id = '1'");
        let refused = show(&["--external-id", "1"]);
        assert!(
            refused.err.contains("A token with this e-mail address would be refused today: "),
            "{refused:?}"
        );

        visit(&database, bot, &secret, vec![person("grace@example.com", None)], 0);
        assert_eq!(show(&["--email", "grace@example.com"]).err, "");
    }
}
