//! Blocks in graphs of their user: they finish as FutureSDR's own blocks do.

mod support;

use futuresdr::blocks::{VectorSink, VectorSource};
use futuresdr::runtime::dev::CpuBufferWriter;
use futuresdr::runtime::{Flowgraph, Runtime, config};
use heliograph::propagation::{Propagation, PropagationConfig};
use heliograph_flowgraphs::blocks::{BurstDropper, PropagationBlock};
use heliograph_flowgraphs::idle::BurstLottery;
use heliograph_flowgraphs::supervisor::Supervisor;
use num_complex::Complex32;
use support::within;

fn noise_of(samples: &[Complex32], channel: &PropagationConfig) -> Vec<Complex32> {
    let mut propagation = Propagation::new(channel, 2e6, 9).unwrap();
    let mut out = propagation.push(samples);
    out.extend(propagation.finish());
    out
}

#[test]
fn the_channel_between_vectors_gives_what_the_library_gives_and_ends() {
    within(30, || {
        config::set("ctrlport_enable", false);
        let channel = PropagationConfig {
            snr_db: Some(10.0),
            sfo_ppm: 40.0,
            ..PropagationConfig::named("tdl-a").unwrap()
        };
        let sent: Vec<_> = (0..50_000)
            .map(|n| Complex32::cis(n as f32 / 7.0))
            .collect();
        let propagation = Propagation::new(&channel, 2e6, 9).unwrap();
        let mut graph = Flowgraph::new();
        let source = graph.add(VectorSource::<Complex32>::new(sent.clone()));
        let block: PropagationBlock = PropagationBlock::new(propagation, Supervisor::default());
        let air = graph.add(block);
        let sink = graph.add(VectorSink::<Complex32>::new(60_000));
        graph
            .stream(&source, |b| b.output(), &air, |b| b.input())
            .unwrap();
        graph
            .stream(&air, |b| b.output(), &sink, |b| b.input())
            .unwrap();
        let graph = Runtime::new().run(graph).unwrap();
        let received = graph.block(&sink).unwrap().items().clone();
        assert!(received == noise_of(&sent, &channel));
    });
}

#[test]
fn samples_without_burst_tags_pass_the_dropper_untouched() {
    within(30, || {
        config::set("ctrlport_enable", false);
        let sent: Vec<_> = (0..20_000).map(|n| Complex32::new(n as f32, 0.0)).collect();
        let mut graph = Flowgraph::new();
        let source = graph.add(VectorSource::<Complex32>::new(sent.clone()));
        let mut dropper: BurstDropper =
            BurstDropper::new(BurstLottery::new(1.0, 0), Supervisor::default());
        dropper.output().set_min_buffer_size_in_items(512);
        let dropper = graph.add(dropper);
        let sink = graph.add(VectorSink::<Complex32>::new(20_000));
        graph
            .stream(&source, |b| b.output(), &dropper, |b| b.input())
            .unwrap();
        graph
            .stream(&dropper, |b| b.output(), &sink, |b| b.input())
            .unwrap();
        let graph = Runtime::new().run(graph).unwrap();
        assert!(*graph.block(&sink).unwrap().items() == sent);
    });
}
