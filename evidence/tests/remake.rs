//! The whole way: a folder with rows in, summary, plots and report out.

use std::fs;
use std::path::{Path, PathBuf};

use heliograph_evidence::{Error, HEADER, remake, student_t_975};

/// A folder of its own for a test.
fn folder(name: &str) -> PathBuf {
    let name = format!("heliograph-evidence-{name}-{}", std::process::id());
    let folder = std::env::temp_dir().join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn write_rows(folder: &Path, rows: &[String]) {
    let text = format!("{}\n{}\n", HEADER.join(","), rows.join("\n"));
    fs::write(folder.join("rows.csv"), text).unwrap();
}

/// A row at CBR 1/48 over `channel`.
fn row(picture: &str, snr: &str, codec: &str, seed: u32, psnr: f64, lpips: &str) -> String {
    format!("{picture},awgn,1/48,{snr},{codec},{seed},received,,0.0208,0,{psnr},0.8,0.9,{lpips},,")
}

fn text(folder: &Path, file: &str) -> String {
    fs::read_to_string(folder.join(file)).unwrap()
}

#[test]
fn the_report_tells_the_command_of_its_settings() {
    let folder = folder("command");
    write_rows(&folder, &[row("a", "1", "deepjscc", 0, 25.0, "0.3")]);
    fs::write(
        folder.join("run.json"),
        r#"{"codecs": ["softcast", "deepjscc"], "snr_db": ["1", "7"], "semantic": "ab12", "sample_rate_hz": 1e6}"#,
    )
    .unwrap();
    remake(&folder).unwrap();
    let html = text(&folder, "report.html");
    let command = "heliograph evaluate --pictures DIR --snr-db 1,7 --cbr 1/48 --codecs softcast,deepjscc --channels awgn \
                   --seeds 1 --sample-rate 1000000.0 --semantic FILE --out DIR";
    assert!(html.contains(command), "{html}");
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_number_too_large_for_a_plot_is_refused() {
    let folder = folder("large");
    write_rows(&folder, &[row("a", "1", "deepjscc", 0, 1e30, "0.3")]);
    let said = remake(&folder).unwrap_err().to_string();
    assert!(
        said.contains("rows.csv:2") && said.contains("psnr_db"),
        "{said}"
    );
    fs::remove_dir_all(folder).unwrap();
}

/// Every file that the report names is there.
fn assert_links(folder: &Path) {
    let html = text(folder, "report.html");
    let links = html.split("src=\"").chain(html.split("href=\"")).skip(1);
    for link in links.filter_map(|l| l.split('"').next()) {
        let is_file = link.ends_with(".svg") || link.ends_with(".png");
        assert!(!link.contains("//"), "{link}");
        assert!(!is_file || folder.join(link).is_file(), "{link}");
    }
    assert!(!html.contains("<script"), "no scripts");
    assert_well_formed(&html);
}

/// Elements close in the order in which they were opened.
fn assert_well_formed(html: &str) {
    let mut open = Vec::new();
    let body = html.split("</style>").nth(1).unwrap();
    for tag in body.split('<').skip(1) {
        let name: String = tag
            .trim_start_matches('/')
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .collect();
        if tag.starts_with('/') {
            let opened = open.pop();
            let is_outer = matches!(name.as_str(), "head" | "html");
            assert!(
                is_outer || opened.as_deref() == Some(name.as_str()),
                "{tag}"
            );
        } else if name != "img" {
            open.push(name);
        }
    }
}

#[test]
fn the_summary_holds_the_intervals_worked_by_hand() {
    let folder = folder("summary");
    // Seeds of a are averaged first: 20; then 20, 22, 27 as in any table of t.
    let rows = [
        row("a", "7", "softcast", 1, 19.0, ".3"),
        row("a", "7", "softcast", 2, 21.0, ".3"),
        row("b", "7", "softcast", 1, 22.0, ""),
        row("c", "7", "softcast", 1, 27.0, ".5").replace("received", "outage"),
    ];
    write_rows(&folder, &rows);
    remake(&folder).unwrap();
    let summary = text(&folder, "summary.csv");
    let line: Vec<&str> = summary.lines().nth(1).unwrap().split(',').collect();
    assert_eq!(
        line[..6],
        ["awgn", "1/48", "7", "softcast", "4", "0.750000"]
    );
    assert_eq!(line[6..8], ["3", "23.000000"]);
    let half = student_t_975(2) * (13.0_f64 / 3.0).sqrt();
    assert!((line[8].parse::<f64>().unwrap() - (23.0 - half)).abs() < 1e-5);
    assert!((line[9].parse::<f64>().unwrap() - (23.0 + half)).abs() < 1e-5);
    // LPIPS of two pictures: .3 and .5.
    assert_eq!(line[18..20], ["2", "0.400000"]);
    assert_eq!(*line.last().unwrap(), "0.02080000");
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn the_same_rows_give_the_same_bytes_in_any_order() {
    let (first, second) = (folder("same-1"), folder("same-2"));
    let codecs = ["softcast", "deepjscc-0", "deepjscc", "digital-qpsk-1/2"];
    let mut rows = Vec::new();
    for (i, picture) in ["a", "b", "c"].into_iter().enumerate() {
        for codec in codecs {
            for snr in [0, 4, 10] {
                let psnr = 20.1 + 0.3 * f64::from(snr) + i as f64 / 7.0;
                rows.push(row(picture, &snr.to_string(), codec, 1, psnr, "0.123"));
            }
        }
    }
    write_rows(&first, &rows);
    rows.reverse();
    write_rows(&second, &rows);
    let made = remake(&first).unwrap();
    remake(&second).unwrap();
    remake(&second).unwrap();
    for file in &made.files {
        let name = file.strip_prefix(&first).unwrap();
        let same = fs::read(file).unwrap() == fs::read(second.join(name)).unwrap();
        assert!(same, "{}", name.display());
    }
    assert_links(&first);
    let written = fs::read_dir(first.join("plots")).unwrap().count();
    assert_eq!(
        written + 4,
        made.files.len() + 1,
        "no temporary file is left"
    );
    for folder in [first, second] {
        fs::remove_dir_all(folder).unwrap();
    }
}

#[test]
fn few_rows_and_many_codecs_are_drawn() {
    let many = (0..12).map(|i| row("a", "7", &format!("codec{i}"), 1, 20.0 + f64::from(i), ".1"));
    let cases: [(&str, Vec<String>); 4] = [
        ("one", vec![row("a", "7", "x", 1, 20.0, ".1")]),
        (
            "two",
            vec![
                row("a", "7", "x", 1, 20.0, ".1"),
                row("b", "9", "y", 1, 20.0, ".1"),
            ],
        ),
        (
            "unmeasured",
            vec![
                row("a", "7", "x", 1, 20.0, ""),
                row("a", "9", "x", 1, 20.0, ""),
            ],
        ),
        ("twelve", many.collect()),
    ];
    for (name, rows) in cases {
        let folder = folder(name);
        write_rows(&folder, &rows);
        let made = remake(&folder).unwrap();
        assert!(
            made.files
                .iter()
                .any(|f| f.ends_with("plots/psnr-over-snr_awgn.svg"))
        );
        let has_lpips = made
            .files
            .iter()
            .any(|f| f.ends_with("plots/lpips-over-snr_awgn.svg"));
        assert_eq!(has_lpips, name != "unmeasured");
        assert_links(&folder);
        fs::remove_dir_all(folder).unwrap();
    }
}

#[test]
fn semantic_figures_are_drawn_where_they_were_measured() {
    let folder = folder("semantic");
    let semantic = |picture, snr, top1: f64| {
        let row = row(picture, snr, "x", 1, 20.0, ".1");
        format!("{},{top1},0.75", row.trim_end_matches(','))
    };
    let rows = [
        semantic("a", "7", 1.0),
        semantic("b", "7", 0.0),
        semantic("a", "9", 1.0),
        semantic("b", "9", 1.0),
    ];
    write_rows(&folder, &rows);
    remake(&folder).unwrap();
    let summary = text(&folder, "summary.csv");
    assert!(summary.contains("semantic_top1_mean"), "{summary}");
    assert!(summary.contains(",2,0.500000,"), "{summary}");
    for plot in ["top-1", "cosine"] {
        let file = format!("plots/{plot}-over-snr_awgn.svg");
        assert!(folder.join(file).is_file(), "{plot}");
    }
    assert!(text(&folder, "report.html").contains("top-1 agreement"));
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn hostile_labels_stay_labels() {
    let folder = folder("hostile");
    let evil = "\"../<script>alert(1)</script>&\"";
    let rows = [
        row(evil, "7", evil, 1, 20.0, ".1").replace("awgn", evil),
        row("b", "7", evil, 1, 21.0, ".1"),
    ];
    write_rows(&folder, &rows);
    let skipped = "picture,reason\n<b>x,\"a & b\"\n";
    fs::write(folder.join("skipped.csv"), skipped).unwrap();
    fs::write(
        folder.join("run.json"),
        r#"{"command": "<i>", "seeds": [1, 2]}"#,
    )
    .unwrap();
    for file in remake(&folder).unwrap().files {
        let parent = file.parent().unwrap();
        assert!(parent == folder || parent == folder.join("plots"));
        let name = file.file_name().unwrap().to_str().unwrap();
        let is_safe = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        assert!(
            name.chars().all(is_safe) && !name.starts_with('.'),
            "{name}"
        );
    }
    assert_links(&folder);
    let html = text(&folder, "report.html");
    assert!(html.contains("&lt;b&gt;x") && html.contains("&lt;i&gt;") && html.contains("1, 2"));
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn kept_pictures_make_a_grid() {
    let folder = folder("grid");
    write_rows(
        &folder,
        &[
            row("a/b", "7", "digital-16qam-1/2", 1, 20.0, ".1"),
            row("a/b", "9", "x", 1, 20.0, ".1"),
        ],
    );
    let kept = folder
        .join("pictures")
        .join(heliograph_evidence::unique_name("a/b"));
    fs::create_dir_all(&kept).unwrap();
    let photo = image::RgbImage::from_pixel(60, 40, image::Rgb([200, 40, 30]));
    photo.save(kept.join("sent.png")).unwrap();
    photo
        .save(kept.join("awgn_1-48_digital-16qam-1-2_7.png"))
        .unwrap();
    // A file that is no picture is a tile without one.
    fs::write(kept.join("awgn_1-48_x_9.png"), "no picture").unwrap();
    remake(&folder).unwrap();
    let grid = image::open(folder.join("grid-a-b.png")).unwrap().to_rgb8();
    assert!(grid.width() <= 2400);
    let red = grid.pixels().filter(|p| p.0 == [200, 40, 30]).count();
    assert!(red > 3 * 60 * 40, "sent twice, received once: {red}");
    assert_links(&folder);
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn errors_name_file_line_found_and_allowed() {
    let good = row("a", "7", "x", 1, 20.0, ".1");
    let header = HEADER.join(",");
    let cases = [
        (
            format!("{header}\n{}\n", good.replace(",20,", ",loud,")),
            ["rows.csv:2", "psnr_db", "loud", "a number up to 1e6"],
        ),
        (
            format!("{header}\n{good}\n{}\n", good.replace(",1/48", ",0")),
            ["rows.csv:3", "cbr", "\"0\"", "1/48"],
        ),
        (
            format!("{header}\n{}\n", good.replace("received", "lost")),
            ["rows.csv:2", "outcome", "lost", "not_detected"],
        ),
        (
            format!("{header}\n{good}\n{good}\n"),
            ["rows.csv:3", "line 2", "again", "once"],
        ),
        (
            format!("{header}\n{good},9\n"),
            ["rows.csv:2", "17", "16", "allowed"],
        ),
        (
            format!("{}\n{good}\n", header.replace("seed", "sead")),
            ["rows.csv:1", "sead", "seed", "allowed"],
        ),
        (
            format!("{header}\n"),
            ["rows.csv", "no rows", "allowed", "one or more"],
        ),
    ];
    let folder = folder("errors");
    assert!(matches!(remake(&folder), Err(Error::Missing { .. })));
    for (content, words) in cases {
        fs::write(folder.join("rows.csv"), content).unwrap();
        let message = remake(&folder).unwrap_err().to_string();
        assert!(words.iter().all(|w| message.contains(w)), "{message}");
    }
    write_rows(&folder, &[good]);
    fs::write(folder.join("run.json"), "[1]").unwrap();
    let message = remake(&folder).unwrap_err().to_string();
    assert!(
        message.contains("run.json") && message.contains("object"),
        "{message}"
    );
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_mean_of_those_that_arrived_is_not_drawn() {
    let folder = folder("survivors");
    let lost = row("b", "3", "x", 1, 0.0, "").replace(",0,0.8,0.9,", ",,,,");
    let lost = lost.replace("received", "outage");
    let rows = [
        row("a", "7", "x", 1, 30.0, ".1"),
        row("b", "7", "x", 1, 20.0, ".1"),
        row("a", "3", "x", 1, 30.0, ".1"),
        lost,
    ];
    write_rows(&folder, &rows);
    remake(&folder).unwrap();
    let svg = text(&folder, "plots/psnr-over-snr_awgn.svg");
    // Marks have white rims: one in the panel, at 7 dB, and one in the legend.
    assert_eq!(svg.matches("stroke=\"#ffffff\"").count(), 2);
    assert!(text(&folder, "report.html").contains("n = 1"));
    let summary = text(&folder, "summary.csv");
    assert!(summary.contains("awgn,1/48,3,x,2,0.500000,1,30.000000,,"));
    fs::remove_dir_all(folder).unwrap();
}
