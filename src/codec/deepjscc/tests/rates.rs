//! Which block gets how much of the channel.

use super::*;
use crate::codec::Cbr;

#[test]
fn every_budget_is_spent_exactly_at_unit_power() {
    for (width, height, budget) in [(1, 1, 1), (3, 50, 17), (64, 32, 512), (40, 40, 4000)] {
        let sent = CODEC.encode(&photo(width, height), None, budget);
        let sent = sent.expect("latents");
        assert_eq!(sent.symbols.len(), budget);
        let power = sent.symbols.iter().map(|x| x.norm_sqr()).sum::<f32>() / budget as f32;
        assert!(
            (power - 1.0).abs() < 1e-3,
            "{width}x{height}: power {power}"
        );
    }
    let refused = CODEC.encode(&photo(4, 4), None, 0);
    assert_eq!(refused, Err(CodecError::Budget { found: 0 }));
}

#[test]
fn the_rates_that_the_networks_hear_are_those_that_are_sent() {
    let photo = photo(64, 32);
    let map = RateMap::new(2, 1, vec![7, 15]).expect("map");
    let sent = CODEC.encode(&photo, Some(&map), 136).expect("latents");
    let grid = Grid::of(photo.size());
    // What is asked, times what the photo holds; for so few symbols in no more bytes than what is asked takes.
    let spent = spending::rate_map(
        Allocation::Balanced,
        &grid.planes(&photo),
        grid,
        Some(&map),
        136,
    )
    .expect("map");
    assert!(spent.to_bytes().len() <= map.to_bytes().len());
    let rates = Rates::new(grid, Some(&spent), 272, COMPONENTS);
    let [low, high] = [0, 1].map(|block| rates.of_blocks()[block]);
    assert!(low > 0 && high > 8 * low && low + high == 272, "{rates:?}");
    let analysis = &CODEC.networks.analysis;
    let latents = analysis.latents(grid.planes(&photo), &[low, high], &mut |_, _| ());
    let linear = &CODEC.networks.linear;
    let latents = latents.expect("latents");
    let expected = block_latents::send(
        linear,
        grid,
        &latents,
        &rates,
        Some(&spent),
        Loudness::ByRate,
    );
    assert_eq!(sent, expected);
}

#[test]
fn blocks_that_are_to_get_nothing_get_nothing_at_any_rate() {
    // Odd numbers of blocks: cells of two by two would not fit.
    let photo = photo(9 * 32, 5 * 32);
    let grid = Grid::of(photo.size());
    let is_key = |block: usize| (2..5).contains(&(block % 9)) && (1..3).contains(&(block / 9));
    let levels = (0..45).map(|block| if is_key(block) { 15 } else { 0 });
    let map = RateMap::new(9, 5, levels.collect()).expect("map");
    for (budget, allocation) in [100, 400, 2000, 9000]
        .into_iter()
        .flat_map(|budget| Allocation::ALL.map(|allocation| (budget, allocation)))
    {
        let planes = grid.planes(&photo);
        let spent = spending::rate_map(allocation, &planes, grid, Some(&map), budget);
        let rates = Rates::new(grid, spent.as_ref(), 2 * budget, COMPONENTS);
        for (block, sent) in rates.of_blocks().iter().enumerate() {
            let named = format!("{allocation:?}, {budget}: block {block}");
            assert_eq!(*sent > 0, is_key(block), "{named}");
        }
    }
}

/// Blocks of every share of detail, in one column or more.
fn ramp(columns: u32, rows: u32) -> Photo {
    let size = PhotoSize::new(32 * columns, 32 * rows).expect("size");
    let places = (0..32 * rows).flat_map(|y| (0..32 * columns).map(move |x| (x, y)));
    let value = |(x, y): (u32, u32)| {
        let strength = (x / 32 * 7 + y / 32 * 5) % 11 * 9;
        100 + ((x / 3 + y / 3) % 2 * strength) as u8
    };
    let rgb = places.flat_map(|place| [value(place); 3]).collect();
    Photo::new(size, rgb).expect("length")
}

/// From CBR 1/8 on every component is sent; more symbols are copies, which may cost a fifth of squared error, not the multiple it was when networks were told of them.
#[test]
fn more_symbols_than_components_make_no_picture_worse() {
    let photo = photo(192, 128);
    let squared_error = |cbr: &str| {
        let budget = cbr.parse::<Cbr>().unwrap().symbols(photo.size());
        let sent = CODEC.encode(&photo, None, budget).expect("latents");
        let found = decoded(&sent, &vec![0.01; budget], photo.size());
        let pairs = photo.rgb().iter().zip(found.rgb());
        pairs
            .map(|(a, b)| u64::from(a.abs_diff(*b)).pow(2))
            .sum::<u64>()
    };
    let once = squared_error("1/8");
    for cbr in ["1/6", "1/4", "1/2", "1"] {
        let found = squared_error(cbr);
        assert!(found as f64 <= 1.2 * once as f64, "{cbr}: {found}, {once}");
    }
}

/// Figures were measured with these maps.
#[test]
fn the_default_map_is_what_it_was() {
    let photo = ramp(12, 8);
    let grid = Grid::of(photo.size());
    let planes = grid.planes(&photo);
    let map = spending::rate_map(Allocation::default(), &planes, grid, None, 6000);
    assert_eq!(
        map.expect("map").to_bytes(),
        [0, 80, 3, 250, 193, 100, 214, 223, 253, 128]
    );
}

#[test]
fn maps_fit_into_what_they_may_cost() {
    for (columns, rows) in [(1, 40), (40, 1), (12, 8)] {
        let photo = ramp(columns, rows);
        let grid = Grid::of(photo.size());
        for budget in [20, 500, 2000, 6000] {
            let map = |allocation| {
                let planes = grid.planes(&photo);
                let map = spending::rate_map(allocation, &planes, grid, None, budget);
                assert!(
                    map.iter()
                        .all(|map| map.to_bytes().len() <= budget / 24 / 8)
                );
                map
            };
            let found = map(Allocation::Distortion);
            assert_eq!(
                found.is_some(),
                map(Allocation::Balanced).is_some(),
                "{budget}"
            );
            let levels = found.iter().flat_map(RateMap::levels);
            assert!(levels.copied().all(|level| level > 0));
        }
    }
}

/// Fine checks in the right half, nothing in the left.
fn half_checked(width: u32, height: u32) -> Photo {
    let size = PhotoSize::new(width, height).expect("size");
    let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    let value = |(x, y)| {
        if x >= width / 2 && (x / 3 + y / 3) % 2 == 0 {
            200
        } else {
            100
        }
    };
    let rgb = places.flat_map(|place| [value(place); 3]).collect();
    Photo::new(size, rgb).expect("length")
}

#[test]
fn blocks_that_hold_more_get_more() {
    let photo = half_checked(256, 128);
    let sent = CODEC.encode(&photo, None, 4000).expect("latents");
    let map = block_latents::rate_map(&sent.side_information).expect("map");
    assert_eq!((map.columns(), map.rows()), (8, 4));
    assert!(
        map.levels().chunks(8).all(|row| row[1] + 8 < row[6]),
        "{:?}",
        map.levels()
    );
    let asked = RateMap::new(2, 1, vec![15, 0]).expect("map");
    let sent = CODEC.encode(&photo, Some(&asked), 4000).expect("latents");
    let found = CODEC.block_symbols(&sent.side_information, photo.size(), 4000);
    let symbols = found.expect("map").expect("blocks").symbols;
    assert!(symbols.chunks(8).all(|row| row[1] > 0.0 && row[6] == 0.0));
}

/// Strong edges in the leftmost of eight columns of blocks, faint texture in the others.
fn faint_beside_strong() -> Photo {
    let size = PhotoSize::new(256, 64).expect("size");
    let places = (0..64).flat_map(|y| (0..256).map(move |x| (x, y)));
    let value = |(x, y): (u32, u32)| match ((x / 3 + y / 3) % 2, x / 32) {
        (0, _) => 100,
        (_, 0) => 230,
        _ => 112,
    };
    let rgb = places.flat_map(|place| [value(place); 3]).collect();
    Photo::new(size, rgb).expect("length")
}

#[test]
fn an_allocation_decides_what_faint_texture_gets() {
    let photo = faint_beside_strong();
    let strong = |allocation| {
        let codec = CODEC.clone().with_allocation(allocation);
        let sent = codec.encode(&photo, None, 1200).expect("latents");
        let found = codec.block_symbols(&sent.side_information, photo.size(), 1200);
        found.expect("map").expect("blocks").symbols[0]
    };
    let [balanced, distortion, even] = Allocation::ALL.map(strong);
    assert!((even - 75.0).abs() < 1.0, "{even}");
    assert!(balanced > 1.1 * even, "{balanced}, even {even}");
    assert!(
        distortion > 1.3 * balanced,
        "{distortion}, balanced {balanced}"
    );
}

#[test]
fn blocks_of_higher_rate_are_louder_and_the_receiver_knows() {
    let photo = photo(256, 128);
    let asked = RateMap::new(2, 1, vec![15, 3]).expect("map");
    let sent = CODEC.encode(&photo, Some(&asked), 1500).expect("latents");
    let psnr = |side_information: Vec<u8>| {
        let sent = Latents {
            side_information,
            ..sent.clone()
        };
        let painted = decoded(&sent, &[1e-4; 1500], photo.size());
        crate::metrics::psnr_db(&photo, &painted).expect("sizes")
    };
    let told = sent.side_information.clone();
    let mut untold = told.clone();
    assert!(matches!(untold[0], 3 | 7), "version {}", untold[0]);
    untold[0] -= 1;
    let [told, untold] = [told, untold].map(psnr);
    assert!(told > untold + 1.0, "{told} dB, untold {untold} dB");
}

#[test]
fn no_map_is_sent_where_every_block_is_sent_whole() {
    let photo = half_checked(256, 128);
    let sent = CODEC
        .encode(&photo, None, 32 * COMPONENTS / 2)
        .expect("latents");
    assert_eq!(block_latents::rate_map(&sent.side_information), None);
}

/// A slope from top to bottom with a fine grain.
fn sky() -> Photo {
    let size = PhotoSize::new(256, 192).expect("size");
    let places = (0..192).flat_map(|y| (0..256).map(move |x| (x, y)));
    let value = |(x, y): (u32, u32)| {
        let grain = (x * 7 + y * 13) % 23;
        [
            (60 + y / 2 + grain) as u8,
            (90 + y / 2) as u8,
            230 - (y / 4) as u8,
        ]
    };
    Photo::new(size, places.flat_map(value).collect()).expect("length")
}

/// Louder blocks, copies, blocks that send nothing: without noise a field changes nothing.
#[test]
fn latents_come_back_as_without_a_field() {
    let photo = sky();
    let grid = Grid::of(photo.size());
    let map = RateMap::new(4, 3, [15, 12, 0, 13].repeat(3)).expect("map");
    let budget = grid.blocks() * COMPONENTS;
    let rates = Rates::new(grid, Some(&map), 2 * budget, COMPONENTS);
    assert!(rates.of_blocks().contains(&0));
    let networks = &CODEC.networks;
    let latents = networks
        .analysis
        .latents(grid.planes(&photo), rates.of_blocks(), &mut |_, _| ());
    let latents = latents.expect("latents");
    let weights = DeepJsccCodec::weights(None).expect("weights");
    let without = LinearStage::load(&weights, COMPONENTS).expect("stage");
    let [with, without] = [(&networks.linear, 7), (&without, 3)].map(|(linear, version)| {
        let map = Some(&map);
        let sent = block_latents::send(linear, grid, &latents, &rates, map, Loudness::ByRate);
        assert_eq!(sent.side_information[0], version);
        let received = ReceivedLatents {
            symbols: &sent.symbols,
            variances: &vec![1e-8; budget],
        };
        let side = &sent.side_information;
        let found = block_latents::receive(linear, grid, received, side, 0.0);
        found.expect("latents").latents
    });
    let pairs = with.data().iter().zip(without.data());
    let largest = pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(largest < 0.02, "{largest}");
}

#[test]
fn what_the_blocks_have_in_common_travels_digitally() {
    let photo = sky();
    let sent = CODEC.encode(&photo, None, 2000).expect("latents");
    assert_eq!(sent.side_information[0], 6, "the version");
    let field = usize::from(sent.side_information[3]);
    assert!((1..30).contains(&field), "{field} bytes");
    let painted = decoded(&sent, &[0.5; 2000], photo.size());
    let psnr = crate::metrics::psnr_db(&photo, &painted).expect("sizes");
    // Without these bytes nobody knows what the symbols are missing.
    let mut without = sent.clone();
    without.side_information[0] = 2;
    without.side_information.drain(3..4 + field);
    let lost = decoded(&without, &[0.5; 2000], photo.size());
    let lost = crate::metrics::psnr_db(&photo, &lost).expect("sizes");
    assert!(psnr > 28.0 && psnr > lost + 6.0, "{psnr} dB, {lost} dB");
}

#[test]
fn three_components_are_means_of_a_block() {
    assert_eq!(CODEC.networks.linear.flat(), [0, 1, 4]);
}
