/**
 * Small pages for people: plain HTML without scripts, one stylesheet allowed by its hash, everything escaped. They hold
 * nothing that is not also served as JSON.
 */
import { createHash } from 'node:crypto';

const style =
  'body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#1b1f24;background:#fff}' +
  'code{background:#eef1f4;padding:.1em .3em;border-radius:3px}dt{font-weight:600;margin-top:1rem}' +
  'table{border-collapse:collapse}td,th{text-align:left;padding:.2rem .8rem .2rem 0;vertical-align:top}' +
  '@media(prefers-color-scheme:dark){body{color:#e6e9ec;background:#14171a}code{background:#252a30}a{color:#8ab4f8}}';

const styleHash = createHash('sha256').update(style).digest('base64');

export const pagePolicy = `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.codePointAt(0)};`);

/** `body` is HTML; whatever goes into it from outside goes through `escapeHtml`. */
export const page = (title: string, body: string): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title>` +
  `<meta name="viewport" content="width=device-width"><style>${style}</style></head><body>${body}</body></html>\n`;
