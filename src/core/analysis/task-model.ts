/** The shape of the learned classifier of kinds of work. Pure; imports nothing. */

/** What was learned: a byte for each kind of work and place. */
export interface TaskModel {
  readonly step: number;
  /** How sharply scores become trust. */
  readonly sharpness: number;
  readonly biases: readonly number[];
  /** Signed bytes in base64, all places of the first kind before those of the second. */
  readonly weights: string;
}
