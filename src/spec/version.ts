/** The program's own version; a test holds it to package.json. */
export const version = '0.1.0';

/** The Ollama release whose API the front behaves like, reported where no Ollama stands behind. */
export const emulatedOllamaVersion = '0.33.0';
