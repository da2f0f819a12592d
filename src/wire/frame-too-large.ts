/** The error of a framer whose peer sends more than one frame may hold; imports nothing. */

/** Says that a line or an event passed its limit; the stream cannot be read on, because its frames are lost. */
export class FrameTooLarge extends Error {
  readonly maxBytes: number;

  constructor(maxBytes: number) {
    super(`a frame is longer than ${maxBytes} bytes`);
    this.name = 'FrameTooLarge';
    this.maxBytes = maxBytes;
  }
}
