//! Flags of large models where the program has none.

use std::fs;

use crate::common::Folder;

#[test]
fn without_large_models_their_flags_say_how_to_have_them() {
    let folder = Folder::new("no-large-models");
    folder.photo("a.png", 64, 64);
    fs::create_dir(folder.path("blip")).unwrap();
    fs::write(folder.path("blip/config.json"), "{}").unwrap();
    let models = folder.run(&["models"]);
    assert_eq!(models.code(), 1, "{}", models.out());
    let words = "this program was built without large models; build it with";
    assert!(models.err().contains(words), "{}", models.err());
    for flags in [
        &["--captioner", "blip"][..],
        &["--segmenter", "sam", "--roi", "auto"],
        &["--synthesis", "vae", "--codec", "latent"],
    ] {
        let run = folder.run(&[&["inspect", "a.png"], flags].concat());
        let words = format!("{}: this program was built without large models", flags[0]);
        assert_eq!(run.code(), 1, "{}", run.err());
        assert!(run.err().contains(&words), "{}", run.err());
    }
}
