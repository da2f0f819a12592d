/** Linear programs small enough to solve by hand: the plain simplex method over a dense table. Pure. */

/** Maximise `objective · x` over x ≥ 0 with `rows · x ≤ limits`. */
export interface LinearProgram {
  readonly objective: readonly number[];
  readonly rows: readonly (readonly number[])[];
  /** Each at least 0, so that x = 0 is a place to begin. */
  readonly limits: readonly number[];
}

export interface Solution {
  readonly value: number;
  readonly x: readonly number[];
}

/** Below this a coefficient is a rounding error. */
const epsilon = 1e-9;

const pivot = (table: number[][], row: number, column: number): void => {
  const source = table[row] ?? [];
  const divisor = source[column] ?? 1;
  for (let index = 0; index < source.length; index += 1) source[index] = (source[index] ?? 0) / divisor;
  for (const target of table) {
    const factor = target[column] ?? 0;
    if (target === source || factor === 0) continue;
    for (let index = 0; index < target.length; index += 1) {
      target[index] = (target[index] ?? 0) - factor * (source[index] ?? 0);
    }
  }
};

/** Bland's rule, the first column that improves and the tied row of the first variable, never goes in circles. */
const leavingRow = (table: readonly number[][], basis: readonly number[], column: number): number => {
  let best = -1;
  let least = Infinity;
  for (let row = 0; row < basis.length; row += 1) {
    const factor = table[row]?.[column] ?? 0;
    if (factor <= epsilon) continue;
    const ratio = (table[row]?.at(-1) ?? 0) / factor;
    const ties = Math.abs(ratio - least) <= epsilon && (basis[row] ?? 0) < (basis[best] ?? Infinity);
    if (ratio < least - epsilon || ties) {
      least = ratio;
      best = row;
    }
  }
  return best;
};

/** Solves it; undefined where nothing bounds the objective. */
export const maximise = ({ objective, rows, limits }: LinearProgram): Solution | undefined => {
  const variables = objective.length;
  const slack = (row: number): number[] => rows.map((_, index) => (index === row ? 1 : 0));
  const table = rows.map((row, index) => [...row, ...slack(index), limits[index] ?? 0]);
  const goal = [...objective.map((weight) => -weight), ...rows.map(() => 0), 0];
  table.push(goal);
  const basis = rows.map((_, index) => variables + index);
  for (;;) {
    const column = goal.findIndex((weight, index) => index < goal.length - 1 && weight < -epsilon);
    if (column < 0) break;
    const row = leavingRow(table, basis, column);
    if (row < 0) return undefined;
    pivot(table, row, column);
    basis[row] = column;
  }
  const x = objective.map((_, variable) => {
    const row = basis.indexOf(variable);
    return row < 0 ? 0 : (table[row]?.at(-1) ?? 0);
  });
  return { value: goal.at(-1) ?? 0, x };
};
