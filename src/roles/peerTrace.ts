/** The trace context a message came with, if it is one: it comes from outside the signature and goes into logs. */
import type { IncomingHttpHeaders } from 'node:http';

const FORM = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

export const traceIn = (headers: IncomingHttpHeaders): string | undefined => {
  const { traceparent } = headers;
  return typeof traceparent === 'string' && FORM.test(traceparent) ? traceparent : undefined;
};
