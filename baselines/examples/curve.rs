//! scratch
use heliograph::photo::Photo;
use heliograph_baselines::*;
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let photo = Photo::open(&a[1]).unwrap();
    let fitter = Fitter::default();
    for bytes in a[2..].iter().map(|x| x.parse::<usize>().unwrap()) {
        for f in PictureFormat::ALL {
            let t = std::time::Instant::now();
            match fitter.fit(&photo, f, bytes) {
                Some(x) => println!("{f} {bytes} -> {} {:?} {:.2} dB, {:.1} s", x.bytes.len(), x.scale, x.psnr_db, t.elapsed().as_secs_f64()),
                None => println!("{f} {bytes} -> none"),
            }
        }
    }
}
