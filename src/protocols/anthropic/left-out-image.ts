/** What stands in a message where the model behind made a picture. */

/** Says that there was one: no block of a message can hold it, and a picture left out in silence looks like no answer. */
export const leftOutImage = (mediaType: string): string =>
  `[${mediaType}: a picture of the model's, for which this API has no block]`;
