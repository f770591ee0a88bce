//! One look for a codec everywhere: a hue a family, lightness, marker and dash within it.

use crate::codecs::{self, Label};
use crate::draw::colour::{
    BLUE, BROWN, GREEN, INK, OLIVE, ORANGE, PAPER, ROSE, SKY, VERMILION, mix,
};
use crate::draw::{Colour, Dash, Marker};
use crate::summary::Summary;

/// How a codec is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Style {
    pub colour: Colour,
    pub marker: Marker,
    pub dash: Dash,
}

/// Hues of families without one of their own, in the order of showing.
const OTHERS: [Colour; 4] = [SKY, BROWN, OLIVE, ROSE];

/// The look of a codec among all of a summary.
pub fn of(summary: &Summary, codec: usize) -> Style {
    let label = Label::new(&summary.codecs[codec]);
    let relatives = summary.codecs.iter().enumerate();
    let relatives: Vec<usize> = relatives
        .filter(|(_, c)| Label::new(c).family == label.family)
        .map(|(i, _)| i)
        .collect();
    let place = relatives.iter().position(|i| *i == codec).unwrap_or(0);
    if label.is_digital() {
        return digital(place, label.is_fixed_rate());
    }
    let last = relatives.len().saturating_sub(1).max(1) as f32;
    // From dark to light over the family; alone it has its own hue.
    let shade = if relatives.len() == 1 {
        0.0
    } else {
        place as f32 / last * 2.0 - 1.0
    };
    let hue = hue(summary, label.family);
    let colour = if shade < 0.0 {
        mix(hue, INK, -0.5 * shade)
    } else {
        mix(hue, PAPER, 0.38 * shade)
    };
    Style {
        colour,
        marker: Marker::ALL[(codecs::rank(label.family).min(4) + place) % Marker::ALL.len()],
        dash: Dash::Solid,
    }
}

fn digital(place: usize, is_fixed_rate: bool) -> Style {
    let dashes = [Dash::Dashed, Dash::Dotted];
    Style {
        colour: mix(INK, PAPER, (0.14 * place as f32).min(0.6)),
        marker: Marker::ALL[(place + 1) % Marker::ALL.len()],
        dash: if is_fixed_rate {
            dashes[place % 2]
        } else {
            Dash::Solid
        },
    }
}

fn hue(summary: &Summary, family: &str) -> Colour {
    match family {
        "softcast" => ORANGE,
        "restored" => GREEN,
        "deepjscc" => BLUE,
        "latent" => VERMILION,
        _ => {
            let mut strangers: Vec<&str> = Vec::new();
            for codec in &summary.codecs {
                let family = Label::new(codec).family;
                let is_known = matches!(family, "softcast" | "restored" | "deepjscc" | "latent");
                if !is_known && family != "digital" && !strangers.contains(&family) {
                    strangers.push(family);
                }
            }
            let place = strangers.iter().position(|f| *f == family).unwrap_or(0);
            OTHERS[place % OTHERS.len()]
        }
    }
}
