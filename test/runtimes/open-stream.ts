/** A streamed answer read as it arrives, with the time of each piece. */

export interface OpenStream {
  readonly response: Response;
  readonly received: () => string;
  readonly arrivals: readonly { readonly text: string; readonly at: number }[];
  /** Settles once the text is there; rejects if the stream ends before. */
  saw(text: string): Promise<void>;
  /** Settles with everything once the stream has ended, however it ended. */
  readonly ended: Promise<string>;
  /** Whether it ended as a complete HTTP answer; settles with `ended`. */
  readonly cleanly: Promise<boolean>;
}

/** Starts reading at once. */
export const openStream = (response: Response): OpenStream => {
  const arrivals: { text: string; at: number }[] = [];
  const listeners = new Set<() => void>();
  const decoder = new TextDecoder();
  let received = '';
  let over = false;
  const told = (): void => {
    for (const listener of listeners) listener();
  };
  const read = async (): Promise<boolean> => {
    try {
      for await (const chunk of response.body ?? []) {
        const text = decoder.decode(chunk, { stream: true });
        received += text;
        arrivals.push({ text, at: performance.now() });
        told();
      }
      return true;
    } catch {
      return false;
    } finally {
      over = true;
      told();
    }
  };
  const cleanly = read();
  return {
    response,
    received: () => received,
    arrivals,
    cleanly,
    ended: cleanly.then(() => received),
    saw: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!received.includes(text) && !over) return;
          listeners.delete(look);
          if (received.includes(text)) resolve();
          else reject(new Error(`the stream ended before "${text}": ${received}`));
        };
        listeners.add(look);
        look();
      }),
  };
};
