//! The pictures of the README.

use std::{fs, path::Path};

use crate::{browser::ADA, world::World};

pub(crate) async fn take(world: &World, folder: &Path) {
    let browser = world.browser().await;
    let save =
        async |name: &str| fs::write(folder.join(name), browser.client.screenshot().await.unwrap()).unwrap();
    browser.client.set_window_size(1240, 840).await.unwrap();
    browser.set_up(ADA).await;
    browser.chat_on("/script-tag").await;
    browser.say("Remember that my favourite book is Frankenstein.").await;
    browser.client.refresh().await.unwrap();
    browser.open_chat().await;
    browser.say("What do you remember?").await;
    browser.out_of_the_frame().await;
    save("demo-widget.png").await;
    browser.client.set_window_size(900, 1240).await.unwrap();
    browser.dashboard().await;
    save("demo-dashboard.png").await;
}
