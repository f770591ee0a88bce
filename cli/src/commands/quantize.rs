//! `heliograph quantize`: a file of weights in fewer bits.

use std::io;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use heliograph::nn::{Quantization, QuantizeError, Quantized, QuantizedTensor, WeightType};
use heliograph::nn::{RelativeError, quantize};

use crate::commands::encode::protect;
use crate::exit::Ending;
use crate::figures::{counted, grouped, number};
use crate::json;
use crate::output;
use crate::progress::Progress;

/// Write weights in fewer bits, as a GGUF file
///
/// Reads any safetensors file of numbers, tensor by tensor: memory for the largest is enough. Kernels and matrices are stored in
/// --type; where its blocks do not divide them, in q8_0, else in f16. Vectors stay as they are. `--model` reads such files beside
/// safetensors, under their own names (deepjscc.gguf), and computes with f32: they are smaller, not faster. Sender and receiver need
/// the same file; a codec in other bits has no inpainter but one that names its hash.
#[derive(Debug, Args)]
#[command(after_help = "EXAMPLES\n  \
    mkdir model\n  \
    heliograph quantize restorer.safetensors --type q8_0 --out model/restorer.gguf\n  \
    heliograph quantize deepjscc.safetensors --type q6_k --tensor-type synthesis_fine=f16 \\\n    \
        --tensor-type out_of=f16 --tensor-type into=f16 --tensor-type linear=q8_0 --out model/deepjscc.gguf\n  \
    heliograph quantize inpainter.safetensors --type q8_0 --metadata codec=HASH --out model/inpainter.gguf\n\n\
    What it costs, and why some are kept: docs/results/gpu-host.md")]
pub struct QuantizeArgs {
    /// Weights to read
    #[arg(value_name = "FILE.safetensors")]
    input: PathBuf,

    /// Type of kernels and matrices
    #[arg(long = "type", value_name = "TYPE", value_parser = weight_type())]
    stored_as: WeightType,

    /// Another type for kernels and matrices whose names begin with NAME; may be given several times, the first that fits decides
    #[arg(long, value_name = "NAME=TYPE", value_parser = exception)]
    tensor_type: Vec<(String, WeightType)>,

    /// What the file says of itself, in place of what the original says: a painter and an inpainter name the hash of their codec, codec=HASH
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    metadata: Vec<(String, String)>,

    /// File to write; an old one is replaced
    #[arg(short, long, value_name = "FILE.gguf")]
    out: PathBuf,

    /// Print one line of JSON, with every tensor
    #[arg(long)]
    json: bool,
}

fn weight_type() -> impl TypedValueParser<Value = WeightType> {
    PossibleValuesParser::new(WeightType::names()).try_map(|name| name.parse::<WeightType>())
}

fn pair(text: &str) -> Result<(String, String), String> {
    let pair = text.split_once('=').filter(|(name, _)| !name.is_empty());
    let (name, value) = pair.ok_or_else(|| format!("found {text:?}, allowed NAME=VALUE"))?;
    Ok((name.to_owned(), value.to_owned()))
}

fn exception(text: &str) -> Result<(String, WeightType), String> {
    let (name, stored_as) = pair(text)?;
    let stored_as = stored_as.parse::<WeightType>().map_err(|e| e.to_string())?;
    Ok((name, stored_as))
}

/// Quantizes, and prints what it took and cost.
///
/// # Errors
/// Names the file that cannot be read or written, and the tensor that cannot be stored.
pub fn run(args: &QuantizeArgs) -> anyhow::Result<Ending> {
    protect(&args.input, std::iter::empty(), &args.out)?;
    let quantized = write(args)?;
    if args.json {
        output::print(&json::line(&quantized)?)?;
    } else {
        output::print(&table(&quantized))?;
        let hash = quantized.sha256.get(..8).unwrap_or_default();
        output::print(&format!("{}: weights {hash}", args.out.display()))?;
    }
    Ok(Ending::Done)
}

fn write(args: &QuantizeArgs) -> anyhow::Result<Quantized> {
    let how = Quantization {
        stored_as: args.stored_as,
        exceptions: args.tensor_type.clone(),
        metadata: args.metadata.iter().cloned().collect(),
    };
    let progress = Progress::new(args.input.display().to_string());
    let mut on_tensor = |done: usize, total: usize| {
        if done == 1 {
            progress.expect(total as u64, "tensors");
        }
        progress.step();
    };
    // What is wrong with the input is not said of the output.
    let mut outcome = None;
    let written = output::write_whole(&args.out, |writer| {
        let result = quantize(&args.input, &how, writer, &mut on_tensor);
        match outcome.insert(result) {
            Ok(_) => Ok(()),
            Err(QuantizeError::Write(error)) => {
                Err(io::Error::new(error.kind(), error.to_string()))
            }
            Err(_) => Err(io::Error::other("nothing to write")),
        }
    });
    match outcome {
        Some(Err(error)) if !matches!(error, QuantizeError::Write(_)) => {
            Err(error).with_context(|| args.input.display().to_string())
        }
        Some(Ok(quantized)) => written.map(|()| quantized),
        _ => written.and(Err(anyhow::anyhow!("{}: not written", args.out.display()))),
    }
}

/// A line a type, and one for the file.
fn table(quantized: &Quantized) -> String {
    let mut lines = vec![format!(
        "{:<14} {:>7} {:>13} {:>13} {:>9} {:>9}",
        "type", "tensors", "bytes before", "bytes after", "largest", "RMS"
    )];
    let mut kinds: Vec<(String, Vec<&QuantizedTensor>)> = Vec::new();
    for tensor in &quantized.tensors {
        let kind = format!("{} > {}", tensor.from, tensor.to);
        match kinds.iter_mut().find(|(name, _)| *name == kind) {
            Some((_, tensors)) => tensors.push(tensor),
            None => kinds.push((kind, vec![tensor])),
        }
    }
    lines.extend(kinds.iter().map(|(kind, tensors)| {
        let sum = |of: fn(&QuantizedTensor) -> u64| tensors.iter().map(|t| of(t)).sum();
        line(
            kind,
            tensors.len(),
            [sum(|t| t.bytes_before), sum(|t| t.bytes_after)],
            worst(tensors),
        )
    }));
    lines.push(line(
        "file",
        quantized.tensors.len(),
        [quantized.bytes_before, quantized.bytes_after],
        quantized.error,
    ));
    if let Some(name) = quantized.left_out.first() {
        let n = counted(quantized.left_out.len() as u64, "tensor");
        lines.push(format!(
            "{n} of whole numbers left out, such as {}",
            printable(name)
        ));
    }
    lines.join("\n")
}

/// What a stranger wrote may be long and may talk to the terminal.
fn printable(name: &str) -> String {
    let plain = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    name.chars().take(64).map(plain).collect()
}

/// Of the tensor that lost most.
fn worst(tensors: &[&QuantizedTensor]) -> RelativeError {
    let largest = |of: fn(&RelativeError) -> f64| {
        let errors = tensors.iter().map(|tensor| of(&tensor.error));
        errors.fold(0.0, f64::max)
    };
    RelativeError {
        largest_error: largest(|error| error.largest_error),
        rms_error: largest(|error| error.rms_error),
    }
}

fn line(name: &str, tensors: usize, [before, after]: [u64; 2], error: RelativeError) -> String {
    format!(
        "{name:<14} {tensors:>7} {:>13} {:>13} {:>9} {:>9}",
        grouped(before),
        grouped(after),
        number(error.largest_error, 5),
        number(error.rms_error, 5),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tensor(to: &'static str, bytes_after: u64, largest_error: f64) -> QuantizedTensor {
        QuantizedTensor {
            name: "a".to_owned(),
            shape: vec![32, 32],
            from: "f16".to_owned(),
            to,
            bytes_before: 2048,
            bytes_after,
            error: RelativeError {
                largest_error,
                rms_error: largest_error / 4.0,
            },
        }
    }

    #[test]
    fn the_table_adds_bytes_and_shows_the_worst_tensor_of_a_type() {
        let worst = RelativeError {
            largest_error: 0.25,
            rms_error: 0.0625,
        };
        let quantized = Quantized {
            tensors: vec![
                tensor("q8_0", 1088, 0.0625),
                tensor("f16", 2048, 0.0),
                tensor("q8_0", 1088, 0.25),
            ],
            left_out: vec!["n\u{1b}".to_owned()],
            bytes_before: 6200,
            bytes_after: 4300,
            error: worst,
            sha256: String::new(),
        };
        let table = table(&quantized);
        let lines: Vec<Vec<&str>> = table
            .lines()
            .map(|l| l.split_whitespace().collect())
            .collect();
        assert_eq!(
            lines[1],
            [
                "f16", ">", "q8_0", "2", "4,096", "2,176", "0.25000", "0.06250"
            ]
        );
        assert_eq!(
            lines[2],
            [
                "f16", ">", "f16", "1", "2,048", "2,048", "0.00000", "0.00000"
            ]
        );
        assert_eq!(
            lines[3],
            ["file", "3", "6,200", "4,300", "0.25000", "0.06250"]
        );
        assert!(table.ends_with("1 tensor of whole numbers left out, such as n\u{fffd}"));
    }

    #[test]
    fn a_wrong_type_is_refused_with_those_that_are_allowed() {
        let said = exception("linear=q9").unwrap_err();
        assert!(
            said.contains("\"q9\"") && said.contains("q8_0, q6_k"),
            "{said}"
        );
        assert!(exception("q8_0").unwrap_err().contains("NAME=VALUE"));
        assert_eq!(exception("a.b=q4_k").unwrap().0, "a.b");
    }
}
