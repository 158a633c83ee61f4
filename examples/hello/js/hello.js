// Greets whom the path names: /js/Ada. The part of the path behind the route comes in a header.
import { serve } from './http.js';

export const incomingHandler = serve((request) => {
  const name = decodeURIComponent(request.headers.get('spin-path-info') ?? '').slice(1) || 'JavaScript';
  return {
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    body: `Hello, ${name}! This is JavaScript at ${request.path}.\n`,
  };
});
