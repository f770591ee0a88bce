//! Captions: given or found, what they cost, and what is refused.

use serde_json::Value;

use crate::common::Folder;

fn inspected(folder: &Folder, more: &[&str]) -> Value {
    let words = [&["inspect", "a.png", "--json", "--out", "page.png"], more].concat();
    folder.run(&words).ok().reports().remove(0)
}

fn uses_of_caption(found: &Value) -> f64 {
    let uses = found["channel_uses"].as_array().unwrap().iter();
    let mut caption = uses.filter(|cost| cost["kind"] == "caption");
    caption.next().unwrap()["uses"].as_f64().unwrap()
}

#[test]
fn inspect_says_what_a_caption_costs() {
    let folder = Folder::new("captions-inspect");
    folder.photo("a.png", 200, 130);
    let none = inspected(&folder, &["--caption", ""]);
    assert!(none["caption"].is_null() && none["caption_origin"].is_null());
    assert_eq!(uses_of_caption(&none), 0.0);

    let text = "Two brown dogs are playing in the snow.";
    let given = inspected(&folder, &["--caption", text]);
    assert_eq!(
        (&given["caption"], &given["caption_origin"]),
        (&text.into(), &"given".into())
    );
    assert_eq!(given["caption_text_bytes"], text.len());
    assert!(given["bytes"]["caption"].as_u64().unwrap() < 15, "{given}");
    assert!(uses_of_caption(&given) > 0.0);

    let emoji = inspected(&folder, &["--caption", "😀😀😀"]);
    assert_eq!(
        (&emoji["caption"], &emoji["bytes"]["caption"]),
        (&"😀😀😀".into(), &12.into())
    );

    assert!(inspected(&folder, &[])["caption"].is_null());
}

#[test]
fn a_captioner_that_cannot_be_used_is_named_before_anything_is_sent() {
    let folder = Folder::new("captions-captioner");
    folder.photo("a.png", 64, 48);
    std::fs::create_dir(folder.path("models")).unwrap();
    let refused = |words: &str| {
        for command in ["loopback", "inspect"] {
            let run = folder.run(&[command, "a.png", "--captioner", "models"]);
            assert_eq!(run.code(), 1);
            let said = run.err();
            assert!(
                said.contains("captioner.safetensors") && said.contains(words),
                "{said}"
            );
        }
    };
    refused("No such file");
    std::fs::write(folder.path("models/captioner.safetensors"), "no weights").unwrap();
    refused("no safetensors file");
}

#[test]
fn captions_of_0_and_1024_bytes_are_sent_and_1025_refused() {
    let folder = Folder::new("captions-length");
    folder.photo("a.png", 64, 48);
    let sent = |caption: &str| {
        let words = [
            "loopback", "a.png", "--snr-db", "15", "--json", "--codec", "softcast",
        ];
        folder.run(&[&words[..], &["--caption", caption]].concat())
    };
    assert_eq!(sent("").ok().reports()[0]["caption_state"], "not_sent");
    for longest in [
        "x".repeat(1024),
        "😀".repeat(256),
        "a red dog ".repeat(102) + "runs",
    ] {
        assert_eq!(longest.len(), 1024);
        assert_eq!(
            sent(&longest).ok().reports()[0]["caption_received"],
            longest.as_str()
        );
    }
    let refused = sent(&"x".repeat(1025));
    assert_eq!(refused.code(), 2);
    assert!(refused.err().contains("1025 bytes"), "{}", refused.err());
}

#[test]
fn two_captions_are_refused() {
    let folder = Folder::new("captions-refused");
    folder.photo("a.png", 64, 48);
    for command in ["loopback", "transmit"] {
        let run = folder.run(&[
            command,
            "a.png",
            "--caption",
            "boat",
            "--captioner",
            "folder",
        ]);
        assert_eq!(run.code(), 2);
        let said = run.err();
        assert!(
            said.contains("--captioner") && said.contains("--caption <"),
            "{said}"
        );
    }
}

#[cfg(unix)]
#[test]
fn a_caption_that_is_no_text_is_refused() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let folder = Folder::new("captions-no-text");
    folder.photo("a.png", 64, 48);
    let mut command = folder.command(&["loopback", "a.png", "--caption"]);
    let output = command
        .arg(OsStr::from_bytes(b"\xff\xfe boat"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("UTF-8"), "{said}");
}
