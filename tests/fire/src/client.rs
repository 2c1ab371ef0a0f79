//! A client process: several tasks that visit, replay and erase, by the plan of their seed, until they are
//! told to stop.

use boostgpt_sso::SecretVersion;
use std::{
    collections::VecDeque,
    io::BufRead as _,
    path::Path,
    process::exit,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::Duration,
};

use boostgpt_sso::store::BotSecret;
use tokio::time::sleep;

use crate::{
    journal::Journal,
    people::{PROJECTS, START, STEP, random_label},
    process::{arguments, runtime, tell},
    recorder::{Answer, Recorder, Visit, sign},
    rng::Rng,
};

/// How many tasks visit, and how many erase.
const VISITORS: u64 = 6;
const ERASERS: u64 = 2;
/// How many look at dashboards all the time, where any do.
const DASHBOARDS: u64 = 8;
/// How many tokens a task keeps to present them again.
const KEPT: usize = 8;

/// Takes up the role of a client, where this process has it, and does not come back.
pub fn run_if_asked() {
    let Some([address, prepares, name, seed, progress, journal, keys, reports]) = arguments() else {
        return;
    };
    let (seed, progress) = (seed.parse().unwrap(), progress.parse().unwrap());
    let stop = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&stop);
    std::thread::spawn(move || {
        // The end of the input, at the latest that of our parent.
        std::io::stdin().lock().lines().map_while(Result::ok).for_each(drop);
        told.store(true, SeqCst);
    });
    runtime().block_on(async {
        let journal = Arc::new(Journal::create(Path::new(&journal)));
        let prepares = prepares == "true";
        let Some(recorder) = Recorder::open_with(&address, journal, prepares, &keys).await else { exit(1) };
        tell("open");
        let recorder = Arc::new(recorder);
        let visitors = (0..VISITORS).map(|task| {
            tokio::spawn(visit(Arc::clone(&recorder), Arc::clone(&stop), Rng::new(&[seed, task]), progress))
        });
        let erasers = (VISITORS..VISITORS + ERASERS).map(|task| {
            let rng = Rng::new(&[seed, task]);
            tokio::spawn(erase(
                Arc::clone(&recorder),
                Arc::clone(&stop),
                rng,
                progress,
                format!("e{name}t{task}"),
            ))
        });
        let dashboards = if reports == "true" { DASHBOARDS } else { 0 };
        let dashboards = (0..dashboards).map(|task| {
            let rng = Rng::new(&[seed, VISITORS + ERASERS + task]);
            tokio::spawn(look(Arc::clone(&recorder), Arc::clone(&stop), rng))
        });
        for task in visitors.chain(erasers).chain(dashboards).collect::<Vec<_>>() {
            task.await.unwrap();
        }
    });
    exit(0);
}

/// A visit that was made, to be made again with the same token.
struct Kept {
    visit: Visit,
    version: SecretVersion,
    token: String,
}

/// Visits as the person whom the rng choose, with a secret kept until refused, as a customer's back end
/// does.
async fn visit(recorder: Arc<Recorder>, stop: Arc<AtomicBool>, mut rng: Rng, mut progress: u64) {
    let mut secrets: [Option<BotSecret>; PROJECTS] = Default::default();
    let mut kept = VecDeque::new();
    while !stop.load(SeqCst) {
        progress += 1;
        let now = START + progress as i64 * STEP + rng.roll(1000) as i64;
        let replays = rng.one_in(5);
        let again = kept.remove(rng.roll(KEPT as u64) as usize).filter(|_| replays);
        let mut next = again;
        if let Some(Kept { visit, .. }) = &mut next {
            visit.now = visit.issued + rng.roll(3000) as i64;
        } else {
            let project = rng.roll(PROJECTS as u64) as usize;
            let (label, variant) = (random_label(&mut rng, progress), rng.roll(30));
            let visit = Visit { project, label, variant, issued: now - rng.roll(600) as i64, now };
            if secrets[project].is_none() {
                secrets[project] = recorder.secret(project).await;
            }
            if let Some(secret) = &secrets[project] {
                next = Some(Kept { token: sign(&visit, secret), version: secret.version, visit });
            }
        }
        let Some(next) = next else {
            sleep(Duration::from_millis(30)).await;
            continue;
        };
        let mut tries = 1 + rng.roll(3);
        loop {
            let answer = recorder.present(&next.visit, next.version, &next.token).await;
            tries -= 1;
            match answer {
                Answer::Stale => {
                    let project = next.visit.project;
                    secrets[project].take_if(|secret| secret.version == next.version);
                    // Some are presented again all the same.
                    if rng.one_in(3) {
                        kept.push_back(next);
                    }
                    break;
                }
                Answer::Unknown if tries > 0 => sleep(Duration::from_millis(rng.roll(40))).await,
                _ => {
                    kept.push_back(next);
                    break;
                }
            }
        }
        kept.truncate(KEPT);
        if !rng.one_in(3) {
            sleep(Duration::from_millis(rng.roll(30))).await;
        }
    }
}

/// One dashboard after the other.
async fn look(recorder: Arc<Recorder>, stop: Arc<AtomicBool>, mut rng: Rng) {
    while !stop.load(SeqCst) {
        recorder.report(rng.draw(), rng.roll(PROJECTS as u64) as usize).await;
    }
}

/// People whom no other client visits: they come, are erased while they come, try to come back with what they
/// had, and come back with something newer.
async fn erase(
    recorder: Arc<Recorder>,
    stop: Arc<AtomicBool>,
    mut rng: Rng,
    mut progress: u64,
    name: String,
) {
    for number in 0.. {
        if stop.load(SeqCst) {
            return;
        }
        progress += 1;
        let label = format!("{name}n{number}");
        let project = rng.roll(PROJECTS as u64) as usize;
        let when = START + progress as i64 * STEP;
        let token =
            |variant, issued| Visit { project, label: label.clone(), variant, issued, now: issued + 30 };
        if rng.one_in(3) {
            let elsewhere = Visit { project: (project + 1) % PROJECTS, ..token(0, when - 400) };
            recorder.insist(&elsewhere, 3).await;
        }
        let first = recorder.insist(&token(0, when - 300), 5).await;
        let moves = rng.one_in(2);
        let second = if moves { recorder.insist(&token(1, when - 200), 5).await } else { None };
        let Some(session) = second.as_ref().or(first.as_ref()) else { continue };
        // The address alone names them where they have held it.
        let names = [true, true, first.is_some(), second.is_some()];
        let (before, beside) = (token(1, when - 100), token(0, when - 150));
        let (forgotten, ..) = tokio::join!(
            recorder.forget(project, &label, session.provisioned.subscriber, when, 10),
            recorder.insist(&before, 2),
            recorder.insist(&beside, 2),
        );
        if forgotten {
            for variant in (0..4).filter(|variant| names[*variant as usize]) {
                let old = token(variant, when - 300 + rng.roll(361) as i64);
                recorder.insist(&old, 3).await;
            }
            if rng.one_in(2) {
                recorder.insist(&token(1, when + 61 + rng.roll(60) as i64), 3).await;
                recorder.insist(&token(rng.roll(2), when), 3).await;
            }
        }
        sleep(Duration::from_millis(rng.roll(60))).await;
    }
}
