use heliograph::metrics::psnr_db;

use super::*;

const FAST: [PictureFormat; 2] = [PictureFormat::Jpeg, PictureFormat::WebP];

fn photo(width: u32, height: u32) -> Photo {
    let value = |at: u32| (at / 3 % width * 255 / width) as u8;
    let size = PhotoSize::new(width, height).unwrap();
    Photo::new(size, (0..3 * width * height).map(value).collect()).unwrap()
}

fn codec(mcs: &str, formats: &[PictureFormat]) -> DigitalCodec {
    DigitalCodec::new(mcs.parse().unwrap(), formats, Fitter::default().into())
}

fn received<'a>(sent: &'a Latents, variances: &'a [f32]) -> ReceivedLatents<'a> {
    ReceivedLatents {
        symbols: &sent.symbols,
        variances,
    }
}

#[test]
fn every_scheme_brings_the_very_file_that_was_sent() {
    let photo = photo(48, 32);
    let fitter = Arc::new(Fitter::default());
    for mcs in Mcs::all() {
        let codec = DigitalCodec::new(mcs, &PictureFormat::ALL, fitter.clone());
        let sent = codec.encode(&photo, None, 4_000).unwrap();
        assert_eq!(sent.symbols.len(), 4_000);
        let arrived = receive(
            received(&sent, &[1e-3; 4_000]),
            &sent.side_information,
            photo.size(),
        );
        let file = codec.file(&photo, 4_000).unwrap();
        let Reception::Picture {
            photo: found,
            format,
            scale,
        } = arrived.unwrap()
        else {
            panic!("{mcs} did not arrive");
        };
        assert_eq!((format, scale), (file.format, file.scale), "{mcs}");
        assert_eq!(psnr_db(&photo, &found).unwrap(), file.psnr_db, "{mcs}");
    }
}

#[test]
fn an_outage_is_grey_and_says_so() {
    let photo = photo(64, 48);
    let codec = codec("64qam-5/6", &FAST);
    let sent = codec.encode(&photo, None, 3_000).unwrap();
    let lost = [f32::INFINITY; 3_000];
    let found = receive(received(&sent, &lost), &sent.side_information, photo.size()).unwrap();
    assert!(
        matches!(found, Reception::Outage(Outage::Blocks { lost: 1.., .. })),
        "{found:?}"
    );
    let grey = Photo::filled(photo.size(), [128; 3]);
    let painted = codec.decode(received(&sent, &lost), &sent.side_information, photo.size());
    assert_eq!(painted.unwrap(), grey);
    assert_eq!(codec.decode_blind(photo.size()), grey);
}

#[test]
fn where_no_file_fits_the_symbols_are_there_and_the_receiver_is_told() {
    for (size, budget) in [((1, 1), 1), ((64, 48), 60), ((3, 500), 40)] {
        let photo = photo(size.0, size.1);
        let codec = codec("qpsk-1/3", &PictureFormat::ALL);
        let sent = codec.encode(&photo, None, budget).unwrap();
        assert_eq!(sent.symbols.len(), budget);
        assert!(
            sent.symbols
                .iter()
                .all(|symbol| (symbol.norm() - 1.0).abs() < 1e-6)
        );
        let variances = vec![0.1; budget];
        let found = receive(
            received(&sent, &variances),
            &sent.side_information,
            photo.size(),
        );
        assert_eq!(found.unwrap(), Reception::Outage(Outage::NothingSent));
    }
    let error = codec("qpsk-1/3", &FAST)
        .encode(&photo(4, 4), None, 0)
        .unwrap_err();
    assert_eq!(error, CodecError::Budget { found: 0 });
}

#[test]
fn side_information_that_nobody_wrote_is_an_error_and_symbols_never_are() {
    let size = PhotoSize::new(9, 7).unwrap();
    let symbols = [Complex32::new(f32::NAN, 1e30); 50];
    let of = |symbols, variances| ReceivedLatents { symbols, variances };
    for side in [&[][..], &[1, 2], &[Mcs::COUNT as u8 + 1], &[255]] {
        let error = receive(of(&symbols, &[0.0; 50]), side, size).unwrap_err();
        assert!(
            matches!(error, CodecError::SideInformation { .. }),
            "{error}"
        );
    }
    for number in 0..=Mcs::COUNT as u8 {
        let found = receive(of(&symbols, &[0.0; 50]), &[number], size).unwrap();
        assert!(matches!(found, Reception::Outage(_)));
        assert!(matches!(
            receive(of(&[], &[]), &[number], size),
            Ok(Reception::Outage(_))
        ));
    }
    let error = receive(of(&symbols, &[0.0; 49]), &[1], size).unwrap_err();
    assert_eq!(
        error,
        CodecError::Lengths {
            symbols: 50,
            variances: 49
        }
    );
}

#[test]
fn payloads_with_right_checks_and_wrong_files_are_damage() {
    let size = PhotoSize::new(64, 48).unwrap();
    let payload = Payload::new("qpsk-1/2".parse().unwrap(), 2_000).unwrap();
    let good = codec("qpsk-1/2", &FAST)
        .file(&photo(64, 48), 2_000)
        .unwrap();
    let file = |first: u8, end: &[u8]| [&[first][..], &good.bytes, end].concat();
    let right = tag(good.format, good.scale);
    for bytes in [
        vec![],
        vec![0; 9],
        vec![END],
        file(right, &[1]),
        file(99, &[END]),
        file(0x21, &[END]),
    ] {
        let symbols = payload.modulate(&bytes).unwrap();
        let arrived = ReceivedLatents {
            symbols: &symbols,
            variances: &[0.01; 2_000],
        };
        let found = receive(
            arrived,
            &side_information(Some("qpsk-1/2".parse().unwrap())),
            size,
        );
        assert_eq!(found.unwrap(), Reception::Outage(Outage::Damaged));
    }
}
