/** The check that keeps web pages away from a local engine, and a proxy that forwards their headers too. */

/** Whether a request says that it comes from a page elsewhere; local pages are allowed from the start. */
export const foreignOrigin = (request: Request): boolean => {
  const origin = request.headers.get('origin');
  return origin !== null && !/^https?:\/\/(localhost|127\.0\.0\.1|0\.0\.0\.0)(:\d+)?$/.test(origin);
};
