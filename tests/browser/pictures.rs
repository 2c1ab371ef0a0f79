//! The pictures of the README.

use std::{fs, path::Path};

use crate::{browser::ADA, world::World};

pub(crate) async fn take(world: &World, folder: &Path) {
    let browser = world.browser().await;
    browser.set_up(ADA).await;
    browser.chat_on("/script-tag").await;
    browser.say("Remember that my favourite book is Frankenstein.").await;
    browser.client.refresh().await.unwrap();
    browser.open_chat().await;
    browser.say("What do you remember?").await;
    let save = async |name: &str| fs::write(folder.join(name), browser.client.screenshot().await.unwrap()).unwrap();
    browser.out_of_the_frame().await;
    save("widget.png").await;
    browser.generate().await;
    browser.dashboard().await;
    save("dashboard.png").await;
}
