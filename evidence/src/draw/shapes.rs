//! Outlines: markers, strokes and dashes as polygons of one winding.

use std::f32::consts::TAU;

use super::scene::{Marker, Point};

/// Corners of a marker of about equal area whatever its shape.
pub fn marker(shape: Marker, (x, y): Point, radius: f32) -> Vec<Point> {
    let (corners, turn, grow) = match shape {
        Marker::Circle => (32, 0.0, 1.0),
        Marker::Square => (4, 0.125, 1.25),
        Marker::Triangle => (3, 0.75, 1.4),
        Marker::Diamond => (4, 0.0, 1.3),
        Marker::Pentagon => (5, 0.75, 1.15),
        Marker::Down => (3, 0.25, 1.4),
    };
    let corner = |i: usize| {
        let angle = TAU * (i as f32 / corners as f32 + turn);
        (
            x + grow * radius * angle.cos(),
            y + grow * radius * angle.sin(),
        )
    };
    (0..corners).map(corner).collect()
}

/// A line of some width: a box a segment, a disc a joint.
pub fn stroke(points: &[Point], width: f32) -> Vec<Vec<Point>> {
    let half = width / 2.0;
    let mut polygons = Vec::new();
    for pair in points.windows(2) {
        let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
        let length = (x1 - x0).hypot(y1 - y0);
        if length > 0.0 {
            let (nx, ny) = (half * (y1 - y0) / length, half * (x0 - x1) / length);
            let corners = [
                (x0 + nx, y0 + ny),
                (x1 + nx, y1 + ny),
                (x1 - nx, y1 - ny),
                (x0 - nx, y0 - ny),
            ];
            polygons.push(corners.to_vec());
        }
    }
    // Thin lines have no visible joints.
    if width > 1.5 && points.len() > 2 {
        let joints = &points[1..points.len() - 1];
        polygons.extend(joints.iter().map(|at| marker(Marker::Circle, *at, half)));
    }
    polygons
}

/// The pieces of a line that are drawn.
pub fn dashes(points: &[Point], drawn: f32, left_out: f32) -> Vec<Vec<Point>> {
    let mut pieces = Vec::new();
    let mut piece = points.first().map(|p| vec![*p]).unwrap_or_default();
    let (mut is_drawn, mut rest) = (true, drawn);
    for pair in points.windows(2) {
        let (mut from, to) = (pair[0], pair[1]);
        loop {
            let length = (to.0 - from.0).hypot(to.1 - from.1);
            if length <= rest {
                rest -= length;
                piece.push(to);
                break;
            }
            let share = rest / length;
            from = (
                from.0 + share * (to.0 - from.0),
                from.1 + share * (to.1 - from.1),
            );
            piece.push(from);
            if is_drawn {
                pieces.push(std::mem::take(&mut piece));
            }
            is_drawn = !is_drawn;
            rest = if is_drawn { drawn } else { left_out };
            piece = vec![from];
        }
    }
    if is_drawn && piece.len() > 1 {
        pieces.push(piece);
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dashes_keep_their_rhythm_around_corners() {
        let line = [(0.0, 0.0), (5.0, 0.0), (5.0, 20.0)];
        let pieces = dashes(&line, 8.0, 2.0);
        assert_eq!(pieces[0], [(0.0, 0.0), (5.0, 0.0), (5.0, 3.0)]);
        assert_eq!(pieces[1], [(5.0, 5.0), (5.0, 13.0)]);
        assert_eq!(pieces.len(), 3);
    }

    #[test]
    fn every_outline_winds_the_same_way() {
        let area = |p: &[Point]| -> f32 {
            let next = |i: usize| p[(i + 1) % p.len()];
            (0..p.len())
                .map(|i| p[i].0 * next(i).1 - next(i).0 * p[i].1)
                .sum()
        };
        for shape in Marker::ALL {
            assert!(area(&marker(shape, (3.0, 4.0), 2.0)) > 0.0);
        }
        for to in [(9.0, 1.0), (-9.0, 2.0), (0.0, -7.0), (0.0, 7.0)] {
            assert!(area(&stroke(&[(0.0, 0.0), to], 2.0)[0]) > 0.0);
        }
    }
}
