//! The processes of a test: the demo, the driver, the browsers. All of them end with it.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    sync::Mutex,
};

use boostgpt_sso::time::{Duration as TimeSpan, OffsetDateTime};
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

use crate::browser::Browser;

pub(crate) struct World {
    pub(crate) site: String,
    pub(crate) boostgpt: String,
    driver: String,
    processes: Mutex<Vec<Child>>,
    clients: Mutex<Vec<Client>>,
    folder: TempDir,
    demo: PathBuf,
    /// How far the servers' clock is ahead, in seconds.
    ahead: Mutex<i64>,
}

impl World {
    pub(crate) async fn start(program: &Path, arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let command = || folder.path().to_owned();
        let clock = folder.path().join("clock");
        std::fs::write(&clock, "0").unwrap();
        let options = ["--port", "0", "--clock", clock.to_str().unwrap()];
        let demo = start(Command::new(program).args(options).args(arguments), &command());
        let (demo, (site, boostgpt)) = first_lines(demo, |text| {
            let address = |before| Some(text.split_once(before)?.1.split([')', '\n']).next()?.to_owned());
            address("open ").zip(address("dashboard are at ")).filter(|_| text.contains(')'))
        })
        .await
        .unwrap_or_else(|text| panic!("the demo stopped: {text}"));
        let (driver, address) = start_driver(&command()).await;
        let processes = Mutex::new(vec![demo, driver]);
        let (clients, ahead) = (Mutex::default(), Mutex::default());
        let demo = program.to_owned();
        Self { site, boostgpt, driver: address, processes, clients, folder, demo, ahead }
    }

    /// A world beside this one, with other options of the demo. It is to be stopped.
    pub(crate) async fn another(&self, options: &[&str]) -> Self {
        Self::start(&self.demo, options).await
    }

    /// Moves the servers' clock.
    pub(crate) fn move_clock(&self, seconds: i64) {
        let mut ahead = self.ahead.lock().unwrap();
        *ahead += seconds;
        let (new, clock) = (self.folder.path().join("clock.new"), self.folder.path().join("clock"));
        std::fs::write(&new, ahead.to_string()).unwrap();
        std::fs::rename(new, clock).unwrap();
    }

    /// The time of the servers' clock.
    pub(crate) fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc() + TimeSpan::seconds(*self.ahead.lock().unwrap())
    }

    /// A browser with a new profile, as people have it.
    pub(crate) async fn browser(&self) -> Browser {
        self.open(&["--window-size=1000,760"], json!({})).await
    }

    /// A browser with a new profile whose frames share the page's process: the driver's logs leave out all
    /// others.
    pub(crate) async fn browser_heard(&self) -> Browser {
        let together = "--disable-features=IsolateOrigins,site-per-process";
        self.open(&["--window-size=1000,760", "--disable-site-isolation-trials", together], json!({})).await
    }

    /// A browser on a phone that is 360 pixels wide.
    pub(crate) async fn phone(&self) -> Browser {
        let metrics = json!({ "width": 360, "height": 640, "pixelRatio": 2.0, "touch": true });
        self.open(&[], json!({ "mobileEmulation": { "deviceMetrics": metrics } })).await
    }

    /// A browser of this width: a window, or a phone; light or dark.
    pub(crate) async fn sized(&self, width: u32, phone: bool, dark: bool) -> Browser {
        let metrics = json!({ "width": width, "height": 844, "pixelRatio": 2.0, "touch": true });
        let options =
            if phone { json!({ "mobileEmulation": { "deviceMetrics": metrics } }) } else { json!({}) };
        let window = format!("--window-size={width},900");
        let arguments = [window.as_str(), if dark { "--force-dark-mode" } else { "--lang=en" }];
        self.open(&arguments, options).await
    }

    async fn open(&self, arguments: &[&str], mut options: Value) -> Browser {
        let profile = tempfile::tempdir_in(&self.folder).unwrap().keep();
        let own =
            ["--headless=new", "--no-first-run", "--disable-gpu", "--disable-dev-shm-usage", "--lang=en"];
        let mut all: Vec<String> = own.iter().chain(arguments).map(ToString::to_string).collect();
        all.push(format!("--user-data-dir={}", profile.display()));
        if std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0) {
            all.push("--no-sandbox".to_owned()); // Chromium's own sandbox does not work as root
        }
        options["args"] = json!(all);
        let capabilities = json!({
            "browserName": "chrome",
            "goog:chromeOptions": options,
            "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
        });
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities.as_object().unwrap().clone())
            .connect(&self.driver)
            .await
            .expect("Chromium starts: is Debian's `chromium` installed?");
        self.clients.lock().unwrap().push(client.clone());
        Browser { client, site: self.site.clone(), boostgpt: self.boostgpt.clone() }
    }

    /// Closes the browsers, then ends the processes.
    pub(crate) async fn stop(&self) {
        let clients: Vec<_> = self.clients.lock().unwrap().drain(..).collect();
        for client in clients {
            client.close().await.ok();
        }
        let processes: Vec<_> = self.processes.lock().unwrap().drain(..).collect();
        for mut process in processes {
            process.kill().await.ok();
        }
    }
}

fn start(command: &mut Command, folder: &Path) -> Child {
    let program = command.as_std().get_program().to_owned();
    let command = command.env("TMPDIR", folder).env_remove("BOOSTGPT_SSO_STORE").kill_on_drop(true);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap_or_else(|error| {
        panic!("{}: {error}: install Debian's `chromium` and `chromium-driver`", program.display())
    })
}

/// Starts ChromeDriver on a free port. It looks for one in IPv6 first, and ends if another program has that
/// one in IPv4: then it is started again.
async fn start_driver(folder: &Path) -> (Child, String) {
    loop {
        let driver = start(Command::new("chromedriver").arg("--port=0"), folder);
        let found = first_lines(driver, |text| {
            let port = text.split_once("started successfully on port ")?.1.split_once('.')?.0;
            Some(format!("http://127.0.0.1:{port}"))
        });
        match found.await {
            Ok(found) => return found,
            Err(text) => assert!(text.contains("port not available"), "ChromeDriver stopped: {text}"),
        }
    }
}

/// Reads what the process prints until that says where it is. An error is what a process printed that ended.
async fn first_lines<T>(mut process: Child, find: impl Fn(&str) -> Option<T>) -> Result<(Child, T), String> {
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let mut text = String::new();
    while let Some(line) = lines.next_line().await.unwrap() {
        text = text + &line + "\n";
        if let Some(found) = find(&text) {
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return Ok((process, found));
        }
    }
    Err(text)
}
