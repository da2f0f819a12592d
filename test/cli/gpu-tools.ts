/** Programs and files that tell of GPU memory as the real ones do, in a folder of the test's own. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** An executable that prints what is given where it is asked exactly so; asked otherwise it fails as the real one does. */
export const writeTool = (
  folder: string,
  name: string,
  asked: string,
  tells: { readonly text: string; readonly exit?: number },
): void => {
  mkdirSync(folder, { recursive: true });
  const script = `#!/bin/sh
if [ "$*" != '${asked}' ]; then echo "unrecognized arguments: $*"; exit 2; fi
cat <<'TOLD'
${tells.text}
TOLD
exit ${tells.exit ?? 0}
`;
  writeFileSync(join(folder, name), script, { mode: 0o755 });
};

/** What each is asked. */
export const nvidiaAsked = '--query-gpu=memory.total,memory.free --format=csv,noheader,nounits';
export const rocmAsked = '--showmeminfo vram --csv';

/** Files under a root, as the kernel's driver has them. */
export const writeTree = (root: string, files: Readonly<Record<string, string>>): void => {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
};
