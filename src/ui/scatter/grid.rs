//! A uniform grid over the points: the nearest point to the pointer and the
//! points inside a lasso, without a scan over everything.

use super::camera::{Bounds, is_placed};

/// Points per cell aimed at: few enough that one cell is read in no time,
/// enough that the grid itself stays small.
const PER_CELL: usize = 4;

/// Point indices sorted by grid cell.
#[derive(Debug)]
pub(super) struct Grid {
    origin: [f32; 2],
    cell: f32,
    columns: usize,
    rows: usize,
    /// Cell `c` holds `members[starts[c]..starts[c + 1]]`.
    starts: Vec<u32>,
    members: Vec<u32>,
}

impl Grid {
    /// Sort the placed points into cells; `bounds` is the box around them.
    pub fn build(points: &[[f32; 2]], bounds: Option<Bounds>) -> Self {
        let Some(bounds) = bounds else {
            return Self {
                origin: [0.0; 2],
                cell: 1.0,
                columns: 0,
                rows: 0,
                starts: vec![0],
                members: Vec::new(),
            };
        };
        let [width, height] = bounds.size();
        let wanted = (points.len() / PER_CELL).max(1) as f32;
        // The second term bounds the cell count for points on a line.
        let side = (width * height / wanted)
            .sqrt()
            .max(width.max(height) / wanted);
        let cell = if side.is_normal() { side } else { 1.0 };
        let mut grid = Self {
            origin: bounds.min,
            cell,
            columns: (width / cell) as usize + 1,
            rows: (height / cell) as usize + 1,
            starts: Vec::new(),
            members: Vec::new(),
        };
        grid.fill(points);
        grid
    }

    /// Counting sort of the points by cell.
    fn fill(&mut self, points: &[[f32; 2]]) {
        let mut starts = vec![0_u32; self.columns * self.rows + 1];
        let cells: Vec<Option<usize>> = points
            .iter()
            .map(|&point| is_placed(point).then(|| self.cell_of(point)))
            .collect();
        for &cell in cells.iter().flatten() {
            starts[cell + 1] += 1;
        }
        for cell in 1..starts.len() {
            starts[cell] += starts[cell - 1];
        }
        let mut next = starts.clone();
        let placed = starts.last().map_or(0, |&count| count as usize);
        let mut members = vec![0_u32; placed];
        for (index, cell) in cells.iter().enumerate() {
            if let &Some(cell) = cell {
                members[next[cell] as usize] = index as u32;
                next[cell] += 1;
            }
        }
        self.starts = starts;
        self.members = members;
    }

    /// Column and row of a position, which may lie outside of the grid.
    fn place(&self, point: [f32; 2]) -> [i64; 2] {
        // Float to integer casts saturate; the clamp leaves room for sums.
        let along = |axis: usize| {
            let cells = ((point[axis] - self.origin[axis]) / self.cell).floor();
            (cells as i64).clamp(-(1 << 40), 1 << 40)
        };
        [along(0), along(1)]
    }

    /// The cell of a placed point. Rounding at the far edge is clamped.
    fn cell_of(&self, point: [f32; 2]) -> usize {
        let [column, row] = self.place(point);
        let column = column.clamp(0, self.columns as i64 - 1) as usize;
        let row = row.clamp(0, self.rows as i64 - 1) as usize;
        row * self.columns + column
    }

    fn members_of(&self, column: i64, row: i64) -> &[u32] {
        let cell = row as usize * self.columns + column as usize;
        &self.members[self.starts[cell] as usize..self.starts[cell + 1] as usize]
    }

    /// The visible point nearest to `target`, at most `radius` away.
    pub fn nearest(
        &self,
        points: &[[f32; 2]],
        target: [f32; 2],
        radius: f32,
        visible: impl Fn(usize) -> bool,
    ) -> Option<usize> {
        if self.members.is_empty() || !is_placed(target) || radius.is_nan() {
            return None;
        }
        let [column, row] = self.place(target);
        let (columns, rows) = (self.columns as i64, self.rows as i64);
        // No ring further out than the farthest edge of the grid holds a cell.
        let farthest = column.abs().max((columns - column).abs());
        let farthest = farthest.max(row.abs()).max((rows - row).abs());
        let rings = ((radius / self.cell).ceil() as i64)
            .saturating_add(1)
            .min(farthest);

        let mut best = (radius * radius, None);
        let mut look = |column: i64, row: i64| {
            for &index in self.members_of(column, row) {
                let index = index as usize;
                let [x, y] = points[index];
                let (dx, dy) = (x - target[0], y - target[1]);
                let distance = dx * dx + dy * dy;
                if distance <= best.0 && visible(index) {
                    best = (distance, Some(index));
                }
            }
            best.0
        };
        let mut reach = radius * radius;
        for ring in 0..=rings {
            // Everything in this ring is at least this far away.
            let nearest = (ring - 1).max(0) as f32 * self.cell;
            if nearest * nearest > reach {
                break;
            }
            let left = (column - ring).max(0);
            let right = (column + ring).min(columns - 1);
            for y in (row - ring).max(0)..=(row + ring).min(rows - 1) {
                let edge = (y - row).abs() == ring;
                // Rows inside of the ring contribute their two ends only.
                let step = if edge || ring == 0 { 1 } else { 2 * ring };
                let mut x = if step == 1 { left } else { column - ring };
                while x <= right {
                    if x >= left {
                        reach = look(x, y);
                    }
                    x += step;
                }
            }
        }
        best.1
    }

    /// The visible points inside a closed outline, in rising order.
    ///
    /// Only cells that the outline passes through are tested point by point;
    /// between them, a whole run of cells is either inside or outside.
    pub fn inside(
        &self,
        points: &[[f32; 2]],
        outline: &[[f32; 2]],
        visible: impl Fn(usize) -> bool,
    ) -> Vec<u32> {
        let mut found = Vec::new();
        let Some(bounds) = Bounds::of(outline) else {
            return found;
        };
        let (columns, rows) = (self.columns as i64, self.rows as i64);
        let low = self.place(bounds.min).map(|at| at.max(0));
        let high = self.place(bounds.max);
        let high = [high[0].min(columns - 1), high[1].min(rows - 1)];
        let crossed = self.crossed_cells(outline);
        for row in low[1]..=high[1] {
            let mut run = None;
            for column in low[0]..=high[0] {
                let members = self.members_of(column, row);
                if crossed[row as usize * self.columns + column as usize] {
                    run = None;
                    let inner = members
                        .iter()
                        .filter(|&&i| winds(outline, points[i as usize]));
                    found.extend(inner);
                } else if *run.get_or_insert_with(|| winds(outline, self.middle(column, row))) {
                    found.extend(members);
                }
            }
        }
        found.retain(|&index| visible(index as usize));
        found.sort_unstable();
        found
    }

    fn middle(&self, column: i64, row: i64) -> [f32; 2] {
        [
            self.origin[0] + (column as f32 + 0.5) * self.cell,
            self.origin[1] + (row as f32 + 0.5) * self.cell,
        ]
    }

    /// Which cells the outline may pass through.
    fn crossed_cells(&self, outline: &[[f32; 2]]) -> Vec<bool> {
        let mut crossed = vec![false; self.columns * self.rows];
        let (columns, rows) = (self.columns as i64, self.rows as i64);
        for (from, to) in edges(outline) {
            // Cut into pieces about a cell long, so that the box around each
            // piece covers few cells that the edge does not touch.
            let span = (to[0] - from[0]).abs().max((to[1] - from[1]).abs());
            let pieces = (span / self.cell).ceil().clamp(1.0, 65_536.0) as u32;
            let at = |piece: u32| {
                let t = piece as f32 / pieces as f32;
                self.place([
                    from[0] + t * (to[0] - from[0]),
                    from[1] + t * (to[1] - from[1]),
                ])
            };
            for piece in 0..pieces {
                let (a, b) = (at(piece), at(piece + 1));
                for row in a[1].min(b[1]).max(0)..=a[1].max(b[1]).min(rows - 1) {
                    for column in a[0].min(b[0]).max(0)..=a[0].max(b[0]).min(columns - 1) {
                        crossed[row as usize * self.columns + column as usize] = true;
                    }
                }
            }
        }
        crossed
    }
}

/// The edges of a closed outline, the closing one included.
fn edges(outline: &[[f32; 2]]) -> impl Iterator<Item = ([f32; 2], [f32; 2])> {
    let next = outline.iter().cycle().skip(1);
    outline.iter().copied().zip(next.copied())
}

/// Whether the outline winds around the point. Unlike the even-odd rule, a
/// freehand line that crosses itself leaves no hole.
fn winds(outline: &[[f32; 2]], point: [f32; 2]) -> bool {
    let mut winding = 0;
    for (from, to) in edges(outline) {
        let side =
            (to[0] - from[0]) * (point[1] - from[1]) - (point[0] - from[0]) * (to[1] - from[1]);
        if from[1] <= point[1] && to[1] > point[1] && side > 0.0 {
            winding += 1;
        } else if from[1] > point[1] && to[1] <= point[1] && side < 0.0 {
            winding -= 1;
        }
    }
    winding != 0
}

#[cfg(test)]
mod tests {
    use super::super::cloud::SplitMix;
    use super::*;

    /// Uneven clumps, repeats and a few points without a place.
    fn sample(count: usize) -> Vec<[f32; 2]> {
        let mut random = SplitMix::new(7);
        (0..count)
            .map(|index| {
                let clump = (index % 5) as f32 * 3.0;
                let x = clump + random.unit() * random.unit();
                let y = clump.sin() * 4.0 + random.unit();
                if index.is_multiple_of(97) {
                    [f32::NAN, y]
                } else {
                    [x, y]
                }
            })
            .collect()
    }

    #[test]
    fn nearest_agrees_with_a_full_scan() {
        let points = sample(3_000);
        let grid = Grid::build(&points, Bounds::of(&points));
        let visible = |index: usize| !index.is_multiple_of(3);
        let mut random = SplitMix::new(11);
        for radius in [0.0, 0.02, 0.3, 2.0, 1e6] {
            for _ in 0..200 {
                let target = [random.unit() * 20.0 - 3.0, random.unit() * 14.0 - 7.0];
                let distance = |index: usize| {
                    let [x, y] = points[index];
                    (x - target[0]).powi(2) + (y - target[1]).powi(2)
                };
                let expected = (0..points.len())
                    .filter(|&i| visible(i) && distance(i) <= radius * radius)
                    .map(distance)
                    .reduce(f32::min);
                let found = grid.nearest(&points, target, radius, visible);
                assert_eq!(found.map(distance), expected);
                assert!(found.is_none_or(visible));
            }
        }
    }

    #[test]
    fn a_lasso_agrees_with_a_full_scan() {
        let points = sample(3_000);
        let grid = Grid::build(&points, Bounds::of(&points));
        let mut random = SplitMix::new(3);
        for corners in [0, 1, 2, 3, 5, 40] {
            let outline: Vec<[f32; 2]> = (0..corners)
                .map(|_| [random.unit() * 20.0 - 3.0, random.unit() * 14.0 - 7.0])
                .collect();
            let visible = |index: usize| index % 4 != 1;
            let expected: Vec<usize> = (0..points.len())
                .filter(|&i| is_placed(points[i]) && visible(i) && winds(&outline, points[i]))
                .collect();
            let found = grid.inside(&points, &outline, visible);
            let found: Vec<usize> = found.into_iter().map(|at| at as usize).collect();
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn degenerate_clouds_are_searchable() {
        let bad = [f32::INFINITY, f32::NAN];
        for points in [
            vec![],
            vec![bad; 3],
            vec![[2.0, 2.0]; 50],
            vec![[2.0, 2.0], [2.0, 9e14]],
        ] {
            let grid = Grid::build(&points, Bounds::of(&points));
            let found = grid.nearest(&points, [2.0, 2.0], 1.0, |_| true);
            assert_eq!(found.is_some(), points.contains(&[2.0, 2.0]));
            let square = [[0.0, 0.0], [4.0, 0.0], [4.0, 4.0], [0.0, 4.0]];
            let inside = grid.inside(&points, &square, |_| true).len();
            assert_eq!(inside, points.iter().filter(|&&p| p == [2.0, 2.0]).count());
            assert_eq!(grid.nearest(&points, [f32::NAN, 0.0], 1.0, |_| true), None);
        }
    }
}
