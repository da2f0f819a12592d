/** Least squares with a penalty, over sparse rows, by conjugate gradients: the same numbers for the same rows. Pure; imports nothing. */

/** Rows of a matrix, each as the places and values of what is not zero. */
export interface SparseRows {
  readonly starts: Int32Array;
  readonly columns: Int32Array;
  readonly values: Float32Array | Float64Array;
  readonly width: number;
}

/** What is to be fitted. */
export interface Problem {
  readonly rows: SparseRows;
  /** Which rows to fit, and what each is to come to and counts; both by number of row. */
  readonly chosen: readonly number[];
  readonly targets: Float64Array;
  readonly weights: Float64Array;
  /** By column. */
  readonly penalties: Float64Array;
}

const iterations = 20;

const product = ({ starts, columns, values }: SparseRows, row: number, vector: Float64Array): number => {
  let sum = 0;
  const end = starts[row + 1] ?? 0;
  for (let at = starts[row] ?? 0; at < end; at += 1)
    sum += (values[at] ?? 0) * (vector[columns[at] ?? 0] ?? 0);
  return sum;
};

const addScaled = (
  { starts, columns, values }: SparseRows,
  row: number,
  scale: number,
  vector: Float64Array,
): void => {
  const end = starts[row + 1] ?? 0;
  for (let at = starts[row] ?? 0; at < end; at += 1) {
    const column = columns[at] ?? 0;
    vector[column] = (vector[column] ?? 0) + scale * (values[at] ?? 0);
  }
};

const dot = (left: Float64Array, right: Float64Array): number => {
  let sum = 0;
  for (let index = 0; index < left.length; index += 1) sum += (left[index] ?? 0) * (right[index] ?? 0);
  return sum;
};

/** The coefficients by column. */
export const ridge = ({ rows, chosen, targets, weights, penalties }: Problem): Float64Array => {
  const { width } = rows;
  const solution = new Float64Array(width);
  const residual = new Float64Array(width);
  const diagonal = Float64Array.from(penalties);
  // In full precision: the square of a small value is smaller than the values are kept.
  const squares = { ...rows, values: Float64Array.from(rows.values, (value) => value ** 2) };
  for (const row of chosen) {
    const weight = weights[row] ?? 0;
    addScaled(rows, row, weight * (targets[row] ?? 0), residual);
    addScaled(squares, row, weight, diagonal);
  }
  const conditioned = residual.map((value, index) => value / (diagonal[index] ?? 1));
  const direction = Float64Array.from(conditioned);
  let size = dot(residual, conditioned);
  for (let round = 0; round < iterations && size > 1e-12; round += 1) {
    const image = direction.map((value, index) => value * (penalties[index] ?? 0));
    for (const row of chosen)
      addScaled(rows, row, (weights[row] ?? 0) * product(rows, row, direction), image);
    const step = size / dot(direction, image);
    for (let index = 0; index < width; index += 1) {
      solution[index] = (solution[index] ?? 0) + step * (direction[index] ?? 0);
      residual[index] = (residual[index] ?? 0) - step * (image[index] ?? 0);
      conditioned[index] = (residual[index] ?? 0) / (diagonal[index] ?? 1);
    }
    const next = dot(residual, conditioned);
    const turn = next / size;
    size = next;
    for (let index = 0; index < width; index += 1)
      direction[index] = (conditioned[index] ?? 0) + turn * (direction[index] ?? 0);
  }
  return solution;
};
