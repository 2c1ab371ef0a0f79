//! A disk that is full and one that may not be written to: a file system of one MiB, made for a child of ours
//! alone and gone with it.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use super::{
    check::{Rows, sound},
    child::{Child, arguments, tell},
    *,
};

/// Mounts the small file system where the first argument says, and then runs our command.
const MOUNT: &str = "mount -t tmpfs -o size=1m,mode=0777 sso-test \"$0\" && exec \"$@\"";

/// The ways to a mount of one's own, from the least privilege up.
const WAYS: &[&[&str]] = &[
    &["unshare", "--map-root-user", "--mount"],
    &["unshare", "--mount"],
    &["sudo", "-n", "--preserve-env=BOOSTGPT_SSO_TEST_CHILD", "unshare", "--mount"],
];

/// Runs the child with the folder as a disk of its own.
fn on_a_small_disk(folder: &Path, test: &str) -> Vec<String> {
    let folder = folder.to_str().unwrap();
    let works = |way: &&&[&str]| {
        let mut probe = Command::new(way[0]);
        probe.args(&way[1..]).args(["sh", "-c", MOUNT, folder, "true"]);
        probe.stderr(Stdio::null()).status().is_ok_and(|status| status.success())
    };
    let way = WAYS.iter().find(works).expect(
        "no small file system can be mounted: this test needs `unshare` and `mount` (Debian: util-linux), \
         and either user namespaces (sysctl kernel.unprivileged_userns_clone=1, \
         kernel.apparmor_restrict_unprivileged_userns=0), \
         or root (in a container: --cap-add=SYS_ADMIN), or sudo without a password",
    );
    let wrapper = [way, &["sh", "-c", MOUNT, folder][..]].concat();
    Child::start_through(&wrapper, test, &[folder]).success()
}

/// The child's side: changes its disk. The system refuses that while a file is open, and a store that is
/// being closed removes its log before it closes its last file.
fn remount(how: &str, folder: &str) {
    let how = format!("remount,{how}");
    let began = Instant::now();
    while !Command::new("mount").args(["-o", &how, "sso-test", folder]).status().unwrap().success() {
        assert!(began.elapsed() < Duration::from_secs(10), "{how}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn full_child() {
    let Some([folder]) = arguments() else { return };
    let path = Path::new(&folder).join("sso.db");
    block_on(async {
        let store = store_with_bot(&path).await;

        // Visitors come until there is no room.
        let mut known = Vec::new();
        let error = loop {
            assert!(known.len() < 2000, "the disk does not fill up");
            match visit(&store, &person(&format!("p{}", known.len()))).await {
                Ok(session) => known.push(session.provisioned.subscriber),
                Err(error) => break error,
            }
        };
        assert!(matches!(error, StoreError::Full(_)), "{error}: {error:?}");

        // Many at once: each hears of it, none is anonymous, and no secret changes.
        let first_new = known.len();
        let waiting: Vec<_> = (first_new..first_new + 20)
            .map(|number| {
                let store = store.clone();
                tokio::spawn(async move { visit(&store, &person(&format!("p{number}"))).await })
            })
            .collect();
        let mut codes = std::collections::BTreeMap::new();
        for call in waiting {
            let error = call.await.unwrap().expect_err("there is no room");
            *codes.entry(error.code()).or_insert(0) += 1;
        }
        assert!(codes.keys().all(|code| matches!(*code, "full" | "unavailable")), "{codes:?}");
        // A new secret needs less room than a visitor; where it has none either, the old one stays.
        let mut newest = current_secret(&store).await.secret;
        let error = loop {
            match store.regenerate_secret(bot()).await {
                Ok(secret) => newest = secret,
                Err(error) => break error,
            }
        };
        assert!(matches!(error, StoreError::Full(_)), "{error}: {error:?}");
        assert!(current_secret(&store).await.secret == newest);
        // A second store has no room to begin.
        let error = open(&Path::new(&folder).join("second.db")).await.expect_err("there is no room");
        tell(format!("a second store: {} {error:?}", error.code()));
        assert!(matches!(error, StoreError::Full(_)), "{error}: {error:?}");

        // Every visitor who was acknowledged is still known.
        for (number, subscriber) in known.iter().enumerate() {
            let session = visit(&store, &person(&format!("p{number}"))).await.unwrap();
            assert_eq!(
                (session.provisioned.subscriber, session.provisioned.created_subscriber),
                (*subscriber, false)
            );
        }

        // There is room again, and nobody restarted anything.
        remount("size=8m", &folder);
        for number in first_new..first_new + 20 {
            let session = visit(&store, &person(&format!("p{number}"))).await.unwrap();
            assert!(session.provisioned.created_subscriber && session.provisioned.granted == Some(CREDITS));
        }
        store.regenerate_secret(bot()).await.unwrap();
        close(store, &path);
        assert_eq!(sound(&Database::at(&path)), Rows::of(first_new as u64 + 20));
        tell(format!(
            "full disk: acknowledged {first_new}, lost 0, refused while full {codes:?}, duplicates 0"
        ));
    });
}

#[test]
fn a_full_disk_is_named_and_loses_nothing() {
    let place = Database::file();
    let lines = on_a_small_disk(&place.folder(), "breaking::disk::full_child");
    report(lines.last().unwrap());
}

#[test]
fn read_only_child() {
    let Some([folder]) = arguments() else { return };
    let path = Path::new(&folder).join("sso.db");
    block_on(async {
        let store = store_with_bot(&path).await;
        let known = visit(&store, &person("ada")).await.unwrap().provisioned.subscriber;
        close(store, &path);
        remount("ro", &folder);
        let error = open(&path).await.expect_err("the disk is read-only");
        tell(format!("{} {error:?}", error.code()));
        let error = open(&Path::new(&folder).join("new.db")).await.expect_err("the disk is read-only");
        tell(format!("{} {error:?}", error.code()));
        remount("rw", &folder);
        let store = open(&path).await.unwrap();
        assert_eq!(visit(&store, &person("ada")).await.unwrap().provisioned.subscriber, known);
    });
}

#[test]
fn a_read_only_disk_is_named() {
    let place = Database::file();
    for line in on_a_small_disk(&place.folder(), "breaking::disk::read_only_child") {
        assert!(line.starts_with("read_only "), "{line}");
    }
}

/// Opens the file as a user who may read it but not write it.
#[test]
fn guest_child() {
    let Some([path]) = arguments() else { return };
    let outcome = block_on(async {
        let store = open(Path::new(&path)).await?;
        tell("open");
        // Who has come today costs no write.
        assert!(!visit(&store, &person("ada")).await?.provisioned.created_subscriber);
        tell("returning");
        visit(&store, &person("bob")).await
    });
    let error = outcome.expect_err("the file is read-only");
    tell(format!("{} {error:?}", error.code()));
}

#[test]
fn a_read_only_file_is_named() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    let place = Database::file();
    let (path, binary) = (place.path(), place.folder().join("suite"));
    block_on(async {
        let store = store_with_bot(&path).await;
        visit(&store, &person("ada")).await.unwrap();
        close(store, &path);
    });
    let allow = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    allow(&path, 0o444);
    // Permissions do not bind root, so root runs it as another user, who may not even
    // see the folder of this binary.
    let is_root = fs::metadata(&path).unwrap().uid() == 0;
    let wrapper: &[&str] = if is_root {
        fs::copy(std::env::current_exe().unwrap(), &binary).unwrap();
        allow(&binary, 0o755);
        &["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    } else {
        std::os::unix::fs::symlink(std::env::current_exe().unwrap(), &binary).unwrap();
        &["env"]
    };
    for folder_mode in [0o555, 0o777] {
        allow(&place.folder(), folder_mode);
        let child = Child::start_binary(
            wrapper,
            binary.to_str().unwrap(),
            "breaking::disk::guest_child",
            &[path.to_str().unwrap()],
        );
        let lines = child.success();
        let last = lines.last().unwrap();
        assert!(last.starts_with("read_only "), "{folder_mode:o}: {lines:?}");
    }
    allow(&place.folder(), 0o755);
    // What a reader left beside the file has the file's rights.
    for end in ["db", "db-wal", "db-shm"] {
        let file = path.with_extension(end);
        if file.exists() {
            allow(&file, 0o644);
        }
    }
    block_on(async { visit(&open(&path).await.unwrap(), &person("bob")).await.unwrap() });
}
