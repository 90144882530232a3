/** Headers of every answer: nothing may be guessed, framed, cached or run. */

const always: { readonly [name: string]: string } = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Cross-Origin-Resource-Policy': 'same-origin',
};

export const headersWith = (
  requestId: string,
  more: { readonly [name: string]: string } | undefined,
  type: string | undefined,
): { [name: string]: string } => ({
  ...always,
  'X-Request-Id': requestId,
  ...(type === undefined ? {} : { 'Content-Type': type }),
  ...more,
});
